"""The session display: both frames, dial, meters, verdict and timeline."""

from collections.abc import Sequence
from typing import Final

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel, QWidget

from mirror.events import Event
from mirror.landmarks import FEEDS
from mirror.practice.run import Status
from mirror.wording import SCORES, describe_mark, is_mark
from ui.widgets.build import bold, dim, horizontal, timer, vertical
from ui.widgets.fields import ChoiceField
from ui.widgets.labels import ElidedLabel
from ui.widgets.meters import METERS
from ui.widgets.score_view import ScoreView

VISIBLE_S: Final = 60.0  # length of the visible part of the timeline
_MARK_MS: Final = 5000  # how long a mark is confirmed

PAUSED: Final = "Paused — nothing is scored or recorded"


class SessionView(ScoreView):
    """Displays frames, scores and events of a running session."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.caption = dim(ElidedLabel(parent=self))
        self.caption.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._mark_timer = timer(self, _MARK_MS, self._show_scene, once=True)
        self.events: list[Event] = []
        self.again_note = bold(QLabel(self))
        self.again_note.setAlignment(Qt.AlignmentFlag.AlignCenter)

        self.meter = ChoiceField({name: (text, "") for name, text in SCORES.items()}, self)
        self.meter.setAccessibleName("Score of the meter")
        self.meter.currentIndexChanged.connect(self._show_meters)
        meters = vertical(self.meter, (self.meters, 1))
        a, b = ((self.tiles[feed], 6) for feed in FEEDS)
        self._top = horizontal(a, (self.dial, 5), (meters, 6), b, spacing=12)
        bottom = horizontal(self.regions, (self.timeline, 1), spacing=12)
        middle = (self.verdict, self.caption, self.again_note)
        self._column = vertical((self._top, 3), *middle, (bottom, 2), inside=self, spacing=8)
        self._goal = ""  # the score of the goal
        self._is_full = True
        self.show_again("")

    def set_full(self, *, full: bool) -> None:
        """Show everything, or only both people, one chosen meter and the sentence."""
        self._is_full = full
        self.regions.setVisible(full)
        has_timeline = full or not self.again_note.isHidden()
        self.timeline.setVisible(has_timeline)
        self.dial.setVisible(full)
        self._column.setStretch(4, 2 if full else 1 if has_timeline else 0)
        self._show_meters()

    def show_again(self, note: str) -> None:
        """Say that the last seconds are shown again, with the timeline; "" for the session."""
        self.again_note.setText(note)
        self.again_note.setVisible(bool(note))
        self._show_caption()
        self.set_full(full=self._is_full)

    def set_sparing(self, *, sparing: bool) -> None:
        """Leave computing time to the session: paint less often."""
        self.timeline.sparing = sparing
        for each in (self.dial, self.meters):
            each.animation.enabled = not sparing

    def _show_meters(self) -> None:
        self.meter.setHidden(self._is_full or bool(self._goal))
        self.meters.show_kinds(*(METERS if self._is_full else [self._goal or self.meter.chosen]))

    def set_alone(self, alone: bool) -> None:
        """Show the partner large and the trainee small, if there is only one person here."""
        for place, share in enumerate((9, 5, 5, 4) if alone else (6, 5, 6, 6)):
            self._top.setStretch(place, share)

    def show_practice(self, status: Status | None) -> None:
        """Show the goal on its meter."""
        kind, attempt = ("", None) if status is None else (status.shown_score, status.attempt)
        if kind != self._goal:
            self._goal = kind
            self._show_meters()
        self.meters.show_practice(status)
        if attempt is None or attempt.goal.score != "posture_match" or attempt.met is None:
            return
        # The sentence is of movement: whoever holds a posture is too still for that.
        same = (attempt.met or attempt.holds) is not attempt.goal.below
        self.verdict.show_text("Same posture" if same else "Different postures")

    def clear(self) -> None:
        super().clear()
        self.show_practice(None)
        self.events = []
        self._show_scene()
        self.timeline.follow(VISIBLE_S)

    def show_paused(self) -> None:
        """Show that there is no score while the session is paused."""
        self.dial.clear()
        self.show_score(None)
        self.verdict.show_text(PAUSED)

    def add_events(self, events: Sequence[Event]) -> None:
        """Add new events to the timeline; show the demo's scene or a mark in the caption."""
        self.events = sorted([*self.events, *events], key=lambda event: event.time_s)
        self.timeline.set_events(self.events)
        for event in events:
            if event.kind == "truth":
                self._show_scene()
            elif is_mark(event.kind):
                self.caption.setText(describe_mark(event))
                self._mark_timer.start()
                self._show_caption()

    def _show_scene(self) -> None:
        """Show the demo's scene, if there is one, in place of a mark."""
        scenes = [f"Demo scene: {event.text}" for event in self.events if event.kind == "truth"]
        self.caption.setText("".join(scenes[-1:]))
        self._show_caption()

    def _show_caption(self) -> None:
        """Show the caption, which is of now, unless the last seconds are shown again."""
        self.caption.setVisible(bool(self.caption.text()) and self.again_note.isHidden())
