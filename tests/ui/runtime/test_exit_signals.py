from __future__ import annotations

import signal
import sys
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from ui.runtime.process import ExitSignals

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are sent another way")


@pytest.fixture
def exit_signals() -> Iterator[ExitSignals]:
    exit_signals = ExitSignals()
    yield exit_signals
    exit_signals.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_reaches_the_event_loop(
    qtbot: QtBot, exit_signals: ExitSignals, number: signal.Signals
) -> None:
    with qtbot.waitSignal(exit_signals.received, timeout=10_000):
        signal.raise_signal(number)


def test_second_signal_has_default_handler(qtbot: QtBot, exit_signals: ExitSignals) -> None:
    with qtbot.waitSignal(exit_signals.received, timeout=10_000):
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) == signal.SIG_DFL
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_close_restores_handlers() -> None:
    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    exit_signals = ExitSignals()
    assert signal.getsignal(signal.SIGINT) != before[signal.SIGINT]
    exit_signals.close()
    assert {each: signal.getsignal(each) for each in before} == before
    descriptor = signal.set_wakeup_fd(-1)
    assert descriptor == -1
