"""Which row belongs to a moment: one rule for the window and the film."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from mirror.export.film.frames import Frames
from mirror.export.film.layout import DIAL, TimeAxis
from mirror.recording.playback import Replay, row_at
from mirror.recording.writer import Recorder
from mirror.settings import Settings
from mirror.timeline import Score, State, Timeline
from tests.support.people import pose

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
def test_row_at_returns_newest_row(moment: float, row: float) -> None:
    score = row_at(ROWS, moment, 0.1)
    assert score is not None
    assert score.time_s == row
    assert score.in_phase == row / 10
    assert score.state is State.OK
    assert math.isnan(score.lag_s)


@pytest.mark.parametrize("moment", [-1.0, 0.9, 1.75, 3.9, 4.6, 100.0])
def test_row_at_returns_none_away_from_rows(moment: float) -> None:
    assert row_at(ROWS, moment, 0.1) is None


def test_row_at_keeps_row_for_a_long_hop() -> None:
    score = row_at(ROWS, 3.9, 2.8)
    assert score is not None
    assert score.time_s == 1.2


def test_row_at_returns_none_for_empty_timeline() -> None:
    assert row_at(Timeline.from_scores([]), 1.0, 0.1) is None


def test_film_draws_dial_between_rows_of_a_long_hop(tmp_path: Path) -> None:
    session = {"settings": Settings(hop=1.0).to_dict()}
    with Recorder(tmp_path / "s.mirror", session) as recorder:
        for k in range(41):
            for feed in ("a", "b"):
                recorder.add_pose(feed, pose(k / 10))
        recorder.add_scores(
            Score(
                float(second),
                State.OK,
                in_phase=0.9,
                anti_phase=0.0,
                coherence=0.9,
                relative_phase_deg=20.0,
            )
            for second in (1, 2, 3)
        )
    with Replay.open(recorder.path) as replay:
        frames = Frames(replay, TimeAxis(0.0, replay.duration))
        dial = {time: frames.draw(time)[DIAL.slices].copy() for time in (0.5, 2.0, 2.4, 2.6, 2.95)}
        shown = [replay.score(time) for time in (2.0, 2.4, 2.6, 2.95)]
        assert [score.time_s for score in shown if score is not None] == [2.0] * 4
    assert not np.array_equal(dial[2.0], dial[0.5])
    for time in (2.4, 2.6, 2.95):
        assert np.array_equal(dial[time], dial[2.0]), time
