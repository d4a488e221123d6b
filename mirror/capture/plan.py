"""Opening sources: a plan made of plain values first, then one pass that carries it out.

The plan says what is opened, which part of it each feed gets, and what reconnects. Whatever can be
refused without touching a device is refused while planning.
"""

import logging
import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

from mirror.capture.address import WHOLE, Address, Kind, parse
from mirror.capture.base import FeedSource, PoseSource, Source
from mirror.capture.crop import CroppedSource, SecondPerson
from mirror.capture.fanout import share
from mirror.capture.reconnect import ReconnectingSource
from mirror.capture.still import StillSource, is_picture
from mirror.errors import SourceError
from mirror.landmarks import Feed
from mirror.practice.library import find_exercise

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Opening:
    """A camera, file, stream or rendered person that is opened once."""

    kind: Kind
    place: int | str  # what opens it: a camera's index, a path, an address or a name
    text: str  # what errors call it
    # The part (time, crop and flip) of each feed: one, or two that share what is opened.
    parts: tuple[Address, ...]
    # As for `open_pair`.
    loop: bool
    reopen: bool
    grid_rate: float | None = None
    skip: float = 0.0  # as for `open_source`


def open_source(
    text: str,
    *,
    loop: bool = False,
    reopen: bool = False,
    grid_rate: float | None = None,
    skip: float = 0.0,
) -> Source:
    """Open a source of frames.

    Parameters
    ----------
    text : str
        A camera's number or name, a file, an ``rtsp://`` or ``http://`` address, ``demo:a`` or
        ``demo:b``; with a fragment such as ``#t=10,70&left`` for a part of it.
    loop : bool
        Whether the rendered people of ``demo:`` start over at the end of their script, and a
        picture is shown again and again. Videos and streams never start over.
    reopen : bool
        Whether to reconnect to a camera or live stream that is lost, and to report it in
        `Source.trouble` meanwhile. Otherwise losing it is a `SourceError`, or the end.
    grid_rate : float or None
        As for `open_pair`.
    skip : float
        Seconds of a `seekable` source to leave out; the frames after them have the same times.

    Raises
    ------
    SourceError
        If it cannot be opened, or has no frames (``lsl:``); the text names the fix.
    """
    address = parse(text)
    if address.kind in ("lsl", "series", "keypoints"):
        raise SourceError(
            f"{address.text} sends no frames that could be shown; "
            "name it as one of the two sources of a session"
        )
    with ExitStack() as undo:
        plan = replace(_plan(address, loop, reopen), grid_rate=grid_rate, skip=skip)
        (source,) = _open_frames(plan, undo)
        undo.pop_all()
    return source


def open_pair(
    a: str, b: str, *, loop: bool = False, reopen: bool = False, grid_rate: float | None = None
) -> tuple[FeedSource, FeedSource]:
    """Open the sources of two people; one file, camera or stream named twice is opened once.

    A source is as for `open_source`; or ``lsl:NAME``, a stream of landmarks (`PoseSource`), with
    ``#flip`` and ``#up=y`` or ``#up=z``, or of plain series, with ``#series`` or
    ``#series=NAME,NAME``; or ``series:FILE#columns=NAME,NAME&rate=25``, a series of a file. For two
    people in one picture (``#person=1``, ``#person=2``), B is a `SecondPerson`.

    `loop` and `reopen` are as for `open_source`, but a stream of landmarks always reconnects. Of
    videos and cameras with more frames than `grid_rate`, ticks per second of the time grid, only
    those nearest to a tick are read; None reads all.

    Raise SourceError if one of them cannot be opened, or both are the same part of the same camera
    or the same stream of landmarks or of the same channels.
    """
    first, second = parse(a), parse(b)
    plan = plan_pair(first, second, loop=loop, reopen=reopen)
    plan = tuple(replace(opening, grid_rate=grid_rate) for opening in plan)
    with ExitStack() as undo:
        one, other = (source for opening in plan for source in _open(opening, undo))
        _refuse_same_stream(first, second, one, other)
        undo.pop_all()
    return one, other


def plan_pair(
    first: Address, second: Address, *, loop: bool = False, reopen: bool = False
) -> tuple[Opening, ...]:
    """Plan the opening of two sources: one shared `Opening`, or one for each.

    Raise SourceError if both are the same part of one live source, or a camera's name is ambiguous.
    """
    one, other = _plan(first, loop, reopen), _plan(second, loop, reopen)
    if first.person or second.person:
        _check_people(first, second, same=_are_same(one, other))
        return (replace(one, parts=(first, second)),)
    if not _are_same(one, other):
        return one, other
    if one.kind in ("camera", "screen") or first.base.lower().startswith("rtsp"):
        _refuse_overlap(first, second)
    if one.kind == "screen":
        return one, other  # only these two parts of it are read
    apart = ("start", "end", "stream", "fps", "drift")
    if any(getattr(first, name) != getattr(second, name) for name in apart):
        return one, other
    return (replace(one, parts=(first, second)),)


def _plan(address: Address, loop: bool, reopen: bool) -> Opening:
    place: int | str = address.base.removeprefix("lsl:")
    text = address.base
    if address.kind == "camera":
        from mirror.capture.camera import camera_index

        place = camera_index(address.base)
    elif address.kind == "network":
        text = address.text.partition("#")[0]  # without the password
    return Opening(address.kind, place, text, (address,), loop, reopen)


def _are_same(one: Opening, other: Opening) -> bool:
    """Whether both open one camera, file or network stream."""
    if one.kind != other.kind or one.kind in ("demo", "lsl", "series", "keypoints"):
        return False
    if one.kind == "file":
        return os.path.realpath(str(one.place)) == os.path.realpath(str(other.place))
    return one.place == other.place


def _refuse_overlap(first: Address, second: Address) -> None:
    one, other = first.crop or WHOLE, second.crop or WHOLE
    if one.contains(other) or other.contains(one):
        names = [address.text.partition("#")[0] for address in (first, second)]
        raise SourceError(
            f"{first.text} and {second.text} are the same part of one camera's frame; "
            f"for two people in it write {names[0]}#people, or its halves: "
            f"{names[0]}#left {names[1]}#right"
        )


def _check_people(first: Address, second: Address, *, same: bool) -> None:
    """Refuse what is not two people in one and the same picture."""
    alike = replace(second, text=first.text, base=first.base, person=first.person) == first
    if not (same and alike and {first.person, second.person} == {1, 2}):
        base = first.text.partition("#")[0]
        raise SourceError(
            f"{first.text} and {second.text} are not two people in one picture; write "
            f"'{base}#people' as the only source, with #t, #xywh or #flip for both"
        )


def _open(opening: Opening, undo: ExitStack) -> Sequence[FeedSource]:
    if opening.kind not in ("lsl", "series", "keypoints"):
        return _open_frames(opening, undo)
    from mirror.capture.keypoints import KeypointSource
    from mirror.capture.lsl import LslSource
    from mirror.capture.series_file import SeriesFileSource

    _log.info("opening a source: %s", opening.kind)
    kinds: dict[str, type[PoseSource]] = {
        "lsl": LslSource,
        "series": SeriesFileSource,
        "keypoints": KeypointSource,
    }
    stream = kinds[opening.kind](*opening.parts)
    undo.callback(stream.close)
    return [stream]


def _open_frames(opening: Opening, undo: ExitStack) -> list[Source]:
    """Open the source and cut out each feed's part of it; `undo` closes what is open."""
    is_still = opening.loop and is_picture(opening.parts[0])
    base, blocks = (StillSource(opening.text), False) if is_still else _open_base(opening)
    readers: tuple[Source, ...] = (base,)
    parts = opening.parts
    if opening.kind == "screen":
        parts = tuple(replace(part, crop=None) for part in parts)
    has_people = parts[0].person is not None
    count = 1 if has_people else len(parts)
    if blocks or count > 1:
        readers = share(base, count, threaded=blocks or base.live)
    for reader in readers:
        undo.callback(reader.close)
    if has_people and len(parts) > 1:
        picture = CroppedSource(readers[0], parts[0])
        return [picture, SecondPerson(picture, parts[1].text)]
    return [CroppedSource(reader, part) for reader, part in zip(readers, parts, strict=True)]


def _open_base(opening: Opening) -> tuple[Source, bool]:
    """Open a source without crop and flip; True if its reads may block and need a thread."""
    place, text = opening.place, opening.text
    is_network = opening.kind == "network"
    _log.info("opening a source: %s", str(place).partition(":")[0] if is_network else opening.kind)
    # Imported per kind: each brings libraries that are slow to import.
    if opening.kind == "demo":
        from mirror.capture.synthetic.demo import demo_source

        part = opening.parts[0]
        exercise = None if part.exercise is None else find_exercise(part.exercise)
        if exercise is not None and part.level is not None:
            exercise = exercise.at_level(part.level)
        feed: Feed = "a" if place == "demo:a" else "b"
        return demo_source(feed, loop=opening.loop, exercise=exercise), False
    if opening.kind == "screen":
        from mirror.capture.screen import ScreenSource

        part = opening.parts[0]
        return ScreenSource(int(text.partition(":")[2]), part.text, part.crop), True
    if isinstance(place, int):
        from mirror.capture.camera import CameraSource, camera_reconnection

        rate = opening.grid_rate
        camera = CameraSource(place, text=text, grid_rate=rate)
        if opening.reopen:
            reconnection = camera_reconnection(place, text, grid_rate=rate)
            return ReconnectingSource(camera, reconnection), False
        return camera, True
    from mirror.capture.video import VideoSource, network_reconnection

    part = opening.parts[0]
    narrowed: dict[str, Any] = {"stream": part.stream, "grid_rate": opening.grid_rate}
    video = VideoSource(
        place,
        text=text,
        start=part.source_time(opening.skip),
        grid_start=part.start,
        fps=part.fps,
        network=is_network,
        **narrowed,
    )
    if opening.reopen and video.live:
        return ReconnectingSource(video, network_reconnection(place, text, **narrowed)), False
    return video, is_network


def _refuse_same_stream(first: Address, second: Address, a: FeedSource, b: FeedSource) -> None:
    """Refuse one person, or one channel, for both; a name and an id may mean one stream."""
    if not first.kind == second.kind == "lsl":
        return
    from mirror.capture.lsl import LslSource

    assert isinstance(a, LslSource)
    assert isinstance(b, LslSource)
    if a.uid != b.uid:
        return
    if not (first.series and second.series):
        raise SourceError(
            f"{first.text} is one person; name another stream for the other, or channels of each: "
            "#series=NAME,NAME"
        )
    if shared := set(a.places) & set(b.places):
        numbers = ", ".join(str(place + 1) for place in sorted(shared)[:20])
        raise SourceError(
            f"{first.text} and {second.text} share channels of one stream (number {numbers}); "
            "name each channel for one person"
        )
