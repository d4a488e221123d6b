"""The message bar: errors, warnings and notices, one at a time; and questions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QFrame, QLabel, QMessageBox, QWidget

from ui.shell.theme import theme
from ui.widgets.build import bold, button, horizontal, known, timer
from ui.widgets.labels import WrappedLabel

Kind = Literal["error", "warning", "notice"]
Action = tuple[str, Callable[[], None]]

NOTICE_MS: Final = 6000
_ICONS: Final[dict[Kind, str]] = {"error": "✕", "warning": "!", "notice": "i"}


@dataclass(frozen=True)
class _Message:
    text: str
    kind: Kind
    action: Action | None


class MessageBar(QFrame):
    """Shows one message, and is hidden when there is none.

    Errors and warnings stay until they are dismissed. Notices disappear after 6 s, or are replaced
    by an error or warning. The newest is shown first; others wait below it.
    """

    shown = pyqtSignal()  # another message, which may need another height

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._older: list[_Message] = []
        self._shown: _Message | None = None
        self._timer = timer(self, NOTICE_MS, self.dismiss, once=True)
        self._icon = QLabel(self)
        self._icon.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._icon.setFixedSize(22, 22)
        self._text = WrappedLabel(parent=self)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # else a click takes it
        self.count = QLabel(self)  # of older messages
        self._action_button = button("", self, self._run_action)
        self._action_button.hide()
        close = button("Dismiss", self, self.dismiss)
        close.setAccessibleDescription("Dismiss this message")
        items = (self._icon, (self._text, 1), self.count, self._action_button, close)
        horizontal(*items, inside=self, margins=(12, 2, 8, 2), spacing=10)
        self.hide()
        theme().changed.connect(self._paint)

    @property
    def text(self) -> str:
        """The text of the message; empty if there is none."""
        return "" if self._shown is None else self._shown.text

    @property
    def kind(self) -> Kind | None:
        """The kind of the message; None if there is none."""
        return None if self._shown is None else self._shown.kind

    def show_message(self, text: str, kind: Kind = "error", action: Action | None = None) -> None:
        """Show a message; one that is already shown, or waits, is ignored.

        The action is the text and the slot of a button, which also dismisses the message.
        """
        message = _Message(text, kind, action)
        if (text, kind) in [(each.text, each.kind) for each in (self._shown, *self._older) if each]:
            return
        if self._shown is not None and (self._shown.kind != "notice" or kind == "notice"):
            self._older.append(self._shown)
        self._show(message)

    def clear(self) -> None:
        """Drop all messages but those that offer an action."""
        self._older = [each for each in self._older if each.action is not None]
        if self._shown is not None and self._shown.action is None:
            self.dismiss()

    def dismiss(self) -> None:
        self._timer.stop()
        if self._older:
            self._show(self._older.pop())
        else:
            self._shown = None
            self.hide()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            super().keyPressEvent(event)

    def _show(self, message: _Message) -> None:
        self._shown = message
        name = message.kind.capitalize()
        self._icon.setText(_ICONS[message.kind])
        self._icon.setAccessibleName(name)
        self._text.setText(message.text)
        self._text.setAccessibleName(f"{name}: {message.text}")
        self.setAccessibleName(f"{name}: {message.text}")
        self._action_button.setVisible(message.action is not None)
        if message.action is not None:
            self._action_button.setText(message.action[0])
        self.count.setText(f"{len(self._older)} more")
        self.count.setVisible(bool(self._older))
        self._paint()
        self.show()
        self.raise_()
        self.shown.emit()
        self._timer.stop()
        if message.kind == "notice":
            self._timer.start()

    def _run_action(self) -> None:
        _text, act = known(known(self._shown).action)
        self.dismiss()
        act()

    def _paint(self) -> None:
        palette = theme().palette
        colour = getattr(palette, self.kind if self.kind in ("error", "warning") else "accent")
        self.setStyleSheet(
            f"MessageBar {{ background: {palette.raised}; border: none;"
            f" border-left: 4px solid {colour}; border-bottom: 1px solid {palette.border}; }}"
            f" QLabel {{ color: {palette.text}; background: transparent; }}"
        )
        self._icon.setStyleSheet(
            f"color: {colour}; border: 2px solid {colour}; border-radius: 11px; font-weight: bold;"
        )


class Question(QMessageBox):
    """A question with these texts of its buttons; Enter and Escape mean no."""

    def __init__(self, text: str, details: str, yes: str, no: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setIcon(QMessageBox.Icon.Question)
        self.setWindowTitle("mirror")
        self.setText(text)
        self.setInformativeText(details)
        self._yes = self.addButton(yes, QMessageBox.ButtonRole.AcceptRole)
        # Bold, as the style sheet paints default buttons so, but measures their own font.
        no_button = bold(known(self.addButton(no, QMessageBox.ButtonRole.RejectRole)))
        self.setDefaultButton(no_button)
        self.setEscapeButton(no_button)
        self.finished.connect(self.deleteLater)

    @property
    def is_yes(self) -> bool:
        return self.clickedButton() is self._yes
