"""Tracking of long videos in chunks, on many cores.

A tracker follows a person from one frame to the next, so that a video cannot be tracked from its
middle on as from its start. It is cut at fixed times, whatever the number of cores, and every chunk
has a tracker and a camera motion of its own, which begin some seconds earlier. Over this run-in,
the tracker of the chunk before must have found the same person at the same times. If so, what was
found in the run-in is thrown away; if not, all that follows is tracked by one tracker that begins
with that of the chunk before, and so keeps the same person.
"""

import math
import multiprocessing
import os
import signal
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice, pairwise
from multiprocessing.managers import SyncManager
from pathlib import Path
from queue import Queue
from typing import Final, NamedTuple

import numpy as np

from mirror._support.closing import Closeable
from mirror._support.opencv import cv2
from mirror._support.process import redirect_native_stderr
from mirror._support.threads import run_in_thread
from mirror.capture import open_source
from mirror.capture.base import TRACKED_HERE, FeedSource, Frame
from mirror.capture.crop import SecondPerson
from mirror.capture.pose_model import provide_model
from mirror.capture.tracker import PoseTracker, Tracker
from mirror.errors import SourceError
from mirror.estimator.movement import JOINTS
from mirror.landmarks import Feed, Pose
from mirror.recording.database import SUFFIX
from mirror.recording.reader import Recording
from mirror.recording.writer import complete_recording
from mirror.session.feeds import CAMERA_COUNTS

LENGTH_S: Final = 120.0  # length of a chunk; the last one is up to twice as long

RUN_IN_S: Final = 3.0
_COMPARED_S: Final = 1.0  # of the run-in, at its end
# How far landmarks of one person may be apart, in heights of the person. Two trackers that began at
# different frames differ by jitter, about .01, always; two people beside each other by a half.
_SAME: Final = 0.15

_SENT_TOGETHER: Final = 15

Tracked = tuple[Frame | None, Pose]
Found = list[Pose] | Counter[str] | None  # None at the end
MakeTracker = Callable[[], Tracker]
Track = Callable[["Chunk", Counter[str]], Generator[Tracked]]
"""Yields a chunk's frames and poses, with the run-in, and then counts what else was found."""


@dataclass(frozen=True, slots=True, order=True)
class Chunk:
    """A part of a feed to be tracked, seconds: from `start` on, and kept from `begin` to `end`."""

    begin: float
    feed: Feed
    start: float
    end: float
    text: str
    grid_rate: float | None


def cut(feed: Feed, source: FeedSource, grid_rate: float | None) -> list[Chunk]:
    """Cut a source into chunks; none if it is short, or cannot be opened in its middle."""
    count = int((source.duration or 0.0) // LENGTH_S) if source.seekable else 0
    edges = [*(LENGTH_S * number for number in range(count)), math.inf]
    return [
        Chunk(begin, feed, max(0.0, begin - RUN_IN_S), end, source.text, grid_rate)
        for begin, end in pairwise(edges)
        if count > 1
    ]


def track(make_tracker: MakeTracker, chunk: Chunk, counts: Counter[str]) -> Generator[Tracked]:
    """Track a chunk in this process, as `Track`."""
    from mirror.capture.camera_motion import CameraMotion

    camera = CameraMotion()
    skipped: Counter[str] | None = None

    def counted() -> Counter[str]:
        return source.counts + Counter({name: getattr(camera, name) for name in CAMERA_COUNTS})

    with (
        open_source(chunk.text, grid_rate=chunk.grid_rate, skip=chunk.start) as source,
        closing(make_tracker()) as tracker,
    ):
        try:
            for frame in source:
                if frame.time >= chunk.begin and skipped is None:
                    skipped = counted()
                if frame.time >= chunk.end:
                    break
                yield frame, camera.measure(frame.image, tracker.track(frame))
        finally:
            counts.update(counted() - (skipped or Counter()))


def join(
    chunks: Sequence[Chunk], track: Track, track_on: Track, add: Callable[[Counter[str]], None]
) -> Iterator[Tracked]:
    """Yield frames and poses of all chunks of a feed as of one video; `add` takes their counts.

    If a chunk begins with another person than the one before ended with, `track_on` tracks from
    there to the end, with a tracker that begins with the chunk before.
    """
    motion = 1 + 0j, 0j
    before: list[Pose] = []  # by the tracker of the chunk before, in the run-in of this one
    for number, chunk in enumerate(chunks):
        after = chunks[number + 1].start if chunk is not chunks[-1] else math.inf
        found: Counter[str] = Counter()
        tracked, run_in, rest = _split(track(chunk, found), chunk)
        is_same = not number or _same(before, run_in, chunk.begin - _COMPARED_S)
        if number and is_same:
            # What takes this chunk's first frame to the video's, from a frame that both know.
            (turn, shift), (own_turn, own_shift) = map(_motion, (before[-1], run_in[-1]))
            motion = turn / own_turn, shift - turn / own_turn * own_shift
        elif not is_same:
            tracked.close()
            found.clear()
            chunk = replace(chunk, start=chunks[number - 1].start, end=math.inf)  # noqa: PLW2901
            tracked, _, rest = _split(track_on(chunk, found), chunk)
        before.clear()
        try:
            with closing(tracked):
                for frame, pose in rest:
                    whole = _moved(pose, motion)
                    if pose.time >= after:
                        before.append(whole)
                    yield frame, whole
        finally:
            add(found)
        if not is_same:
            return


def _split(
    tracked: Generator[Tracked], chunk: Chunk
) -> tuple[Generator[Tracked], list[Pose], Iterator[Tracked]]:
    """Return the work on a chunk, the poses of its run-in, and what follows."""
    run_in: list[Pose] = []
    for frame, pose in tracked:
        if pose.time >= chunk.begin:
            return tracked, run_in, chain([(frame, pose)], tracked)
        run_in.append(pose)
    return tracked, run_in, iter(())


def _same(before: Sequence[Pose], run_in: Sequence[Pose], since: float) -> bool:
    """Whether two trackers follow one person: both found somebody, and at the same places."""
    one, other = ([pose for pose in poses if pose.time >= since] for poses in (before, run_in))
    if not one or [pose.time for pose in one] != [pose.time for pose in other]:
        return False
    pairs = [
        (first.landmarks[list(JOINTS), :2], second.landmarks[list(JOINTS), :2])
        for first, second in zip(one, other, strict=True)
        if first.landmarks is not None and second.landmarks is not None
    ]
    alone = sum(first.found != second.found for first, second in zip(one, other, strict=True))
    if not pairs:
        return alone <= len(one) // 2
    first, second = np.moveaxis(np.array(pairs, float), 1, 0)
    height = np.median(np.ptp(first[..., 1], axis=1))
    shape = np.array([one[0].width / one[0].height, 1.0])
    apart = np.median(np.linalg.norm((first - second) * shape, axis=-1))
    return bool(apart <= _SAME * height and alone <= len(one) // 2)


def _motion(pose: Pose) -> tuple[complex, complex]:
    return complex(*pose.camera[:2]), complex(*pose.camera[2:4])


def _moved(pose: Pose, motion: tuple[complex, complex]) -> Pose:
    """Return a pose with the camera's motion since the video's first frame."""
    turn, shift = _motion(pose)
    turn, shift = motion[0] * turn, motion[0] * shift + motion[1]
    camera = np.array([turn.real, turn.imag, shift.real, shift.imag, pose.camera[4]])
    return replace(pose, camera=camera)


class ChunkFiles(NamedTuple):
    """The chunks of a recording's videos, each a file once another program has tracked it."""

    recording: Path
    model: Path | None

    def tasks(self, a: FeedSource, b: FeedSource, rate: float) -> "list[partial[None]]":
        """Return what writes the files of two sources; none if they are not cut."""
        if isinstance(b, SecondPerson):
            return []  # who is who is decided from the whole picture
        chunks = sorted([*cut("a", a, rate), *cut("b", b, rate)])
        return [partial(self._write, each) for each in chunks]

    def track(self, chunk: Chunk, counts: Counter[str]) -> Generator[Tracked]:
        """Yield the poses of a chunk's file, or track it here if there is none, as `Track`."""
        if not (path := self._file(chunk)).exists():
            yield from track(partial(PoseTracker, provide_model(self.model).path), chunk, counts)
            return
        with Recording.open(path) as recording:
            yield from ((None, pose) for _, pose in recording.poses())
            counts.update(recording.session["counts"])

    def _write(self, chunk: Chunk) -> None:
        """Track a chunk into its file; one that cannot be read has none, nor what is done."""
        path, counts = self._file(chunk), Counter[str]()
        if self.recording.exists() or path.exists():
            return
        cv2.setNumThreads(1)
        with suppress(SourceError), closing(self.track(chunk, counts)) as tracked:
            with complete_recording(path.with_suffix(f".part{SUFFIX}"), {}) as recorder:
                for _, pose in tracked:
                    recorder.add_pose(chunk.feed, pose)
                recorder.update_session({"counts": counts})
            recorder.path.replace(path)

    def _file(self, chunk: Chunk) -> Path:
        name = f".{self.recording.stem}.{chunk.feed}{chunk.begin:g}{SUFFIX}"
        return self.recording.with_name(name)


class Workers(Closeable):
    """Processes that track chunks, the earliest first.

    Spawned, as neither MediaPipe nor OpenCV survives a fork. If one is killed, this process does
    the rest.
    """

    def __init__(self, count: int, make_tracker: MakeTracker, chunks: Sequence[Chunk]) -> None:
        self._make_tracker = make_tracker
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(min(count, len(chunks)), context, initializer=_prepare)
        self._manager = SyncManager(ctx=context)
        self._manager.start(_prepare)
        self._work: dict[Chunk, tuple[Queue[Found], Future[None]]] = {}
        with ExitStack() as undo:
            undo.callback(self.close)
            for chunk in sorted(chunks):
                found = self._manager.Queue()
                work = self._pool.submit(_track_into, found, make_tracker, chunk)
                self._work[chunk] = found, work
            undo.pop_all()

    def track(self, chunk: Chunk, counts: Counter[str]) -> Generator[Tracked]:
        """Yield a chunk's poses as they come, as `Track`; the frames stay in the process."""
        found, work = self._work.pop(chunk)
        work.add_done_callback(lambda _: _put(found, None))
        done = 0
        while (item := found.get()) is not None:
            if isinstance(item, Counter):
                counts.update(item)
            else:
                yield from ((None, pose) for pose in item)
                done += len(item)
        if isinstance(work.exception(), BrokenProcessPool):
            counts[TRACKED_HERE] += 1
            yield from islice(track(self._make_tracker, chunk, counts), done, None)
        else:
            work.result()

    def track_on(self, chunk: Chunk, counts: Counter[str]) -> Generator[Tracked]:
        """Track the rest of a feed in this process, as `Track`; no process begins more of it."""
        for each in [each for each in list(self._work) if each.feed == chunk.feed]:
            self._work.pop(each)[1].cancel()
        return track(self._make_tracker, chunk, counts)

    def close(self) -> None:
        """End all processes; those that track end at the next poses that they hand over."""
        self._manager.shutdown()
        self._pool.shutdown(cancel_futures=True)


def _track_into(found: Queue[Found], make_tracker: MakeTracker, chunk: Chunk) -> None:
    """Track a chunk in a process of its own, on one thread."""
    cv2.setNumThreads(1)
    counts: Counter[str] = Counter()
    try:
        with closing(track(make_tracker, chunk, counts)) as tracked:
            while some := [pose for _, pose in islice(tracked, _SENT_TOGETHER)]:
                if not _put(found, some):
                    break
    finally:
        _put(found, counts)


def _put(found: Queue[Found], item: Found) -> bool:
    """Hand over what was found; False if the session has ended."""
    try:
        found.put(item)
    except (EOFError, OSError):
        return False
    return True


def _prepare() -> None:
    """Leave Ctrl-C to the session's process, and end with it, however that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    run_in_thread(_end_with_parent, "end with parent")
    redirect_native_stderr()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
