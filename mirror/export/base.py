"""What a format of export is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mirror.export.part import Part


def _alone(_path: Path) -> tuple[Path, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Format:
    """A format that a recording can be exported to.

    Attributes
    ----------
    name : str
        What ``mirror export --to`` takes.
    suffix : str
        Of the file's name, with its dot; "" for a folder.
    description : str
        What it is, in one line for a file dialog.
    write : callable
        Writes a `Part` to a path that does not exist yet.
    beside : callable
        Which files it makes beside the one that is named.
    is_folder : bool
        Whether it makes a folder of files.
    extra : str or None
        The optional dependency that it needs, by the name it is installed with.
    """

    name: str
    suffix: str
    description: str
    write: Callable[[Part, Path], None]
    beside: Callable[[Path], tuple[Path, ...]] = _alone
    is_folder: bool = False
    extra: str | None = None
