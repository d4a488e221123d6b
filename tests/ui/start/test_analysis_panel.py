from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QProgressBar, QPushButton
from pytestqt.qtbot import QtBot

from mirror.errors import SourceError
from mirror.session.offline import OfflineResult
from mirror.session.start import SessionRequest
from ui.runtime.background import Progress
from ui.start.analysis_panel import AnalysisPanel, AnalysisStatus

VIDEOS = SessionRequest(a="anna.mp4", b="ben.mp4")
DONE = OfflineResult(Path("s.mirror"))


class Steps:
    """An analyser that the test steps through."""

    def __init__(self) -> None:
        self.proceed = threading.Semaphore(0)
        self.reached = threading.Semaphore(0)
        self.at = (0, 0)
        self.status = AnalysisStatus()
        self.fault = ""

    def __call__(
        self, _start: SessionRequest, progress: Progress, status: AnalysisStatus
    ) -> OfflineResult:
        self.status = status
        for done in (0, 15_000, 30_000):
            progress(done, 60_000)
            status.n_frames = done // 100
            self.proceed.acquire()
            if self.fault:
                raise SourceError(self.fault)
        return DONE


@pytest.fixture
def steps() -> Steps:
    return Steps()


@pytest.fixture
def panel(qtbot: QtBot, steps: Steps) -> AnalysisPanel:
    panel = AnalysisPanel(steps)
    qtbot.addWidget(panel)
    panel.show()
    return panel


def test_progress_and_end(qtbot: QtBot, panel: AnalysisPanel, steps: Steps) -> None:
    bar = panel.findChild(QProgressBar)
    with qtbot.waitSignal(panel.ended) as ended:
        panel.begin(VIDEOS)
        assert panel.running
        assert panel.status.text() == "Opening both videos…"
        steps.status.announce("Fetching the pose model…")
        qtbot.waitUntil(lambda: bool(steps.status.step) or panel.running)
        steps.proceed.release()
        qtbot.waitUntil(lambda: bar.value() == 15_000)
        assert bar.maximum() == 60_000
        assert panel.status.text().startswith("0:15 analysed, ")
        assert "frames/s" in panel.status.text()
        steps.proceed.release(2)
    assert ended.args == [DONE]
    assert not panel.running


def test_remaining_time_is_estimated(
    qtbot: QtBot, panel: AnalysisPanel, steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.start.analysis_panel._ESTIMATE_AFTER_S", -1.0)
    panel.begin(VIDEOS)
    steps.proceed.release()
    qtbot.waitUntil(lambda: panel.status.text().endswith(" left"))
    assert ", about " in panel.status.text()
    steps.proceed.release(2)
    qtbot.waitUntil(lambda: not panel.running)


def test_cancel_stops_analysis(qtbot: QtBot, panel: AnalysisPanel, steps: Steps) -> None:
    panel.begin(VIDEOS)
    steps.proceed.release()
    qtbot.waitUntil(lambda: panel.status.text().startswith("0:15"))
    with qtbot.waitSignal(panel.ended) as ended:
        qtbot.mouseClick(panel.findChild(QPushButton), Qt.MouseButton.LeftButton)
        assert panel.status.text() == "Stopping…"
        assert not panel.findChild(QPushButton).isEnabled()
        steps.proceed.release(2)
    assert ended.args == [OfflineResult()]


def test_failure_is_signalled(qtbot: QtBot, panel: AnalysisPanel, steps: Steps) -> None:
    steps.fault = "anna.mp4 is not a video"
    with qtbot.waitSignal(panel.failed) as failed:
        panel.begin(VIDEOS)
        steps.proceed.release()
    assert failed.args == ["anna.mp4 is not a video", False]
    assert not panel.running
