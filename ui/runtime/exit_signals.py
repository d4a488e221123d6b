"""Ctrl-C, SIGTERM and SIGHUP while the window is open."""

from __future__ import annotations

import signal
import socket
from types import FrameType

from PyQt6 import sip
from PyQt6.QtCore import QObject, QSocketNotifier, pyqtSignal

from mirror._support.process import STOP_SIGNALS


class Interrupts(QObject):
    """Ctrl-C, SIGTERM and SIGHUP as a Qt signal; the second one ends the program at once.

    Python looks at signals only between its own instructions, and Qt's loop may run none for long:
    the interpreter writes each signal's number into a socket, which wakes the loop.
    """

    came = pyqtSignal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._out, self._in = socket.socketpair()
        for end in (self._out, self._in):
            end.setblocking(False)
        self._notifier = QSocketNotifier(
            sip.voidptr(self._out.fileno()), QSocketNotifier.Type.Read, self
        )
        self._notifier.activated.connect(self._told)
        self._descriptor = signal.set_wakeup_fd(self._in.fileno(), warn_on_full_buffer=False)
        self._before = {each: signal.signal(each, _ignored) for each in STOP_SIGNALS}

    def close(self) -> None:
        """Handle signals as before."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._descriptor)
        self._notifier.setEnabled(False)
        self._out.close()
        self._in.close()

    def _told(self) -> None:
        numbers = self._out.recv(64)
        if not set(numbers) & set(STOP_SIGNALS):
            return
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        self.came.emit()


def _ignored(_number: int, _frame: FrameType | None) -> None:
    """Without a handler of Python's, no number would be written into the socket."""
