"""Run the cyclic garbage collector on the main thread only."""

from __future__ import annotations

import gc
from typing import Final

from PyQt6.QtCore import QObject

from ui.widgets.build import timer

_INTERVAL_MS: Final = 1000


class MainThreadGC(QObject):
    """Replaces automatic garbage collection by a timer on the thread that creates it.

    Widgets and their connections often form cycles. Python collects on whichever thread allocates
    next, usually a pose thread, and Qt crashes if a widget is destroyed outside its own thread.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._before = gc.isenabled()
        gc.disable()
        gc.freeze()  # imported modules stay: exclude them from collections
        self._due = timer(self, _INTERVAL_MS, collect)
        self._due.start()

    def close(self) -> None:
        """Restore automatic collection."""
        self._due.stop()
        gc.unfreeze()
        if self._before:
            gc.enable()


def collect() -> None:
    """Collect the oldest generation over its threshold, as Python would."""
    for generation, (count, threshold) in reversed(
        list(enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True)))
    ):
        if count > threshold:
            gc.collect(generation)
            return
