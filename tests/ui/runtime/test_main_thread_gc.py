from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ui.runtime.main_thread_gc import Collecting

MANY = 20_000  # far more objects than make Python look for cycles


@pytest.fixture
def collecting(qtbot: QtBot) -> Iterator[Collecting]:
    gc.collect()
    gc.enable()  # as in a program, and not as in these tests
    made = Collecting()
    yield made
    made.close()
    gc.disable()


def dropped_window(ends: list[str]) -> None:
    """A window in a cycle, which nobody holds any more; `ends` gets the thread that it ends on."""
    window = QWidget()
    window.myself = window
    window.windowTitleChanged.connect(lambda _title: window.show())
    weakref.finalize(window, lambda: ends.append(threading.current_thread().name))


def make_objects(kept: list[list[int]]) -> None:
    kept += [[number] for number in range(MANY)]


def test_a_window_ends_on_its_own_thread_whichever_makes_objects(
    qtbot: QtBot, collecting: Collecting
) -> None:
    ends: list[str] = []
    dropped_window(ends)
    kept: list[list[int]] = []
    pose = threading.Thread(target=make_objects, args=(kept,), name="pose")
    pose.start()
    pose.join()
    assert ends == []
    qtbot.waitUntil(lambda: ends == ["MainThread"])


def test_python_looks_for_cycles_again_afterwards(qtbot: QtBot, collecting: Collecting) -> None:
    assert not gc.isenabled()
    collecting.close()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
    ends: list[str] = []
    dropped_window(ends)
    make_objects([])
    assert ends == ["MainThread"]
