from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

import pytest
from PyQt6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from ui.runtime.process import ExceptHook


@pytest.fixture
def hook() -> Iterator[ExceptHook]:
    hook = ExceptHook()
    yield hook
    hook.close()


def fail() -> None:
    raise ZeroDivisionError("two\nlines")


def test_bug_in_slot_is_shown_and_printed(
    qtbot: QtBot, hook: ExceptHook, capsys: pytest.CaptureFixture[str]
) -> None:
    with qtbot.waitSignal(hook.caught) as signal:
        QTimer.singleShot(0, fail)
    text, kind = signal.args
    assert kind == "error"
    assert "ZeroDivisionError: two lines" in text
    printed = capsys.readouterr().err
    assert "Traceback" in printed
    assert "in fail" in printed


def test_bug_on_thread_is_signalled_on_main_thread(
    qtbot: QtBot, hook: ExceptHook, capsys: pytest.CaptureFixture[str]
) -> None:
    threads: list[threading.Thread] = []
    hook.caught.connect(lambda *_: threads.append(threading.current_thread()))
    with qtbot.waitSignal(hook.caught) as signal:
        threading.Thread(target=fail).start()
    assert "ZeroDivisionError" in signal.args[0]
    assert threads == [threading.main_thread()]
    assert "Traceback" in capsys.readouterr().err


def test_close_restores_hooks() -> None:
    before = (sys.excepthook, threading.excepthook)
    hook = ExceptHook()
    assert sys.excepthook != before[0]
    hook.close()
    assert (sys.excepthook, threading.excepthook) == before
