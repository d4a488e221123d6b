from __future__ import annotations

import numpy as np
import pytest

from mirror import Settings
from mirror.validation import detection
from mirror.validation.detection import METHODS, Detection, Shared, measure_detection

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
        assert len(seen) == detection.number_of_pairs(PAIRS) == 2 * PAIRS * len(SHARED)
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
