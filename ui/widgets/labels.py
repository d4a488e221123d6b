"""Labels whose text never widens the page: one line that is elided, or lines that wrap."""

import re
from typing import Final

from PyQt6.QtCore import QEvent, QSize, Qt
from PyQt6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QLabel, QSizePolicy, QToolTip, QWidget

_BREAK: Final = "\N{ZERO WIDTH SPACE}"
_LONG_WORD: Final = re.compile(r"([^\s/\\-]{24})(?=[^\s/\\-]{8})")
_MIN_WIDTH: Final = 24
_MIN_CHARS: Final = 2
PART: Final = "  ·  "  # between the parts of a line, which are lines of its tool tip

MAX_NAME_CHARS: Final = 20  # longer names are shortened in texts that neither wrap nor elide


def shorten(name: str, most: int = MAX_NAME_CHARS) -> str:
    """Return a name for a button: "Wolfeschlegelsteinh…"."""
    return name if len(name) <= most else f"{name[: most - 1].rstrip()}…"


class ElidedLabel(QLabel):
    """A line of plain text, elided where it does not fit; its tool tip then begins with it."""

    def __init__(
        self,
        text: str = "",
        parent: QWidget | None = None,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> None:
        super().__init__(text, parent)
        self._mode = mode
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    @property
    def shown_text(self) -> str:
        """The text as it fits; empty if no more than a letter does."""
        line = " ".join(self.text().split())
        shown = self.fontMetrics().elidedText(line, self._mode, self.contentsRect().width())
        return shown if shown == line or len(shown) > _MIN_CHARS else ""

    def minimumSizeHint(self) -> QSize:
        return QSize(_MIN_WIDTH, super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        painter, style = QPainter(self), self.style()
        assert style is not None
        area, flags, role = self.contentsRect(), int(self.alignment()), self.foregroundRole()
        text, palette, enabled = self.shown_text, self.palette(), self.isEnabled()
        style.drawItemText(painter, area, flags, palette, enabled, text, role)

    def event(self, event: QEvent | None) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            is_whole = self.shown_text == " ".join(self.text().split())
            parts = [] if is_whole else self.text().split(PART)
            text = "\n".join(dict.fromkeys(filter(None, (*parts, self.toolTip()))))
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)


class WrappedLabel(QLabel):
    """Lines of plain text that wrap, within words that are very long, too."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)

    def setText(self, text: str | None) -> None:
        super().setText(_LONG_WORD.sub(rf"\1{_BREAK}", text or ""))

    def text(self) -> str:
        """Return the text without the places at which long words may wrap."""
        return super().text().replace(_BREAK, "")
