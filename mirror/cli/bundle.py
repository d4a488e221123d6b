"""The file that goes with a bug report."""

from __future__ import annotations

import json
import platform
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from mirror._support.atomic import write_atomically
from mirror._support.logs import log_files
from mirror.cli.doctor import Check
from mirror.errors import ExportError
from mirror.recording.provenance import versions
from mirror.settings import Settings

_MARKS: Final = {True: "works", False: "fails", None: "note"}


def check_is_new(path: Path) -> None:
    """Refuse a file that exists.

    Raises
    ------
    ExportError
        If there is one.
    """
    if path.exists():
        raise ExportError(f"{path} exists and is not replaced; name another file")


def write_bundle(path: Path, checks: Sequence[Check]) -> list[str]:
    """Write what a bug report needs into a new ZIP file, and nothing else.

    Parameters
    ----------
    path : Path
    checks : sequence of Check
        The results of `mirror.cli.doctor.examine`; the user's home folder in them becomes ``~``.

    Returns
    -------
    list of str
        The names of the files in it.

    Raises
    ------
    ExportError
        If it exists or cannot be written.
    """
    check_is_new(path)
    home = str(Path.home())
    lines, results = [], []
    for check in checks:
        found = check.found.replace(home, "~")
        fix = None if check.fix is None else check.fix.replace(home, "~")
        lines.append(f"{_MARKS[check.ok]:6}{check.name}: {found}")
        lines += [] if fix is None else [f"      → {fix}"]
        results.append({"name": check.name, "ok": check.ok, "found": found, "fix": fix})
    about = {"platform": platform.platform(), "versions": versions()}
    files = {
        "doctor.txt": "\n".join(lines) + "\n",
        "doctor.json": _json(results),
        "versions.json": _json(about),
        "default-settings.json": _json(Settings().to_dict()),
    }

    def write(new: Path) -> None:
        with zipfile.ZipFile(new, "x", zipfile.ZIP_DEFLATED) as bundle:
            for name, text in files.items():
                bundle.writestr(name, text)
            for file in log_files():
                bundle.write(file, file.name)

    try:
        write_atomically([path], write, replace=False)
        with zipfile.ZipFile(path) as bundle:
            return bundle.namelist()
    except OSError as error:
        raise ExportError(
            f"cannot write {path}: {error.strerror or error}; choose another place"
        ) from error


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
