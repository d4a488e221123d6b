"""Export of a recording: the dialog and the work."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QObject, QUrl, pyqtSignal
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QRadioButton,
    QWidget,
)

from mirror._support.atomic import privacy_note
from mirror.export import FORMATS, export
from mirror.recording.reader import Recording
from mirror.recording.writer import free_path
from mirror.report.write import compose, write
from mirror.timeline import Span
from mirror.wording import clock_time
from ui.replay.player import Selection
from ui.runtime.background import Progress, Work
from ui.widgets.build import button, combo_box, open_once, vertical
from ui.widgets.labels import WrappedLabel
from ui.widgets.work_bar import WorkBar


def suggest_path(recording: Path, kind: str, part: Selection | None) -> Path:
    """Return a path for an export, beside the recording and named after it."""
    name = recording.stem
    if part is not None:
        name = f"{name} {'-'.join(map(_file_name_time, part))}"
    form = FORMATS[kind]
    return recording.with_name(f"{name} {kind}" if form.is_folder else f"{name}{form.suffix}")


def _file_name_time(time_s: float) -> str:
    """Return a time as "1h02m03.4s": not every file system allows colons."""
    *hours, minutes, seconds = clock_time(time_s, tenths=True).split(":")
    return "".join(f"{hour}h" for hour in hours) + f"{minutes}m{seconds}s"


def file_buttons(dialog: QDialog, choose: Callable[[], object]) -> QDialogButtonBox:
    """Return the buttons "Choose a file…" and "Cancel" of a dialog."""
    buttons = QDialogButtonBox(dialog)
    # "primary" before it is added, so that its bold text fits.
    accept = button("Choose a file…", dialog, primary=True)
    accept.setDefault(True)
    buttons.addButton(accept, QDialogButtonBox.ButtonRole.AcceptRole)
    buttons.addButton("Cancel", QDialogButtonBox.ButtonRole.RejectRole)
    buttons.accepted.connect(choose)
    buttons.rejected.connect(dialog.reject)
    return buttons


def ask_file(
    parent: QWidget, suggestion: Path, filters: Sequence[str], take: Callable[[Path], object]
) -> QFileDialog:
    """Ask for a file to write, in a dialog that confirms before one is replaced."""
    dialog = QFileDialog(parent, "Save as", str(suggestion.parent))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(suggestion.suffix.removeprefix("."))
    dialog.setNameFilters(list(filters))
    dialog.selectFile(suggestion.name)
    dialog.fileSelected.connect(lambda file: take(Path(file)))
    open_once(dialog)
    return dialog


class ExportDialog(QDialog):
    """Asks what to export, in which format, and where to.

    A format that makes a folder makes a new one in the chosen folder. The note is shown at the top.
    """

    chosen = pyqtSignal(str, object, object)  # format, path and part; None: all

    def __init__(
        self, recording: Path, selection: Selection | None, note: str, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._recording, self._selection = recording, selection
        self.setWindowTitle("Export")
        self.whole = QRadioButton("The whole recording", self)
        self.part = QRadioButton("The selection", self)
        self.part.setEnabled(selection is not None)
        if selection is not None:
            start, end = (clock_time(each, tenths=True) for each in selection)
            self.part.setText(f"The selection, {start} to {end}")
        default = self.whole if selection is None else self.part
        default.setChecked(True)
        default.setFocus()
        formats = ((each.description, kind) for kind, each in FORMATS.items())
        self.format = combo_box("Format", formats, self)
        buttons = file_buttons(self, self.ask_path)
        form = QFormLayout()
        form.addRow("Export", self.whole)
        form.addRow("", self.part)
        form.addRow("Format", self.format)
        self.note = WrappedLabel(note, self)
        self.note.setVisible(bool(note))
        vertical(self.note, form, buttons, inside=self, margins=None)

    def ask_path(self) -> None:
        """Ask for the file or folder; Qt's dialog confirms before a file is replaced."""
        kind: str = self.format.currentData()
        part = self._selection if self.part.isChecked() else None
        chosen_format, suggestion = FORMATS[kind], suggest_path(self._recording, kind, part)
        if not chosen_format.is_folder:
            filters = f"{chosen_format.description} (*{chosen_format.suffix})", "All files (*)"
            ask_file(self, suggestion, filters, partial(self._take, kind, part))
            return
        dialog = QFileDialog(self, "Export to", str(suggestion.parent))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(
            lambda folder: self._take(kind, part, free_path(Path(folder, suggestion.name)))
        )
        open_once(dialog)

    def _take(self, kind: str, part: Selection | None, path: Path) -> None:
        self.chosen.emit(kind, path, part)
        self.accept()


class Exporter(QObject):
    """Exports in the background and reports the result."""

    message = pyqtSignal(str, str, object)  # a text, "error" or "notice", and an action or None

    def __init__(self, bar: WorkBar, parent: QWidget) -> None:
        super().__init__(parent)
        self._parent = parent
        self._bar = bar

    def ask(self, recording: Path, selection: Selection | None = None, note: str = "") -> None:
        dialog = ExportDialog(recording, selection, note, self._parent)
        dialog.chosen.connect(partial(self.export, recording))
        open_once(dialog)

    def export(self, recording: Path, kind: str, path: Path, part: Selection | None = None) -> None:
        """Write a recording, or a part of it, to a file; an existing file is replaced.

        The caller has confirmed that. Files that the format makes beside it are replaced only
        together with it.
        """
        span: dict[str, Any] = {} if part is None else {"start": part[0], "end": part[1]}

        def task(progress: Progress) -> None:
            with Recording.open(recording) as opened:
                export(opened, kind, path, replace=path.exists(), progress=progress, **span)

        self.run(task, path, "Exporting", "Exported to")

    def ask_report(self, recording: Path, note: str = "") -> None:
        """Ask for the file of a recording's scientific report, and write it; warn with the note."""
        if note:
            self.message.emit(note, "warning", None)
        dialog = ask_file(
            self._parent,
            recording.with_name(f"{recording.stem} report.pdf"),
            ("PDF (*.pdf)", "Web page, with the numbers of its figures (*.html)"),
            lambda path: self.run(partial(_write_report, recording, path), path),
        )
        dialog.setWindowTitle(f"Report of {recording.name}")

    def run(
        self,
        task: Callable[[Progress], object],
        path: Path,
        doing: str = "Writing",
        done: str = "Wrote",
    ) -> None:
        """Run a task that writes a file, and say where it is."""
        work = Work(task, self)
        work.finished.connect(
            lambda _: self.message.emit(
                f"{done} {path}{privacy_note(path)}", "notice", show_folder_action(path)
            )
        )
        work.failed.connect(lambda why: self.message.emit(why, "error", None))
        self._bar.start(work, f"{doing} {path.name}")


def _write_report(recording: Path, path: Path, progress: Progress) -> None:
    """Write the scientific report, as PDF or HTML by the file's name."""
    document = compose([recording], Span())
    progress(1, 2)
    write(document, path, replace=True)


def show_folder_action(path: Path) -> tuple[str, Callable[[], object]]:
    """Return the text and the action of a button that opens the folder of a file."""
    url = QUrl.fromLocalFile(str(path.resolve().parent))
    return "Show folder", lambda: QDesktopServices.openUrl(url)
