from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

import ui.replay.rescoring as module
from mirror.recording.reader import Recording
from mirror.settings import Settings
from mirror.settings_history import Change, Course
from mirror.timeline import Score, State, Timeline
from tests.support.recordings import make_scores_recording
from ui.replay.rescoring import Kept, Rescoring, told
from ui.widgets.work_bar import WorkBar

WAIT = 10_000
OTHER = Settings(window=8.0)


class Bench:
    def __init__(self, qtbot: QtBot, path: Path) -> None:
        self.bar, self.files = WorkBar(), WorkBar()
        qtbot.addWidget(self.bar)
        qtbot.addWidget(self.files)
        self.rescoring = Rescoring(self.bar, self.files)
        self.rescoring.load(path)
        self.computed: list[tuple[Settings, Timeline]] = []
        self.faults: list[str] = []
        self.rescoring.computed.connect(lambda *got: self.computed.append(got))
        self.rescoring.failed.connect(self.faults.append)


@pytest.fixture
def bench(qtbot: QtBot, recording: Path) -> Bench:
    return Bench(qtbot, recording)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Scoring waits in its middle until this is set, or it is cancelled."""
    go_on = threading.Event()
    real = module.score_again

    def slowly(recording: Recording, settings: Settings, progress: object) -> Timeline:
        while not go_on.wait(0.01):
            progress(30, 100)  # type: ignore[operator]
        return real(recording, settings, lambda *_: None)

    monkeypatch.setattr(module, "score_again", slowly)
    return go_on


def test_timeline_by_other_settings_is_what_the_engine_gives(
    qtbot: QtBot, bench: Bench, recording: Path
) -> None:
    with qtbot.waitSignal(bench.rescoring.computed, timeout=WAIT):
        bench.rescoring.want(OTHER, "window 8 s")
    ((settings, timeline),) = bench.computed
    assert settings == OTHER
    with Recording.open(recording) as opened:
        assert timeline.equals(module.score_again(opened, OTHER, lambda *_: None))
        assert not timeline.equals(opened.timeline())


def test_progress_is_shown_and_goes(qtbot: QtBot, bench: Bench, held: threading.Event) -> None:
    assert not bench.bar.isVisible()
    bench.rescoring.want(OTHER, "window 8 s")
    assert bench.bar.isVisible()
    assert bench.bar.words.text() == "Scoring again: window 8 s"
    qtbot.waitUntil(lambda: (bench.bar.bar.value(), bench.bar.bar.maximum()) == (30, 100))
    with qtbot.waitSignal(bench.rescoring.computed, timeout=WAIT):
        held.set()
    qtbot.waitUntil(lambda: not bench.bar.isVisible())


def test_cancel_ends_it_without_an_error(qtbot: QtBot, bench: Bench, held: threading.Event) -> None:
    bench.rescoring.want(OTHER, "window 8 s")
    with qtbot.waitSignal(bench.rescoring.abandoned, timeout=WAIT):
        qtbot.mouseClick(bench.bar.cancel, Qt.MouseButton.LeftButton)
        assert not bench.bar.cancel.isEnabled()
    assert not bench.computed
    assert not bench.faults
    qtbot.waitUntil(lambda: not bench.bar.isVisible())


def test_newest_settings_win(qtbot: QtBot, bench: Bench, held: threading.Event) -> None:
    bench.rescoring.want(Settings(window=5.0), "window 5 s")
    bench.rescoring.want(OTHER, "window 8 s")
    assert bench.bar.words.text().endswith("window 8 s")
    with qtbot.waitSignal(bench.rescoring.computed, timeout=WAIT):
        held.set()
    assert [settings for settings, _ in bench.computed] == [OTHER]


def test_what_is_dropped_is_never_told(qtbot: QtBot, bench: Bench, held: threading.Event) -> None:
    bench.rescoring.abandoned.connect(lambda: pytest.fail("nobody waits for it"))
    bench.rescoring.want(OTHER, "window 8 s")
    bench.rescoring.load(None)
    held.set()
    qtbot.waitUntil(lambda: not bench.bar.isVisible(), timeout=WAIT)
    assert not bench.computed


def test_recording_without_poses_is_said(qtbot: QtBot, tmp_path: Path) -> None:
    path = make_scores_recording(tmp_path / "series.mirror", [Score(6.0, State.OK, in_phase=0.5)])
    bench = Bench(qtbot, path)
    with qtbot.waitSignal(bench.rescoring.abandoned, timeout=WAIT):
        bench.rescoring.want(OTHER, "window 8 s")
    assert "no poses" in bench.faults[0]


def test_save_writes_a_new_recording_and_replaces_none(
    qtbot: QtBot, bench: Bench, recording: Path
) -> None:
    before = recording.read_bytes()
    with qtbot.waitSignal(bench.rescoring.saved, timeout=WAIT) as saved:
        bench.rescoring.save(OTHER, recording)
    assert saved.args == [OTHER, recording.with_name("talk-2.mirror")]
    assert recording.read_bytes() == before
    with Recording.open(recording.with_name("talk-2.mirror")) as written:
        assert written.settings == OTHER
        assert len(written.timeline())


def test_save_that_fails_is_said(qtbot: QtBot, bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with qtbot.waitSignal(bench.rescoring.failed, timeout=WAIT):
        bench.rescoring.save(OTHER, tmp_path / "file" / "new.mirror")
    assert "cannot write" in bench.faults[0]


def test_what_is_new_about_settings_is_told_in_words() -> None:
    recorded = Course(Settings(), (Change(5.0, Settings(window=8.0)),))
    assert told(Settings(window=10.0, mapping="same-side"), Course(Settings())) == (
        "window 10 s, mapping same-side"
    )
    assert told(Settings(window=8.0), recorded) == "the last settings throughout"


@pytest.fixture
def kept(qtbot: QtBot) -> Kept:
    kept = Kept()
    qtbot.addWidget(kept)
    return kept


def test_nothing_is_said_of_scores_as_recorded(kept: Kept) -> None:
    assert kept.words == ""
    assert not kept.isVisible()


def test_unsaved_scores_are_marked(qtbot: QtBot, kept: Kept, recording: Path) -> None:
    kept.show_unsaved(recording, "window 10 s")
    assert kept.words == "Not saved: window 10 s"
    assert kept.save_button.isVisible()
    assert not kept.open_button.isVisible()
    with qtbot.waitSignal(kept.revert):
        qtbot.mouseClick(kept.revert_button, Qt.MouseButton.LeftButton)


def test_save_asks_where_with_a_name_that_says_what(
    qtbot: QtBot, kept: Kept, recording: Path
) -> None:
    kept.show_unsaved(recording, "window 10 s, band 0.3–2 Hz")
    qtbot.mouseClick(kept.save_button, Qt.MouseButton.LeftButton)
    dialog = kept.findChild(QFileDialog)
    assert dialog is not None
    assert dialog.selectedFiles() == [
        str(recording.with_name("talk window 10 s band 0.3 2 Hz.mirror"))
    ]
    with qtbot.waitSignal(kept.save) as save:
        dialog.accept()
    assert save.args == [recording.with_name("talk window 10 s band 0.3 2 Hz.mirror")]


def test_saved_scores_can_be_opened(qtbot: QtBot, kept: Kept, recording: Path) -> None:
    kept.show_unsaved(recording, "window 10 s")
    new = recording.with_name("new.mirror")
    kept.show_saved(new)
    assert kept.words == "Saved as new.mirror: window 10 s"
    assert not kept.save_button.isVisible()
    with qtbot.waitSignal(kept.opened) as opened:
        qtbot.mouseClick(kept.open_button, Qt.MouseButton.LeftButton)
    assert opened.args == [new]
