"""System libraries that the wheels need, and the Debian packages that provide them.

Desktops have these graphics and windowing libraries, bare machines do not. Imports only the
standard library: the Makefile runs it as a script (``python -I
mirror/_support/system_libraries.py``) to learn what to install first.
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
"""Loaded by OpenCV (the first two) and MediaPipe (the others), even without a display."""

WINDOW: Final = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
"""Loaded by Qt and its xcb plugin to open a window under X11, or to draw offscreen."""

SOUND: Final = {
    "libpulse.so.0": "libpulse0",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libbrotlidec.so.1": "libbrotli1",
    "libXext.so.6": "libxext6",
    "libXrandr.so.2": "libxrandr2",
    "libdrm.so.2": "libdrm2",
}
"""Also loaded by Qt to play a tone."""


def missing_packages(libraries: Mapping[str, str]) -> list[str]:
    """Return the Debian packages of libraries that cannot be loaded; none if not on Linux.

    Parameters
    ----------
    libraries : mapping
        Package by name of the shared library, such as `ENGINE`.
    """
    if sys.platform != "linux":
        return []
    missing = [package for library, package in libraries.items() if not _loads(library)]
    return list(dict.fromkeys(missing))


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _missing_for_setup() -> list[str]:
    """Return the Debian packages without which ``make setup`` fails, or the program or tests do."""
    # Debian packages ensurepip separately.
    has_venv = sys.platform != "linux" or importlib.util.find_spec("ensurepip") is not None
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    missing = missing_packages(ENGINE | WINDOW | SOUND)
    return [*([] if has_venv else [f"python{version}-venv"]), *missing]


if __name__ == "__main__":
    print(" ".join(_missing_for_setup()))  # noqa: T201  for the Makefile
