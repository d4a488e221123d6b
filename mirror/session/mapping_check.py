"""Whether the other mapping fits the two people's movement better than the chosen one."""

import math
from collections import deque
from collections.abc import Iterable
from typing import Final

from mirror.estimator.align import Aligner
from mirror.estimator.estimator import Estimator
from mirror.landmarks import Feed, Pose
from mirror.settings import Settings
from mirror.summary import TOGETHER
from mirror.timeline import Score, State

SPAN_S: Final = 20.0  # the other mapping must fit better for this long
_HOP_S: Final = 2.0  # of its rows: a twentieth of the work of the session's own
_CLEARLY: Final = 0.2
_ENOUGH: Final = 0.8  # of the rows must have a score
_OTHER: Final = {"mirror": "same-side", "same-side": "mirror"}


class MappingCheck:
    """Scores the other mapping, too, and compares the two by their highest score.

    A mirror image has the same movement, with channels exchanged and signs changed, so one mapping
    loses what the other finds.
    """

    def __init__(self, settings: Settings) -> None:
        self._mapping = _OTHER[settings.mapping]
        self._aligner = Aligner(settings.rate)
        self._estimator = Estimator(
            settings.changed(mapping=self._mapping, hop=min(_HOP_S, settings.window))
        )
        self._fits: dict[str, deque[tuple[float, float]]] = {"own": deque(), "other": deque()}
        self.better = ""
        """The mapping that fits clearly better; empty if the chosen one does, or neither."""

    def push(self, feed: Feed, pose: Pose, scores: Iterable[Score]) -> None:
        """Take the next pose, and the session's new rows."""
        self._add("own", scores)
        rows = self._estimator.update_all(list(self._aligner.push(feed, pose)))
        if rows:
            self._add("other", rows)
            own, other = (self._mean(name) for name in ("own", "other"))
            # Not if either is NaN: what was not measured fits no worse.
            self.better = self._mapping if other >= TOGETHER and other - own >= _CLEARLY else ""

    def _add(self, name: str, scores: Iterable[Score]) -> None:
        fits = self._fits[name]
        for score in scores:
            fit = max(score.mirroring, score.anti_phase, score.coherence)
            fits.append((score.time_s, fit if score.state is State.OK else math.nan))
            while fits[0][0] <= score.time_s - SPAN_S:
                fits.popleft()

    def _mean(self, name: str) -> float:
        """Return the mean fit over the span; NaN if too little of it has a score."""
        fits = self._fits[name]
        defined = [fit for _, fit in fits if not math.isnan(fit)]
        if not defined or fits[-1][0] - fits[0][0] < SPAN_S - 1.5 * _HOP_S:
            return math.nan
        return sum(defined) / len(defined) if len(defined) >= _ENOUGH * len(fits) else math.nan
