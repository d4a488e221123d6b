"""Keys go to the control that has the focus, when it needs them, before they are shortcuts."""

from __future__ import annotations

from typing import Final

from PyQt6 import sip
from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QPushButton,
    QRadioButton,
    QToolButton,
    QWidget,
)

_Key = Qt.Key
_STEPS: Final = frozenset({_Key.Key_Up, _Key.Key_Down, _Key.Key_PageUp, _Key.Key_PageDown})
_ENDS: Final = frozenset({_Key.Key_Home, _Key.Key_End})
_SIDES: Final = frozenset({_Key.Key_Left, _Key.Key_Right})
_PRESS: Final = frozenset({_Key.Key_Space})
_ENTER: Final = frozenset({_Key.Key_Return, _Key.Key_Enter})
_PRESSED_BY_ENTER: Final = (QPushButton, QToolButton)

_WORKED_BY: Final[tuple[tuple[type[QWidget], frozenset[Qt.Key]], ...]] = (
    (QRadioButton, _PRESS | _STEPS | _SIDES),
    (QAbstractButton, _PRESS),
    (QComboBox, _PRESS | _STEPS | _ENDS),
    (QAbstractSlider, _STEPS | _SIDES | _ENDS),
    (QAbstractSpinBox, _STEPS),
    (QAbstractItemView, _PRESS | _STEPS | _ENDS),
)
"""Plain keys that work a control. Text fields see to theirs themselves."""


class FocusKeys(QObject):
    """Lets the focused control have its keys: Space presses a button, arrows move a slider.

    Without it a shortcut of the window would take them, and the control could not be worked from
    the keyboard. Enter presses a button too, as it does in Qt's dialogs but not on its pages.
    """

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._watched: QWidget | None = None
        application.focusChanged.connect(self._moved)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.modifiers() in (_NONE, _KEYPAD)
            and event.key() in _keys(watched)
        ):
            event.accept()
            return True
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.modifiers() in (_NONE, _KEYPAD)
            and event.key() in _ENTER
            and isinstance(watched, _PRESSED_BY_ENTER)
        ):
            if not event.isAutoRepeat():
                watched.click()
            return True
        return False

    def _moved(self, _before: QWidget | None, now: QWidget | None) -> None:
        # A control that is being deleted loses the focus too.
        if self._watched is not None and not sip.isdeleted(self._watched):
            self._watched.removeEventFilter(self)
        self._watched = now
        if now is not None:
            now.installEventFilter(self)


def by_tab_only(page: QWidget) -> None:
    """Buttons and lists of choices of a page take the focus by Tab, not by a click.

    Who clicks a button and then presses Space means the shortcut, not that button again.
    """
    for kind in (QAbstractButton, QComboBox):
        for control in page.findChildren(kind):
            if control.focusPolicy() & Qt.FocusPolicy.TabFocus:
                control.setFocusPolicy(Qt.FocusPolicy.TabFocus)


_NONE: Final = Qt.KeyboardModifier.NoModifier
_KEYPAD: Final = Qt.KeyboardModifier.KeypadModifier


def _keys(control: QObject | None) -> frozenset[Qt.Key]:
    for kind, keys in _WORKED_BY:
        if isinstance(control, kind):
            return keys
    return frozenset()
