"""Two people in one picture, rendered and real, followed with MediaPipe."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from mirror.capture import open_source
from mirror.capture.base import Frame, Source
from mirror.identity.assignment import IdentityEvent, IdentityTracker
from mirror.identity.tracker import PeopleTracker
from mirror.validation.one_picture import RATE, body_of, clip, nearest_person


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
                nearest = nearest_person(pose, [each for each, _ in truth], who)
                right[who] += nearest == who
                assert nearest in (who, None), f"{number}: not on {'AB'[who]}"
        tracker.hint(IdentityTracker.exchange)
        first, second = (
            tracker.track(Frame(number / RATE, scene.image(number)))[0] for number in (150, 153)
        )
    assert first[0].exchanged  # it does not go on where A was
    assert not second[0].exchanged
    assert nearest_person(second[0], [body for body, _ in scene.truth(153)], 0) == 1
    ahead, behind = (body.core[1, 0] for body, _ in scene.truth(148)[::-1])
    assert ahead < behind  # B is on the left now
    assert min(right[who] / seen[who] for who in (0, 1)) > 0.75
    assert "unsure" not in [each.kind for each in said]


@pytest.mark.parametrize(
    ("name", "every", "between"),
    [
        ("two_people_cam01.mp4", 16, 712),
        ("p2s_cam02.mp4", 16, 350),
        ("p2s_cam03.mp4", 7, 350),  # at the end, one is in front of the other in contact
        ("head_turning_pair.gif", 7, 240),
    ],
)
def test_real_people_are_not_taken_for_each_other(
    shared: Path, name: str, every: int, between: float
) -> None:
    """In these frames, A is always on the left of an x, px, and B on the right of it."""
    found, count = [0, 0], 0
    with open_source(str(shared / "media" / name)) as source, PeopleTracker() as tracker:
        assert isinstance(source, Source)
        for frame in islice(source, None, None, every):
            count += 1
            poses, _ = tracker.track(frame)
            for who, pose in enumerate(poses):
                if pose.found:
                    found[who] += 1
                    is_left = body_of(pose).core[1:, 0].mean() < between
                    assert is_left == (who == 0), f"{frame.time:.2f} s: not on {'AB'[who]}"
    assert found[0] >= 0.9 * count
    assert found[1] >= 0.4 * count
