"""Poses in, rows of the timeline out: the aligner and the estimator, through changes of settings.

Live and offline sessions and rescored recordings all come this way. Which settings score a tick
depends on its time alone, never on when poses arrived, so that changes are replayed bit for bit.
"""

import math
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import pairwise

import numpy as np

from mirror.estimator.align import LONGEST_GAP, Aligner, Tick
from mirror.estimator.align_arrays import PoseArrays, align
from mirror.estimator.estimator import Estimator, score_movement
from mirror.estimator.movement import BODY, Layout
from mirror.estimator.signals import TWO_BODIES, Signals
from mirror.estimator.unsure import Unsure
from mirror.landmarks import Feed, Pose
from mirror.settings import Settings
from mirror.settings_history import Change, SettingsHistory, check_change
from mirror.timeline import Score, Timeline

# Ticks kept for later settings: two minutes at 30 Hz, about 8 MB. A longer window warms up.
_RECENT_TICKS = 3_600


class Scoring:
    """Scores the poses of two feeds: by default the landmarks of two bodies.

    The history has the first settings, and changes that are already known. More `ticks_at_once`,
    scored together, are cheaper, and delay the rows.

    After a change, rows are those that the new settings would have given from the start: on their
    own grid of hops, and without a new warm-up for windows of up to two minutes. Only the chance
    levels, which are gathered over minutes, start again.
    """

    def __init__(
        self, history: SettingsHistory, signals: Signals = TWO_BODIES, *, ticks_at_once: int = 1
    ) -> None:
        self.unsure = Unsure()  # when it was not known who is who
        self._signals = signals
        self._history = SettingsHistory(history.first)
        self._pending = deque(history.changes)
        self._ticks_at_once = ticks_at_once
        self._aligner = Aligner(history.first.rate)
        self._estimator = Estimator(history.first, signals)
        self._waiting: list[Tick] = []
        self._recent: deque[Tick] = deque(maxlen=_RECENT_TICKS)
        self._count = 0  # ticks since the start, or since the last break in time
        self._time: float | None = None  # of the last tick

    @property
    def settings_history(self) -> SettingsHistory:
        """The settings so far, with pending changes."""
        return SettingsHistory(self._history.first, (*self._history.changes, *self._pending))

    def push(self, feed: Feed, pose: Pose) -> list[Score]:
        """Take the next pose of one feed; return the new rows."""
        self.unsure.note(pose.time, unsure=pose.unsure, exchanged=pose.exchanged)
        scores = self._take(self._aligner.push(feed, pose))
        return scores + self._flush() if len(self._waiting) >= self._ticks_at_once else scores

    def finish(self) -> list[Score]:
        """Return the rows that were waiting for either feed; more poses may follow."""
        return self._take(self._aligner.finish()) + self._flush()

    def check(self, settings: Settings) -> None:
        """Check that `change` can switch to these settings; may be called from any thread.

        Raise SettingsError if they have another rate, or a band without a frequency of a window.
        """
        check_change(self._history.first, settings)
        Estimator(settings, self._signals)

    def change(self, settings: Settings) -> None:
        """Score with other settings from the next tick on; raises as `check` does."""
        self.check(settings)
        if self._time is None:
            self._history = SettingsHistory(settings)
            self._estimator = Estimator(settings, self._signals)
            return
        if self._pending and self._pending[-1].time_s == self._time:
            self._pending.pop()  # it scored no tick
        self._pending.append(Change(self._time, settings))

    def _take(self, ticks: Iterable[Tick]) -> list[Score]:
        scores: list[Score] = []
        for tick in ticks:
            if self._time is not None and tick.time - self._time > LONGEST_GAP:
                self._recent.clear()
                self._count = 0
            while self._pending and tick.time > self._pending[0].time_s:
                scores += self._flush()
                self._switch(self._pending.popleft())
            self._waiting.append(tick)
            self._recent.append(tick)
            self._count += 1
            self._time = tick.time
        return scores

    def _switch(self, change: Change) -> None:
        self._history = SettingsHistory(self._history.first, (*self._history.changes, change))
        self._estimator = Estimator(change.settings, self._signals)
        window = round(change.settings.window * change.settings.rate)
        ticks = list(self._recent)[1 - window :]
        self._estimator.prime(ticks, self._count - len(ticks))

    def _flush(self) -> list[Score]:
        scores = self._estimator.update_all(self._waiting)
        self._waiting = []
        if not self.unsure.spans:
            return scores
        return list(self.unsure.mask(Timeline.from_scores(scores), self._history.last.window))


def score_arrays(
    poses: PoseArrays,
    history: SettingsHistory,
    progress: Callable[[int, int], None],
    layout: Layout = BODY,
) -> Timeline:
    """Score the poses of two bodies as `Scoring` does, to the same rows.

    `progress` is called with the ticks done and the ticks in all.
    """
    times, a, b = align(poses, history.first.rate)
    origins = np.flatnonzero(np.diff(times, prepend=-math.inf) > LONGEST_GAP)
    after = [each.time_s for each in history.changes]
    starts = np.maximum.accumulate([0, *np.searchsorted(times, after, side="right"), len(times)])
    parts = [Timeline.from_scores([])]
    every = (history.first, *(each.settings for each in history.changes))
    for settings, (start, stop) in zip(every, pairwise(starts.tolist()), strict=True):
        if start == stop:
            continue
        origin = int(origins[origins <= start][-1])
        held = min(round(settings.window * settings.rate) - 1, _RECENT_TICKS, start - origin)
        timeline = score_movement(
            times,
            a,
            replace(b, mirrored=settings.mapping == "mirror"),
            layout,
            settings,
            lambda done: progress(done, len(times)),
            primed=slice(start - held, start),
            before=start - held - origin,
            stop=stop,
        )
        parts.append(poses.unsure.mask(timeline, settings.window))
    return Timeline.concatenate(parts)
