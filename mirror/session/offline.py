"""An offline session: two recorded sources, tracked as fast as possible, every frame."""

import logging
import queue
from collections.abc import Generator
from concurrent.futures import Future
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import Final

from mirror._support.logs import describe_error
from mirror._support.threads import run_in_thread
from mirror.capture.base import FeedSource, Frame, PoseSource, Source
from mirror.errors import CutOffError, SourceError
from mirror.estimator.align import BRIDGE
from mirror.identity.hindsight import Step, with_hindsight
from mirror.landmarks import FEEDS, Feed
from mirror.session.base import Session, Update
from mirror.session.chunks import Chunk, Track, Tracked, Workers, cut, join, track

_log = logging.getLogger(__name__)

# Poses that one feed may be ahead of the other. Their frames wait with them: a few are soon reused,
# while they are still in the cache.
_MAX_WAITING: Final = 4
_DRAIN_EVERY_S: Final = 0.05

_Queues = dict[Feed, queue.Queue[Tracked | None]]


@dataclass(frozen=True, slots=True)
class OfflineResult:
    """The outcome of an offline session."""

    path: Path | None = None  # the recording; None if nothing was recorded
    reached: float = 0.0  # seconds up to which the sources were analyzed
    faults: tuple[str, ...] = ()  # what the result lacks, one line each; empty if it is complete
    # What is particular about the sources, one line each: frames that were left out, times that had
    # to be assumed, a second video.
    notes: tuple[str, ...] = ()


class OfflineSession(Session):
    """Two recorded sources, as fast as the machine allows."""

    _ticks_at_once = 30  # a second of them: ten rows together cost half, and no more can be lost
    result: OfflineResult | None = None  # set when `run` has ended
    # How many processes track the chunks of long videos; with 1, this one does, a thread a feed.
    # Updates of chunks that another process tracked are without frames.
    jobs = 1
    grid_rate: float | None = None  # as for `mirror.capture.open_pair`, which opened the sources
    track_chunk: Track | None = None  # in place of tracking chunks here, with one job
    _workers: Workers | None = None

    @property
    def duration(self) -> float | None:
        """Seconds until both sources end, if known."""
        lengths = [state.source.duration for state in self._feeds.values()]
        known = [length for length in lengths if length is not None]
        return max(known) if len(known) == len(lengths) else None

    @property
    def frames(self) -> int:
        """Frames of both sources that were tracked so far."""
        return sum(state.frames for state in self._feeds.values())

    def run(self) -> Generator[Update]:
        """Run until both sources have ended or the session is stopped.

        Yields an `Update` for every pose and one at the end, and leaves a `result`. A source that
        is cut off is scored up to there. So are both if one cannot be read further or the
        recording fails, provided that there is a recording to keep. Raise SourceError if a source
        cannot be read and nothing was recorded.
        """
        self._log_start("offline")
        path = None if self.recorder is None else self.recorder.path
        fault = None
        try:
            yield from self._run(is_recorded=path is not None)
        except SourceError as error:
            if path is None or not path.exists():
                raise
            _log.error("a source failed: %s", describe_error(error))
            fault = str(error)
        if path is not None and not path.exists():
            path = None
        fault = fault or self._shortfall(path)
        faults = self.faults if fault is None else [*self.faults, fault]
        self.result = OfflineResult(path, self._time, tuple(faults), tuple(self.notes))

    def _shortfall(self, path: Path | None) -> str | None:
        """Return what is missing from an analysis in which nothing failed."""
        if self.interrupted:
            whole = "" if self.duration is None else f" of {self.duration:.1f} s"
            advice = "start again" if path is None else f"what came before is in {path}"
            return f"stopped at {self._time:.1f} s{whole}; {advice}"
        needed = max(1 / BRIDGE, 2 * self.settings.band[1])
        slow = [
            f"{state.source.text} has {state.source.rate:.3g} frames a second"
            for state in self._feeds.values()
            if state.source.rate
            and state.source.rate != self.settings.rate  # a frame for each tick
            and 1.02 * state.source.rate < needed
        ]
        if slow:
            return (
                f"{' and '.join(slow)}, too few to follow movement up to "
                f"{self.settings.band[1]:g} Hz: nothing can be scored; use a video of at least "
                f"{needed:.3g}, better 25 frames a second, or a lower band"
            )
        empty = [each for each in self.status().values() if not each.found_frames]
        if empty and self.recorder is not None:
            named = " and ".join(f"{each.text} ({each.frames} frames)" for each in empty)
            return (
                f"nobody was found in {named}; check that one person is in the frame from the "
                "head to the hips, or crop with #left or #xywh"
            )
        return None

    def _run(self, *, is_recorded: bool) -> Generator[Update]:
        queues: _Queues = {feed: queue.Queue(maxsize=_MAX_WAITING) for feed in FEEDS}
        work: dict[Feed, Future[None]] = {}
        heads: dict[Feed, Tracked | None] = {}
        try:
            work |= self._begin(queues)
            heads |= {feed: queues[feed].get() for feed in FEEDS}
            while not self._stopped.is_set():
                if is_recorded and self.recorder is None:
                    break  # the disk failed: what comes now would be lost
                for feed in FEEDS:
                    if heads[feed] is None and self._feeds[feed].ended is None:
                        error = work[feed].exception()
                        if error is not None and not isinstance(error, CutOffError):
                            raise error
                        self._end_feed(feed, error)
                present = {feed: head for feed, head in heads.items() if head is not None}
                if not present:
                    break
                feed = min(present, key=lambda each: present[each][1].time)
                update = self._take(feed, *present[feed])
                events = self._mark_scenes(update.time)
                yield replace(update, events=events) if events else update
                heads[feed] = queues[feed].get()
        finally:
            self._stopped.set()
            self._release()  # first: a thread may wait for the other feed's, or for a process
            # Make room for threads that wait to put something: one may fill both queues.
            while not all(thread.done() for thread in work.values()):
                for waiting in queues.values():
                    with suppress(queue.Empty):
                        waiting.get(timeout=_DRAIN_EVERY_S)
            last = self._finish()
        yield last

    def _begin(self, queues: _Queues) -> dict[Feed, Future[None]]:
        if self._in_one_picture:
            work = run_in_thread(partial(self._track_people, queues), "poses of both")
            return dict.fromkeys(FEEDS, work)
        chunks = {feed: cut(feed, self._feeds[feed].source, self.grid_rate) for feed in FEEDS}
        if self.jobs > 1 and (every := [*chunks["a"], *chunks["b"]]):
            self._workers = Workers(self.jobs, self._make_tracker, every)
        return {
            feed: run_in_thread(
                partial(self._track, feed, chunks[feed], queues[feed]), f"pose {feed}"
            )
            for feed in FEEDS
        }

    def _release(self) -> None:
        for state in self._feeds.values():
            state.source.close()
        if self._workers is not None:
            self._workers.close()

    def _track(self, feed: Feed, chunks: list[Chunk], out: queue.Queue[Tracked | None]) -> None:
        source = self._feeds[feed].source
        try:
            with closing(self._tracked(feed, chunks, source)) as tracked:
                for item in tracked:
                    if self._stopped.is_set():
                        break
                    out.put(item)
        finally:
            source.close()  # of a shared source, the other part goes on
            out.put(None)

    def _track_people(self, queues: _Queues) -> None:
        source = self._feeds["a"].source
        assert isinstance(source, Source)
        try:
            with closing(self._open_people()) as tracker:
                frames = takewhile(lambda _: not self._stopped.is_set(), source)
                steps = map(self._pair_follower(tracker), frames)
                for step in with_hindsight(map(self._store_frame, steps)):
                    self._queue_events(step)
                    for feed, pose in zip(FEEDS, step.poses, strict=True):
                        queues[feed].put((step.frame, pose))
        finally:
            source.close()
            for waiting in queues.values():
                waiting.put(None)

    def _store_frame(self, step: Step) -> Step:
        """Record the frame, before it is decided who is who; keep it only if that is decided."""
        assert step.frame is not None
        for writer in list(self._videos.values()):  # another thread may close them
            writer.put(step.frame.time, step.frame.image)
        return step if step.settled else step._replace(frame=None)

    def _record_frame(self, feed: Feed, frame: Frame) -> None:
        if not self._in_one_picture:
            super()._record_frame(feed, frame)

    def _tracked(self, feed: Feed, chunks: list[Chunk], source: FeedSource) -> Generator[Tracked]:
        if chunks:
            on: Track = partial(track, self._make_tracker)
            anywhere = self.track_chunk or on
            if self._workers is not None:
                anywhere, on = self._workers.track, self._workers.track_on
            yield from join(chunks, anywhere, on, self._feeds[feed].add)
            return
        if isinstance(source, PoseSource):
            yield from ((None, pose) for pose in source)
            return
        with closing(self._make_tracker()) as tracker:
            follow = self._follower(feed, tracker)
            for frame in source:
                yield frame, follow(frame)
