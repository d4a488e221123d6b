from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtWidgets import QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from mirror.recording.database import video_paths
from mirror.recording.video import VideoWriter
from tests.support.pdf import Printed
from tests.support.recordings import make_recording
from tests.support.reports import as_unrecorded, draw_nothing
from ui.shell.preferences import Preferences
from ui.shell.shortcuts import Keys
from ui.summary.client_page import ClientPageDialog, write_client_page
from ui.summary.page import SummaryPage

FOLDER = Path()  # of sessions before an unrecorded one
RED, TEAL = "#c80000", "#14a074"


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    return make_recording(tmp_path / "talk.mirror")


def write(recording: Path, *, notes: str = "", frame: bool = False) -> Printed:
    path = recording.with_name("page.pdf")
    write_client_page(recording, FOLDER, path, "Kim", notes, frame, lambda *_: None)
    return Printed(path)


def test_page_holds_everything_on_one_sheet(qapp: QApplication, recording: Path) -> None:
    make_recording(
        recording.with_name("first.mirror"), started="2026-11-01T09:00:00+00:00", seconds=12.0
    )
    before = recording.read_bytes()
    page = write(recording, notes="Smaller movements next time.")
    assert page.pages == 1
    assert page.is_accessible
    for text in (
        "Anna and Ben 23 November 2026, ",
        "with Kim",
        "What we saw In 20 s, Anna and Ben moved the same way",
        "The best moment From",
        "Sessions so far",
        "Mirroring",  # the line's name in the figure
        "1 Nov",
        "Notes Smaller movements next time.",
        "What this does not mean",
    ):
        assert text in page.text()
    assert page.rows(0, TEAL)
    assert recording.read_bytes() == before  # the notes on the page are not those of the recording


def test_unrecorded_session_has_its_page(qapp: QApplication, recording: Path) -> None:
    path = recording.with_name("page.pdf")
    make_recording(recording.with_name("first.mirror"), started="2026-11-01T09:00:00+00:00")
    shown = as_unrecorded(recording)
    write_client_page(shown, recording.parent, path, "Kim", "", False, lambda *_: None)
    page = Printed(path)
    assert page.pages == 1
    for text in ("Anna and Ben 23 November 2026, ", "The best moment From", "Sessions so far"):
        assert text in page.text()


def test_page_can_be_cancelled(recording: Path) -> None:
    class CancelledError(Exception):
        pass

    def cancel(_done: int, _total: int) -> None:
        raise CancelledError

    path = recording.with_name("page.pdf")
    with pytest.raises(CancelledError):
        write_client_page(recording, FOLDER, path, "Kim", "", False, cancel)
    assert not path.exists()


def test_long_notes_shrink_the_text(qapp: QApplication, recording: Path) -> None:
    page = write(recording, notes="\n".join(["Much was said about this movement. " * 4] * 25))
    assert page.pages == 1
    assert "Sessions so far" not in page.text()  # there is no earlier session


def test_frame_is_shown_only_if_allowed(qapp: QApplication, recording: Path) -> None:
    for file in video_paths(recording).values():
        with VideoWriter(file, every=True) as writer:
            image = np.zeros((48, 64, 3), np.uint8)
            image[..., 0] = 200
            for frame in range(100):
                writer.put(frame / 5, image)
    assert not write(recording).rows(0, RED)
    page = write(recording, frame=True)
    assert page.rows(0, RED)
    assert not page.rows(0, TEAL)


def answer(qtbot: QtBot, parent: QWidget, path: Path) -> None:
    """Choose a file in the dialog that is open."""
    qtbot.waitUntil(lambda: parent.findChild(QFileDialog) is not None)
    dialog = parent.findChild(QFileDialog)
    assert dialog is not None
    dialog.fileSelected.emit(str(path))
    dialog.close()


@pytest.fixture
def summary(qtbot: QtBot, preferences: Preferences, keys: Keys, recording: Path) -> SummaryPage:
    page = SummaryPage(preferences, keys)
    qtbot.addWidget(page)
    with qtbot.waitSignal(page.shown, timeout=10_000):
        page.show_session(recording)
    return page


def test_button_asks_and_writes(
    qtbot: QtBot, summary: SummaryPage, preferences: Preferences, tmp_path: Path
) -> None:
    summary.header.buttons["Client's page…"].click()
    dialog = summary.findChild(ClientPageDialog)
    assert dialog is not None
    assert dialog.frame.isHidden()  # no video is stored
    dialog.trainer.setText("Kim")
    dialog.ask_path()
    with qtbot.waitSignal(summary.message, timeout=10_000) as said:
        answer(qtbot, dialog, tmp_path / "page.pdf")
    assert said.args is not None
    assert said.args[:2] == [f"Wrote {tmp_path / 'page.pdf'}", "notice"]
    assert "with Kim" in Printed(tmp_path / "page.pdf").text()
    assert preferences.trainer == "Kim"


@pytest.mark.parametrize("name", ["report.pdf", "report.html"])
def test_scientific_report_has_its_button(
    qtbot: QtBot, summary: SummaryPage, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name.endswith("html"):
        draw_nothing(monkeypatch)
    summary.header.buttons["Report…"].click()
    with qtbot.waitSignal(summary.message, timeout=30_000):
        answer(qtbot, summary, tmp_path / name)
    start = (tmp_path / name).read_bytes()[:15]
    assert start.startswith(b"%PDF" if name.endswith("pdf") else b"<!DOCTYPE html>")
