"""The start page: choose sources and options, and start a session."""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QDragEnterEvent, QDropEvent, QResizeEvent
from PyQt6.QtWidgets import QLabel, QSizePolicy, QStackedWidget, QWidget

from mirror.capture import open_source
from mirror.capture.camera import list_cameras
from mirror.recording.database import SUFFIX
from mirror.recording.library import list_recordings, new_abrupt_ends
from mirror.session.offline import OfflineResult
from mirror.session.start import SessionRequest, default_name
from mirror.settings import Settings
from mirror.settings_history import describe_settings
from mirror.study.table import is_study
from ui.runtime.background import Work
from ui.shell.preferences import Preferences
from ui.shell.shortcuts import Keys
from ui.start.analysis_panel import Analyser, AnalysisPanel, analyse_videos
from ui.start.cameras import CameraMonitor, Lister
from ui.start.details import StartDetails
from ui.start.exercises import Exercises
from ui.start.files import TwoFiles, dropped_files
from ui.start.footer import Footer
from ui.start.modes import MODES, ModeList
from ui.start.panels import OneCamera, Panel, TwoCameras, View
from ui.start.placement import PlacementView
from ui.start.preview import Opener, PreviewReaders
from ui.start.recordings_list import DEMO_FOLDER, Library, RecordingsList
from ui.start.source_text import DEMO, Pair, is_demo
from ui.start.video_call import VideoCall
from ui.widgets.build import button, horizontal, known, vertical
from ui.widgets.labels import ElidedLabel
from ui.widgets.standing import STANDING, StandingChoice

_WIDE: Final = 1180  # width from which on there is room for modes and details, pixels


class StartPage(QWidget):
    """Two cameras, one camera, a video call, two videos, the demo, or a recording.

    The functions that may be given run on threads: they list cameras, open a source for a preview,
    list recordings, analyse two videos, and list recordings that ended abruptly.
    """

    session_requested = pyqtSignal(object)  # a `SessionRequest`; all cameras are free
    recording_chosen = pyqtSignal(object)  # the path of a recording
    message = pyqtSignal(str, str, object)  # a text, its kind, and an action or None

    def __init__(
        self,
        preferences: Preferences,
        keys: Keys,
        *,
        lister: Lister = list_cameras,
        opener: Opener = open_source,
        library: Library = list_recordings,
        analyser: Analyser = analyse_videos,
        abrupt: Callable[[Path], Sequence[Path]] = new_abrupt_ends,
    ) -> None:
        super().__init__()
        self._preferences = preferences
        self._abrupt = abrupt
        self._is_active = False
        self._pending: SessionRequest | None = None
        self.camera_monitor = CameraMonitor(lister, self)
        self.preview_readers = PreviewReaders(opener, self)
        self.two_cameras = TwoCameras(preferences, self.camera_monitor, self.preview_readers)
        self.one_camera = OneCamera(preferences, self.camera_monitor, self.preview_readers)
        self.video_call = VideoCall(preferences, self.preview_readers)
        self.exercises = Exercises(
            preferences,
            self.camera_monitor,
            {"two cameras": lambda: self.two_cameras, "one camera": lambda: self.one_camera},
        )
        self.two_files = TwoFiles(preferences, self.preview_readers)
        self.recordings = RecordingsList(preferences, keys, library)
        self._panels: dict[str, QWidget] = {
            "two cameras": self.two_cameras,
            "one camera": self.one_camera,
            "video call": self.video_call,
            "exercises": self.exercises,
            "two files": self.two_files,
            "recordings": self.recordings,
        }
        self._stack = QStackedWidget(self)
        for panel in self._panels.values():
            self._stack.addWidget(panel)
        self.analysis = AnalysisPanel(analyser, self)
        self.details = StartDetails(preferences, self)
        self.exercises.name.setCompleter(self.details.names)
        self.modes = ModeList(self)
        self.footer = Footer(preferences, self)
        self.standing = StandingChoice(self)
        self.placement = PlacementView(self._views, lambda: self.details.settings.mapping, self)
        self._mode = "two cameras"
        self._lay_out()
        self._wire()
        self.setAcceptDrops(True)
        self.choose(preferences.get("way", "two cameras"))

    @property
    def running(self) -> bool:
        return self.analysis.running

    def activate(self) -> None:
        """Look for cameras and recordings, and open the previews."""
        self._is_active = True
        self.details.refresh()
        self.footer.refresh()
        self.recordings.refresh()
        self.exercises.refresh()
        self._find_abrupt_ends()
        self.camera_monitor.start()
        self._enter_panel()
        self._update()

    def deactivate(self) -> None:
        """Stop looking for cameras, and release all of them."""
        self._is_active = False
        self._pending = None
        self.camera_monitor.stop()
        self.placement.stop()
        for panel in self._session_panels():
            panel.deactivate()

    def choose(self, mode: str) -> None:
        """Show a mode, a key of `MODES`."""
        self._mode = mode if mode in self._panels else "two cameras"
        self._preferences.set("way", self._mode)
        panel = self._panels[self._mode]
        if self._stack.currentWidget() is not panel:
            for other in self._session_panels():
                other.deactivate()
            self._stack.setCurrentWidget(panel)
            if self._is_active:
                self._enter_panel()
                if panel is self.recordings:  # some may have been copied there meanwhile
                    self.recordings.refresh()
        self._update()

    def begin(self) -> None:
        """Start a live session of the chosen sources."""
        panel = self._stack.currentWidget()
        if isinstance(panel, Panel) and panel.pair and not self.footer.needs_consent:
            self._begin(panel.pair, "")

    def analyse(self) -> None:
        """Analyse every frame of the chosen videos."""
        pair = self.two_files.pair
        if pair is None or self.running or self.footer.needs_consent:
            return
        self.two_files.deactivate()
        self.placement.stop()
        request = self._request(pair, "", record=True)
        # Live outputs are for live sessions.
        self.analysis.begin(replace(request, streams=(), alignment=self.two_files.alignment))
        self._stack.setCurrentWidget(self.analysis)
        self._update()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._show_details(shown=not self.details.isHidden())

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        if event is not None and dropped_files(event) and not self.running:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        event = known(event)
        event.acceptProposedAction()
        files = dropped_files(event)
        if files[0].suffix == SUFFIX or is_study(files[0]):
            self.recording_chosen.emit(files[0])
        else:
            self.choose("two files")
            self.two_files.drop(files)

    def _session_panels(self) -> tuple[Panel, ...]:
        return self.two_cameras, self.one_camera, self.video_call, self.exercises, self.two_files

    def _enter_panel(self) -> None:
        panel = self._stack.currentWidget()
        self.placement.stop()
        if isinstance(panel, Panel):
            panel.activate()
            self.placement.start()

    def _views(self) -> tuple[View | None, View | None]:
        panel = self._stack.currentWidget()
        return panel.views() if isinstance(panel, Panel) else (None, None)

    def _begin(self, pair: Pair, title: str) -> None:
        if self._pending is not None:
            return
        self._pending = self._request(pair, title, record=self._preferences.record)
        self.placement.stop()
        for panel in self._session_panels():
            panel.deactivate()
        self._update()
        self.preview_readers.when_free(self._begin_pending)

    def _begin_pending(self) -> None:
        request, self._pending = self._pending, None
        if request is not None:
            self.details.clear()
            self.session_requested.emit(request)
            self._update()

    def _request(self, pair: Pair, title: str, *, record: bool) -> SessionRequest:
        if (focused := self.focusWidget()) is not None:
            focused.clearFocus()  # commits a setting that is being typed
        details = self.details
        values = details.form.values()
        nobody_real = is_demo(pair)
        folder = self._preferences.recordings_folder / (DEMO_FOLDER if nobody_real else "")
        is_exercise = self._stack.currentWidget() is self.exercises and pair != DEMO
        is_alone = is_exercise and self.exercises.is_alone
        exercise = self.exercises.exercise if is_exercise else None
        if is_exercise:
            values["labels"] = self.exercises.labels(values["labels"])
        elif nobody_real:
            values["labels"] = ("A", "B")
        if not nobody_real:
            habits = {} if exercise is None else {"exercise": exercise.name}
            who = values["labels"][is_alone:]
            self._preferences.remember(who)
            self._preferences.keep_habits(who, mapping=details.settings.mapping, **habits)
        return SessionRequest(
            a=pair[0],
            b=pair[1],
            settings=details.settings,
            output=folder / default_name().name if record else None,
            video=record and self.footer.video.isChecked(),
            title=title,
            alone=is_alone,
            consent="" if nobody_real else self.footer.note.text(),
            exercise=exercise,
            streams=details.streams,
            jobs=os.cpu_count() or 1,
            **values,
        )

    def _use_habits(self, name: str) -> None:
        """Set up as in the last session of a person."""
        habits = self._preferences.habits.get(name, {})
        before = self.details.settings.mapping, self._preferences.tags, self.exercises.exercise
        used = [self.exercises.choose(habits.get("exercise", ""))]
        if (mapping := habits.get("mapping")) in STANDING:
            self.details.choose_mapping(mapping)
            used.insert(0, STANDING[mapping].lower())
        if isinstance(tags := habits.get("tags"), list) and any(tags):
            self._preferences.tags = tags
            used.append(f"tags {', '.join(filter(None, self._preferences.tags))}")

        def undo() -> None:
            mapping, self._preferences.tags, exercise = before
            self.details.choose_mapping(mapping)
            self.exercises.choose("" if exercise is None else exercise.name)

        if text := ", ".join(filter(None, used)):
            self.message.emit(f"As in {name}’s last session: {text}.", "notice", ("Undo", undo))

    def _finish_analysis(self, result: OfflineResult) -> None:
        self._show_videos()
        path = result.path
        for fault in result.faults + result.notes:
            self.message.emit(fault, "warning", None)
        if path is None:
            self.message.emit("Nothing was analysed.", "warning", None)
        elif self._is_active and not result.faults:
            self.recording_chosen.emit(path)
        else:
            action = ("Open", lambda: self.recording_chosen.emit(path))
            self.message.emit(f"The analysis was saved to {path}.", "warning", action)

    def _fail_analysis(self, why: str, is_recording: bool) -> None:
        self._show_videos()
        mend = ("Choose folder…", self.footer.choose_folder) if is_recording else None
        self.message.emit(why, "error", mend)

    def _find_abrupt_ends(self) -> None:
        folder = self._preferences.recordings_folder
        work = Work(lambda _progress: self._abrupt(folder), self)
        work.finished.connect(self._report_abrupt_ends)
        work.start()

    def _report_abrupt_ends(self, paths: Sequence[Path]) -> None:
        for path in paths:
            text = f"The recording {path} ended abruptly. At most its last second is missing."
            self.message.emit(text, "warning", ("Open", partial(self.recording_chosen.emit, path)))

    def _show_videos(self) -> None:
        self.footer.refresh()
        self._stack.setCurrentWidget(self.two_files)
        if self._is_active:
            self._enter_panel()
            self.recordings.refresh()
        self._update()

    def _update(self) -> None:
        panel = self._stack.currentWidget()
        problem = panel.problem if isinstance(panel, Panel) else ""
        if self._pending is not None:
            problem = "Releasing cameras…"
        elif not problem and self.footer.needs_consent:
            problem = "Both people must agree first."
        is_session = isinstance(panel, Panel)
        self.footer.setVisible(is_session)
        self.standing.setVisible(is_session)
        self.standing.show_mapping(self.details.settings.mapping)
        self._details_button.setVisible(is_session)
        for edit in (self.details.form.a, self.details.form.b):
            edit.setEnabled(panel is not self.exercises or self.exercises.has_both)
        self._show_details(shown=is_session and self._details_button.isChecked())
        differences = describe_settings(Settings(), self.details.settings)
        self._differences.setText(f"Settings other than the defaults: {differences}")
        self._changed.setVisible(is_session and bool(differences))
        demo = isinstance(panel, Panel) and is_demo(panel.pair)
        self.footer.show_mode(videos=panel is self.two_files, demo=demo, problem=problem)
        self.modes.show_mode(self._mode, enabled=panel is not self.analysis)
        self._heading.setText(MODES[self._mode][0])

    def _show_details(self, *, shown: bool) -> None:
        """Show or hide the details; in place of the modes where there is no room for both."""
        instead = shown and self.width() < _WIDE
        if instead:
            self.modes.hide()  # first: showing one more widget could widen the window
        self.details.setVisible(shown)
        self.modes.setHidden(instead)

    def _lay_out(self) -> None:
        self._heading = QLabel(self)
        self._heading.setStyleSheet("font-size: 18px; font-weight: 600;")
        tip = "Names, condition, notes, window, band, mapping, consent and live outputs"
        self._details_button = button(
            "Names and settings…", self, self._update, tip=tip, checkable=True
        )
        self._changed = QWidget(self)
        self._differences = ElidedLabel(parent=self)
        defaults = button("Use defaults", self, self.details.use_defaults)
        horizontal((self._differences, 1), defaults, inside=self._changed)
        # Its height is not needed on the other pages, on a small screen.
        self.analysis.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        self._stack.addWidget(self.analysis)
        top = horizontal((self._heading, 1), self._details_button)
        below = (self.placement, self.standing, self._changed, self.footer)
        right = vertical(top, (self._stack, 1), *below, spacing=12)
        self.details.hide()
        whole = (self.modes, (right, 1), self.details)
        horizontal(*whole, inside=self, margins=(24, 18, 24, 18), spacing=24)

    def _wire(self) -> None:
        self.modes.chosen.connect(self.choose)
        self.modes.demo_tile.clicked.connect(lambda: self._begin(DEMO, "Demo"))
        self.two_cameras.one_camera_button.clicked.connect(lambda: self.choose("one camera"))
        for panel in self._session_panels():
            panel.changed.connect(self._update)
            self.details.renamed.connect(panel.set_names)
        self.details.settings_changed.connect(self._update)
        self.details.picked.connect(self._use_habits)
        self.standing.chosen.connect(self.details.choose_mapping)
        self.recordings.chosen.connect(self.recording_chosen)
        self.recordings.message.connect(self.message)
        self.analysis.ended.connect(self._finish_analysis)
        self.analysis.failed.connect(self._fail_analysis)
        self.details.consent_changed.connect(self.footer.refresh)
        self.details.consent_changed.connect(self._update)
        self.footer.consent.toggled.connect(self._update)
        self.footer.start.clicked.connect(self.begin)
        self.footer.watch_live.clicked.connect(self.begin)
        self.footer.analyse.clicked.connect(self.analyse)
        self.footer.folder_changed.connect(self.recordings.refresh)
