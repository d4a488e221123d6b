"""Handing over between threads: who waits for whom, and nothing is lost silently."""

from __future__ import annotations

from mirror._support.threads import BoundedQueue, run_in_thread


def test_a_full_queue_drops_the_newest_and_counts_it() -> None:
    queue: BoundedQueue[int] = BoundedQueue(2)
    for thing in range(5):
        queue.put(thing)
    assert queue.dropped == 3
    assert [queue.take(), queue.take()] == [0, 1]
    queue.put(5)
    assert queue.take() == 5


def test_what_is_there_can_be_taken_after_closing_and_nothing_is_added() -> None:
    queue: BoundedQueue[int] = BoundedQueue(3)
    queue.put(1)
    queue.close()
    queue.put(2)
    assert queue.dropped == 1
    assert [queue.take(), queue.take()] == [1, None]


def test_one_that_waits_gets_what_comes_and_learns_of_the_end() -> None:
    queue: BoundedQueue[int] = BoundedQueue(3)
    first = run_in_thread(queue.take, "taking")
    queue.put(7)
    assert first.result(timeout=30) == 7
    last = run_in_thread(queue.take, "taking")
    queue.close()
    assert last.result(timeout=30) is None


def test_a_producer_that_waits_loses_nothing_however_slow_the_other_is() -> None:
    queue: BoundedQueue[int] = BoundedQueue(2)

    def produce() -> None:
        for thing in range(100):
            queue.put(thing, wait=True)
        queue.close()

    work = run_in_thread(produce, "putting")
    taken = list(iter(queue.take, None))
    work.result(timeout=30)
    assert taken == list(range(100))
    assert queue.dropped == 0


def test_a_producer_that_waits_is_let_go_when_the_queue_closes() -> None:
    queue: BoundedQueue[int] = BoundedQueue(1)
    queue.put(1)
    work = run_in_thread(lambda: queue.put(2, wait=True), "putting")
    queue.close()
    work.result(timeout=30)
    assert queue.dropped == 1
