"""The drawer beside a session: settings, or what the session is about."""

from __future__ import annotations

from typing import Final

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QScrollArea, QStackedWidget, QWidget

from ui.session.details import About
from ui.widgets.settings import SettingsPanel

_WIDTH: Final = 320


class Drawer(QScrollArea):
    """One of two panels, or closed: then the session has the whole page."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.settings = SettingsPanel(self)
        self.about = About(self)
        self._panels: dict[str, QWidget] = {"settings": self.settings, "about": self.about}
        self._stack = QStackedWidget(self)
        for panel in self._panels.values():
            self._stack.addWidget(panel)
        self._stack.setContentsMargins(8, 8, 8, 8)
        self.setWidget(self._stack)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFixedWidth(_WIDTH)
        self.hide()

    def open(self, name: str) -> None:
        """Show "settings" or "about"; close where the name is empty."""
        if name:
            self._stack.setCurrentWidget(self._panels[name])
        self.setVisible(bool(name))
