"""The control bar of a replay: playback, speed, selection, and steps between events."""

import itertools
from collections.abc import Callable
from functools import partial
from typing import Final

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QColor, QIcon, QPainterPath, QPolygonF
from PyQt6.QtWidgets import QCheckBox, QLabel, QToolButton, QWidget

from mirror.wording import clock_time
from ui.replay.player import SPEEDS, Direction, Player
from ui.shell.shortcuts import Keys
from ui.shell.theme import theme
from ui.widgets.build import combo_box, dim, horizontal
from ui.widgets.painting import blank_pixmap, smooth_painter

ICON_SIZE: Final = 18  # width and height of an icon, device-independent pixels

_RATIOS: Final = (1, 2, 3)


def _triangle(left: float, tip: float, top: float = 3, bottom: float = 15) -> QPolygonF:
    """Return a triangle that points right, in units of the icon, 0…18."""
    return QPolygonF([QPointF(left, top), QPointF(tip, (top + bottom) / 2), QPointF(left, bottom)])


def _bar(left: float, width: float = 2.5, top: float = 3, height: float = 12) -> QPolygonF:
    return QPolygonF(QRectF(left, top, width, height))


_STAR_X: Final = (13.0, 14.1, 17.5, 14.8, 15.8, 13.0, 10.2, 11.2, 8.5, 11.9)
_STAR_Y: Final = (3.5, 7.2, 7.2, 9.5, 13.5, 11.0, 13.5, 9.5, 7.2, 7.2)
_SHAPES: Final = {
    "play": (_triangle(4, 15),),
    "pause": (_bar(4, 3.5), _bar(10.5, 3.5)),
    "forward": (_triangle(2, 9), _triangle(9, 16)),
    "frame forward": (_bar(3), _triangle(7.5, 16)),
    "next moment": (_triangle(1, 8), QPolygonF(map(QPointF, _STAR_X, _STAR_Y))),
    "next event": (_triangle(2, 10), _bar(11, 1.8), _triangle(12.8, 17.5, 3, 8)),
    "selection start": (_bar(5, 2), _bar(7, 5, 3, 2), _bar(7, 5, 13, 2)),
}
_MIRRORED: Final = {
    "back": "forward",
    "frame back": "frame forward",
    "previous event": "next event",
    "previous moment": "next moment",
    "selection end": "selection start",
}


def _path(name: str) -> QPainterPath:
    path = QPainterPath()
    if name == "loop":
        inner = QPainterPath()
        path.addRoundedRect(QRectF(1.5, 4.5, 15, 11), 5.5, 5.5)
        inner.addRoundedRect(QRectF(3.3, 6.3, 11.4, 7.4), 3.7, 3.7)
        arrow = QPainterPath()
        arrow.addPolygon(_triangle(7.5, 13, 1, 10))
        return path.subtracted(inner).united(arrow)
    for shape in _SHAPES[name]:
        path.addPolygon(shape)
        path.closeSubpath()
    return path


def icon(name: str, colour: str) -> QIcon:
    """Return the icon of a command, sharp at every pixel density."""
    path = _path(_MIRRORED.get(name, name))
    result = QIcon()
    for ratio in _RATIOS:
        pixmap = blank_pixmap(ICON_SIZE, ICON_SIZE, ratio)
        painter = smooth_painter(pixmap)
        if name in _MIRRORED:
            painter.translate(ICON_SIZE, 0)
            painter.scale(-1, 1)
        painter.fillPath(path, QColor(colour))
        painter.end()
        result.addPixmap(pixmap)
    return result


_TAB: Final = Qt.FocusPolicy.TabFocus

_BUTTONS: Final = (
    *("previous moment", "previous event", "frame back", "back", "play or pause"),
    *("forward", "frame forward", "next event", "next moment"),
)
_SELECTING: Final = ("selection start", "selection end", "loop")


class Controls(QWidget):
    """Buttons of a player; each triggers an action of the page that has a key.

    The page gets the actions; `step`, `jump` and `jump_moment` go to the previous (−1) or next (1)
    frame, event and best moment.
    """

    skeleton_only = pyqtSignal(bool)

    def __init__(
        self,
        player: Player,
        keys: Keys,
        page: QWidget,
        step: Callable[[Direction], object],
        jump: Callable[[Direction], object],
        jump_moment: Callable[[Direction], object],
    ) -> None:
        super().__init__(page)
        self._player = player
        self._shown_playing: bool | None = None
        self.skeleton = QCheckBox("Skeleton only", self)
        slots: dict[str, Callable[[], object]] = {
            "previous moment": partial(jump_moment, -1),
            "previous event": partial(jump, -1),
            "frame back": partial(step, -1),
            "back": partial(player.shuttle, -1),
            "play or pause": player.toggle,
            "forward": partial(player.shuttle, 1),
            "frame forward": partial(step, 1),
            "next event": partial(jump, 1),
            "next moment": partial(jump_moment, 1),
            "selection start": player.start_selection,
            "selection end": player.end_selection,
            "loop": lambda: player.set_looping(not player.looping),
            "second back": partial(player.skip, -1.0),
            "second forward": partial(player.skip, 1.0),
            "to start": partial(player.seek, 0.0),
            "to end": lambda: player.seek(player.duration),
            "slower": lambda: player.set_speed(player.speed / 2),
            "faster": lambda: player.set_speed(player.speed * 2),
            "skeletons": self.skeleton.click,
        }
        self.actions_by_name: dict[str, QAction] = {
            name: keys.action(page, name, slot) for name, slot in slots.items()
        }
        for name in ("loop", "skeletons"):
            self.actions_by_name[name].setCheckable(True)
        self.time = QLabel(self)
        self.time.setAccessibleName("Current time and length of the recording")
        self.backwards = dim(QLabel("backwards", self))
        speeds = ((f"×{speed:g}", speed) for speed in SPEEDS)
        self.speed = combo_box("Speed", speeds, self, lambda row: player.set_speed(SPEEDS[row]))
        self.selection = QLabel(self)
        self.selection.setAccessibleName("Selection")
        self.clear = QToolButton(self)
        self.clear.setText("Clear")
        self.clear.setToolTip("Clear the selection")
        self.clear.setAccessibleName("Clear the selection")

        row = horizontal(
            *map(self._button, _BUTTONS),
            *(10, self.time, 10, self.speed, self.backwards, 14),
            *map(self._button, _SELECTING),
            *(self.selection, self.clear, (None, 1), self.skeleton),
            inside=self,
            spacing=4,
        )
        # Tab follows the order in the bar.
        widgets = [item.widget() for item in map(row.itemAt, range(row.count())) if item]
        focusable = [each for each in widgets if each and each.focusPolicy() & _TAB]
        for before, after in itertools.pairwise(focusable):
            QWidget.setTabOrder(before, after)

        self.clear.clicked.connect(lambda: player.select(None))
        self.skeleton.toggled.connect(self.skeleton_only)
        self.skeleton.toggled.connect(self.actions_by_name["skeletons"].setChecked)
        player.moved.connect(self._show_time)
        player.changed.connect(self._sync)
        theme().follow(self._paint)
        self._sync()

    def _button(self, name: str) -> QToolButton:
        button = QToolButton(self)
        action = self.actions_by_name[name]
        action.setIconVisibleInMenu(False)
        button.setDefaultAction(action)
        button.setAutoRaise(True)
        button.setIconSize(QSize(ICON_SIZE, ICON_SIZE))
        button.setAccessibleName(action.text())
        return button

    def _show_time(self) -> None:
        """Show the time, padded so that the text keeps its width."""
        player = self._player
        duration = clock_time(player.duration, tenths=True)
        time = clock_time(player.time, tenths=True).rjust(len(duration), " ")
        self.time.setText(f"{time} / {duration}")

    def _sync(self) -> None:
        player = self._player
        self._show_time()
        self.time.setMinimumWidth(self.time.sizeHint().width())
        self.speed.setCurrentIndex(SPEEDS.index(player.speed))
        self.backwards.setVisible(player.playing and player.direction < 0)
        self.actions_by_name["loop"].setChecked(player.looping)
        self.selection.setText("")
        self.clear.setVisible(player.selection is not None)
        if player.selection is not None:
            start, end = player.selection
            ends = f"{clock_time(start, tenths=True)} – {clock_time(end, tenths=True)}"
            self.selection.setText(f"{ends} ({end - start:.1f} s)")
        self._show_playing()

    def _show_playing(self) -> None:
        if self._player.playing != self._shown_playing:
            self._shown_playing = self._player.playing
            name = "pause" if self._shown_playing else "play"
            self.actions_by_name["play or pause"].setIcon(icon(name, theme().palette.text))

    def _paint(self) -> None:
        self._shown_playing = None
        self._show_playing()
        for name in {*_BUTTONS, *_SELECTING} - {"play or pause"}:
            self.actions_by_name[name].setIcon(icon(name, theme().palette.text))
