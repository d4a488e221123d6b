"""Poses in, rows of the timeline out: the aligner and the estimator, through changes of settings.

The one way from poses to rows, for live and offline sessions and for recordings that are scored
again. Which settings score a tick depends on its time alone, never on when poses arrived: that is
what lets a recording with changes come out again bit for bit.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from mirror.estimator.align import LONGEST_GAP, Aligner, Tick
from mirror.estimator.estimator import Estimator
from mirror.estimator.remembered import Remembered
from mirror.estimator.signals import TWO_BODIES, Signals
from mirror.landmarks import Feed, Pose
from mirror.settings import Settings
from mirror.settings_history import Change, Course, check_change
from mirror.timeline import Score

_REMEMBERED = 3_600
"""Ticks kept for settings to come: two minutes at 30 Hz, in some 3 MB; a longer window fills up."""


class Scoring:
    """Scores the poses of two feeds.

    Parameters
    ----------
    course : Course
        The settings to begin with, and changes that are known already.
    signals : Signals
        What the poses hold; by default the landmarks of two bodies.
    ticks_at_once : int
        How many ticks are scored together: more cost less, and come later.
    changeable : bool
        Whether `change` may be called; where not, and no changes are known, nothing is remembered
        for settings to come.

    Notes
    -----
    After a change, rows are those that the new settings would have given all along: on their own
    grid of hops from the start, and without a new warm-up for windows of up to two minutes where
    the session is old enough. Only the chance levels begin anew, because they are gathered over
    minutes.
    """

    def __init__(
        self,
        course: Course,
        signals: Signals = TWO_BODIES,
        *,
        ticks_at_once: int = 1,
        changeable: bool = True,
    ) -> None:
        self._signals = signals
        self._course = Course(course.first)
        self._coming = deque(course.changes)
        self._at_once = ticks_at_once
        self._aligner = Aligner(course.first.rate)
        self._estimator = Estimator(course.first, signals)
        self._waiting: list[Tick] = []
        self._remembered = Remembered(_REMEMBERED)
        self._remembers = changeable or bool(course.changes)
        self._passed = 0  # ticks since the start, or since the last break in time
        self._time: float | None = None  # of the last tick

    @property
    def course(self) -> Course:
        """The settings so far, with the changes that wait for their tick."""
        return Course(self._course.first, (*self._course.changes, *self._coming))

    def push(self, feed: Feed, pose: Pose) -> list[Score]:
        """Take the next pose of one feed; return the rows that are new with it."""
        scores = self._take(self._aligner.push(feed, pose))
        return scores + self._flush() if len(self._waiting) >= self._at_once else scores

    def finish(self) -> list[Score]:
        """The rows that were still waiting for either feed; more poses may follow."""
        return self._take(self._aligner.finish()) + self._flush()

    def check(self, settings: Settings) -> None:
        """Refuse what `change` cannot change to; may be called from any thread.

        Raises
        ------
        SettingsError
            Where the settings have another rate, or a band without a frequency of their window.
        """
        check_change(self._course.first, settings)
        Estimator(settings, self._signals)

    def change(self, settings: Settings) -> None:
        """Score with other settings from the next tick on; raises as `check` does."""
        assert self._remembers, "made to keep its settings"
        self.check(settings)
        if self._time is None:
            self._course = Course(settings)
            self._estimator = Estimator(settings, self._signals)
            return
        if self._coming and self._coming[-1].time_s == self._time:
            self._coming.pop()  # no tick was scored with those
        self._coming.append(Change(self._time, settings))

    def _take(self, ticks: Iterable[Tick]) -> list[Score]:
        scores: list[Score] = []
        for tick in ticks:
            if self._time is not None and tick.time - self._time > LONGEST_GAP:
                self._remembered.clear()
                self._passed = 0
            while self._coming and tick.time > self._coming[0].time_s:
                scores += self._flush()
                self._switch(self._coming.popleft())
            self._waiting.append(tick)
            if self._remembers:
                self._remembered.append(tick)
            self._passed += 1
            self._time = tick.time
        return scores

    def _switch(self, change: Change) -> None:
        self._course = Course(self._course.first, (*self._course.changes, change))
        self._estimator = Estimator(change.settings, self._signals)
        window = round(change.settings.window * change.settings.rate)
        known = self._remembered.last(window - 1)
        self._estimator.prime(known, self._passed - len(known))

    def _flush(self) -> list[Score]:
        scores = self._estimator.update_all(self._waiting)
        self._waiting = []
        return scores
