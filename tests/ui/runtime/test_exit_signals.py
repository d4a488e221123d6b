from __future__ import annotations

import signal
import sys
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from ui.runtime.exit_signals import Interrupts

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are sent another way")


@pytest.fixture
def interrupts() -> Iterator[Interrupts]:
    made = Interrupts()
    yield made
    made.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_reaches_the_event_loop(
    qtbot: QtBot, interrupts: Interrupts, number: signal.Signals
) -> None:
    with qtbot.waitSignal(interrupts.came, timeout=10_000):
        signal.raise_signal(number)


def test_second_signal_ends_the_program_at_once(qtbot: QtBot, interrupts: Interrupts) -> None:
    with qtbot.waitSignal(interrupts.came, timeout=10_000):
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) == signal.SIG_DFL
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_signals_are_handled_as_before_afterwards() -> None:
    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    made = Interrupts()
    assert signal.getsignal(signal.SIGINT) != before[signal.SIGINT]
    made.close()
    assert {each: signal.getsignal(each) for each in before} == before
    descriptor = signal.set_wakeup_fd(-1)
    assert descriptor == -1
