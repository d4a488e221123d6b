"""Files and folders that come to be whole or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from mirror.errors import ExportError

Writer = Callable[[Path], None]


def write_atomically(files: Sequence[Path], write: Writer, *, replace: bool) -> None:
    """Make files in one folder: all of them, or none.

    Parameters
    ----------
    files : sequence of Path
        What is made, the file or folder that the user named first.
    write : callable
        Makes all of them, by the same names, beside the path that it is given for the first.
    replace : bool
        Whether those that exist are replaced.

    Raises
    ------
    ExportError
        Where one exists, or a folder would be replaced that holds other files.
    OSError
        Where they cannot be written.
    """
    for file in files:
        if file.exists() and not replace:
            raise ExportError(f"{file} exists; choose another name, or replace it with --force")
    main = files[0]
    with tempfile.TemporaryDirectory(dir=main.parent, prefix=f".{main.name}.") as name:
        new, old = Path(name, "new"), Path(name, "old")
        new.mkdir()
        old.mkdir()
        write(new / main.name)
        for file in files:
            _check_strangers(file, new / file.name)
            _keep_private(new / file.name)
        with ExitStack() as undo:
            for file in files:
                if file.exists():
                    file.replace(old / file.name)
                    undo.callback((old / file.name).replace, file)
                (new / file.name).replace(file)
                undo.callback(file.replace, new / file.name)
            undo.pop_all()


def _check_strangers(old: Path, new: Path) -> None:
    """A folder is replaced where nothing but an export is lost."""
    if not old.is_dir():
        return
    kept = {each.relative_to(new) for each in new.rglob("*")}
    for each in sorted(old.rglob("*")):
        if not each.is_dir() and each.relative_to(old) not in kept:
            raise ExportError(
                f"{old} cannot be replaced, as {each.relative_to(old)} in it would be lost; "
                "choose another name"
            )


def _keep_private(path: Path) -> None:
    # As a recording is: it is about people.
    path.chmod(0o700 if path.is_dir() else 0o600)
    for each in path.rglob("*"):
        each.chmod(0o700 if each.is_dir() else 0o600)
