"""The only way from the engine to the window: open it, or print a page through Qt."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mirror._support.system_libraries import WINDOW, missing_packages
from mirror.errors import WindowError
from mirror.session.start import SessionRequest

if TYPE_CHECKING:
    from mirror.report.document import Document

_OFFSCREEN_PLATFORMS = ("offscreen", "minimal")


def has_display() -> bool:
    """Return whether a window can be seen.

    On Linux, this requires DISPLAY or WAYLAND_DISPLAY. It is False wherever QT_QPA_PLATFORM makes
    Qt draw into memory only, as tests do.
    """
    if os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0] in _OFFSCREEN_PLATFORMS:
        return False
    return sys.platform != "linux" or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))


def open_window(request: SessionRequest | Path | None = None) -> int:
    """Open the window and return its exit status once it is closed.

    It starts a session at once, or replays a recording; without either, the start page shows. Raise
    WindowError, which says what to install, if what the window needs is not installed.
    """
    # Qt's wheel brings what Wayland needs, but not what X11 needs, without which Qt aborts the
    # whole program.
    if not os.environ.get("WAYLAND_DISPLAY"):
        _check_libraries("the window")
    with _explain_missing_qt("the window cannot be loaded"):
        from ui.app import open_window as open_in_qt
    return open_in_qt(request)


def print_to_pdf(document: Document, path: Path) -> None:
    """Write a page to a PDF file, without a window or a display; raise OSError if that fails.

    Raise WindowError, which says what to install, if what draws it is not installed.
    """
    instead = "; or print the HTML file from a browser"
    _check_libraries("a PDF", instead)
    with _explain_missing_qt("a PDF cannot be made", instead):
        from ui.pdf.writer import print_document
    print_document(document, path)


def _check_libraries(needed_by: str, instead: str = "") -> None:
    if missing := missing_packages(WINDOW):
        raise WindowError(
            f"{needed_by} needs libraries that this system lacks; install them with: "
            f"sudo apt-get install {' '.join(missing)}{instead}"
        )


@contextmanager
def _explain_missing_qt(problem: str, instead: str = "") -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        if (error.name or "").partition(".")[0] != "PyQt6":
            raise
        raise WindowError(
            f"{problem} ({error}); install it with: python -m pip install PyQt6{instead}"
        ) from error
