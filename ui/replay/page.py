"""The replay page: a recording, moment by moment, with its events and its settings."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from mirror.errors import MirrorError
from mirror.recording.playback import Replay
from mirror.settings import Settings
from mirror.settings_history import Course
from mirror.timeline import Timeline
from ui.replay.controls import Controls
from ui.replay.event_controls import Marks
from ui.replay.exporting import Exporter
from ui.replay.frames import Pictures, frames, seen
from ui.replay.header import Head, names_of
from ui.replay.loader import Reading
from ui.replay.placeholder import Waiting
from ui.replay.player import Direction, Player
from ui.replay.rescoring import Kept, Rescoring, told
from ui.replay.side_panel import Side
from ui.replay.view import ReplayView
from ui.runtime.background import Work
from ui.shell.preferences import Preferences
from ui.shell.shortcuts import Keys
from ui.widgets.work_bar import WorkBar

NOT_THESE: Final = (
    "What is exported are the scores as recorded. Save the new ones as a recording first to export "
    "those."
)


class ReplayPage(QWidget):
    """A recording, from its opening to its closing.

    Parameters
    ----------
    preferences : Preferences
    keys : Keys
    """

    message = pyqtSignal(str, str, object)
    """A text, its kind ("error", "warning" or "notice"), and an action or None."""

    back = pyqtSignal()

    replay = pyqtSignal(object, float)
    """The path of another recording to replay, and from which second."""

    show_summary = pyqtSignal(object)
    """The path of the recording whose summary is wanted."""

    opened = pyqtSignal()
    """The recording that was asked for is there."""

    def __init__(self, preferences: Preferences, keys: Keys, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self._path: Path | None = None
        self._replay: Replay | None = None
        self._pictures: Pictures | None = None
        self._opening: Work | None = None
        self._settings = Settings()
        self.player = Player(parent=self)
        # In the order in which Tab goes from one to the next.
        self._stack, self._live, self._waiting = QStackedWidget(self), QWidget(self), Waiting(self)
        self.head = Head("Summary", "Export …", "Start page", parent=self)
        self.view = ReplayView(self)
        self._side = Side(self)
        self.events, self.settings = self._side.events, self._side.settings
        self.kept = Kept(self)
        self.scoring, self.writing = WorkBar(self), WorkBar(self)
        self.reading = Reading(self)
        self.rescoring = Rescoring(self.scoring, self.writing, self)
        self.exporter = Exporter(self.writing, self)
        self.marks = Marks(self.player, self._side, self.view.timeline, keys, self)
        self.controls = Controls(self.player, keys, self, self.step, self.marks.jump)
        self.export_action = keys.action(self, "export", self.export)
        self._lay_out()
        self._wire()
        self._show_words("")

    @property
    def path(self) -> Path | None:
        """The recording that is open, or about to be."""
        return self._path

    @property
    def words(self) -> str:
        """What is said in place of a recording; empty where one is open."""
        return "" if self._stack.currentWidget() is self._live else self._waiting.words

    def open(self, path: Path, at: float | None = None) -> None:
        """Show a recording, from second `at`, as soon as it is read."""
        self.close_recording()
        self._path = path
        self._show_words(f"Opening {path.name} …")
        work = Work(lambda _progress: Replay.open(path), self)
        self._opening = work
        work.finished.connect(lambda replay: self._opened(work, replay, at))
        work.failed.connect(lambda why: self._not_opened(work, why))
        work.start()

    def close_recording(self) -> None:
        """Let go of the recording; nothing is shown."""
        self._opening = None
        self.player.load(0.0)
        self.reading.drop()
        self.rescoring.load(None)
        self.kept.hide()
        if self._pictures is not None:
            self._pictures.close()
            self._pictures.deleteLater()
        if self._replay is not None:
            self._replay.close()
        self._path = self._pictures = self._replay = None
        self.marks.load(None)
        self.view.clear()
        self._show_words("")

    def step(self, direction: Direction) -> None:
        """Pause, and show the frame before or after."""
        if self._replay is None:
            return
        try:
            times = frames(self._replay, self.player.time, direction)
        except MirrorError as error:
            self._say_error(str(error))
        else:
            self.player.step(times, direction)

    def export(self) -> None:
        """Let the user export the timeline, or the selected part of it."""
        if self._path is not None:
            note = NOT_THESE if self.kept.words else ""
            self.exporter.ask(self._path, self.player.selection, note)

    def revert(self) -> None:
        """Show the scores as they were recorded."""
        self.rescoring.drop()
        self.kept.hide()
        if self._replay is not None:
            self._show_recorded(self._replay)
            self._show(self.player.time)

    # A recording is opened.

    def _opened(self, work: Work, replay: Replay, at: float | None) -> None:
        work.deleteLater()
        if work is not self._opening:
            replay.close()
            return
        self._opening, self._replay = None, replay
        session = replay.session
        has_poses = not session.get("series")
        self.head.show_recording(replay.recording.path, session, replay.duration)
        self.view.begin(names_of(session), has_poses=has_poses)
        self._side.begin(has_poses=has_poses)
        if replay.has_video:
            self._pictures = Pictures(replay.recording.path, self)
            self._pictures.fetched.connect(self.view.show_seen)
            self._pictures.warned.connect(lambda text: self.message.emit(text, "warning", None))
        self.controls.skeleton.setChecked(self._preferences.skeleton_only)
        self.view.set_skeleton_only(self._preferences.skeleton_only)
        self.player.load(replay.duration)
        self.rescoring.load(replay.recording.path)
        self.marks.load(replay.recording.path)
        self._show_recorded(replay)
        self.reading.begin(replay)
        self._stack.setCurrentWidget(self._live)
        self._enable(enabled=True)
        self.controls.offer_skeletons(offered=replay.has_video)
        self.player.seek(at or 0.0)
        self._show(self.player.time)
        self.opened.emit()

    def _not_opened(self, work: Work, why: str) -> None:
        work.deleteLater()
        if work is self._opening:
            self._opening = None
            self._show_words(why)

    # What is shown.

    def _show(self, time_s: float) -> None:
        try:
            self.view.show_moment(time_s)
            if self._pictures is not None:
                self._pictures.ask(time_s)
            elif self._replay is not None:
                self.view.show_seen(seen(self._replay, time_s))
        except MirrorError as error:
            self.player.pause()
            self._say_error(str(error))

    def _show_recorded(self, replay: Replay) -> None:
        self._set_settings(replay.settings)
        if replay.whole:
            self.view.show_timeline(replay.timeline, replay.settings.hop)
        else:
            self.view.show_outline(replay.outline, replay.settings.hop, replay.score)

    def _complete(self) -> None:
        # Until other scores are dropped again, they stay.
        if self._replay is not None and not self.kept.words:
            self.view.complete(self._replay.timeline, self._replay.settings.hop)

    def _set_settings(self, settings: Settings) -> None:
        self._settings = settings
        self.settings.set_settings(settings)

    def _set_skeleton_only(self, only: bool) -> None:
        self._preferences.skeleton_only = only
        self.view.set_skeleton_only(only)
        self._show(self.player.time)

    # Other settings.

    def _change(self, settings: Settings) -> None:
        if self._replay is None:
            return
        recorded = self._replay.recording.course
        if recorded == Course(settings):
            self.revert()
        else:
            self.rescoring.want(settings, told(settings, recorded))

    def _rescored(self, settings: Settings, timeline: Timeline) -> None:
        assert self._replay is not None
        assert self._path is not None
        self._set_settings(settings)
        self.view.show_timeline(timeline, settings.hop)
        self._show(self.player.time)
        self.kept.show_unsaved(self._path, told(settings, self._replay.recording.course))

    def _save(self, path: Path) -> None:
        self.rescoring.save(self._settings, path)

    def _saved(self, settings: Settings, path: Path) -> None:
        self.message.emit(f"Saved as {path.name}", "notice", None)
        if self.kept.words and settings == self._settings:
            self.kept.show_saved(path)

    # How it looks.

    def _show_words(self, text: str) -> None:
        self._waiting.say(text)
        self._stack.setCurrentWidget(self._waiting)
        self._enable(enabled=False)

    def _enable(self, *, enabled: bool) -> None:
        for action in self.actions():
            action.setEnabled(enabled)
        if enabled:
            self.marks.offer()

    def _lay_out(self) -> None:
        middle = QHBoxLayout()
        middle.setSpacing(12)
        middle.addWidget(self.view, 1)
        middle.addWidget(self._side)
        column = QVBoxLayout(self._live)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(8)
        column.addWidget(self.head)
        column.addLayout(middle, 1)
        for widget in (self.kept, self.scoring, self.writing, self.controls):
            column.addWidget(widget)
        self._stack.addWidget(self._waiting)
        self._stack.addWidget(self._live)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._stack)
        self.setFocusProxy(self.view.timeline)

    def _wire(self) -> None:
        timeline, player = self.view.timeline, self.player
        player.moved.connect(self._show)
        player.changed.connect(lambda: timeline.set_selection(player.selection))
        timeline.moved.connect(player.seek)
        timeline.selected.connect(player.select)
        self.controls.skeleton_only.connect(self._set_skeleton_only)
        self.marks.failed.connect(self._say_error)
        self.settings.changed.connect(self._change)
        self.reading.read.connect(self._complete)
        self.reading.failed.connect(self._say_error)
        self.rescoring.computed.connect(self._rescored)
        self.rescoring.abandoned.connect(lambda: self.settings.set_settings(self._settings))
        self.rescoring.saved.connect(self._saved)
        self.rescoring.failed.connect(self._say_error)
        self.kept.save.connect(self._save)
        self.kept.revert.connect(self.revert)
        self.kept.opened.connect(lambda path: self.replay.emit(path, self.player.time))
        self.exporter.message.connect(self.message)
        self._waiting.back.connect(self.back)
        summary, export, start = self.head.buttons.values()
        summary.clicked.connect(lambda: self.show_summary.emit(self._path))
        export.clicked.connect(self.export)
        start.clicked.connect(self.back)

    def _say_error(self, text: str) -> None:
        self.message.emit(text, "error", None)
