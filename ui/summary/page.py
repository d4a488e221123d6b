"""The summary page: figures of a session, and of the pair's other ones."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QScrollArea, QWidget

from mirror.errors import MirrorError
from mirror.practice.run import held_levels
from mirror.recording import edit, library
from mirror.recording.provenance import person_names
from mirror.report.facts import SessionFacts, Unrecorded
from mirror.summary import mean_levels
from mirror.wording import clock_time
from ui.replay.exporting import Exporter, show_folder_action
from ui.replay.header import RecordingHeader
from ui.runtime.background import LatestWork
from ui.shell.preferences import Preferences
from ui.shell.shortcuts import Keys
from ui.summary.client_page import MAX_OTHERS, ClientPageDialog, read_shown
from ui.summary.overview import Overview, title
from ui.summary.sessions import SessionsTable
from ui.widgets.build import horizontal, known, open_once, scroll_area, vertical
from ui.widgets.card import PageStack
from ui.widgets.work_bar import WorkBar

EMPTY: Final = "Nothing was scored in this recording."


class SummaryPage(QWidget):
    """Figures of a recording, or of a session that was not recorded."""

    replay_requested = pyqtSignal(object, object)  # path and time, s; None: its first score

    back_clicked = pyqtSignal()
    message = pyqtSignal(str, str, object)  # a text, its kind, and an action or None
    shown = pyqtSignal()  # the recording's figures are displayed

    def __init__(self, preferences: Preferences, keys: Keys) -> None:
        super().__init__()
        self._preferences = preferences
        self._shown: Path | Unrecorded | None = None
        self._reading, self._searching = LatestWork(self), LatestWork(self)
        self._cursor, self._notes = 0.0, ""
        self._found, self._scroll = QWidget(self), QScrollArea(self)
        self.stack = PageStack(self._found, self)
        page_buttons = ("Client's page…", "Report…", "Export…", "Show file")
        self.header = RecordingHeader("Replay", *page_buttons, "New session", parent=self)
        self.overview = Overview(self)
        self.sessions = SessionsTable(self)
        self.writing = WorkBar(self)
        self.exporter = Exporter(self.writing, self)
        self.export_action = keys.action(self, "export", self._export)
        self._lay_out()
        self._wire()

    @property
    def _path(self) -> Path | None:
        return self._shown if isinstance(self._shown, Path) else None

    def show_session(self, shown: Path | Unrecorded) -> None:
        """Display a session's figures, and search for the pair's other ones."""
        if shown is not self._shown:  # else other names were given, further down
            self._scroll.ensureVisible(0, 0)
        self._shown = shown
        name = "the session" if self._path is None else self._path.name
        self.stack.show_text("busy", f"Summing up {name}…")
        self._searching.cancel()
        self._reading.prepare(lambda _progress: read_shown(shown)).start()

    def _show(self, facts: SessionFacts | None) -> None:
        if facts is None:
            self.stack.show_text("error", EMPTY)
            return
        names = person_names(facts.session)
        self.header.show_recording(facts.path, facts.session, facts.duration_s)
        for text in ("Replay", "Report…", "Export…", "Show file"):
            self.header.buttons[text].setVisible(facts.path is not None)
        self.overview.show_facts(facts)
        self._notes = str(facts.session.get("notes") or "")
        self._point(0.0)
        self.stack.show_page()
        this = library.SessionRow(
            library.started_of(facts.session),
            facts.duration_s,
            facts.condition,
            facts.summary,
            facts.longest,
            mean_levels(facts.timeline) | held_levels(facts.results),
            names,
        )
        if self.sessions.begin(names, this):
            path, started = facts.path, this.started
            folder = self._preferences.recordings_folder if path is None else path.parent
            pair = partial(library.other_sessions, folder, started, names, MAX_OTHERS, wide=True)
            self._searching.prepare(lambda _progress: pair()).start()
        self.shown.emit()

    def _point(self, time_s: float) -> None:
        """Set where the replay will begin."""
        self._cursor = time_s
        from_there = f"Replay from {clock_time(time_s, tenths=True)}" if time_s else "Replay"
        self.header.buttons["Replay"].setText(from_there)

    def _name(self, a: str, b: str) -> None:
        assert self._shown is not None
        if isinstance(self._shown, Unrecorded):
            session = self._shown.session | {"labels": {"a": a, "b": b}}
            self.show_session(replace(self._shown, session=session))
            return
        try:
            edit.set_labels(self._shown, (a, b))
            self.show_session(self._shown)
        except MirrorError as error:
            self.message.emit(error.window_text, "error", None)

    def _export(self) -> None:
        if self._path is not None and not self.stack.text:
            self.exporter.ask(self._path)

    def _ask_client_page(self) -> None:
        assert self._shown is not None
        dialog = ClientPageDialog(
            self._preferences, self._shown, self._notes, self.exporter.run, self
        )
        dialog.accepted.connect(lambda: setattr(self, "_notes", dialog.notes.toPlainText()))
        open_once(dialog)

    def _replay(self, at: float) -> None:
        if self._path is not None:
            self.replay_requested.emit(self._path, at)

    def _lay_out(self) -> None:
        inner, scroll = QWidget(self), self._scroll
        items = ((self.overview, 1), title("Sessions of this pair"), self.sessions)
        vertical(*items, inside=inner, margins=(12, 4, 12, 10), spacing=10)
        scroll_area(inner, scroll)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        rows = (horizontal(each, margins=(12, 0, 12, 0)) for each in (self.header, self.writing))
        vertical(*rows, (scroll, 1), inside=self._found, margins=(0, 10, 0, 0))
        self.setFocusProxy(self.header.buttons["Replay"])

    def _wire(self) -> None:
        replay, client_page, report, export, show_file, new = self.header.buttons.values()
        replay.setProperty("primary", True)
        replay.clicked.connect(lambda: self.replay_requested.emit(self._path, self._cursor or None))
        client_page.clicked.connect(self._ask_client_page)
        report.clicked.connect(lambda: self.exporter.ask_report(known(self._path)))
        export.clicked.connect(self._export)
        show_file.clicked.connect(lambda _on: show_folder_action(known(self._path))[1]())
        new.clicked.connect(self.back_clicked)
        self.stack.back_clicked.connect(self.back_clicked)
        self._reading.finished.connect(self._show)
        self._reading.failed.connect(partial(self.stack.show_text, "error"))
        self._searching.finished.connect(self.sessions.show_found)
        self._searching.failed.connect(self.sessions.status.setText)
        self.overview.pointed.connect(self._point)
        self.overview.replay_requested.connect(self._replay)
        self.sessions.named.connect(self._name)
        self.exporter.message.connect(self.message)
