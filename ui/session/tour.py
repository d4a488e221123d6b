"""The tour over the first demo: four cards that say what the window shows."""

from typing import Final

from PyQt6.QtCore import QEvent, QObject, QPointF, QRectF, QSizeF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QKeyEvent, QPainterPath, QPaintEvent, QPen
from PyQt6.QtWidgets import QWidget

from ui.session.view import SessionView
from ui.shell.theme import theme
from ui.widgets.build import button, horizontal
from ui.widgets.card import Card
from ui.widgets.painting import smooth_painter

_WIDTH: Final = 420
_GAP: Final = 14

_TEXTS: Final = {
    "Two people": (
        "Each camera shows one person; some here are drawn by the computer. The skeleton is what "
        "the program measures; the image itself is not stored unless you say so."
    ),
    "Four meters": (
        "In phase: the same at the same time. Anti-phase: the opposite at the same time. "
        "Mirroring: one follows the other a little later. Posture: how alike they stand or sit. "
        "The tick is what chance would give. No score is better than another."
    ),
    "In words": (
        "The same in one sentence. When somebody is not seen, or both stand still, it says "
        "so: there is no score then, rather than a zero."
    ),
    "What has happened": (
        "The last minute: in phase upwards, anti-phase downwards, mirroring below. After the "
        "session you can replay it, and find its best moments."
    ),
}


class Tour(QWidget):
    """Covers a view, leaves open what a card is about, and shows one card after the other."""

    ended = pyqtSignal()

    def __init__(self, view: SessionView) -> None:
        super().__init__(view)
        self._view = view
        self._targets: tuple[tuple[QWidget, ...], ...] = (
            tuple(view.tiles.values()),
            (view.meters,),
            (view.verdict,),
            (view.timeline,),
        )
        self._step = 0
        self._card = Card(self)
        self.skip = button("Skip the tour", self._card, self.end)
        self.next = button("Next", self._card, self._go_on, primary=True)
        self._card.column.addLayout(horizontal((None, 1), self.skip, self.next))
        self._card.setFixedWidth(_WIDTH)
        view.installEventFilter(self)
        self.hide()

    def begin(self) -> None:
        self._show_step(0)
        self.show()
        self.raise_()
        self.next.setFocus()

    def end(self) -> None:
        if not self.isHidden():
            self.hide()
            self.ended.emit()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if event is not None and event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._place()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() == Qt.Key.Key_Escape:
            self.end()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        painter = smooth_painter(self)
        veil, holes = QPainterPath(), QPainterPath()
        veil.addRect(QRectF(self.rect()))
        for each in self._targets[self._step]:
            corner = each.mapTo(self._view, QPointF(0, 0))
            hole = QRectF(corner, QSizeF(each.size())).adjusted(-4, -4, 4, 4)
            holes.addRoundedRect(hole, 8, 8)
        painter.fillPath(veil.subtracted(holes), QColor(0, 0, 0, 150))
        painter.setPen(QPen(QColor(theme().palette.accent), 3))
        painter.drawPath(holes)

    def _go_on(self) -> None:
        if self._step + 1 < len(_TEXTS):
            self._show_step(self._step + 1)
        else:
            self.end()

    def _show_step(self, step: int) -> None:
        self._step = step
        title, text = list(_TEXTS.items())[step]
        self._card.show_text("busy", f"{title} ({step + 1} of {len(_TEXTS)})", text)
        self._card.setAccessibleName(f"{title}. {text}")
        self.next.setText("Next" if step + 1 < len(_TEXTS) else "Done")
        self._place()

    def _place(self) -> None:
        """Put the card where no other hides less: its buttons stay in their place, bottom left."""
        self.setGeometry(self._view.rect())
        height = self._card.heightForWidth(_WIDTH)
        self._card.setGeometry(_GAP, self.height() - height - _GAP, _WIDTH, height)
        self.update()
