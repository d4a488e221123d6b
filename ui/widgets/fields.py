"""Fields for settings: a number with its unit, one of a few words, and a row that explains them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from PyQt6.QtCore import QLocale, Qt
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtWidgets import QComboBox, QDoubleSpinBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

_DECIMALS: Final = 4  # as fine as the engine's own default band


class Row(QWidget):
    """One setting's fields side by side, and under them what there is to say about them."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.error = _note(self)
        self._explanation = _note(self)
        self._explanation.setProperty("dim", True)
        self._fields = QHBoxLayout()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addLayout(self._fields)
        column.addWidget(self._explanation)
        column.addWidget(self.error)

    def add(self, field: QWidget) -> None:
        if self._fields.count():
            self._fields.addWidget(QLabel("to", self))
        self._fields.addWidget(field, 1)

    def explain(self, text: str) -> None:
        self._explanation.setText(text)
        self._explanation.show()

    def complain(self, text: str) -> None:
        self.error.setText(text)
        self.error.setVisible(bool(text))
        for kind in (Number, Choice):
            for field in self.findChildren(kind):
                field.setAccessibleDescription(text)


class Number(QDoubleSpinBox):
    """A number with its unit, written without empty decimals."""

    def __init__(self, unit: str, step: float, parent: QWidget) -> None:
        super().__init__(parent)
        self.setDecimals(_DECIMALS)
        # As wide as it goes: what cannot be used is said in words, not refused in silence.
        self.setRange(0.0, 9999.0)
        self.setSingleStep(step)
        self.setSuffix(f" {unit}")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    @property
    def number(self) -> float:
        """What is written, also while it is being typed."""
        return self.valueFromText(self.text()) if self.hasAcceptableInput() else self.value()

    def shows(self, value: float) -> bool:
        return abs(self.number - value) < 0.5 * 10**-_DECIMALS

    def show_number(self, value: float) -> None:
        if not self.shows(value):  # else what is being typed is left alone
            self.blockSignals(True)
            self.setValue(value)
            self.blockSignals(False)

    def textFromValue(self, value: float) -> str:
        locale = self.locale()
        locale.setNumberOptions(QLocale.NumberOption.OmitGroupSeparator)
        return locale.toString(value, "g", 8)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        _only_with_focus(self, event, super().wheelEvent)


class Choice(QComboBox):
    """A setting that is one of a few words."""

    def __init__(self, texts: Mapping[str, tuple[str, str]], parent: QWidget) -> None:
        super().__init__(parent)
        self._texts = texts
        for value, (text, _) in texts.items():
            self.addItem(text, value)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    @property
    def chosen(self) -> str:
        return str(self.currentData())

    @property
    def explanation(self) -> str:
        return self._texts[self.chosen][1]

    def choose(self, value: str) -> None:
        self.blockSignals(True)
        self.setCurrentIndex(self.findData(value))
        self.blockSignals(False)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        _only_with_focus(self, event, super().wheelEvent)


def _only_with_focus(
    field: QWidget, event: QWheelEvent | None, turn: Callable[[QWheelEvent | None], None]
) -> None:
    """Who scrolls over a field means the page, not its value."""
    if field.hasFocus():
        turn(event)
    elif event is not None:
        event.ignore()


def _note(parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.hide()
    return label
