"""What live and offline sessions share: from poses to rows, and into a recording.

The caller's own thread runs the clock and the estimator, one pose at a time, and is given an
`Update` for each.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mirror._support import steady_clock
from mirror._support.logs import describe_error
from mirror.capture.base import FeedSource, Frame
from mirror.capture.synthetic.script import Script
from mirror.errors import RecordingError
from mirror.estimator.scoring import Scoring
from mirror.estimator.signals import Signals
from mirror.events import Event
from mirror.landmarks import Feed, Pose
from mirror.recording.writer import Recorder
from mirror.session.feeds import AT_ITS_END, FeedState, FeedStatus
from mirror.session.outputs.base import Sending, Stream
from mirror.settings import Settings
from mirror.settings_history import Course
from mirror.summary import Summary, Tally
from mirror.timeline import Score

if TYPE_CHECKING:
    from mirror.capture.tracker import Tracker
    from mirror.recording.video import VideoWriter

_log = logging.getLogger(__name__)


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
        Its picture, where it has pictures.
    pose : Pose or None
        What was seen in it, or was given in its place.
    scores : tuple of Score
        Rows of the timeline that are new with it.
    events : tuple of Event
        What was marked by the session itself: scenes of the demo, and trouble with a live feed.
    """

    time: float
    feed: Feed | None = None
    frame: Frame | None = None
    pose: Pose | None = None
    scores: tuple[Score, ...] = ()
    events: tuple[Event, ...] = ()


class Session:
    """A session; use `mirror.session.live.LiveSession` or `mirror.session.offline.OfflineSession`.

    Parameters
    ----------
    a, b : Source or PoseSource
        The two feeds; the session closes them. One that gives poses needs no tracker.
    settings : Settings
    tracker : callable
        Makes the pose stage of one feed; by default `PoseTracker`.
    recorder : Recorder, optional
        Where poses and scores are kept; the session describes and closes it.
    pictures : mapping of feed to VideoWriter, optional
        Where pictures are kept as long as poses are; the session closes them.
    streams : iterable of Stream, optional
        Where rows and events are sent to as they come; the session closes them. One that fails is
        a line in `warnings`.
    """

    _ticks_at_once = 1
    """How many ticks are scored together."""

    _changeable = True
    """Whether settings may change on the way."""

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
        self.signals = Signals(*(source.series for source in (a, b)))
        """What is compared."""
        self.settings = settings
        """The settings in force."""
        self.recorder = recorder
        """Where the session is recorded; None where it is not, or no longer."""
        self.warnings: list[str] = []
        """What the user should know, one line each: the `faults`, and that the disk is filling."""
        self.faults: list[str] = []
        """What went wrong without ending the session, one line each."""
        self.interrupted = False
        """Whether `stop` ended the session, before its sources did."""
        self._pictures = dict(pictures or {})
        self._sendings = [Sending(stream) for stream in streams]
        self._make_tracker = tracker or _pose_tracker
        self._channels: dict[Feed, FeedState] = {"a": FeedState(a), "b": FeedState(b)}
        self._scoring = Scoring(
            Course(settings),
            self.signals,
            ticks_at_once=self._ticks_at_once,
            changeable=self._changeable,
        )
        self._tally = Tally()
        self._script = Script(a.text, b.text)
        self._stopped = threading.Event()
        self._time = 0.0
        self._over = False

    def stop(self) -> None:
        """End the session soon; may be called from any thread and from a signal handler."""
        self.interrupted = True
        self._stopped.set()

    def summary(self) -> Summary:
        """What the session was like so far."""
        return self._tally.summary()

    def status(self) -> dict[Feed, FeedStatus]:
        """How both feeds are doing."""
        now = steady_clock.now()
        return {feed: channel.status(now) for feed, channel in self._channels.items()}

    def mark(self, event: Event) -> None:
        """Keep an event in the recording, and send it on."""
        self._keep(lambda recorder: recorder.add_event(event))
        self._send(events=(event,))

    def _log_start(self, kind: str) -> None:
        _log.info(
            "%s session started: recording %s, video of %d feeds, %d outputs",
            *(kind, "on" if self.recorder else "off", len(self._pictures), len(self._sendings)),
        )

    def _take(self, feed: Feed, frame: Frame | None, pose: Pose) -> Update:
        """Run one pose through the clock and the estimator, and keep what comes of it."""
        self._channels[feed].note(pose, steady_clock.now())
        self._time = max(self._time, pose.time)
        self._keep(lambda recorder: recorder.add_pose(feed, pose))
        if frame is not None:
            self._keep_picture(feed, frame)
        return Update(self._time, feed, frame, pose, self._add(self._scoring.push(feed, pose)))

    def _add(self, scores: Iterable[Score]) -> tuple[Score, ...]:
        """Count rows, and keep them."""
        rows = tuple(scores)
        for score in rows:
            self._tally.add(score)
        if rows:
            self._keep(lambda recorder: recorder.add_scores(rows))
            self._send(rows)
        return rows

    def _send(self, scores: tuple[Score, ...] = (), events: tuple[Event, ...] = ()) -> None:
        """Hand rows and events to whoever listens; one that fails is let go."""
        for each in self._sendings.copy():
            each.put(scores, events)
            if each.fault is not None:
                self._let_go(each)

    def _let_go(self, sending: Sending) -> None:
        self._sendings.remove(sending)
        sending.close()
        if sending.fault is not None:
            _log.warning("an output failed: %s", sending.kind)
            self._warn(sending.fault)

    def _keep(self, write: Callable[[Recorder], None]) -> None:
        """Write to the recording; a disk that fails ends the recording, not the session."""
        if self.recorder is None or self._over:
            return
        try:
            write(self.recorder)
        except RecordingError as error:
            _log.error("the recording failed: %s", describe_error(error))
            self._warn(str(error))
            recorder, self.recorder = self.recorder, None
            with suppress(RecordingError):  # said already: it is the same failure once more
                recorder.close()
            self._close_pictures()

    def _keep_picture(self, feed: Feed, frame: Frame) -> None:
        if (writer := self._pictures.get(feed)) is None:
            return
        writer.put(frame.time, frame.image)
        if writer.error is not None:
            _log.error("the video of feed %s failed", feed)
            self._warn(writer.error)
            self._pictures.pop(feed).close()

    def _close_pictures(self) -> dict[Feed, int]:
        """Finish the files; how many pictures could not be kept."""
        dropped: dict[Feed, int] = {}
        while self._pictures:
            feed, writer = self._pictures.popitem()
            writer.close()
            dropped[feed] = writer.dropped
            if writer.error is not None:
                self._warn(writer.error)
        return dropped

    def _mark_scenes(self, time: float) -> tuple[Event, ...]:
        """Mark the demo's scenes that have begun."""
        events = tuple(self._script.new_scenes(time))
        for event in events:
            Session.mark(self, event)
        return events

    def _warn(self, text: str) -> None:
        self.faults.append(text)
        self.warnings.append(text)

    def _feed_ended(self, feed: Feed, reason: str | None) -> None:
        channel = self._channels[feed]
        channel.ended = reason or AT_ITS_END
        _log.info("feed %s ended: %s", feed, "with an error" if reason else channel.ended)
        if reason:
            self._warn(reason)
            Session.mark(self, Event(self._time, "warning", reason))

    def _finish(self) -> Update:
        """Score what was waiting, and close the recording."""
        scores = self._add_last_rows()
        self._close_recording()
        self._over = True
        for each in self._sendings.copy():
            self._let_go(each)
        for feed, state in self._channels.items():
            _log.info(
                "feed %s: %d frames, %d with a person, %d dropped, %d while paused",
                *(feed, state.frames, state.found_frames, state.dropped, state.paused),
            )
        _log.info("session ended after %.1f s with %d faults", self._time, len(self.faults))
        return Update(self._time, scores=scores)

    def _add_last_rows(self) -> tuple[Score, ...]:
        return self._add(self._scoring.finish())

    def _close_recording(self) -> None:
        """Close the recording in good order; one without a picture is not kept."""
        if not any(channel.frames for channel in self._channels.values()):
            self._keep(lambda recorder: recorder.discard())
            self._close_pictures()
            return
        not_stored = self._close_pictures()
        feeds = {
            feed: {
                "frames": channel.frames,
                "with_person": channel.found_frames,
                "dropped": channel.dropped,
            }
            | ({"paused": channel.paused} if channel.paused else {})
            | ({"pictures_dropped": not_stored[feed]} if feed in not_stored else {})
            for feed, channel in self._channels.items()
        }
        quality = {"duration_s": self._time, "feeds": feeds, "warnings": list(self.faults)}
        self._keep(lambda recorder: recorder.update_session({"quality": quality}))
        self._keep(lambda recorder: recorder.close())


def _pose_tracker() -> Tracker:
    # Whoever only wants to show a session does not wait for MediaPipe, which takes seconds.
    from mirror.capture.tracker import PoseTracker

    return PoseTracker()
