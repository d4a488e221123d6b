"""Ctrl-C, SIGTERM and SIGHUP while the window is open."""

from __future__ import annotations

import signal
import socket
from types import FrameType

from PyQt6 import sip
from PyQt6.QtCore import QObject, QSocketNotifier, pyqtSignal

from mirror._support.process import STOP_SIGNALS


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
        """Restore the previous handlers."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._descriptor)
        self._notifier.setEnabled(False)
        self._out.close()
        self._in.close()

    def _read(self) -> None:
        numbers = self._out.recv(64)
        if not set(numbers) & set(STOP_SIGNALS):
            return
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        self.received.emit()


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """Do nothing; the wakeup socket is written only for signals with a Python handler."""
