"""Let the focused control handle its own keys before they trigger shortcuts."""

from typing import Final

from PyQt6 import QtWidgets, sip
from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtGui import QKeyEvent

_Key = Qt.Key
_STEPS: Final = frozenset({_Key.Key_Up, _Key.Key_Down, _Key.Key_PageUp, _Key.Key_PageDown})
_ENDS: Final = frozenset({_Key.Key_Home, _Key.Key_End})
_SIDES: Final = frozenset({_Key.Key_Left, _Key.Key_Right})
_PRESS: Final = frozenset({_Key.Key_Space})
_ENTER: Final = frozenset({_Key.Key_Return, _Key.Key_Enter})
_NONE: Final = Qt.KeyboardModifier.NoModifier
_KEYPAD: Final = Qt.KeyboardModifier.KeypadModifier
_ENTER_BUTTONS: Final = (QtWidgets.QPushButton, QtWidgets.QToolButton)

_CONTROL_KEYS: Final[tuple[tuple[type[QtWidgets.QWidget], frozenset[Qt.Key]], ...]] = (
    (QtWidgets.QRadioButton, _PRESS | _STEPS | _SIDES),
    (QtWidgets.QAbstractButton, _PRESS),
    (QtWidgets.QComboBox, _PRESS | _STEPS | _ENDS),
    (QtWidgets.QAbstractSlider, _STEPS | _SIDES | _ENDS),
    (QtWidgets.QAbstractSpinBox, _STEPS),
    (QtWidgets.QAbstractItemView, _PRESS | _STEPS | _ENDS),
)
"""Keys without modifiers that each control handles. Text fields need no entry."""


class FocusKeys(QObject):
    """Sends the focused control its keys: Space clicks a button, arrows move a slider.

    Otherwise the window's shortcuts would take them. Enter also clicks a focused button, which Qt
    does in dialogs only.
    """

    def __init__(self, application: QtWidgets.QApplication) -> None:
        super().__init__(application)
        self._watched: QtWidgets.QWidget | None = None
        application.focusChanged.connect(self._watch)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if not isinstance(event, QKeyEvent) or event.modifiers() not in (_NONE, _KEYPAD):
            return False
        kind, key = event.type(), event.key()
        if kind == QEvent.Type.ShortcutOverride and key in _keys(watched):
            event.accept()
            return True
        is_press = kind == QEvent.Type.KeyPress and key in _ENTER
        if is_press and isinstance(watched, _ENTER_BUTTONS):
            if not event.isAutoRepeat():
                watched.click()
            return True
        return False

    def _watch(self, _before: QtWidgets.QWidget | None, now: QtWidgets.QWidget | None) -> None:
        # A deleted control also loses the focus.
        if self._watched is not None and not sip.isdeleted(self._watched):
            self._watched.removeEventFilter(self)
        self._watched = now
        if now is not None:
            now.installEventFilter(self)


def focus_by_tab_only(page: QtWidgets.QWidget) -> None:
    """Let buttons and combo boxes of a page take the focus by Tab, not by a click.

    After clicking a button, Space should trigger the page's shortcut, not the button again.
    """
    for kind in (QtWidgets.QAbstractButton, QtWidgets.QComboBox):
        for control in page.findChildren(kind):
            if control.focusPolicy() & Qt.FocusPolicy.TabFocus:
                control.setFocusPolicy(Qt.FocusPolicy.TabFocus)


def _keys(control: QObject | None) -> frozenset[Qt.Key]:
    return next((keys for kind, keys in _CONTROL_KEYS if isinstance(control, kind)), frozenset())
