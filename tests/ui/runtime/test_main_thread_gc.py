from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ui.runtime.process import MainThreadGC

N_OBJECTS = 20_000  # far above the collector's threshold


@pytest.fixture
def main_thread_gc(qtbot: QtBot) -> Iterator[MainThreadGC]:
    gc.collect()
    gc.enable()  # conftest disables it for these tests
    collector = MainThreadGC()
    yield collector
    collector.close()
    gc.disable()


class CyclicWindow(QWidget):
    """A window that refers to itself."""

    def __init__(self) -> None:
        super().__init__()
        self.myself = self


def dropped_window(ends: list[str]) -> None:
    """Create an unreferenced window in a cycle; add the thread that destroys it to `ends`."""
    window = CyclicWindow()
    window.windowTitleChanged.connect(lambda _title: window.show())
    weakref.finalize(window, lambda: ends.append(threading.current_thread().name))


def make_objects(kept: list[list[int]]) -> None:
    kept += [[number] for number in range(N_OBJECTS)]


def test_window_is_destroyed_on_main_thread(qtbot: QtBot, main_thread_gc: MainThreadGC) -> None:
    ends: list[str] = []
    dropped_window(ends)
    kept: list[list[int]] = []
    pose = threading.Thread(target=make_objects, args=(kept,), name="pose")
    pose.start()
    pose.join()
    assert ends == []
    qtbot.waitUntil(lambda: ends == ["MainThread"])


def test_close_restores_automatic_collection(qtbot: QtBot, main_thread_gc: MainThreadGC) -> None:
    assert not gc.isenabled()
    main_thread_gc.close()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
    ends: list[str] = []
    dropped_window(ends)
    make_objects([])
    assert ends == ["MainThread"]
