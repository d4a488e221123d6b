"""The only way from the engine to the window."""

import os
import sys
from pathlib import Path

from mirror._support.system_libraries import WINDOW, missing_packages
from mirror.errors import WindowError
from mirror.session.start import SessionRequest

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
    if not os.environ.get("WAYLAND_DISPLAY") and (missing := missing_packages(WINDOW)):
        raise WindowError(
            "the window needs libraries that this system lacks; install them with: "
            f"sudo apt-get install {' '.join(missing)}"
        )
    try:
        from ui.app import open_window as open_in_qt
    except ImportError as error:
        if (error.name or "").partition(".")[0] != "PyQt6":
            raise
        raise WindowError(
            f"the window cannot be loaded ({error}); install it with: python -m pip install PyQt6"
        ) from error
    return open_in_qt(request)
