"""The five ways in, as big buttons with a line on what each is for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtWidgets import QButtonGroup, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from ui.shell.shortcuts import Keys
from ui.shell.theme import theme


@dataclass(frozen=True)
class Way:
    """A way in.

    Attributes
    ----------
    title : str
    text : str
        What it is for, in a few words.
    """

    title: str
    text: str


WAYS: Final = {
    "two cameras": Way("Two cameras", "One for each person"),
    "one camera": Way("One camera, two people", "Each has one half of the picture"),
    "two files": Way("Two films", "Recorded before; or one film with both"),
    "recordings": Way("Open a recording", "Replay, score again, export"),
}
_DEMO: Final = Way("Demo", "Two rendered people; begins at once")


class Tile(QPushButton):
    """A big button with a title and what it does.

    Parameters
    ----------
    title : str
    text : str
        One line or two.
    acts : bool
        Whether a click does something at once, rather than choosing what is shown beside it.
    """

    def __init__(
        self, title: str, text: str, *, acts: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setCheckable(not acts)
        self.setAutoExclusive(not acts)
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        self.setObjectName("tile")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._title = QLabel(title, self)
        self._title.setObjectName("title")
        self._text = QLabel(text, self)
        self._text.setObjectName("text")
        self._text.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 10, 12, 10)
        column.setSpacing(2)
        for label in (self._title, self._text):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            column.addWidget(label)
        theme().changed.connect(self._paint)
        self._paint()

    def sizeHint(self) -> QSize:
        layout = self.layout()
        assert layout is not None
        width = 250
        return QSize(width, max(64, layout.totalHeightForWidth(width)))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _paint(self) -> None:
        palette = theme().palette
        self.setStyleSheet(
            f"#tile {{ background: {palette.surface}; border: 1px solid {palette.border};"
            " border-radius: 6px; }"
            f"#tile:hover {{ border-color: {palette.outline}; }}"
            f"#tile:checked {{ background: {palette.raised};"
            f" border: 2px solid {palette.outline}; }}"
            f"#tile:focus {{ border: 2px solid {palette.accent}; }}"
            "#title { font-size: 16px; font-weight: 600; background: transparent;"
            f" color: {palette.text}; }}"
            f"#text {{ background: transparent; color: {palette.dim_text}; }}"
        )


class Ways(QWidget):
    """The column of tiles; one of them is chosen, but for the demo, which begins at once."""

    chosen = pyqtSignal(str)
    """A key of `WAYS`."""

    demo = pyqtSignal()

    def __init__(self, keys: Keys, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys = keys
        self.tiles = {name: Tile(way.title, way.text, parent=self) for name, way in WAYS.items()}
        self.demo_tile = Tile(_DEMO.title, _DEMO.text, acts=True, parent=self)
        self.demo_tile.clicked.connect(self.demo)
        self._hint = QLabel(self)
        self._hint.setProperty("dim", True)
        title = QLabel("mirror", self)
        title.setStyleSheet("font-size: 26px; font-weight: 600;")
        line = QLabel("How two people’s movement is coordinated", self)
        line.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(title)
        column.addWidget(line)
        column.addSpacing(6)
        group = QButtonGroup(self)
        for name, tile in self.tiles.items():
            tile.clicked.connect(lambda _on, way=name: self.chosen.emit(way))
            group.addButton(tile)
            if name == "recordings":
                column.addWidget(self.demo_tile)
            column.addWidget(tile)
        column.addStretch()
        column.addWidget(self._hint)
        self.setFixedWidth(270)
        keys.changed.connect(self._show_keys)
        self._show_keys()

    def show_way(self, way: str, *, enabled: bool) -> None:
        """Show which way is chosen, and whether another one may be."""
        self.tiles[way].setChecked(True)
        for tile in (*self.tiles.values(), self.demo_tile):
            tile.setEnabled(enabled)

    def _show_keys(self) -> None:
        self._hint.setText(f"Keyboard shortcuts: {self._keys.words('help')}")
