"""Beside the timeline: the events, and the settings that the scores are computed with."""

from __future__ import annotations

from typing import Final

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QLabel, QScrollArea, QTabWidget, QVBoxLayout, QWidget

from ui.replay.event_list import EventList
from ui.widgets.settings import SettingsPanel

_WIDTH: Final = 320

NO_SETTINGS: Final = (
    "This recording holds the scores of plain series. There are no poses in it to compute them "
    "from again."
)


class Side(QTabWidget):
    """Two tabs: events and settings."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.events = EventList(self)
        self.settings = SettingsPanel(self)
        self.why_not = QLabel(NO_SETTINGS, self)
        self.why_not.setWordWrap(True)
        inner = QWidget(self)
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 8, 0, 0)
        column.addWidget(self.why_not)
        column.addWidget(self.settings)
        column.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inner)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        tabs = self.tabBar()
        assert tabs is not None
        for each in (self, tabs):
            each.setAccessibleName("Events and settings")
        self.setDocumentMode(True)
        self.addTab(self.events, "Events")
        self.addTab(scroll, "Settings")
        self.setFixedWidth(_WIDTH)

    def begin(self, *, has_poses: bool) -> None:
        """Another recording; without poses, there is nothing to compute with other settings."""
        self.settings.setEnabled(has_poses)
        self.why_not.setVisible(not has_poses)

    def count_events(self, count: int) -> None:
        """Say how many events there are."""
        self.setTabText(0, f"Events ({count})" if count else "Events")
