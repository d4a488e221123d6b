from __future__ import annotations

import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDoubleSpinBox,
    QLabel,
    QSlider,
    QWidget,
)
from pytestqt.qtbot import QtBot

from mirror.errors import SettingsError
from mirror.settings import Settings
from ui.shell.theme import theme
from ui.widgets.settings import SettingsPanel

WAIT = 10_000


@pytest.fixture
def panel(qtbot: QtBot) -> SettingsPanel:
    widget = SettingsPanel()
    qtbot.addWidget(widget)
    widget.resize(300, 500)
    with qtbot.waitActive(widget):
        widget.show()
    return widget


@pytest.fixture
def emitted(panel: SettingsPanel) -> list[Settings]:
    """Settings emitted, in order."""
    found: list[Settings] = []
    panel.changed.connect(found.append)
    return found


def write(qtbot: QtBot, field: QDoubleSpinBox, text: str) -> None:
    """Replace the text of a field."""
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)


def enter(qtbot: QtBot, field: QDoubleSpinBox, text: str) -> None:
    write(qtbot, field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)


def slider_of(panel: SettingsPanel, field: QDoubleSpinBox) -> QSlider:
    name = field.accessibleName()
    return next(
        each for each in panel.findChildren(QSlider) if each.accessibleName().startswith(name)
    )


def test_slider_and_field_follow_each_other(
    qtbot: QtBot, panel: SettingsPanel, emitted: list[Settings]
) -> None:
    slider = slider_of(panel, panel.window_length)
    before = slider.value()
    with qtbot.waitSignal(panel.changed, timeout=WAIT):
        slider.setValue(before + 3)
        slider.setValue(before + 2)
        assert panel.window_length.text() == "7 s"
    assert emitted == [Settings(window=7.0)]
    enter(qtbot, panel.window_length, "6.1")
    assert slider.value() == before
    assert emitted[-1] == Settings(window=6.1)
    enter(qtbot, panel.window_length, "300")
    assert slider.value() == slider.maximum()
    panel.set_settings(Settings())
    assert slider.value() == before
    default = slider_of(panel, panel.low).value()
    enter(qtbot, panel.window_length, "3")
    assert slider_of(panel, panel.low).value() > default


def test_values_and_choices_are_taken_at_once(qtbot: QtBot) -> None:
    panel = SettingsPanel(at_once=True)
    qtbot.addWidget(panel)
    emitted: list[Settings] = []
    panel.changed.connect(emitted.append)
    slider = slider_of(panel, panel.floor)
    for value in (1, 2):
        slider.setValue(value)
    panel.mapping.setCurrentIndex(1)
    assert emitted == [
        Settings(floor=0.005),
        Settings(floor=0.01),
        Settings(floor=0.01, mapping="same-side"),
    ]
    panel.window_length.setValue(8.0)  # may be written further
    assert len(emitted) == 3
    slider_of(panel, panel.low).setValue(0)
    assert len(emitted) == 3
    assert panel.error("band")


def test_set_settings_shows_without_signal(panel: SettingsPanel, emitted: list[Settings]) -> None:
    given = Settings(
        window=8, band=(0.5, 2.5), mapping="same-side", taper="hann", max_lag=1.5, floor=0.03
    )
    panel.set_settings(given)
    assert panel.window_length.text() == "8 s"
    assert (panel.low.text(), panel.high.text()) == ("0.5 Hz", "2.5 Hz")
    assert panel.mapping.currentText() == "Same side"
    assert panel.taper.currentText() == "Hann"
    assert panel.max_lag.text() == "1.5 s"
    assert panel.floor.text() == "0.03"
    assert panel.settings() is given
    assert emitted == []


def test_enter_commits(qtbot: QtBot, panel: SettingsPanel, emitted: list[Settings]) -> None:
    enter(qtbot, panel.window_length, "12.5")
    assert emitted == [Settings(window=12.5)]
    assert panel.settings() == emitted[0]


def test_leaving_the_field_commits(
    qtbot: QtBot, panel: SettingsPanel, emitted: list[Settings]
) -> None:
    write(qtbot, panel.high, "2")
    qtbot.keyClick(panel.high, Qt.Key.Key_Tab)
    assert [each.band for each in emitted] == [(0.2, 2.0)]


def test_commits_after_delay(qtbot: QtBot, panel: SettingsPanel, emitted: list[Settings]) -> None:
    with qtbot.waitSignal(panel.changed, timeout=WAIT):
        write(qtbot, panel.window_length, "12.5")
        assert emitted == []
    assert emitted == [Settings(window=12.5)]
    assert panel.window_length.hasFocus()


def test_partial_number_is_kept(
    qtbot: QtBot, panel: SettingsPanel, emitted: list[Settings]
) -> None:
    with qtbot.waitSignal(panel.changed, timeout=WAIT):
        write(qtbot, panel.window_length, "7.")
    qtbot.keyClicks(panel.window_length, "5")
    qtbot.keyClick(panel.window_length, Qt.Key.Key_Return)
    assert [each.window for each in emitted] == [7.0, 7.5]


def test_steps_are_committed_together(
    qtbot: QtBot, panel: SettingsPanel, emitted: list[Settings]
) -> None:
    panel.window_length.setFocus()
    with qtbot.waitSignal(panel.changed, timeout=WAIT):
        for _ in range(3):
            qtbot.keyClick(panel.window_length, Qt.Key.Key_Up)
    assert emitted == [Settings(window=7.5)]


def test_settings_commits_at_once(
    qtbot: QtBot, panel: SettingsPanel, emitted: list[Settings]
) -> None:
    panel.window_length.setFocus()
    qtbot.keyClick(panel.window_length, Qt.Key.Key_Up)
    assert panel.settings() == Settings(window=6.5)
    assert emitted == [Settings(window=6.5)]


def test_explains_mapping(qtbot: QtBot, panel: SettingsPanel, emitted: list[Settings]) -> None:
    def shown() -> str:
        return " ".join(label.text() for label in panel.findChildren(QLabel) if label.isVisible())

    assert "B's right arm answers A's left arm" in shown()
    with qtbot.waitSignal(panel.changed, timeout=WAIT):
        panel.mapping.setFocus()
        qtbot.keyClick(panel.mapping, Qt.Key.Key_Down)
    assert emitted == [Settings(mapping="same-side")]
    assert "B's right arm answers A's right arm" in shown()


def test_only_default_band_follows_window(
    qtbot: QtBot, panel: SettingsPanel, emitted: list[Settings]
) -> None:
    enter(qtbot, panel.window_length, "3")
    assert emitted[-1] == Settings(window=3)
    assert panel.low.text() == "0.333 Hz"
    enter(qtbot, panel.window_length, "6")
    assert panel.low.text() == "0.2 Hz"
    enter(qtbot, panel.low, "0.4")
    enter(qtbot, panel.window_length, "8")
    assert emitted[-1] == Settings(window=8, band=(0.4, 3.0))


def test_changing_one_edge_keeps_the_other_exactly(
    qtbot: QtBot, panel: SettingsPanel, emitted: list[Settings]
) -> None:
    low = 0.3123456789
    panel.set_settings(Settings(band=(low, 3.0)))
    enter(qtbot, panel.high, "2.5")
    assert emitted[-1].band == (low, 2.5)


@pytest.mark.parametrize(
    ("row", "field", "text", "changes"),
    [
        ("window", "window_length", "1", {"window": 1.0}),
        ("window", "window_length", "700", {"window": 700.0}),
        ("window", "window_length", "0", {"window": 0.0}),
        ("band", "low", "0.01", {"band": (0.01, 3.0)}),
        ("band", "low", "5", {"band": (5.0, 3.0)}),
        ("band", "high", "20", {"band": (0.4, 20.0)}),
        ("max_lag", "max_lag", "900", {"max_lag": 900.0}),
    ],
)
def test_invalid_values_show_an_error_without_signal(
    qtbot: QtBot,
    panel: SettingsPanel,
    emitted: list[Settings],
    row: str,
    field: str,
    text: str,
    changes: dict[str, object],
) -> None:
    before = Settings(band=(0.4, 3.0))
    panel.set_settings(before)
    panel.more.setChecked(True)
    with pytest.raises(SettingsError) as refused:
        before.changed(**changes)
    spin = getattr(panel, field)
    enter(qtbot, spin, text)
    assert emitted == []
    assert panel.settings() == before
    assert panel.error(row) == str(refused.value)
    assert spin.accessibleDescription() == str(refused.value)
    said = [label for label in panel.findChildren(QLabel) if label.text() == str(refused.value)]
    assert [label.isVisible() for label in said] == [True]
    assert [name for name in ("window", "band", "max_lag") if panel.error(name)] == [row]


def test_valid_values_clear_the_error(
    qtbot: QtBot, panel: SettingsPanel, emitted: list[Settings]
) -> None:
    panel.set_settings(Settings(band=(0.5, 3.0)))
    enter(qtbot, panel.window_length, "1")
    assert panel.error("window")
    enter(qtbot, panel.low, "1")
    assert emitted == [Settings(window=1, band=(1.0, 3.0))]
    assert not any(map(panel.error, ("window", "band", "max_lag")))
    assert panel.window_length.accessibleDescription() == ""


def test_set_settings_clears_the_error(qtbot: QtBot, panel: SettingsPanel) -> None:
    enter(qtbot, panel.window_length, "700")
    panel.set_settings(Settings())
    assert panel.error("window") == ""
    assert panel.window_length.text() == "6 s"


def test_same_value_emits_nothing(
    qtbot: QtBot, panel: SettingsPanel, emitted: list[Settings]
) -> None:
    enter(qtbot, panel.window_length, "6.0")
    assert panel.window_length.text() == "6 s"
    assert emitted == []


def test_reset_restores_only_shown_settings(
    qtbot: QtBot, panel: SettingsPanel, emitted: list[Settings]
) -> None:
    panel.set_settings(
        Settings(window=9, band=(0.3, 2), mapping="same-side", taper="hann", rate=25, floor=0.05)
    )
    qtbot.mouseClick(panel.reset, Qt.MouseButton.LeftButton)
    assert emitted == [Settings(rate=25)]
    assert panel.window_length.text() == "6 s"
    assert panel.mapping.currentText() == "Mirror"
    qtbot.mouseClick(panel.reset, Qt.MouseButton.LeftButton)
    assert len(emitted) == 1


def test_reset_clears_the_error(qtbot: QtBot, panel: SettingsPanel) -> None:
    enter(qtbot, panel.window_length, "700")
    qtbot.mouseClick(panel.reset, Qt.MouseButton.LeftButton)
    assert panel.window_length.text() == "6 s"
    assert panel.error("window") == ""


def test_more_shows_taper_and_longest_lag(qtbot: QtBot, panel: SettingsPanel) -> None:
    assert not panel.taper.isVisible()
    assert not panel.max_lag.isVisible()
    panel.more.setFocus()
    qtbot.keyClick(panel.more, Qt.Key.Key_Space)
    assert panel.taper.isVisible()
    assert panel.max_lag.isVisible()


def test_tab_order_follows_layout(qtbot: QtBot, panel: SettingsPanel) -> None:
    panel.more.setChecked(True)
    panel.window_length.setFocus()
    reached: list[QWidget | None] = []
    for _ in range(9):
        reached.append(QApplication.focusWidget())
        qtbot.keyClick(reached[-1], Qt.Key.Key_Tab)
    assert reached == [
        panel.window_length,
        panel.low,
        panel.high,
        panel.mapping,
        panel.more,
        panel.taper,
        panel.max_lag,
        panel.floor,
        panel.reset,
    ]


def test_controls_have_accessible_names(panel: SettingsPanel) -> None:
    for kind in (QDoubleSpinBox, QComboBox, QSlider):
        for control in panel.findChildren(kind):
            assert control.accessibleName()
    for button in (panel.more, panel.reset):
        assert isinstance(button, QAbstractButton)
        assert button.text()


@pytest.mark.parametrize("focused", [True, False])
def test_wheel_changes_only_focused_field(panel: SettingsPanel, focused: bool) -> None:
    (panel.window_length if focused else panel.reset).setFocus()
    middle = QPointF(panel.window_length.rect().center())
    turn = QWheelEvent(
        middle,
        QPointF(panel.window_length.mapToGlobal(middle)),
        QPoint(0, 0),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(panel.window_length, turn)
    assert (panel.window_length.value() == 6.5) is focused


def test_errors_follow_theme(qtbot: QtBot, panel: SettingsPanel) -> None:
    enter(qtbot, panel.window_length, "700")
    (label,) = (each for each in panel.findChildren(QLabel) if "too long" in each.text())
    for choice in ("dark", "light"):
        theme().choose(choice)
        assert label.palette().color(label.foregroundRole()).name() == theme().palette.error
