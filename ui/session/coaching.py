"""The coach view and the tone, for a trainer who does not look at the session page."""

from collections.abc import Sequence
from typing import Final

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QWidget

from mirror.events import Event
from mirror.practice.run import Status
from mirror.timeline import Score
from mirror.wording import is_mark
from ui.coach.tone import Tone
from ui.coach.view import CoachView
from ui.session.controls import Controls
from ui.shell.preferences import Preferences
from ui.shell.shortcuts import Keys

_SHARED_ACTIONS: Final = ("pause", "mark", "sound")  # of the page, that work in the coach view, too


class Coaching(QObject):
    """Shows the newest score in a window of its own, and plays it as a tone."""

    def __init__(
        self, preferences: Preferences, keys: Keys, controls: Controls, page: QWidget
    ) -> None:
        super().__init__(page)
        self._preferences, self._controls = preferences, controls
        self.view = CoachView(keys, page)
        self.tone = Tone(self)
        self.view.addActions([controls.actions_by_name[name] for name in _SHARED_ACTIONS])
        controls.sound_toggled.connect(self._set_sound)
        self.tone.changed.connect(self.show_sound)

    def follow(self, score: Score | None) -> None:
        """Show and play a score; None is silent."""
        self.view.show_score(score)
        self.tone.follow(score)

    def show_practice(self, status: Status | None) -> None:
        """Show the goal, the cue and the time left; None without an exercise."""
        if status is None or status.phase == "done":
            self.view.show_practice("", "")
        else:
            self.view.show_practice(status.cue, status.doing, status.exercise.image)
        kind = "" if status is None else status.shown_score
        self.view.meters.show_kinds(kind or self._preferences.meter)
        self.view.meters.show_practice(status)

    def pause(self) -> None:
        self.follow(None)
        self.view.show_text("Paused")

    def show_events(self, events: Sequence[Event]) -> None:
        """Confirm a new mark: the coach view has no timeline to show it."""
        if any(is_mark(event.kind) for event in events):
            self.view.show_note("Marked")

    def toggle_view(self) -> None:
        if self.view.isVisible():
            self.view.close()
        else:
            self.view.showFullScreen()

    def end(self) -> None:
        self.view.close()
        self.tone.follow(None)

    def show_sound(self) -> None:
        """Update the sound button: on, off, or why there is no sound."""
        self._controls.show_sound(on=self._preferences.sound, problem=self.tone.problem)

    def _set_sound(self, on: bool) -> None:
        self.tone.set_on(on)
        if self.tone.available:  # without audio output, keep the user's choice
            self._preferences.sound = on
