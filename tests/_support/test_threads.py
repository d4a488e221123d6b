"""Queues between threads: waiting, dropping and closing."""

from __future__ import annotations

import pytest

from mirror._support.threads import BoundedQueue, Latest, run_in_thread


def test_full_queue_drops_and_counts_new_items() -> None:
    queue: BoundedQueue[int] = BoundedQueue(2)
    for item in range(5):
        queue.put(item)
    assert queue.dropped == 3
    assert [queue.take(), queue.take()] == [0, 1]
    queue.put(5)
    assert queue.take() == 5


def test_closed_queue_gives_its_items_and_refuses_new_ones() -> None:
    queue: BoundedQueue[int] = BoundedQueue(3)
    queue.put(1)
    queue.close()
    queue.put(2)
    assert queue.dropped == 1
    assert [queue.take(), queue.take()] == [1, None]


def test_take_waits_for_item_or_close() -> None:
    queue: BoundedQueue[int] = BoundedQueue(3)
    first = run_in_thread(queue.take, "taking")
    queue.put(7)
    assert first.result(timeout=30) == 7
    last = run_in_thread(queue.take, "taking")
    queue.close()
    assert last.result(timeout=30) is None


def test_waiting_put_loses_nothing() -> None:
    queue: BoundedQueue[int] = BoundedQueue(2)

    def produce() -> None:
        for item in range(100):
            queue.put(item, wait=True)
        queue.close()

    work = run_in_thread(produce, "putting")
    taken = list(iter(queue.take, None))
    work.result(timeout=30)
    assert taken == list(range(100))
    assert queue.dropped == 0


def test_close_releases_waiting_put() -> None:
    queue: BoundedQueue[int] = BoundedQueue(1)
    queue.put(1)
    work = run_in_thread(lambda: queue.put(2, wait=True), "putting")
    queue.close()
    work.result(timeout=30)
    assert queue.dropped == 1


def test_latest_keeps_only_the_newest_item() -> None:
    latest: Latest[int] = Latest()
    for item in range(3):
        latest.put(item)
    assert (latest.take(), latest.dropped) == (2, 2)
    latest.put(3)
    latest.close()
    assert [latest.take(), latest.take()] == [3, None]
    assert latest.dropped == 2


def test_exception_of_thread_is_in_future() -> None:
    def fail() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        run_in_thread(fail, "failing").result(timeout=30)
