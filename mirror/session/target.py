"""The posture of a picture that an exercise asks for."""

from dataclasses import replace
from math import isnan
from pathlib import Path

from mirror.capture.still import StillSource, is_picture
from mirror.errors import PracticeError
from mirror.estimator.posture import copied, deviations
from mirror.landmarks import Pose
from mirror.practice.exercise import Exercise


def with_target(exercise: Exercise, a: str) -> Exercise:
    """Return an exercise with the posture of its picture, or of the picture that is A's source.

    Raise PracticeError if the picture holds no posture that could be copied, and SourceError if it
    cannot be read.
    """
    is_posed = all(each.goal.score == "posture_match" for each in exercise.rounds)
    if not exercise.picture and is_picture(a) and is_posed:
        exercise = exercise.copying(a.partition("#")[0])
    if not exercise.picture or exercise.target is not None:
        return exercise
    return replace(exercise, target=_find_posture(exercise.picture))


def _find_posture(picture: str) -> Pose:
    from mirror.capture.tracker import Landmarker

    name = Path(picture).name
    with StillSource(picture) as still, Landmarker(people=2) as finder:
        found = finder.find(still.image)
    if len(found) != 1:
        why = "more than one person is in it; crop it to one" if found else "nobody is found in it"
        raise PracticeError(f"{name}: {why}")
    pose = Pose(0.0, *found[0], still.image.shape[1], still.image.shape[0])
    target = deviations([pose], mirrored=False)
    if isnan(copied(target, target)):
        raise PracticeError(
            f"{name}: no posture to copy is seen in it; show head, shoulders and arms, and a "
            "posture that differs from standing upright"
        )
    return pose
