"""Run the command line: in a process of its own, or in this one where that makes no difference."""

from __future__ import annotations

import fcntl
import os
import re
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Sequence
from contextlib import ExitStack, chdir
from pathlib import Path
from typing import Any
from unittest.mock import patch

import av
from typer.testing import CliRunner

import mirror
from mirror.capture import Source
from mirror.cli.app import app
from mirror.errors import MirrorError

# Found without being installed, whatever folder the command is typed in.
_HERE = {
    "PYTHONPATH": str(Path(mirror.__file__).parents[1]),
    "COLUMNS": "100",
    "QT_QPA_PLATFORM": "offscreen",  # nobody sees a window: sessions run in the terminal
}
_PATIENCE = 60.0  # seconds after which a command counts as hanging
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07")


class Terminal:
    """A terminal of a given size for one command to draw on, given as its stdout or stderr."""

    def __init__(self, columns: int = 80, lines: int = 24) -> None:
        self._master, self.slave = os.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self._drawn = b""
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)

    def attach(self) -> None:
        """Leave the terminal to the command that was started on it."""
        os.close(self.slave)
        self._reader.start()

    def wait_for(self, pattern: str) -> None:
        """Wait until the command has drawn something."""
        with self._changed:
            seen = self._changed.wait_for(lambda: re.search(pattern, self._text()), _PATIENCE)
        assert seen, self._text()

    def whole(self) -> str:
        """All that the command drew until it ended, without colours."""
        self._reader.join(_PATIENCE)
        return self._text()

    def _text(self) -> str:
        return _CONTROL.sub("", self._drawn.decode(errors="replace")).replace("\r", "\n")

    def _read(self) -> None:
        part = b"-"
        while part:
            try:
                part = os.read(self._master, 65536)
            except OSError:  # how Linux says that the command has ended
                part = b""
            with self._changed:
                self._drawn += part
                self._changed.notify()
        os.close(self._master)


def start(*words: object, folder: Path, **how: Any) -> subprocess.Popen[str]:
    """Type ``mirror …`` in a folder, and do not wait for it."""
    environment = os.environ | _HERE | how.pop("environment", {})
    streams = {name: how.pop(name, subprocess.PIPE) for name in ("stdout", "stderr")}
    terminals = {each for each in streams.values() if isinstance(each, Terminal)}
    process = subprocess.Popen(
        [sys.executable, "-m", "mirror", *map(str, words)],
        cwd=folder,
        env=environment,
        text=True,
        **{name: each.slave if each in terminals else each for name, each in streams.items()},
        **{"encoding": "utf-8"} | how,
    )
    for terminal in terminals:
        terminal.attach()
    return process


def run(*words: object, folder: Path, **how: Any) -> subprocess.CompletedProcess[str]:
    """Type ``mirror …`` in a folder, and wait until it has ended."""
    with start(*words, folder=folder, **how) as process:
        out, err = finish(process)
    return subprocess.CompletedProcess(words, process.returncode, out, err)


def run_here(*words: object, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run ``mirror …`` in a folder, in this process: seconds faster than `run`.

    Standard error is not redirected, so this is not for commands that run MediaPipe.
    """
    with ExitStack() as undo:
        undo.enter_context(chdir(folder))
        for module in ("run", "machine", "validate"):
            undo.enter_context(patch(f"mirror.cli.{module}.redirect_native_stderr"))
        done = CliRunner().invoke(app, list(map(str, words)), env=_HERE, prog_name="mirror")
    stderr, error = done.stderr, done.exception
    if isinstance(error, MirrorError):
        stderr += f"mirror: {' '.join(str(error).splitlines())}\n"
    elif error is not None and not isinstance(error, SystemExit):
        raise error
    return subprocess.CompletedProcess(words, done.exit_code, done.stdout, stderr)


def finish(process: subprocess.Popen[str]) -> tuple[str, str]:
    """What a command still prints until it ends; one that hangs is killed, and fails the test."""
    try:
        return process.communicate(timeout=_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        raise


def complaint(finished: subprocess.CompletedProcess[str]) -> str:
    """The one line on stderr of a command that failed as it should."""
    assert finished.returncode == 1, finished
    (line,) = finished.stderr.splitlines()
    assert line.startswith("mirror: ")
    return line


def film(path: Path, source: Source, options: dict[str, str] | None = None) -> Path:
    """Write a source of 640 by 480 pixels into a small H.264 file."""
    with av.open(str(path), "w", options=options or {}) as file:
        stream = file.add_stream("libx264", rate=30, options={"preset": "ultrafast", "g": "15"})
        stream.width, stream.height, stream.pix_fmt = 640, 480, "yuv420p"
        for frame in source:
            file.mux(stream.encode(av.VideoFrame.from_ndarray(frame.image, format="rgb24")))
        file.mux(stream.encode())
    return path


def recordings(folder: Path) -> Sequence[str]:
    """The recordings in a folder and below, and whatever SQLite left beside them."""
    return sorted(each.name for each in folder.rglob("*.mirror*"))
