"""Where the pictures come from: cameras, files, network streams and rendered people.

`open_source` opens any of them from its text, `open_pair` two of them for two people. Somebody
else's motion capture gives poses in place of pictures, and is only for sessions, and so for pairs.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

from mirror.capture.address import Address, Crop, parse
from mirror.capture.base import FeedSource, Frame, PoseSource, Source
from mirror.capture.crop import View
from mirror.capture.fanout import share
from mirror.capture.reconnect import ReopeningSource
from mirror.errors import SourceError

if TYPE_CHECKING:
    from mirror.capture.lsl import LslSource

__all__ = ["Address", "Frame", "PoseSource", "Source", "open_pair", "open_source", "parse"]

_WHOLE: Final = Crop("percent", 0, 0, 100, 100)


def open_source(text: str, *, loop: bool = False, reopen: bool = False) -> Source:
    """Open a source.

    Parameters
    ----------
    text : str
        A camera's number or name, a file, an ``rtsp://`` or ``http://`` address, ``demo:a`` or
        ``demo:b``; with a fragment such as ``#t=10,70&left`` for a part of it.
    loop : bool
        Whether the rendered people of ``demo:`` begin again at the end of their script. Files and
        streams never do.
    reopen : bool
        Whether a camera or live stream that is lost is taken back as soon as it is there again, and
        says so in `Source.trouble` meanwhile. Otherwise that is a `SourceError`, or the end.

    Raises
    ------
    SourceError
        Where it cannot be opened, or has no pictures (``lsl:``); the text names the fix.
    """
    address = parse(text)
    if address.kind == "lsl":
        raise SourceError(
            f"{address.text} sends no pictures that could be shown; "
            "name it as one of the two sources of a session"
        )
    return _open_pictures(address, loop, reopen)


def open_pair(
    a: str, b: str, *, loop: bool = False, reopen: bool = False
) -> tuple[FeedSource, FeedSource]:
    """Open the sources of two people; one file, camera or stream named twice is opened once.

    Parameters
    ----------
    a, b : str
        As for `open_source`; or ``lsl:NAME``, a stream of landmarks (`PoseSource`), with ``#flip``
        and ``#up=y`` or ``#up=z``, or of plain series, with ``#series`` or ``#series=NAME,NAME``.
    loop, reopen : bool
        As for `open_source`. A stream of landmarks is always taken back.

    Raises
    ------
    SourceError
        Where one of them cannot be opened, or both are the same part of the same camera or the
        same stream of landmarks or of the same channels.
    """
    first, second = parse(a), parse(b)
    if first.kind == second.kind == "lsl":
        return _open_streams(first, second)
    same = first.kind != "demo" and _origin(first) == _origin(second)
    if same and (first.kind == "camera" or first.base.lower().startswith("rtsp")):
        _refuse_overlap(first, second)
    if same and (first.start, first.end) == (second.start, second.end):
        base, threaded = _open_base(first, loop, reopen)
        ends = share(base, 2, threaded=threaded or base.live)
        try:
            return View(ends[0], first), View(ends[1], second)
        except SourceError:
            for end in ends:
                end.close()
            raise
    source = _open(first, loop, reopen)
    try:
        return source, _open(second, loop, reopen)
    except SourceError:
        source.close()
        raise


def _open(address: Address, loop: bool, reopen: bool) -> FeedSource:
    return _open_stream(address) if address.kind == "lsl" else _open_pictures(address, loop, reopen)


def _open_stream(address: Address) -> LslSource:
    from mirror.capture.lsl import LslSource

    return LslSource(
        address.base.removeprefix("lsl:"),
        text=address.text,
        up=address.up,
        flip=address.flip,
        series=address.series,
    )


def _open_streams(first: Address, second: Address) -> tuple[FeedSource, FeedSource]:
    """Two streams, or one with channels of each person's own; by name or by id, it is the same."""
    with ExitStack() as undo:
        a = _open_stream(first)
        undo.callback(a.close)
        b = _open_stream(second)
        undo.callback(b.close)
        if a.uid == b.uid:
            _refuse_one_person(first, second, set(a.places) & set(b.places))
        undo.pop_all()
        return a, b


def _refuse_one_person(first: Address, second: Address, shared: set[int]) -> None:
    """Of one stream, neither landmarks for both, nor any channel for both."""
    if not (first.series and second.series):
        raise SourceError(
            f"{first.text} is one person; name another stream for the other, or channels of each: "
            "#series=NAME,NAME"
        )
    if shared:
        numbers = ", ".join(str(place + 1) for place in sorted(shared)[:20])
        raise SourceError(
            f"{first.text} and {second.text} share channels of one stream (number {numbers}); "
            "name each channel for one person"
        )


def _open_pictures(address: Address, loop: bool, reopen: bool) -> Source:
    base, threaded = _open_base(address, loop, reopen)
    return View(share(base, 1, threaded=True)[0] if threaded else base, address)


def _open_base(address: Address, loop: bool, reopen: bool) -> tuple[Source, bool]:
    """The source without its crop and flip, and whether it may block and so needs a thread."""
    # Each kind brings its own libraries, which take their time to import.
    if address.kind == "demo":
        from mirror.capture.synthetic.demo import demo_source

        return demo_source("a" if address.base == "demo:a" else "b", loop=loop), False
    if address.kind == "camera":
        from mirror.capture.camera import BACKEND, CameraSource, camera_comeback, camera_index

        index = camera_index(address.base)
        camera = CameraSource(index, text=address.base, backend=BACKEND)
        if reopen:
            return ReopeningSource(camera, camera_comeback(index, address.base)), False
        return camera, True
    from mirror.capture.video import VideoSource, network_comeback

    network = address.kind == "network"
    text = address.text.partition("#")[0] if network else address.base
    video = VideoSource(address.base, text=text, start=address.start, network=network)
    if reopen and video.live:
        return ReopeningSource(video, network_comeback(address.base, text)), False
    return video, network


def _origin(address: Address) -> tuple[str, str]:
    """The same for two addresses of one thing."""
    if address.kind == "camera":
        from mirror.capture.camera import camera_index

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
