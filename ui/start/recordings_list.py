"""The recordings that there are, newest first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from mirror.recording.database import SUFFIX
from ui.runtime.background import Work
from ui.shell.preferences import Preferences
from ui.shell.theme import theme
from ui.widgets.sparkline import Sparkline
from ui.widgets.timeline.axis import moment

if TYPE_CHECKING:
    from mirror.recording.library import Entry

Library = Callable[[Path], "Sequence[Entry]"]
Abrupt = Callable[[Path], Sequence[Path]]

SHOWN: Final = 50
"""So many of the newest recordings are listed."""

ABRUPT: Final = "ended abruptly"


def on_disk(folder: Path) -> Sequence[Entry]:
    """The recordings in a folder; slow, so never on the window's own thread."""
    from mirror.recording.library import list_recordings

    return list_recordings(folder)


def abruptly_ended(folder: Path) -> Sequence[Path]:
    """The recordings in a folder of whose abrupt end nobody was told yet; slow, too."""
    from mirror.recording.library import new_abrupt_ends

    return new_abrupt_ends(folder)


def about(entry: Entry) -> str:
    """A recording in one line, for those who hear it rather than see it."""
    when = entry.path.stem if entry.started is None else f"{entry.started:%d %B %Y, %H:%M}"
    parts = [when, moment(entry.duration_s), " and ".join(entry.labels), entry.condition]
    return ", ".join(part for part in (*parts, "" if entry.is_complete else ABRUPT) if part)


class Recent(QWidget):
    """A list of recordings; one is opened by a double click, Enter or the button.

    Parameters
    ----------
    library : callable
        Gives the recordings of a folder; runs on a thread.
    """

    chosen = pyqtSignal(object)
    """The path of the recording to open."""

    def __init__(
        self, preferences: Preferences, library: Library = on_disk, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self._library = library
        self._work: Work | None = None
        self._words = QLabel(self)
        self._words.setWordWrap(True)
        self._list = QListWidget(self)
        self._list.setAccessibleName("Recordings, newest first")
        self._list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.itemActivated.connect(self._open)
        self._list.currentItemChanged.connect(self._offer)
        self._button = QPushButton("Open", self)
        self._button.setProperty("primary", True)
        self._button.setMinimumSize(150, 44)
        self._button.clicked.connect(lambda: self._open(self._list.currentItem()))
        other = QPushButton("Open other …", self)
        other.clicked.connect(self.browse)
        row = QHBoxLayout()
        row.addWidget(other)
        row.addStretch()
        row.addWidget(self._button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._words)
        column.addWidget(self._list, 1)
        column.addLayout(row)
        theme().changed.connect(self._paint)
        self._paint()
        self._offer()

    def refresh(self) -> None:
        """Look again what there is."""
        folder = self._preferences.recordings_folder
        self._words.setText(f"Looking in {folder} …")
        if self._work is not None:
            self._work.finished.disconnect(self._show)
            self._work.deleteLater()
        self._work = Work(lambda _progress: self._library(folder), self)
        self._work.finished.connect(self._show)
        self._work.failed.connect(self._words.setText)
        self._work.start()

    def browse(self) -> None:
        """Ask for a recording anywhere."""
        dialog = QFileDialog(self, "Open a recording", str(self._preferences.recordings_folder))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([f"Recordings (*{SUFFIX})", "All files (*)"])
        dialog.fileSelected.connect(lambda name: self.chosen.emit(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @property
    def words(self) -> str:
        """What is said above the list."""
        return self._words.text()

    @property
    def list(self) -> QListWidget:
        """The list itself; an item's user data is its recording's path."""
        return self._list

    def _show(self, found: Sequence[Entry]) -> None:
        folder = self._preferences.recordings_folder
        self._list.clear()
        for entry in found[:SHOWN]:
            item = QListWidgetItem(self._list)
            item.setData(Qt.ItemDataRole.UserRole, entry.path)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, about(entry))
            item.setToolTip(str(entry.path))
            row = _Row(entry, self._list)
            item.setSizeHint(QSize(200, row.sizeHint().height()))
            self._list.setItemWidget(item, row)
        more = f"the newest {SHOWN} of {len(found)}" if len(found) > SHOWN else f"{len(found)}"
        one = "1 recording" if len(found) == 1 else f"{more} recordings"
        self._words.setText(
            f"In {folder}: {one}." if found else f"There are no recordings in {folder} yet."
        )
        if found:
            self._list.setCurrentRow(0)
        self._offer()

    def _paint(self) -> None:
        # The rows are widgets, which know nothing of being chosen: their ground says it.
        palette = theme().palette
        self._list.setStyleSheet(
            f"QListWidget::item {{ border: 2px solid transparent; border-radius: 6px; }}"
            f"QListWidget::item:selected {{ background: {palette.raised};"
            f" border-color: {palette.outline}; }}"
            f"QListWidget:focus::item:selected {{ border-color: {palette.accent}; }}"
            f"#abrupt {{ color: {palette.warning}; }}"
        )

    def _offer(self) -> None:
        self._button.setEnabled(self._list.currentItem() is not None)

    def _open(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.chosen.emit(item.data(Qt.ItemDataRole.UserRole))


class _Row(QWidget):
    """One recording: when, how long, who, and what its timeline looks like."""

    def __init__(self, entry: Entry, parent: QWidget) -> None:
        super().__init__(parent)
        # The list under it takes the clicks.
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        started = entry.started
        when = QLabel(entry.path.stem if started is None else f"{started:%d %b %Y, %H:%M}", self)
        font = when.font()
        font.setBold(True)
        when.setFont(font)
        parts = [moment(entry.duration_s), " and ".join(entry.labels), entry.condition]
        who = QLabel("  ·  ".join(part for part in parts if part), self)
        who.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        who.setProperty("dim", True)
        line = Sparkline(self)
        line.set_values(entry.in_phase, entry.anti_phase)
        line.setFixedSize(200, 40)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(when)
        words.addWidget(who)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 8)
        row.addLayout(words, 1)
        if not entry.is_complete:
            end = QLabel(ABRUPT, self)
            end.setToolTip("The program was ended while it recorded; all but a moment is there.")
            end.setObjectName("abrupt")
            row.addWidget(end)
        row.addWidget(line)
