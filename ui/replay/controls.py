"""The control bar of a replay: playing, its speed, the selection, and the way along events."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial
from typing import Final

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QToolButton, QWidget

from ui.replay.icons import SIDE, sign
from ui.replay.player import SPEEDS, Direction, Player
from ui.shell.shortcuts import Keys
from ui.shell.theme import theme
from ui.widgets.timeline.axis import moment

_TENTHS: Final = 0.1
_TAB: Final = Qt.FocusPolicy.TabFocus

_BUTTONS: Final = (
    "previous event",
    "frame back",
    "back",
    "play or pause",
    "forward",
    "frame forward",
    "next event",
)
_SELECTING: Final = ("selection start", "selection end", "loop")


class Controls(QWidget):
    """Buttons for a player; each is an action of the page, with its key in the shortcut table.

    Parameters
    ----------
    player : Player
    keys : Keys
        Where the keys come from.
    page : QWidget
        Whose actions they are: there, the keys work.
    step, jump : callable
        Take −1 or 1: go to the frame, or the event, before or after.
    """

    skeleton_only = pyqtSignal(bool)

    def __init__(
        self,
        player: Player,
        keys: Keys,
        page: QWidget,
        step: Callable[[Direction], object],
        jump: Callable[[Direction], object],
    ) -> None:
        super().__init__(page)
        self._player = player
        self._shown_playing: bool | None = None
        self.skeleton = QCheckBox("Skeleton only", self)
        slots: dict[str, Callable[[], object]] = {
            "previous event": partial(jump, -1),
            "frame back": partial(step, -1),
            "back": partial(player.shuttle, -1),
            "play or pause": player.toggle,
            "forward": partial(player.shuttle, 1),
            "frame forward": partial(step, 1),
            "next event": partial(jump, 1),
            "selection start": player.start_selection,
            "selection end": player.end_selection,
            "loop": lambda: player.set_looping(not player.looping),
            "second back": partial(player.skip, -1.0),
            "second forward": partial(player.skip, 1.0),
            "to start": partial(player.seek, 0.0),
            "to end": lambda: player.seek(player.duration),
            "slower": player.slower,
            "faster": player.faster,
            "skeletons": self.skeleton.click,
        }
        self.actions_by_name: dict[str, QAction] = {
            name: keys.action(page, name, slot) for name, slot in slots.items()
        }
        for name in ("loop", "skeletons"):
            self.actions_by_name[name].setCheckable(True)
        self._time = QLabel(self)
        self._time.setAccessibleName("Moment that is shown, and length of the recording")
        self._way = QLabel("backwards", self)
        self._way.setProperty("dim", True)
        self._speed = QComboBox(self)
        self._speed.setAccessibleName("Speed")
        for speed in SPEEDS:
            self._speed.addItem(f"×{speed:g}", speed)
        self._selected = QLabel(self)
        self._selected.setAccessibleName("Selection")
        self.clear = QToolButton(self)
        self.clear.setText("Clear")
        self.clear.setToolTip("Clear the selection")
        self.clear.setAccessibleName("Clear the selection")

        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for name in _BUTTONS:
            row.addWidget(self._button(name))
        row.addSpacing(10)
        row.addWidget(self._time)
        row.addSpacing(10)
        row.addWidget(self._speed)
        row.addWidget(self._way)
        row.addSpacing(14)
        for name in _SELECTING:
            row.addWidget(self._button(name))
        row.addWidget(self._selected)
        row.addWidget(self.clear)
        row.addStretch(1)
        row.addWidget(self.skeleton)
        self._tab_as_shown(row)

        self._speed.activated.connect(lambda row: player.set_speed(SPEEDS[row]))
        self.clear.clicked.connect(lambda: player.select(None))
        self.skeleton.toggled.connect(self.skeleton_only)
        self.skeleton.toggled.connect(self.actions_by_name["skeletons"].setChecked)
        player.moved.connect(self._show_time)
        player.changed.connect(self._sync)
        theme().changed.connect(self._paint)
        self._paint()
        self._sync()

    def _tab_as_shown(self, row: QHBoxLayout) -> None:
        """Tab goes along the bar."""
        widgets = [item.widget() for item in map(row.itemAt, range(row.count())) if item]
        reached = [each for each in widgets if each and each.focusPolicy() & _TAB]
        for before, after in itertools.pairwise(reached):
            QWidget.setTabOrder(before, after)

    @property
    def time(self) -> str:
        """The moment that is shown and the length, as written."""
        return self._time.text()

    @property
    def speed(self) -> QComboBox:
        """The choice of speeds."""
        return self._speed

    @property
    def selection(self) -> str:
        """The selection in words; empty where there is none."""
        return self._selected.text()

    @property
    def way(self) -> str:
        """Says "backwards" while it plays so; else empty."""
        return "" if self._way.isHidden() else self._way.text()

    def offer_skeletons(self, *, offered: bool) -> None:
        """Whether there are pictures that could be left out."""
        self.skeleton.setVisible(offered)
        self.actions_by_name["skeletons"].setEnabled(offered)

    def _button(self, name: str) -> QToolButton:
        button = QToolButton(self)
        action = self.actions_by_name[name]
        action.setIconVisibleInMenu(False)
        button.setDefaultAction(action)
        button.setAutoRaise(True)
        button.setIconSize(QSize(SIDE, SIDE))
        button.setAccessibleName(action.text())
        return button

    def _show_time(self) -> None:
        """In figures that keep their place while they change."""
        player = self._player
        whole = moment(player.duration, _TENTHS)
        self._time.setText(f"{moment(player.time, _TENTHS).rjust(len(whole), ' ')} / {whole}")

    def _sync(self) -> None:
        player = self._player
        self._show_time()
        self._time.setMinimumWidth(self._time.sizeHint().width())
        self._speed.setCurrentIndex(SPEEDS.index(player.speed))
        self._way.setVisible(player.playing and player.direction < 0)
        self.actions_by_name["loop"].setChecked(player.looping)
        selection = player.selection
        text = ""
        if selection is not None:
            start, end = selection
            ends = f"{moment(start, _TENTHS)} – {moment(end, _TENTHS)}"
            text = f"{ends} ({end - start:.1f} s)"
        self._selected.setText(text)
        self.clear.setVisible(selection is not None)
        self._show_playing(playing=player.playing)

    def _show_playing(self, *, playing: bool) -> None:
        if playing != self._shown_playing:
            self._shown_playing = playing
            icon = sign("pause" if playing else "play", theme().palette.text)
            self.actions_by_name["play or pause"].setIcon(icon)

    def _paint(self) -> None:
        self._shown_playing = None
        self._show_playing(playing=self._player.playing)
        for name in {*_BUTTONS, *_SELECTING} - {"play or pause"}:
            self.actions_by_name[name].setIcon(sign(name, theme().palette.text))
