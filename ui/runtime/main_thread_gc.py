"""Python's search for cycles of objects, on the window's own thread alone."""

from __future__ import annotations

import gc
from typing import Final

from PyQt6.QtCore import QObject, QTimer

_EVERY_MS: Final = 1000


class Collecting(QObject):
    """While it is there, cycles of objects are found, and end, on the thread that made it.

    Widgets, and what is connected to them, often are in cycles. Python looks for cycles on
    whichever thread makes the next object, which with two people to follow is seldom the window's;
    Qt crashes where a part of a window ends on another thread than its own.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._before = gc.isenabled()
        gc.disable()
        gc.freeze()  # what was imported stays: no search need go through it
        self._due = QTimer(self)
        self._due.setInterval(_EVERY_MS)
        self._due.timeout.connect(collect)
        self._due.start()

    def close(self) -> None:
        """Leave it to Python again."""
        self._due.stop()
        gc.unfreeze()
        if self._before:
            gc.enable()


def collect() -> None:
    """Collect the oldest generation that is due, and the younger ones with it; as Python would."""
    for generation, (count, most) in reversed(
        list(enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True)))
    ):
        if count > most:
            gc.collect(generation)
            return
