"""Fields for settings: a number with its unit, a choice, and a row with explanation and error."""

from collections.abc import Callable, Mapping
from typing import Final

from PyQt6.QtCore import QLocale, QSignalBlocker, Qt
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtWidgets import QComboBox, QDoubleSpinBox, QSlider, QWidget

from ui.widgets.build import dim, horizontal, vertical
from ui.widgets.labels import WrappedLabel

_DECIMALS: Final = 3  # a default band may have four


class FieldRow(QWidget):
    """One setting's fields, and below them an explanation and an error."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.error, self._explanation = WrappedLabel(parent=self), dim(WrappedLabel(parent=self))
        self.error.hide()
        self._explanation.hide()
        self._fields = vertical()
        vertical(self._fields, self._explanation, self.error, inside=self, spacing=3)

    def add(self, *fields: QWidget) -> None:
        """Add fields side by side, below those added before; the first one is the widest."""
        self._fields.addLayout(horizontal((fields[0], 1), *fields[1:]))

    def set_explanation(self, text: str) -> None:
        self._explanation.setText(text)
        self._explanation.show()

    def set_error(self, text: str) -> None:
        self.error.setText(text)
        self.error.setVisible(bool(text))
        for kind in (NumberField, ChoiceField):
            for field in self.findChildren(kind):
                field.setAccessibleDescription(text)


class NumberField(QDoubleSpinBox):
    """A number with its unit, without trailing zeros."""

    def __init__(self, unit: str, step: float, parent: QWidget) -> None:
        super().__init__(parent)
        self.setDecimals(_DECIMALS)
        # Wide: invalid values are explained, not silently refused.
        self.setRange(0.0, 9999.0)
        self.setSingleStep(step)
        self.setSuffix(f" {unit}" if unit else "")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    @property
    def number(self) -> float:
        """The number in the text, also while it is being typed."""
        return self.valueFromText(self.text()) if self.hasAcceptableInput() else self.value()

    def shows(self, value: float) -> bool:
        return abs(self.number - value) < 0.5 * 10**-_DECIMALS

    def show_number(self, value: float) -> None:
        if not self.shows(value):  # keeps a text that is being typed
            with QSignalBlocker(self):
                self.setValue(value)

    def textFromValue(self, value: float) -> str:
        locale = self.locale()
        locale.setNumberOptions(QLocale.NumberOption.OmitGroupSeparator)
        return locale.toString(value, "g", 8)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        _scroll_only_with_focus(self, event, super().wheelEvent)


class NumberSlider(QSlider):
    """Chooses among usual values of a number field, a step apart from `low` to `high`."""

    def __init__(self, field: NumberField, low: float, high: float, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._field, self._low, step = field, low, field.singleStep()
        self.setRange(0, round((high - low) / step))
        # The keys change the field beside it: it needs no second stop of the Tab key.
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAccessibleName(f"{field.accessibleName()}, slider")
        self.valueChanged.connect(lambda place: field.setValue(low + step * place))
        field.textChanged.connect(lambda _text: self.follow())

    def follow(self) -> None:
        """Show the field's number, or the usual value next to it."""
        with QSignalBlocker(self):
            self.setValue(round((self._field.number - self._low) / self._field.singleStep()))

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        _scroll_only_with_focus(self, event, super().wheelEvent)


class OffsetField(NumberField):
    """Seconds to either side, whose arrows move by one frame, which takes `frame_s()` seconds."""

    def __init__(self, name: str, frame_s: Callable[[], float], parent: QWidget) -> None:
        super().__init__("s", 1.0, parent)
        self._frame_s = frame_s
        self.setDecimals(4)  # three thirds of a tenth make one
        self.setRange(-9999.0, 9999.0)
        self.setKeyboardTracking(False)
        self.setAccessibleName(name)

    def stepBy(self, steps: int) -> None:
        self.setValue(self.value() + steps * self._frame_s())


class ChoiceField(QComboBox):
    """A setting with a few possible values."""

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
        with QSignalBlocker(self):
            self.setCurrentIndex(self.findData(value))

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        _scroll_only_with_focus(self, event, super().wheelEvent)


def _scroll_only_with_focus(
    field: QWidget, event: QWheelEvent | None, turn: Callable[[QWheelEvent | None], None]
) -> None:
    """Scroll the value only with focus, else the page."""
    if field.hasFocus():
        turn(event)
    elif event is not None:
        event.ignore()
