"""Memory of pictures, which is used again for the next ones in place of being given back."""

from __future__ import annotations

import ctypes
import sys
from typing import Final

# Of glibc's <malloc.h>.
_TRIM_THRESHOLD: Final = -1
_MMAP_THRESHOLD: Final = -3

_LARGEST: Final = 32 * 2**20  # bytes; glibc takes no more, and a picture of 4K has 25 million
_KEPT: Final = 256 * 2**20  # bytes that may lie unused before some are given back


def keep_blocks() -> None:
    """Have the C library keep freed blocks of a picture's size, under Linux with glibc.

    Otherwise each picture, and each of MediaPipe's copies of it, is new memory, which the system
    clears page by page when it is first written to: a thirtieth of the work of following a person.
    """
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _LARGEST)
        mallopt(_TRIM_THRESHOLD, _KEPT)
