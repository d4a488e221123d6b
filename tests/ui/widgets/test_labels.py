from __future__ import annotations

import pytest
from PyQt6.QtCore import QEvent, QPoint
from PyQt6.QtGui import QHelpEvent
from PyQt6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from ui.widgets.labels import ElidedLabel, WrappedLabel, shorten


def test_elided_label_shows_what_fits_and_keeps_all(qtbot: QtBot) -> None:
    label = ElidedLabel("A participant with a long name\nin two lines")
    qtbot.addWidget(label)
    label.resize(2000, 20)
    assert label.shown_text == "A participant with a long name in two lines"
    label.resize(100, 20)
    assert label.shown_text.startswith("A part")
    assert label.shown_text.endswith("…")
    assert label.text().endswith("in two lines")
    label.resize(14, 20)
    assert label.shown_text == ""
    assert label.minimumSizeHint().width() < 40


@pytest.mark.parametrize("tip", ["", "/recordings/talk.mirror"])
def test_tool_tip_of_elided_label_begins_with_all_of_it(qtbot: QtBot, tip: str) -> None:
    label = ElidedLabel("23 November 2026, 10:15  ·  2:08  ·  seated")
    label.setToolTip(tip)
    qtbot.addWidget(label)
    label.show()
    tips = []
    for width in (600, 100):
        label.resize(width, 20)
        place = QPoint(5, 5)
        event = QHelpEvent(QEvent.Type.ToolTip, place, label.mapToGlobal(place))
        QApplication.sendEvent(label, event)
        tips.append(QToolTip.text())
    assert tips == [tip, f"23 November 2026, 10:15\n2:08\nseated\n{tip}".rstrip()]
    QToolTip.hideText()


@pytest.mark.parametrize("text", ["x" * 300, "/videos/" + "y" * 200 + ".mp4", "short words only"])
def test_wrapped_label_is_narrow_and_keeps_its_text(qtbot: QtBot, text: str) -> None:
    label = WrappedLabel(text)
    qtbot.addWidget(label)
    assert label.minimumSizeHint().width() < 400
    assert label.text() == text
    assert label.heightForWidth(300) > (30 if len(text) > 100 else 10)


def test_shorten() -> None:
    assert shorten("Bartholomew-Silves") == "Bartholomew-Silves"
    assert shorten("Wolfeschlegelsteinhausen") == "Wolfeschlegelsteinh…"
