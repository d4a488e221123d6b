"""Two rendered people in one picture who cross, followed with MediaPipe."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mirror.capture.base import Frame
from mirror.identity.assignment import IdentityEvent
from mirror.identity.tracker import PeopleTracker
from mirror.landmarks import Landmark
from tests.support.one_picture import RATE, SIZE, clip
from tests.support.people import landmarks

_JOINTS = (Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER, Landmark.NOSE)


def test_two_people_who_cross_keep_their_names() -> None:
    scene = clip(18, "cross", same_clothes=False)
    times, walk = (0.8, 2.0), (0.25, 0.75)
    people = (
        replace(scene.people[0], times=times, places=walk),
        replace(scene.people[1], times=times, places=walk[::-1]),
    )
    scene = replace(scene, people=people)
    said: list[IdentityEvent] = []
    right, seen = [0, 0], [0, 0]
    with PeopleTracker() as tracker:
        for number in range(0, 90, 2):
            poses, more = tracker.track(Frame(number / RATE, scene.image(number)))
            said += more
            for who, found in enumerate(poses):
                if number < 12 or not scene.seen(number)[who]:
                    continue
                seen[who] += 1
                if found.found:
                    truth = np.array([scene.truth(number)[who][joint] for joint in _JOINTS])
                    places = landmarks(found)[list(_JOINTS), :2] * SIZE
                    torso = 1.4 * np.linalg.norm(truth[0] - truth[1])
                    off = float(np.linalg.norm(places - truth, axis=1).mean())
                    right[who] += bool(off < 0.5 * torso)
                    assert off < torso, f"{number}: not on {'AB'[who]}"
    assert min(right[who] / seen[who] for who in (0, 1)) > 0.75
    assert "unsure" not in [each.kind for each in said]
