"""The exercises: built-in ones, and the user's own, each a TOML file."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

import platformdirs

from mirror.errors import PracticeError, SettingsError
from mirror.practice.exercise import Exercise
from mirror.settings import parse_toml

SUFFIX: Final = ".toml"
_ORDER: Final = (
    *("be-my-mirror", "swap", "in-step", "opposites", "break-and-rejoin"),
    *("subtle", "together", "copy-the-pose", "take-over"),
)


@dataclass(frozen=True, slots=True)
class Library:
    """All exercises, built-in ones first, and errors in invalid files."""

    exercises: tuple[Exercise, ...]
    faults: tuple[str, ...]

    def find(self, name: str) -> Exercise:
        """Return an exercise by name or title in any case, or raise PracticeError."""
        wanted = name.strip().casefold()
        for each in reversed(self.exercises):  # a file of one's own hides the built-in one
            if wanted in (each.name.casefold(), each.title.casefold()):
                return each
        for fault in self.faults:
            if f"{name}{SUFFIX}" in fault:
                raise PracticeError(fault)
        names = [each.name for each in self.exercises]
        near = difflib.get_close_matches(wanted, names, 1)
        hint = f"did you mean {near[0]}?" if near else f"choose one of {', '.join(names)}"
        raise PracticeError(f"there is no exercise {name[:60]!r}; {hint}")


def own_folder() -> Path:
    """Return the folder of the user's own exercises, which may not exist."""
    return platformdirs.user_config_path("mirror", appauthor=False) / "exercises"


def read_library(folder: Path | None = None) -> Library:
    """Return all exercises; `folder` is that of the user's own, by default `own_folder`."""
    own: list[Exercise] = []
    faults = []
    files: Sequence[Path] = ()
    folder = folder or own_folder()
    try:
        files = sorted(each for each in folder.iterdir() if each.suffix == SUFFIX)
    except FileNotFoundError:
        pass
    except OSError as error:
        faults.append(f"{folder} cannot be read: {error.strerror}")
    for path in files:
        try:
            own.append(read_exercise(path))
        except PracticeError as error:
            faults.append(str(error))
    return Library((*built_in(), *own), tuple(faults))


def find_exercise(name: str) -> Exercise:
    """Return an exercise by its name, its title, or the path of its file; raises PracticeError."""
    if name.endswith(SUFFIX):
        return read_exercise(Path(name))
    return read_library().find(name)


@cache
def built_in() -> tuple[Exercise, ...]:
    """Return the built-in exercises."""
    folder = resources.files("mirror.practice") / "built_in"
    return tuple(read_exercise(folder / f"{name}{SUFFIX}") for name in _ORDER)


def read_exercise(file: Path | Traversable) -> Exercise:
    """Read an exercise; a PracticeError names the file, the key and the fix."""
    try:
        with file.open("rb") as opened:
            values = parse_toml(opened)
        exercise = Exercise.from_dict(file.name.removesuffix(SUFFIX), values)
        if not exercise.picture:
            return exercise
        picture = Path(str(file)).parent / exercise.picture
        if not picture.is_file():
            raise PracticeError(f"picture: there is no file {picture}; put it beside the exercise")
        return replace(exercise, picture=str(picture))
    except OSError as error:
        raise PracticeError(f"exercise {file} cannot be read: {error.strerror}") from error
    except SettingsError as error:
        raise PracticeError(f"exercise {file} {error}") from error
    except PracticeError as error:
        raise PracticeError(f"exercise {file}: {error}") from error
