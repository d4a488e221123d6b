"""The list of recordings in the folder, newest first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QWidget,
)

from mirror.recording.database import SUFFIX
from mirror.wording import clock_time
from ui.runtime.background import LatestWork
from ui.shell.preferences import Preferences
from ui.shell.theme import theme
from ui.widgets.build import bold, button, dim, horizontal, open_once, vertical
from ui.widgets.labels import ElidedLabel, WrappedLabel
from ui.widgets.sparkline import Sparkline

if TYPE_CHECKING:
    from mirror.recording.library import Entry

Library = Callable[[Path], "Sequence[Entry]"]
Abrupt = Callable[[Path], Sequence[Path]]

_MAX_ROWS: Final = 50
_ABRUPT: Final = "ended abruptly"


def list_recordings(folder: Path) -> Sequence[Entry]:
    """Return the recordings in a folder; slow, so never call it on the main thread."""
    from mirror.recording import library

    return library.list_recordings(folder)


def list_abrupt(folder: Path) -> Sequence[Path]:
    """Return the recordings that ended abruptly and were not reported yet; slow, too."""
    from mirror.recording.library import new_abrupt_ends

    return new_abrupt_ends(folder)


def describe(entry: Entry) -> str:
    """Return a recording in one line, for screen readers."""
    when = entry.path.stem if entry.started is None else f"{entry.started:%d %B %Y, %H:%M}"
    parts = [when, clock_time(entry.duration_s), " and ".join(entry.labels), entry.condition]
    return ", ".join(part for part in (*parts, "" if entry.is_complete else _ABRUPT) if part)


def choose_recording(
    parent: QWidget, folder: Path, open_recording: Callable[[Path], object]
) -> None:
    """Choose a recording in a dialog, and open it."""
    dialog = QFileDialog(parent, "Open a recording", str(folder))
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilters([f"Recordings (*{SUFFIX})", "All files (*)"])
    dialog.fileSelected.connect(lambda name: open_recording(Path(name)))
    open_once(dialog)


class RecordingsList(QWidget):
    """A list of recordings; a double click, Enter or the button opens one."""

    chosen = pyqtSignal(object)  # the path of the recording to open

    def __init__(
        self,
        preferences: Preferences,
        library: Library = list_recordings,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self._library = library
        self._work = LatestWork(self)
        self.summary = WrappedLabel(parent=self)
        self.list = QListWidget(self)
        self.list.setAccessibleName("Recordings, newest first")
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemActivated.connect(self._open_current)
        self.list.currentItemChanged.connect(self._enable_open)
        self._open_button = button("Open", self, self._open_current, primary=True)
        self._open_button.setMinimumSize(150, 44)
        below = horizontal(button("Open other…", self, self._browse), None, self._open_button)
        vertical(self.summary, (self.list, 1), below, inside=self)
        self._work.finished.connect(self._show)
        self._work.failed.connect(self.summary.setText)
        theme().follow(self._paint)
        self._enable_open()

    def refresh(self) -> None:
        folder = self._preferences.recordings_folder
        self.summary.setText(f"Looking in {folder}…")
        self._work.prepare(lambda _progress: self._library(folder)).start()

    def _browse(self) -> None:
        choose_recording(self, self._preferences.recordings_folder, self.chosen.emit)

    def _show(self, entries: Sequence[Entry]) -> None:
        folder = self._preferences.recordings_folder
        self.list.clear()
        for entry in entries[:_MAX_ROWS]:
            item = QListWidgetItem(self.list)
            item.setData(Qt.ItemDataRole.UserRole, entry.path)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, describe(entry))
            item.setToolTip(str(entry.path))
            row = _Row(entry, self.list)
            item.setSizeHint(QSize(200, row.sizeHint().height()))
            self.list.setItemWidget(item, row)
        n = len(entries)
        count = f"the newest {_MAX_ROWS} of {n}" if n > _MAX_ROWS else f"{n}"
        text = f"In {folder}: {count} recording{'' if n == 1 else 's'}."
        self.summary.setText(text if n else f"There are no recordings in {folder} yet.")
        if n:
            self.list.setCurrentRow(0)
        self._enable_open()

    def _paint(self) -> None:
        # The rows are widgets, which do not show the selection: style the items behind them.
        palette = theme().palette
        self.list.setStyleSheet(
            f"QListWidget::item {{ border: 2px solid transparent; border-radius: 6px; }}"
            f"QListWidget::item:selected {{ background: {palette.raised};"
            f" border-color: {palette.outline}; }}"
            f"QListWidget:focus::item:selected {{ border-color: {palette.accent}; }}"
            f"#abrupt {{ color: {palette.warning}; }}"
        )

    def _enable_open(self) -> None:
        self._open_button.setEnabled(self.list.currentItem() is not None)

    def _open_current(self) -> None:
        if (item := self.list.currentItem()) is not None:
            self.chosen.emit(item.data(Qt.ItemDataRole.UserRole))


class _Row(QWidget):
    """A recording: date, duration, labels, condition and a sparkline of its scores."""

    def __init__(self, entry: Entry, parent: QWidget) -> None:
        super().__init__(parent)
        # The list below takes the clicks.
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        started = entry.started
        when = entry.path.stem if started is None else f"{started:%d %b %Y, %H:%M}"
        title = bold(QLabel(when, self))
        parts = [clock_time(entry.duration_s), " and ".join(entry.labels), entry.condition]
        details = dim(ElidedLabel("  ·  ".join(part for part in parts if part), self))
        line = Sparkline(self)
        line.set_values(entry.in_phase, entry.anti_phase)
        line.setFixedSize(200, 40)
        texts = vertical(title, details, spacing=2)
        row = horizontal((texts, 1), inside=self, margins=(12, 8, 12, 8))
        if not entry.is_complete:
            end = QLabel(_ABRUPT, self)
            end.setToolTip("The program ended while recording; all but the last second is there.")
            end.setObjectName("abrupt")
            row.addWidget(end)
        row.addWidget(line)
