"""Handing rows to listeners who are slow, gone or broken."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from mirror import Score, State
from mirror.errors import StreamError
from mirror.events import Event
from mirror.session import outputs
from mirror.session.outputs import Stream, StreamThread

MARK = Event(1.0, "mark", "x")


def row(time_s: float) -> Score:
    return Score(time_s, State.OK, in_phase=0.5)


class Listener(Stream):
    """Keeps what it is sent; waits, or breaks, where the test says so."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.text = "a listener"
        self.heard: list[Score | Event] = []
        self.entered, self.may_go_on = threading.Event(), threading.Event()
        self.may_go_on.set()
        self.closed = False
        self._fault = fault

    def send(self, scores: Sequence[Score], events: Sequence[Event]) -> None:
        self.entered.set()
        self.may_go_on.wait(20)
        if self._fault is not None:
            raise self._fault
        self.heard += [*scores, *events]

    def close(self) -> None:
        self.closed = True


def test_everything_arrives_in_order() -> None:
    listener = Listener()
    sending = StreamThread(listener)
    listener.epoch = 12.5
    for k in range(100):
        sending.put((row(k),), ())
    sending.put((), (MARK,))
    sending.close()
    assert listener.epoch == 12.5
    assert listener.heard == [*map(row, range(100)), MARK]
    assert listener.closed
    assert sending.fault is None


def test_stuck_receiver_is_dropped_without_waiting() -> None:
    listener = Listener()
    listener.may_go_on.clear()
    sending = StreamThread(listener)
    sending.put((row(0),), ())
    assert listener.entered.wait(20)
    for k in range(600):
        sending.put((row(k),), ())
    assert sending.fault is None
    sending.put((row(600),), ())
    assert sending.fault == "a listener: the receiver does not keep up; nothing more is sent there"
    listener.may_go_on.set()
    sending.close()
    assert listener.closed


def test_receiver_stuck_at_the_end_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outputs, "CLOSE_TIMEOUT_S", 0.1)
    listener = Listener()
    listener.may_go_on.clear()
    sending = StreamThread(listener)
    sending.put((row(0),), ())
    sending.close()
    assert sending.fault == "a listener: the receiver does not keep up; nothing more is sent there"
    listener.may_go_on.set()


def test_failed_stream_has_a_fault_and_is_closed() -> None:
    listener = Listener(StreamError("a listener: has gone home"))
    sending = StreamThread(listener)
    sending.put((row(0),), ())
    sending.close()
    sending.put((row(1),), ())  # ignored after the end
    assert sending.fault == "a listener: has gone home"
    assert listener.closed


def test_bug_in_a_stream_is_raised() -> None:
    sending = StreamThread(Listener(ZeroDivisionError("a bug")))
    sending.put((row(0),), ())
    with pytest.raises(ZeroDivisionError, match="a bug"):
        sending.close()
