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
from ui.start.analysis_job import Pace
from ui.start.analysis_panel import Analysing

FILMS = SessionRequest(a="anna.mp4", b="ben.mp4")
DONE = OfflineResult(Path("s.mirror"))


class Steps:
    """An analyser that goes on when the test lets it."""

    def __init__(self) -> None:
        self.go = threading.Semaphore(0)
        self.reached = threading.Semaphore(0)
        self.at = (0, 0)
        self.pace = Pace()
        self.fault = ""

    def __call__(self, _start: SessionRequest, progress: Progress, pace: Pace) -> OfflineResult:
        self.pace = pace
        for done in (0, 15_000, 30_000):
            progress(done, 60_000)
            pace.frames = done // 100
            self.go.acquire()
            if self.fault:
                raise SourceError(self.fault)
        return DONE


@pytest.fixture
def steps() -> Steps:
    return Steps()


@pytest.fixture
def page(qtbot: QtBot, steps: Steps) -> Analysing:
    made = Analysing(steps)
    qtbot.addWidget(made)
    made.show()
    return made


def test_it_shows_how_far_it_is_and_ends(qtbot: QtBot, page: Analysing, steps: Steps) -> None:
    bar = page.findChild(QProgressBar)
    with qtbot.waitSignal(page.ended) as ended:
        page.begin(FILMS)
        assert page.running
        assert page.words == "Opening both films …"
        steps.pace.announce("Fetching the pose model …")
        qtbot.waitUntil(lambda: bool(steps.pace.step) or page.running)
        steps.go.release()
        qtbot.waitUntil(lambda: bar.value() == 15_000)
        assert bar.maximum() == 60_000
        assert page.words.startswith("0:15 analysed, ")
        assert "frames/s" in page.words
        steps.go.release(2)
    assert ended.args == [DONE]
    assert not page.running


def test_after_a_while_it_says_how_long_it_will_take(
    qtbot: QtBot, page: Analysing, steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.start.analysis_panel._SETTLED", -1.0)
    page.begin(FILMS)
    steps.go.release()
    qtbot.waitUntil(lambda: page.words.endswith(" left"))
    assert ", about " in page.words
    steps.go.release(2)
    qtbot.waitUntil(lambda: not page.running)


def test_cancel_stops_it(qtbot: QtBot, page: Analysing, steps: Steps) -> None:
    page.begin(FILMS)
    steps.go.release()
    qtbot.waitUntil(lambda: page.words.startswith("0:15"))
    with qtbot.waitSignal(page.ended) as ended:
        qtbot.mouseClick(page.findChild(QPushButton), Qt.MouseButton.LeftButton)
        assert page.words == "Stopping …"
        assert not page.findChild(QPushButton).isEnabled()
        steps.go.release(2)
    assert ended.args == [OfflineResult()]


def test_a_failure_is_told(qtbot: QtBot, page: Analysing, steps: Steps) -> None:
    steps.fault = "anna.mp4 is not a video"
    with qtbot.waitSignal(page.failed) as failed:
        page.begin(FILMS)
        steps.go.release()
    assert failed.args == ["anna.mp4 is not a video"]
    assert not page.running
