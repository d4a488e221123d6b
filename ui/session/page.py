"""The session page: it begins a session, shows it as it runs, and ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from mirror.errors import MirrorError, SettingsError
from mirror.events import Event
from mirror.session.start import SessionRequest
from mirror.settings import Settings
from ui.session.coaching import Coaching
from ui.session.controls import Controls
from ui.session.drawer import Drawer
from ui.session.opening_view import Opening
from ui.session.poller import Watch
from ui.session.runner import Opener, Run, opened
from ui.session.view import SessionView
from ui.shell.preferences import Preferences
from ui.shell.shortcuts import Keys

if TYPE_CHECKING:
    from mirror.landmarks import Feed
    from mirror.session.base import Update
    from mirror.timeline import Score

_PATIENCE_S: Final = 5.0
"""How long a user who logs out waits for a session: the system ends programs soon after."""

_BROKEN: Final = "The session was ended by a fault in the program."


class SessionPage(QWidget):
    """A session, from its opening to its end.

    Parameters
    ----------
    preferences : Preferences
    keys : Keys
    opener : callable
        Opens a session; runs on the session's own thread.
    """

    ended = pyqtSignal(object)
    """The path of the recording, or None where nothing was kept."""

    back = pyqtSignal()
    """The session could not begin, and the user wants to go back."""

    message = pyqtSignal(str, str)
    """A text, and its kind: "error", "warning" or "notice"."""

    def __init__(
        self,
        preferences: Preferences,
        keys: Keys,
        *,
        opener: Opener = opened,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self._opener = opener
        self._run: Run | None = None
        self._is_on = False
        self._is_stopping = False
        self.watch = Watch(self)
        self.opening = Opening(self)
        self.view = SessionView(self)
        self.drawer = Drawer(self)
        self.controls = Controls(
            keys,
            self,
            {
                "pause": self.pause_or_resume,
                "stop": self.stop,
                "mark": self.mark,
                "mark with note": self.mark_with_note,
                "coach view": self.show_coach,
            },
            self,
        )
        self.coaching = Coaching(preferences, keys, self.controls, self)
        self._lay_out()
        self._wire()

    @property
    def running(self) -> bool:
        """Whether a session is being opened, is on, or is coming to its end."""
        return self._is_on

    def begin(self, start: SessionRequest) -> None:
        """Begin a session, once the one before has let go of everything."""
        self._is_on, self._is_stopping = True, False
        self.view.clear()
        self.view.set_names(start.labels)
        self.coaching.view.set_names(*start.labels)
        self.drawer.settings.set_settings(start.settings)
        self.drawer.about.begin(start)
        self.controls.close_drawers()
        self.controls.show_paused(paused=False)
        self.controls.show_stopping(stopping=False)
        self.controls.skeleton.setChecked(self._preferences.skeleton_only)
        self.coaching.show_sound()
        self.opening.show_step("")
        self._set_live(live=False)
        self._run = Run(start, self._opener, self._run)
        self.watch.start(self._run)

    def stop(self) -> None:
        """End the session soon; `ended` says when."""
        if self._run is not None and self._is_on:
            self._is_stopping = True
            self.drawer.about.flush()
            self.controls.show_stopping(stopping=True)
            self._run.stop()

    def save(self) -> None:
        """End the session and wait until its recording is closed, or for some seconds."""
        if self._run is not None and self._is_on:
            self.stop()
            self._run.wait(_PATIENCE_S)

    def pause_or_resume(self) -> None:
        """Score and record nothing for a while, or go on."""
        if self._run is None or self._run.session is None:
            return
        if self._run.paused:
            self._run.resume()
            self.view.verdict.show_text("Going on …")
        else:
            self._run.pause()
            self._run.scores.clear()
            self.view.show_paused()
            self.coaching.pause()
        self.controls.show_paused(paused=self._run.paused)

    def mark(self) -> None:
        """Mark this moment."""
        if self._run is not None:
            self._run.mark(Event(self._run.time, "mark", ""))

    def mark_with_note(self) -> None:
        """Mark this moment, with a note that is written while the session goes on."""
        if self._run is not None:
            self.controls.note.begin(self._run.time)

    def show_coach(self) -> None:
        """One meter, full screen; or back from it."""
        self.coaching.toggle_view()

    # What the session left since the last look.

    def _show_picture(self, feed: Feed, update: Update) -> None:
        if not self._is_live:
            self._set_live(live=True)
        self.view.show_picture(feed, update)

    def _show_scores(self, scores: list[Score]) -> None:
        paused = self._run is not None and self._run.paused
        self.view.show_scores(scores)
        if paused:
            self.view.show_paused()
        else:
            self.coaching.follow(scores[-1])

    def _show_status(self) -> None:
        run = self._run
        if run is None or run.session is None:
            return
        troubles = []
        for feed, status in run.session.status().items():
            self.view.show_status(feed, status)
            if status.trouble is not None:
                troubles.append(f"{feed.upper()} ({status.text}): {status.trouble}")
        if troubles and not self._is_live:
            self.opening.show_step("\n".join(["Waiting for the first picture …", *troubles]))
        recorder = run.session.recorder  # the session may let go of it at any moment
        size = None if recorder is None else recorder.size()
        self.controls.show_recording(size, run.time, paused=run.paused)
        self.drawer.about.show_recording(run.path, on=recorder is not None, video=run.start.video)

    def _end(self) -> None:
        run = self._run
        assert run is not None
        self._is_on = False
        self.controls.show_stopping(stopping=False)
        self.coaching.end()
        try:
            path = run.result()
        except MirrorError as error:
            self._failed(run, str(error))
        except BaseException:
            self._failed(run, _BROKEN)
            raise
        else:
            if path is None and run.path is not None and not self._is_stopping:
                self.message.emit("No picture came, so nothing was recorded.", "warning")
            self.ended.emit(path)

    def _failed(self, run: Run, why: str) -> None:
        """Say why in the place of the session; what was recorded before it is kept."""
        if run.kept is not None or self._is_stopping:
            self.message.emit(why, "error")
            self.ended.emit(run.kept)
        else:
            begun = self._is_live
            self._set_live(live=False)
            self.opening.show_failure(why, begun=begun)

    def _cancel(self) -> None:
        """Not wait for a session that is being opened; it lets go of everything by itself."""
        if self._run is not None:
            self._run.stop()
        self.watch.stop()
        self._is_on = False
        self.ended.emit(None)

    def _try_again(self) -> None:
        if self._run is not None:
            self.begin(self._run.start)

    # Commands that change the session.

    def _change(self, settings: Settings) -> None:
        if self._run is None:
            return
        try:
            self._run.change(settings)
        except SettingsError as error:
            self.message.emit(str(error), "error")
        else:
            self._preferences.settings = settings

    def _describe(self, about: dict[str, Any]) -> None:
        if self._run is not None:
            self._run.describe(**about)
        if "labels" in about:
            self._preferences.labels = about["labels"]
            self.view.set_names(about["labels"])
            self.coaching.view.set_names(*about["labels"])

    def _stop_recording(self) -> None:
        if self._run is not None:
            self._run.stop_recording()

    def _set_skeleton_only(self, only: bool) -> None:
        self._preferences.skeleton_only = only
        self.view.set_skeleton_only(only)

    # How it looks.

    def _set_live(self, *, live: bool) -> None:
        self._is_live = live
        self._stack.setCurrentWidget(self._live if live else self.opening)
        self.setFocus()

    def _open_drawer(self, name: str) -> None:
        self.drawer.open(name)
        if not name:
            self.setFocus()  # what is hidden with the focus in it hands it to some button

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.view, 1)
        row.addWidget(self.drawer)
        self._live = QWidget(self)
        column = QVBoxLayout(self._live)
        column.setContentsMargins(12, 10, 12, 10)
        column.addLayout(row, 1)
        column.addWidget(self.controls)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.opening)
        self._stack.addWidget(self._live)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._stack)
        self._set_live(live=False)

    def _wire(self) -> None:
        self.watch.step.connect(self.opening.show_step)
        self.watch.picture.connect(self._show_picture)
        self.watch.scores.connect(self._show_scores)
        self.watch.events.connect(self.view.add_events)
        self.watch.events.connect(self.coaching.show_events)
        self.watch.warned.connect(lambda text: self.message.emit(text, "warning"))
        self.watch.status.connect(self._show_status)
        self.watch.over.connect(self._end)
        self.opening.cancelled.connect(self._cancel)
        self.opening.again.connect(self._try_again)
        self.opening.back.connect(self.back)
        self.controls.note.written.connect(self._mark_noted)
        self.controls.skeleton_only.connect(self._set_skeleton_only)
        self.controls.drawer.connect(self._open_drawer)
        self.drawer.settings.changed.connect(self._change)
        self.drawer.about.described.connect(self._describe)
        self.drawer.about.stop_recording.connect(self._stop_recording)

    def _mark_noted(self, event: Event) -> None:
        if self._run is not None:
            self._run.mark(event)
