"""The posture of a picture that an exercise asks for."""

from dataclasses import replace
from math import isnan
from pathlib import Path

from mirror.capture.address import parse
from mirror.capture.crop import CroppedSource
from mirror.capture.still import StillSource, is_picture
from mirror.capture.tracker import Landmarker
from mirror.errors import PracticeError
from mirror.estimator.posture import copied, deviations
from mirror.landmarks import Pose
from mirror.practice.exercise import Exercise


def with_target(exercise: Exercise, a: str) -> Exercise:
    """Return an exercise with the posture of its picture, or of the picture that is A's source.

    Raise PracticeError if it holds no posture to copy, and SourceError if it cannot be read.
    """
    is_posed = all(each.goal.score == "posture_match" for each in exercise.rounds)
    if not exercise.picture and is_posed and is_picture(parse(a)):
        exercise = exercise.copying(a)
    if not exercise.picture or exercise.target is not None:
        return exercise
    address = parse(exercise.picture)
    name = Path(address.text).name
    with CroppedSource(StillSource(address.base), address) as still, Landmarker(people=2) as finder:
        image = next(iter(still)).image
        found = finder.find(image)
    if len(found) != 1:
        why = "more than one person is in it; crop it to one" if found else "nobody is found in it"
        raise PracticeError(f"{name}: {why}")
    pose = Pose(0.0, *found[0], image.shape[1], image.shape[0])
    target = deviations([pose], mirrored=False)
    if isnan(copied(target, target)):
        raise PracticeError(
            f"{name}: no posture to copy is seen in it; show head, shoulders and arms, and a "
            "posture that differs from standing upright"
        )
    return replace(exercise, target=pose, image=image)
