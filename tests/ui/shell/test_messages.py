from __future__ import annotations

import pytest
from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtWidgets import QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.support.contrast import contrast
from ui.shell.messages import NOTICE_MS, Kind, MessageBar
from ui.shell.preferences import ThemeChoice
from ui.shell.theme import theme


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    return window


@pytest.fixture
def bar(qtbot: QtBot, window: QWidget) -> MessageBar:
    bar = MessageBar()
    QVBoxLayout(window).addWidget(bar)
    with qtbot.waitActive(window):
        window.show()
    assert bar.isHidden()
    return bar


def button(bar: MessageBar, text: str) -> QPushButton:
    return next(each for each in bar.findChildren(QPushButton) if each.text() == text)


def waiting(bar: MessageBar) -> int:
    """Return how many older messages it says there are."""
    assert bar.count.isVisible() is (bar.count.text() != "0 more")
    return int(bar.count.text().removesuffix(" more"))


def let_time_pass(bar: MessageBar) -> None:
    """As if the time of a notice were over; nothing where none is being counted."""
    for timer in bar.findChildren(QTimer):
        if timer.isActive():
            assert timer.interval() == NOTICE_MS
            timer.timeout.emit()


def test_error_stays_until_dismissed(qtbot: QtBot, bar: MessageBar) -> None:
    bar.show_message("The camera is gone; plug it in again")
    assert bar.isVisible()
    assert (bar.text, bar.kind) == ("The camera is gone; plug it in again", "error")
    let_time_pass(bar)
    assert bar.isVisible()
    qtbot.mouseClick(button(bar, "Dismiss"), Qt.MouseButton.LeftButton)
    assert not bar.isVisible()
    assert (bar.text, bar.kind) == ("", None)


def test_warning_stays_and_notice_disappears(bar: MessageBar) -> None:
    bar.show_message("Few frames", "warning")
    let_time_pass(bar)
    assert bar.isVisible()
    bar.dismiss()
    bar.show_message("Exported", "notice")
    assert bar.isVisible()
    let_time_pass(bar)
    assert not bar.isVisible()


def test_newest_message_is_shown_first(bar: MessageBar) -> None:
    for text in ("one", "two", "three"):
        bar.show_message(text)
    assert (bar.text, waiting(bar)) == ("three", 2)
    bar.dismiss()
    assert (bar.text, waiting(bar)) == ("two", 1)
    bar.show_message("Wrote talk.pdf", "notice")
    assert (bar.text, waiting(bar)) == ("Wrote talk.pdf", 2)
    let_time_pass(bar)
    assert bar.text == "two"
    bar.dismiss()
    bar.dismiss()
    assert not bar.isVisible()


def test_what_offers_an_action_outlives_a_session(bar: MessageBar) -> None:
    bar.show_message("Ended abruptly", "warning", ("Open", lambda: None))
    bar.show_message("The computer is slow", "warning")
    bar.show_message("Few frames", "warning")
    bar.clear()
    assert (bar.text, waiting(bar)) == ("Ended abruptly", 0)


def test_same_message_is_shown_once(bar: MessageBar) -> None:
    for _ in range(3):
        bar.show_message("one")
        bar.show_message("two")
    assert (bar.text, waiting(bar)) == ("two", 1)
    bar.dismiss()
    assert (bar.text, waiting(bar)) == ("one", 0)


def test_error_replaces_notice(bar: MessageBar) -> None:
    bar.show_message("Exported", "notice")
    bar.show_message("The disk is full")
    assert (bar.text, waiting(bar)) == ("The disk is full", 0)
    let_time_pass(bar)
    bar.show_message("Stopped", "notice")
    assert (bar.text, waiting(bar)) == ("Stopped", 1)
    let_time_pass(bar)
    assert bar.text == "The disk is full"
    bar.dismiss()
    assert not bar.isVisible()


def test_action_runs_and_dismisses(qtbot: QtBot, bar: MessageBar) -> None:
    done: list[str] = []
    bar.show_message(
        "Exported to talk.csv", "notice", ("Open the folder", lambda: done.append("opened"))
    )
    act = button(bar, "Open the folder")
    assert act.isVisible()
    qtbot.mouseClick(act, Qt.MouseButton.LeftButton)
    assert done == ["opened"]
    assert not bar.isVisible()
    bar.show_message("Another")
    assert not act.isVisible()


def test_action_may_show_message(qtbot: QtBot, bar: MessageBar) -> None:
    bar.show_message("Failed", "error", ("Again", lambda: bar.show_message("Failed again")))
    qtbot.mouseClick(button(bar, "Again"), Qt.MouseButton.LeftButton)
    assert bar.text == "Failed again"
    assert bar.isVisible()


def test_escape_dismisses(qtbot: QtBot, bar: MessageBar) -> None:
    bar.show_message("one")
    close = button(bar, "Dismiss")
    close.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(close, Qt.Key.Key_Escape)
    assert not bar.isVisible()


def test_accessible_name_has_kind_and_text(bar: MessageBar) -> None:
    bar.show_message("Low light", "warning")
    assert bar.accessibleName() == "Warning: Low light"


def test_text_is_plain_text(bar: MessageBar) -> None:
    bar.show_message("<b>talk</b>.mirror is not a recording")
    shown = [each for each in bar.findChildren(QWidget) if each.accessibleName().endswith(bar.text)]
    assert any(each.property("text") == bar.text for each in shown)
    assert any(each.property("textFormat") == Qt.TextFormat.PlainText for each in shown)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_kinds_are_readable_in_both_themes(bar: MessageBar, name: ThemeChoice) -> None:
    theme().choose(name)
    try:
        palette = theme().palette
        assert palette.name == name
        colours: dict[Kind, str] = {
            "error": palette.error,
            "warning": palette.warning,
            "notice": palette.accent,
        }
        for kind, colour in colours.items():
            bar.show_message(kind, kind)
            assert colour in bar.styleSheet()
            assert contrast(colour, palette.raised) >= 4.5
            bar.dismiss()
    finally:
        theme().choose("system")
