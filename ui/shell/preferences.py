"""The user's preferences, kept from one start to the next."""

import base64
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final, Generic, Literal, TypeVar

import platformdirs
from PyQt6.QtCore import QSettings

from mirror.errors import SettingsError
from mirror.recording.edit import MAX_LABEL_CHARS
from mirror.settings import Settings
from mirror.wording import SCORES

ThemeChoice = Literal["system", "light", "dark"]

T = TypeVar("T")

_MAX_PEOPLE: Final = 200

_THEMES: Final[dict[str, ThemeChoice]] = {"light": "light", "dark": "dark"}
_from_base64: Final = partial(base64.b64decode, validate=True)


class _Preference(Generic[T]):
    """An attribute of `Preferences` that is stored in the file, under the key `name`.

    `default` is the stored value (JSON-able) to use if there is none of its type; `decode` and
    `encode` convert the stored value to the attribute's, and back.
    """

    def __init__(
        self, name: str, default: Any, decode: Callable[[Any], T], encode: Callable[[T], Any]
    ) -> None:
        self._name, self._default = name, default
        self._decode, self._encode = decode, encode

    def __get__(self, preferences: "Preferences", _owner: object) -> T:
        try:
            return self._decode(preferences.get(self._name, self._default))
        except (SettingsError, TypeError, ValueError):  # of the right type, but damaged
            return self._decode(self._default)

    def __set__(self, preferences: "Preferences", value: T) -> None:
        preferences.set(self._name, self._encode(value))


def _decode_folder(stored: str) -> Path:
    # A relative one would be another folder wherever the program starts.
    folder = Path(stored)
    return folder if folder.is_absolute() else platformdirs.user_documents_path() / "Mirror"


def _decode_labels(stored: list[Any]) -> tuple[str, str]:
    match stored:
        case [str(a), str(b)] if a.strip() and b.strip():
            return a, b
        case _:
            return "A", "B"


def _decode_names(stored: list[Any]) -> list[str]:
    names = [str(name).strip()[:MAX_LABEL_CHARS] for name in stored]
    while names and not names[-1]:  # keys after the last name
        names.pop()
    return names


def _decode_keys(stored: dict[str, Any]) -> dict[str, list[str]]:
    return {
        name: keys
        for name, keys in stored.items()
        if isinstance(keys, list) and all(isinstance(key, str) for key in keys)
    }


class Preferences:
    """The user's preferences; every change is saved at once.

    A value that is missing, damaged or of the wrong type is replaced by its default. The store is
    by default ``mirror/mirror.ini`` in the user's configuration folder.
    """

    # By default ``Mirror`` in the user's documents.
    recordings_folder = _Preference("recordings folder", "", _decode_folder, str)
    settings = _Preference("settings", {}, Settings.from_dict, Settings.to_dict)  # of the estimator
    theme = _Preference("theme", "system", lambda stored: _THEMES.get(stored, "system"), str)
    record = _Preference("record", True, bool, bool)  # whether live sessions are recorded
    sound = _Preference("sound", False, bool, bool)  # whether the score is played as a tone
    skeleton_only = _Preference("skeleton only", False, bool, bool)  # show no frames
    labels = _Preference("labels", [], _decode_labels, list)  # labels of the two people
    consent = _Preference("consent", "", str.strip, str)  # needed from both before each session
    full_view = _Preference("full view", False, bool, bool)  # not one meter and the sentence
    meter = _Preference("meter", "mirroring", lambda s: s if s in SCORES else "mirroring", str)
    people = _Preference("people", [], _decode_names, list)  # in earlier sessions, newest first
    # By a person's name, what the last session used: mapping, exercise, goal and tags, by these.
    habits = _Preference(
        "habits", {}, lambda stored: {k: v for k, v in stored.items() if isinstance(v, dict)}, dict
    )
    tags = _Preference("tags", [], _decode_names, list)  # the trainer's names of the keys 1 to 9
    trainer = _Preference("trainer", "", str.strip, str)  # on the client's page
    tour_seen = _Preference("tour seen", False, bool, bool)  # whether the tour was shown
    keys = _Preference("keys", {}, _decode_keys, dict)  # other than the defaults, by shortcut
    # Size and position of the window, as saved by Qt; empty before the first time.
    geometry = _Preference("geometry", "", _from_base64, lambda b: base64.b64encode(b).decode())

    def __init__(self, store: QSettings | None = None) -> None:
        user = QSettings.Format.IniFormat, QSettings.Scope.UserScope
        self._store = store if store is not None else QSettings(*user, "mirror", "mirror")
        file = Path(self._store.fileName())
        # Readable by its owner only: it holds names, and Qt keeps a file's mode.
        with suppress(OSError):  # preferences then last until the end of the program
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch(mode=0o600)
            file.chmod(0o600)

    def remember(self, names: Sequence[str]) -> None:
        """Put the names of a session's people first, but for the "A" and "B" of the nameless."""
        named = [name for name in names if name not in ("A", "B")]
        self.people = list(dict.fromkeys([*named, *self.people]))[:_MAX_PEOPLE]

    def keep_habits(self, names: Sequence[str], **values: Any) -> None:
        """Keep what a session of people used, for the next one with any of them."""
        kept, people = self.habits, self.people
        for name in names:
            kept[name] = kept.get(name, {}) | values
        self.habits = {name: kept[name] for name in people if name in kept}

    def get(self, name: str, default: Any) -> Any:
        """Return the value of a name if it has the default's type, else the default.

        All numbers are of one type; None accepts any type. A slash in a name makes a group.
        """
        text = self._store.value(name)
        if not isinstance(text, str):
            return default
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return default
        return value if _same_type(value, default) else default

    def set(self, name: str, value: Any) -> None:
        self._store.setValue(name, json.dumps(value, ensure_ascii=False))


def _same_type(value: object, default: object) -> bool:
    if default is None:
        return True
    if isinstance(value, bool) or isinstance(default, bool):
        return isinstance(value, bool) and isinstance(default, bool)
    if isinstance(default, (int, float)):
        return isinstance(value, (int, float))
    return isinstance(value, type(default))
