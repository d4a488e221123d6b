"""Run the command line, in a new process or in this one."""

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

from typer.testing import CliRunner

import mirror
from mirror.cli.app import app
from mirror.errors import MirrorError
from mirror.session.watchdog import ADVICE
from tests.support.fakes import Waving

WITHOUT_MEDIAPIPE = """
import sys
import mirror.session.start
from mirror.cli.app import main
from tests.support.fakes import Waving
mirror.session.start.PoseTracker = Waving
sys.argv[0] = "mirror"
main()
"""
"""For tests whose point is not what is seen: MediaPipe costs each seconds of computing."""

# Finds mirror in any working folder without installing it.
_ENVIRONMENT = {
    "PYTHONPATH": str(Path(mirror.__file__).parents[1]),
    "COLUMNS": "100",
    "QT_QPA_PLATFORM": "offscreen",  # without a window, sessions run in the terminal
}
_TIMEOUT_S = 60.0
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07")


class Terminal:
    """A pseudo-terminal to pass as the stdout or stderr of one command."""

    def __init__(self, columns: int = 80, lines: int = 24) -> None:
        self._master, self.slave = os.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self._drawn = b""
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)

    def attach(self) -> None:
        """Start to read what the command draws."""
        os.close(self.slave)
        self._reader.start()

    def wait_for(self, pattern: str) -> None:
        """Wait until the text matches a pattern."""
        with self._changed:
            match = self._changed.wait_for(lambda: re.search(pattern, self._text()), _TIMEOUT_S)
        assert match, self._text()

    def full_text(self) -> str:
        """Return all that the command drew until it ended, without control sequences."""
        self._reader.join(_TIMEOUT_S)
        return self._text()

    def _text(self) -> str:
        return _CONTROL.sub("", self._drawn.decode(errors="replace")).replace("\r", "\n")

    def _read(self) -> None:
        part = b"-"
        while part:
            try:
                part = os.read(self._master, 65536)
            except OSError:  # the command has ended (Linux)
                part = b""
            with self._changed:
                self._drawn += part
                self._changed.notify()
        os.close(self._master)


def start(
    *words: object, folder: Path, mediapipe: bool = True, **how: Any
) -> subprocess.Popen[str]:
    """Start ``mirror …`` in a folder; without MediaPipe, everybody is seen to wave."""
    environment = os.environ | _ENVIRONMENT | how.pop("environment", {})
    if "preexec_fn" in how:  # a limited size of files would leave torn bytecode to later tests
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
    streams = {name: how.pop(name, subprocess.PIPE) for name in ("stdout", "stderr")}
    terminals = {each for each in streams.values() if isinstance(each, Terminal)}
    process = subprocess.Popen(
        [
            sys.executable,
            *(("-m", "mirror") if mediapipe else ("-c", WITHOUT_MEDIAPIPE)),
            *map(str, words),
        ],
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
    """Run ``mirror …`` in a folder and wait for its end."""
    with start(*words, folder=folder, **how) as process:
        out, err = finish(process)
    return subprocess.CompletedProcess([*map(str, words)], process.returncode, out, err)


def run_here(
    *words: object, folder: Path, answers: str | None = None, mediapipe: bool = True
) -> subprocess.CompletedProcess[str]:
    """Run ``mirror …`` in a folder in this process, seconds faster than `run`.

    Without MediaPipe, everybody is seen to wave.
    What native libraries write to standard error is not in the result: for them, use `run`.
    """
    with ExitStack() as undo:
        undo.enter_context(chdir(folder))
        if not mediapipe:
            undo.enter_context(patch("mirror.session.start.PoseTracker", Waving))
        for module in ("run", "machine", "validate", "clocks", "study"):
            undo.enter_context(patch(f"mirror.cli.{module}.redirect_native_stderr"))
        result = CliRunner().invoke(
            app, list(map(str, words)), answers, env=_ENVIRONMENT, prog_name="mirror"
        )
    stderr, error = result.stderr, result.exception
    if isinstance(error, MirrorError):
        stderr += f"mirror: {' '.join(str(error).splitlines())}\n"
    elif error is not None and not isinstance(error, SystemExit):
        raise error
    return subprocess.CompletedProcess(
        [*map(str, words)], result.exit_code, result.stdout, _without_pace(stderr)
    )


def finish(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Wait for a command and return its remaining output; kill it at the timeout."""
    try:
        out, err = process.communicate(timeout=_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    return out, _without_pace(err)


def _without_pace(text: str | None) -> str:
    """Return printed text without the notes that this machine, which tests keep busy, is slow."""
    return "".join(line for line in (text or "").splitlines(True) if ADVICE not in line)


def error_line(finished: subprocess.CompletedProcess[str]) -> str:
    """Return the single error line of a command that failed with status 1."""
    assert finished.returncode == 1, finished
    (line,) = finished.stderr.splitlines()
    assert line.startswith("mirror: ")
    return line


def recordings(folder: Path) -> Sequence[str]:
    """Return the names of all recordings below a folder, and of SQLite's files next to them."""
    return sorted(path.name for path in folder.rglob("*.mirror*"))
