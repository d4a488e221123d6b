from __future__ import annotations

import threading
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from mirror.estimator.signals import Signals
from mirror.recording.reader import Progress, Recording
from mirror.recording.rescore import RecordedMovement, score_again
from mirror.settings import Settings
from mirror.settings_history import Change, SettingsHistory
from mirror.timeline import COLUMNS, PostureState, Score, State, Timeline
from tests.support.recordings import (
    breathing_poses,
    make_scores_recording,
    make_series_recording,
)
from ui.replay.rescoring import RescoredBar, Rescorer, describe_changes
from ui.widgets.work_bar import WorkBar

WAIT = 10_000
OTHER = Settings(window=8.0)


ALL = (0.0, 1e9)


class Bench:
    def __init__(self, qtbot: QtBot, path: Path) -> None:
        self.bar, self.files = WorkBar(), WorkBar()
        qtbot.addWidget(self.bar)
        qtbot.addWidget(self.files)
        self.rescorer = Rescorer(self.bar, self.files)
        self.rescorer.load(path, 30.0)
        self.computed: list[tuple[Settings, Timeline]] = []
        self.faults: list[str] = []
        self.rescorer.computed.connect(lambda *got: self.computed.append(got))
        self.rescorer.failed.connect(self.faults.append)


@pytest.fixture
def bench(qtbot: QtBot, recording: Path) -> Bench:
    return Bench(qtbot, recording)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Let scoring all rows wait until this is set or it is cancelled."""
    go_on = threading.Event()
    score = RecordedMovement.score

    def slowly(movement: RecordedMovement, settings: Settings, progress: Progress) -> Timeline:
        while not go_on.wait(0.01):
            progress(30, 100)
        return score(movement, settings, progress)

    monkeypatch.setattr(RecordedMovement, "score", slowly)
    return go_on


def same_but_for_chance(some: Timeline, whole: Timeline) -> None:
    rows = np.searchsorted(whole.time_s, some.time_s)
    for name in COLUMNS:
        if "chance" in name or name.startswith("posture_match"):
            assert np.isnan(some[name]).all()
        elif name == "posture_state":
            assert set(some[name]) == {PostureState.NOT_SCORED}
        else:
            np.testing.assert_array_equal(some[name], whole[name][rows])


def test_rows_in_view_come_first_and_equal_a_full_rescore(
    qtbot: QtBot, bench: Bench, recording: Path
) -> None:
    files = {path: path.read_bytes() for path in recording.parent.iterdir()}
    signals = [bench.rescorer.outlined, bench.rescorer.computed]
    outlines: list[tuple[Settings, Timeline, float]] = []
    bench.rescorer.outlined.connect(lambda *got: outlines.append(got))
    with qtbot.waitSignals(signals, timeout=WAIT, order="strict"):
        bench.rescorer.start(OTHER, "window 8 s", (12.0, 14.0))
    ((settings, timeline),) = bench.computed
    assert settings == OTHER
    with Recording.open(recording) as opened:
        assert timeline.equals(score_again(opened, OTHER, lambda *_: None))
        assert not timeline.equals(opened.timeline())
    ((_, outline, spacing),) = outlines
    assert spacing == OTHER.hop
    ends = timeline.time_s[[0, -1]].tolist()
    seen = timeline.time_s[(timeline.time_s >= 12.0) & (timeline.time_s <= 14.0)]
    assert outline.time_s.tolist() == [ends[0], *seen, ends[1]]
    assert (outline.state == "ok").any()
    same_but_for_chance(outline, timeline)
    assert {path: path.read_bytes() for path in recording.parent.iterdir()} == files


def test_long_spans_are_outlined(
    qtbot: QtBot, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mirror.recording.rescore._OUTLINE_ROWS", 25)
    with qtbot.waitSignal(bench.rescorer.outlined, timeout=WAIT) as outlined:
        bench.rescorer.start(OTHER, "window 8 s", ALL)
    _, outline, spacing = outlined.args
    assert 10 < len(outline) <= 26
    assert np.diff(outline.time_s)[:-1] == pytest.approx(spacing, abs=1 / 30)
    with qtbot.waitSignal(bench.rescorer.computed, timeout=WAIT) as computed:
        pass
    same_but_for_chance(outline, computed.args[1])


def test_movement_is_read_once(
    qtbot: QtBot, bench: Bench, recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.rescorer.prepare()
    for window in (5.0, 8.0):
        with qtbot.waitSignal(bench.rescorer.computed, timeout=WAIT):
            bench.rescorer.start(Settings(window=window), "other settings", ALL)
        monkeypatch.setattr(Recording, "open", lambda _path: pytest.fail("read again"))
    assert len(bench.computed) == 2


def test_shows_and_hides_progress(qtbot: QtBot, bench: Bench, held: threading.Event) -> None:
    bench.rescorer.start(OTHER, "window 8 s", ALL)
    qtbot.waitUntil(bench.bar.isVisible, timeout=WAIT)
    assert bench.bar.label.text() == "Scoring again: window 8 s"
    qtbot.waitUntil(lambda: (bench.bar.bar.value(), bench.bar.bar.maximum()) == (30, 100))
    with qtbot.waitSignal(bench.rescorer.computed, timeout=WAIT):
        held.set()
    qtbot.waitUntil(bench.bar.isHidden)


def test_cancel_is_no_error(qtbot: QtBot, bench: Bench, held: threading.Event) -> None:
    bench.rescorer.start(OTHER, "window 8 s", ALL)
    qtbot.waitUntil(bench.bar.isVisible, timeout=WAIT)
    with qtbot.waitSignal(bench.rescorer.discarded, timeout=WAIT):
        qtbot.mouseClick(bench.bar.cancel, Qt.MouseButton.LeftButton)
        assert not bench.bar.cancel.isEnabled()
    assert not bench.computed
    assert not bench.faults
    qtbot.waitUntil(bench.bar.isHidden)


def test_only_newest_settings_are_computed(
    qtbot: QtBot, bench: Bench, held: threading.Event
) -> None:
    with qtbot.waitSignal(bench.rescorer.outlined, timeout=WAIT):
        bench.rescorer.start(Settings(window=5.0), "window 5 s", ALL)
    with qtbot.waitSignal(bench.rescorer.outlined, timeout=WAIT) as outlined:
        bench.rescorer.start(Settings(window=7.0), "window 7 s", ALL)
        bench.rescorer.start(OTHER, "window 8 s", ALL)
    assert outlined.args[0] == OTHER
    with qtbot.waitSignal(bench.rescorer.computed, timeout=WAIT):
        held.set()
    assert [settings for settings, _ in bench.computed] == [OTHER]


def test_cancelled_work_emits_nothing(qtbot: QtBot, bench: Bench, held: threading.Event) -> None:
    bench.rescorer.discarded.connect(lambda: pytest.fail("emitted after cancel"))
    bench.rescorer.start(OTHER, "window 8 s", ALL)
    qtbot.waitUntil(bench.bar.isVisible, timeout=WAIT)
    bench.rescorer.load(None)
    held.set()
    qtbot.waitUntil(bench.bar.isHidden, timeout=WAIT)
    assert not bench.computed


def test_reports_recording_without_poses(qtbot: QtBot, tmp_path: Path) -> None:
    path = make_scores_recording(tmp_path / "series.mirror", [Score(6.0, State.OK, in_phase=0.5)])
    bench = Bench(qtbot, path)
    with qtbot.waitSignal(bench.rescorer.discarded, timeout=WAIT):
        bench.rescorer.start(OTHER, "window 8 s", ALL)
    assert "no poses" in bench.faults[0]


@pytest.mark.parametrize("mapping", ["mirror", "same-side"])
def test_plain_series_are_scored_again(
    qtbot: QtBot, tmp_path: Path, mapping: Literal["mirror", "same-side"]
) -> None:
    path = tmp_path / "belts.mirror"
    make_series_recording(path, Signals(("x",), ("x",)), breathing_poses())
    bench = Bench(qtbot, path)
    other = Settings(window=5.0, mapping=mapping)
    with qtbot.waitSignal(bench.rescorer.computed, timeout=WAIT):
        bench.rescorer.start(other, "window 5 s", ALL)
    with Recording.open(path) as opened:
        assert bench.computed[0][1].equals(score_again(opened, other, lambda *_: None))


def test_save_writes_new_recording(qtbot: QtBot, bench: Bench, recording: Path) -> None:
    before = recording.read_bytes()
    with qtbot.waitSignal(bench.rescorer.saved, timeout=WAIT) as saved:
        bench.rescorer.save(OTHER, recording)
    assert saved.args == [bench.rescorer.state(OTHER), recording.with_name("talk-2.mirror")]
    assert recording.read_bytes() == before
    with Recording.open(recording.with_name("talk-2.mirror")) as written:
        assert written.settings == OTHER
        assert len(written.timeline())


def test_reports_failed_save(qtbot: QtBot, bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with qtbot.waitSignal(bench.rescorer.failed, timeout=WAIT):
        bench.rescorer.save(OTHER, tmp_path / "file" / "new.mirror")
    assert "cannot write" in bench.faults[0]


def test_describes_changed_settings() -> None:
    recorded = SettingsHistory(Settings(), (Change(5.0, Settings(window=8.0)),))
    assert describe_changes(
        Settings(window=10.0, mapping="same-side"), SettingsHistory(Settings())
    ) == ("window 10 s, mapping same-side")
    assert describe_changes(Settings(window=8.0), recorded) == "the last settings throughout"
    shifted = describe_changes(Settings(window=8.0), recorded, 0.033)
    assert shifted == "B 0.033 s later, the last settings throughout"


@pytest.fixture
def bar(qtbot: QtBot) -> RescoredBar:
    bar = RescoredBar()
    qtbot.addWidget(bar)
    return bar


def test_bar_is_hidden_for_recorded_scores(bar: RescoredBar) -> None:
    assert bar.text == ""
    assert not bar.isVisible()


def test_shows_unsaved_scores(qtbot: QtBot, bar: RescoredBar) -> None:
    bar.show_unsaved("window 10 s")
    assert bar.text == "Not saved: window 10 s"
    assert bar.save_button.isVisible()
    assert not bar.open_button.isVisible()
    with qtbot.waitSignal(bar.save_requested):
        qtbot.mouseClick(bar.save_button, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(bar.revert_requested):
        qtbot.mouseClick(bar.revert_button, Qt.MouseButton.LeftButton)


def test_opens_saved_scores(qtbot: QtBot, bar: RescoredBar, recording: Path) -> None:
    new = recording.with_name("new.mirror")
    bar.show_saved("window 10 s", new)
    assert bar.text == "Saved as new.mirror: window 10 s"
    assert not bar.save_button.isVisible()
    with qtbot.waitSignal(bar.open_requested) as opened:
        qtbot.mouseClick(bar.open_button, Qt.MouseButton.LeftButton)
    assert opened.args == [new]
