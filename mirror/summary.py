"""Summary of a timeline in a few figures, and of a row in a sentence."""

import cmath
import math
from array import array
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror.mimicry import region_words, same_posture
from mirror.timeline import PostureState, Score, State, Timeline

TOGETHER = 0.5
"""The lowest score that counts as in phase, in anti-phase or coordinated.

Re C ≥ ½ is a relative phase within 60° of 0 (or of 180°) if the movement is fully coherent.
"""

NO_LAG = 0.1  # lags up to this, s, count as simultaneous: three frames at 30 Hz


@dataclass(frozen=True, slots=True)
class Summary:
    """Summary of a session, in shares of its rows (0…1; seven and `following` add up to 1).

    Attributes
    ----------
    in_phase : float
        `in_phase` at least `TOGETHER`.
    following : float
        One follows the other with a clear lag, too late to be in phase.
    anti_phase : float
        `anti_phase` at least `TOGETHER`, and neither of the two before.
    other_phase : float
        Coherence at least `TOGETHER`, but none of these.
    not_together : float
        Scored, and less than that.
    still, untracked, warming_up : float
        The rest, by state; a gap counts as untracked.
    lag_s : float
        Median lag of the rows with `has_lag`; positive = B follows; NaN if there is none.
    a_led, b_led : float
        Share of those rows in which A (B) was ahead by more than `NO_LAG`.
    duration_s : float
        From the first row to the last.
    mirroring : float
        Share of the rows with `has_lag`, however short the lag is.
    mimicry_by_a, mimicry_by_b : float
        How many of the other's postures A (B) took over a minute, in the time in which the match of
        postures was defined; NaN if it never was.
    """

    in_phase: float
    anti_phase: float
    other_phase: float
    not_together: float
    still: float
    untracked: float
    warming_up: float
    lag_s: float
    a_led: float
    b_led: float
    duration_s: float
    rows: int
    mirroring: float = math.nan
    mimicry_by_a: float = math.nan
    mimicry_by_b: float = math.nan
    following: float = 0.0

    @property
    def measured(self) -> bool:
        """Whether any row was scored."""
        return any(getattr(self, kind) > 0.0 for kind in SCORED)

    def swapped(self) -> "Summary":
        """Return the summary with A and B exchanged."""
        return replace(
            self,
            lag_s=-self.lag_s,
            a_led=self.b_led,
            b_led=self.a_led,
            mimicry_by_a=self.mimicry_by_b,
            mimicry_by_b=self.mimicry_by_a,
        )


@dataclass(frozen=True, slots=True)
class Level:
    """Means of a score and of its chance level over a session, 0…1; NaN if undefined."""

    score: float
    chance: float


def mean_levels(timeline: Timeline) -> dict[str, Level]:
    """Return the levels of the three scores, over the rows with a chance level if there are any."""
    levels = {}
    for name in ("in_phase", "anti_phase", "mirroring"):
        score, chance = timeline[name], timeline[f"chance_{name}"]
        scored = np.isfinite(score)
        compared = scored & np.isfinite(chance)
        rows = compared if compared.any() else scored
        means = (each[rows].mean() if rows.any() else math.nan for each in (score, chance))
        levels[name] = Level(*map(float, means))
    return levels


class Tally:
    """A summary that grows row by row, in a few bytes a row."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lags = array("d")
        self._span = (math.inf, -math.inf)
        self._postures = 0  # rows with a match
        self._taken_over = [0, 0]  # by A, by B

    @classmethod
    def of(cls, timeline: Timeline) -> "Tally":
        """Return the tally of all rows of a timeline."""
        tally = cls()
        unscored = [str(state) for state in (State.STILL, State.WARMING_UP)]
        high = [timeline[name] >= TOGETHER for name in ("in_phase", "anti_phase", "coherence")]
        high.insert(1, has_follower(timeline))
        conditions = [*(timeline.state == each for each in unscored), timeline.state != State.OK]
        choices = [*unscored, "untracked", *SCORED[:-1]]
        kinds = np.select([*conditions, *high], choices, "not_together")
        found = (each.tolist() for each in np.unique_counts(kinds))
        tally._counts.update(dict(zip(*found, strict=True)))
        tally._lags.extend(timeline.lag_s[has_lags(timeline)].tolist())
        tally._postures = int((timeline.posture_state == PostureState.OK).sum())
        latency = timeline.mimicry_latency_s
        tally._taken_over = [int((latency < 0).sum()), int((latency > 0).sum())]
        if len(timeline):
            tally._span = float(timeline.time_s.min()), float(timeline.time_s.max())
        return tally

    def add(self, score: Score) -> None:
        """Count one row."""
        self._counts[share_of(score)] += 1
        self._span = (min(self._span[0], score.time_s), max(self._span[1], score.time_s))
        if has_lag(score):
            self._lags.append(score.lag_s)
        self._postures += score.posture_state is PostureState.OK
        if not math.isnan(score.mimicry_latency_s):
            self._taken_over[score.mimicry_latency_s > 0] += 1

    def summary(self) -> Summary:
        """Return the summary of the rows so far; without rows every share is 0."""
        rows = self._counts.total()
        share = {kind: count / rows for kind, count in self._counts.items()}
        lags = np.array(self._lags) if self._lags else np.array([np.nan])
        defined = np.nan if np.isnan(lags[0]) else 1.0
        duration = max(0.0, self._span[1] - self._span[0])
        minutes = duration / 60.0 * self._postures / rows if rows else 0.0
        by_a, by_b = (each / minutes if minutes else math.nan for each in self._taken_over)
        return Summary(
            **{kind: share.get(kind, 0.0) for kind in _KINDS},
            lag_s=float(np.median(lags)),
            a_led=float((lags > NO_LAG).mean() * defined),
            b_led=float((lags < -NO_LAG).mean() * defined),
            duration_s=duration,
            rows=rows,
            mirroring=len(self._lags) / rows if rows else 0.0,
            mimicry_by_a=by_a,
            mimicry_by_b=by_b,
        )


def summarize(timeline: Timeline) -> Summary:
    """Return the summary of a timeline."""
    return Tally.of(timeline).summary()


# Shares of the rows with a score; a row counts for the first that fits.
SCORED = ("in_phase", "following", "anti_phase", "other_phase", "not_together")
_KINDS = (*SCORED, "still", "untracked", "warming_up")


def share_of(score: Score) -> str:
    """Return which share of a `Summary` a row counts for."""
    if score.state in (State.STILL, State.WARMING_UP):
        return score.state.value
    if score.state is not State.OK:
        return "untracked"
    kind = share_of_scores(score.in_phase, score.anti_phase, score.coherence)
    is_late = has_lag(score) and abs(score.lag_s) > NO_LAG
    return "following" if kind != "in_phase" and is_late else kind


def shown_kind(score: Score) -> str:
    """Return `share_of` a row; "by_chance" if its score is not above its chance level."""
    kind = share_of(score)
    name = "mirroring" if kind == "following" else kind
    value, level = (getattr(score, each, math.nan) for each in (name, f"chance_{name}"))
    return "by_chance" if value <= level else kind


def share_of_scores(in_phase: float, anti_phase: float, coherence: float) -> str:
    """Return "in_phase", "anti_phase", "other_phase" or "not_together"."""
    if in_phase >= TOGETHER:
        return "in_phase"
    if anti_phase >= TOGETHER:
        return "anti_phase"
    return "other_phase" if coherence >= TOGETHER else "not_together"


def normalised_cross_spectrum(score: Score) -> complex | None:
    """Return C, of length `coherence` and angle `relative_phase_deg`; None if undefined."""
    if math.isnan(score.coherence) or math.isnan(score.relative_phase_deg):
        return None
    return cmath.rect(score.coherence, math.radians(score.relative_phase_deg))


def needle_weight(coherence: float) -> float:
    """Return how strongly C is drawn as a needle, 0…1.

    The lower the coherence, the less the phase means; below .1 it means nothing.
    """
    return min(1.0, max(0.0, (coherence - 0.1) / (TOGETHER - 0.1)))


def has_lag(score: Score, least: float = TOGETHER) -> bool:
    """Whether the row's lag tells who leads.

    The correlation at that lag must be at least `least`, and clearly higher than the anti-phase: in
    a steady rhythm, anti-phase is also a lag of half a cycle, either way, and nobody leads.
    """
    return bool(_is_clear(score.mirroring, score.anti_phase, least))


def has_lags(timeline: Timeline, least: float = TOGETHER) -> NDArray[np.bool_]:
    """Return `has_lag` of every row."""
    return np.asarray(_is_clear(timeline.mirroring, timeline.anti_phase, least))


def _is_clear(mirroring: Any, anti_phase: Any, least: float) -> Any:
    return (mirroring >= least) & (anti_phase < 0.75 * mirroring)


def follower(score: Score, names: tuple[str, str] = ("A", "B")) -> tuple[str, float] | None:
    """Return who follows, by how many seconds; None if it is not clear, or not above chance."""
    is_clear = has_lag(score) and abs(score.lag_s) > NO_LAG
    if not is_clear or score.mirroring <= score.chance_mirroring:
        return None
    return names[score.lag_s > 0], abs(score.lag_s)


def has_follower(timeline: Timeline) -> NDArray[np.bool_]:
    """Return whether somebody follows with a clear lag in each row, above chance or not."""
    return np.asarray(has_lags(timeline) & (np.abs(timeline.lag_s) > NO_LAG))


def sentence(score: Score, names: tuple[str, str] = ("A", "B")) -> str:
    """Describe one row, as in "In phase — B follows by 0.4 s"."""
    a, b = names
    if score.state is State.STILL and (alike := same_posture(score)):
        return f"Same posture: {region_words(alike)}"
    if score.state is not State.OK:
        return _WHY[score.state].format(a=a, b=b)
    kind = shown_kind(score)
    if (behind := follower(score, names)) is not None:
        what = "In phase" if kind == "in_phase" else "Mirroring"
        return f"{what} — {behind[0]} follows by {behind[1]:.1f} s"
    return _WHAT[kind]


_WHAT = {
    "in_phase": "In phase",
    "anti_phase": "In anti-phase — opposite at the same time",
    "other_phase": "Coordinated, at another phase",
    "not_together": "Moving, but not together",
    "by_chance": "Alike, but no more than by chance",
}
_WHY = {
    State.WARMING_UP: "Warming up — the first score comes after a few seconds",
    State.NO_PERSON_A: "Too little of {a} is in the frame",
    State.NO_PERSON_B: "Too little of {b} is in the frame",
    State.GAP: "Too few frames — none come, or the computer is too slow",
    State.STILL: "Too still to tell",
    State.UNSURE: "Not sure who is {a} and who is {b}",
}
