"""The list of recordings in the folder, newest first."""

import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from PyQt6 import QtWidgets
from PyQt6.QtCore import QSize, Qt, pyqtSignal

from mirror.recording.anonymize import anonymize
from mirror.recording.database import SUFFIX, VIDEO_STEM_SUFFIX
from mirror.recording.edit import (
    NameRefusedError,
    delete_recording,
    recording_files,
    rename_recording,
)
from mirror.recording.library import Entry, list_recordings
from mirror.recording.reader import Recording
from mirror.study.table import STUDY_FILE
from mirror.wording import clock_time, file_size
from ui.runtime.background import LatestWork, Progress, Work
from ui.shell.messages import Question
from ui.shell.preferences import Preferences
from ui.shell.shortcuts import Keys
from ui.shell.theme import theme
from ui.widgets.build import bold, button, dim, horizontal, known, open_once, vertical
from ui.widgets.labels import PART, ElidedLabel, WrappedLabel
from ui.widgets.sparkline import Sparkline
from ui.widgets.work_bar import WorkBar

Library = Callable[..., Sequence[Entry]]  # of folders; slow, so never called on the main thread

DEMO_FOLDER: Final = "Demo"  # in the folder of the recordings, for those of rendered people
_MAX_ROWS: Final = 50
_ABRUPT: Final = "recording, or ended abruptly"
_COPY: Final = "anonymous" + SUFFIX
_DATED: Final = re.compile(r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d")  # a name that nobody chose


def title(entry: Entry, form: str = "%d %b %Y, %H:%M") -> str:
    """Return a recording's date, or its name if somebody chose one or the date is unknown."""
    if entry.started is None or not _DATED.match(entry.path.stem):
        return entry.path.stem.removesuffix(VIDEO_STEM_SUFFIX)
    return entry.started.strftime(form)


def describe(entry: Entry) -> str:
    """Return a recording in one line, for screen readers and the search."""
    date = "%d %B %Y, %H:%M"
    end = "" if entry.is_complete else _ABRUPT
    return ", ".join(filter(None, (title(entry, date), *_details(entry, date), end)))


def choose_recording(
    parent: QtWidgets.QWidget, folder: Path, open_recording: Callable[[Path], object]
) -> None:
    """Choose a recording or a study in a dialog, and open it."""
    dialog = QtWidgets.QFileDialog(parent, "Open a recording or a study", str(folder))
    dialog.setFileMode(QtWidgets.QFileDialog.FileMode.ExistingFile)
    studies = f"Studies ({STUDY_FILE} *.csv *.tsv *.xlsx *.parquet)"
    dialog.setNameFilters([f"Recordings (*{SUFFIX})", studies, "All files (*)"])
    dialog.fileSelected.connect(lambda name: open_recording(Path(name)))
    open_once(dialog)


class RecordingsList(QtWidgets.QWidget):
    """Lists recordings to open (double click, Enter), search, rename, delete and anonymize."""

    chosen = pyqtSignal(object)  # the path of the recording to open
    message = pyqtSignal(str, str, object)  # a text, its kind, and an action or None

    def __init__(
        self, preferences: Preferences, keys: Keys, library: Library = list_recordings
    ) -> None:
        super().__init__()
        self._preferences = preferences
        self._library = library
        self._work = LatestWork(self)
        self._entries: Sequence[Entry] = ()
        self._path: Path | None = None  # of the recording that was chosen last
        self.summary = WrappedLabel(parent=self)
        self.search = QtWidgets.QLineEdit(self)
        self.search.setAccessibleName("Search recordings")
        self.search.setClearButtonEnabled(True)
        self.list = QtWidgets.QListWidget(self)
        self.list.setAccessibleName("Recordings, newest first")
        self.list.setVerticalScrollMode(QtWidgets.QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.working = WorkBar(self)
        search = keys.action(self.list, "search", self.search.setFocus)
        self.search.setPlaceholderText(f"Search names, dates, exercises ({keys.text('search')})")
        self.search.setToolTip(search.toolTip())
        slots = {"rename": self._ask_name, "delete": self._ask_delete, "anonymize": self._anonymize}
        self.changes = {
            name: keys.action(self.list, name, self._unless_busy(slot))
            for name, slot in slots.items()
        }
        for action in self.changes.values():  # Del in the search is for its text
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self._open_button = button("Open", self, self._open_current, primary=True)
        self._open_button.setMinimumSize(150, 44)
        self.more = button("More…", self, tip="As by a right click on a recording")
        menu = QtWidgets.QMenu(self)
        menu.addActions(list(self.changes.values()))
        self.more.setMenu(menu)
        below = horizontal(
            button("Open other…", self, self._browse), self.more, None, self._open_button
        )
        vertical(self.summary, self.search, (self.list, 1), self.working, below, inside=self)
        self.search.textChanged.connect(self._list)
        self.search.returnPressed.connect(self.list.setFocus)
        self.list.itemActivated.connect(self._open_current)
        self.list.currentItemChanged.connect(self._choose)
        self._work.finished.connect(self._show)
        self._work.failed.connect(self.summary.setText)
        theme().follow(self._paint)
        self._choose()

    def refresh(self) -> None:
        folder = self._preferences.recordings_folder
        self.summary.setText(f"Looking in {folder}…")
        self._work.prepare(lambda _progress: self._library(folder, folder / DEMO_FOLDER)).start()

    def _browse(self) -> None:
        choose_recording(self, self._preferences.recordings_folder, self.chosen.emit)

    def _show(self, entries: Sequence[Entry]) -> None:
        self._entries = entries
        self._list()

    def _list(self) -> None:
        """List the newest recordings in which all words of the search occur."""
        words = self.search.text().casefold().split()
        texts = (f"{describe(each)} {each.path.stem}".casefold() for each in self._entries)
        pairs = zip(self._entries, texts, strict=True)
        found = [each for each, text in pairs if all(word in text for word in words)]
        path, row = self._path, max(0, self.list.currentRow())
        self.list.clear()
        for entry in found[:_MAX_ROWS]:
            item = QtWidgets.QListWidgetItem(self.list)
            item.setData(Qt.ItemDataRole.UserRole, entry)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, describe(entry))
            item.setToolTip(str(entry.path))
            widget = _Row(entry, self.list)
            item.setSizeHint(QSize(200, widget.sizeHint().height()))
            self.list.setItemWidget(item, widget)
        self.summary.setText(self._count(len(found)))
        if count := self.list.count():
            paths = [each.path for each in found[:_MAX_ROWS]]
            self.list.setCurrentRow(paths.index(path) if path in paths else min(row, count - 1))
        self._choose()

    def _count(self, found: int) -> str:
        """Return how many recordings there are, and are found."""
        folder, n = self._preferences.recordings_folder, len(self._entries)
        if not n:
            return f"There are no recordings in {folder} yet."
        if self.search.text().strip():
            return f"In {folder}: {found} of {n} recordings match."
        count = f"the newest {_MAX_ROWS} of {n}" if n > _MAX_ROWS else f"{n}"
        return f"In {folder}: {count} recording{'' if n == 1 else 's'}."

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

    @property
    def _current(self) -> Entry | None:
        item = self.list.currentItem()
        return None if item is None else item.data(Qt.ItemDataRole.UserRole)

    def _choose(self) -> None:
        """Offer what can be done with the current recording."""
        if self._current is not None:
            self._path = self._current.path
        self._open_button.setEnabled(self._current is not None)
        for action in self.changes.values():
            action.setEnabled(self._current is not None)

    def _open_current(self) -> None:
        if self._current is not None:
            self.chosen.emit(self._current.path)

    def _unless_busy(self, slot: Callable[[], None]) -> Callable[[], None]:
        return lambda: None if self.working.running else slot()

    def _ask_name(self, path: Path | None = None, typed: str = "") -> None:
        """Ask for the current recording's new name; for that of `path` again if it was refused."""
        path = path or known(self._current).path
        dialog = QtWidgets.QInputDialog(self)
        dialog.setWindowTitle("Rename")
        dialog.setLabelText(f"New name of {path.name}, in the same folder:")
        old = path.stem.removesuffix(VIDEO_STEM_SUFFIX)
        dialog.setTextValue(typed or old)

        def rename(name: str) -> None:
            if name != old:
                work = self._run(partial(_rename, path, name))
                work.failed.connect(lambda: again(work, name))

        def again(work: Work, name: str) -> None:
            if isinstance(work.error, NameRefusedError) and self.isVisible():
                self._ask_name(path, name)

        dialog.textValueSelected.connect(rename)
        open_once(dialog)

    def _ask_delete(self) -> None:
        entry = known(self._current)
        self._run(lambda _progress: _files(entry.path), lambda found: self._confirm(entry, found))

    def _confirm(self, entry: Entry, files: Sequence[tuple[str, int]]) -> None:
        if not self.isVisible():  # something else was opened meanwhile
            return
        size = file_size(sum(n_bytes for _, n_bytes in files))
        names = "\n".join(name for name, _ in files)
        details = f"{names}\n\n{size} in all. Exports and reports stay. This cannot be undone."
        question = Question(f"Delete {describe(entry)}?", details, "Delete", "Keep", self)
        delete = partial(self._run, partial(_delete, entry.path))
        question.finished.connect(lambda: delete() if question.is_yes else None)
        question.open()

    def _anonymize(self) -> None:
        # Not named after the original, whose name or date may identify people.
        self._run(partial(_anonymize, known(self._current).path))

    def _run(
        self, task: Callable[[Progress], Any], then: Callable[[Any], object] | None = None
    ) -> Work:
        """Run a task in the background; by default, list the files again and select its result."""
        work = Work(task, self)
        work.finished.connect(then or self._show_change)
        work.failed.connect(lambda why: self.message.emit(why, "error", None))
        self.working.start(work, "Working")
        return work

    def _show_change(self, change: tuple[str, Path | None]) -> None:
        text, self._path = change
        self.message.emit(text, "notice", None)
        self.refresh()


def _files(path: Path) -> list[tuple[str, int]]:
    """Return names and sizes of a recording's files."""
    return [(each.name, each.stat().st_size) for each in recording_files(path)]


def _rename(path: Path, name: str, _progress: Progress) -> tuple[str, Path | None]:
    new = rename_recording(path, name)
    return f"Renamed to {new.name}.", new


def _delete(path: Path, _progress: Progress) -> tuple[str, Path | None]:
    return f"Deleted {' and '.join(each.name for each in delete_recording(path))}.", None


def _anonymize(path: Path, progress: Progress) -> tuple[str, Path | None]:
    with Recording.open(path) as recording:
        copy = anonymize(recording, path.with_name(_COPY), progress)
    text = "without names, notes, dates, sources, video, eyes and mouths"
    return f"The copy is {copy.name}, {text}.", copy


def _details(entry: Entry, form: str = "%d %b %Y, %H:%M") -> list[str]:
    """Return what is known beside the title; some may be empty."""
    date = "" if entry.started is None else entry.started.strftime(form)
    date = "" if date == title(entry, form) else date
    kind = "demo" if entry.path.parent.name == DEMO_FOLDER else ""
    people, exercises = " and ".join(entry.labels), ", ".join(entry.exercises)
    return [date, clock_time(entry.duration_s), people, exercises, entry.condition, kind]


class _Row(QtWidgets.QWidget):
    """A recording: date, duration, labels, exercises, condition and a sparkline of its scores."""

    def __init__(self, entry: Entry, parent: QtWidgets.QWidget) -> None:
        super().__init__(parent)
        # The list below takes the clicks.
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        heading = bold(ElidedLabel(title(entry), self))
        details = dim(ElidedLabel(PART.join(filter(None, _details(entry))), self))
        line = Sparkline(self)
        line.set_values(entry.scores)
        line.setFixedSize(200, 40)
        texts = vertical(heading, details, spacing=2)
        row = horizontal((texts, 1), inside=self, margins=(12, 8, 12, 8))
        if not entry.is_complete:
            end = QtWidgets.QLabel(_ABRUPT, self)
            end.setToolTip(
                "A program records it, or ended while it did: the last second may be lost."
            )
            end.setObjectName("abrupt")
            row.addWidget(end)
        row.addWidget(line)
