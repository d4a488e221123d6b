"""The replay page: a recording, moment by moment, with its events and its settings."""

import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QUndoCommand
from PyQt6.QtWidgets import QFileDialog, QWidget

from mirror.capture.address import names_person
from mirror.errors import MirrorError
from mirror.landmarks import Feed
from mirror.moments import session_moments
from mirror.recording.database import SUFFIX
from mirror.recording.playback import Replay
from mirror.recording.provenance import person_names
from mirror.recording.reader import Recording
from mirror.recording.repair import Repair, repair_at, shown_from
from mirror.recording.rescore import new_events, stale_kinds
from mirror.settings import Settings
from mirror.settings_history import SettingsHistory
from mirror.timeline import State, Timeline
from ui.replay.controls import Controls
from ui.replay.event_controls import EventControls
from ui.replay.exporting import Exporter, ask_file
from ui.replay.frames import FrameReader, frame_times, read_feeds
from ui.replay.header import RecordingHeader
from ui.replay.player import Direction, Player
from ui.replay.rescoring import RescoredBar, Rescorer, describe_changes
from ui.replay.side_panel import SidePanel
from ui.replay.view import OUTLINE, SCORING, ReplayView
from ui.runtime.background import LatestWork
from ui.shell.preferences import Preferences
from ui.shell.shortcuts import Keys
from ui.widgets.build import horizontal, known, vertical
from ui.widgets.card import PageStack
from ui.widgets.work_bar import WorkBar

Repairs = tuple[Repair, ...]

UNSAVED_NOTE: Final = (
    "Exports and reports have the recorded scores. For the new ones, save them as a new recording "
    "first."
)


class ReplayPage(QWidget):
    """Replays one recording at a time."""

    message = pyqtSignal(str, str, object)  # a text, its kind, and an action or None
    back_clicked = pyqtSignal()
    replay_requested = pyqtSignal(object, float)  # path of another recording, and where to start, s
    summary_requested = pyqtSignal(object)  # the path of the recording to summarize
    opened = pyqtSignal()  # the requested recording is shown

    def __init__(self, preferences: Preferences, keys: Keys) -> None:
        super().__init__()
        self._preferences = preferences
        self.path: Path | None = None  # the recording that is open or being opened
        self._start: float | None = None
        self._replay: Replay | None = None
        self._frames: FrameReader | None = None
        self._settings = Settings()
        self._rescored: tuple[Settings, Timeline, Repairs] | None = None
        self._saved: tuple[object, ...] = ()  # the state of the rescorer that was saved last
        self.player = Player()
        # In tab order.
        self._live = QWidget(self)
        self.stack = PageStack(self._live, self)
        self.header = RecordingHeader("Summary", "Report…", "Export…", "Back", parent=self)
        self.view = ReplayView(self)
        self._side_panel = SidePanel(self)
        self.events, self.settings = self._side_panel.events, self._side_panel.settings
        self.shift = self._side_panel.shift
        self.rescored_bar = RescoredBar(self)
        self.scoring, self.writing = WorkBar(self), WorkBar(self)
        self._opening = LatestWork(self)
        self.row_loading = LatestWork(self)
        self.rescorer = Rescorer(self.scoring, self.writing, self)
        self.exporter = Exporter(self.writing, self)
        self.event_controls = EventControls(
            self.player, self._side_panel, self.view.timeline, keys, self
        )
        self.controls = Controls(
            *(self.player, keys, self), self.step, self.event_controls.jump, self.jump_moment
        )
        self._exchange = keys.action(self, "exchange here", self.exchange_here)
        self.export_action = keys.action(self, "export", self.export)
        self._lay_out()
        self._connect_signals()
        self._enable(enabled=False)

    @property
    def unsaved(self) -> str:
        """How what is scored differs from the recording and is in no file; empty if it does not."""
        is_changed = self.rescored_bar.text or self.rescorer.repairs
        is_saved = self.rescorer.state(self._settings) == self._saved
        return self._changes(self._settings) if is_changed and not is_saved else ""

    @property
    def _note(self) -> str:
        return UNSAVED_NOTE if self.rescored_bar.text or self.rescorer.repairs else ""

    def open(self, path: Path, at: float | None = None) -> None:
        """Open a recording in the background and show it from second `at`, or its first score."""
        self.close_recording()
        self.path, self._start = path, at
        self.stack.show_text("busy", f"Opening {path.name}…")
        self._opening.prepare(lambda _progress: _open(path)).start()

    def close_recording(self) -> None:
        self._opening.cancel()
        self.player.load(0.0)
        self.row_loading.cancel()
        self.rescorer.load(None)
        self.rescored_bar.hide()
        if self._frames is not None:
            self._frames.close()
            self._frames.deleteLater()
        if self._replay is not None:
            self._replay.close()
        self.path = self._frames = self._replay = self._rescored = None
        self.event_controls.log.load(None)
        self.view.clear()
        self.stack.show_text("busy", "")
        self._enable(enabled=False)

    def step(self, direction: Direction) -> None:
        """Pause and show the previous or next frame."""
        if self._replay is None:
            return
        try:
            self.player.step(frame_times(self._replay, self.player.time, direction), direction)
        except MirrorError as error:
            self._show_error(error.window_text)

    def jump_moment(self, direction: Direction) -> None:
        """Go to the start of the previous or next best moment, which the summary lists."""
        if self._replay is not None and self._replay.whole:  # else the rows follow soon
            settings, timeline, *_ = self._rescored or (
                self._replay.settings,
                self._replay.timeline,
            )
            moments = session_moments(timeline, settings.window)
            self.player.jump(sorted(each.start_s for each in moments), direction)

    def export(self) -> None:
        if self.path is not None:
            self.exporter.ask(self.path, self.player.selection, self._note)

    def ask_to_save(self) -> QFileDialog:
        """Ask for the file of a new recording, by default named after the changes; save to it."""
        path, changes = known(self.path), self._changes(self._settings)
        name = "".join(letter if letter.isalnum() or letter in "-." else " " for letter in changes)
        new = path.with_name(f"{path.stem} {' '.join(name.split())}{SUFFIX}")
        dialog = ask_file(self, new, (f"Recordings (*{SUFFIX})",), self.save)
        dialog.setWindowTitle("Save as new recording")
        # Recordings are never replaced: an existing name gets a suffix.
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
        return dialog

    def save(self, path: Path) -> None:
        """Write the shown scores, or those that are being computed, to a new recording."""
        self.rescorer.save(self._settings, path)

    def revert(self) -> None:
        if self.rescorer.repairs:  # can be undone
            self._correct(())
        self.rescorer.cancel()
        self.rescored_bar.hide()
        self._rescored = None
        self._move_b(0.0)
        if self._replay is not None:
            self._show_recorded(self._replay)
            self._show(self.player.time)

    def _show_opened(self, replay: Replay) -> None:
        self._replay = replay
        path, session = replay.recording.path, replay.session
        has_poses = not session.get("series")
        self.header.show_recording(path, session, replay.duration)
        self.view.begin(person_names(session), has_poses=has_poses)
        in_one = names_person(session["sources"]["a"]) if "sources" in session else False
        self.view.set_one_frame(in_one)
        self._exchange.setVisible(in_one)
        for feed, extent in replay.extents.items():
            self.view.tiles[feed].frame_view.set_extent(extent)
        self.rescorer.load(path, replay.settings.rate)
        self._side_panel.begin(has_poses=has_poses)
        self._side_panel.frame_s = 1 / replay.settings.rate
        self._move_b(0.0)
        if replay.has_video:
            self._frames = FrameReader(path, self)
            self._frames.fetched.connect(self.view.show_feeds)
            self._frames.warned.connect(lambda text: self.message.emit(text, "warning", None))
        self.controls.skeleton.setChecked(self._preferences.skeleton_only)
        self.view.set_skeleton_only(self._preferences.skeleton_only)
        self.player.load(replay.duration)
        self.event_controls.log.load(path)
        self._show_recorded(replay)
        if not replay.whole:
            self.row_loading.prepare(replay.read).start()
        self.stack.show_page()
        self._enable(enabled=True)
        self.controls.skeleton.setVisible(replay.has_video)
        self.controls.actions_by_name["skeletons"].setEnabled(replay.has_video)
        scored = replay.outline.time_s[replay.outline.state == State.OK]
        first = float(scored[0]) if len(scored) else 0.0
        self.player.seek(first if self._start is None else self._start)
        self._show(self.player.time)
        self.opened.emit()

    def _show(self, time_s: float) -> None:
        try:
            self.view.show_moment(time_s)
            if self._frames is not None:
                self._frames.ask(time_s)
            elif self._replay is not None:
                self.view.show_feeds(read_feeds(self._replay, time_s))
        except MirrorError as error:
            self.player.pause()
            self._show_error(error.window_text)

    def _show_recorded(self, replay: Replay) -> None:
        self.event_controls.log.show_rescored((), ())
        self._set_settings(replay.settings)
        if replay.whole:
            self.view.show_timeline(replay.timeline, replay.settings.hop)
        else:
            self.view.show_outline(replay.outline, replay.settings.hop, replay.score, OUTLINE)

    def _show_all_rows(self) -> None:
        # New scores stay until they are reverted.
        if self._replay is not None and not self.rescored_bar.text:
            self.view.show_timeline(self._replay.timeline, self._replay.settings.hop)
            self._show(self.player.time)

    def _set_settings(self, settings: Settings) -> None:
        self._settings = settings
        self.view.mapping = settings.mapping
        self.settings.set_settings(settings)

    def _set_skeleton_only(self, only: bool) -> None:
        self._preferences.skeleton_only = only
        self.view.set_skeleton_only(only)
        self._show(self.player.time)

    def _change_settings(self, settings: Settings) -> None:
        if self._replay is None:
            return
        if changes := self._changes(settings):
            self.rescorer.start(settings, changes, self.view.timeline.visible)
        else:
            self.revert()

    def _changes(self, settings: Settings) -> str:
        recorded = known(self._replay).recording.settings_history
        rescorer = self.rescorer
        return describe_changes(settings, recorded, rescorer.shift_b, len(rescorer.repairs))

    def _move_b(self, shift: float) -> None:
        """Show B's frames and poses later by some seconds, and score so from now on."""
        self.shift.show_number(shift)
        if shift != self.rescorer.shift_b:
            self.rescorer.set_shift(shift)
        self._show_as_scored()

    def _show_as_scored(self) -> None:
        recording = None if self._replay is None else self._replay.recording
        for each in (self._frames, recording):
            if each is not None:
                each.shift_b, each.repairs = self.rescorer.shift_b, self.rescorer.repairs

    def exchange_here(self) -> None:
        """Exchange A and B in the selection, or from here on."""

        def exchange(recording: Recording) -> Repair:
            here = shown_from(recording, self.player.time), math.inf
            return Repair("exchange", *(self.player.selection or here))

        if self._exchange.isVisible():
            self._repair(exchange)

    def _show_person(self, place: tuple[float, float], feed: Feed | None) -> None:
        time_s, span = self.player.time, self.player.selection
        self._repair(lambda recording: repair_at(recording, time_s, place, feed, span))

    def _repair(self, find: Callable[[Recording], Repair | None]) -> None:
        """Add the repair that is found in the recording, if one is needed."""
        if self._replay is None:
            return
        try:
            if (repair := find(self._replay.recording)) is not None:
                self._correct((*self.rescorer.repairs, repair))
        except MirrorError as error:
            self._show_error(error.window_text)

    def _correct(self, repairs: Repairs) -> None:
        """Say who was who; it can be undone, with the events."""
        correction = _Correction(self._use_repairs, self.rescorer.repairs, repairs)
        self.event_controls.log.history.push(correction)

    def _use_repairs(self, repairs: Repairs) -> None:
        self.rescorer.repairs = repairs
        self.rescorer.set_shift(self.rescorer.shift_b)
        self._show_as_scored()
        self._show(self.player.time)
        self._change_settings(self._settings)

    def _nudge(self, shift: float) -> None:
        self._move_b(shift)
        self._rescored = None
        self._show(self.player.time)
        self._change_settings(self._settings)

    def _show_outline(self, settings: Settings, outline: Timeline, spacing: float) -> None:
        self.view.show_outline(outline, spacing, partial(self.rescorer.row_at, settings), SCORING)
        self._show_new(settings, outline)

    def _show_rescored(self, settings: Settings, timeline: Timeline) -> None:
        self._rescored = settings, timeline, self.rescorer.repairs
        self.view.mapping = settings.mapping
        self.view.show_timeline(timeline, settings.hop)
        self._show_new(settings, timeline)

    def _show_new(self, settings: Settings, rows: Timeline | None, *, scored: bool = True) -> None:
        # Not in the fields: somebody may already be moving them further.
        self._settings = settings
        self._show(self.player.time)
        if rows is not None:  # else the recorded ones are shown, with their events
            recording = known(self._replay).recording
            stale = stale_kinds(recording, SettingsHistory(settings))
            self.event_controls.log.show_rescored(stale, new_events(recording, rows))
        self.rescored_bar.show_unsaved(self._changes(settings), scored=scored)

    def _discard(self) -> None:
        """Show the last scores, as new ones could not be computed; corrections are kept."""
        repairs = self.rescorer.repairs
        if self._rescored is not None:
            settings, timeline, scored = self._rescored
            self._set_settings(settings)
            self.view.show_timeline(timeline, settings.hop)
            self._show_new(settings, timeline, scored=scored == repairs)
        elif repairs and self._replay is not None:
            self._show_recorded(self._replay)
            self._show_new(self._settings, None, scored=False)
        else:
            self.revert()

    def _show_saved(self, state: tuple[object, ...], path: Path) -> None:
        self._saved = state
        self.message.emit(f"Saved as {path.name}", "notice", None)
        if self.rescored_bar.text and not self.unsaved:
            self.rescored_bar.show_saved(self._changes(self._settings), path)

    def _enable(self, *, enabled: bool) -> None:
        for action in self.actions():
            action.setEnabled(enabled)
        if enabled:
            self.event_controls.update_actions()

    def _lay_out(self) -> None:
        middle = horizontal((self.view, 1), self._side_panel, spacing=12)
        below = (self.rescored_bar, self.scoring, self.writing, self.controls)
        items = (self.header, (middle, 1), *below)
        vertical(*items, inside=self._live, margins=(12, 10, 12, 10), spacing=8)
        self.setFocusProxy(self.view.timeline)

    def _connect_signals(self) -> None:
        timeline, player, rescored_bar = self.view.timeline, self.player, self.rescored_bar
        self._opening.finished.connect(self._show_opened)
        self._opening.superseded.connect(lambda replay: replay.close())
        self._opening.failed.connect(partial(self.stack.show_text, "error"))
        player.moved.connect(self._show)
        self.view.person_shown.connect(self._show_person)
        player.changed.connect(lambda: timeline.set_selection(player.selection))
        timeline.moved.connect(player.seek)
        timeline.selected.connect(player.select)
        self.controls.skeleton_only.connect(self._set_skeleton_only)
        self.event_controls.failed.connect(self._show_error)
        self.settings.changed.connect(self._change_settings)
        self.shift.valueChanged.connect(self._nudge)
        self.row_loading.finished.connect(self._show_all_rows)
        self.row_loading.failed.connect(self._show_error)
        self.rescorer.computed.connect(self._show_rescored)
        self.rescorer.outlined.connect(self._show_outline)
        self.rescorer.discarded.connect(self._discard)
        self._side_panel.settings_shown.connect(self.rescorer.prepare)
        self.rescorer.saved.connect(self._show_saved)
        self.rescorer.failed.connect(self._show_error)
        rescored_bar.score_requested.connect(lambda: self._change_settings(self._settings))
        rescored_bar.save_requested.connect(self.ask_to_save)
        rescored_bar.revert_requested.connect(self.revert)
        rescored_bar.open_requested.connect(
            lambda path: self.replay_requested.emit(path, player.time)
        )
        self.exporter.message.connect(self.message)
        self.stack.back_clicked.connect(self.back_clicked)
        summary, report, export, start = self.header.buttons.values()
        summary.clicked.connect(lambda: self.summary_requested.emit(self.path))
        report.clicked.connect(lambda: self.exporter.ask_report(known(self.path), self._note))
        export.clicked.connect(self.export)
        start.clicked.connect(self.back_clicked)

    def _show_error(self, text: str) -> None:
        self.message.emit(text, "error", None)


class _Correction(QUndoCommand):
    """Who was who, said by hand: from some repairs to others."""

    def __init__(self, use: Callable[[Repairs], None], before: Repairs, after: Repairs) -> None:
        super().__init__("correct identities")
        self._use, self._before, self._after = use, before, after

    def redo(self) -> None:
        self._use(self._after)

    def undo(self) -> None:
        self._use(self._before)


def _open(path: Path) -> Replay:
    """Open a recording, and find now, in the background, where in the frame the two are."""
    replay = Replay.open(path)
    _ = replay.extents
    return replay
