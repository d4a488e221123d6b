"""Two recorded films, or one with both people in it."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QTimer, pyqtSignal
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import (
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)

from ui.shell.preferences import Preferences
from ui.start.cameras import TYPING_MS
from ui.start.panels import Halves, Panel
from ui.start.preview import Looks, Preview
from ui.start.source_text import Pair, halves, same_file

_FILMS = "Films (*.mp4 *.mov *.m4v *.mkv *.webm *.avi *.mpg *.mpeg *.wmv *.flv *.ts);;All files (*)"


def dropped_files(event: QDragEnterEvent | QDropEvent) -> list[Path]:
    """The files of this machine that are being dropped."""
    data = event.mimeData()
    urls = [] if data is None else data.urls()
    return [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]


class FileField(QWidget):
    """The name of one film, typed, browsed for or dropped."""

    changed = pyqtSignal()

    def __init__(
        self, preferences: Preferences, person: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self._person = person
        self._shown = ""
        self._edit = QLineEdit(self)
        self._edit.setAccessibleName(f"File of {person}")
        self._edit.setPlaceholderText("Drop a film here, or browse …")
        self._edit.setToolTip("A part of it can be named: film.mp4#t=10,70 or film.mp4#left")
        self._edit.setAcceptDrops(False)  # it would take the text of the address, not the file
        self._edit.editingFinished.connect(self._edited)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(TYPING_MS)
        self._pause.timeout.connect(self._edited)
        self._edit.textEdited.connect(self._pause.start)
        browse = QPushButton("Browse …", self)
        browse.setAccessibleDescription(f"Choose the file of {person}")
        browse.clicked.connect(self.browse)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._edit, 1)
        row.addWidget(browse)
        self.setFocusProxy(self._edit)
        self.setAcceptDrops(True)

    @property
    def text(self) -> str:
        """What is written there."""
        return self._edit.text().strip()

    def set_text(self, text: str) -> None:
        """Name a film."""
        self._edit.setText(text)
        self._edited()

    def browse(self) -> None:
        """Ask for a film."""
        folder = str(Path(self.text).parent) if self.text else self._preferences.get("films", "")
        title = f"Film of {self._person}"
        name, _ = QFileDialog.getOpenFileName(self, title, folder, _FILMS)
        if name:
            self._preferences.set("films", str(Path(name).parent))
            self.set_text(name)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        if event is not None and len(dropped_files(event)) == 1:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        if event is not None:
            event.acceptProposedAction()
            self.set_text(str(dropped_files(event)[0]))

    def _edited(self) -> None:
        self._pause.stop()
        if self.text != self._shown:
            self._shown = self.text
            self.changed.emit()


class TwoFiles(Panel):
    """A film of each person; the same film twice means its two halves."""

    def __init__(
        self, preferences: Preferences, looks: Looks, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._is_shown = False
        self._people = preferences.labels
        self.fields = FileField(preferences, "A", self), FileField(preferences, "B", self)
        self.previews = Preview(looks, "A", self), Preview(looks, "B", self)
        self.halves = Halves(self)
        self._names = [QLabel(self) for _ in "AB"]
        self._same = QLabel("One film with both people: each has one half of the picture.", self)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setRowStretch(2, 1)
        sides = zip(self._names, self.fields, self.previews, strict=True)
        for column, (name, field, preview) in enumerate(sides):
            name.setBuddy(field)
            grid.addWidget(name, 0, column)
            grid.addWidget(field, 1, column)
            grid.addWidget(preview, 2, column)
            grid.setColumnStretch(column, 1)
            field.changed.connect(self._update)
        grid.addWidget(self._same, 3, 0, 1, 2)
        grid.addWidget(self.halves, 4, 0, 1, 2)
        self.halves.changed.connect(self._update)
        self.set_names(preferences.labels)
        self._update()

    @property
    def pair(self) -> Pair | None:
        if self.problem:
            return None
        a, b = (field.text for field in self.fields)
        return halves(a, swapped=self.halves.swapped) if same_file(a, b) else (a, b)

    @property
    def problem(self) -> str:
        for field, name in zip(self.fields, self._people, strict=True):
            if not field.text:
                return f"Choose the film of {name}."
        return ""

    def drop(self, files: list[Path]) -> None:
        """Take one film or two, where there is room."""
        texts = [str(file) for file in files[:2]]
        if len(texts) == 2:
            empty = list(self.fields)
        else:
            empty = [field for field in self.fields if not field.text] or [self.fields[0]]
        for field, text in zip(empty, texts, strict=False):
            field.set_text(text)

    def entered(self) -> None:
        self._is_shown = True
        self._update()

    def left(self) -> None:
        self._is_shown = False
        for preview in self.previews:
            preview.release()

    def set_names(self, names: tuple[str, str]) -> None:
        self._people = names
        self.halves.set_names(names)
        for label, name in zip(self._names, names, strict=True):
            label.setText(f"Film of {name}")

    def _update(self) -> None:
        a, b = (field.text for field in self.fields)
        both = same_file(a, b)
        self._same.setVisible(both)
        self.halves.setVisible(both)
        if self._is_shown:
            texts = self.pair or (a, b)
            for text, preview in zip(texts, self.previews, strict=True):
                if text:
                    preview.look_at(text)
                else:
                    preview.release("The first picture of the film is shown here.")
        self.changed.emit()
