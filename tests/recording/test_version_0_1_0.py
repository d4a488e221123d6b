"""A recording of version 0.1.0 opens and gives the rows that version 0.1.0 computed.

But for postures, which are compared in another way since: stored ones are not read.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from mirror import Recording, Settings, Timeline
from mirror.recording.playback import Replay
from mirror.recording.rescore import score_again
from mirror.timeline import COLUMNS, LEVELS
from tests.support import hostile

DATA = Path(__file__).parent / "data"
RECORDED = Settings(window=3.0, band=(0.4, 3.0), floor=0.02)
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


def assert_equal(rows: Timeline, expected: Timeline) -> None:
    """Compare to rounding: other versions, processors and libraries sum in another order."""
    assert rows.state.tolist() == expected.state.tolist()
    for name in COLUMNS:
        if name not in LEVELS and "posture" not in name and "mimicry" not in name:
            digits = 1e-10 if name.endswith("_deg") else 1e-12
            np.testing.assert_allclose(
                rows[name], expected[name], rtol=0, atol=digits, err_msg=name
            )


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
    assert_equal(rescored(recording, recording.settings), stored)
    assert set(stored.posture_state) == {"not_scored"}
    assert np.isnan(stored.posture_match).all()
    assert "not_scored" not in rescored(recording, recording.settings).posture_state


def test_rescores_with_other_settings_as_version_0_1_0(recording: Recording) -> None:
    with np.load(DATA / "version_0.1.0_window_2.npz") as file:
        expected = Timeline({name: file[name] for name in COLUMNS if name in file})
    assert (expected.state == "ok").sum() > 30
    assert_equal(rescored(recording, OTHER), expected)
