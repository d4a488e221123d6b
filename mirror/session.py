"""A session: two sources through pose, clock and estimator into a recording, live or offline.

Live, a capture thread and a pose thread a feed; the newest frame wins and every frame passed over
is counted. Offline, one thread a feed reads and follows every frame, and the poses are taken in
order of their times. In both, the caller's own thread runs the clock and the estimator, one pose at
a time, and is given an `Update` for each.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Future
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from mirror.clock import Clock, Feed, Tick
from mirror.errors import CutOffError, RecordingError, SourceError
from mirror.handoff import Latest, in_thread
from mirror.landmarks import Pose
from mirror.recorder import Recorder
from mirror.recording import Event
from mirror.settings import Settings
from mirror.sources.base import Frame, Source
from mirror.summary import Summary, Tally
from mirror.synchrony import Estimator
from mirror.timeline import Score

if TYPE_CHECKING:
    from mirror.pose import Tracker

FEEDS: tuple[Feed, Feed] = ("a", "b")
AT_ITS_END = "at its end"
_HEARTBEAT = 0.25  # an update at least this often, s, so that a meter can show that nothing comes
_LOOK_BACK = 2.0  # frame rates are those of the last seconds
_LATE = 0.25  # a recorded picture that is shown later than this is dropped, s
_GOODBYE = 2.0  # how long the end waits for threads that sit in a device driver


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """How one feed is doing.

    Attributes
    ----------
    text : str
        The source, as the user wrote it.
    frames : int
        Pictures that were followed.
    dropped : int
        Pictures that were passed over because a newer one was there.
    found : bool
        Whether somebody was in the last picture.
    found_frames : int
        Pictures with somebody in them.
    rate : float
        Pictures followed per second, over the last two seconds.
    ended : str or None
        Why there will be no more pictures: `AT_ITS_END`, or what went wrong; None while there may
        be.
    """

    text: str
    frames: int
    dropped: int
    found: bool
    found_frames: int
    rate: float
    ended: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Update:
    """One step of a session.

    Attributes
    ----------
    time : float
        Seconds on the session's clock.
    feed : {"a", "b"} or None
        The feed that moved; None where nothing came for a while, or at the end.
    frame : Frame or None
        Its picture.
    pose : Pose or None
        What was seen in it.
    scores : tuple of Score
        Rows of the timeline that are new with it.
    """

    time: float
    feed: Feed | None = None
    frame: Frame | None = None
    pose: Pose | None = None
    scores: tuple[Score, ...] = ()


@dataclass(slots=True)
class _Channel:
    """What a session keeps about one feed."""

    source: Source
    latest: Latest[Frame] = field(default_factory=Latest)
    frames: int = 0
    found_frames: int = 0
    found: bool = False
    recent: deque[float] = field(default_factory=deque)
    ended: str | None = None

    @property
    def dropped(self) -> int:
        """Pictures passed over here, or by a source that two people share."""
        return self.latest.dropped + self.source.dropped

    def note(self, pose: Pose, now: float) -> None:
        self.frames += 1
        self.found = pose.landmarks is not None
        self.found_frames += self.found
        self.recent.append(now)
        while self.recent[0] < now - _LOOK_BACK:
            self.recent.popleft()

    def status(self, now: float) -> FeedStatus:
        within = [moment for moment in self.recent.copy() if moment >= now - _LOOK_BACK]
        rate = (len(within) - 1) / (within[-1] - within[0]) if len(within) > 2 else 0.0
        return FeedStatus(
            self.source.text,
            self.frames,
            self.dropped,
            self.found and self.ended is None,
            self.found_frames,
            rate,
            self.ended,
        )


class Session:
    """What live and offline sessions share; use `LiveSession` or `OfflineSession`.

    Parameters
    ----------
    a, b : Source
        The two feeds; the session closes them.
    settings : Settings
    tracker : callable
        Makes the pose stage of one feed; by default `PoseTracker`.
    recorder : Recorder, optional
        Where poses and scores are kept; the session describes and closes it.
    """

    _ticks_at_once = 1
    """How many ticks are scored together."""

    def __init__(
        self,
        a: Source,
        b: Source,
        settings: Settings,
        *,
        tracker: Callable[[], Tracker] | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        self.settings = settings
        self.recorder = recorder
        self.warnings: list[str] = []
        """What went wrong without ending the session, one line each."""
        self._make_tracker = tracker or _pose_tracker
        self._channels: dict[Feed, _Channel] = {"a": _Channel(a), "b": _Channel(b)}
        self._clock = Clock(settings.rate)
        self._estimator = Estimator(settings)
        self._waiting: list[Tick] = []
        self._tally = Tally()
        self._stopped = threading.Event()
        self._time = 0.0
        self._over = False
        self.interrupted = False
        """Whether `stop` ended the session, before its sources did."""

    def stop(self) -> None:
        """End the session soon; may be called from any thread and from a signal handler."""
        self.interrupted = True
        self._stopped.set()

    def summary(self) -> Summary:
        """What the session was like so far."""
        return self._tally.summary()

    def status(self) -> dict[Feed, FeedStatus]:
        """How both feeds are doing."""
        now = time.monotonic()
        return {feed: channel.status(now) for feed, channel in self._channels.items()}

    def mark(self, event: Event) -> None:
        """Keep an event in the recording."""
        self._keep(lambda recorder: recorder.add_event(event))

    def _take(self, feed: Feed, frame: Frame, pose: Pose) -> Update:
        """Run one pose through the clock and the estimator, and keep what comes of it."""
        self._channels[feed].note(pose, time.monotonic())
        self._time = max(self._time, pose.time)
        self._keep(lambda recorder: recorder.add_pose(feed, pose))
        scores = self._score(self._clock.push(feed, pose))
        return Update(self._time, feed, frame, pose, scores)

    def _score(self, ticks: list[Tick], *, last: bool = False) -> tuple[Score, ...]:
        self._waiting += ticks
        if len(self._waiting) < self._ticks_at_once and not last:
            return ()
        scores = tuple(self._estimator.update_all(self._waiting))
        self._waiting = []
        for score in scores:
            self._tally.add(score)
        if scores:
            self._keep(lambda recorder: recorder.add_scores(scores))
        return scores

    def _keep(self, write: Callable[[Recorder], None]) -> None:
        """Write to the recording; a disk that fails ends the recording, not the session."""
        if self.recorder is None or self._over:
            return
        try:
            write(self.recorder)
        except RecordingError as error:
            self._warn(str(error))
            recorder, self.recorder = self.recorder, None
            with suppress(RecordingError):  # said already: it is the same failure once more
                recorder.close()

    def _warn(self, text: str) -> None:
        self.warnings.append(text)

    def _feed_ended(self, feed: Feed, reason: str | None) -> None:
        channel = self._channels[feed]
        channel.ended = reason or AT_ITS_END
        if reason:
            self._warn(reason)
            self.mark(Event(self._time, "warning", reason))

    def _finish(self) -> Update:
        """Score what was waiting, and close the recording; one without a picture is not kept."""
        if not any(channel.frames for channel in self._channels.values()):
            self._keep(lambda recorder: recorder.discard())
            self._over = True
        scores = self._score(self._clock.finish(), last=True)
        feeds = {
            feed: {
                "frames": channel.frames,
                "with_person": channel.found_frames,
                "dropped": channel.dropped,
            }
            for feed, channel in self._channels.items()
        }
        quality = {"duration_s": self._time, "feeds": feeds, "warnings": list(self.warnings)}
        self._keep(lambda recorder: recorder.describe({"quality": quality}))
        self._keep(lambda recorder: recorder.close())
        self._over = True
        return Update(self._time, scores=scores)


_Pair = tuple[Future[None], Future[None]]  # capturing and following one feed


class LiveSession(Session):
    """A session in real time: cameras as they come, files and rendered people at their own pace."""

    def run(self, seconds: float | None = None) -> Generator[Update]:
        """Run until stopped, until both feeds have ended, or for some seconds.

        Yields an `Update` for every pose, and one at least every quarter of a second. Closing the
        generator, or an error in the caller, ends the session in good order too.
        """
        poses: queue.SimpleQueue[tuple[Feed, Frame, Pose]] = queue.SimpleQueue()
        work: dict[Feed, _Pair] = {}
        trackers: dict[Feed, Tracker] = {}
        try:
            for feed in FEEDS:
                trackers[feed] = self._make_tracker()
            self.epoch = time.monotonic()
            for feed in FEEDS:
                capture = in_thread(partial(self._capture, feed), f"capture {feed}")
                follow = in_thread(
                    partial(self._follow, feed, trackers[feed], poses), f"pose {feed}"
                )
                work[feed] = (capture, follow)
            while not self._stopped.is_set():
                if seconds is not None and time.monotonic() - self.epoch >= seconds:
                    break
                try:
                    yield self._take(*poses.get(timeout=_HEARTBEAT))
                except queue.Empty:
                    self._keep(lambda recorder: recorder.commit_if_due())
                    yield Update(time.monotonic() - self.epoch)
                if self._all_ended(work) and poses.empty():
                    break
        finally:
            self._stopped.set()
            for feed, channel in self._channels.items():
                channel.source.close()
                channel.latest.close()
                if feed in trackers and feed not in work:
                    trackers[feed].close()
            _await([each for pair in work.values() for each in pair])
            last = self._finish()
        yield last

    def _capture(self, feed: Feed) -> None:
        channel = self._channels[feed]
        with closing(channel.latest):
            for frame in channel.source:
                if channel.source.live:
                    channel.latest.put(replace(frame, time=frame.time - self.epoch))
                    continue
                ahead = self.epoch + frame.time - time.monotonic()
                if self._stopped.wait(max(0.0, ahead)):
                    return
                if ahead < -_LATE:
                    channel.latest.dropped += 1  # it would come too late for its place in time
                else:
                    channel.latest.put(frame)

    def _follow(
        self, feed: Feed, tracker: Tracker, poses: queue.SimpleQueue[tuple[Feed, Frame, Pose]]
    ) -> None:
        with closing(tracker):
            while (frame := self._channels[feed].latest.take()) is not None:
                poses.put((feed, frame, tracker.track(frame)))

    def _all_ended(self, work: dict[Feed, _Pair]) -> bool:
        """Whether both feeds have ended; says why each did, once."""
        for feed, (capture, follow) in work.items():
            if self._channels[feed].ended is None and follow.done():
                # Following ends by its own error, or because capturing has come to its end.
                error = follow.exception() or capture.exception(timeout=_GOODBYE)
                if error is not None and not isinstance(error, SourceError):
                    raise error
                self._feed_ended(feed, None if error is None else str(error))
        return all(channel.ended is not None for channel in self._channels.values())


class OfflineSession(Session):
    """Every frame of two recorded sources, as fast as the machine allows."""

    _ticks_at_once = 30  # a second of them: ten rows together cost half, and no more can be lost

    def run(self) -> Generator[Update]:
        """Run until both sources have ended or the session is stopped; an `Update` for every pose.

        A source that is cut off is scored up to there, with a line in `warnings`.
        """
        waiting: dict[Feed, queue.Queue[tuple[Frame, Pose] | None]] = {
            feed: queue.Queue(maxsize=_AHEAD) for feed in FEEDS
        }
        work = {
            feed: in_thread(partial(self._follow, feed, waiting[feed]), f"pose {feed}")
            for feed in FEEDS
        }
        heads: dict[Feed, tuple[Frame, Pose] | None] = {}
        try:
            heads |= {feed: waiting[feed].get() for feed in FEEDS}
            while not self._stopped.is_set():
                for feed in FEEDS:
                    if heads[feed] is None and self._channels[feed].ended is None:
                        self._ended(feed, work[feed])
                present = {feed: head for feed, head in heads.items() if head is not None}
                if not present:
                    break
                feed = min(present, key=lambda each: present[each][1].time)
                yield self._take(feed, *present[feed])
                heads[feed] = waiting[feed].get()
        finally:
            self._stopped.set()
            for channel in self._channels.values():
                channel.source.close()  # first: a thread may wait in one for the other's reader
            for feed, places in waiting.items():
                # a thread that waits for room must come to see the end
                while not work[feed].done():
                    with suppress(queue.Empty):
                        places.get(timeout=_HEARTBEAT)
            last = self._finish()
        yield last

    def _follow(self, feed: Feed, out: queue.Queue[tuple[Frame, Pose] | None]) -> None:
        try:
            with closing(self._make_tracker()) as tracker:
                for frame in self._channels[feed].source:
                    if self._stopped.is_set():
                        break
                    out.put((frame, tracker.track(frame)))
        finally:
            self._channels[feed].source.close()  # of a shared one, the other view goes on
            out.put(None)

    def _ended(self, feed: Feed, work: Future[None]) -> None:
        error = work.exception()
        if error is not None and not isinstance(error, CutOffError):
            raise error
        self._feed_ended(feed, None if error is None else str(error))


_AHEAD = 32  # poses that one feed may be ahead of the other, offline


def _pose_tracker() -> Tracker:
    # Whoever only wants to show a session does not wait for MediaPipe, which takes seconds.
    from mirror.pose import PoseTracker

    return PoseTracker()


def _await(work: list[Future[None]]) -> None:
    deadline = time.monotonic() + _GOODBYE
    for each in work:
        with suppress(TimeoutError):  # a daemon that sits in a driver: it ends with the program
            each.exception(timeout=max(0.0, deadline - time.monotonic()))
