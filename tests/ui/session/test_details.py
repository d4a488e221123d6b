from __future__ import annotations

from pathlib import Path

import pytest
from PyQt6.QtWidgets import QLabel, QLineEdit, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from mirror.session.start import SessionRequest
from ui.session.details import About

START = SessionRequest(a="0", b="1", labels=("Anna", "Ben"), condition="seated", notes="first")


@pytest.fixture
def about(qtbot: QtBot) -> About:
    made = About()
    qtbot.addWidget(made)
    made.begin(START)
    made.show()
    return made


def edit(about: About, name: str) -> QLineEdit:
    return next(each for each in about.findChildren(QLineEdit) if each.accessibleName() == name)


def test_it_begins_with_what_the_session_began_with(about: About) -> None:
    told = []
    about.described.connect(told.append)
    assert about.labels == ("Anna", "Ben")
    assert edit(about, "Condition").text() == "seated"
    assert about.findChild(QPlainTextEdit).toPlainText() == "first"
    about.flush()
    assert told == []


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("Label of person A", "Carol", {"labels": ("Carol", "Ben")}),
        ("Label of person B", " ", {"labels": ("Anna", "B")}),
        ("Condition", " standing ", {"condition": "standing"}),
    ],
)
def test_only_what_changed_is_told(
    qtbot: QtBot, about: About, name: str, text: str, told: dict[str, object]
) -> None:
    with qtbot.waitSignal(about.described) as described:
        edit(about, name).setText(text)
        edit(about, name).editingFinished.emit()
    assert described.args == [told]
    with qtbot.assertNotEmitted(about.described):
        edit(about, name).editingFinished.emit()


def test_notes_are_told_when_the_typing_pauses(qtbot: QtBot, about: About) -> None:
    with qtbot.waitSignal(about.described) as described:
        qtbot.keyClicks(about.findChild(QPlainTextEdit), "!")
    assert described.args[0]["notes"] in ("!first", "first!")


def test_notes_are_told_at_once_when_the_session_ends(qtbot: QtBot, about: About) -> None:
    about.findChild(QPlainTextEdit).setPlainText("last words")
    with qtbot.waitSignal(about.described) as described:
        about.flush()
    assert described.args == [{"notes": "last words"}]


def test_it_says_where_it_is_recorded_and_can_end_that(qtbot: QtBot, about: About) -> None:
    button = about.findChild(QPushButton)

    def said() -> str:
        return " ".join(label.text() for label in about.findChildren(QLabel))

    about.show_recording(Path("s.mirror"), on=True, video=False)
    assert "Recorded in s.mirror. Pictures are not kept" in said()
    about.show_recording(Path("s.mirror"), on=True, video=True)
    assert "Pictures are kept" in said()
    with qtbot.waitSignal(about.stop_recording):
        button.click()
    about.show_recording(Path("s.mirror"), on=False, video=False)
    assert "No longer recorded; what came before is in s.mirror." in said()
    assert not button.isEnabled()
    about.show_recording(None, on=False, video=False)
    assert "Not recorded" in said()
