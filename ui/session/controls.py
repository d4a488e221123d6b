"""The control bar of a session: pause, stop, mark, display and sound."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QAction, QKeyEvent
from PyQt6.QtWidgets import QApplication, QLineEdit, QPushButton, QWidget

from mirror.events import Event
from mirror.wording import elapsed, file_size
from ui.shell.shortcuts import Keys
from ui.shell.theme import theme
from ui.widgets.build import button, horizontal, vertical
from ui.widgets.labels import ElidedLabel

AGAIN: Final = "Last 15 s"
_ON: Final = "●"


class NoteEdit(QLineEdit):
    """The note of a mark, edited in the bar while the session continues."""

    written = pyqtSignal(object)  # an `Event` of the kind `mark`, at the time the note was begun

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._time_s = 0.0
        self._focus_before: QWidget | None = None
        self.setAccessibleName("Note of the mark")
        self.returnPressed.connect(self._submit)
        self.hide()

    def begin(self, time_s: float) -> None:
        self._time_s = time_s
        if not self.hasFocus():
            self._focus_before = QApplication.focusWidget()
        self.clear()
        self.setPlaceholderText(f"Note for {elapsed(time_s)}. Enter saves it, Esc discards it.")
        self.show()
        self.setFocus()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() == Qt.Key.Key_Escape:
            self.discard()
        else:
            super().keyPressEvent(event)

    def discard(self) -> None:
        before, self._focus_before = self._focus_before, None
        if self.hasFocus() and before is not None:
            before.setFocus()  # else the next button gets it, and the next Space would click it
        self.hide()

    def _submit(self) -> None:
        self.discard()
        self.written.emit(Event(self._time_s, "mark", self.text().strip()))


class Controls(QWidget):
    """Buttons for everything that can be done in a session, with the keys of the shortcut table.

    The shortcuts work while the page is visible. `slots`, by shortcut name, are for "pause",
    "stop", "mark", "mark with note", "coach view", "again" and "now"; the switches "skeleton only"
    and "sound" have signals.
    """

    skeleton_toggled = pyqtSignal(bool)
    sound_toggled = pyqtSignal(bool)
    drawer_toggled = pyqtSignal(str)  # "practice", "settings", "details", or empty for none

    def __init__(
        self, keys: Keys, page: QWidget, slots: Mapping[str, Callable[[], object]]
    ) -> None:
        super().__init__(page)
        self._keys, self._page = keys, page
        self.actions_by_name: dict[str, QAction] = {}
        self.note = NoteEdit(self)
        self.recording = ElidedLabel(parent=self)
        widest = self.fontMetrics().horizontalAdvance(f"{_ON} Recording  0:00:00")
        self.recording.setMinimumWidth(widest)
        self.pause = self._button("pause", "Pause", slots["pause"])
        self.stop = self._button("stop", "Stop", slots["stop"])
        self.stop.setProperty("primary", True)
        self.mark = self._button("mark", "Mark", slots["mark"])
        self.note_mark = self._button("mark with note", "Note…", slots["mark with note"])
        self.skeleton = self._button("skeleton only", "Skeleton only")
        self.skeleton.toggled.connect(self.skeleton_toggled)
        self.sound = self._button("sound", "Sound")
        self.sound.toggled.connect(self.sound_toggled)
        self.now = self._button("now", "Back to now", slots["now"])
        self.now.hide()
        self.again = self._button("again", AGAIN, slots["again"])
        self.full = self._button("full view", "Full view")
        self.coach = self._button("coach view", "Coach view", slots["coach view"])
        self._drawers = {
            name: button(text, self, partial(self._toggle_drawer, name), tip=tip, checkable=True)
            for name, text, tip in (
                ("practice", "Goal", ""),
                ("settings", "Settings", "Window, band and mapping"),
                ("details", "Details", "Labels, condition, notes and recording"),
            )
        }
        self.practice, self.settings, self.details = self._drawers.values()
        self.practice.setToolTip(keys.action(page, "goal", self.practice.toggle).toolTip())
        bar = horizontal(
            *(self.pause, self.stop, self.mark, self.note_mark),
            *(8, (self.recording, 1), self.sound, self.coach, 8),
            *self._drawers.values(),
            spacing=6,
        )
        vertical(self.note, bar, inside=self)
        theme().changed.connect(self._paint)
        self.show_recording(None, 0.0)

    def show_recording(self, n_bytes: int | None, seconds: float, *, paused: bool = False) -> None:
        """Show duration or pause, and size of the recording; None if nothing is recorded."""
        if not paused:
            self._shown_s = seconds
        state = "Not recording" if n_bytes is None else f"{_ON} Recording"
        text = f"{'❚❚ Paused since' if paused else state}  {elapsed(self._shown_s)}"
        text += f"  {file_size(n_bytes)}" if n_bytes is not None else f"  {state}" * paused
        if text != self.recording.text():
            self.recording.setText(text)
            self.recording.setAccessibleName(text.lstrip("●❚ "))
            self._paint()

    def show_paused(self, *, paused: bool) -> None:
        self.pause.setText("Resume" if paused else "Pause")

    def show_stopping(self, *, stopping: bool) -> None:
        """Disable what cannot be done while the session is stopping."""
        for each in (self.pause, self.stop, self.mark, self.note_mark):
            each.setEnabled(not stopping)
        for name in ("pause", "stop", "mark", "mark with note"):
            self.actions_by_name[name].setEnabled(not stopping)
        self.stop.setText("Stopping…" if stopping else "Stop")
        if stopping:
            self.note.discard()

    def show_sound(self, *, on: bool, problem: str) -> None:
        """Show whether the tone is on, or why there is no sound."""
        self.sound.setChecked(on and not problem)
        self.sound.setEnabled(not problem)
        self.actions_by_name["sound"].setEnabled(not problem)
        self.sound.setAccessibleDescription(problem)
        self.sound.setToolTip(problem or self.actions_by_name["sound"].toolTip())

    def close_drawers(self) -> None:
        for each in self._drawers.values():
            each.setChecked(False)

    def _button(
        self, name: str, text: str, slot: Callable[[], object] | None = None
    ) -> QPushButton:
        """Add a button with its action and tooltip; a switch if there is no slot."""
        made = button(text, self, checkable=slot is None)
        action = self.actions_by_name[name] = self._keys.action(self._page, name, made.click)
        if slot is None:
            action.setCheckable(True)
            made.toggled.connect(action.setChecked)
        else:
            made.clicked.connect(lambda _on: slot())
        made.setToolTip(action.toolTip())
        action.changed.connect(lambda: made.setToolTip(action.toolTip()))
        return made

    def _toggle_drawer(self, name: str, on: bool) -> None:
        others = [button for key, button in self._drawers.items() if key != name]
        if on:
            for other in others:
                other.setChecked(False)
            self.drawer_toggled.emit(name)
        elif not any(other.isChecked() for other in others):
            self.drawer_toggled.emit("")

    def _paint(self) -> None:
        palette = theme().palette
        colour = palette.error if self.recording.text().startswith(_ON) else palette.dim_text
        self.recording.setStyleSheet(f"color: {colour}; font-weight: 600;")
