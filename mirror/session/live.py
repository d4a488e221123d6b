"""A live session: two sources tracked and scored in real time.

Each feed has a thread that reads its source into a slot, where the newest frame wins and dropped
ones are counted, and a pose thread that takes from it. Poses and the commands of other threads
reach the session's loop through one queue: only the loop touches clock, estimator and recording.
"""

import logging
import math
import queue
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import Future
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

from mirror._support import steady_clock
from mirror._support.threads import run_in_thread
from mirror.capture.base import Callback, Frame, PoseSource, Source
from mirror.capture.crop import SecondPerson
from mirror.capture.fanout import share
from mirror.capture.tracker import Tracker
from mirror.errors import PracticeError, SourceError
from mirror.events import Event
from mirror.landmarks import FEEDS, Feed, Pose
from mirror.practice.exercise import Exercise
from mirror.session.base import Practising, Session, Update
from mirror.session.disk import DiskMonitor
from mirror.session.mapping_check import MappingCheck
from mirror.session.pace import Pace
from mirror.settings import Settings
from mirror.settings_history import describe_settings
from mirror.timeline import Score

if TYPE_CHECKING:
    from mirror.identity.tracker import PeopleTracker

_log = logging.getLogger(__name__)

CLOSE_TIMEOUT_S: Final = 2.0  # how long the end waits for threads that are stuck in a device driver
_HEARTBEAT_S: Final = 0.25  # between updates while nothing comes
_ASLEEP_S: Final = 5.0  # a longer heartbeat means that the computer slept
_LATE_S: Final = 0.25  # a recorded frame that is later than this is dropped
_MAX_WAITING: Final = 60  # poses; more would only grow where scoring is too slow for them

_Tracked = tuple[Feed, Frame | None, Pose]
_Command = Callable[[], tuple[Score, ...] | None]  # returns new rows


class LiveSession(Session):
    """A session in real time: cameras as they come, files and rendered people at their own pace.

    `mark`, `pause`, `resume`, `change`, `practise`, `describe` and `stop_recording` may be called
    from any thread, and return at once: the loop executes them in order, between two poses.
    Commands given before the loop runs wait for it; those given after its end do nothing.
    """

    def _set_up(self) -> None:
        self.names = ("A", "B")  # of the two people, in cues
        self.paused, self.resumed_s = False, -math.inf  # whether frames are only shown; last resume
        self._exchanged = False  # whether A and B were, since the last pose that was not only shown
        self._news: tuple[Event, ...] = ()  # of commands, for the next update
        self._exercises: list[dict[str, Any]] = []  # as the recording has them
        self.epoch = math.inf  # when the session's clock began, on the steady clock
        self._inbox: queue.SimpleQueue[_Tracked | _Command] = queue.SimpleQueue()
        self._people: PeopleTracker | None = None
        self._pace = Pace()
        self._check_mapping()
        self._next_check = 0.0  # on the steady clock
        self._disk = None if self.recorder is None else DiskMonitor(self.recorder.path)

    @property
    def better_mapping(self) -> str:
        """The mapping that has fitted clearly better for a while than the one in force, or ""."""
        return self._mapping_check.better if self._mapping_check is not None else ""

    @property
    def behind(self) -> bool:
        """Whether frames are left out because the computer is too slow to follow all of them."""
        return self._pace.interval > 0.0

    def _check_mapping(self) -> None:
        """Compare the mappings from now on; plain series have none."""
        has_bodies = bool(self.signals.layout.regions)
        self._mapping_check = MappingCheck(self.settings) if has_bodies else None

    def now(self) -> float:
        """Return seconds on the session's clock; 0 before it runs."""
        return max(0.0, steady_clock.now() - self.epoch)

    def mark(self, event: Event) -> None:
        """Record an event and send it to the streams, also while paused."""
        self._inbox.put(partial(self._announce, event))

    def pause(self) -> None:
        """Show frames and poses from now on, but neither score nor record them.

        On the timeline, this becomes a gap. It is recorded as an event of the kind ``pause``. A
        running exercise stands still, and so do rendered people who perform it.
        """
        if not self.paused:
            self.paused = True
            _log.info("paused")
            self.mark(Event(self.now(), "pause", ""))

    def resume(self) -> None:
        """Score and record again; recorded as an event of the kind ``resume``."""
        if self.paused:
            self.paused, self.resumed_s = False, self.now()
            _log.info("resumed")
            self.mark(Event(self.resumed_s, "resume", ""))

    def change(self, settings: Settings) -> None:
        """Score with other settings from the next tick on; the recording keeps the history.

        Raise SettingsError if the rate differs, or the band has no frequency of the window.
        """
        self._scoring.check(settings)
        self._inbox.put(partial(self._change, settings, self.now()))

    def practise(self, exercise: Exercise | None) -> None:
        """Begin an exercise that has its target, or a goal; a running one ends. None ends it only.

        Raise MirrorError if its scores cannot be computed, or the session is paused.
        """
        practising = None
        if exercise is not None:
            if self.paused:
                raise PracticeError("the session is paused: resume it, then begin")
            practising = Practising(exercise, self.settings, self.signals, self.now())
        self._inbox.put(partial(self._practise, practising))

    def describe(
        self,
        *,
        labels: tuple[str, str] | None = None,
        condition: str | None = None,
        notes: str | None = None,
    ) -> None:
        """Replace what the recording says about the session; None leaves a value as it is."""
        values: dict[str, Any] = {"condition": condition, "notes": notes}
        if labels is not None:
            self.names = labels
            values["labels"] = dict(zip(FEEDS, labels, strict=True))
        values = {key: value for key, value in values.items() if value is not None}
        self._inbox.put(partial(self._record, lambda recorder: recorder.update_session(values)))

    def exchange_people(self) -> None:
        """Say that A and B are mistaken for each other, of two people in one picture."""
        if self._people is not None:
            self._people.hint(lambda identities: identities.exchange())

    def show_person(self, place: tuple[float, float], feed: Feed | None) -> None:
        """Say who is at a place of the frame, x and y in pixels: A, B, or neither (None)."""
        if self._people is not None:
            who = None if feed is None else FEEDS.index(feed)
            self._people.hint(lambda identities: identities.click(place, who))

    def stop_recording(self) -> None:
        """Close the recording; the session continues without one."""
        self._inbox.put(self._stop_recording)

    def run(self, seconds: float | None = None) -> Generator[Update]:
        """Run until stopped, until both feeds have ended, or for some seconds.

        Yields an `Update` for every pose, and at least one every quarter of a second. Closing the
        generator, or an error in the caller, also closes everything properly.
        """
        threads: dict[Feed, Future[None]] = {}
        trackers: dict[Feed, Tracker | PeopleTracker] = {}
        try:
            self._open_trackers(trackers)
            self._log_start("live")
            self.epoch = steady_clock.now()
            for output in self._outputs:
                output.stream.epoch = self.epoch
            for feed, state in self._feeds.items():
                is_both = self._people is not None and "a" in threads
                tracker = trackers.get(feed)
                threads[feed] = threads["a"] if is_both else self._start_thread(feed, tracker)
                state.watchdog.start(self.epoch)
            while not self._stopped.is_set() and (seconds is None or self.now() < seconds):
                yield self._step()
                if self._all_ended(threads) and self._inbox.empty():
                    break
        finally:
            self._stopped.set()
            closing_threads = list(threads.values())
            for feed, state in self._feeds.items():
                # Closing a source may hang like a read of it.
                closing_threads.append(run_in_thread(state.source.close, f"closing {feed}"))
                if feed in trackers and feed not in threads:
                    trackers[feed].close()
            deadline = time.monotonic() + CLOSE_TIMEOUT_S
            for thread in closing_threads:
                with suppress(TimeoutError):  # a daemon stuck in a driver: it ends with the program
                    thread.exception(timeout=max(0.0, deadline - time.monotonic()))
            scores = self._execute_commands()
            last = self._finish()
        yield replace(last, scores=scores + last.scores, events=self._news + last.events)

    def _open_trackers(self, trackers: "dict[Feed, Tracker | PeopleTracker]") -> None:
        """Add the feeds' trackers; that of two people in one picture is A's."""
        if self._in_one_picture:
            trackers["a"] = self._people = self._open_people()
            return
        for feed, state in self._feeds.items():
            if isinstance(state.source, Source):
                trackers[feed] = self._make_tracker()

    def _step(self) -> Update:
        """Handle a pose or a command; wait for one no longer than a heartbeat."""
        start = steady_clock.now()
        try:
            item = self._inbox.get(timeout=_HEARTBEAT_S)
        except queue.Empty:
            waited = steady_clock.now() - start
            self._record(lambda recorder: recorder.commit_if_due())
            update = Update(self.now())
        else:
            waited = steady_clock.now() - start
            update = self._handle(item)
        events = update.events + self._mark_scenes(update.time) + self._check_feeds(waited)
        events += self._give_cues(update.time)
        if self._disk is not None and self.recorder is not None:
            low = self._disk.check(update.time, self.recorder.size)
            if low is not None:
                _log.warning("the disk is nearly full")
                self.warnings.append(low)
        return replace(update, events=events) if events else update

    def _check_feeds(self, waited: float) -> tuple[Event, ...]:
        """Mark trouble with a feed, its end, and a heartbeat that took too long."""
        texts = []
        if waited > _ASLEEP_S:
            _log.warning("no heartbeat for %.0f s", waited)
            texts.append(f"nothing at all for {waited:.0f} s: the computer slept, or was stopped")
        now = steady_clock.now()
        if now >= self._next_check:
            self._next_check = now + _HEARTBEAT_S
            offered = [each.offered() or 0.0 for each in self._feeds.values()]
            if any(offered):
                self._pace.adapt(now, 1 / max(offered))
            # of landmarks; plain series are scored at any rate
            needed = 2.0 * self.settings.band[1] if self.signals.layout.has_noise else 0.0
            for feed, state in self._feeds.items():
                for text in state.check(now, needed):
                    trouble = state.watchdog.trouble
                    _log.warning("feed %s: %s", feed, trouble.kind if trouble else "recovered")
                    texts.append(f"{feed.upper()}: {text}")
        return self._mark_now(Event(self.now(), "warning", text) for text in texts)

    def _handle(self, item: _Tracked | _Command) -> Update:
        if not isinstance(item, tuple):
            return Update(self.now(), scores=item() or ())
        feed, frame, pose = item
        self._exchanged |= pose.exchanged
        if not self.paused:
            pose, self._exchanged = replace(pose, exchanged=self._exchanged), False
            update = self._take(feed, frame, pose)
            if self._mapping_check is not None and not pose.unsure:
                self._mapping_check.push(feed, pose, update.scores)
            return update
        self._feeds[feed].count(pose, steady_clock.now(), paused=True)
        self._record(lambda recorder: recorder.commit_if_due())
        return Update(self.now(), feed, frame, pose)

    def _execute_commands(self) -> tuple[Score, ...]:
        """Execute the commands given before the end, and return their rows."""
        scores: tuple[Score, ...] = ()
        with suppress(queue.Empty):
            while True:
                item = self._inbox.get_nowait()
                if not isinstance(item, tuple):
                    scores += item() or ()
        return scores

    def _change(self, settings: Settings, moment: float) -> None:
        words = describe_settings(self.settings, settings)
        if not words:
            return
        self._scoring.change(settings)
        if self._practising is not None:
            self._practising.change(settings)
        self.settings = settings
        self._check_mapping()
        _log.info("settings changed: %s", words)
        history = self._scoring.settings_history.to_session()
        self._record(lambda recorder: recorder.update_session(history))
        self._announce(Event(moment, "settings", words))

    def _announce(self, event: Event) -> None:
        self._news += self._mark_now([event])

    def _practise(self, practising: Practising | None) -> None:
        self._news += self._end_practice()
        self._practising = practising
        if practising is None:
            return
        practising.change(self.settings)  # they may have changed since it was built
        for state in self._feeds.values():
            state.source.perform(practising.practice.elapsed)
        exercise, begin = practising.practice.exercise, practising.practice.begin_s
        _log.info("an exercise of %d rounds was begun", len(exercise.rounds))
        self.practice = practising.practice.status(begin)
        self._exercises.append({"begin_s": begin, **exercise.to_dict()})
        self._record(lambda recorder: recorder.update_session({"exercises": self._exercises}))

    def _give_cues(self, time_s: float) -> tuple[Event, ...]:
        """Mark the exercise's cues that are due, note where it is, and return what is new."""
        news, self._news = self._news, ()
        if self._practising is None:
            return news
        practice = self._practising.practice
        practice.names = self.names
        cues = self._mark_now(practice.advance(time_s))
        self.practice = practice.status()
        if practice.done:
            self._practising = None
        return news + cues

    def _stop_recording(self) -> tuple[Score, ...]:
        if self.recorder is None:
            return ()
        _log.info("recording stopped by the user")
        # When the recording is scored again it ends here, so its last rows must be those of an end.
        scores = self._add(self._scoring.finish())
        self._close_recording()
        self.recorder = None
        return scores

    def _start_thread(self, feed: Feed, tracker: "Tracker | PeopleTracker | None") -> Future[None]:
        state = self._feeds[feed]
        source = state.source
        if self._people is not None:
            return self._start_people_thread(self._people)
        if isinstance(source, PoseSource):
            return run_in_thread(partial(self._take_poses, feed, source), f"poses {feed}")
        assert tracker is not None, "frames need a tracker"
        source, origin = self._at_its_pace(feed, source, state.watchdog.note_frame)
        return run_in_thread(partial(self._track, feed, source, origin, tracker), f"pose {feed}")

    def _at_its_pace(self, feed: Feed, source: Source, note: Callback) -> tuple[Source, float]:
        """Return a feed's source in real time, and when its times begin."""
        origin = self.epoch if source.live else 0.0
        if not source.on_arrival(note):
            state, due = self._feeds[feed], self._pace.next_due
            state.nominal = None if source.live else source.rate
            (source,) = share(_PacedSource(source, self.epoch, note, due), 1, threaded=True)
            state.source = source
        return source, origin

    def _start_people_thread(self, tracker: "PeopleTracker") -> Future[None]:
        """Track both people in one picture, each frame once."""
        a, b = self._feeds["a"], self._feeds["b"]
        assert isinstance(a.source, Source)

        def note(now: float) -> None:
            a.watchdog.note_frame(now)
            b.watchdog.note_frame(now)

        source, origin = self._at_its_pace("a", a.source, note)
        b.source, b.nominal = SecondPerson(source, b.source.text), a.nominal
        return run_in_thread(partial(self._track, "a", source, origin, tracker), "poses of both")

    def _take_poses(self, feed: Feed, source: PoseSource) -> None:
        # They need no tracking, so none is dropped for a newer one.
        for pose in source:
            if pose.time >= self.epoch:  # not from while the other feed was being opened
                self._feeds[feed].watchdog.note_frame(steady_clock.now())
                self._inbox.put((feed, None, replace(pose, time=pose.time - self.epoch)))

    def _track(
        self, feed: Feed, source: Source, origin: float, tracker: "Tracker | PeopleTracker"
    ) -> None:
        follow = self._poses_of(feed, tracker)
        with closing(tracker):
            for frame in source:
                shifted = replace(frame, time=frame.time - origin)
                if self._inbox.qsize() > _MAX_WAITING or not self._pace.wants(feed, shifted.time):
                    for each in (feed,) if self._people is None else FEEDS:
                        self._feeds[each].skipped += 1
                    continue
                start = steady_clock.now()
                found = follow(shifted)
                end = steady_clock.now()
                self._pace.note(feed, end, end - start)
                for each, pose in found:
                    self._inbox.put((each, shifted, pose))

    def _poses_of(
        self, feed: Feed, tracker: "Tracker | PeopleTracker"
    ) -> Callable[[Frame], list[tuple[Feed, Pose]]]:
        """Return what gives the poses in each frame: a feed's, or both in one picture."""
        if self._people is not None:
            both = self._pair_follower(self._people)

            def follow(frame: Frame) -> list[tuple[Feed, Pose]]:
                step = both(frame)
                self._queue_events(step)
                return list(zip(FEEDS, step.poses, strict=True))

            return follow
        alone = self._follower(feed, cast("Tracker", tracker))
        return lambda frame: [(feed, alone(frame))]

    def _all_ended(self, threads: dict[Feed, Future[None]]) -> bool:
        """Return whether both feeds have ended; note why each did."""
        for feed, thread in threads.items():
            if self._feeds[feed].ended is None and thread.done():
                error = thread.exception()
                if error is not None and not isinstance(error, SourceError):
                    raise error
                self._end_feed(feed, error)
        return all(state.ended is not None for state in self._feeds.values())


class _PacedSource(Source):
    """A recorded source in real time, whose late frames are dropped; a live one as it is."""

    def __init__(
        self, source: Source, epoch: float, callback: Callback, due: Callable[[float], float]
    ) -> None:
        self.text, self.live, self.duration = source.text, True, None
        self.rate = source.rate if source.live else None
        self._source: Source = source
        self._epoch = epoch
        self._callback = callback
        self._due = due  # before this time, no frame is wanted after one at a time
        self._late = 0
        self._last = 0.0  # time of the last frame
        self._closed = threading.Event()

    @property
    def dropped(self) -> int:
        return self._late + super().dropped

    def read(self) -> Frame | None:
        while True:
            if not self._source.live:
                # What takes longer to read than to play would never catch up, and lose all frames.
                now = steady_clock.now() - self._epoch
                behind = now if now - self._last > _LATE_S else 0.0
                self._late += self._source.skip(max(self._due(self._last), behind))
            if (frame := self._source.read()) is None:
                return None
            self._last = frame.time
            ahead = 0.0 if self._source.live else self._epoch + frame.time - steady_clock.now()
            if self._closed.wait(max(0.0, ahead)):
                return None
            self._callback(steady_clock.now())
            if ahead >= -_LATE_S:
                return frame
            self._late += 1

    def close(self) -> None:
        self._closed.set()
        self._source.close()

    interrupt = close
