from __future__ import annotations

import numpy as np
import pytest

from mirror import Settings
from mirror.capture.base import Frame, Source
from mirror.capture.synthetic.looks import Looks
from mirror.capture.synthetic.motion import Motion
from mirror.landmarks import Landmark, Pose
from mirror.validation import detection
from mirror.validation.conditions import Camera
from mirror.validation.detection import (
    METHODS,
    Detection,
    Shared,
    measure_detection,
    measure_drawn,
)
from tests.support.fakes import Waving
from tests.support.people import pose

SHARED = (
    Shared("the same movement", 1.0),
    Shared("the opposite", 1.0, sign=-1.0),
    Shared("effort alone", effort=True),
    Shared("nothing"),
    Shared(
        "strong, leaders change, B small and missing at times",
        0.9,
        0.6,
        leaders_change=True,
        reach=1 / 3,
        missing=0.2,
    ),
)
PAIRS = 6


@pytest.fixture(scope="module")
def found() -> dict[str, dict[str, float]]:
    seen = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(detection, "CASES", SHARED)
        patch.setattr(detection, "MINUTES", (1.0,))
        measured = measure_detection(Settings(), PAIRS, 0, lambda: seen.append(1))
        assert len(seen) == 2 * PAIRS * len(SHARED)
    assert all(isinstance(each, Detection) and each.pairs == PAIRS for each in measured)
    return {each.shared.name: dict(zip(METHODS, each.areas, strict=True)) for each in measured}


def test_every_method_sees_the_same_movement(found: dict[str, dict[str, float]]) -> None:
    assert min(found["the same movement"].values()) > 0.9


def test_motion_energy_has_no_direction(found: dict[str, dict[str, float]]) -> None:
    """Opposite movement has equal energy; mirroring looks for the same movement."""
    opposite = found["the opposite"]
    assert opposite["in phase + anti-phase"] == opposite["coherence"] == 1.0
    assert min(opposite[name] for name in METHODS[3:]) > 0.9


def test_energy_finds_common_effort(found: dict[str, dict[str, float]]) -> None:
    """Methods on motion energy see when people move more; the program's scores, how."""
    effort = found["effort alone"]
    assert max(effort[name] for name in METHODS[3:]) > 0.9
    assert effort["mirroring"] < 0.9


def test_nothing_is_found_where_nothing_is_shared(found: dict[str, dict[str, float]]) -> None:
    # of two times six values, areas beyond these have a probability of .001 each way
    areas = np.array(list(found["nothing"].values()))
    assert (areas > 0.02).all()
    assert (areas < 0.98).all()


def test_mirroring_sees_changing_leaders_and_missing_people(
    found: dict[str, dict[str, float]],
) -> None:
    assert found["strong, leaders change, B small and missing at times"]["mirroring"] == 1.0


class Drawn(Source):
    """A person as two white squares, which go where the wrists are."""

    text, live, rate = "drawn", False, 15.0

    def __init__(self, _looks: Looks, motion: Motion, camera: Camera) -> None:
        self._motion, self._interval, self._number = motion, 1 / camera.rate, 0

    def source(self, seconds: float) -> Drawn:
        self._frames = round(seconds / self._interval)
        return self

    def read(self) -> Frame | None:
        time = self._number * self._interval
        self._number += 1
        posture = self._motion(time)
        if self._number > self._frames or posture is None:
            return None
        image = np.zeros((100, 200, 3), np.uint8)
        for left, (x, y) in ((100, posture.left), (0, posture.right)):
            row, column = round(20 + 40 * y), round(left + 50 + 40 * x)
            image[max(0, row) : row + 8, column : column + 8] = 255
        return Frame(time, image)


class SquaresTracker(Waving):
    def track(self, frame: Frame) -> Pose:
        wrists = []
        for half in (frame.image[:, 100:, 0], frame.image[:, :100, 0]):
            rows, columns = np.nonzero(half)
            wrists.append((columns.mean() / 200, rows.mean() / 200))
        left, right = wrists
        return pose(frame.time, {Landmark.LEFT_WRIST: left, Landmark.RIGHT_WRIST: right})


def test_drawn_pairs_are_told_from_people_of_different_pairs() -> None:
    seen: list[int] = []
    whole = Shared("all, after 0.6 s", 1.0, 0.6)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(detection, "_DRAWN", whole)
        patch.setattr(detection, "Person", Drawn)
        found = measure_drawn(Settings(), 2, 0, SquaresTracker, lambda: seen.append(1))
    assert len(seen) == 2 * 2 * detection.FRAMES
    assert (found.shared, found.minutes, found.pairs) == (whole, 1.0, 2)
    areas = dict(zip(METHODS, found.areas, strict=True))
    assert areas["mirroring"] == areas["coherence"] == 1.0
    # with lags of several seconds, as rMEA and SUSY have, energy sees it; at lag 0 it does not
    assert areas["rMEA"] == areas["SUSY"] == 1.0
