from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ui.app import make_icon

ROOT = Path(__file__).parents[2]

# Runs in its own process; the argument is the path of a new recording.
_BEGIN = """
import os, signal, sys
from pathlib import Path
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication
from mirror.session.start import SessionRequest
from ui import app
from ui.shell.focus import FocusKeys
from ui.main_window import MainWindow

path = Path(sys.argv[1])
windows = []
class Watched(MainWindow):
    def __init__(self, *args):
        super().__init__(*args)
        windows.append(self)
        self.timer = QTimer(self)
        self.timer.timeout.connect(self.look)
        self.timer.start(50)
    def look(self):
        LOOK
app.MainWindow = Watched
sys.exit(app.open_window(REQUEST))
"""


def run(
    folder: Path, look: str, request: str, script: str = _BEGIN, **environment: str
) -> subprocess.CompletedProcess[str]:
    script = script.replace("LOOK", look).replace("REQUEST", request)
    return subprocess.run(
        [sys.executable, "-c", script, str(folder / "talk.mirror")],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=200,
        env=os.environ
        | {
            "QT_QPA_PLATFORM": "offscreen",
            "XDG_CONFIG_HOME": str(folder / "configuration"),
            "XDG_STATE_HOME": str(folder / "state"),
        }
        | environment,
    )


def test_import_loads_no_command_line() -> None:
    script = "import sys, ui.app; print(*sys.modules)"
    command = [sys.executable, "-c", script]
    output = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout
    modules = output.split()
    packages = {name.partition(".")[0] for name in modules}
    assert not packages & {"typer", "click", "rich"}
    assert not [name for name in modules if name.startswith(("mirror.cli", "mirror.validation"))]


def test_application_has_name_and_focus_keys_and_ends_with_its_window(tmp_path: Path) -> None:
    ended = run(
        tmp_path,
        "self.page is self.start and (print(QApplication.applicationName(), "
        "QApplication.desktopFileName(), QApplication.windowIcon().isNull(), "
        "len(QApplication.instance().findChildren(FocusKeys))), self.timer.stop(), self.close())",
        "None",
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.split() == ["mirror", "mirror", "False", "1"]


def test_garbage_of_startup_is_collected_while_window_is_open(tmp_path: Path) -> None:
    script = _BEGIN.replace(
        "windows.append(self)",
        "part = QTimer(); part.itself = part; weakref.finalize(part, print, 'ended', flush=True)",
    ).replace("import os,", "import weakref, os,")
    look = "self.looks = getattr(self, 'looks', 0) + 1; self.looks == 60 and os._exit(0)"
    ended = run(tmp_path, look, "None", script)
    assert (ended.stdout, ended.stderr) == ("ended\n", "")


def test_bug_is_shown_and_printed(tmp_path: Path) -> None:
    ended = run(
        tmp_path,
        "\n        ".join(
            [
                "",
                "if 'ZeroDivisionError' in self.messages.text:",
                "    self.timer.stop()",
                "    QTimer.singleShot(0, self.close)",
                "else:",
                "    1 / 0",
            ]
        ),
        "None",
    )
    assert ended.returncode == 0
    assert "Traceback" in ended.stderr
    assert "ZeroDivisionError: division by zero" in ended.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
def test_missing_display_is_one_line(tmp_path: Path) -> None:
    ended = run(tmp_path, "self.close()", "None", QT_QPA_PLATFORM="xcb", DISPLAY=":7777")
    assert ended.returncode == 1
    lines = ended.stderr.splitlines()
    assert len(lines) == 1
    assert ":7777" in lines[0]
    assert "--no-window" in lines[0]


def test_icon_has_usual_sizes(qtbot: object) -> None:
    sizes = {size.width() for size in make_icon().availableSizes()}
    assert {16, 32, 48, 256} <= sizes
    image = make_icon().pixmap(32, 32).toImage()
    colours = {image.pixelColor(x, 16).name() for x in (6, 16, 26)}
    assert len(colours) == 3
