"""A recording of version 0.1.0 opens and gives the rows that version 0.1.0 computed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mirror import Recording, Settings, Timeline
from mirror.recording.playback import Replay
from mirror.recording.provenance import versions
from mirror.recording.rescore import score_again
from mirror.timeline import COLUMNS
from tests.support import hostile

DATA = Path(__file__).parent / "data"
RECORDED = Settings(window=3.0, band=(0.4, 3.0))
OTHER = Settings(window=2.0, band=(0.5, 3.0))
"""What the rows in ``version_0.1.0_window_2.npz`` were computed with, by version 0.1.0."""


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recording]:
    copy = tmp_path_factory.mktemp("old") / "version_0.1.0.mirror"
    shutil.copy(DATA / copy.name, copy)
    with Recording.open(copy) as opened:
        yield opened


def rescored(recording: Recording, settings: Settings) -> Timeline:
    return score_again(recording, settings, lambda _done, _total: None)


def bits(column: NDArray[Any]) -> bytes:
    """Return a column's bytes; SQLite stores NaN as NULL, without its sign."""
    if column.dtype == float:
        column = np.where(np.isnan(column), np.nan, column)
    return column.tobytes()


def assert_equal(rows: Timeline, expected: Timeline, recording: Recording) -> None:
    """Compare bit for bit with the libraries that the recording was made with, else to 1e-9."""
    own, recorded = versions(), dict(recording.session["versions"])
    if own | {"mirror-synchrony": ""} == recorded | {"mirror-synchrony": ""}:
        for name in COLUMNS:
            assert bits(rows[name]) == bits(expected[name]), name
    assert rows.state.tolist() == expected.state.tolist()
    for name in COLUMNS:
        if name != "state":
            # Another processor or library may sum in another order.
            np.testing.assert_allclose(rows[name], expected[name], rtol=0, atol=1e-9, err_msg=name)


def test_opens_without_error(recording: Recording) -> None:
    assert hostile.run_everything(recording.path) == []
    assert recording.settings == RECORDED
    assert recording.session["sources"] == {"a": "demo:a#t=11,17", "b": "demo:b#t=11,17"}
    assert recording.counts() == {"a": (180, 180), "b": (180, 180)}
    assert recording.events() == []
    with Replay.open(recording.path) as replay:
        assert replay.whole
        assert len(replay.timeline) == 60
        assert replay.duration == pytest.approx(179 / 30)
        assert replay.score(5.0) is not None
        assert replay.pose("a", 5.0) is not None


def test_rescores_to_stored_rows(recording: Recording) -> None:
    stored = recording.timeline()
    assert (stored.state == "ok").sum() > 20
    assert_equal(rescored(recording, recording.settings), stored, recording)


def test_rescores_with_other_settings_as_version_0_1_0(recording: Recording) -> None:
    with np.load(DATA / "version_0.1.0_window_2.npz") as file:
        expected = Timeline({name: file[name] for name in COLUMNS})
    assert (expected.state == "ok").sum() > 30
    assert_equal(rescored(recording, OTHER), expected, recording)
