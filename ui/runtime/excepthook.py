"""Bugs that come up while the window is open: shown in it, and never swallowed."""

from __future__ import annotations

import sys
import threading
import traceback
from types import TracebackType

from PyQt6.QtCore import QObject, pyqtSignal


class Faults(QObject):
    """Bugs, wherever they come up: on stderr with their traceback, and in the window in words.

    It takes the place of Python's own hooks until it is closed.
    """

    found = pyqtSignal(str, str)
    """What to say, and of what kind it is."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._before = (sys.excepthook, threading.excepthook)
        sys.excepthook = self._caught
        threading.excepthook = self._caught_on_thread

    def close(self) -> None:
        """Give Python's hooks back."""
        sys.excepthook, threading.excepthook = self._before

    def _caught(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        traceback.print_exception(kind, error, trace)
        text = " ".join(str(error).split())
        named = f"{kind.__name__}: {text}" if text else kind.__name__
        self.found.emit(
            f"Something went wrong inside the program ({named}). The details are in the terminal "
            "that it was started from; please report them.",
            "error",
        )

    def _caught_on_thread(self, caught: threading.ExceptHookArgs) -> None:
        if caught.exc_value is not None:
            self._caught(caught.exc_type, caught.exc_value, caught.exc_traceback)
