"""What a trainer has who looks at the people, not at the page: the coach view and the tone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QWidget

from mirror.events import Event
from mirror.timeline import Score
from ui.coach.tone import Tone
from ui.coach.view import CoachView
from ui.session.controls import Controls
from ui.shell.preferences import Preferences
from ui.shell.shortcuts import Keys

PAUSED: Final = "Paused"
MARKED: Final = "Marked"

_THERE_TOO: Final = ("pause", "mark", "sound")
"""What the coach view's keys can do of what the page's can."""


class Coaching(QObject):
    """Shows and sounds the newest score, in a window and a tone of their own.

    Parameters
    ----------
    preferences : Preferences
        Remembers whether the tone is on.
    keys : Keys
    controls : Controls
        Of the session; the coach view takes some of their keys.
    page : QWidget
        On whose screen the coach view opens.
    """

    def __init__(
        self, preferences: Preferences, keys: Keys, controls: Controls, page: QWidget
    ) -> None:
        super().__init__(page)
        self._preferences, self._controls = preferences, controls
        self.view = CoachView(keys, page)
        self.tone = Tone(self)
        self.view.addActions([controls.actions_by_name[name] for name in _THERE_TOO])
        controls.sound.connect(self._set_sound)
        self.tone.changed.connect(self.show_sound)

    def follow(self, score: Score | None) -> None:
        """Show and sound a row of the timeline; silence where there is none."""
        self.view.show_score(score)
        self.tone.follow(score)

    def pause(self) -> None:
        """Say that nothing is scored, and be silent."""
        self.follow(None)
        self.view.show_text(PAUSED)

    def show_events(self, events: Sequence[Event]) -> None:
        """Say that a mark was kept: in the coach view, no flag shows it."""
        if any(event.kind == "mark" for event in events):
            self.view.add(MARKED)

    def toggle_view(self) -> None:
        """Open the coach view over the whole screen, or close it."""
        if self.view.isVisible():
            self.view.close()
        else:
            self.view.showFullScreen()

    def end(self) -> None:
        """The session is over."""
        self.view.close()
        self.tone.follow(None)

    def show_sound(self) -> None:
        """Let the switch say whether the tone is on, or why it cannot be."""
        self._controls.show_sound(on=self._preferences.sound, why_not=self.tone.why_not)

    def _set_sound(self, on: bool) -> None:
        self.tone.set_on(on)
        if self.tone.available:  # that there was nothing to hear it with was not the user's choice
            self._preferences.sound = on
