"""The way from the command line into the window; nothing else in the engine knows of it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from mirror._support.system_libraries import WINDOW, missing_packages
from mirror.errors import WindowError
from mirror.session.start import SessionRequest

_UNSEEN = ("offscreen", "minimal")


def has_display() -> bool:
    """Whether somebody could see a window.

    On Linux, where one of DISPLAY and WAYLAND_DISPLAY is set; elsewhere always. Where
    QT_QPA_PLATFORM makes Qt draw into memory only (as tests do), there is none.
    """
    if os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0] in _UNSEEN:
        return False
    return sys.platform != "linux" or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))


def open_window(request: SessionRequest | Path | None = None) -> int:
    """Open the window and stay until it is closed; the exit status.

    Parameters
    ----------
    request : SessionRequest or Path, optional
        A session to begin at once, or a recording to replay; else the start page shows.

    Raises
    ------
    WindowError
        Where what the window is drawn with is not installed; the text says what to install.
    """
    # Qt's wheel brings what Wayland needs. What X11 needs is the system's, and without it Qt ends
    # the whole program.
    if not os.environ.get("WAYLAND_DISPLAY") and (missing := missing_packages(WINDOW)):
        raise WindowError(
            "the window needs libraries that this system lacks; install them with: "
            f"sudo apt-get install {' '.join(missing)}"
        )
    try:
        from ui.app import open_window as opened
    except ImportError as error:
        if (error.name or "").partition(".")[0] != "PyQt6":
            raise
        raise WindowError(
            f"the window cannot be loaded ({error}); install it with: python -m pip install PyQt6"
        ) from error
    return opened(request)
