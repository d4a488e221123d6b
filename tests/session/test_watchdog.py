"""Whether pictures come: what is said of it, when, and how often."""

from __future__ import annotations

import pytest

from mirror.session.watchdog import Trouble, Watchdog


class Feed:
    """A watch that is looked at four times a second while pictures come, or do not."""

    def __init__(self, start: float = 100.0, rate: float | None = 30.0) -> None:
        self.watch = Watchdog()
        self.now = start
        self.said: list[tuple[float, str]] = []
        self._start = start
        self._rate = rate
        self.watch.start(start)

    def go_on(self, seconds: float, fps: float, known: str | None = None) -> Trouble | None:
        """Let time pass with so many pictures a second; the trouble at its end."""
        begun, count = self.now, 0
        for quarter in range(1, round(seconds * 4) + 1):
            self.now = begun + quarter / 4
            while fps and begun + (count + 1) / fps <= self.now:
                count += 1
                self.watch.note_frame(begun + count / fps)
            for text in self.watch.check(self.now, known=known, rate=self._rate):
                self.said.append((self.now - self._start, text))
        return self.watch.trouble


def test_normal_feed_reports_nothing() -> None:
    feed = Feed()
    assert feed.go_on(60, 30) is None
    assert feed.go_on(60, 16) is None  # half the pictures are enough, and the room may be dark
    assert feed.said == []


def test_late_first_frame_is_reported_after_5_s() -> None:
    feed = Feed()
    assert feed.go_on(5, 0) is None
    assert feed.go_on(2, 0) == Trouble("late", "no frames for 7 s")
    assert feed.go_on(60, 0) == Trouble("late", "no frames for 67 s")
    assert feed.said == [(5.25, "no frames for 5 s")]  # once
    assert feed.go_on(1, 30) is None
    assert feed.said[1:] == [(67.25, "frames arrive again, after 67 s")]


def test_silence_and_its_end_are_reported_once() -> None:
    feed = Feed()
    feed.go_on(10, 30)
    assert feed.go_on(2, 0) is None
    assert feed.go_on(10, 0) == Trouble("late", "no frames for 12 s")
    assert feed.watch.trouble is not None
    assert feed.watch.trouble.silent
    assert feed.go_on(10, 30) is None
    assert feed.said == [(12.25, "no frames for 2 s"), (22.25, "frames arrive again, after 12 s")]


def test_trouble_of_the_source_comes_first() -> None:
    feed = Feed()
    feed.go_on(10, 30)
    assert feed.go_on(0.5, 0, "unplugged") == Trouble("source", "unplugged")
    assert feed.said == []  # nobody need hear of a hiccup …
    feed.go_on(1, 0, "unplugged")
    feed.go_on(10, 0, "does not open")  # … nor of every turn that a trouble takes
    assert feed.go_on(1, 30) is None
    assert feed.said == [(11.0, "unplugged"), (21.75, "frames arrive again, after 12 s")]


def test_short_trouble_is_not_reported() -> None:
    feed = Feed()
    for _ in range(20):
        feed.go_on(5, 30)
        feed.go_on(0.5, 0, "connection lost")
    assert feed.said == []


def test_slow_feed_is_reported_with_both_rates() -> None:
    feed = Feed()
    feed.go_on(10, 30)
    trouble = feed.go_on(10, 12)
    assert trouble == Trouble("slow", "12 instead of 30 frames/s")
    assert not trouble.silent
    assert feed.go_on(10, 17) == Trouble("slow", "17 instead of 30 frames/s")  # not well
    assert feed.go_on(10, 30) is None
    assert [text for _, text in feed.said] == [
        "12 instead of 30 frames/s",
        "the frame rate is normal again, after 18 s",
    ]


def test_unknown_rate_is_not_checked() -> None:
    feed = Feed(rate=None)
    assert feed.go_on(20, 3) is None
    assert feed.said == []


@pytest.mark.parametrize("silence", [3.0, 60.0])
def test_rate_is_measured_after_the_silence(silence: float) -> None:
    feed = Feed()
    feed.go_on(10, 30)
    feed.go_on(silence, 0)
    for _ in range(20):
        assert feed.go_on(0.25, 30) is None
