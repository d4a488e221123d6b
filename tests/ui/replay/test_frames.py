from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from mirror.recording.playback import Replay
from mirror.recording.repair import Repair
from mirror.timeline import Score, State
from tests.support.recordings import FRAME_RATE, make_recording, make_scores_recording
from ui.replay.frames import FeedFrame, FrameReader, frame_times, read_feeds

WAIT = 10_000


@pytest.fixture
def replay(tmp_path: Path) -> Iterator[Replay]:
    with Replay.open(
        make_recording(tmp_path / "talk.mirror", seconds=3.0, with_video=True)
    ) as replay:
        yield replay


def test_reads_both_feeds(replay: Replay) -> None:
    a, b = read_feeds(replay, 0.51)
    assert (a.feed, b.feed) == ("a", "b")
    assert a.image is not None
    assert b.image is not None
    # A's frames are red, B's blue.
    assert a.image[24, 32].argmax() == 0
    assert b.image[24, 32].argmax() == 2
    for shown in (a, b):
        assert shown.pose is not None
        assert shown.pose.time == pytest.approx(7 / FRAME_RATE)


def test_feeds_without_data_are_none(replay: Replay) -> None:
    assert [(each.image, each.pose) for each in read_feeds(replay, 30.0)] == [(None, None)] * 2


def test_recognizes_same_frame(replay: Replay) -> None:
    first, _ = read_feeds(replay, 0.5)
    again, _ = read_feeds(replay, 0.51)
    later, other = read_feeds(replay, 0.6)
    assert again.is_same(first)
    assert not later.is_same(first)
    assert not other.is_same(later)
    assert not first.is_same(None)
    assert first.pose is not None
    unsure = replace(first, pose=replace(first.pose, unsure=True))
    assert not unsure.is_same(first)
    assert not replace(first, image=np.zeros((2, 2, 3), np.uint8)).is_same(first)


def test_corrected_pose_is_not_the_same(replay: Replay) -> None:
    before, _ = read_feeds(replay, 1.5)
    replay.recording.repairs = (Repair("not_a", 0.0),)
    after, _ = read_feeds(replay, 1.51)
    assert after.image is before.image
    assert not after.is_same(before)


def test_reader_emits_frames_of_both_feeds(qtbot: QtBot, replay: Replay) -> None:
    reader = FrameReader(replay.recording.path)
    with qtbot.waitSignal(reader.fetched, timeout=WAIT) as fetched:
        reader.ask(0.5)
    reader.close()
    assert fetched.args is not None
    assert [type(each) for each in fetched.args[0]] == [FeedFrame, FeedFrame]


def test_newest_request_is_read_last(qtbot: QtBot, replay: Replay) -> None:
    reader = FrameReader(replay.recording.path)
    moments: list[float] = []
    reader.fetched.connect(lambda found: moments.append(found[0].pose.time))
    for frame in range(15):
        reader.ask(frame / FRAME_RATE)
    qtbot.waitUntil(lambda: bool(moments) and moments[-1] == 14 / FRAME_RATE, timeout=WAIT)
    reader.close()
    assert moments == sorted(moments)


def test_emits_nothing_after_close(qtbot: QtBot, replay: Replay) -> None:
    reader = FrameReader(replay.recording.path)
    reader.fetched.connect(lambda _: pytest.fail("emitted after close"))
    reader.ask(0.5)
    reader.close()
    qtbot.wait(1)


def test_fault_is_raised_by_ask(
    qtbot: QtBot, replay: Replay, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(Replay, "pose", broken)
    reader = FrameReader(replay.recording.path)
    reader.ask(0.5)

    def raised() -> bool:
        try:
            reader.ask(0.6)
        except ZeroDivisionError:
            return True
        return False

    qtbot.waitUntil(raised, timeout=WAIT)
    reader.close()


def test_frame_times_on_both_sides(replay: Replay) -> None:
    times = frame_times(replay, 1.0, 1)
    assert pytest.approx(times[times > 1.0][0]) == 16 / FRAME_RATE
    assert pytest.approx(times[times < 1.0 - 1e-9][-1]) == 14 / FRAME_RATE
    assert len(frame_times(replay, 10.0, 1)) == 0


def test_frame_times_across_a_long_gap(replay: Replay) -> None:
    before = frame_times(replay, 40.0, -1)
    assert before[-1] == pytest.approx(44 / FRAME_RATE)


def test_frame_times_of_plain_series_are_rows(tmp_path: Path) -> None:
    rows = [Score(time, State.OK) for time in (6.0, 6.1)]
    with Replay.open(make_scores_recording(tmp_path / "series.mirror", rows)) as replay:
        assert frame_times(replay, 6.0, 1).tolist() == [6.0, 6.1]
        assert [each.pose for each in read_feeds(replay, 6.0)] == [None, None]
        assert math.isclose(replay.duration, 6.1)
