"""Leave this program's windows out of what it reads of the screen."""

import sys

from PyQt6.QtWidgets import QApplication

from mirror.capture.address import is_of_screen


def stay_unseen(a: str, b: str) -> None:
    """Leave the windows, where they are now, out of two sources if they are read of the screen."""
    if is_of_screen(a) or is_of_screen(b):
        from mirror.capture.screen import hide_own_windows

        boxes = []
        for window in QApplication.topLevelWidgets():
            if window.isVisible() and not window.isMinimized():
                # Only macOS counts in points, as Qt does.
                scale = 1.0 if sys.platform == "darwin" else window.devicePixelRatioF()
                edges = window.frameGeometry().getCoords()
                left, top, right, bottom = (round(scale * (edge or 0)) for edge in edges)
                boxes.append((left, top, right, bottom))
        hide_own_windows(*boxes)
