"""The panel beside the timeline: events, and the settings of the scores."""

from typing import Final

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFormLayout, QScrollArea, QTabWidget, QWidget

from ui.replay.event_list import EventList
from ui.widgets.build import name_tabs, scroll_area, vertical
from ui.widgets.fields import OffsetField
from ui.widgets.labels import WrappedLabel
from ui.widgets.settings import SettingsPanel

_WIDTH: Final = 320

NO_SETTINGS: Final = (
    "This recording holds scores of plain series. It has no poses to compute new scores from."
)


class SidePanel(QTabWidget):
    """Two tabs: events and settings."""

    settings_shown = pyqtSignal()  # settings that may be changed are in view

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.events = EventList(self)
        self.settings = SettingsPanel(self, at_once=True)
        self.no_settings = WrappedLabel(NO_SETTINGS, self)
        self.frame_s = 1 / 30
        self.shift = OffsetField("Move B by, seconds; positive: later", lambda: self.frame_s, self)
        self.shift.setToolTip("Show and score B later (or earlier); the arrows move by one frame")
        self._shift_row = QWidget(self)
        row = QFormLayout(self._shift_row)
        row.setContentsMargins(0, 12, 0, 0)
        row.addRow("Move B &by", self.shift)
        inner, scroll = QWidget(self), QScrollArea(self)
        items = (self.no_settings, self.settings, self._shift_row, (None, 1))
        vertical(*items, inside=inner, margins=(0, 8, 0, 0))
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        name_tabs(self, "Events and settings")
        self.setDocumentMode(True)
        self.addTab(self.events, "Events")
        self.addTab(scroll_area(inner, scroll), "Settings")
        self.setFixedWidth(_WIDTH)
        self.currentChanged.connect(self._signal_settings)

    def begin(self, *, has_poses: bool) -> None:
        """Prepare for a recording; without poses, the settings are disabled."""
        self.settings.setEnabled(has_poses)
        self._shift_row.setVisible(has_poses)
        self.no_settings.setVisible(not has_poses)
        self._signal_settings()

    def _signal_settings(self) -> None:
        if self.currentIndex() == 1 and self.settings.isEnabled():
            self.settings_shown.emit()
