"""Run an exercise: its cues by the session's clock, its results by the rows of its scores."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from mirror.events import Event
from mirror.practice.exercise import Exercise, Round
from mirror.practice.goal import Attempt, Goal
from mirror.settings import Settings
from mirror.summary import Level
from mirror.timeline import Score
from mirror.wording import NO_BREAK, UNDEFINED, clock_time, number, percent

CUE: Final = "cue"  # kind of the events that say what to do
RESULT: Final = "result"  # kind of the events that say how a round ended

Phase = Literal["warm-up", "rest", "countdown", "round", "done"]


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a round."""

    # Their titles.
    exercise: str
    round: str
    # Of the round, with the pauses in it, s on the session's clock.
    start_s: float
    end_s: float
    window_s: float  # length of the windows; the first one of the round does not count
    goal: Goal
    # How long the goal was met, was not met, and was undefined, s.
    met_s: float
    missed_s: float
    undefined_s: float
    longest_s: float  # of the times without interruption in which it was met, s

    @property
    def title(self) -> str:
        """The titles of exercise and round, which are one of a goal alone."""
        return ", ".join(dict.fromkeys((self.exercise, self.round)))

    @property
    def success(self) -> bool | None:
        """Whether the goal was held long enough; None if nothing was defined."""
        return self.goal.is_held(self.met_s + self.missed_s, self.longest_s)

    @property
    def share(self) -> float:
        """Share of the defined time in which the goal was met, 0…1; NaN if there is none."""
        defined = self.met_s + self.missed_s
        return self.met_s / defined if defined else math.nan

    @property
    def share_text(self) -> str:
        """The share and of how long; empty if less than half of the time was defined."""
        if self.met_s + self.missed_s < max(self.undefined_s, 1e-6):
            return ""
        measured = f"{self.met_s + self.missed_s:.0f}{NO_BREAK}s"
        return f"{percent(self.share)} of the {measured} that could be measured"

    @property
    def verdict(self) -> str:
        """Whether the goal was held, in a few words."""
        return {True: "goal held", False: "goal not held", None: "no score"}[self.success]

    @property
    def brief(self) -> str:
        """The verdict and the longest hold."""
        if self.success is None:
            return self.verdict
        longest = f"{number(self.longest_s, 1)}{NO_BREAK}s"
        return f"{self.verdict}, longest {longest} of {self.goal.hold_s:g}{NO_BREAK}s"

    def describe(self) -> str:
        """Return the result in a sentence without a full stop."""
        if self.success is None:
            return self.brief
        text = self.brief + (f", met for {self.share_text}" if self.share_text else "")
        if self.undefined_s >= 1.0:
            text += f", not measured for {self.undefined_s:.0f}{NO_BREAK}s"
        return text

    def to_dict(self) -> dict[str, Any]:
        """Return the result as an object for JSON, with the columns of `mirror.columns`."""
        named = {"goal": self.goal.describe(), "held": self.success}
        return {key: named[key] if key in named else getattr(self, key) for key in RESULT_KEYS}


def result_row(result: Result) -> tuple[str, ...]:
    """Return a result as cells of `RESULT_COLUMNS`."""
    return (
        result.title,
        clock_time(result.start_s),
        result.goal.describe(),
        result.verdict,
        f"{number(result.longest_s, 1)}{NO_BREAK}s" if result.success is not None else UNDEFINED,
        percent(result.share),
        f"{result.undefined_s:.0f}{NO_BREAK}s",
    )


RESULT_KEYS: Final = (
    *("exercise", "round", "start_s", "end_s", "window_s", "goal", "held"),
    *("longest_s", "share", "met_s", "missed_s", "undefined_s"),
)
RESULT_COLUMNS: Final = ("round", "from", "goal", "result", "longest", "met", "undefined")


@dataclass(frozen=True, slots=True)
class Status:
    """Where an exercise is."""

    exercise: Exercise
    phase: Phase  # in the warm-up and at rest, the next round has not begun
    number: int  # of the round that runs or comes next, from 0
    left_s: float  # until the phase ends, s; inf for a round without an end
    cue: str  # what to do
    attempt: Attempt | None  # of the round that runs
    results: tuple[Result, ...]  # of the rounds that have ended
    score: Score | None = None  # the newest row of the exercise's own window

    @property
    def round(self) -> Round:
        """The round that runs or comes next; the last one at the end."""
        return self.exercise.rounds[min(self.number, len(self.exercise.rounds) - 1)]

    @property
    def shown_score(self) -> str:
        """The score of the goal of the round that runs or comes next; empty at the end."""
        return "" if self.phase == "done" else self.round.goal.shown_score

    @property
    def doing(self) -> str:
        """What happens now, in a few words."""
        left = math.ceil(self.left_s - 1e-6) if math.isfinite(self.left_s) else 0
        return {
            "warm-up": f"Warm-up, each on your own, for {left}{NO_BREAK}s more",
            "rest": "Rest",
            "countdown": f"{self.round.title} begins in {left}{NO_BREAK}s",
            "round": self.round.title + (f", {left}{NO_BREAK}s left" if left else ""),
            "done": "Done",
        }[self.phase]

    @property
    def holding(self) -> str:
        """For how long the goal is held now, and was at longest; empty without a round."""
        if self.attempt is None:
            return ""
        if self.attempt.met is None:
            return f"no score{NO_BREAK}now"
        return (
            f"held {number(self.attempt.held_s, 1)}{NO_BREAK}s, longest "
            f"{number(self.attempt.longest_s, 1)} of {self.attempt.goal.hold_s:g}{NO_BREAK}s"
        )

    def describe(self) -> str:
        """Return where it is in one line."""
        return " · ".join(filter(None, (self.exercise.title, self.doing, self.cue, self.holding)))


def held_levels(results: Iterable[Result]) -> dict[str, Level]:
    """Return the mean share of the time in which the goal was met, by exercise; without chance."""
    shares: dict[str, list[float]] = {}
    for each in results:
        if each.success is not None:
            shares.setdefault(each.exercise, []).append(each.share)
    return {name: Level(sum(values) / len(values), math.nan) for name, values in shares.items()}


class Practice:
    """Follows an exercise through a session.

    Cues depend on the clock, results on the rows and pauses alone: the same ones give the same
    results, live and in replay. The settings are those of its scores; `begin_s` is on the session's
    clock, s. Rounds, cues and attempts have times of their own, without the pauses.
    """

    def __init__(self, exercise: Exercise, settings: Settings, begin_s: float) -> None:
        self.exercise = exercise
        self.begin_s = begin_s
        self._settings = settings
        self._times = exercise.schedule(begin_s)
        self._cues = [
            (start + cue.at_s, cue.text)
            for each, (start, _) in zip(exercise.rounds, self._times, strict=True)
            for cue in each.cues
        ]
        self._said = 0
        self._pauses: list[tuple[float, float]] = []  # from and to; to inf while it lasts
        self._score: Score | None = None
        self.names = ("A", "B")  # of the two people, in cues
        self.now_s = begin_s  # the last time of `advance`, s
        self.results: tuple[Result, ...] = ()  # of the rounds that have ended
        self._attempt = self._next_attempt()

    @property
    def done(self) -> bool:
        """Whether all rounds have results."""
        return len(self.results) == len(self._times)

    def advance(self, time_s: float) -> list[Event]:
        """Return the cues that are due at a time of the session's clock."""
        self.now_s = max(self.now_s, time_s)
        own_s = self._own(time_s)
        due = [each for each in self._cues[self._said :] if each[0] <= own_s]
        self._said += len(due)
        return [Event(self._on_clock(at_s), CUE, self._name(text)) for at_s, text in due]

    def note(self, event: Event) -> None:
        """Stand still from the beginning of a pause to its end; other events change nothing."""
        if event.kind == "pause":
            self._pauses.append((event.time_s, math.inf))
            self._score = None
        elif event.kind == "resume" and self._pauses:
            self._pauses[-1] = (self._pauses[-1][0], event.time_s)

    def elapsed(self, time_s: float) -> float:
        """Return its age without pauses, s, at a time of the session's clock."""
        return max(0.0, self._own(time_s) - self.begin_s)

    def _own(self, time_s: float) -> float:
        """Return a time of the session's clock without the pauses before it."""
        return time_s - sum(min(time_s, to) - at for at, to in self._pauses if at < time_s)

    def _on_clock(self, own_s: float) -> float:
        """Return a time of its own on the session's clock."""
        for at_s, to_s in self._pauses:
            own_s += to_s - at_s if own_s > at_s + 1e-6 else 0.0
        return own_s

    def add(self, scores: Iterable[Score]) -> list[Result]:
        """Take new rows; return the results of the rounds that they end."""
        before = len(self.results)
        for score in scores:
            self._score = score
            pauses = [each for each in self._pauses if each[0] < score.time_s]
            if pauses and score.time_s < pauses[-1][1]:
                continue
            time_s = self._own(score.time_s)
            paused_s = self._own(pauses[-1][0]) if pauses else -math.inf
            while not self.done and time_s > self._times[len(self.results)][1] + 1e-6:
                self._close(self._times[len(self.results)][1])
            if not self.done and time_s >= self._attempt.start_s:
                row = replace(score, time_s=time_s)
                self._attempt = self._attempt.resume(paused_s).add(row)
        return list(self.results[before:])

    def finish(self, time_s: float) -> list[Result]:
        """End at a time; return the results of the rounds that had begun, up to there."""
        self.now_s = max(self.now_s, time_s)
        before, end_s = len(self.results), self._own(time_s)
        while not self.done and self._times[len(self.results)][0] < end_s:
            self._close(min(end_s, self._times[len(self.results)][1]))
        self._times = tuple((at, min(to, end_s)) for at, to in self._times[: len(self.results)])
        return list(self.results[before:])

    def status(self, time_s: float | None = None) -> Status:
        """Return where it is at a time, by default the last one of `advance`."""
        now = self._own(self.now_s if time_s is None else time_s)
        numbers = range(len(self._times))
        number = next((k for k in numbers if now < self._times[k][1]), len(self._times))
        attempt = None
        if number == len(self._times):
            phase: Phase = "done"
            left = 0.0
        elif now >= (start := self._times[number][0]):
            phase, left = "round", self._times[number][1] - now
            attempt = self._attempt if number == len(self.results) else None
        else:
            left = start - now
            countdown = self.exercise.countdown_s(number)
            if left <= countdown:
                phase = "countdown"
            else:
                phase = "rest" if number else "warm-up"
                left -= countdown
        cue = "Move as you like" if phase == "warm-up" else self._cue(number, now)
        return Status(self.exercise, phase, number, left, cue, attempt, self.results, self._score)

    def _cue(self, number: int, now: float) -> str:
        """Return the last cue of a round so far; before it begins, its first one."""
        if number == len(self._times):
            return ""
        cues, start = self.exercise.rounds[number].cues, self._times[number][0]
        begun = [cue.text for cue in cues if start + cue.at_s <= now]
        return self._name((begun or [cue.text for cue in cues[:1]] or [""])[-1])

    def _name(self, text: str) -> str:
        return text.replace("{a}", self.names[0]).replace("{b}", self.names[1])

    def _next_attempt(self) -> Attempt:
        number = min(len(self.results), len(self._times) - 1)
        goal, start = self.exercise.rounds[number].goal, self._times[number][0]
        return Attempt(goal, start, self._settings.window, self._settings.hop)

    def _close(self, end_s: float) -> None:
        number, attempt = len(self.results), self._attempt
        start, window = self._times[number][0], self._settings.window
        defined = attempt.met_s + attempt.missed_s
        result = Result(
            exercise=self.exercise.title,
            round=self.exercise.rounds[number].title,
            start_s=self._on_clock(start),
            end_s=self._on_clock(end_s),
            window_s=window,
            goal=attempt.goal,
            met_s=round(attempt.met_s, 6),
            missed_s=round(attempt.missed_s, 6),
            undefined_s=round(max(0.0, end_s - start - window - defined), 6),
            longest_s=round(attempt.longest_s, 6),
        )
        self.results += (result,)
        self._attempt = self._next_attempt()
