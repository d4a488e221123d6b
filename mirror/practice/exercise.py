"""Exercises: rounds with cues and a goal each, as TOML files describe them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from mirror.errors import PracticeError, SettingsError
from mirror.landmarks import Pose
from mirror.practice.goal import Goal, check_keys, check_number
from mirror.settings import Settings

QUICK_WINDOW_S: Final = 4.0  # of an exercise's scores, unless it names another (docs/methods.md)

# Threshold of a posture that is copied from a picture, unless the goal names another.
COPIED: Final = 0.8
_COUNTDOWN_S: Final = 3.0
_CHANCE_WINDOWS: Final = 5  # before there is a chance level
_POSTURES_S: Final = 60.0  # before there is one of postures
_LONGEST_ROUND_S: Final = 3600.0
_MOST_ROUNDS: Final = 50
_MOST_CHARS: Final = 200


LEVELS: Final = {"easy": (0.6, 1.0), "usual": (1.0, 1.0), "hard": (1.4, 0.6)}
"""By name, how much faster and how much larger a rendered partner moves."""


@dataclass(frozen=True, slots=True)
class Cue:
    """What is shown and said at a moment of a round, s after its start.

    ``{a}`` and ``{b}`` in the text stand for the names of the two people.
    """

    at_s: float
    text: str


@dataclass(frozen=True, slots=True)
class Round:
    """A part of an exercise; its seconds are inf if it lasts until it is ended.

    Cues are in order of time; the first is at its start.
    """

    title: str
    seconds: float
    goal: Goal
    cues: tuple[Cue, ...] = ()


@dataclass(frozen=True)
class Exercise:
    """Rounds, one after the other."""

    name: str  # of its file, without the suffix
    # Its title, and what to do, in one sentence.
    title: str
    text: str
    rounds: tuple[Round, ...]
    # Between two rounds, s; if there is none, a round follows without a countdown.
    rest_s: float = 4.0
    window_s: float = QUICK_WINDOW_S  # of the scores that its goals are measured by, s
    max_lag_s: float = 1.5  # longest lag that is searched, s
    # Speed and size of a rendered partner's gestures, relative to the usual ones.
    tempo: float = 1.0
    reach: float = 1.0
    picture: str = ""  # a picture as a source, whose posture B copies
    target: Pose | None = field(default=None, compare=False)  # the pose in it, once it is found
    image: Any = field(default=None, compare=False)  # what it shows, uint8 [height, width, 3]

    def settings(self, base: Settings) -> Settings:
        """Return the settings of its scores, from `base`, the session's; or raise PracticeError."""
        try:
            return Settings(
                window=self.window_s,
                taper="quick",
                max_lag=self.max_lag_s,
                **{name: getattr(base, name) for name in ("mapping", "rate", "floor")},
            )
        except SettingsError as error:
            raise PracticeError(f"window, max-lag: {error}") from error

    def schedule(self, begin_s: float) -> tuple[tuple[float, float], ...]:
        """Return start and end of every round, s on the session's clock, if begun at a time.

        A chance level exists after five windows that do not overlap: rounds that need it wait, but
        not those without an end.
        """
        start = begin_s
        if any(each.goal.threshold is None and math.isfinite(each.seconds) for each in self.rounds):
            start += _CHANCE_WINDOWS * self.window_s + 0.5
        if not self.picture and any(each.goal.is_of_posture for each in self.rounds):
            start = max(start, begin_s + _POSTURES_S)
        times = []
        for number, each in enumerate(self.rounds):
            start += self.rest_s * bool(number) + self.countdown_s(number)
            times.append((start, start + each.seconds))
            start += each.seconds
        return tuple(times)

    def countdown_s(self, number: int) -> float:
        """Return the length of the countdown before a round, s."""
        follows_at_once = number and not self.rest_s
        return 0.0 if follows_at_once or math.isinf(self.rounds[number].seconds) else _COUNTDOWN_S

    def copying(self, picture: str) -> "Exercise":
        """Return the exercise with the posture of a picture in place of A's; raises PracticeError.

        It is compared with B's as it is, and not against the pair's chance level.
        """
        if any(each.goal.score != "posture_match" for each in self.rounds):
            raise PracticeError('picture: is for goals whose score is "posture-match"')

        def judged(each: Round) -> Round:
            level = COPIED if each.goal.threshold is None else each.goal.threshold
            return replace(each, goal=replace(each.goal, threshold=level))

        return replace(self, rounds=tuple(map(judged, self.rounds)), picture=picture, target=None)

    def alone(self) -> "Exercise":
        """Return the exercise without the rounds in which A would have to follow B, if others."""
        led = [each for each in self.rounds if each.goal.lag is None or each.goal.lag[1] > 0.0]
        return replace(self, rounds=tuple(led) or self.rounds)

    def at_level(self, level: str) -> "Exercise":
        """Return the exercise with a partner of one of the `LEVELS`; raises PracticeError."""
        if level not in LEVELS:
            raise PracticeError(f"there is no level {level[:40]!r}; known are {', '.join(LEVELS)}")
        tempo, reach = LEVELS[level]
        return replace(self, tempo=tempo * self.tempo, reach=reach * self.reach)

    def to_dict(self) -> dict[str, Any]:
        """Return the exercise by the keys of TOML, with rounds and landmarks to copy, if any."""
        marks = None if self.target is None else self.target.landmarks
        return {
            "title": self.title,
            "text": self.text,
            "rest": self.rest_s,
            "window": self.window_s,
            "max-lag": self.max_lag_s,
            "tempo": self.tempo,
            "reach": self.reach,
            **({"picture": Path(self.picture).name} if self.picture else {}),
            **({} if marks is None else {"target": marks.round(4).tolist()}),
            "rounds": [
                {
                    "title": each.title,
                    "seconds": each.seconds if math.isfinite(each.seconds) else None,
                    "cues": [{"at": cue.at_s, "text": cue.text} for cue in each.cues],
                    "goal": each.goal.to_dict(),
                }
                for each in self.rounds
            ],
        }

    @classmethod
    def from_dict(cls, name: str, values: Mapping[str, Any]) -> "Exercise":
        """Return the exercise of a TOML file; PracticeError begins with the key that is wrong."""
        keys = ("title", "text", "rounds", "rest", "window", "max-lag", "tempo", "reach")
        check_keys(values, (*keys, "picture"))
        tables = values.get("rounds")
        if not isinstance(tables, list) or not tables:
            raise PracticeError("rounds: is missing; write [[rounds]] and its seconds and goal")
        rounds: list[Round] = []
        for number, table in enumerate(tables, 1):
            try:
                rounds += _rounds(table)
            except PracticeError as error:
                raise PracticeError(f"round {number}, {error}") from None
        if len(rounds) > _MOST_ROUNDS:
            raise PracticeError(f"rounds: are {len(rounds)}; {_MOST_ROUNDS} is the most")
        rounds = [
            replace(each, title=each.title or f"Round {number} of {len(rounds)}")
            for number, each in enumerate(rounds, 1)
        ]
        exercise = cls(
            name,
            _text("title", values.get("title", name)),
            _text("text", values.get("text", "")),
            tuple(rounds),
            check_number("rest", values.get("rest", cls.rest_s), 0.0, 600.0),
            check_number("window", values.get("window", cls.window_s), 1.0, 60.0),
            check_number("max-lag", values.get("max-lag", cls.max_lag_s), 0.0, 30.0),
            check_number("tempo", values.get("tempo", cls.tempo), 0.25, 2.0),
            check_number("reach", values.get("reach", cls.reach), 0.05, 1.0),
        )
        exercise.settings(Settings())
        for each in rounds:
            _check_round(exercise, each)
        picture = _text("picture", values.get("picture", ""))
        return exercise.copying(picture) if picture else exercise


def session_goal(goal: Goal, base: Settings) -> Exercise:
    """Return an exercise of one round without an end: a goal of an ordinary session."""
    lag = max(map(abs, goal.lag)) if goal.lag else 0.0
    whole = Round("Goal", math.inf, goal)
    return Exercise("goal", "Goal", goal.describe(), (whole,), max_lag_s=max(lag, base.max_lag))


def _rounds(table: object) -> list[Round]:
    if not isinstance(table, Mapping):
        raise PracticeError("rounds: must be tables, [[rounds]]")
    check_keys(table, ("title", "seconds", "say", "cues", "goal", "repeat"))
    if not isinstance(table.get("goal"), Mapping):
        raise PracticeError("goal: is missing; write [rounds.goal] and its score")
    try:
        goal = Goal.from_dict(table["goal"])
    except PracticeError as error:
        raise PracticeError(f"goal, {error}") from None
    if "seconds" not in table:
        raise PracticeError("seconds: is missing; write how long the round is")
    seconds = check_number("seconds", table["seconds"], 1.0, _LONGEST_ROUND_S)
    cues = [Cue(0.0, _text("say", table["say"]))] if "say" in table else []
    given = table.get("cues", [])
    if not isinstance(given, list) or not all(isinstance(each, Mapping) for each in given):
        raise PracticeError('cues: must be tables, such as { at = 10, text = "Faster" }')
    for each in given:
        check_keys(each, ("at", "text"))
        at = check_number("at", each.get("at"), 0.0, seconds)
        cues.append(Cue(at, _text("text", each.get("text"))))
    cues.sort(key=lambda cue: cue.at_s)
    repeat = check_number("repeat", table.get("repeat", 1), 1, _MOST_ROUNDS)
    if repeat != int(repeat):
        raise PracticeError(f"repeat: must be a whole number, not {repeat:g}")
    return [Round(_text("title", table.get("title", "")), seconds, goal, tuple(cues))] * int(repeat)


def _check_round(exercise: Exercise, each: Round) -> None:
    goal, longest = each.goal, exercise.max_lag_s
    searched = goal.lag if goal.score == "mirroring" else None
    if searched is not None and max(map(abs, searched)) > longest + 1e-9:
        raise PracticeError(
            f"max-lag: {longest:g} s does not reach the lag of {each.title!r}; write max-lag = "
            f"{max(map(abs, searched)):g}"
        )
    if goal.hold_s > each.seconds - exercise.window_s:
        raise PracticeError(
            f"hold: {goal.hold_s:g} s does not fit {each.title!r}: of its {each.seconds:g} s, the "
            f"first {exercise.window_s:g} (one window) do not count"
        )


def _text(key: str, value: object) -> str:
    if not isinstance(value, str) or len(value) > _MOST_CHARS or not value.isprintable():
        raise PracticeError(f"{key}: must be one line of text of at most {_MOST_CHARS} characters")
    return value.strip()
