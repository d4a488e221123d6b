"""Errors and notices inside the window, one at a time, none of them lost."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from ui.shell.theme import theme

Kind = Literal["error", "warning", "notice"]
Action = tuple[str, Callable[[], None]]

NOTICE_MS: Final = 6000
_NAMES: Final[dict[Kind, str]] = {"error": "Error", "warning": "Warning", "notice": "Notice"}
_SIGNS: Final[dict[Kind, str]] = {"error": "✕", "warning": "!", "notice": "i"}


@dataclass(frozen=True)
class _Message:
    text: str
    kind: Kind
    action: Action | None


class MessageBar(QFrame):
    """A bar that shows what has to be said, and is not there when nothing has.

    Errors and warnings stay until they are dismissed; notices go by themselves, and make room for
    anything graver. What comes while a message is shown waits for its turn.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._waiting: deque[_Message] = deque()
        self._shown: _Message | None = None
        self._gone = QTimer(self)
        self._gone.setSingleShot(True)
        self._gone.setInterval(NOTICE_MS)
        self._gone.timeout.connect(self.dismiss)

        self._sign = QLabel(self)
        self._sign.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._sign.setFixedSize(22, 22)
        self._text = QLabel(self)
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._more = QLabel(self)
        self._act = QPushButton(self)
        self._act.clicked.connect(self._carry_out)
        self._act.hide()
        self._close = QPushButton("Dismiss", self)
        self._close.setAccessibleDescription("Dismiss this message")
        self._close.clicked.connect(self.dismiss)

        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        row.setSpacing(10)
        for widget in (self._sign, self._text, self._more, self._act, self._close):
            row.addWidget(widget)
        self.hide()
        theme().changed.connect(self._paint)

    @property
    def text(self) -> str:
        """What is being said; empty when nothing is."""
        return "" if self._shown is None else self._shown.text

    @property
    def kind(self) -> Kind | None:
        """What kind of message is shown; None when none is."""
        return None if self._shown is None else self._shown.kind

    @property
    def waiting(self) -> int:
        """How many messages wait for their turn."""
        return len(self._waiting)

    def show_message(self, text: str, kind: Kind = "error", action: Action | None = None) -> None:
        """Say something; the same thing twice is said once.

        Parameters
        ----------
        text : str
            Plain text, one line or a few.
        kind : {"error", "warning", "notice"}
            A notice goes after 6 s.
        action : (str, callable), optional
            The words on a button, and what it does; the message is dismissed with it.
        """
        message = _Message(text, kind, action)
        if any(
            each is not None and (each.text, each.kind) == (text, kind)
            for each in (self._shown, *self._waiting)
        ):
            return
        if self._shown is None or (self._shown.kind == "notice" and kind != "notice"):
            self._show(message)
        else:
            self._waiting.append(message)
            self._count()

    def dismiss(self) -> None:
        """Away with the message that is shown; the next one takes its place."""
        self._gone.stop()
        if self._waiting:
            self._show(self._waiting.popleft())
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
        named = _NAMES[message.kind]
        self._sign.setText(_SIGNS[message.kind])
        self._sign.setAccessibleName(named)
        self._text.setText(message.text)
        self._text.setAccessibleName(f"{named}: {message.text}")
        self.setAccessibleName(f"{named}: {message.text}")
        self._act.setVisible(message.action is not None)
        if message.action is not None:
            self._act.setText(message.action[0])
        self._count()
        self._paint()
        self.show()
        if message.kind == "notice":
            self._gone.start()
        else:
            self._gone.stop()

    def _count(self) -> None:
        self._more.setText(f"{len(self._waiting)} more" if self._waiting else "")
        self._more.setVisible(bool(self._waiting))

    def _carry_out(self) -> None:
        message = self._shown
        self.dismiss()
        if message is not None and message.action is not None:
            message.action[1]()

    def _paint(self) -> None:
        palette = theme().palette
        colour = {
            "error": palette.error,
            "warning": palette.warning,
            "notice": palette.accent,
        }[self.kind or "notice"]
        self.setStyleSheet(
            f"MessageBar {{ background: {palette.raised}; border: none;"
            f" border-left: 4px solid {colour}; border-bottom: 1px solid {palette.border}; }}"
            f" QLabel {{ color: {palette.text}; background: transparent; }}"
        )
        self._sign.setStyleSheet(
            f"color: {colour}; border: 2px solid {colour}; border-radius: 11px; font-weight: bold;"
        )
