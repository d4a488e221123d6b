"""The video panel of the start page: two recorded videos, or one with both people."""

from pathlib import Path
from typing import Final

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import QCheckBox, QFileDialog, QWidget

from mirror.capture.still import PICTURES
from mirror.clocks.sound import Alignment
from mirror.errors import SourceError
from mirror.study.table import is_study
from ui.shell.preferences import Preferences
from ui.start.cameras import SourceEdit
from ui.start.clocks import VideoOffset
from ui.start.panels import Halves, PairPanel, View
from ui.start.preview import PreviewReaders
from ui.start.source_text import Pair, same_file
from ui.widgets.build import button, horizontal, known

_FILTER: Final = (
    "Videos (*.mp4 *.mov *.m4v *.mkv *.webm *.avi *.mpg *.mpeg *.wmv *.flv *.ts);;"
    f"Pictures (*{' *'.join(PICTURES)});;All files (*)"
)


def dropped_files(event: QDragEnterEvent | QDropEvent) -> list[Path]:
    """Return the local files of a drag-and-drop event."""
    data = event.mimeData()
    urls = [] if data is None else data.urls()
    return [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]


class FileField(QWidget):
    """The name of a video: typed, chosen in a dialog, or dropped."""

    changed = pyqtSignal()

    def __init__(self, preferences: Preferences, person: str) -> None:
        super().__init__()
        self._preferences = preferences
        self._person = person
        self._signalled = ""
        self._edit = SourceEdit(self)
        self._edit.setAccessibleName(f"Video of {person}")
        self._edit.setPlaceholderText("Drop a video, or browse…")
        self._edit.setToolTip("To use a part of it: video.mp4#t=10,70 or video.mp4#left")
        self._edit.setAcceptDrops(False)  # it would take the URL as text
        self._edit.settled.connect(self._signal_change)
        browse = button("Browse…", self, self.browse)
        browse.setAccessibleDescription(f"Choose the video of {person}")
        horizontal((self._edit, 1), browse, inside=self)
        self.setFocusProxy(self._edit)
        self.setAcceptDrops(True)

    @property
    def text(self) -> str:
        return self._edit.source

    def set_text(self, text: str) -> None:
        self._edit.setText(text)
        self._signal_change()

    def browse(self) -> None:
        folder = str(Path(self.text).parent) if self.text else self._preferences.get("films", "")
        name, _ = QFileDialog.getOpenFileName(self, f"Video of {self._person}", folder, _FILTER)
        if name:
            self._preferences.set("films", str(Path(name).parent))
            self.set_text(name)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        files = [] if event is None else dropped_files(event)
        if event is not None and len(files) == 1 and not is_study(files[0]):  # for the page
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        event = known(event)
        event.acceptProposedAction()
        self.set_text(str(dropped_files(event)[0]))

    def _signal_change(self) -> None:
        if self.text != self._signalled:
            self._signalled = self.text
            self.changed.emit()


class TwoFiles(PairPanel):
    """A video of each person, or one with both, each on one side of a line."""

    def __init__(self, preferences: Preferences, readers: PreviewReaders) -> None:
        self.fields = FileField(preferences, "A"), FileField(preferences, "B")
        super().__init__("Video", self.fields, readers)
        self.halves = Halves(self.previews[0], self)
        self.both = QCheckBox("Both people are in this video", self)
        self.offset = VideoOffset(lambda: self.previews[1].frame_s)
        for row, widget in enumerate((self.both, self.halves, self.offset), 3):
            self._grid.addWidget(widget, row, 0, 1, 2)
        for part in (*self.fields, self.halves, self.offset):
            part.changed.connect(self._update)
        self.both.toggled.connect(self._toggle)
        self.set_names(preferences.labels)
        self._update()

    @property
    def pair(self) -> Pair | None:
        if self.problem:
            return None
        if self.both.isChecked():
            return self.halves.pair(self.fields[0].text)
        return self.offset.sources()

    @property
    def alignment(self) -> Alignment | None:
        """How the two videos were aligned by their sound; None if they were not."""
        return None if self.both.isChecked() else self.offset.alignment

    @property
    def problem(self) -> str:
        if self.both.isChecked():
            return "" if self.fields[0].text else "Choose the video of both people."
        for field, name in zip(self.fields, self._names, strict=True):
            if not field.text:
                return f"Choose the video of {name}."
        try:
            self.offset.sources()
        except SourceError as error:
            return error.window_text
        return ""

    def drop(self, files: list[Path]) -> None:
        """Put one or two dropped videos into the fields, empty ones first."""
        texts = [str(file) for file in files[:2]]
        if len(texts) == 2:
            fields = list(self.fields)
        else:
            fields = [field for field in self.fields if not field.text] or [self.fields[0]]
        for field, text in zip(fields, texts, strict=False):
            field.set_text(text)
        if len(texts) == 2:
            self.both.setChecked(False)

    def set_names(self, names: tuple[str, str]) -> None:
        super().set_names(names)
        self._names = names
        self.halves.set_names(names)
        self._show_both()

    def views(self) -> tuple[View | None, View | None]:
        return self.halves.views() if self.both.isChecked() else super().views()

    def show_previews(self) -> None:
        both = self.both.isChecked()
        texts = self.pair or tuple(field.text for field in self.fields)
        if both:
            texts = self.fields[0].text, ""
        for text, preview in zip(texts, self.previews, strict=True):
            if text:
                preview.open(text)
            else:
                preview.release("The first frame of the video is shown here.")

    def _update(self) -> None:
        a, b = (field.text for field in self.fields)
        if same_file(a, b) and not self.both.isChecked():
            self.both.setChecked(True)  # which comes back here
            return
        self._show_both()
        super()._update()

    def _toggle(self, both: bool) -> None:
        a, b = self.fields
        if not both and same_file(a.text, b.text):
            b.set_text("")  # to be chosen
        self._update()

    def _show_both(self) -> None:
        both = self.both.isChecked()
        a, b = (field.text for field in self.fields)
        self.offset.load(a, b, self._names)
        self.offset.setVisible(bool(a and b) and not both)
        self.both.setVisible(both or bool(a))
        for part in (self._headings[1], self.fields[1], self.previews[1]):
            part.setHidden(both)
        self._grid.setColumnStretch(1, 0 if both else 1)
        self.halves.setVisible(both)
        if both:
            self._headings[0].setText("Video of both people")
            self.halves.show_in_preview(self._names)
        else:
            super().set_names(self._names)
            self.previews[0].set_halves(None)
