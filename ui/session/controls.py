"""The control bar of a session: pause, stop, mark, display and sound."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QAction, QKeyEvent
from PyQt6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from mirror.events import Event
from mirror.wording import elapsed, file_size
from ui.shell.shortcuts import Keys
from ui.shell.theme import theme
from ui.widgets.labels import ElidedLabel

_ON: Final = "●"


class NoteEdit(QLineEdit):
    """The note of a mark, edited in the bar while the session continues."""

    written = pyqtSignal(object)
    """An `Event` of the kind ``mark``, at the time when the note was begun."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._time_s = 0.0
        self._focus_before: QWidget | None = None
        self.setAccessibleName("Note of the mark")
        self.returnPressed.connect(self._submit)
        self.hide()

    def begin(self, time_s: float) -> None:
        """Ask for a note for this time."""
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
        """Close without a mark."""
        before, self._focus_before = self._focus_before, None
        if self.hasFocus() and before is not None:
            before.setFocus()  # else the next button gets it, and the next Space would click it
        self.hide()

    def _submit(self) -> None:
        self.discard()
        self.written.emit(Event(self._time_s, "mark", self.text().strip()))


class Controls(QWidget):
    """Buttons for everything that can be done in a session, with the keys of the shortcut table.

    Parameters
    ----------
    keys : Keys
    page : QWidget
        The shortcuts work while it is visible.
    slots : mapping of shortcut name to callable
        For "pause", "stop", "mark", "mark with note" and "coach view". The switches "skeleton
        only" and "sound" have signals.
    """

    skeleton_toggled = pyqtSignal(bool)
    sound_toggled = pyqtSignal(bool)
    drawer_toggled = pyqtSignal(str)
    """The drawer to open: "practice", "settings" or "details"; empty for none."""

    def __init__(
        self,
        keys: Keys,
        page: QWidget,
        slots: Mapping[str, Callable[[], object]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._keys, self._page = keys, page
        self.actions_by_name: dict[str, QAction] = {}
        self.note = NoteEdit(self)
        self.recording = ElidedLabel(parent=self)
        self.sound_problem = ElidedLabel(parent=self)
        self.sound_problem.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.sound_problem.setProperty("dim", True)
        self.sound_problem.hide()
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
        self.full = self._button("full view", "Full view")
        self.coach = self._button("coach view", "Coach view", slots["coach view"])
        self.practice = QPushButton("Goal", self)
        self.settings = QPushButton("Settings", self)
        self.settings.setToolTip("Window, band and mapping")
        self.details = QPushButton("Details", self)
        self.details.setToolTip("Labels, condition, notes and recording")
        self._drawers = {
            "practice": self.practice,
            "settings": self.settings,
            "details": self.details,
        }
        for name, button in self._drawers.items():
            button.setCheckable(True)
            button.toggled.connect(partial(self._toggle_drawer, name))
        goal = keys.action(page, "goal", self.practice.toggle)
        self.practice.setToolTip(goal.toolTip())
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for button in (self.pause, self.stop, self.mark, self.note_mark):
            row.addWidget(button)
        row.addSpacing(8)
        row.addWidget(self.recording, 1)
        for widget in (self.sound, self.sound_problem, self.coach):
            row.addWidget(widget)
        row.addSpacing(8)
        for button in self._drawers.values():
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.note)
        column.addLayout(row)
        theme().changed.connect(self._paint)
        self.show_recording(None, 0.0)

    def show_recording(self, n_bytes: int | None, seconds: float, *, paused: bool = False) -> None:
        """Show duration and size of the recording; None if nothing is recorded."""
        text = f"Not recording  {elapsed(seconds)}"
        if n_bytes is not None:
            state = "❚❚ Paused" if paused else f"{_ON} Recording"
            text = f"{state}  {elapsed(seconds)}  {file_size(n_bytes)}"
        if text != self.recording.text():
            self.recording.setText(text)
            self.recording.setAccessibleName(text.lstrip("●❚ "))
            self._paint()

    def show_paused(self, *, paused: bool) -> None:
        """Show what the pause button does next."""
        self.pause.setText("Resume" if paused else "Pause")

    def show_stopping(self, *, stopping: bool) -> None:
        """Disable what cannot be done while the session is stopping."""
        for name, button in (
            ("pause", self.pause),
            ("stop", self.stop),
            ("mark", self.mark),
            ("mark with note", self.note_mark),
        ):
            button.setEnabled(not stopping)
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
        self.sound_problem.setText(problem)
        self.sound_problem.setToolTip(problem)
        self.sound_problem.setVisible(bool(problem))

    def close_drawers(self) -> None:
        """Close the drawer."""
        for button in self._drawers.values():
            button.setChecked(False)

    def _button(
        self, name: str, text: str, slot: Callable[[], object] | None = None
    ) -> QPushButton:
        """Add a button with its action and tooltip; a switch if there is no slot."""
        button = QPushButton(text, self)
        action = self._keys.action(self._page, name, button.click)
        self.actions_by_name[name] = action
        if slot is None:
            button.setCheckable(True)
            action.setCheckable(True)
            button.toggled.connect(action.setChecked)
        else:
            button.clicked.connect(lambda _on: slot())
        button.setToolTip(action.toolTip())
        action.changed.connect(lambda: button.setToolTip(action.toolTip()))
        return button

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
        is_on = self.recording.text().startswith(_ON)
        colour = palette.error if is_on else palette.dim_text
        self.recording.setStyleSheet(f"color: {colour}; font-weight: 600;")
