"""Score a recording again, with its own settings or with others.

With its own settings, and their changes in the session, the rows equal the stored ones to the bit.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

import numpy as np

from mirror.errors import RecordingError
from mirror.estimator.align import Tick, to_grid
from mirror.estimator.align_arrays import Indices, align
from mirror.estimator.estimator import movement_from_ticks, row_places, score_movement, score_rows
from mirror.estimator.movement import Layout, Person
from mirror.estimator.scoring import Scoring, score_arrays
from mirror.estimator.signals import TWO_BODIES
from mirror.estimator.unsure import Unsure
from mirror.estimator.validity import Array
from mirror.events import Event
from mirror.mimicry import MIMICRY, take_overs
from mirror.practice.run import RESULT
from mirror.recording.provenance import versions
from mirror.recording.reader import Progress, Recording
from mirror.recording.writer import Recorder, complete_recording
from mirror.settings import Mapping_, Settings
from mirror.settings_history import SettingsHistory
from mirror.timeline import Score, Timeline

_TICKS = 300  # scored together; the progress bar still moves ten times per second
_OUTLINE_ROWS = 400  # one for every second or third pixel of a timeline
_OUTLINE_TICKS = 54_000  # that they are made of


def recorded_ticks(recording: Recording, settings: Settings) -> Iterator[Tick]:
    """Yield a recording's poses on the grid; raise RecordingError if it holds scores only."""
    _check_has_poses(recording)
    yield from to_grid(recording.poses(), settings.rate)


def recorded_movement(recording: Recording, settings: Settings) -> tuple[Array, Person, Person]:
    """Return times [tick] and both people's movement, by ``recording.signals.layout``."""
    if recording.signals == TWO_BODIES:
        _check_has_poses(recording)
        return align(recording.pose_arrays(), settings.rate, mirrored=settings.mapping == "mirror")
    return movement_from_ticks(recorded_ticks(recording, settings), settings, recording.signals)


@dataclass(frozen=True, eq=False)
class RecordedMovement:
    """A recording's movement, kept to be scored with one setting after another."""

    times: Array  # [tick]: seconds
    # Both people's movement, by how B's is mapped onto A's.
    people: Mapping[str, tuple[Person, Person]]
    layout: Layout
    rate: float  # of the grid, Hz; the only one that the settings may have
    unsure: Unsure  # when it is not known who is who

    @classmethod
    def read(
        cls, recording: Recording, rate: float, progress: Progress = lambda _done, _total: None
    ) -> "RecordedMovement":
        """Read a recording's poses; raise RecordingError if it holds scores only."""
        _check_has_poses(recording)
        people: dict[str, tuple[Person, Person]] = {}
        a: Person
        b: Person
        if recording.signals == TWO_BODIES:
            times, a, own = align(recording.pose_arrays(progress), rate)
            for mapping in get_args(Mapping_):
                people[mapping] = a, replace(own, mirrored=mapping == "mirror")
        else:
            for mapping in get_args(Mapping_):
                times, a, b = recorded_movement(recording, Settings(rate=rate, mapping=mapping))
                people[mapping] = a, b
        return cls(times, people, recording.signals.layout, rate, recording.unsure)

    def score(self, settings: Settings, progress: Progress) -> Timeline:
        """Return the timeline that `score_again` returns."""
        total = len(self.times)
        timeline = score_movement(
            self.times,
            *self.people[settings.mapping],
            self.layout,
            settings,
            lambda done: progress(done, total),
        )
        return self.unsure.mask(timeline, settings.window)

    def outline(
        self, settings: Settings, start: float, end: float, progress: Progress
    ) -> tuple[Timeline, float]:
        """Return some rows of the timeline, evenly spread, and the time between them, s.

        Those from `start` to `end`, s, as many as can be scored within a fraction of a second, and
        the first and the last one of the timeline. They have no chance levels.
        """
        ends, _ = row_places(self.times, settings)
        inside = np.flatnonzero((self.times[ends] >= start) & (self.times[ends] <= end))
        length = round(settings.window * settings.rate)
        ticks = len(inside) * settings.hop * settings.rate + length
        most = _OUTLINE_ROWS if ticks <= _OUTLINE_TICKS else _OUTLINE_TICKS // length
        # Always the same ones, so that nothing flickers while the view moves.
        stride = max(1, math.ceil(len(inside) / max(1, min(_OUTLINE_ROWS, most))))
        every = np.arange(len(ends))
        rows = np.unique(np.concatenate([every[:1], inside[inside % stride == 0], every[-1:]]))
        return self._rows(settings, rows, progress), stride * settings.hop

    def row_at(self, settings: Settings, time_s: float) -> Score | None:
        """Return the row that is valid at a time, as `playback.row_at`, without chance levels."""
        from mirror.recording.playback import TOLERANCE_S, row_at  # loads a video library

        ends, _ = row_places(self.times, settings)
        before = np.searchsorted(self.times[ends], time_s + TOLERANCE_S, side="right")
        row = np.arange(before)[-1:]
        return row_at(self._rows(settings, row, lambda *_: None), time_s, settings.hop)

    def _rows(self, settings: Settings, rows: Indices, progress: Progress) -> Timeline:
        timeline = score_rows(
            self.times,
            *self.people[settings.mapping],
            self.layout,
            settings,
            rows,
            lambda done: progress(done, len(rows)),
        )
        return self.unsure.mask(timeline, settings.window)


def score_again(
    recording: Recording, settings: Settings | SettingsHistory, progress: Progress
) -> Timeline:
    """Score a recording's poses as `rescore` does, but write nothing."""
    _check_has_poses(recording)
    return _score(recording, _history(settings), progress)


def rescore(
    recording: Recording,
    path: Path,
    settings: Settings | SettingsHistory,
    progress: Progress = lambda _done, _total: None,
) -> tuple[Timeline, Path]:
    """Write a new recording with the same poses and events, and scores by other settings.

    Parameters
    ----------
    recording : Recording
    path : Path
        Where to write; if the file exists, the new name gets a suffix.
    settings : Settings or SettingsHistory
        For the whole recording; `Recording.settings_history` keeps its changes of settings.
    progress : callable, optional
        Called with the poses done and the poses in all; if it raises, no file is left.

    Returns
    -------
    (Timeline, Path)
        The new scores, and the new recording.

    Raises
    ------
    RecordingError
        If the recording holds no poses, or the new one cannot be written.
    """
    _check_has_poses(recording)
    history = _history(settings)
    stale = stale_kinds(recording, history)
    session = _rescored_session(recording, history)
    if RESULT in stale:
        session.pop("exercises", None)
    quality = session.pop("quality", None)
    with complete_recording(path, session) as recorder:
        timeline = _score(recording, history, progress, recorder)
        recorder.add_scores(timeline)
        kept = [event for event in recording.events() if event.kind not in stale]
        for event in (*kept, *new_events(recording, timeline)):
            recorder.add_event(event)
        if RESULT not in stale:
            for result in recording.results():
                recorder.add_result(result)
            # with settings of their own
            recorder.add_exercise_scores(recording.exercise_timeline())
        if quality is not None:  # last, as it marks a recording as complete
            recorder.update_session({"quality": quality})
    return timeline, recorder.path


def stale_kinds(recording: Recording, history: SettingsHistory) -> set[str]:
    """Return the kinds of a recording's events that are not of scores by these settings."""
    changed = {"settings"} if history != recording.settings_history else set()
    # What exercises came to is of the poses as they were.
    return {MIMICRY} | changed | ({RESULT} if recording.shift_b or recording.repairs else set())


def new_events(recording: Recording, timeline: Timeline) -> list[Event]:
    """Return the events of new scores, in place of the stale ones."""
    repaired = [Event(each.start, "repaired", each.describe()) for each in recording.repairs]
    return repaired + [found.event() for found in take_overs(timeline)]


def _rescored_session(recording: Recording, history: SettingsHistory) -> dict[str, Any]:
    """Return the ``session`` table of a recording that is scored again."""
    session = recording.session | {"rescored_from": recording.path.name}
    session["rescored_with"] = versions()
    # Videos belong to a recording by its name.
    for key in ("changes", "video"):
        session.pop(key, None)
    session |= history.to_session()
    if recording.shift_b:
        aligned = dict(session.get("alignment", {}))
        shift = aligned.get("shift_b_s", 0.0) + recording.shift_b
        session["alignment"] = aligned | {"shift_b_s": shift}
    if recording.repairs:
        repairs = [each.to_session() for each in recording.repairs]
        session["repairs"] = [*session.get("repairs", []), *repairs]
        session |= recording.unsure.to_session()
    return session


def _score(
    recording: Recording,
    history: SettingsHistory,
    progress: Progress,
    recorder: Recorder | None = None,
) -> Timeline:
    """Score the poses, and copy them to a recorder if there is one."""
    if recording.signals == TWO_BODIES:
        # reading takes about a fifth of the time
        poses = recording.pose_arrays(lambda done, total: progress(done // 5, total))
        total = len(poses.time)
        if recorder is not None:
            recorder.copy_poses(recording, total)
        timeline = score_arrays(
            poses,
            history,
            lambda done, ticks: progress(round(total * (0.2 + 0.8 * done / ticks)), total),
            recording.signals.layout,
        )
    else:
        total, scores = recording.pose_count, list[Score]()
        scoring = Scoring(history, recording.signals, ticks_at_once=_TICKS)
        for done, (feed, pose) in enumerate(recording.poses()):
            if recorder is not None:
                recorder.add_pose(feed, pose)
            progress(done, total)
            scores += scoring.push(feed, pose)
        timeline = Timeline.from_scores(scores + scoring.finish())
    progress(total, total)
    return timeline


def _history(settings: Settings | SettingsHistory) -> SettingsHistory:
    return settings if isinstance(settings, SettingsHistory) else SettingsHistory(settings)


def _check_has_poses(recording: Recording) -> None:
    if not recording.has_poses:
        raise RecordingError(
            f"{recording.path} holds no poses to score again; a series from a file is scored from "
            "that file"
        )
