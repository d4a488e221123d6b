from __future__ import annotations

from pathlib import Path

import pytest
from PyQt6.QtWidgets import QLabel, QLineEdit, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from mirror.session.start import SessionRequest
from ui.session.details import Drawer, SessionDetails
from ui.shell.preferences import Preferences

START = SessionRequest(a="0", b="1", labels=("Anna", "Ben"), condition="seated", notes="first")


@pytest.fixture
def details(qtbot: QtBot) -> SessionDetails:
    details = SessionDetails()
    qtbot.addWidget(details)
    details.begin(START)
    details.show()
    return details


def edit(details: SessionDetails, name: str) -> QLineEdit:
    return next(each for each in details.findChildren(QLineEdit) if each.accessibleName() == name)


def test_begin_shows_request_without_signal(details: SessionDetails) -> None:
    changes: list[dict[str, object]] = []
    details.described.connect(changes.append)
    assert details.form.labels == ("Anna", "Ben")
    assert edit(details, "Condition").text() == "seated"
    assert details.findChild(QPlainTextEdit).toPlainText() == "first"
    details.flush()
    assert changes == []


@pytest.mark.parametrize(
    ("name", "text", "changes"),
    [
        ("Label of person A", "Carol", {"labels": ("Carol", "Ben")}),
        ("Label of person B", " ", {"labels": ("Anna", "B")}),
        ("Condition", " standing ", {"condition": "standing"}),
    ],
)
def test_only_changes_are_signalled(
    qtbot: QtBot, details: SessionDetails, name: str, text: str, changes: dict[str, object]
) -> None:
    with qtbot.waitSignal(details.described) as described:
        edit(details, name).setText(text)
        edit(details, name).editingFinished.emit()
    assert described.args == [changes]
    with qtbot.assertNotEmitted(details.described):
        edit(details, name).editingFinished.emit()


def test_notes_are_signalled_after_pause(qtbot: QtBot, details: SessionDetails) -> None:
    with qtbot.waitSignal(details.described) as described:
        qtbot.keyClicks(details.findChild(QPlainTextEdit), "!")
    assert described.args[0]["notes"] in ("!first", "first!")


def test_flush_signals_notes_at_once(qtbot: QtBot, details: SessionDetails) -> None:
    details.findChild(QPlainTextEdit).setPlainText("last words")
    with qtbot.waitSignal(details.described) as described:
        details.flush()
    assert described.args == [{"notes": "last words"}]


def test_recording_is_shown_and_can_be_stopped(qtbot: QtBot, details: SessionDetails) -> None:
    button = details.findChild(QPushButton)

    def text() -> str:
        return " ".join(label.text() for label in details.findChildren(QLabel))

    details.show_recording(Path("s.mirror"), on=True, video=False)
    assert "Recorded in s.mirror. Video is not stored" in text()
    details.show_recording(Path("s.mirror"), on=True, video=True)
    assert "Video is stored" in text()
    with qtbot.waitSignal(details.stop_clicked):
        button.click()
    details.show_recording(Path("s.mirror"), on=False, video=False)
    assert "Recording stopped; it is saved in s.mirror." in text()
    assert not button.isEnabled()
    details.show_recording(None, on=False, video=False)
    assert "Not recorded" in text()


def test_drawer_scrolls_for_what_it_shows_only(qtbot: QtBot, preferences: Preferences) -> None:
    drawer = Drawer(preferences)
    qtbot.addWidget(drawer)
    drawer.resize(drawer.width(), 300)
    bar = drawer.verticalScrollBar()
    assert bar is not None
    for name, scrolls in (("practice", True), ("settings", False), ("details", True)):
        drawer.open(name)
        qtbot.waitUntil(lambda: (bar.maximum() > 0) is scrolls)  # noqa: B023
