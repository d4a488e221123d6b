"""Two rendered people who perform an exercise: a partner, and a trainee who learns it.

The partner is A, the trainee B; they face each other. In the first round the trainee moves
independently of A, from the second one on does what the round asks for, so every result is known.
"""

from functools import lru_cache
from typing import Final

from mirror.capture.synthetic.joints import Posture
from mirror.capture.synthetic.motion import Motion, aperiodic, between, ease, mirrored, reduced
from mirror.capture.synthetic.postures import Held, hold, holding, take_over
from mirror.landmarks import Feed
from mirror.practice.exercise import Exercise
from mirror.practice.goal import Goal

_FADE_S: Final = 0.5
_LONGEST_S: Final = 7200.0  # of postures; then the last one stays
_SCRIPT: Final = 11  # seed of the partner's gestures
_OWN: Final = 1_000  # and of the trainee's own


def performance(exercise: Exercise, feed: Feed) -> Motion:
    """Return one person's movement through an exercise that begins with the session."""
    parts = _parts(exercise, feed)

    def motion(time: float) -> Posture | None:
        number = max((k for k, (start, _) in enumerate(parts) if start <= time), default=0)
        start, current = parts[number]
        if number == 0 or time >= start + _FADE_S:
            return current(time)
        before = parts[number - 1][1]
        return between(before(time), current(time), ease((time - start) / _FADE_S))

    return motion


@lru_cache(maxsize=8)
def _parts(exercise: Exercise, feed: Feed) -> tuple[tuple[float, Motion], ...]:
    """Return the start of each part, s, and the movement in it, by the session's clock."""
    parts = [(0.0, _alone(exercise, feed, 0))]
    for number, (start, end) in enumerate(exercise.schedule(0.0)):
        goal = exercise.rounds[number].goal
        # Two people who move independently do what a round asks for that wants them apart.
        together = number > 0 and not goal.below
        move = _together(exercise, goal, feed) if together else _alone(exercise, feed, number + 1)
        parts += [(start, move), (end, _alone(exercise, feed, number + 2))]
    # Of parts that begin at the same time, the last one counts.
    return tuple(dict(parts).items())


def _alone(exercise: Exercise, feed: Feed, seed: int) -> Motion:
    """Return movement that is unrelated to the other person's; the partner keeps to the script."""
    if exercise.rounds[0].goal.is_of_posture:
        return holding(_postures(exercise, _SCRIPT if feed == "a" else _OWN + seed))
    return _gestures(exercise, _SCRIPT if feed == "a" else _OWN + seed, feed)


def _together(exercise: Exercise, goal: Goal, feed: Feed) -> Motion:
    if goal.is_of_posture:
        script = _postures(exercise, _SCRIPT)
        return holding(script if feed == "a" else take_over(script, _OWN, (1.0, 2.0)))
    lag = 0.0 if goal.lag is None else 0.5 * sum(goal.lag)
    # Whoever follows is late; the other one does the script on time.
    late = max(0.0, lag) if feed == "b" else max(0.0, -lag)
    opposed = feed == "b" and goal.score == "anti_phase"
    return _gestures(exercise, _SCRIPT, feed, late, opposed=opposed)


def _postures(exercise: Exercise, seed: int) -> list[Held]:
    """Return postures for all of an exercise, held for 10 to 12 s at the usual tempo."""
    end = min(exercise.schedule(0.0)[-1][1], _LONGEST_S)
    return hold(seed, end + 10.0, (10.0 / exercise.tempo, 12.0 / exercise.tempo))


def _gestures(
    exercise: Exercise, seed: int, feed: Feed, late_s: float = 0.0, *, opposed: bool = False
) -> Motion:
    """Return gestures of the exercise's tempo and reach; those of B are a mirror image."""
    move = reduced(aperiodic(seed), (-1.0 if opposed else 1.0) / exercise.reach)
    facing = mirrored(move) if feed == "b" else move
    return lambda time: facing(exercise.tempo * (time - late_s))
