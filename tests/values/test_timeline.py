"""Timelines in the tables of other libraries: every value, and NaN as NaN."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import polars as pl
import pytest
import xarray as xr

from mirror import MirrorError, Recording, Score, State, Timeline
from mirror.columns import TIMELINE
from mirror.timeline import COLUMNS, LEVELS, UNITS, PostureState
from tests.support.recordings import make_recording

NUMBERS = tuple(name for name in COLUMNS if name not in LEVELS)


@pytest.fixture(params=[60, 0])
def timeline(request: pytest.FixtureRequest) -> Timeline:
    """Rows of every state with values of all sizes, a third of them undefined; or no row."""
    rng = np.random.default_rng(3)
    states, postures = list(State), list(PostureState)
    return Timeline.from_scores(
        Score(
            row / 10,
            states[row % len(states)],
            *(
                float("nan")
                if rng.random() < 0.3
                else float(rng.normal() * 10.0 ** rng.integers(9))
                for _ in NUMBERS[1:]
            ),
            posture_state=postures[row % len(postures)],
        )
        for row in range(request.param)
    )


def same(found: object, wanted: np.ndarray) -> bool:
    values = np.asarray(found)
    return values.dtype == np.float64 and np.array_equal(values, wanted, equal_nan=True)


def test_pandas_holds_every_value(timeline: Timeline) -> None:
    frame = timeline.to_pandas()
    assert isinstance(frame, pd.DataFrame)
    assert tuple(frame.columns) == COLUMNS
    assert len(frame) == len(timeline)
    assert all(same(frame[name], timeline[name]) for name in NUMBERS)
    for name, levels in LEVELS.items():
        assert list(frame[name].astype(object)) == timeline[name].tolist()
        assert frame[name].dtype == pd.CategoricalDtype(list(levels))
    assert frame.attrs["units"] == UNITS


def test_polars_holds_every_value(timeline: Timeline) -> None:
    frame = timeline.to_polars()
    assert isinstance(frame, pl.DataFrame)
    assert tuple(frame.columns) == COLUMNS
    assert frame.height == len(timeline)
    assert all(same(frame[name].to_numpy(), timeline[name]) for name in NUMBERS)
    assert sum(frame.null_count().row(0)) == 0
    for name, levels in LEVELS.items():
        assert frame[name].to_list() == timeline[name].tolist()
        assert frame.schema[name] == pl.Enum(levels)


def test_xarray_holds_every_value(timeline: Timeline) -> None:
    dataset = timeline.to_xarray()
    assert isinstance(dataset, xr.Dataset)
    assert dataset.sizes == {"time_s": len(timeline)}
    assert set(dataset.variables) == set(COLUMNS)
    assert list(dataset.coords) == ["time_s"]
    assert all(same(dataset[name], timeline[name]) for name in NUMBERS)
    assert all(dataset[name].to_numpy().tolist() == timeline[name].tolist() for name in LEVELS)
    assert {name: dataset[name].attrs["units"] for name in NUMBERS} == {
        name: UNITS.get(name, "1") for name in NUMBERS
    }


def test_tables_are_copies(timeline: Timeline) -> None:
    before = Timeline({name: column.copy() for name, column in timeline.columns.items()})
    frame = timeline.to_pandas()
    frame.iloc[:, 2:-1] = 7.0
    dataset = timeline.to_xarray()
    dataset["coherence"].to_numpy()[:] = 7.0
    dataset["state"].to_numpy()[:] = "gone"
    assert timeline.equals(before)


def test_units_equal_those_of_exports() -> None:
    assert {name: column.units for name, column in TIMELINE.items() if column.units} == UNITS


@pytest.mark.parametrize("library", ["pandas", "polars", "xarray"])
def test_error_names_a_missing_library(monkeypatch, library: str) -> None:
    real = importlib.import_module

    def without(name: str, package: str | None = None) -> object:
        if name == library:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real(name, package)

    monkeypatch.setattr(importlib, "import_module", without)
    timeline = Timeline.from_scores([])
    with pytest.raises(MirrorError) as caught:
        getattr(timeline, f"to_{library}")()
    assert str(caught.value) == (
        f"Timeline.to_{library} needs {library}, which is not installed; "
        f"pip install 'mirror-synchrony[{library}]'"
    )


def test_import_error_inside_a_library_is_raised(monkeypatch) -> None:
    def broken(name: str) -> object:
        raise ModuleNotFoundError("No module named 'pytz'", name="pytz")

    monkeypatch.setattr(importlib, "import_module", broken)
    with pytest.raises(ModuleNotFoundError, match="pytz"):
        Timeline.from_scores([]).to_pandas()


def test_iterating_a_recording_gives_the_rows_of_its_timeline(tmp_path: Path) -> None:
    with Recording.open(make_recording(tmp_path / "s.mirror", seconds=6.0)) as recording:
        assert len(list(recording)) == len(recording.timeline()) > 50
        assert all(isinstance(row, Score) for row in recording)
        assert Timeline.from_scores(recording).equals(recording.timeline())
        frame = pd.DataFrame(cast("Any", recording))  # the stubs of pandas know no dataclasses
        assert same(frame["in_phase"], recording.timeline().in_phase)


def test_hop_is_the_median_spacing() -> None:
    def hop_s(*times: float) -> float:
        return Timeline.from_scores(Score(time, State.OK) for time in times).hop_s

    assert hop_s(0.0, 0.5, 1.0, 1.5, 700.0) == 0.5
    assert hop_s(1.0, 1.0, 3.0) == 2.0
    assert np.isnan([hop_s(1.0, 1.0), hop_s(1.0), hop_s()]).all()
