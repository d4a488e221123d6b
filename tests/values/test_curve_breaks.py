"""One missing row breaks a curve wherever it is drawn; uneven hops break it nowhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib.figure
import numpy as np
import pytest

from mirror.export.film.frames import Frames
from mirror.export.film.layout import COLOURS, TRACK, TimeAxis
from mirror.recording.playback import Replay
from mirror.report.figures.timeline import draw_timeline
from mirror.timeline import Score, State, Timeline
from mirror.timeline_bins import axis_step, axis_ticks, bin_rows, break_s, runs
from tests.support.recordings import make_scores_recording
from tests.support.reports import facts_of

MISSING = 12
TIMES = np.delete(np.arange(31), MISSING) / 10
"""Rows 0.1 s apart, without one."""

UNEVEN = np.floor(np.arange(60) * 1.5) / 30
"""Rows every 0.05 s, on a grid of 30 Hz."""

Times = np.ndarray[Any, np.dtype[np.float64]]


def rows(times: Times) -> list[Score]:
    return [
        Score(time, State.OK, in_phase=0.8, anti_phase=0.0, coherence=0.8)
        for time in times.tolist()
    ]


def gaps_in_window(times: Times) -> list[float]:
    data = pytest.importorskip("ui.widgets.timeline.data").RowBuffer()
    data.replace(Timeline.from_scores(rows(times)))
    curve = data.curve("in_phase", times[0], times[-1], 900)
    return [float(time) for time in curve.time_s[np.isnan(curve.mean)]]


def gaps_in_report(times: Times, folder: Path) -> list[float]:
    shown = facts_of(make_scores_recording(folder / "talk.mirror", rows(times)))
    axes = matplotlib.figure.Figure().subplots()
    draw_timeline(axes, shown, bin_rows(shown.timeline, 1000))
    x, y = (np.asarray(values, dtype=float) for values in axes.lines[0].get_data())
    return [float(x[at - 1] + x[at + 1]) / 2 for at in np.flatnonzero(np.isnan(y))]


def gaps_in_film(times: Times, folder: Path) -> list[float]:
    path = make_scores_recording(folder / "film.mirror", rows(times))
    span = TimeAxis(float(times[0]), float(times[-1]))
    with Replay.open(path) as replay:
        image = Frames(replay, span).draw(span.start)
    line = image[TRACK.y + TRACK.height // 2 - 20, TRACK.x : TRACK.right]
    is_empty = (line == COLOURS["raised"]).all(axis=-1)
    starts = np.flatnonzero(np.diff(is_empty.astype(int)) == 1) + 1
    ends = np.flatnonzero(np.diff(is_empty.astype(int)) == -1)
    middles = (starts + ends) / 2 / (TRACK.width - 1)
    return [span.start + float(share) * (span.end - span.start) for share in middles]


def test_one_missing_row_breaks_the_curve_in_window_report_and_film(tmp_path: Path) -> None:
    missing = pytest.approx([MISSING / 10], abs=0.02)
    assert gaps_in_window(TIMES) == missing
    assert gaps_in_report(TIMES, tmp_path) == missing
    assert gaps_in_film(TIMES, tmp_path) == missing


def test_uneven_hops_do_not_break_the_curve(tmp_path: Path) -> None:
    for times in (UNEVEN, UNEVEN[:-1], UNEVEN[1:]):
        assert gaps_in_window(times) == []
    assert gaps_in_report(UNEVEN, tmp_path) == []
    assert gaps_in_film(UNEVEN, tmp_path) == []


def test_break_is_at_least_one_and_a_half_hops() -> None:
    assert break_s(TIMES, 0.1) == pytest.approx(0.15)
    assert break_s(UNEVEN, 1 / 30) > 2 / 30
    assert break_s(UNEVEN, 1 / 30) < 3 / 30
    assert break_s(np.zeros(1), 0.1) == pytest.approx(0.15)
    assert np.isnan(break_s(np.zeros(3), np.nan))


def test_runs_end_at_breaks_and_at_rows_not_selected() -> None:
    timeline = Timeline.from_scores(rows(TIMES))
    selected = np.ones(len(TIMES), dtype=bool)
    assert runs(timeline, selected) == [(0, MISSING - 1), (MISSING, len(TIMES) - 1)]
    selected[[0, 5]] = False
    assert runs(timeline, selected) == [(1, 4), (6, MISSING - 1), (MISSING, len(TIMES) - 1)]
    assert runs(timeline, ~selected) == [(0, 0), (5, 5)]
    assert runs(timeline, np.zeros(len(TIMES), dtype=bool)) == []


@pytest.mark.parametrize(
    ("span", "most", "step"),
    [(60, 12, 5), (60, 1, 60), (2, 10, 0.2), (0, 5, 0.1), (7200 * 9, 4, 21600), (60, 0, 60)],
)
def test_axis_step_is_round_and_gives_no_more_steps_than_asked(
    span: float, most: float, step: float
) -> None:
    assert axis_step(span, most) == step


def test_axis_ticks_are_multiples_of_the_step_within_the_axis() -> None:
    assert axis_ticks(-5, 25, 10) == [0, 10, 20]
    assert axis_ticks(58.2, 58.6, 0.2) == pytest.approx([58.2, 58.4, 58.6])
