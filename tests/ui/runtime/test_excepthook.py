from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

import pytest
from PyQt6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from ui.runtime.excepthook import Faults


@pytest.fixture
def faults() -> Iterator[Faults]:
    made = Faults()
    yield made
    made.close()


def fail() -> None:
    raise ZeroDivisionError("two\nlines")


def test_bug_in_a_slot_is_said_and_printed(
    qtbot: QtBot, faults: Faults, capsys: pytest.CaptureFixture[str]
) -> None:
    with qtbot.waitSignal(faults.found) as said:
        QTimer.singleShot(0, fail)
    text, kind = said.args
    assert kind == "error"
    assert "ZeroDivisionError: two lines" in text
    printed = capsys.readouterr().err
    assert "Traceback" in printed
    assert "in fail" in printed


def test_bug_on_a_thread_is_said_in_the_window(
    qtbot: QtBot, faults: Faults, capsys: pytest.CaptureFixture[str]
) -> None:
    where: list[threading.Thread] = []
    faults.found.connect(lambda *_: where.append(threading.current_thread()))
    with qtbot.waitSignal(faults.found) as said:
        threading.Thread(target=fail).start()
    assert "ZeroDivisionError" in said.args[0]
    assert where == [threading.main_thread()]
    assert "Traceback" in capsys.readouterr().err


def test_python_has_its_own_hooks_again_afterwards() -> None:
    before = (sys.excepthook, threading.excepthook)
    faults = Faults()
    assert sys.excepthook != before[0]
    faults.close()
    assert (sys.excepthook, threading.excepthook) == before
