"""Several readers of one source."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest

from mirror.capture.base import Frame, Source
from mirror.capture.fanout import MAX_AHEAD, share
from mirror.errors import CutOffError, SourceError

SMALL = np.zeros((16, 16, 3), np.uint8)


class Scripted(Source):
    """Frames 0, 1, 2, …, then a given error or the end."""

    def __init__(
        self,
        count: int,
        *,
        live: bool = False,
        then: BaseException | None = None,
        before: Callable[[int], object] = int,
        image: np.ndarray = SMALL,
    ) -> None:
        self.text, self.live, self.rate, self.duration = "scripted", live, 30.0, None
        self.given = 0
        self.closed = 0
        self._count, self._then, self._before, self._image = count, then, before, image

    def read(self) -> Frame | None:
        assert not self.closed
        self._before(self.given)
        if self.given == self._count:
            if self._then is not None:
                raise self._then
            return None
        self.given += 1
        return Frame(float(self.given - 1), self._image)

    def close(self) -> None:
        self.closed += 1


def times(source: Source) -> list[float]:
    return [frame.time for frame in source]


@pytest.mark.parametrize("threaded", [False, True])
@pytest.mark.parametrize("readers", [1, 2, 3])
def test_every_reader_gets_every_frame_of_a_recording(readers: int, threaded: bool) -> None:
    base = Scripted(500)
    ends = share(base, readers, threaded=threaded)
    got: list[list[float]] = [[] for _ in ends]
    threads = [
        threading.Thread(target=lambda into, end: into.extend(times(end)), args=pair)
        for pair in zip(got, ends, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert got == [[float(n) for n in range(500)]] * readers
    assert base.given == 500
    assert [end.dropped for end in ends] == [0] * readers


@pytest.mark.parametrize("threaded", [False, True])
def test_faster_reader_waits_for_the_slower(threaded: bool) -> None:
    base = Scripted(3 * MAX_AHEAD)
    fast, slow = share(base, threaded=threaded)
    got: list[float] = []
    reached, count = threading.Event(), [MAX_AHEAD]

    def read() -> None:
        for frame in fast:
            got.append(frame.time)
            if len(got) == count[0]:
                reached.set()

    reader = threading.Thread(target=read)
    reader.start()
    assert reached.wait(20)
    reader.join(0.1)  # long enough for one that does not wait to read on
    assert len(got) == base.given == MAX_AHEAD

    reached.clear()
    count[0] += 10
    assert [slow.read().time for _ in range(10)] == list(range(10))  # type: ignore[union-attr]
    assert reached.wait(20)
    reader.join(0.1)
    assert len(got) == base.given == MAX_AHEAD + 10

    slow.close()
    reader.join(20)
    assert got == list(range(3 * MAX_AHEAD))


def test_few_large_frames_are_read_ahead() -> None:
    huge = np.broadcast_to(np.uint8(0), (2160, 3840, 3))
    base = Scripted(100, image=huge)
    fast, _ = share(base)
    reader = threading.Thread(target=times, args=(fast,), daemon=True)
    reader.start()
    reader.join(0.1)
    assert base.given * huge.nbytes <= 128 * 2**20
    assert base.given >= 2
    for end in (fast, _):
        end.close()
    reader.join(20)
    assert not reader.is_alive()


def test_waiting_frames_can_be_read_while_the_base_blocks() -> None:
    inside, go_on = threading.Event(), threading.Event()

    def before(number: int) -> None:
        if number == 1:
            inside.set()
            assert go_on.wait(20)

    one, other = share(Scripted(2, before=before))
    assert one.read() is not None
    reader = threading.Thread(target=one.read)
    reader.start()
    assert inside.wait(20)  # one is in the base, and stays there
    first = other.read()  # what is there can be had
    assert first is not None
    assert first.time == 0
    go_on.set()
    reader.join(20)
    second = other.read()
    assert second is not None
    assert second.time == 1


def test_live_reader_gets_newest_frame_and_counts_drops() -> None:
    one, other = share(Scripted(10, live=True))
    assert [one.read().time for _ in range(7)] == list(range(7))  # type: ignore[union-attr]
    newest = other.read()
    assert newest is not None
    assert newest.time == 6
    assert other.dropped == 6
    assert times(other) == [7, 8, 9]
    assert times(one) == [9]
    assert (one.dropped, other.dropped) == (2, 6)


def test_threaded_live_base_never_waits() -> None:
    done = threading.Event()
    base = Scripted(1000, live=True, before=lambda n: done.set() if n == 1000 else None)
    (end,) = share(base, 1, threaded=True)
    assert done.wait(20)
    got = times(end)
    assert got == [999]
    assert end.dropped == 999


@pytest.mark.parametrize("threaded", [False, True])
@pytest.mark.parametrize(
    "fault", [SourceError("it went away; plug it in"), CutOffError("cut off; copy it again")]
)
def test_errors_reach_every_reader_once(fault: SourceError, threaded: bool) -> None:
    for end in share(Scripted(3, then=fault), threaded=threaded):
        assert [end.read().time for _ in range(3)] == [0, 1, 2]  # type: ignore[union-attr]
        with pytest.raises(type(fault)) as caught:
            end.read()
        assert str(caught.value) == str(fault)
        assert type(caught.value) is type(fault)
        assert [end.read() for _ in range(3)] == [None] * 3


def test_bug_in_the_base_is_raised_and_blocks_no_reader() -> None:
    one, other = share(Scripted(1, then=ZeroDivisionError()))
    assert one.read() is not None
    with pytest.raises(ZeroDivisionError):
        one.read()
    assert other.read() is not None
    with pytest.raises(ZeroDivisionError):
        other.read()
    assert one.read() is None
    assert other.read() is None


@pytest.mark.parametrize("threaded", [False, True])
def test_base_is_closed_with_the_last_reader(threaded: bool) -> None:
    base = Scripted(10_000)
    one, other = share(base, threaded=threaded)
    assert one.read() is not None
    one.close()
    one.close()
    assert one.read() is None
    assert not base.closed
    assert [other.read().time for _ in range(200)] == list(range(200))  # type: ignore[union-attr]
    other.close()
    other.close()
    assert other.read() is None
    assert base.closed >= 1


def test_closing_ends_a_read_of_a_hanging_device() -> None:
    inside, go_on, closed = threading.Event(), threading.Event(), threading.Event()

    def before(number: int) -> None:
        if number == 1:
            inside.set()
            go_on.wait(20)

    class Hanging(Scripted):
        def close(self) -> None:
            super().close()
            closed.set()

    (end,) = share(Hanging(5, live=True, before=before), 1, threaded=True)
    outcome: list[list[float]] = []
    reader = threading.Thread(target=lambda: outcome.append(times(end)))
    reader.start()
    assert inside.wait(20)
    end.close()
    reader.join(5)
    assert outcome in ([[0.0]], [[]])
    assert not closed.is_set()  # it is still in use
    go_on.set()
    assert closed.wait(20)  # closed as soon as it returns
