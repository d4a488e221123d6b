"""A part of the screen as a source, with a fake screen and on a real X server."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from mss.exception import ScreenShotError

from mirror.capture import open_pair, open_source, parse
from mirror.capture import screen as screens
from mirror.capture.address import both_people
from mirror.capture.base import FeedSource, Frame
from mirror.errors import SourceError
from mirror.session.feeds import FeedState
from mirror.wording import CALL

_PLAYER = """
import sys
from PyQt6.QtCore import QTimer
from PyQt6.QtGui import QColor, QPainter
from PyQt6.QtWidgets import QApplication, QWidget
app = QApplication([])
class Tile(QWidget):
    count = 0
    def paintEvent(self, _):
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self.colour))
        painter.fillRect(5 * (self.count % 30), 20, 10, 10, QColor("white"))
    def advance(self):
        self.count += 1
        self.update()
tiles = []
for x, colour, fps in ((0, "#800000", 10), (320, "#000080", 20)):
    tile = Tile()
    tile.colour = colour
    tile.setWindowFlags(tile.windowFlags())
    tile.setGeometry(x, 0, 300, 200)
    tile.show()
    timer = QTimer(tile, interval=round(1000 / fps))
    timer.timeout.connect(tile.advance)
    timer.start()
    tiles.append(tile)
QTimer.singleShot(0, lambda: print("ready", flush=True))
app.exec()
"""


class FakeScreen:
    """Two screens beside each other, of which each picture shows its number in red."""

    pictures = 0
    every = 1  # how many grabs show the same picture

    def __init__(self) -> None:
        self.monitors = [
            {"left": 0, "top": 0, "width": 300, "height": 100},
            {"left": 0, "top": 0, "width": 200, "height": 100},
            {"left": 200, "top": 0, "width": 100, "height": 80},
        ]

    def grab(self, box: tuple[int, int, int, int]) -> SimpleNamespace:
        FakeScreen.pictures += 1
        width, height = box[2] - box[0], box[3] - box[1]
        image = np.zeros((height, width, 4), np.uint8)
        image[..., 2] = FakeScreen.pictures // self.every
        image[..., 1] = np.arange(box[0], box[2]) % 256
        return SimpleNamespace(bgra=image.tobytes(), width=width, height=height)

    def __enter__(self) -> FakeScreen:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        pass


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[FakeScreen]]:
    monkeypatch.setattr(screens, "MSS", FakeScreen)
    for name in ("XDG_SESSION_TYPE", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    FakeScreen.pictures, FakeScreen.every = 0, 1
    yield FakeScreen
    screens.hide_own_windows()


def frames(source: FeedSource, count: int) -> list[Any]:
    return [source.read() for _ in range(count)]


def test_only_the_part_that_is_asked_for_is_read(fake: type[FakeScreen]) -> None:
    with open_source("screen:2#xywh=10,20,40,30") as source:
        first, second = frames(source, 2)
    assert first.image.shape == (30, 40, 3)
    assert first.image[0, 0, 1] == 210
    assert first.image[0, 0, 0] < second.image[0, 0, 0]  # red first
    assert second.time - first.time >= 0.4 / 30


def test_pictures_that_repeat_are_left_out_and_counted(fake: type[FakeScreen]) -> None:
    fake.every = 3
    with open_source("screen:1") as source:
        first, second, third = frames(source, 3)
        assert third.time - second.time > 1.5 / 30
        assert third.image[0, 0, 0] == first.image[0, 0, 0] + 2
        assert FeedState(source).status(0.0).repeated == 2  # pictures of the second frame
        assert source.notes == (CALL,)
        assert source.rate is None  # 12 frames a second are no trouble of a call
    assert source.notes[0].startswith("screen:1: frames in which nothing had changed")
    assert source.notes[0].endswith(": 2")


def test_own_window_is_black(fake: type[FakeScreen]) -> None:
    screens.hide_own_windows((190, 10, 250, 60), (500, 500, 510, 510))
    with open_source("screen:2") as source:
        image = frames(source, 1)[0].image
        assert source.trouble == "windows of this program cover it: move them aside"
        screens.hide_own_windows((190, 10, 202, 60))
        assert frames(source, 1)[0].image[10:60, 2:, 0].all()
        assert source.trouble is None
    assert not image[10:60, :50].any()
    assert image[60:, :, 0].all()
    assert image[:, 50:, 0].all()


def test_two_tiles_are_read_apart_and_people_together(fake: type[FakeScreen]) -> None:
    pair = open_pair("screen:1#xywh=0,0,100,100", "screen:1#xywh=100,0,100,100")
    assert [frames(each, 1)[0].image[0, 0, 1] for each in pair] == [0, 100]
    for each in pair:
        each.close()
    both = both_people("screen:1#people&xywh=0,0,150,100")
    assert both is not None
    pair = open_pair(*both)
    assert frames(pair[0], 1)[0].image.shape == (100, 150, 3)
    pair[0].close()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("screen:3", "there are 2 screens"),
        ("screen:0", "the first is screen:1"),
        ("screen:1#t=5", "a screen has no beginning"),
        ("screen:2#xywh=95,0,20,20", "the crop leaves 5x20"),
    ],
)
def test_screens_that_are_not_there_are_refused(
    fake: type[FakeScreen], text: str, message: str
) -> None:
    with pytest.raises(SourceError, match=message):
        open_source(text)


@pytest.mark.parametrize(
    "variables",
    [
        {"XDG_SESSION_TYPE": "wayland"},
        {"XDG_SESSION_TYPE": "tty", "WAYLAND_DISPLAY": "wayland-1", "DISPLAY": ":0"},
    ],
)
def test_wayland_is_refused_in_words(
    fake: type[FakeScreen], monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SourceError, match="log in to an X11 session, or give the call's window"):
        open_source("screen:1")
    with pytest.raises(SourceError, match="the same part"):
        open_pair("screen:1#left", "screen:1")
    assert parse("screen:1#delay=0.2").delay == 0.2


@pytest.mark.parametrize(
    ("platform", "fix"),
    [("darwin", "allow it in System Settings"), ("linux", "start from the desktop itself")],
)
def test_screen_that_cannot_be_read_says_the_fix(
    fake: type[FakeScreen], monkeypatch: pytest.MonkeyPatch, platform: str, fix: str
) -> None:
    def fail() -> None:
        raise ScreenShotError("no display")

    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(screens, "MSS", fail)
    with pytest.raises(SourceError, match=rf"cannot be read \(no display\); {fix}"):
        open_source("screen:1")


@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="no Xvfb")
def test_tiles_of_a_real_screen_come_at_their_own_rates(monkeypatch: pytest.MonkeyPatch) -> None:
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "640x240x24"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        with os.fdopen(read) as lines:
            display = f":{lines.readline().strip()}"
        for name in ("XDG_SESSION_TYPE", "WAYLAND_DISPLAY"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("DISPLAY", display)
        player = subprocess.Popen(
            [sys.executable, "-c", _PLAYER],
            stdout=subprocess.PIPE,
            env=os.environ | {"QT_QPA_PLATFORM": "xcb"},
        )
        try:
            assert player.stdout is not None
            assert player.stdout.readline() == b"ready\n"
            a, b = open_pair("screen:1#xywh=0,0,300,200", "screen:1#xywh=320,0,300,200")
            until, seen = time.monotonic() + 2.0, [0, 0]
            while time.monotonic() < until:
                for number, source in enumerate((a, b)):
                    frame = source.read()
                    assert isinstance(frame, Frame)
                    assert frame.image[150, 150].argmax() == (0 if number == 0 else 2)
                    seen[number] += 1
            a.close()
            b.close()
            assert min(seen) > 5
        finally:
            player.kill()
            player.wait()
            assert player.stdout is not None
            player.stdout.close()
    finally:
        server.kill()
        server.wait()
