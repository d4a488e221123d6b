"""The control bar of a session: pause, stop, mark, and how it is shown and heard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PyQt6.QtCore import QEvent, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QKeyEvent
from PyQt6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from mirror.events import Event
from mirror.wording import elapsed, file_size
from ui.shell.shortcuts import Keys
from ui.shell.theme import theme

_ON: Final = "●"


class NoteEdit(QLineEdit):
    """The note of a mark, in the bar itself: the session goes on, and so do the meters."""

    written = pyqtSignal(object)
    """An `Event` of the kind ``mark``, at the moment at which the note was begun."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._moment = 0.0
        self._before: QWidget | None = None
        self.setAccessibleName("Note of the mark")
        self.returnPressed.connect(self._keep)
        self.hide()

    def begin(self, moment: float) -> None:
        """Ask for a note on this moment, s."""
        self._moment = moment
        if not self.hasFocus():
            self._before = QApplication.focusWidget()
        self.clear()
        self.setPlaceholderText(f"Note for {elapsed(moment)}. Enter keeps it, Esc drops it.")
        self.show()
        self.setFocus()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() == Qt.Key.Key_Escape:
            self.drop()
        else:
            super().keyPressEvent(event)

    def drop(self) -> None:
        """Keep nothing."""
        before, self._before = self._before, None
        if self.hasFocus() and before is not None:
            before.setFocus()  # or the next button would have it, and the next Space press it
        self.hide()

    def _keep(self) -> None:
        self.drop()
        self.written.emit(Event(self._moment, "mark", self.text().strip()))


class Controls(QWidget):
    """Buttons for all that can be done in a session; each has its key in the shortcut table.

    Parameters
    ----------
    keys : Keys
        Where the keys come from.
    actions : mapping of shortcut name to callable
        What is done: "pause", "stop", "mark", "mark with note", "coach view". The switches
        "skeleton only" and "sound" are told by signals.
    """

    skeleton_only = pyqtSignal(bool)
    sound = pyqtSignal(bool)
    drawer = pyqtSignal(str)
    """Which drawer is to be open: "settings", "about", or none where empty."""

    def __init__(
        self,
        keys: Keys,
        page: QWidget,
        actions: dict[str, Callable[[], object]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.actions_by_name: dict[str, QAction] = {}
        self.note = NoteEdit(self)
        self._recording = QLabel(self)
        self._recording.setTextFormat(Qt.TextFormat.PlainText)
        self._no_sound = QLabel(self)
        self._no_sound.setProperty("dim", True)
        self._no_sound.hide()
        self.pause = self._button(keys, page, "pause", "Pause", actions["pause"])
        self.stop = self._button(keys, page, "stop", "Stop", actions["stop"])
        self.stop.setProperty("primary", True)
        self.mark = self._button(keys, page, "mark", "Mark", actions["mark"])
        self.note_mark = self._button(
            keys, page, "mark with note", "Mark with note …", actions["mark with note"]
        )
        self.skeleton = self._switch(keys, page, "skeleton only", "Skeleton only")
        self.skeleton.toggled.connect(self.skeleton_only)
        self.hear = self._switch(keys, page, "sound", "Sound")
        self.hear.toggled.connect(self.sound)
        self.coach = self._button(keys, page, "coach view", "Coach view", actions["coach view"])
        self.settings = self._drawer("Settings", "settings")
        self.about = self._drawer("Details", "about")
        self.about.setToolTip("Labels, condition, notes, and what is recorded")
        self.settings.setToolTip("Window, band and mapping")
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for button in (self.pause, self.stop, self.mark, self.note_mark):
            row.addWidget(button)
        row.addSpacing(8)
        row.addWidget(self._recording, 1)
        for widget in (self.skeleton, self.hear, self._no_sound, self.coach):
            row.addWidget(widget)
        row.addSpacing(8)
        row.addWidget(self.settings)
        row.addWidget(self.about)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.note)
        column.addLayout(row)
        theme().changed.connect(self._paint)
        self.show_recording(None, 0.0)

    @property
    def recording(self) -> str:
        """What is said about the recording."""
        return self._recording.text()

    @property
    def no_sound(self) -> str:
        """Why nothing can be heard; empty where something can."""
        return "" if self._no_sound.isHidden() else self._no_sound.text()

    def show_recording(self, on_disk: int | None, seconds: float, *, paused: bool = False) -> None:
        """Say how long it is and how many bytes; None where nothing is recorded."""
        text = f"Not recording  {elapsed(seconds)}"
        if on_disk is not None:
            state = "❚❚ Paused" if paused else f"{_ON} Recording"
            text = f"{state}  {elapsed(seconds)}  {file_size(on_disk)}"
        if text != self._recording.text():
            self._recording.setText(text)
            self._recording.setAccessibleName(text.lstrip("●❚ "))
            self._paint()

    def show_paused(self, *, paused: bool) -> None:
        """Say what the pause button does next."""
        self.pause.setText("Resume" if paused else "Pause")

    def show_stopping(self, *, stopping: bool) -> None:
        """While the end is under way, nothing else can be asked for."""
        for button in (self.pause, self.stop, self.mark, self.note_mark):
            button.setEnabled(not stopping)
        self.stop.setText("Stopping …" if stopping else "Stop")
        if stopping:
            self.note.drop()

    def show_sound(self, *, on: bool, why_not: str) -> None:
        """Whether the tone is heard, or why it cannot be; empty where it can."""
        self.hear.setChecked(on and not why_not)
        self.hear.setEnabled(not why_not)
        self.hear.setAccessibleDescription(why_not)
        self._no_sound.setText(why_not)
        self._no_sound.setToolTip(why_not)
        self._no_sound.setVisible(bool(why_not))

    def close_drawers(self) -> None:
        """No drawer is open."""
        self.settings.setChecked(False)
        self.about.setChecked(False)

    def _button(
        self,
        keys: Keys,
        page: QWidget,
        name: str,
        text: str,
        slot: Callable[[], object],
    ) -> QPushButton:
        button = QPushButton(text, self)
        button.clicked.connect(lambda _on: slot())
        self._act(keys.action(page, name, button.click), name, button)
        return button

    def _switch(self, keys: Keys, page: QWidget, name: str, text: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setCheckable(True)
        self._act(keys.action(page, name, button.click), name, button)
        return button

    def _act(self, action: QAction, name: str, button: QPushButton) -> None:
        """The action's tooltip, which names its keys, is the button's; a menu shows its state."""
        self.actions_by_name[name] = action
        button.setToolTip(action.toolTip())
        action.changed.connect(lambda: button.setToolTip(action.toolTip()))
        if button.isCheckable():
            action.setCheckable(True)
            button.toggled.connect(action.setChecked)
        follower = _Enabled(action, button)
        button.installEventFilter(follower)

    def _drawer(self, text: str, name: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setCheckable(True)
        button.toggled.connect(lambda on: self._toggle(name, on=on))
        return button

    def _toggle(self, name: str, *, on: bool) -> None:
        if on:
            (self.about if name == "settings" else self.settings).setChecked(False)
            self.drawer.emit(name)
        elif not (self.settings.isChecked() or self.about.isChecked()):
            self.drawer.emit("")

    def _paint(self) -> None:
        palette = theme().palette
        on = self._recording.text().startswith(_ON)
        colour = palette.error if on else palette.dim_text
        self._recording.setStyleSheet(f"color: {colour}; font-weight: 600;")


class _Enabled(QObject):
    """An action can be triggered where its button can be clicked."""

    def __init__(self, action: QAction, button: QPushButton) -> None:
        super().__init__(button)
        self._action = action
        self._button = button

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if event is not None and event.type() == QEvent.Type.EnabledChange:
            self._action.setEnabled(self._button.isEnabled())
        return super().eventFilter(watched, event)
