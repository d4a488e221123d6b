"""The process itself: the signals that end it, and what C++ libraries write to its stderr."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import platformdirs

STOP_SIGNALS: Final = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
"""Signals that ask a session to end: Ctrl-C, the system, and a terminal that is closed."""


@contextmanager
def exit_on_interrupt() -> Iterator[None]:
    """Let Ctrl-C end the process at once and without output, while there is nothing to lose.

    For imports: libraries answer an interrupt in the middle of theirs with errors of their own. And
    for opening sources: a library that waits for a device, a disk or a pipe does not see it.
    """
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def redirect_native_stderr() -> None:
    """Send what C++ libraries write to file descriptor 2 into a log file.

    MediaPipe, its TensorFlow Lite and Lab Streaming Layer write there whatever their settings, in
    the middle of the meter. Python's own stderr keeps the terminal through a copy of it.
    """
    try:
        folder = platformdirs.user_log_path("mirror", appauthor=False, ensure_exists=True)
        target = os.open(folder / "native.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError:  # nowhere to keep them, and they matter only when hunting a bug
        target = os.open(os.devnull, os.O_WRONLY)
    kept = os.dup(2)
    os.dup2(target, 2)
    os.close(target)
    sys.stderr = os.fdopen(kept, "w", buffering=1, encoding="utf-8", errors="replace")
