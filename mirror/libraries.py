"""The system's libraries that the wheels expect to find, and the Debian packages that bring them.

Wheels carry most of what they link to, but not the graphics and windowing libraries of the system.
A desktop has them; a bare machine does not. This module needs nothing but Python's own library, and
runs as a script too (``python -I mirror/libraries.py``): the make targets ask it what to install
before anything is installed.
"""

from __future__ import annotations

import ctypes
import importlib.util
import sys
from collections.abc import Mapping
from typing import Final

ENGINE: Final = {
    "libGL.so.1": "libgl1",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libEGL.so.1": "libegl1",
    "libGLESv2.so.2": "libgles2",
}
"""What OpenCV (the first two) and MediaPipe (the others) load, also where nothing is displayed."""

WINDOW: Final = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
"""What Qt's xcb plugin loads to open a window under X11."""


def missing_packages(libraries: Mapping[str, str]) -> list[str]:
    """Debian packages of those libraries that this machine cannot load.

    Parameters
    ----------
    libraries : mapping
        Package by name of the shared library, such as `ENGINE`. They are Linux's names: elsewhere
        the wheels carry what they need, and nothing is missing.
    """
    if sys.platform != "linux":
        return []
    return [package for library, package in libraries.items() if not _loads(library)]


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _missing_for_setup() -> list[str]:
    """Debian packages without which a local environment cannot be made, or would not run."""
    # Debian splits from Python what makes an environment.
    able = sys.platform != "linux" or importlib.util.find_spec("ensurepip") is not None
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return [*([] if able else [f"python{version}-venv"]), *missing_packages(ENGINE)]


if __name__ == "__main__":
    print(" ".join(_missing_for_setup()))  # noqa: T201 - the answer to the make targets
