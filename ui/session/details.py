"""The drawer beside a session: a goal, settings, or labels, condition and notes."""

from pathlib import Path
from typing import Final

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QLineEdit, QScrollArea, QWidget

from mirror.session.start import SessionRequest
from ui.practice.form import PracticeForm
from ui.shell.preferences import Preferences
from ui.start.details import NOT_STORED, STORED, DescriptionForm
from ui.widgets.build import button, scroll_area, timer, vertical
from ui.widgets.labels import WrappedLabel
from ui.widgets.settings import SettingsPanel

_TYPING_PAUSE_MS: Final = 800


class SessionDetails(QWidget):
    """Labels, condition, notes and recording of a running session; changes apply at once."""

    described = pyqtSignal(dict)  # of `labels`, `condition` and `notes`, what changed
    stop_clicked = pyqtSignal()  # stop the recording, not the session

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._saved: dict[str, object] = {}
        self.form = DescriptionForm(self)
        self._timer = timer(self, _TYPING_PAUSE_MS, self.flush, once=True)
        self.form.notes.textChanged.connect(self._timer.start)
        for edit in (self.form.a, self.form.b, self.form.condition):
            edit.textEdited.connect(self._timer.start)
            edit.editingFinished.connect(self.flush)
        self.tags = QLineEdit(self)
        self.tags.setAccessibleName("Tags")
        self.tags.setPlaceholderText("for example: smile, laughs, touch")
        self.tags.setToolTip("The first name is that of key 1; keys 1 to 9 mark with a tag")
        self.form.addRow("Tags, on keys 1 to 9", self.tags)
        self._state = WrappedLabel(parent=self)
        tip = "Close the recording; the session continues without one"
        self._stop = button("Stop recording", self, self.stop_clicked, tip=tip)
        vertical(self.form, 8, self._state, self._stop, None, inside=self)

    def begin(self, request: SessionRequest) -> None:
        self.form.a.setText(request.labels[0])
        self.form.b.setText(request.labels[1])
        self.form.condition.setText(request.condition)
        self.form.notes.setPlainText(request.notes)
        self._timer.stop()  # started by setPlainText
        self._saved = self.form.values()

    def show_recording(self, path: Path | None, *, on: bool, video: bool) -> None:
        """Show where the session is recorded, whether it still is, and what is stored."""
        text = "Not recorded."
        if on:
            text = f"Recorded in {path}. {STORED if video else NOT_STORED}"
        elif path is not None:
            text = f"Recording stopped; it is saved in {path}."
        self._state.setText(text)
        self._stop.setEnabled(on)

    def flush(self) -> None:
        """Signal changes that were not signalled yet."""
        self._timer.stop()
        values = self.form.values()
        changed = {key: value for key, value in values.items() if value != self._saved.get(key)}
        self._saved = values
        if changed:
            self.described.emit(changed)


class Drawer(QScrollArea):
    """Shows goals, settings or details beside the session, or is closed."""

    def __init__(self, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.practice = PracticeForm(preferences, self)
        self.settings = SettingsPanel(self)
        self.details = SessionDetails(self)
        self._panels: dict[str, QWidget] = {
            "practice": self.practice,
            "settings": self.settings,
            "details": self.details,
        }
        inside = QWidget(self)
        vertical(*self._panels.values(), inside=inside, margins=(8, 8, 8, 8))
        scroll_area(inside, self)
        self.setFixedWidth(320)
        self.hide()

    def open(self, name: str) -> None:
        """Show "practice", "settings" or "details"; close if the name is empty."""
        for each, panel in self._panels.items():
            panel.setVisible(each == name)
        self.setVisible(bool(name))
