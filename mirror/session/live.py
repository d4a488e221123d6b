"""A live session: two sources through pose, clock and estimator, in real time.

A capture thread and a pose thread a feed; the newest frame wins, and every frame passed over is
counted. Poses and the commands of other threads come to the session's own loop through one queue,
so that it alone touches clock, estimator and recording.
"""

from __future__ import annotations

import logging
import math
import queue
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from concurrent.futures import Future
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from mirror._support import steady_clock
from mirror._support.threads import run_in_thread
from mirror.capture.base import FeedSource, Frame, PoseSource, Source
from mirror.errors import SourceError
from mirror.events import Event
from mirror.landmarks import FEEDS, Feed, Pose
from mirror.recording.writer import Recorder
from mirror.session.base import Session, Update
from mirror.session.disk import DiskMonitor
from mirror.session.feeds import AT_ITS_END, FeedStatus
from mirror.session.outputs.base import Stream
from mirror.settings import Settings
from mirror.settings_history import in_words
from mirror.timeline import Score

if TYPE_CHECKING:
    from mirror.capture.tracker import Tracker
    from mirror.recording.video import VideoWriter

_log = logging.getLogger(__name__)

__all__ = ["AT_ITS_END", "FeedStatus", "LiveSession", "Update"]

_HEARTBEAT = 0.25  # an update at least this often, s, so that a meter can show that nothing comes
_LATE = 0.25  # a recorded picture that is shown later than this is dropped, s
_GOODBYE = 2.0  # how long the end waits for threads that sit in a device driver
_ASLEEP = 5.0  # a heartbeat that takes longer than this was none, s

_Pair = tuple[Future[None], Future[None]]  # capturing and following one feed; of poses, the same
_Seen = tuple[Feed, Frame | None, Pose]
_Command = Callable[[], tuple[Score, ...] | None]  # gives the rows that are new with it


class LiveSession(Session):
    """A session in real time: cameras as they come, files and rendered people at their own pace.

    `mark`, `pause`, `resume`, `change`, `describe` and `stop_recording` may be called from any
    thread, and return at once: the loop carries them out in their order, between two poses. Those
    given before the loop runs wait for it; those given after its end do nothing.

    Parameters
    ----------
    a, b, settings, tracker, recorder, pictures, streams
        As for `mirror.session.base.Session`.
    """

    def __init__(
        self,
        a: FeedSource,
        b: FeedSource,
        settings: Settings,
        *,
        tracker: Callable[[], Tracker] | None = None,
        recorder: Recorder | None = None,
        pictures: Mapping[Feed, VideoWriter] | None = None,
        streams: Iterable[Stream] = (),
    ) -> None:
        super().__init__(
            a,
            b,
            settings,
            tracker=tracker,
            recorder=recorder,
            pictures=pictures,
            streams=streams,
        )
        self.paused = False
        """Whether pictures are only shown, by the last `pause` or `resume`."""
        self.epoch = math.inf
        """When the session's clock began, on the machine's steady clock; inf before it has."""
        self._inbox: queue.SimpleQueue[_Seen | _Command] = queue.SimpleQueue()
        self._look_due = 0.0  # on the machine's steady clock
        self._disk = None if recorder is None else DiskMonitor(recorder.path)

    def now(self) -> float:
        """Seconds on the session's clock; 0 before it runs."""
        return max(0.0, steady_clock.now() - self.epoch)

    def mark(self, event: Event) -> None:
        """Keep an event in the recording and send it on, also while paused."""
        self._inbox.put(partial(super().mark, event))

    def pause(self) -> None:
        """From now on, show pictures and poses, but score and record none of them.

        On the timeline, this becomes a gap. An event of the kind ``pause`` is kept.
        """
        if not self.paused:
            self.paused = True
            _log.info("paused")
            self.mark(Event(self.now(), "pause", ""))

    def resume(self) -> None:
        """Score and record again; an event of the kind ``resume`` is kept."""
        if self.paused:
            self.paused = False
            _log.info("resumed")
            self.mark(Event(self.now(), "resume", ""))

    def change(self, settings: Settings) -> None:
        """Score with other settings from the next tick on; the recording says since when.

        Raises
        ------
        SettingsError
            Where the rate is another, or the band has no frequency of the window.
        """
        self._scoring.check(settings)
        self._inbox.put(partial(self._change, settings, self.now()))

    def describe(
        self,
        *,
        labels: tuple[str, str] | None = None,
        condition: str | None = None,
        notes: str | None = None,
    ) -> None:
        """Replace what the recording says about the session; what is None stays as it was."""
        about: dict[str, Any] = {"condition": condition, "notes": notes}
        if labels is not None:
            about["labels"] = dict(zip(FEEDS, labels, strict=True))
        known = {key: value for key, value in about.items() if value is not None}
        self._order(lambda recorder: recorder.update_session(known))

    def stop_recording(self) -> None:
        """Close the recording in good order; the session goes on without one."""
        self._inbox.put(self._stop_recording)

    def run(self, seconds: float | None = None) -> Generator[Update]:
        """Run until stopped, until both feeds have ended, or for some seconds.

        Yields an `Update` for every pose, and one at least every quarter of a second. Closing the
        generator, or an error in the caller, ends the session in good order too.
        """
        work: dict[Feed, _Pair] = {}
        trackers: dict[Feed, Tracker] = {}
        try:
            for feed in FEEDS:
                if isinstance(self._channels[feed].source, Source):
                    trackers[feed] = self._make_tracker()
            self._log_start("live")
            self.epoch = steady_clock.now()
            for sending in self._sendings:
                sending.begin(self.epoch)
            for feed in FEEDS:
                work[feed] = self._begin(feed, trackers.get(feed))
                self._channels[feed].watch.begin(self.epoch)
            while not self._stopped.is_set() and (seconds is None or self.now() < seconds):
                yield self._step()
                if self._all_ended(work) and self._inbox.empty():
                    break
        finally:
            self._stopped.set()
            threads = [each for pair in work.values() for each in pair]
            for feed, channel in self._channels.items():
                # A source in the middle of a read that hangs may hang its closing, too.
                threads.append(run_in_thread(channel.source.close, f"closing {feed}"))
                channel.latest.close()
                if feed in trackers and feed not in work:
                    trackers[feed].close()
            _await(threads)
            scores = self._answer_commands()
            last = self._finish()
        yield replace(last, scores=scores + last.scores)

    def _step(self) -> Update:
        """Wait for a pose or a command, but not for long."""
        since = steady_clock.now()
        try:
            thing = self._inbox.get(timeout=_HEARTBEAT)
        except queue.Empty:
            waited = steady_clock.now() - since
            self._keep(lambda recorder: recorder.commit_if_due())
            update = Update(self.now())
        else:
            waited = steady_clock.now() - since
            update = self._answer(thing)
        events = self._mark_scenes(update.time) + self._look(waited)
        if self._disk is not None and self.recorder is not None:
            low = self._disk.look(update.time, self.recorder.size)
            if low is not None:
                _log.warning("the disk is nearly full")
                self.warnings.append(low)
        return replace(update, events=events) if events else update

    def _look(self, waited: float) -> tuple[Event, ...]:
        """What became of the feeds, and of the last heartbeat; kept as events."""
        said = []
        if waited > _ASLEEP:
            _log.warning("no heartbeat for %.0f s", waited)
            said.append(f"nothing at all for {waited:.0f} s: the computer slept, or was stopped")
        now = steady_clock.now()
        if now >= self._look_due:
            self._look_due = now + _HEARTBEAT
            for feed, channel in self._channels.items():
                name = f"{feed.upper()} ({channel.source.text})"
                for text in channel.look(now):
                    trouble = channel.watch.trouble
                    _log.warning("feed %s: %s", feed, trouble.kind if trouble else "recovered")
                    said.append(f"{name}: {text}")
        events = tuple(Event(self.now(), "warning", text) for text in said)
        for event in events:
            super().mark(event)
        return events

    def _answer(self, thing: _Seen | _Command) -> Update:
        """Take a pose, or carry out a command."""
        if not isinstance(thing, tuple):
            return Update(self.now(), scores=thing() or ())
        feed, frame, pose = thing
        if not self.paused:
            return self._take(feed, frame, pose)
        self._channels[feed].note(pose, steady_clock.now(), paused=True)
        self._keep(lambda recorder: recorder.commit_if_due())
        return Update(self.now(), feed, frame, pose)

    def _answer_commands(self) -> tuple[Score, ...]:
        """Carry out what was asked for before the end came, and give the rows of it."""
        scores: tuple[Score, ...] = ()
        with suppress(queue.Empty):
            while True:
                thing = self._inbox.get_nowait()
                if not isinstance(thing, tuple):
                    scores += thing() or ()
        return scores

    def _order(self, write: Callable[[Recorder], None]) -> None:
        self._inbox.put(partial(self._keep, write))

    def _change(self, settings: Settings, moment: float) -> None:
        words = in_words(self.settings, settings)
        if not words:
            return
        self._scoring.change(settings)
        self.settings = settings
        _log.info("settings changed: %s", words)
        course = self._scoring.course.to_session()
        self._keep(lambda recorder: recorder.update_session(course))
        super().mark(Event(moment, "settings", words))

    def _stop_recording(self) -> tuple[Score, ...]:
        if self.recorder is None:
            return ()
        _log.info("recording stopped by the user")
        # Scored again, the recording ends here, and so its last rows must be those of an end.
        scores = self._add_last_rows()
        self._close_recording()
        self.recorder = None
        return scores

    def _begin(self, feed: Feed, tracker: Tracker | None) -> _Pair:
        source = self._channels[feed].source
        if isinstance(source, PoseSource):
            taking = run_in_thread(partial(self._take_poses, feed, source), f"poses {feed}")
            return taking, taking
        assert tracker is not None, "who gives pictures is followed"
        capture = run_in_thread(partial(self._capture, feed, source), f"capture {feed}")
        return capture, run_in_thread(partial(self._follow, feed, tracker), f"pose {feed}")

    def _take_poses(self, feed: Feed, source: PoseSource) -> None:
        # They cost nothing to follow, and so none is passed over for a newer one.
        for pose in source:
            if pose.time >= self.epoch:  # what came while the other feed was opened is over
                self._channels[feed].watch.came(steady_clock.now())
                self._inbox.put((feed, None, replace(pose, time=pose.time - self.epoch)))

    def _capture(self, feed: Feed, source: Source) -> None:
        channel = self._channels[feed]
        with closing(channel.latest):
            for frame in source:
                if source.live:
                    channel.watch.came(steady_clock.now())
                    channel.latest.put(replace(frame, time=frame.time - self.epoch))
                    continue
                ahead = self.epoch + frame.time - steady_clock.now()
                if self._stopped.wait(max(0.0, ahead)):
                    return
                channel.watch.came(steady_clock.now())
                if ahead < -_LATE:
                    channel.latest.dropped += 1  # it would come too late for its place in time
                else:
                    channel.latest.put(frame)

    def _follow(self, feed: Feed, tracker: Tracker) -> None:
        with closing(tracker):
            while (frame := self._channels[feed].latest.take()) is not None:
                self._inbox.put((feed, frame, tracker.track(frame)))

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


def _await(work: list[Future[None]]) -> None:
    deadline = time.monotonic() + _GOODBYE
    for each in work:
        with suppress(TimeoutError):  # a daemon that sits in a driver: it ends with the program
            each.exception(timeout=max(0.0, deadline - time.monotonic()))
