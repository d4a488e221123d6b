"""The start page: five ways in, what each needs, and one button to begin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from mirror.recording.database import SUFFIX
from mirror.session.offline import OfflineResult
from mirror.session.start import SessionRequest, default_name
from ui.runtime.background import Work
from ui.shell.preferences import Preferences
from ui.shell.shortcuts import Keys
from ui.start.analysis_job import Analyser, analysed
from ui.start.analysis_panel import Analysing
from ui.start.cameras import CameraWatch, Lister, plugged_in
from ui.start.details import More
from ui.start.files import TwoFiles, dropped_files
from ui.start.footer import Foot
from ui.start.modes import WAYS, Ways
from ui.start.panels import OneCamera, Panel, TwoCameras
from ui.start.preview import Looks, Opener, opened
from ui.start.recordings_list import Abrupt, Library, Recent, abruptly_ended, on_disk
from ui.start.source_text import DEMO, Pair


class StartPage(QWidget):
    """Two cameras, one camera, two films, the demo, or a recording.

    Parameters
    ----------
    preferences : Preferences
    keys : Keys
    lister : callable
        Gives the cameras that are plugged in.
    opener : callable
        Opens a source for a preview.
    library : callable
        Gives the recordings of a folder.
    analyser : callable
        Follows every frame of two films.
    abrupt : callable
        Gives those of a folder's sessions whose abrupt end nobody has been told of; runs on a
        thread.
    """

    start_session = pyqtSignal(object)
    """A `mirror.session.start.SessionRequest`; every preview has let go of its camera."""

    open_recording = pyqtSignal(object)
    """The path of a recording."""

    message = pyqtSignal(str, str, object)
    """A text, its kind ("error", "warning" or "notice"), and an action or None."""

    def __init__(
        self,
        preferences: Preferences,
        keys: Keys,
        *,
        lister: Lister = plugged_in,
        opener: Opener = opened,
        library: Library = on_disk,
        analyser: Analyser = analysed,
        abrupt: Abrupt = abruptly_ended,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self._abrupt = abrupt
        self._is_shown = False
        self._waits: SessionRequest | None = None
        self.watch = CameraWatch(lister, self)
        self.looks = Looks(opener, self)
        self.two_cameras = TwoCameras(preferences, self.watch, self.looks, self)
        self.one_camera = OneCamera(preferences, self.watch, self.looks, self)
        self.two_files = TwoFiles(preferences, self.looks, self)
        self.recent = Recent(preferences, library, self)
        self.analysing = Analysing(analyser, self)
        self.more = More(preferences, self)
        self.ways = Ways(keys, self)
        self.foot = Foot(preferences, self)
        self._way = "two cameras"
        self._panels: dict[str, QWidget] = {
            "two cameras": self.two_cameras,
            "one camera": self.one_camera,
            "two files": self.two_files,
            "recordings": self.recent,
        }
        self._stack = QStackedWidget(self)
        self._lay_out()
        self._wire()
        self.setAcceptDrops(True)
        self.choose(preferences.get("way", "two cameras"))

    @property
    def running(self) -> bool:
        """Whether films are being analysed."""
        return self.analysing.running

    def entered(self) -> None:
        """It is shown: look for cameras, recordings and pictures."""
        self._is_shown = True
        self.more.refresh()
        self.foot.refresh()
        self.recent.refresh()
        self._look_for_abrupt_ends()
        self.watch.start()
        self._enter_panel()
        self._update()

    def left(self) -> None:
        """It is shown no longer: nothing is watched, and every camera is let go of."""
        self._is_shown = False
        self._waits = None
        self.watch.stop()
        for panel in self._session_panels():
            panel.left()

    def choose(self, way: str) -> None:
        """Show what a way in needs: "two cameras", "one camera", "two files" or "recordings"."""
        self._way = way if way in self._panels else "two cameras"
        self._preferences.set("way", self._way)
        panel = self._panels[self._way]
        if self._stack.currentWidget() is not panel:
            for each in self._session_panels():
                each.left()
            self._stack.setCurrentWidget(panel)
            if self._is_shown:
                self._enter_panel()
        self._update()

    def begin_demo(self) -> None:
        """The two rendered people, at once."""
        self._begin(DEMO, "Demo")

    def begin(self) -> None:
        """What is chosen, live."""
        panel = self._stack.currentWidget()
        ready = not self.foot.consent_is_missing
        if isinstance(panel, Panel) and panel.pair is not None and ready:
            self._begin(panel.pair, "")

    def analyse(self) -> None:
        """Every frame of the two films that are chosen."""
        pair = self.two_files.pair
        if pair is None or self.running or self.foot.consent_is_missing:
            return
        self.two_files.left()
        start = self._start_of(pair, "", record=True)
        self.analysing.begin(replace(start, streams=()))  # they are for what happens now
        self._stack.setCurrentWidget(self.analysing)
        self._update()

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        if event is not None and dropped_files(event) and not self.running:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        if event is None:
            return
        event.acceptProposedAction()
        files = dropped_files(event)
        if files[0].suffix == SUFFIX:
            self.open_recording.emit(files[0])
        else:
            self.choose("two files")
            self.two_files.drop(files)

    def _session_panels(self) -> tuple[Panel, ...]:
        return self.two_cameras, self.one_camera, self.two_files

    def _enter_panel(self) -> None:
        panel = self._stack.currentWidget()
        if isinstance(panel, Panel):
            panel.entered()

    # Beginning.

    def _begin(self, pair: Pair, title: str) -> None:
        if self._waits is not None:
            return
        self._waits = self._start_of(pair, title, record=self._preferences.record)
        for panel in self._session_panels():
            panel.left()
        self._update()
        self.looks.when_free(self._go)

    def _go(self) -> None:
        start, self._waits = self._waits, None
        if start is not None:
            self.more.forget()
            self.start_session.emit(start)
            self._update()

    def _start_of(self, pair: Pair, title: str, *, record: bool) -> SessionRequest:
        typing = self.focusWidget()
        if typing is not None:
            typing.clearFocus()  # what is being typed into a field of the settings counts, too
        more = self.more
        return SessionRequest(
            a=pair[0],
            b=pair[1],
            settings=more.settings,
            output=self._preferences.recordings_folder / default_name().name if record else None,
            video=record and self.foot.video.isChecked(),
            labels=("A", "B") if pair == DEMO else more.labels,
            condition=more.condition,
            notes=more.notes,
            title=title,
            consent="" if pair == DEMO else self.foot.note,
            streams=more.streams,
        )

    # An analysis.

    def _analysed(self, result: OfflineResult) -> None:
        self._back_to_films()
        path = result.path
        for fault in result.faults:
            self.message.emit(fault, "warning", None)
        if path is None:
            self.message.emit("Nothing was analysed.", "warning", None)
        elif self._is_shown and not result.faults:
            self.open_recording.emit(path)
        else:
            opens = ("Open it", lambda: self.open_recording.emit(path))
            self.message.emit(f"The analysis is in {path}.", "warning", opens)

    def _analysis_failed(self, why: str) -> None:
        self._back_to_films()
        self.message.emit(why, "error", None)

    # What ended abruptly.

    def _look_for_abrupt_ends(self) -> None:
        folder = self._preferences.recordings_folder
        work = Work(lambda _progress: self._abrupt(folder), self)
        work.finished.connect(self._offer)
        work.start()

    def _offer(self, found: Sequence[Path]) -> None:
        for path in found:
            text = f"The session in {path} ended abruptly. All but its last second is there."
            opens = ("Open it", partial(self.open_recording.emit, path))
            self.message.emit(text, "warning", opens)

    def _back_to_films(self) -> None:
        self.foot.refresh()
        self._stack.setCurrentWidget(self.two_files)
        if self._is_shown:
            self.two_files.entered()
            self.recent.refresh()
        self._update()

    # How it looks.

    def _update(self) -> None:
        panel = self._stack.currentWidget()
        problem = panel.problem if isinstance(panel, Panel) else ""
        if self._waits is not None:
            problem = "Letting go of the cameras …"
        elif not problem and self.foot.consent_is_missing:
            problem = "Both people must agree first"
        is_session = isinstance(panel, Panel)
        self.foot.setVisible(is_session)
        self._open_more.setVisible(is_session)
        self.more.setVisible(is_session and self._open_more.isChecked())
        self.foot.show_way(films=panel is self.two_files, problem=problem)
        self.ways.show_way(self._way, enabled=panel is not self.analysing)
        self._heading.setText(WAYS[self._way].title)

    def _lay_out(self) -> None:
        self._heading = QLabel(self)
        self._heading.setStyleSheet("font-size: 18px; font-weight: 600;")
        self._open_more = QPushButton("Labels and settings …", self)
        self._open_more.setCheckable(True)
        self._open_more.setToolTip("Labels, condition, notes, streams, window, band and mapping")
        for panel in self._panels.values():
            self._stack.addWidget(panel)
        self._stack.addWidget(self.analysing)
        top = QHBoxLayout()
        top.addWidget(self._heading, 1)
        top.addWidget(self._open_more)
        right = QVBoxLayout()
        right.setSpacing(12)
        right.addLayout(top)
        right.addWidget(self._stack, 1)
        right.addWidget(self.foot)
        self.more.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 18, 24, 18)
        row.setSpacing(24)
        row.addWidget(self.ways)
        row.addLayout(right, 1)
        row.addWidget(self.more)

    def _wire(self) -> None:
        self.ways.chosen.connect(self.choose)
        self.ways.demo.connect(self.begin_demo)
        self.two_cameras.one_camera.connect(lambda: self.choose("one camera"))
        for panel in self._session_panels():
            panel.changed.connect(self._update)
            self.more.named.connect(panel.set_names)
        self._open_more.toggled.connect(self._update)
        self.recent.chosen.connect(self.open_recording)
        self.analysing.ended.connect(self._analysed)
        self.analysing.failed.connect(self._analysis_failed)
        self.more.consent_changed.connect(self.foot.refresh)
        self.more.consent_changed.connect(self._update)
        self.foot.agreed.connect(self._update)
        self.foot.live.connect(self.begin)
        self.foot.analyse.connect(self.analyse)
        self.foot.folder_changed.connect(self.recent.refresh)
