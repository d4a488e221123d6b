"""Reports of missing and slow frames."""

from __future__ import annotations

import pytest

from mirror.capture.base import PoseSource
from mirror.session.feeds import FeedState
from mirror.session.watchdog import Trouble, Watchdog
from mirror.wording import CAMERA_MOVES
from tests.support.fake_sessions import FakeCamera


class Feed:
    """A watchdog that is checked four times a second."""

    def __init__(self, start: float = 100.0, rate: float | None = 30.0) -> None:
        self.watch = Watchdog()
        self.now = start
        self.reports: list[tuple[float, str]] = []
        self.camera_moves = False
        self._start = start
        self._rate = rate
        self.watch.start(start)

    def advance(self, seconds: float, fps: float, known: str | None = None) -> Trouble | None:
        """Advance the time at a frame rate; return the trouble at the end."""
        start, count = self.now, 0
        for quarter in range(1, round(seconds * 4) + 1):
            self.now = start + quarter / 4
            while fps and start + (count + 1) / fps <= self.now:
                count += 1
                self.watch.note_frame(start + count / fps)
            for text in self.watch.check(
                self.now, known=known, rate=self._rate, camera_moves=self.camera_moves
            ):
                self.reports.append((self.now - self._start, text))
        return self.watch.trouble


def test_normal_feed_reports_nothing() -> None:
    feed = Feed()
    assert feed.advance(60, 30) is None
    assert feed.advance(60, 16) is None  # half the rate is enough, as in a dark room
    assert feed.reports == []


def test_late_first_frame_is_reported_after_5_s() -> None:
    feed = Feed()
    assert feed.advance(5, 0) is None
    assert feed.advance(2, 0) == Trouble("late", "no frames for 7 s")
    assert feed.advance(60, 0) == Trouble("late", "no frames for 67 s")
    assert feed.reports == [(5.25, "no frames for 5 s")]  # once
    assert feed.advance(1, 30) is None
    assert feed.reports[1:] == [(67.25, "frames arrive again, after 67 s")]


def test_silence_and_its_end_are_reported_once() -> None:
    feed = Feed()
    feed.advance(10, 30)
    assert feed.advance(2, 0) is None
    assert feed.advance(10, 0) == Trouble("late", "no frames for 12 s")
    assert feed.watch.trouble is not None
    assert feed.watch.trouble.silent
    assert feed.advance(10, 30) is None
    assert feed.reports == [
        (12.25, "no frames for 2 s"),
        (22.25, "frames arrive again, after 12 s"),
    ]


def test_trouble_of_the_source_comes_first() -> None:
    feed = Feed()
    feed.advance(10, 30)
    assert feed.advance(0.5, 0, "unplugged") == Trouble("source", "unplugged")
    assert feed.reports == []  # too short to report
    feed.advance(1, 0, "unplugged")
    feed.advance(10, 0, "does not open")  # a change of text is not reported
    assert feed.advance(1, 30) is None
    assert feed.reports == [(11.0, "unplugged"), (21.75, "frames arrive again, after 12 s")]


def test_trouble_that_the_source_knows_while_frames_come_is_not_silent() -> None:
    feed = Feed()
    feed.advance(10, 30)
    trouble = feed.advance(5, 30, "covered")
    assert trouble == Trouble("source", "covered")
    assert not trouble.silent
    trouble = feed.advance(5, 0, "covered")
    assert trouble is not None
    assert trouble.silent
    feed.advance(5, 30, "covered")
    feed.advance(1, 30)
    assert [text for _, text in feed.reports] == ["covered", "all is well again, after 15 s"]


def test_short_trouble_is_not_reported() -> None:
    feed = Feed()
    for _ in range(20):
        feed.advance(5, 30)
        feed.advance(0.5, 0, "connection lost")
    assert feed.reports == []


def test_slow_feed_is_reported_with_both_rates() -> None:
    feed = Feed()
    feed.advance(10, 30)
    trouble = feed.advance(10, 12)
    assert trouble == Trouble("slow", "12 instead of 30 frames/s")
    assert not trouble.silent
    assert feed.advance(10, 17) == Trouble("slow", "17 instead of 30 frames/s")  # still slow
    assert feed.advance(10, 30) is None
    assert [text for _, text in feed.reports] == [
        "12 instead of 30 frames/s",
        "the frame rate is normal again, after 18 s",
    ]


def test_camera_that_moves_is_reported_while_frames_come() -> None:
    feed = Feed()
    feed.advance(10, 30)
    feed.camera_moves = True
    trouble = feed.advance(10, 30)
    assert trouble == Trouble("camera", CAMERA_MOVES)
    assert not trouble.silent
    assert feed.advance(10, 0) == Trouble("late", "no frames for 10 s")
    feed.camera_moves = False
    feed.advance(10, 30)
    feed.camera_moves = True
    feed.advance(3, 30)
    feed.camera_moves = False
    feed.advance(3, 30)
    assert [text for _, text in feed.reports] == [
        CAMERA_MOVES,
        "no frames for 2 s",
        "frames arrive again, after 20 s",
        CAMERA_MOVES,
        "the camera is still again, after 3 s",
    ]


def test_a_feed_of_samples_lacks_samples() -> None:
    watchdog = Watchdog()
    watchdog.start(0.0)
    said = []
    for tick in range(400):
        now = tick / 20
        if 3 <= now < 6 or now > 12:
            watchdog.note_frame(now)
        said += watchdog.check(now, rate=60.0 if now < 12 else 20.0, unit="samples")
    assert said == [
        "20 instead of 60 samples/s",
        "no samples for 2 s",
        "samples arrive again, after 7 s",
    ]


def test_unknown_rate_is_not_checked() -> None:
    feed = Feed(rate=None)
    assert feed.advance(20, 3) is None
    assert feed.reports == []


@pytest.mark.parametrize("silence", [3.0, 60.0])
def test_rate_is_measured_after_the_silence(silence: float) -> None:
    feed = Feed()
    feed.advance(10, 30)
    feed.advance(silence, 0)
    for _ in range(20):
        assert feed.advance(0.25, 30) is None


def test_too_few_frames_to_score_are_said_at_any_nominal_rate() -> None:
    for rate, text in (
        (30.0, "5 instead of 30 frames/s"),
        (5.0, "5 frames/s"),
        (None, "5 frames/s"),
    ):
        watchdog = Watchdog()
        watchdog.start(0.0)
        said = []
        for k in range(200):
            now = k / 5 if k < 100 else 20 + (k - 100) / 10
            watchdog.note_frame(now)
            said += watchdog.check(now, rate=rate, needed=6.0)
        assert said[0] == f"{text}, too few to score"
        assert len(said) == 2  # the second: that it is over, or still slow


def test_slow_computer_is_told_from_a_slow_camera() -> None:
    watchdog = Watchdog()
    watchdog.start(0.0)
    said = []
    for k in range(1200):
        now = k / 30
        watchdog.note_frame(now)
        followed = 30.0 if now < 10 else 11.0 if now < 20 else 5.0 if now < 30 else 29.0
        said += watchdog.check(now, rate=30.0, offered=30.0, followed=followed, needed=6.0)
    assert [text.split("; ")[0] for text in said] == [
        "the computer follows 11 of 30 frames/s",
        "the computer follows 5 of 30 frames/s, too few to score",
        "the computer follows the feed again, after 20 s",
    ]
    assert "a lower resolution, the lite pose model or fewer programs" in said[0]


@pytest.mark.parametrize("unscored", [True, False])
def test_feed_is_slow_if_the_computer_follows_too_few_frames_to_score(unscored: bool) -> None:
    state = FeedState(FakeCamera("left"))
    state.watchdog.trouble = Trouble("slow", "3 frames/s", unscored)
    assert not state.status(0.0).slow
    state.watchdog.trouble = Trouble("computer", "the computer follows 3", unscored)
    assert state.status(0.0).slow is unscored


class Stream(PoseSource):
    """A live stream that sends nothing."""

    text, live, rate, duration = "lsl:suit", True, 60.0, None

    def read(self) -> None: ...

    def close(self) -> None: ...


def test_a_stream_of_landmarks_lacks_samples() -> None:
    for source, unit in ((Stream(), "samples"), (FakeCamera("left"), "frames")):
        state = FeedState(source)
        state.watchdog.start(0.0)
        state.check(0.0, 0.0)
        assert state.check(6.0, 0.0) == [f"no {unit} for 6 s"]


def test_slowness_that_comes_and_goes_is_said_once_a_minute() -> None:
    watchdog = Watchdog()
    watchdog.start(0.0)
    said = []
    for k in range(30 * 150):
        now = k / 30
        watchdog.note_frame(now)
        slow = now % 25 < 5 or now > 100  # the last one lasts
        said += watchdog.check(now, rate=30.0, offered=30.0, followed=9.0 if slow else 30.0)
        assert (watchdog.trouble is not None) is slow  # it is shown whenever it is there
    warnings = [text.split("; ")[0] for text in said]
    follows = "the computer follows 9 of 30 frames/s"
    again = "the computer follows the feed again, after 5 s"
    assert warnings == [follows, again, follows, again, follows]
