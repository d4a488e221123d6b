"""Real sessions make no network connections and store only what was requested.

An audit hook records and refuses connections of Python; strace, where it is installed, records
those of native libraries.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import mirror
from mirror.capture.pose_model import provide_model
from tests.support.commands import WITHOUT_MEDIAPIPE

# Data sent to other kinds of sockets (of a window, of a log) stays on this machine.
WATCH = """
import sys
def watch(event, args):
    if event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = args[0]
    elif event in ("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"):
        address = args[1]
        if not isinstance(address, tuple):
            return
        host = address[0]
    else:
        return
    if str(host) not in ("127.0.0.1", "::1", "localhost"):
        with open("attempts", "a") as file:
            file.write(f"{event} {host}\\n")
        raise OSError(101, "the network is not there")
sys.addaudithook(watch)
"""

TERMINAL = "from mirror.cli.app import main; sys.argv[0] = 'mirror'; main()"

WINDOW = """
from pathlib import Path
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication
from mirror.session.start import SessionRequest
from ui.app import open_window
def look():
    (window,) = [each for each in QApplication.topLevelWidgets() if hasattr(each, "session")]
    if window.page is window.summary:
        window.finish()
    else:
        QTimer.singleShot(100, look)
import ui.app
def make(*args, make_application=ui.app.make_application):
    application = make_application(*args)
    QTimer.singleShot(200, look)
    return application
ui.app.make_application = make
a, b = sys.argv[1:]
sys.exit(open_window(SessionRequest(a=a, b=b, output=Path("s.mirror"), seconds=2.0)))
"""

_ADDRESS = re.compile(r'sin6?_addr=inet_(?:addr\("|pton\(AF_INET6, ")([^"]+)')


@pytest.fixture(scope="module", autouse=True)
def fetch_model() -> None:
    """Fetch the pose model before the first watched run."""
    provide_model(announce=print)


def run_watched(folder: Path, code: str, *words: str) -> tuple[list[str], list[str]]:
    """Run code in a folder; return its connection attempts and the files it leaves."""
    for each in ("session", "tmp", "log"):
        (folder / each).mkdir()
    command = [sys.executable, "-c", WATCH + code, *words]
    trace = folder / "trace"
    if shutil.which("strace"):
        calls = "trace=connect,bind,sendto,sendmsg,sendmmsg"
        # Stops at these calls alone: at every call, the program takes half as long again.
        strace = ["strace", "-f", "--seccomp-bpf", "-qq", "-e", calls, "-o", str(trace)]
        command = [*strace, *command]
    done = subprocess.run(
        command,
        cwd=folder / "session",
        env=os.environ
        | {
            "PYTHONPATH": str(Path(mirror.__file__).parents[1]),
            "QT_QPA_PLATFORM": "offscreen",
            "TMPDIR": str(folder / "tmp"),
            "XDG_STATE_HOME": str(folder / "log"),
            "XDG_CONFIG_HOME": str(folder / "log"),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    attempts = folder / "session" / "attempts"
    tried = attempts.read_text().splitlines() if attempts.exists() else []
    if trace.exists():
        for line in trace.read_text().splitlines():
            found = _ADDRESS.search(line)
            if found and not found[1].startswith(("127.", "::1")):
                tried.append(line)
    left = [str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file()]
    return tried, sorted(set(left) - {"trace", "session/attempts"})


SESSION = ("--no-window", "--seconds", "2", "-o", "s.mirror")


def test_terminal_session_connects_to_nothing_and_stores_no_frame(
    tmp_path: Path, slow_pair: tuple[Path, Path]
) -> None:
    attempts, left = run_watched(tmp_path, TERMINAL, "live", *map(str, slow_pair), *SESSION)
    assert attempts == []
    logs = ["log/mirror/log/mirror.log", "log/mirror/log/native.log"]
    assert left == [*logs, "session/s.mirror"]
    assert {stat.S_IMODE((tmp_path / each).stat().st_mode) for each in logs} == {0o600}
    assert "s.mirror" not in (tmp_path / logs[0]).read_text()
    path = tmp_path / "session" / "s.mirror"
    assert path.stat().st_size < 1_000_000
    for magic in (b"\xff\xd8\xff", b"\x89PNG", b"ftyp", b"WEBP", b"GIF8"):
        assert magic not in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_window_session_connects_to_nothing_and_stores_no_frame(
    tmp_path: Path, slow_pair: tuple[Path, Path]
) -> None:
    attempts, left = run_watched(tmp_path, WINDOW, *map(str, slow_pair))
    assert attempts == []
    assert [each for each in left if not each.startswith("log/")] == ["session/s.mirror"]


def test_videos_are_private_and_marked_in_the_name(
    tmp_path: Path, slow_pair: tuple[Path, Path]
) -> None:
    words = ("live", *map(str, slow_pair), *SESSION, "--video")
    _, left = run_watched(tmp_path, WITHOUT_MEDIAPIPE, *words)
    kept = [each for each in left if each.startswith("session/")]
    assert kept == [
        "session/s.video.a.mp4",
        "session/s.video.b.mp4",
        "session/s.video.mirror",
    ]
    for each in kept:
        assert stat.S_IMODE((tmp_path / each).stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.create_connection(('192.0.2.1', 9), 0.1)",
        "import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 9))",
    ],
)
def test_connection_of_python_is_detected(tmp_path: Path, attempt: str) -> None:
    code = f"\ntry:\n    {attempt}\nexcept OSError:\n    pass\n"
    attempts, _ = run_watched(tmp_path, code)
    assert attempts


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_connection_of_native_code_is_detected(tmp_path: Path) -> None:
    code = """
import ctypes
libc = ctypes.CDLL(None)
address = bytes([2, 0, 0, 9, 192, 0, 2, 1]) + bytes(8)
libc.connect(libc.socket(2, 2, 0), address, 16)
"""
    attempts, _ = run_watched(tmp_path, code)
    assert len(attempts) == 1
    assert "192.0.2.1" in attempts[0]
