"""A recording, exported: what of it, in which format, where to."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from PyQt6.QtCore import QObject, QUrl, pyqtSignal
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QLabel,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from mirror.export import FORMATS, export
from mirror.recording.reader import Recording
from mirror.recording.writer import free_path
from ui.replay.player import Span
from ui.runtime.background import Progress, Work
from ui.widgets.timeline.axis import moment
from ui.widgets.work_bar import WorkBar

_TENTHS: Final = 0.1


def suggested(recording: Path, kind: str, part: Span | None) -> Path:
    """Where an export goes if nobody says otherwise: beside the recording, named after it."""
    name = recording.stem
    if part is not None:
        name = f"{name} {'-'.join(map(_in_a_name, part))}"
    wanted = FORMATS[kind]
    return recording.with_name(f"{name} {kind}" if wanted.is_folder else f"{name}{wanted.suffix}")


def _in_a_name(time_s: float) -> str:
    """A moment as "1h02m03.4s": not every file system takes a colon."""
    *hours, minutes, seconds = moment(time_s, _TENTHS).split(":")
    return "".join(f"{hour}h" for hour in hours) + f"{minutes}m{seconds}s"


class ExportDialog(QDialog):
    """Asks what to export, in which format, and in a file dialog of Qt's own where to.

    A format that makes a folder makes a new one, in the folder that is chosen.

    Parameters
    ----------
    recording : Path
    selection : (float, float) or None
        The part that is selected, s.
    note : str
        What is said above all else; nothing where empty.
    """

    chosen = pyqtSignal(str, object, object)
    """The format, the file to write, and the part, or None for the whole."""

    def __init__(self, recording: Path, selection: Span | None, note: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._recording, self._selection = recording, selection
        self.setWindowTitle("Export")
        self.whole = QRadioButton("The whole recording", self)
        self.part = QRadioButton("The selection", self)
        self.part.setEnabled(selection is not None)
        if selection is not None:
            start, end = (moment(each, _TENTHS) for each in selection)
            self.part.setText(f"The selection, {start} to {end}")
        likely = self.whole if selection is None else self.part
        likely.setChecked(True)
        likely.setFocus()
        self.format = QComboBox(self)
        self.format.setAccessibleName("Format")
        for kind, each in FORMATS.items():
            self.format.addItem(each.description, kind)
        buttons = QDialogButtonBox(self)
        where = buttons.addButton("Choose a file …", QDialogButtonBox.ButtonRole.AcceptRole)
        assert where is not None
        where.setDefault(True)
        buttons.addButton("Cancel", QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.ask_where)
        buttons.rejected.connect(self.reject)
        form = QFormLayout()
        form.addRow("Export", self.whole)
        form.addRow("", self.part)
        form.addRow("Format", self.format)
        self.note = QLabel(note, self)
        self.note.setWordWrap(True)
        self.note.setVisible(bool(note))
        column = QVBoxLayout(self)
        column.addWidget(self.note)
        column.addLayout(form)
        column.addWidget(buttons)

    def ask_where(self) -> None:
        """Ask for a file; Qt's dialog asks again before one is replaced."""
        kind: str = self.format.currentData()
        part = self._selection if self.part.isChecked() else None
        wanted, name = FORMATS[kind], suggested(self._recording, kind, part)
        dialog = QFileDialog(self, "Export to", str(name.parent))
        if wanted.is_folder:
            dialog.setFileMode(QFileDialog.FileMode.Directory)
            dialog.fileSelected.connect(
                lambda folder: self.chosen.emit(kind, free_path(Path(folder, name.name)), part)
            )
        else:
            dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
            dialog.setDefaultSuffix(wanted.suffix.removeprefix("."))
            dialog.setNameFilters([f"{wanted.description} (*{wanted.suffix})", "All files (*)"])
            dialog.selectFile(name.name)
            dialog.fileSelected.connect(lambda file: self.chosen.emit(kind, Path(file), part))
        dialog.accepted.connect(self.accept)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


class Exporter(QObject):
    """Exports in the background, and says what came of it."""

    message = pyqtSignal(str, str, object)
    """A text, its kind, and an action such as showing the folder, or None."""

    def __init__(self, bar: WorkBar, parent: QWidget) -> None:
        super().__init__(parent)
        self._parent = parent
        self._bar = bar

    def ask(self, recording: Path, selection: Span | None = None, note: str = "") -> None:
        """Let the user choose what goes where, and export that; see `ExportDialog`."""
        dialog = ExportDialog(recording, selection, note, self._parent)
        dialog.chosen.connect(partial(self.export, recording))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def export(self, recording: Path, kind: str, path: Path, part: Span | None = None) -> None:
        """Write a recording, or a part of it, s, to a file; one that exists is replaced.

        Whoever calls it has asked before. Other files that the format makes beside it were not
        asked about: they are replaced with it, but never without it.
        """
        start, end = part or (-math.inf, math.inf)

        def task(progress: Progress) -> None:
            with Recording.open(recording) as opened:
                export(
                    opened,
                    kind,
                    path,
                    replace=path.exists(),
                    start=start,
                    end=end,
                    progress=progress,
                )

        work = Work(task, self)
        work.finished.connect(lambda _: self._exported(path))
        work.failed.connect(lambda why: self.message.emit(why, "error", None))
        for ended in (work.finished, work.failed, work.cancelled):
            ended.connect(lambda *_: work.deleteLater())
        self._bar.watch(work, f"Exporting {path.name}")

    def _exported(self, path: Path) -> None:
        self.message.emit(f"Exported to {path}", "notice", show_folder(path))


def show_folder(path: Path) -> tuple[str, Callable[[], None]]:
    """A button for a message: opens the folder of a file."""

    def opened() -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.resolve().parent)))

    return "Show folder", opened
