"""Handing over between threads: the producer never waits, and nothing is lost silently."""

from __future__ import annotations

from mirror.handoff import Bounded, in_thread


def test_a_full_queue_drops_the_newest_and_counts_it() -> None:
    queue: Bounded[int] = Bounded(2)
    for thing in range(5):
        queue.put(thing)
    assert queue.dropped == 3
    assert [queue.take(), queue.take()] == [0, 1]
    queue.put(5)
    assert queue.take() == 5


def test_what_is_there_can_be_taken_after_closing_and_nothing_is_added() -> None:
    queue: Bounded[int] = Bounded(3)
    queue.put(1)
    queue.close()
    queue.put(2)
    assert queue.dropped == 1
    assert [queue.take(), queue.take()] == [1, None]


def test_one_that_waits_gets_what_comes_and_learns_of_the_end() -> None:
    queue: Bounded[int] = Bounded(3)
    first = in_thread(queue.take, "taking")
    queue.put(7)
    assert first.result(timeout=30) == 7
    last = in_thread(queue.take, "taking")
    queue.close()
    assert last.result(timeout=30) is None
