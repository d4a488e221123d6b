"""Windows on the screen or in memory that measure their repaints."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from PyQt6.QtCore import (
    QCoreApplication,
    QEvent,
    QObject,
    QSettings,
    pyqtSignal,
)
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QApplication, QVBoxLayout, QWidget

from mirror.cli.window import has_display
from ui.app import make_application
from ui.shell.preferences import Preferences
from ui.shell.theme import theme

_SIZE = (1280, 740)  # the main window's 1280×800, but for its menus


def application() -> QApplication:
    """Return Qt's application; keep it while there are windows."""
    if not has_display():
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    made = make_application()
    theme().choose("light")
    return made


def screen() -> str:
    """Describe what the windows are drawn on."""
    name = QGuiApplication.platformName()
    where = "Drawn into memory, on no screen" if name == "offscreen" else "Drawn on a screen"
    return f"{where} (Qt platform {name}), at {_SIZE[0]}×{_SIZE[1]}"


def preferences(folder: Path) -> Preferences:
    """Return default preferences, separate from those of this machine's user."""
    chosen = Preferences(QSettings(str(folder / "preferences.ini"), QSettings.Format.IniFormat))
    chosen.tour_seen = True  # it would lie over what is measured
    return chosen


class TimedWindow(QWidget):
    """A window around one page that records the times of its repaints.

    Qt gathers all that has changed and paints it at once: this is one repaint.

    Parameters
    ----------
    page : QWidget
    """

    painted = pyqtSignal()
    """A repaint has ended."""

    def __init__(self, page: QWidget) -> None:
        super().__init__()
        self.repaints: list[tuple[float, float]] = []
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(page)
        self.resize(*_SIZE)
        self.show()
        QCoreApplication.processEvents()

    def event(self, event: QEvent | None) -> bool:
        if event is None or event.type() != QEvent.Type.UpdateRequest:
            return super().event(event)
        began = time.perf_counter()
        known = super().event(event)
        self.repaints.append((began, time.perf_counter()))
        self.painted.emit()
        return known

    def paint(self) -> None:
        """Repaint what has changed, now, without other events."""
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
        QCoreApplication.sendPostedEvents(self, QEvent.Type.UpdateRequest.value)

    def remove(self) -> None:
        """Close and delete the window."""
        self.close()
        self.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


class Paints(QObject):
    """Records when one widget is painted.

    Parameters
    ----------
    widget : QWidget
        Which it is; it owns this.
    """

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.moments: list[float] = []
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802  Qt calls it
        if event is not None and event.type() == QEvent.Type.Paint:
            self.moments.append(time.perf_counter())
        return False


def milliseconds(seconds: Iterable[float]) -> tuple[str, str, str]:
    """Return median, 95th percentile and maximum, ms."""
    known: Sequence[float] = [1e3 * each for each in seconds]
    if not known:
        return ("–", "–", "–")
    middle, high, most = np.percentile(known, (50, 95, 100))
    return (f"{middle:.1f}", f"{high:.1f}", f"{most:.1f}")
