"""The modes of the start page, as tiles with a title and a short description."""

from typing import Final

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtWidgets import QButtonGroup, QLabel, QPushButton, QSizePolicy, QWidget

from ui.shell.theme import theme
from ui.widgets.build import dim, known, vertical

MODES: Final = {  # title and description of each mode; the keys are stored in the preferences
    "two cameras": ("Two cameras", "One for each person"),
    "one camera": ("One camera, two people", "They may walk about and cross"),
    "video call": ("A video call", "Their tiles on the screen"),
    "exercises": ("Exercises", "With a goal: two people, or alone"),
    "two files": ("Two videos", "Or one video with both people"),
    "recordings": ("Open a recording", "Or a study; replay, score again"),
}

DEMO: Final = "New here? Starts at once: two computer-drawn people"


class Tile(QPushButton):
    """A large button with a title and a description."""

    def __init__(self, title: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        self.setObjectName("tile")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        title_label = QLabel(title, self)
        title_label.setObjectName("title")
        title_label.setWordWrap(True)
        text_label = QLabel(text, self)
        text_label.setObjectName("text")
        text_label.setWordWrap(True)
        text_label.setAlignment(Qt.AlignmentFlag.AlignTop)  # right below the title
        for label in (title_label, text_label):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        vertical(title_label, (text_label, 1), inside=self, margins=(16, 5, 12, 5), spacing=2)
        theme().follow(self._paint)

    def sizeHint(self) -> QSize:
        layout = known(self.layout())
        width = 250
        return QSize(width, max(52, layout.totalHeightForWidth(width)))

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


class ModeList(QWidget):
    """A column of tiles that choose a mode, and one that starts the demo."""

    chosen = pyqtSignal(str)  # a key of `MODES`

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tiles = {name: Tile(*texts, parent=self) for name, texts in MODES.items()}
        self.demo_tile = Tile("Demo", DEMO, self)
        self.hint = dim(QLabel("Keyboard shortcuts: see Help", self))
        title = QLabel("mirror", self)
        title.setStyleSheet("font-size: 26px; font-weight: 600;")
        line = QLabel("How two people’s movement is coordinated", self)
        line.setWordWrap(True)
        group = QButtonGroup(self)
        for name, tile in self.tiles.items():
            tile.setCheckable(True)
            tile.clicked.connect(lambda _on, mode=name: self.chosen.emit(mode))
            group.addButton(tile)
        *others, recordings = self.tiles.values()
        tiles = (*others, self.demo_tile, recordings)
        vertical(title, line, 6, *tiles, None, self.hint, inside=self, spacing=5)
        self.setFixedWidth(270)

    def show_mode(self, mode: str, *, enabled: bool) -> None:
        """Show the current mode, and whether another one can be chosen."""
        self.tiles[mode].setChecked(True)
        for tile in (*self.tiles.values(), self.demo_tile):
            tile.setEnabled(enabled)
