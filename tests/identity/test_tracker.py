"""Two rendered people in one picture who cross, followed with MediaPipe."""

from __future__ import annotations

from mirror.capture.base import Frame
from mirror.identity.assignment import IdentityEvent
from mirror.identity.tracker import PeopleTracker
from mirror.validation.one_picture import RATE, clip, on_whom


def test_two_people_who_cross_keep_their_names() -> None:
    scene = clip(0)  # in different clothes
    said: list[IdentityEvent] = []
    right, seen = [0, 0], [0, 0]
    with PeopleTracker() as tracker:
        for number in range(45, 150, 3):
            poses, more = tracker.track(Frame(number / RATE, scene.image(number)))
            said += more
            truth = scene.truth(number)
            for who, pose in enumerate(poses):
                if number < 60 or not truth[who][1]:
                    continue
                seen[who] += 1
                whom = on_whom(pose, [each for each, _ in truth], who)
                right[who] += whom == who
                assert whom in (who, None), f"{number}: not on {'AB'[who]}"
    ahead, behind = (body.core[1, 0] for body, _ in scene.truth(148)[::-1])
    assert ahead < behind  # B is on the left now
    assert min(right[who] / seen[who] for who in (0, 1)) > 0.75
    assert "unsure" not in [each.kind for each in said]
