"""The signals that end the process, its memory, and the stderr of native libraries."""

import ctypes
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import platformdirs

STOP_SIGNALS: Final = tuple(  # signals that end a session: Ctrl-C, system, closed terminal
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP")
    # nohup ignores a closed terminal
    if hasattr(signal, name) and (name != "SIGHUP" or signal.getsignal(1) is not signal.SIG_IGN)
)


@contextmanager
def on_stop_signals(do: Any = signal.SIG_DFL) -> Iterator[dict[int, Any]]:
    """Handle Ctrl-C and the like in a way; yields how they were handled before.

    By default they end the process at once, without output: for imports, in which libraries turn an
    interrupt into other errors, and for opening sources, where a library that waits for a device
    does not notice it.
    """
    before: dict[int, Any] = {each: signal.getsignal(each) for each in STOP_SIGNALS}
    try:
        for each in before:
            signal.signal(each, do)
        yield before
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def reuse_freed_memory() -> None:
    """Have glibc keep the memory of freed arrays: 3 % less CPU, 42 % in a worker of Dask."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        mallopt(-3, 32 * 2**20)  # M_MMAP_THRESHOLD, bytes: the most that glibc takes
        mallopt(-1, 256 * 2**20)  # M_TRIM_THRESHOLD, bytes


def redirect_native_stderr() -> None:
    """Redirect file descriptor 2 to a log file; `sys.stderr` keeps the terminal.

    MediaPipe, TensorFlow Lite and Lab Streaming Layer write there always, over the terminal meter.
    """
    try:
        folder = platformdirs.user_log_path("mirror", appauthor=False, ensure_exists=True)
        target = os.open(folder / "native.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError:  # not needed unless hunting a bug
        target = os.open(os.devnull, os.O_WRONLY)
    terminal = os.dup(2)
    os.dup2(target, 2)
    os.close(target)
    sys.stderr = os.fdopen(terminal, "w", buffering=1, encoding="utf-8", errors="replace")
