"""What live and offline sessions share: scoring poses, recording and sending the results.

The thread that iterates over the session's updates runs the clock and the estimator.
"""

import logging
import math
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from mirror._support import steady_clock
from mirror._support.logs import describe_error
from mirror.capture.base import FeedSource, Frame
from mirror.capture.crop import CroppedSource, SecondPerson
from mirror.capture.tracker import PoseTracker, Tracker
from mirror.errors import RecordingError
from mirror.estimator.align import BRIDGE, EPSILON
from mirror.estimator.posture import HELD_S, copied, deviations
from mirror.estimator.scoring import Scoring
from mirror.estimator.signals import Signals
from mirror.events import Event
from mirror.landmarks import Feed, Pose
from mirror.mimicry import take_over
from mirror.practice.exercise import Exercise
from mirror.practice.run import RESULT, Practice, Result, Status
from mirror.recording.writer import Recorder
from mirror.session.feeds import AT_ITS_END, FeedState, FeedStatus
from mirror.session.outputs import Stream, StreamThread
from mirror.settings import Settings
from mirror.settings_history import SettingsHistory
from mirror.summary import Summary, Tally
from mirror.timeline import COLUMNS, PostureState, Score

if TYPE_CHECKING:
    from mirror.identity.hindsight import Step
    from mirror.identity.tracker import PeopleTracker
    from mirror.recording.video import VideoWriter

_log = logging.getLogger(__name__)

# What is not known of a posture in a picture: chance levels, and the match by region.
_NO_MATCH: Final[dict[str, Any]] = {
    name: math.nan for name in COLUMNS if "posture_match" in name and name != "posture_match"
}


@dataclass(frozen=True, slots=True, eq=False)
class Update:
    """One step of a session."""

    time: float  # seconds on the session's clock
    # The feed of the pose; None if nothing came for a while, or at the end.
    feed: Feed | None = None
    # The frame the pose was found in; None for motion capture and series.
    frame: Frame | None = None
    pose: Pose | None = None
    scores: tuple[Score, ...] = ()  # new rows of the timeline
    # New ones: marks, pauses, settings, cues, results, scenes of the demo, trouble with a feed.
    events: tuple[Event, ...] = ()


class Practising:
    """Takes the poses of a session and gives an exercise's rows and results.

    `base` are the session's settings. Poses later than `begin_s`, s on its clock, are scored. Raise
    MirrorError if the exercise's scores cannot be computed.
    """

    def __init__(
        self, exercise: Exercise, base: Settings, signals: Signals, begin_s: float
    ) -> None:
        self.settings = exercise.settings(base)
        self.practice = Practice(exercise, self.settings, begin_s)
        self._scoring = Scoring(SettingsHistory(self.settings), signals)
        target = exercise.target
        self._target = None if target is None else deviations([target], mirrored=False)
        self._copies: list[Pose] = []  # B's, found in the last second

    def push(self, feed: Feed, pose: Pose) -> tuple[list[Score], list[Result]]:
        """Take the next pose of a feed; return new rows, and results of the rounds they end."""
        # Whether a pose counts depends on its time alone, never on when it arrived.
        if pose.time <= self.practice.begin_s:
            return [], []
        if feed == "b" and self._target is not None and pose.found and not pose.unsure:
            self._copies.append(pose)
        rows = list(map(self._compare, self._scoring.push(feed, pose)))
        return rows, self.practice.add(rows)

    def _compare(self, row: Score) -> Score:
        """Return a row with B's match with the posture of a picture, if there is one."""
        if self._target is None:
            return row
        since = [at for at, _ in self._scoring.unsure.exchanges if at <= row.time_s] or [0.0]
        self._copies = [each for each in self._copies if each.time > row.time_s - HELD_S]
        poses = [each for each in self._copies if since[-1] <= each.time <= row.time_s]
        is_unsure, match = row.posture_state == PostureState.UNSURE, math.nan
        state = PostureState.UNSURE if is_unsure else PostureState.NO_PERSON_B
        steps = (later.time - earlier.time for earlier, later in pairwise(poses))
        if sum(step for step in steps if step <= BRIDGE + EPSILON) > HELD_S / 2:  # as of ticks
            mirrored = self.settings.mapping == "mirror"
            match = copied(self._target, deviations(poses, mirrored=mirrored))
            state = PostureState.HIDDEN if math.isnan(match) else PostureState.OK
        return replace(row, **_NO_MATCH, posture_match=match, posture_state=state)

    def change(self, base: Settings) -> None:
        """Score by the session's new mapping from the next tick on."""
        self.settings = self.practice.exercise.settings(base)
        self._scoring.change(self.settings)

    def finish(self, time_s: float) -> tuple[list[Score], list[Result]]:
        """End at a time of the session's clock; return the last rows and results."""
        rows = list(map(self._compare, self._scoring.finish()))
        results = self.practice.add(rows)
        return rows, results + self.practice.finish(max(time_s, self.practice.now_s))


class Session:
    """A session; use `mirror.session.live.LiveSession` or `mirror.session.offline.OfflineSession`.

    It closes its feeds, the `recorder`, the `videos`, which record frames for as long as poses are
    recorded, and the `streams`, which receive rows and events as they come; one that fails is a
    line in `faults`. `tracker` creates the tracker of one feed of frames, by default `PoseTracker`;
    `people`, called with `right`, that of two people in one picture, whose B is a `SecondPerson`,
    by default `PeopleTracker`.
    """

    _ticks_at_once = 1  # how many ticks are scored together

    def __init__(
        self,
        a: FeedSource,
        b: FeedSource,
        settings: Settings,
        *,
        tracker: Callable[[], Tracker] | None = None,
        recorder: Recorder | None = None,
        videos: "Mapping[Feed, VideoWriter] | None" = None,
        streams: Iterable[Stream] = (),
        people: "Callable[..., PeopleTracker] | None" = None,
    ) -> None:
        self.signals = Signals(a.series, b.series)  # what is compared
        self.settings = settings  # the settings in force
        self.recorder = recorder  # where the session is recorded; None if it is not, or no longer
        self.warnings: list[str] = []  # for the user: `faults`, `notes`, that the disk is filling
        self.notes: list[str] = []  # particulars of the sources, one line each; complete at the end
        self.faults: list[str] = []  # what went wrong without ending the session, one line each
        self.practice: Status | None = None  # where the exercise is; None before there is one
        self.results: list[Result] = []  # of all rounds of exercises that have ended
        self.interrupted = False  # whether `stop` ended the session before its sources did
        self._videos = dict(videos or {})
        self._outputs = [StreamThread(stream) for stream in streams]
        self._make_tracker = tracker or PoseTracker
        self._make_people = people
        self._in_one_picture = isinstance(b, SecondPerson)
        self._pending: deque[Event] = deque()  # about people in one picture, by its pose thread
        self._feeds: dict[Feed, FeedState] = {"a": FeedState(a), "b": FeedState(b)}
        self._scoring = Scoring(
            SettingsHistory(settings), self.signals, ticks_at_once=self._ticks_at_once
        )
        self._practising: Practising | None = None
        self._tally = Tally()
        self._is_demo = (a.text, b.text) == ("demo:a", "demo:b")
        self._scenes = 0  # of the demo, that have begun
        self._unsure = self._scoring.unsure.to_session()  # as recorded
        self._stopped = threading.Event()
        self._time = 0.0
        self._finished = False
        self._set_up()

    def _set_up(self) -> None:
        """Initialize what a subclass needs in addition."""

    @property
    def settings_history(self) -> SettingsHistory:
        return self._scoring.settings_history

    def stop(self) -> None:
        """End the session soon; may be called from any thread and from a signal handler."""
        self.interrupted = True
        self._stopped.set()

    def summary(self) -> Summary:
        """Return the summary of the session so far."""
        return self._tally.summary()

    def status(self) -> dict[Feed, FeedStatus]:
        """Return the status of both feeds."""
        now = steady_clock.now()
        return {feed: state.status(now) for feed, state in self._feeds.items()}

    def mark(self, event: Event) -> None:
        """Record an event and send it to the streams."""
        self._mark_now([event])

    def _mark_now(self, events: Iterable[Event]) -> tuple[Event, ...]:
        """Record events and send them to the streams, from the session's loop; return them."""
        marked = tuple(events)
        for event in marked:
            if self._practising is not None:
                self._practising.practice.note(event)
            self._record(lambda recorder, each=event: recorder.add_event(each))  # type: ignore[misc]
            self._send(events=(event,))
        return marked

    def _log_start(self, kind: str) -> None:
        _log.info(
            "%s session started: recording %s, video of %d feeds, %d outputs",
            *(kind, "on" if self.recorder else "off", len(self._videos), len(self._outputs)),
        )
        self._collect_notes()

    def _collect_notes(self) -> None:
        """Note what is new in the feeds' notes; two feeds may share a source."""
        for state in self._feeds.values():
            for note in state.notes():
                if note not in self.notes:
                    self.notes.append(note)
                    self.warnings.append(note)

    def _follower(self, feed: Feed, tracker: Tracker) -> Callable[[Frame], Pose]:
        """Return what gives the pose in each frame, with the motion of the camera so far."""
        # Not every session needs OpenCV.
        from mirror.capture.camera_motion import CameraMotion

        self._feeds[feed].camera = camera = CameraMotion()
        return lambda frame: camera.measure(frame.image, tracker.track(frame))

    def _open_people(self) -> "PeopleTracker":
        """Return the tracker of two people in one picture."""
        source = self._feeds["a"].source
        assert isinstance(source, CroppedSource)
        from mirror.identity.tracker import PeopleTracker

        return (self._make_people or PeopleTracker)(right=source.person == 2)

    def _pair_follower(self, tracker: "PeopleTracker") -> "Callable[[Frame], Step]":
        """Return what finds both people in each frame, as `_follower`."""
        from mirror.capture.camera_motion import CameraMotion
        from mirror.identity.hindsight import Step

        camera = CameraMotion()
        for state in self._feeds.values():
            state.camera = camera

        def follow(frame: Frame) -> "Step":
            poses, events = tracker.track(frame)
            one, other = camera.measure_all(frame.image, poses)
            return Step(frame, (one, other), events, tracker.identities.settled)

        return follow

    def _queue_events(self, step: "Step") -> None:
        time = step.poses[0].time
        self._pending.extend(Event(time, each.kind, each.describe(time)) for each in step.events)

    def _take(self, feed: Feed, frame: Frame | None, pose: Pose) -> Update:
        """Record a pose and its frame, and score it."""
        self._feeds[feed].count(pose, steady_clock.now())
        self._time = max(self._time, pose.time)
        self._record(lambda recorder: recorder.add_pose(feed, pose))
        if frame is not None:
            self._record_frame(feed, frame)
        events = self._mark_pending(pose.time)
        scores = self._add(self._scoring.push(feed, pose))
        if self._unsure != (unsure := self._scoring.unsure.to_session()):
            self._unsure = unsure
            self._record(lambda recorder: recorder.update_session(unsure))
        if self._practising is not None:
            events += self._add_practice(*self._practising.push(feed, pose))
        return Update(self._time, feed, frame, pose, scores, events)

    def _mark_pending(self, time: float) -> tuple[Event, ...]:
        """Mark what was decided, up to a time, about two people in one picture."""
        events = []
        while self._pending and self._pending[0].time_s <= time:
            events.append(self._pending.popleft())
        return self._mark_now(events)

    def _add_practice(self, rows: list[Score], results: list[Result]) -> tuple[Event, ...]:
        """Record rows and results of the exercise; return the events that say the results."""
        self._record(lambda recorder: recorder.add_exercise_scores(rows))
        for result in results:
            self.results.append(result)
            self._record(lambda recorder, each=result: recorder.add_result(each))  # type: ignore[misc]
        return self._mark_now(
            Event(each.end_s, RESULT, f"{each.title}: {each.describe()}") for each in results
        )

    def _end_practice(self) -> tuple[Event, ...]:
        """End the exercise, if one runs, with a result of the round that it is in."""
        practising, self._practising = self._practising, None
        if practising is None:
            return ()
        events = self._add_practice(*practising.finish(self._time))
        self.practice = practising.practice.status()
        return events

    def _add(self, scores: Iterable[Score]) -> tuple[Score, ...]:
        rows = tuple(scores)
        for score in rows:
            self._tally.add(score)
        if rows:
            self._record(lambda recorder: recorder.add_scores(rows))
            self._send(rows)
        self._mark_now(found.event() for found in map(take_over, rows) if found is not None)
        return rows

    def _send(self, scores: tuple[Score, ...] = (), events: tuple[Event, ...] = ()) -> None:
        for output in self._outputs.copy():
            output.put(scores, events)
            if output.fault is not None:
                self._close_output(output)

    def _close_output(self, output: StreamThread) -> None:
        self._outputs.remove(output)
        output.close()
        if output.fault is not None:
            _log.warning("an output failed: %s", output.kind)
            self._add_fault(output.fault)

    def _record(self, write: Callable[[Recorder], None]) -> None:
        """Write to the recording; a disk that fails ends the recording, not the session."""
        if self.recorder is None or self._finished:
            return
        try:
            write(self.recorder)
        except RecordingError as error:
            _log.error("the recording failed: %s", describe_error(error))
            self._add_fault(str(error))
            recorder, self.recorder = self.recorder, None
            with suppress(RecordingError):  # the same failure again
                recorder.close()
            self._close_videos()

    def _record_frame(self, feed: Feed, frame: Frame) -> None:
        # Before 0 are frames of a camera that delivers late; no player shows them.
        if (writer := self._videos.get(feed)) is None or frame.time < 0:
            return
        writer.put(frame.time, frame.image)
        if writer.error is not None:
            _log.error("the video of feed %s failed", feed)
            self._add_fault(writer.error)
            self._videos.pop(feed).close()

    def _close_videos(self) -> dict[Feed, int]:
        """Close the video files; return how many frames of each could not be recorded."""
        dropped: dict[Feed, int] = {}
        while self._videos:
            feed, writer = self._videos.popitem()
            writer.close()
            dropped[feed] = writer.dropped
            if writer.error is not None:
                self._add_fault(writer.error)
        return dropped

    def _mark_scenes(self, time: float) -> tuple[Event, ...]:
        if not self._is_demo:
            return ()
        from mirror.capture.synthetic.demo import truth

        # Times may go back a little, as a heartbeat runs ahead of the frames.
        new = truth(time)[self._scenes :]
        self._scenes += len(new)
        return self._mark_now(Event(time_s, "truth", text) for time_s, text in new)

    def _add_fault(self, text: str) -> None:
        self.faults.append(text)
        self.warnings.append(text)

    def _end_feed(self, feed: Feed, error: BaseException | None) -> None:
        reason = None if error is None else str(error)
        self._feeds[feed].ended = reason or AT_ITS_END
        _log.info("feed %s ended: %s", feed, describe_error(error) if error else AT_ITS_END)
        if reason:
            self._add_fault(reason)
            self._mark_now([Event(self._time, "warning", reason)])

    def _finish(self) -> Update:
        """Score what remains, and close the recording and the outputs."""
        scores = self._add(self._scoring.finish())
        events = self._end_practice()
        self._close_recording()
        self._finished = True
        for output in self._outputs.copy():
            self._close_output(output)
        for feed, state in self._feeds.items():
            _log.info(
                "feed %s: %d frames, %d with a person, %d dropped, %d while paused",
                *(feed, state.frames, state.found_frames, state.dropped, state.paused),
            )
        _log.info("session ended after %.1f s with %d faults", self._time, len(self.faults))
        return Update(self._time, scores=scores, events=events)

    def _close_recording(self) -> None:
        """Close the recording; delete it if there is no frame in it."""
        self._collect_notes()
        if not any(state.frames for state in self._feeds.values()):
            self._record(lambda recorder: recorder.discard())
            self._close_videos()
            return
        not_stored = self._close_videos()
        feeds = {}
        for feed, state in self._feeds.items():
            counts = {"paused": state.paused}
            if state.camera is not None:
                counts["camera_moved"] = state.camera.moved
                counts["camera_unknown"] = state.camera.unknown
            feeds[feed] = {"frames": state.frames, "with_person": state.found_frames}
            feeds[feed] |= {"dropped": state.dropped, **{k: n for k, n in counts.items() if n}}
            if feed in not_stored:
                feeds[feed]["pictures_dropped"] = not_stored[feed]
        quality = {"duration_s": self._time, "feeds": feeds, "warnings": self.faults + self.notes}
        self._record(lambda recorder: recorder.update_session({"quality": quality}))
        self._record(lambda recorder: recorder.close())
