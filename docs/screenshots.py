"""The README's pictures of the window, from a real session of the demo: ``make screenshots``.

It takes three minutes, as long as the demo and an exercise, and needs no display.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PyQt6.QtCore import QEventLoop, QSettings, QSize, QTimer
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QWidget

from mirror._support.process import redirect_native_stderr
from mirror.capture.synthetic.demo import LENGTH
from mirror.practice.library import find_exercise
from mirror.session.start import SessionRequest, start_offline
from mirror.validation.one_picture import RATE, clip
from tests.support.one_picture import ClipSource
from tests.support.rendered import encode_video
from ui.app import make_application
from ui.main_window import MainWindow
from ui.shell.preferences import Preferences
from ui.shell.shortcuts import Keys
from ui.shell.theme import theme

FOLDER: Final = Path(__file__).parent
SIZE: Final = QSize(1280, 800)
NAME: Final = "2026-11-23_10-15-02.mirror"


def take(folder: Path) -> None:
    """Every picture, in the order of a session."""
    preferences = Preferences(
        QSettings(str(folder / "preferences.ini"), QSettings.Format.IniFormat)
    )
    preferences.recordings_folder = folder
    preferences.tour_seen = preferences.full_view = True
    theme().choose("light")
    window = MainWindow(preferences, Keys(preferences))
    window.resize(SIZE)
    window.show()
    window.open(
        SessionRequest(
            a="demo:a", b="demo:b", labels=("Anna", "Ben"), output=folder / NAME, title="demo"
        )
    )
    until(window.session.view.isVisible)
    begun = time.monotonic()

    def at(second: float) -> None:
        until(lambda: time.monotonic() - begun >= second)

    at(12)
    window.session.show_coach()
    until(window.session.coaching.view.isVisible)
    at(13)
    save(window.session.coaching.view, "window-coach.png")
    window.session.coaching.view.close()
    at(41)
    save(window, "window-session.png")
    at(LENGTH - 1)
    with_signal(window.summary.shown.connect, window.session.stop)
    settle()
    while window.messages.isVisible():  # how many frames this computer could follow
        window.messages.dismiss()
    save(window, "window-summary.png")
    theme().choose("dark")
    with_signal(window.replay.opened.connect, lambda: window.open_recording(folder / NAME, 24.0))
    settle()
    save(window, "window-replay-dark.png")
    window.close()
    take_exercise(folder, preferences)
    take_one_picture(folder, preferences)


def take_exercise(folder: Path, preferences: Preferences) -> None:
    """Take the simple view while the demo's trainee holds the goal, in the second round."""
    preferences.full_view = False
    theme().choose("light")
    exercise = find_exercise("be-my-mirror")
    window = MainWindow(preferences, Keys(preferences))
    window.resize(SIZE)
    window.show()
    window.open(
        SessionRequest(
            a=f"demo:a#exercise={exercise.name}",
            b=f"demo:b#exercise={exercise.name}",
            labels=("Anna", "Ben"),
            output=folder / "exercise.mirror",
            exercise=exercise,
        )
    )
    until(window.session.view.isVisible)
    start_s, end_s = exercise.schedule(0.0)[1]
    begun = time.monotonic()
    until(lambda: time.monotonic() - begun >= start_s + 0.8 * (end_s - start_s))
    save(window, "window-exercise.png")
    with_signal(window.summary.shown.connect, window.session.stop)
    settle()
    window.close()


def take_one_picture(folder: Path, preferences: Preferences) -> None:
    """Take the replay of two people who crossed in one picture."""
    room = encode_video(folder / "room.mp4", ClipSource(clip(0)), round(RATE))
    both = (f"{room}#person={number}" for number in (1, 2))
    path = folder / "room.mirror"
    request = SessionRequest(
        **dict(zip("ab", both, strict=True)), labels=("Anna", "Ben"), output=path, video=True
    )
    session = start_offline(request, print)
    list(session.run())
    assert session.result is not None
    assert session.result.path is not None
    window = MainWindow(preferences, Keys(preferences))
    window.resize(SIZE)
    window.show()
    recorded = session.result.path
    with_signal(window.replay.opened.connect, lambda: window.open_recording(recorded, 6.5))
    settle()
    save(window, "window-one-picture.png")
    window.close()


def save(widget: QWidget, name: str) -> None:
    """One picture, packed as tightly as PNG can be."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    image.save(str(FOLDER / name), "PNG", 0)


def until(condition: Callable[[], bool]) -> None:
    """Let the window live until something is true."""
    loop, look = QEventLoop(), QTimer()
    look.timeout.connect(lambda: condition() and loop.quit())
    look.start(20)
    loop.exec()


def with_signal(connect: Callable[[Callable[[], None]], object], act: Callable[[], object]) -> None:
    """Do something, and let the window live until the signal that tells of its end."""
    loop = QEventLoop()
    connect(loop.quit)
    act()
    loop.exec()


def settle() -> None:
    """Let the window paint, and read what it reads in the background."""
    shown = time.monotonic()
    until(lambda: time.monotonic() - shown > 2)


def main() -> int:
    """Take the pictures on a screen that nobody sees, of the size that they have."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        screen = Path(folder) / "screen.json"
        screens = [{"name": "none", "x": 0, "y": 0, "width": 1280, "height": 800, "dpr": 1}]
        screen.write_text(json.dumps({"screens": screens}))
        os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={screen}"
        application = make_application()
        redirect_native_stderr()
        take(Path(folder))
        del application
    return 0


if __name__ == "__main__":
    sys.exit(main())
