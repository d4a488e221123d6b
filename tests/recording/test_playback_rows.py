from __future__ import annotations

import math

import pytest

from mirror.recording.playback import row_at
from mirror.timeline import Score, State, Timeline

ROWS = Timeline.from_scores(
    [Score(time, State.OK, in_phase=time / 10) for time in (1.0, 1.1, 1.2, 4.0)]
)


@pytest.mark.parametrize(
    ("moment", "row"),
    [
        (1.0, 1.0),
        (1.05, 1.0),
        (1.1 - 1e-9, 1.1),
        (1.25, 1.2),
        (1.69, 1.2),
        (4.3, 4.0),
    ],
)
def test_row_at_or_before_holds(moment: float, row: float) -> None:
    found = row_at(ROWS, moment, 0.1)
    assert found is not None
    assert found.time_s == row
    assert found.in_phase == row / 10
    assert found.state is State.OK
    assert math.isnan(found.lag_s)


@pytest.mark.parametrize("moment", [-1.0, 0.9, 1.75, 3.9, 4.6, 100.0])
def test_outside_of_the_rows_nothing_holds(moment: float) -> None:
    assert row_at(ROWS, moment, 0.1) is None


def test_row_of_a_long_hop_holds_until_the_next() -> None:
    found = row_at(ROWS, 3.9, 2.8)
    assert found is not None
    assert found.time_s == 1.2


def test_no_rows_hold_nowhere() -> None:
    assert row_at(Timeline.from_scores([]), 1.0, 0.1) is None
