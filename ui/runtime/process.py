"""Exceptions, signals and garbage collection of the process under Qt."""

import gc
import logging
import signal
import socket
import sys
import threading
import traceback
from types import FrameType, TracebackType
from typing import Final

from PyQt6 import sip
from PyQt6.QtCore import QObject, QSocketNotifier, pyqtSignal

from mirror._support.logs import describe_error
from mirror._support.process import STOP_SIGNALS
from ui.widgets.build import timer

_COLLECTION_MS: Final = 1000

_log = logging.getLogger(__name__)


class ExceptHook(QObject):
    """Replaces the exception hooks until closed: a traceback to stderr, a line to the window."""

    caught = pyqtSignal(str, str)  # the message for the window, and its kind ("error")

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._before = (sys.excepthook, threading.excepthook)
        sys.excepthook = self._report
        threading.excepthook = self._report_from_thread

    def close(self) -> None:
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


class ExitSignals(QObject):
    """Turns the first Ctrl-C, SIGTERM or SIGHUP into a Qt signal; the second ends the program.

    Python handles signals between its own instructions, and Qt's event loop may run none for a
    while. The interpreter therefore writes each signal's number to a socket, which wakes the loop.
    """

    received = pyqtSignal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._out, self._in = socket.socketpair()
        for end in (self._out, self._in):
            end.setblocking(False)
        self._notifier = QSocketNotifier(
            sip.voidptr(self._out.fileno()), QSocketNotifier.Type.Read, self
        )
        self._notifier.activated.connect(self._read)
        self._descriptor = signal.set_wakeup_fd(self._in.fileno(), warn_on_full_buffer=False)
        self._before = {number: signal.signal(number, _ignore) for number in STOP_SIGNALS}

    def close(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._descriptor)
        self._notifier.setEnabled(False)
        self._out.close()
        self._in.close()

    def _read(self) -> None:
        if not set(self._out.recv(64)) & set(STOP_SIGNALS):
            return
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        self.received.emit()


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """Do nothing; the wakeup socket is written only for signals with a Python handler."""


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
        self._due = timer(self, _COLLECTION_MS, collect)
        self._due.start()

    def close(self) -> None:
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
