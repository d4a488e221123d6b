"""System libraries that the wheels need, and the Debian packages that provide them.

Desktops have these graphics and windowing libraries, bare machines do not. Imports only the
standard library: the Makefile runs it as a script (``python -I
mirror/_support/system_libraries.py``) to learn what to install first.
"""

import ctypes
import importlib.util
import sys
from collections.abc import Mapping
from typing import Final

_OTHERS: Final = {
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libGLESv2.so.2": "libgles2",
    "libbrotlidec.so.1": "libbrotli1",
}


def _packages(*libraries: str) -> dict[str, str]:
    """Return the package of each library, named as Debian's policy (8.1) says, but for a few."""
    packages = {}
    for library in libraries:
        name, _, version = library.lower().replace("_", "-").partition(".so.")
        mark = "-" if name[-1].isdigit() else ""
        packages[library] = _OTHERS.get(library, f"{name}{mark}{version}")
    return packages


# Loaded by OpenCV (the first two) and MediaPipe (the others), even without a display.
ENGINE: Final = _packages("libGL.so.1", "libgthread-2.0.so.0", "libEGL.so.1", "libGLESv2.so.2")
WINDOW: Final = _packages(  # loaded by Qt and its xcb plugin, under X11 and offscreen
    *("libGL.so.1", "libEGL.so.1", "libdbus-1.so.3", "libfontconfig.so.1", "libfreetype.so.6"),
    *("libglib-2.0.so.0", "libX11.so.6", "libX11-xcb.so.1", "libxcb.so.1", "libxcb-cursor.so.0"),
    *("libxcb-icccm.so.4", "libxcb-image.so.0", "libxcb-keysyms.so.1", "libxcb-randr.so.0"),
    *("libxcb-render.so.0", "libxcb-render-util.so.0", "libxcb-shape.so.0", "libxcb-shm.so.0"),
    *("libxcb-sync.so.1", "libxcb-util.so.1", "libxcb-xfixes.so.0", "libxcb-xkb.so.1"),
    *("libxkbcommon.so.0", "libxkbcommon-x11.so.0"),
)

SOUND: Final = _packages(  # also loaded by Qt to play a tone
    *("libpulse.so.0", "libgssapi_krb5.so.2", "libbrotlidec.so.1"),
    *("libXext.so.6", "libXrandr.so.2", "libdrm.so.2"),
)


def missing_packages(libraries: Mapping[str, str]) -> list[str]:
    """Return the packages of libraries, such as `ENGINE`, that cannot be loaded; only on Linux."""
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


if __name__ == "__main__":  # for the Makefile: what the set-up, the program or the tests lack
    missing = missing_packages(ENGINE | WINDOW | SOUND)
    if sys.platform == "linux" and importlib.util.find_spec("ensurepip") is None:
        # Debian packages ensurepip separately.
        missing.insert(0, f"python{sys.version_info.major}.{sys.version_info.minor}-venv")
    print(" ".join(missing))  # noqa: T201
