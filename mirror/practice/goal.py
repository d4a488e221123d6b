"""A goal, and how long two people hold it: a pure function of rows of the timeline.

A goal is somebody's choice, and reaching it is not "better" than not reaching it. Rows without a
score or without the level that the goal asks for count neither as held nor as not held.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, Self, get_args

from mirror._support.numeric import to_float
from mirror.errors import PracticeError
from mirror.summary import NO_LAG, has_lag
from mirror.timeline import Score, State
from mirror.wording import NO_BREAK, SCORES, number

GoalScore = Literal[
    "mirroring", "in_phase", "anti_phase", "leader_changes", "posture_match", "take_overs"
]

LONGEST_LAG_S: Final = 10.0
LONGEST_HOLD_S: Final = 600.0
# Goals of events that must come within `within_s`, and the score that each is shown by.
_WITHIN: Final = {"leader_changes": "mirroring", "take_overs": "posture_match"}
_BRIDGED_S: Final = 1.0
_MARGIN: Final = 0.1  # of a score; misses by no more do not interrupt a run
_LEADS_S: Final = 1.0  # shorter leads are not counted as a change


@dataclass(frozen=True)
class Goal:
    """What is to be held, and for how long; a PracticeError begins with the key that is wrong."""

    # The score that must be above the threshold. ``leader_changes`` is `mirroring` above the
    # threshold by either person, where the lead has changed hands within `within_s`; ``take_overs``
    # are postures taken over, one within every `within_s`.
    score: GoalScore = "mirroring"
    threshold: float | None = None  # 0…1; None is the pair's own chance level
    hold_s: float = 5.0  # for how long without interruption, s
    # Of ``mirroring`` and ``take_overs``: lags that count, s; positive = B follows A; None is any.
    lag: tuple[float, float] | None = None
    below: bool = False  # whether the score must be at or below the threshold instead
    # Of ``leader_changes`` and ``take_overs``: the longest time from one to the next, s.
    within_s: float = 25.0

    def __post_init__(self) -> None:
        if self.score not in get_args(GoalScore):
            known = ", ".join(name.replace("_", "-") for name in get_args(GoalScore))
            raise PracticeError(f"score: must be one of {known}, not {str(self.score)[:40]!r}")
        if self.threshold is not None:
            check_number("threshold", self.threshold, 0.0, 1.0)
        check_number("hold", self.hold_s, 0.0, LONGEST_HOLD_S)
        check_number("within", self.within_s, 1.0, LONGEST_HOLD_S)
        if self.lag is not None:
            if self.score not in ("mirroring", "take_overs"):
                raise PracticeError("lag: only mirroring and take-overs have one; leave it out")
            for each in self.lag:
                check_number("lag", each, -LONGEST_LAG_S, LONGEST_LAG_S)
            if self.lag[0] >= self.lag[1]:
                raise PracticeError("lag: must be two rising numbers of seconds, such as [0, 1]")
        if self.below and (self.lag is not None or self.score in _WITHIN):
            raise PracticeError("below: is for a score without a lag; leave out one of them")

    @property
    def shown_score(self) -> str:
        """The score whose meter shows the goal."""
        return _WITHIN.get(self.score, self.score)

    @property
    def is_of_posture(self) -> bool:
        """Whether it is judged by postures, and not by movement."""
        return self.shown_score == "posture_match"

    def level(self, score: Score) -> float:
        """Return the threshold at a row, 0…1; NaN while there is no chance level."""
        if self.threshold is not None:
            return self.threshold
        level: float = getattr(score, f"chance_{self.shown_score}")
        return level

    def is_met(self, score: Score, margin: float = 0.0) -> bool | None:
        """Whether a row meets the goal, apart from changes of the leader; None if undefined.

        It may miss the threshold by the margin.
        """
        level = self.level(score)
        # Some windows hold so little that any two of them agree: nothing could be above chance.
        state = score.posture_state if self.is_of_posture else score.state
        if state != State.OK or not level < 1.0:
            return None
        if self.score == "take_overs":
            return True
        value: float = getattr(score, self.shown_score)
        if self.below:
            return value <= level + margin
        return value > level - margin and (self.score != "mirroring" or self._is_lag_met(score))

    def _is_lag_met(self, score: Score) -> bool:
        if self.lag is None:
            return True
        return has_lag(score, 0.0) and self.lag[0] <= score.lag_s <= self.lag[1]

    def is_held(self, defined_s: float, longest_s: float) -> bool | None:
        """Whether it was met long enough without interruption; None if nothing was defined."""
        return longest_s >= self.hold_s - 1e-6 if defined_s else None

    def describe(self, names: tuple[str, str] = ("A", "B")) -> str:
        """Return the goal in a sentence without a full stop."""
        level = "chance" if self.threshold is None else number(self.threshold)
        what = {
            "leader_changes": "the leader changes, within every "
            f"{self.within_s:g}{NO_BREAK}s, and mirroring is",
            "posture_match": "same posture",
            "take_overs": f"a posture is taken over within every {self.within_s:g}{NO_BREAK}s, "
            "match",
        }.get(self.score, SCORES.get(self.score, "").lower())
        text = f"{what} {'at or below' if self.below else 'above'} {level}"
        if self.lag is not None:
            text += f", {_describe_lag(self.lag, names)}"
        return f"{text}, for {self.hold_s:g}{NO_BREAK}s"

    def to_dict(self) -> dict[str, Any]:
        """Return the goal by the keys of TOML."""
        values: dict[str, Any] = {"score": self.score.replace("_", "-"), "hold": self.hold_s}
        if self.threshold is not None:
            values["threshold"] = self.threshold
        if self.lag is not None:
            values["lag"] = list(self.lag)
        if self.below:
            values["below"] = True
        if self.score in _WITHIN:
            values["within"] = self.within_s
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Return the goal of a TOML table; PracticeError begins with the key that is wrong."""
        check_keys(values, ("score", "threshold", "hold", "lag", "below", "within"))
        lag, below, level = values.get("lag"), values.get("below", False), values.get("threshold")
        if lag is not None:
            if not isinstance(lag, list) or len(lag) != 2:
                raise PracticeError("lag: must be two rising numbers of seconds, such as [0, 1]")
            lag = tuple(check_number("lag", each) for each in lag)
        if not isinstance(below, bool):
            raise PracticeError("below: must be true or false")
        return cls(
            score=str(values.get("score", "mirroring")).replace("-", "_"),  # type: ignore[arg-type]
            threshold=None if level in (None, "chance") else check_number("threshold", level),
            hold_s=check_number("hold", values.get("hold", cls.hold_s)),
            lag=lag,
            below=below,
            within_s=check_number("within", values.get("within", cls.within_s)),
        )


@dataclass(frozen=True, slots=True)
class Attempt:
    """How far two people are with a goal; `add` takes the next row and returns the next attempt.

    For up to a second, undefined rows and narrow misses do not interrupt a run, of which they do
    not count as part. A row counts if its window began after `start_s`: earlier ones hold movement
    from before.
    """

    goal: Goal
    start_s: float  # when it began, or went on after a pause, s without pauses
    # Length of the window and time between rows, s.
    window_s: float
    hop_s: float
    # How long the goal was met, and not met, s.
    met_s: float = 0.0
    missed_s: float = 0.0
    longest_s: float = 0.0  # of the times without interruption in which it was met, s
    # Whether the newest row meets it; None if it is undefined, or there is none.
    met: bool | None = None
    level: float = math.nan  # the threshold at the newest row, 0…1; NaN if there is none
    time_s: float = -math.inf
    run_s: float = 0.0  # how long the goal was met in the last run, and when it was met last
    met_at_s: float = -math.inf
    leader: float = 0.0  # the sign of the lag of the last leader; 0 before somebody leads
    rival: float = 0.0  # the same of whoever may take over, and since when
    rival_s: float = math.nan
    changed_s: float = -math.inf

    @property
    def held_s(self) -> float:
        """For how long it has been met without interruption, s; 0 if it is not."""
        return self.run_s if self.time_s - self.met_at_s <= _BRIDGED_S + 1e-6 else 0.0

    @property
    def holds(self) -> bool:
        """Whether rows count and meet it, or did in a run that goes on; steadier than `met`."""
        return -1e-6 <= self.time_s - self.met_at_s <= _BRIDGED_S + 1e-6

    @property
    def success(self) -> bool | None:
        """Whether it was held long enough; None if nothing was defined."""
        return self.goal.is_held(self.met_s + self.missed_s, self.longest_s)

    def resume(self, paused_s: float) -> "Attempt":
        """Return the attempt after a pause, which interrupts no run, unless it knows of it."""
        if self.start_s >= paused_s:
            return self
        goes_on = self.time_s - self.met_at_s <= _BRIDGED_S + 1e-6
        met_at = paused_s + self.window_s if goes_on else -math.inf
        return replace(self, start_s=paused_s, met_at_s=met_at)

    def add(self, score: Score) -> "Attempt":
        """Return the attempt after one more row."""
        after = self._follow_leader(score)
        met = self.goal.is_met(score)
        if met and self.goal.score in _WITHIN:
            met = score.time_s - after.changed_s <= self.goal.within_s
        counts = met is not None and score.time_s >= self.start_s + self.window_s - 1e-6
        run, met_at = self.run_s, self.met_at_s
        if counts and met:
            run = run + self.hop_s if score.time_s - met_at <= _BRIDGED_S + 1e-6 else 0.0
            met_at = score.time_s
        elif counts and not self.goal.is_met(score, _MARGIN):
            met_at = -math.inf
        return replace(
            after,
            met=met,
            level=math.nan if met is None else self.goal.level(score),
            time_s=score.time_s,
            run_s=run,
            met_at_s=met_at,
            met_s=self.met_s + self.hop_s * bool(counts and met),
            missed_s=self.missed_s + self.hop_s * (counts and not met),
            longest_s=max(self.longest_s, run),
        )

    def _follow_leader(self, score: Score) -> "Attempt":
        """Return the attempt with who leads, or took over, after a row; others change nothing."""
        if self.goal.score == "take_overs":
            low, high = self.goal.lag or (-LONGEST_LAG_S, LONGEST_LAG_S)
            taken = low <= score.mimicry_latency_s <= high
            return replace(self, changed_s=score.time_s) if taken else self
        if self.goal.score != "leader_changes" or not self.goal.is_met(score):
            return self
        if not has_lag(score, 0.0) or abs(score.lag_s) <= NO_LAG:
            return self
        leads = math.copysign(1.0, score.lag_s)
        if leads != self.rival:
            return replace(self, rival=leads, rival_s=score.time_s)
        if leads == self.leader or score.time_s - self.rival_s < _LEADS_S:
            return self
        changed = score.time_s if self.leader else self.changed_s
        return replace(self, leader=leads, changed_s=changed)


def _describe_lag(lag: tuple[float, float], names: tuple[str, str]) -> str:
    low, high = lag
    a, b = names
    if low < 0.0 < high:
        return f"at the same time (within {max(-low, high):g}{NO_BREAK}s)"
    who, near, far = (b, low, high) if high > 0.0 else (a, -high, -low)
    if near <= NO_LAG:
        return f"{who} follows within {far:g}{NO_BREAK}s"
    return f"{who} follows by {near:g} to {far:g}{NO_BREAK}s"


def check_keys(values: Mapping[str, Any], known: tuple[str, ...]) -> None:
    """Refuse keys that are not known; raises PracticeError."""
    for key in values:
        if key not in known:
            raise PracticeError(f"{key}: is not known; known are {', '.join(known)}")


def check_number(key: str, value: object, low: float = -1e6, high: float = 1e6) -> float:
    """Return a value as a number from `low` to `high`; raises PracticeError."""
    try:
        if isinstance(value, (bool, str)):
            raise TypeError
        result = to_float(value)
    except TypeError:
        raise PracticeError(f"{key}: must be a number, not {str(value)[:40]!r}") from None
    if not low <= result <= high:
        raise PracticeError(f"{key}: must be from {low:g} to {high:g}, not {result:g}")
    return result
