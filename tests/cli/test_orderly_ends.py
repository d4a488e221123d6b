"""Sessions end properly however they are stopped, in real processes."""

from __future__ import annotations

import json
import os
import runpy
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import mirror
from mirror import Recording
from mirror._support import process
from mirror.recording.library import list_recordings
from tests.support.commands import WITHOUT_MEDIAPIPE, Terminal, finish, start
from tests.support.recordings import make_recording

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")

WINDOW = """
import sys
from pathlib import Path
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication
from mirror.session.start import SessionRequest
import mirror.session.start
import ui.app
from tests.support.fakes import Waving
if sys.argv[1] != "signal":
    mirror.session.start.PoseTracker = Waving
def running():
    for each in QApplication.topLevelWidgets():
        run = getattr(getattr(each, "session", None), "_runner", None)
        if run is not None and run.session is not None and run.session.now() > 1:
            print("running", flush=True)
            if sys.argv[1] == "quit":
                QApplication.exit(0)
            if sys.argv[1] == "log out":
                QApplication.instance().commitDataRequest.emit(None)
                import os
                os._exit(0)
            return
    QTimer.singleShot(50, running)
make_application = ui.app.make_application
def make():
    application = make_application()
    QTimer.singleShot(50, running)
    return application
ui.app.make_application = make
a, b = sys.argv[2:]
sys.exit(ui.app.open_window(SessionRequest(a=a, b=b, output=Path("s.mirror"))))
"""


def ended_properly(folder: Path) -> bool:
    assert [each.name for each in folder.iterdir()] == ["s.mirror"]
    with Recording.open(folder / "s.mirror") as recording:
        assert recording.counts()["a"][0] > 0
        return "quality" in recording.session


def test_interrupt_ends_terminal_session(tmp_path: Path, slow_pair: tuple[Path, Path]) -> None:
    """The other signals do it in test_app.py; a terminal's end is below."""
    terminal = Terminal(100, 40)
    words = ("live", *slow_pair, "--no-window", "-o", "s.mirror")
    with start(*words, folder=tmp_path, stdout=terminal) as process:
        terminal.wait_for(r" 0:0[1-9]")
        process.send_signal(signal.SIGINT)
        _, errors = finish(process)
    assert (process.returncode, errors) == (0, "")
    assert "Recorded in s.mirror" in terminal.full_text()
    assert ended_properly(tmp_path)


@pytest.mark.parametrize(
    ("command", "number"),
    [(("live", "--no-window"), signal.SIGINT), (("analyze",), signal.SIGTERM)],
)
def test_signal_ends_command_waiting_for_source(
    tmp_path: Path, number: signal.Signals, command: tuple[str, ...]
) -> None:
    pipe = tmp_path / "pipe.mp4"
    os.mkfifo(pipe)
    words = (*command, pipe, "demo:b", "-o", "s.mirror")
    with start(*words, folder=tmp_path) as process:
        writer = os.open(pipe, os.O_WRONLY)  # waits until the command reads
        process.send_signal(number)
        output = "".join(finish(process))
        os.close(writer)
    assert process.returncode == -number
    assert "Traceback" not in output
    assert [each.name for each in tmp_path.iterdir()] == ["pipe.mp4"]


def test_closed_terminal_ends_session(tmp_path: Path, slow_pair: tuple[Path, Path]) -> None:
    pid, terminal = os.forkpty()
    if pid == 0:
        os.chdir(tmp_path)
        folder = str(Path(mirror.__file__).parents[1])
        environment = os.environ | {"PYTHONPATH": folder, "QT_QPA_PLATFORM": "offscreen"}
        words = ["-c", WITHOUT_MEDIAPIPE, "live", *map(str, slow_pair), "-o", "s.mirror"]
        os.execve(sys.executable, [sys.executable, *words], environment)
    drawn = b""
    while b" 0:01" not in drawn:
        drawn += os.read(terminal, 65536)
    os.close(terminal)
    os.waitpid(pid, 0)
    assert ended_properly(tmp_path)


def start_window(folder: Path, pair: tuple[Path, Path], how: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WINDOW, how, *map(str, pair)],
        cwd=folder,
        env=os.environ
        | {
            "PYTHONPATH": str(Path(mirror.__file__).parents[1]),
            "QT_QPA_PLATFORM": "offscreen",
            "XDG_CONFIG_HOME": str(folder.parent / "configuration"),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_signal_ends_window_session(tmp_path: Path, slow_pair: tuple[Path, Path]) -> None:
    """Which signals the window takes is in tests/ui/runtime/test_exit_signals.py."""
    folder = tmp_path / "session"
    folder.mkdir()
    with start_window(folder, slow_pair, "signal") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "running\n"
        process.terminate()
        _, errors = finish(process)
    assert (process.returncode, errors) == (0, "")
    assert ended_properly(folder)
    (kept,) = list_recordings(folder)
    assert kept.is_complete
    with Recording.open(kept.path) as recording:
        assert min(frames for frames, _ in recording.counts().values()) > 0


@pytest.mark.parametrize("how", ["quit", "log out"])
def test_desktop_logout_ends_window_session(
    tmp_path: Path, slow_pair: tuple[Path, Path], how: str
) -> None:
    folder = tmp_path / "session"
    folder.mkdir()
    with start_window(folder, slow_pair, how) as process:
        _, errors = finish(process)
    assert process.returncode == 0, errors
    assert ended_properly(folder)


BUSY_THREADS = """
import sys, threading
import cv2, numpy
from mirror.cli.app import main
image = numpy.zeros((480, 640, 3), numpy.uint8)
started = threading.Semaphore(0)
def read():
    started.release()
    while True:
        cv2.GaussianBlur(image, (31, 31), 0)
for _ in range(6):
    threading.Thread(target=read, daemon=True).start()
    started.acquire()
sys.argv = ["mirror", "info", "--json", sys.argv[1]]
main()
"""


@pytest.mark.parametrize("recording", ["there", "missing"])
def test_busy_native_threads_do_not_crash_exit(tmp_path: Path, recording: str) -> None:
    path = make_recording(tmp_path / "s.mirror", seconds=2)
    if recording == "missing":
        path.unlink()
    done = subprocess.run(
        [sys.executable, "-c", BUSY_THREADS, str(path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if recording == "there":
        assert (done.returncode, done.stderr) == (0, "")
        assert json.loads(done.stdout)["session"]["labels"] == {"a": "Anna", "b": "Ben"}
    else:
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == f"mirror: there is no recording {path}\n"


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="Windows has no terminals that hang up")
def test_a_closed_terminal_ends_nothing_under_nohup() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        stops = runpy.run_path(process.__file__)["STOP_SIGNALS"]
    finally:
        signal.signal(signal.SIGHUP, before)
    assert stops == (signal.SIGINT, signal.SIGTERM)
    assert signal.SIGHUP in process.STOP_SIGNALS


def test_interrupt_while_libraries_are_loaded_is_silent() -> None:
    """Which takes a second, and more on a slow disk."""
    interrupted = (
        "import builtins, os, signal\n"
        "load = builtins.__import__\n"
        "def interrupt(name, *rest):\n"
        "    if name == 'mirror.cli.app':\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "    return load(name, *rest)\n"
        "builtins.__import__ = interrupt\n"
        "import mirror.__main__\n"
    )
    place = {"PYTHONPATH": str(Path(mirror.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", interrupted],
        env=os.environ | place,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, b"", b"")
