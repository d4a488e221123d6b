"""Report unhandled exceptions in the window and on stderr."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from types import TracebackType

from PyQt6.QtCore import QObject, pyqtSignal

from mirror._support.logs import describe_error

_log = logging.getLogger(__name__)


class ExceptHook(QObject):
    """Replaces `sys.excepthook` and `threading.excepthook` until it is closed.

    The traceback goes to stderr, one line to the window.
    """

    caught = pyqtSignal(str, str)  # the message for the window, and its kind ("error")

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._before = (sys.excepthook, threading.excepthook)
        sys.excepthook = self._report
        threading.excepthook = self._report_from_thread

    def close(self) -> None:
        """Restore the previous hooks."""
        sys.excepthook, threading.excepthook = self._before

    def _report(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        traceback.print_exception(kind, error, trace)
        _log.error("unhandled exception: %s", describe_error(error.with_traceback(trace)))
        text = " ".join(str(error).split())
        name = f"{kind.__name__}: {text}" if text else kind.__name__
        self.caught.emit(
            f"Internal error ({name}). Please report it; the traceback was printed to the standard "
            "error output.",
            "error",
        )

    def _report_from_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self._report(args.exc_type, args.exc_value, args.exc_traceback)
