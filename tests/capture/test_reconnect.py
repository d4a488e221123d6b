"""Live sources that are lost and reconnect."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Literal, SupportsIndex

import pytest

from mirror.capture.base import Frame, Source
from mirror.capture.reconnect import ReconnectingSource, Reconnection
from mirror.errors import SourceError
from tests.support.reading import BLANK

DROPPED = SourceError("it dropped; look at the cable")
NOT_YET = SourceError("it is not there; plug it in")


class Hangs:
    """A call that does not return until the test permits it."""

    def __init__(self) -> None:
        self.reached, self.go_on = threading.Event(), threading.Event()

    def wait(self) -> None:
        self.reached.set()
        assert self.go_on.wait(20)


class Device(Source):
    """Numbered frames; then it ends, fails, hangs or sends nothing more."""

    def __init__(
        self, start: int, count: int, then: Hangs | SourceError | Literal["idle"] | None = None
    ) -> None:
        self.text, self.live, self.rate, self.duration = "device", True, 30.0, None
        self.closed, self._interrupted = threading.Event(), threading.Event()
        self._times = iter(range(start, start + count))
        self._then = then

    def read(self) -> Frame | None:
        assert not self.closed.is_set()
        for each in self._times:
            return Frame(float(each), BLANK)
        if isinstance(self._then, Hangs):
            self._then.wait()
        elif self._then == "idle":
            self._interrupted.wait(20)
        elif self._then is not None:
            raise self._then
        return None

    def interrupt(self) -> None:
        self._interrupted.set()

    def close(self) -> None:
        self.closed.set()


class Openings:
    """Opens one thing after the other, repeating the last."""

    def __init__(self, *things: Source | SourceError | Hangs) -> None:
        self._things = list(things)
        self.count = 0
        self.threads: set[str] = set()

    def __call__(self) -> Source:
        self.count += 1
        self.threads.add(threading.current_thread().name)
        thing = self._things.pop(0) if len(self._things) > 1 else self._things[0]
        if isinstance(thing, SourceError):
            raise thing
        if isinstance(thing, Hangs):
            thing.wait()
            raise NOT_YET
        return thing


class Delays(tuple[float, ...]):
    """Delays that record which of them were used."""

    def __new__(cls, delays: Iterable[float]) -> Delays:
        made = super().__new__(cls, delays)
        made.asked = []
        return made

    asked: list[int]

    def __getitem__(self, index: SupportsIndex) -> float:  # type: ignore[override]
        self.asked.append(int(index))
        return super().__getitem__(index)


def comeback(open_it: Callable[[], Source]) -> Reconnection:
    return Reconnection(open=open_it, lost_text="lost; trying again", delays=(0.001,))


def numbers(source: Source, last: int) -> list[int]:
    """Return the numbers of the frames read, up to `last`; live sources may skip some."""
    found: list[int] = []
    while not found or found[-1] < last:
        frame = source.read()
        assert frame is not None
        found.append(round(frame.time))
    return found


@pytest.mark.parametrize("then", [DROPPED, None])
def test_frames_continue_after_a_loss(then: SourceError | None) -> None:
    first, second, third = Device(0, 5, then), Device(5, 5, then), Device(10, 1, "idle")
    opening = Openings(second, NOT_YET, third)
    with ReconnectingSource(first, comeback(opening)) as source:
        found = numbers(source, 10)
        assert found == sorted(set(found))
        assert source.trouble is None
        assert len(found) + source.dropped == 11
        assert first.closed.wait(20)
        assert second.closed.wait(20)
    assert opening.count == 3
    assert source.read() is None


def test_every_connection_reports_what_it_lost_itself() -> None:
    class Damaged(Device):
        """Loses three frames itself."""

        @property
        def dropped(self) -> int:
            return 3

        @property
        def notes(self) -> tuple[str, ...]:
            return ("damaged",)

    first, second = Damaged(0, 5, DROPPED), Damaged(5, 1, "idle")
    with ReconnectingSource(first, comeback(Openings(second))) as source:
        found = numbers(source, 5)
        assert len(found) + source.dropped == 6 + 2 * 3
        assert source.notes == ("damaged",)


def test_reports_the_loss_until_a_frame_comes() -> None:
    asked, back = threading.Event(), threading.Event()

    def open_it() -> Source:
        asked.set()
        assert back.wait(20)
        return Device(1, 1, "idle")

    with ReconnectingSource(Device(0, 1, DROPPED), comeback(open_it)) as source:
        assert numbers(source, 0) == [0]
        reader = threading.Thread(target=numbers, args=(source, 1), daemon=True)
        reader.start()
        assert asked.wait(20)
        assert source.trouble == "lost; trying again"
        back.set()
        reader.join(20)
        assert not reader.is_alive()
        assert source.trouble is None


def test_delays_follow_the_list_and_repeat_the_last() -> None:
    delays = Delays([0.0, 0.001, 0.002])
    opening = Openings(*[NOT_YET] * 5, Device(1, 1, "idle"))
    way = replace(comeback(opening), delays=delays)
    with ReconnectingSource(Device(0, 1, DROPPED), way) as source:
        numbers(source, 1)
    assert opening.count == 6
    assert delays.asked[:6] == [0, 1, 2, 2, 2, 2]


def test_unstable_connection_does_not_reset_the_delays() -> None:
    delays = Delays([0.0, 0.001, 0.002])
    opening = Openings(*(Device(n, 1, DROPPED) for n in range(1, 5)), Device(5, 1, "idle"))
    with ReconnectingSource(
        Device(0, 1, DROPPED), replace(comeback(opening), delays=delays)
    ) as one:
        numbers(one, 5)
    assert delays.asked[:5] == [0, 1, 2, 2, 2]


def test_hanging_read_is_abandoned_and_closed_when_it_returns() -> None:
    hangs = Hangs()
    first = Device(0, 1, hangs)
    way = replace(comeback(Openings(Device(1, 1, "idle"))), next_within=0.02)
    with ReconnectingSource(first, way, check_after=0.01) as source:
        assert numbers(source, 1) == [0, 1]
        assert not first.closed.is_set()
        hangs.go_on.set()
        assert first.closed.wait(20)


def test_moved_device_is_reopened_while_its_read_hangs() -> None:
    moved = threading.Event()
    way = replace(comeback(Openings(Device(1, 1, "idle"))), moved=moved.is_set)
    hangs = Hangs()
    with ReconnectingSource(Device(0, 1, hangs), way, check_after=0.01) as source:
        numbers(source, 0)
        moved.set()
        assert numbers(source, 1) == [1]
    hangs.go_on.set()


def test_missing_device_is_reported_and_not_opened() -> None:
    there, looked = threading.Event(), threading.Event()
    looks: list[None] = []

    def gone() -> str | None:
        looks.append(None)
        if len(looks) == 5:
            looked.set()
        return None if there.is_set() else "unplugged"

    opening = Openings(Device(1, 1, "idle"))
    with ReconnectingSource(Device(0, 1, DROPPED), replace(comeback(opening), gone=gone)) as source:
        numbers(source, 0)
        reader = threading.Thread(target=numbers, args=(source, 1), daemon=True)
        reader.start()
        assert looked.wait(20)
        assert source.trouble == "unplugged"
        assert opening.count == 0
        there.set()
        reader.join(20)
        assert not reader.is_alive()
    assert opening.count == 1


def test_number_of_hanging_threads_is_limited() -> None:
    hangs, looked = Hangs(), threading.Event()
    looks: list[None] = []

    def gone() -> None:
        looks.append(None)
        if len(looks) == 100:
            looked.set()

    opening = Openings(hangs)
    way = replace(comeback(opening), first_within=0.005, next_within=0.005, gone=gone)
    with ReconnectingSource(Device(0, 1, hangs), way, check_after=0.002) as source:
        reader = threading.Thread(target=lambda: [*source], daemon=True)
        reader.start()
        assert looked.wait(20)
        assert opening.count == 1  # beside the one that was open from the start
    reader.join(20)
    assert not reader.is_alive()
    hangs.go_on.set()


@pytest.mark.parametrize("where", ["waiting", "opening", "reading"])
def test_closing_ends_a_read_in_every_state(where: str) -> None:
    hangs, waiting = Hangs(), threading.Event()

    def gone() -> str | None:
        waiting.set()
        return None

    first = Device(0, 1, hangs if where == "reading" else DROPPED)
    way = replace(comeback(Openings(hangs)), gone=gone)
    if where == "waiting":
        way = replace(way, delays=(10_000.0,))
    source = ReconnectingSource(first, way)
    outcome: list[Frame | None] = []
    reader = threading.Thread(
        target=lambda: outcome.extend([source.read(), source.read()]), daemon=True
    )
    reader.start()
    assert (waiting if where == "waiting" else hangs.reached).wait(20)
    source.close()
    source.close()
    reader.join(20)
    assert not reader.is_alive()
    assert outcome[-1] is None
    hangs.go_on.set()


def test_file_in_place_of_a_camera_is_not_used() -> None:
    film = Device(50, 5, "idle")
    film.live = False
    opening = Openings(film, Device(1, 1, "idle"))
    with ReconnectingSource(Device(0, 1, DROPPED), comeback(opening)) as source:
        assert numbers(source, 1) == [0, 1]
    assert film.closed.wait(20)
