from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from mirror.recording.reader import Progress, Recording
from mirror.recording.rescore import score_again
from mirror.settings import Settings
from mirror.settings_history import Change, SettingsHistory
from mirror.timeline import Score, State, Timeline
from tests.support.recordings import make_scores_recording
from ui.replay.rescoring import RescoredBar, Rescorer, describe_changes
from ui.widgets.work_bar import WorkBar

WAIT = 10_000
OTHER = Settings(window=8.0)


class Bench:
    def __init__(self, qtbot: QtBot, path: Path) -> None:
        self.bar, self.files = WorkBar(), WorkBar()
        qtbot.addWidget(self.bar)
        qtbot.addWidget(self.files)
        self.rescorer = Rescorer(self.bar, self.files)
        self.rescorer.load(path)
        self.computed: list[tuple[Settings, Timeline]] = []
        self.faults: list[str] = []
        self.rescorer.computed.connect(lambda *got: self.computed.append(got))
        self.rescorer.failed.connect(self.faults.append)


@pytest.fixture
def bench(qtbot: QtBot, recording: Path) -> Bench:
    return Bench(qtbot, recording)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Let scoring wait until this is set or it is cancelled."""
    go_on = threading.Event()

    def slowly(recording: Recording, settings: Settings, progress: Progress) -> Timeline:
        while not go_on.wait(0.01):
            progress(30, 100)
        return score_again(recording, settings, lambda *_: None)

    monkeypatch.setattr("ui.replay.rescoring.score_again", slowly)
    return go_on


def test_computed_timeline_equals_score_again(qtbot: QtBot, bench: Bench, recording: Path) -> None:
    with qtbot.waitSignal(bench.rescorer.computed, timeout=WAIT):
        bench.rescorer.start(OTHER, "window 8 s")
    ((settings, timeline),) = bench.computed
    assert settings == OTHER
    with Recording.open(recording) as opened:
        assert timeline.equals(score_again(opened, OTHER, lambda *_: None))
        assert not timeline.equals(opened.timeline())


def test_shows_and_hides_progress(qtbot: QtBot, bench: Bench, held: threading.Event) -> None:
    assert not bench.bar.isVisible()
    bench.rescorer.start(OTHER, "window 8 s")
    assert bench.bar.isVisible()
    assert bench.bar.label.text() == "Scoring again: window 8 s"
    qtbot.waitUntil(lambda: (bench.bar.bar.value(), bench.bar.bar.maximum()) == (30, 100))
    with qtbot.waitSignal(bench.rescorer.computed, timeout=WAIT):
        held.set()
    qtbot.waitUntil(lambda: not bench.bar.isVisible())


def test_cancel_is_no_error(qtbot: QtBot, bench: Bench, held: threading.Event) -> None:
    bench.rescorer.start(OTHER, "window 8 s")
    with qtbot.waitSignal(bench.rescorer.discarded, timeout=WAIT):
        qtbot.mouseClick(bench.bar.cancel, Qt.MouseButton.LeftButton)
        assert not bench.bar.cancel.isEnabled()
    assert not bench.computed
    assert not bench.faults
    qtbot.waitUntil(lambda: not bench.bar.isVisible())


def test_only_newest_settings_are_computed(
    qtbot: QtBot, bench: Bench, held: threading.Event
) -> None:
    bench.rescorer.start(Settings(window=5.0), "window 5 s")
    bench.rescorer.start(OTHER, "window 8 s")
    assert bench.bar.label.text().endswith("window 8 s")
    with qtbot.waitSignal(bench.rescorer.computed, timeout=WAIT):
        held.set()
    assert [settings for settings, _ in bench.computed] == [OTHER]


def test_cancelled_work_emits_nothing(qtbot: QtBot, bench: Bench, held: threading.Event) -> None:
    bench.rescorer.discarded.connect(lambda: pytest.fail("emitted after cancel"))
    bench.rescorer.start(OTHER, "window 8 s")
    bench.rescorer.load(None)
    held.set()
    qtbot.waitUntil(lambda: not bench.bar.isVisible(), timeout=WAIT)
    assert not bench.computed


def test_reports_recording_without_poses(qtbot: QtBot, tmp_path: Path) -> None:
    path = make_scores_recording(tmp_path / "series.mirror", [Score(6.0, State.OK, in_phase=0.5)])
    bench = Bench(qtbot, path)
    with qtbot.waitSignal(bench.rescorer.discarded, timeout=WAIT):
        bench.rescorer.start(OTHER, "window 8 s")
    assert "no poses" in bench.faults[0]


def test_save_writes_new_recording(qtbot: QtBot, bench: Bench, recording: Path) -> None:
    before = recording.read_bytes()
    with qtbot.waitSignal(bench.rescorer.saved, timeout=WAIT) as saved:
        bench.rescorer.save(OTHER, recording)
    assert saved.args == [OTHER, recording.with_name("talk-2.mirror")]
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


@pytest.fixture
def bar(qtbot: QtBot) -> RescoredBar:
    bar = RescoredBar()
    qtbot.addWidget(bar)
    return bar


def test_bar_is_hidden_for_recorded_scores(bar: RescoredBar) -> None:
    assert bar.text == ""
    assert not bar.isVisible()


def test_shows_unsaved_scores(qtbot: QtBot, bar: RescoredBar, recording: Path) -> None:
    bar.show_unsaved(recording, "window 10 s")
    assert bar.text == "Not saved: window 10 s"
    assert bar.save_button.isVisible()
    assert not bar.open_button.isVisible()
    with qtbot.waitSignal(bar.revert_requested):
        qtbot.mouseClick(bar.revert_button, Qt.MouseButton.LeftButton)


def test_save_suggests_descriptive_name(qtbot: QtBot, bar: RescoredBar, recording: Path) -> None:
    bar.show_unsaved(recording, "window 10 s, band 0.3–2 Hz")
    qtbot.mouseClick(bar.save_button, Qt.MouseButton.LeftButton)
    dialog = bar.findChild(QFileDialog)
    assert dialog is not None
    assert dialog.selectedFiles() == [
        str(recording.with_name("talk window 10 s band 0.3 2 Hz.mirror"))
    ]
    with qtbot.waitSignal(bar.save_requested) as save:
        dialog.accept()
    assert save.args == [recording.with_name("talk window 10 s band 0.3 2 Hz.mirror")]


def test_opens_saved_scores(qtbot: QtBot, bar: RescoredBar, recording: Path) -> None:
    bar.show_unsaved(recording, "window 10 s")
    new = recording.with_name("new.mirror")
    bar.show_saved(new)
    assert bar.text == "Saved as new.mirror: window 10 s"
    assert not bar.save_button.isVisible()
    with qtbot.waitSignal(bar.open_requested) as opened:
        qtbot.mouseClick(bar.open_button, Qt.MouseButton.LeftButton)
    assert opened.args == [new]
