"""Where the pictures come from: cameras, files, network streams and rendered people.

`open_source` opens any of them from its text, `open_pair` two of them for two people.
"""

from __future__ import annotations

import os
from typing import Final

from mirror.errors import SourceError
from mirror.sources.address import Address, Crop, parse
from mirror.sources.base import Frame, Source
from mirror.sources.shared import share
from mirror.sources.view import View

__all__ = ["Address", "Frame", "Source", "open_pair", "open_source", "parse"]

_WHOLE: Final = Crop("percent", 0, 0, 100, 100)


def open_source(text: str, *, loop: bool = False) -> Source:
    """Open a source.

    Parameters
    ----------
    text : str
        A camera's number or name, a file, an ``rtsp://`` or ``http://`` address, ``demo:a`` or
        ``demo:b``; with a fragment such as ``#t=10,70&left`` for a part of it.
    loop : bool
        Whether the rendered people of ``demo:`` begin again at the end of their script. Files and
        streams never do.

    Raises
    ------
    SourceError
        Where it cannot be opened; the text names the fix.
    """
    address = parse(text)
    base, threaded = _open_base(address, loop)
    return View(share(base, 1, threaded=True)[0] if threaded else base, address)


def open_pair(a: str, b: str, *, loop: bool = False) -> tuple[Source, Source]:
    """Open the sources of two people; one file, camera or stream named twice is opened once.

    Parameters
    ----------
    a, b : str
        As for `open_source`.
    loop : bool
        As for `open_source`.

    Raises
    ------
    SourceError
        Where one of them cannot be opened, or both are the same part of the same camera.
    """
    first, second = parse(a), parse(b)
    same = first.kind != "demo" and _origin(first) == _origin(second)
    if same and (first.kind == "camera" or first.base.lower().startswith("rtsp")):
        _refuse_overlap(first, second)
    if same and (first.start, first.end) == (second.start, second.end):
        base, threaded = _open_base(first, loop)
        ends = share(base, 2, threaded=threaded)
        try:
            return View(ends[0], first), View(ends[1], second)
        except SourceError:
            for end in ends:
                end.close()
            raise
    source = open_source(a, loop=loop)
    try:
        return source, open_source(b, loop=loop)
    except SourceError:
        source.close()
        raise


def _open_base(address: Address, loop: bool) -> tuple[Source, bool]:
    """The source without its crop and flip, and whether it may block and so needs a thread."""
    # Each kind brings its own libraries, which take their time to import.
    if address.kind == "demo":
        from mirror.demo import demo_source

        return demo_source("a" if address.base == "demo:a" else "b", loop=loop), False
    if address.kind == "camera":
        from mirror.sources.camera import BACKEND, CameraSource, camera_index

        camera = CameraSource(camera_index(address.base), text=address.base, backend=BACKEND)
        return camera, True
    from mirror.sources.video import VideoSource

    network = address.kind == "network"
    text = address.text.partition("#")[0] if network else address.base
    return VideoSource(address.base, text=text, start=address.start, network=network), network


def _origin(address: Address) -> tuple[str, str]:
    """The same for two addresses of one thing."""
    if address.kind == "camera":
        from mirror.sources.camera import camera_index

        return address.kind, str(camera_index(address.base))
    if address.kind == "file":
        return address.kind, os.path.realpath(address.base)
    return address.kind, address.base


def _refuse_overlap(first: Address, second: Address) -> None:
    one, other = first.crop or _WHOLE, second.crop or _WHOLE
    if one.contains(other) or other.contains(one):
        raise SourceError(
            f"{first.text} and {second.text} are the same picture of one camera; "
            f"for two people in it write {_bare(first)}#left {_bare(second)}#right"
        )


def _bare(address: Address) -> str:
    return address.text.partition("#")[0]
