"""Write files and folders whole or not at all."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from mirror.errors import ExportError

Writer = Callable[[Path], object]


def replace_file(path: Path, data: bytes) -> None:
    """Write a file in one step: other processes see the old file or the new one."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name[:40]}.") as folder:
        new = Path(folder, path.name)
        new.write_bytes(data)
        new.replace(path)


def privacy_note(path: Path) -> str:
    """Return a note for the message about a new file if others may read it, else ""."""
    # Windows has access lists instead of these bits.
    if os.name != "posix" or not path.exists() or not path.stat().st_mode & 0o077:
        return ""
    return " (others may read it: this file system does not store permissions)"


@contextmanager
def naming_failures(path: Path) -> Iterator[None]:
    """Raise ExportError, which names the path, in place of OSError."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise ExportError(f"cannot write {path}: {reason}; choose another place") from error


def write_atomically(files: Sequence[Path], write: Writer, *, replace: bool) -> None:
    """Write files of one folder, all of them or none; only their owner may read them.

    On file systems without permissions others may; see `privacy_note`. The first of the files and
    folders is the one that the user named. `write` is called with a temporary path for it, and
    writes all of them beside it, by their names. Raise ExportError if one exists, or replacing a
    folder would delete other files, and OSError if they cannot be written.
    """
    for file in files:
        if file.exists() and not replace:
            raise ExportError(f"{file} exists; choose another name, or replace it with --force")
    main = files[0]
    with tempfile.TemporaryDirectory(dir=main.parent, prefix=f".{main.name[:40]}.") as name:
        new, old = Path(name, "new"), Path(name, "old")
        new.mkdir()
        old.mkdir()
        write(new / main.name)
        for file in files:
            _check_nothing_lost(file, new / file.name)
            with suppress(OSError):  # network shares refuse it; `privacy_note` says so
                for each in (new / file.name, *(new / file.name).rglob("*")):
                    each.chmod(0o700 if each.is_dir() else 0o600)
        with ExitStack() as undo:
            for file in files:
                # The last file takes the place of an old one in one step.
                if file.exists() and (file is not files[-1] or file.is_dir()):
                    file.replace(old / file.name)
                    undo.callback((old / file.name).replace, file)
                (new / file.name).replace(file)
                undo.callback(_remove, file)
            undo.pop_all()


def _remove(path: Path) -> None:
    (shutil.rmtree if path.is_dir() else Path.unlink)(path)


def _check_nothing_lost(old: Path, new: Path) -> None:
    """Refuse to replace a folder that holds files which the new one does not."""
    if not old.is_dir():
        return
    written = {path.relative_to(new) for path in new.rglob("*")}
    for path in sorted(old.rglob("*")):
        if not path.is_dir() and path.relative_to(old) not in written:
            raise ExportError(
                f"{old} cannot be replaced, as {path.relative_to(old)} in it would be lost; "
                "choose another name"
            )
