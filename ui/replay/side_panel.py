"""The panel beside the timeline: events, and the settings of the scores."""

from __future__ import annotations

from typing import Final

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QFormLayout,
    QFrame,
    QLabel,
    QScrollArea,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from ui.replay.event_list import EventList
from ui.widgets.fields import OffsetField
from ui.widgets.settings import SettingsPanel

_WIDTH: Final = 320

NO_SETTINGS: Final = (
    "This recording holds scores of plain series. It has no poses to compute new scores from."
)


class SidePanel(QTabWidget):
    """Two tabs: events and settings."""

    settings_shown = pyqtSignal()
    """Settings that may be changed are in view."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.events = EventList(self)
        self.settings = SettingsPanel(self, at_once=True)
        self.no_settings = QLabel(NO_SETTINGS, self)
        self.no_settings.setWordWrap(True)
        inner = QWidget(self)
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 8, 0, 0)
        column.addWidget(self.no_settings)
        column.addWidget(self.settings)
        self.frame_s = 1 / 30
        name = "Move B by, seconds; positive: later"
        self.shift = OffsetField(name, lambda: self.frame_s, self)
        self.shift.setToolTip("Show and score B later (or earlier); the arrows move by one frame")
        self._shift_row = QWidget(self)
        row = QFormLayout(self._shift_row)
        row.setContentsMargins(0, 12, 0, 0)
        row.addRow("Move B &by", self.shift)
        column.addWidget(self._shift_row)
        column.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inner)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        tabs = self.tabBar()
        assert tabs is not None
        for widget in (self, tabs):
            widget.setAccessibleName("Events and settings")
        self.setDocumentMode(True)
        self.addTab(self.events, "Events")
        self.addTab(scroll, "Settings")
        self.setFixedWidth(_WIDTH)
        self.currentChanged.connect(self._signal_settings)

    def begin(self, *, has_poses: bool) -> None:
        """Prepare for a recording; without poses, the settings are disabled."""
        self.settings.setEnabled(has_poses)
        self._shift_row.setVisible(has_poses)
        self.no_settings.setVisible(not has_poses)
        self._signal_settings()

    def show_event_count(self, count: int) -> None:
        """Show the number of events in the tab's title."""
        self.setTabText(0, f"Events ({count})" if count else "Events")

    def _signal_settings(self) -> None:
        if self.currentIndex() == 1 and self.settings.isEnabled():
            self.settings_shown.emit()
