"""Input from Lab Streaming Layer, sent by this machine."""

from __future__ import annotations

import itertools
import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from mirror import Landmark, Pose
from mirror._support import steady_clock
from mirror.capture import Address, PoseSource, open_pair, open_source
from mirror.capture.base import FeedSource
from mirror.capture.lsl import LslSource
from mirror.capture.lsl_channels import LABELS
from mirror.errors import SourceError
from mirror.session.start import SessionRequest, start_live
from tests.support import lsl_loopback as loopback
from tests.support.lsl_loopback import pylsl

SHOULDERS = ["left_shoulder_x", "left_shoulder_y", "right_shoulder_x", "right_shoulder_y"]
STANDING = [0.6, 0.3, 0.4, 0.3]


@pytest.fixture
def sender() -> Iterator[loopback.Sender]:
    each = loopback.Sender("body", SHOULDERS, source_id="suit-1")
    yield each
    each.end()


@pytest.fixture(autouse=True)
def quick_answers(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Do not wait for streams of other machines, but in one test."""
    if request.function is not test_receives_all_landmarks_of_a_full_stream:
        monkeypatch.setattr(pylsl, "resolve_streams", loopback.resolve_at_once)


def opened(name: str, **how: object) -> LslSource:
    return LslSource(Address(f"lsl:{name}", f"lsl:{name}", "lsl", **how))  # type: ignore[arg-type]


def read(source: PoseSource) -> Pose:
    pose = source.read()
    assert pose is not None
    return pose


def read_series(source: FeedSource) -> NDArray[np.float64]:
    assert isinstance(source, PoseSource)
    series = read(source).series
    assert series is not None
    return series


def test_receives_all_landmarks_of_a_full_stream() -> None:
    sender = loopback.Sender("whole", list(LABELS), frame_size=(1280, 720), form=pylsl.cf_float32)
    rng = np.random.default_rng(2)
    with opened("whole") as source:
        sender.wait()
        assert (source.live, source.rate, source.duration) == (True, 60.0, None)
        start = pylsl.local_clock()
        for k in range(5):
            sent = rng.uniform(0, 1, 132).astype(np.float32)
            sender.push(sent.tolist(), start + k / 60)
            pose = read(source)
            assert pose.landmarks is not None
            assert np.array_equal(pose.landmarks, sent.reshape(33, 4))
            assert (pose.width, pose.height, pose.world) == (1280, 720, None)
    sender.end()


def test_132_unlabelled_channels_are_the_full_layout() -> None:
    sender = loopback.Sender("unlabelled", [], channels=132)
    with opened("unlabelled") as source:
        sender.wait()
        sender.push(np.arange(132.0).tolist(), pylsl.local_clock())
        landmarks = read(source).landmarks
    assert landmarks is not None
    assert np.array_equal(landmarks, np.arange(132, dtype=np.float32).reshape(33, 4))
    sender.end()


def test_stamps_are_on_the_steady_clock_and_rise(sender: loopback.Sender) -> None:
    with opened("body") as source:
        sender.wait()
        there, now = pylsl.local_clock(), steady_clock.now()
        for late in (1.0, 0.5, 0.75, 0.5, 0.25):
            sender.push(STANDING, there - late)
        times = [read(source).time - now for _ in range(3)]
        # within what liblsl says of its correction, and of two readings of a clock
        assert times == pytest.approx([-1.0, -0.5, -0.25], abs=0.02)
        assert source.trouble is None


def test_rejects_stamps_of_another_clock(
    sender: loopback.Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = opened("body")
    sender.wait()
    start, ticks = steady_clock.now(), itertools.count()
    monkeypatch.setattr(steady_clock, "now", lambda: start + next(ticks) / 10)
    for n in range(9):
        sender.push(STANDING, pylsl.local_clock() + 1e6 + n / 10)
    with pytest.raises(SourceError, match=r"lsl:body: its time stamps are \+1000000 s off"):
        source.read()
    assert [source.read() for _ in range(3)] == [None] * 3


@pytest.mark.parametrize("off", [2e5, 20.0, -2e5])
def test_one_wrong_stamp_is_one_sample_lost(sender: loopback.Sender, off: float) -> None:
    with opened("body") as source:
        sender.wait()
        there = pylsl.local_clock()
        for n in range(6):
            sender.push(STANDING, there + n / 60 + off * (n == 3))
        times = [read(source).time for _ in range(5)]
        assert np.diff(times) * 60 == pytest.approx([1, 1, 2, 1], abs=1e-3)
        assert source.trouble is None


def test_a_clock_that_jumps_and_stays_is_a_gap_that_is_told(
    sender: loopback.Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened("body") as source:
        sender.wait()
        there, start, ticks = pylsl.local_clock(), steady_clock.now(), itertools.count()
        monkeypatch.setattr(steady_clock, "now", lambda: start + next(ticks) / 60)
        for n in range(60):
            sender.push(STANDING, there + n / 60 - 30 * (n >= 30))
        times = [read(source).time for _ in range(40)]
        assert "the clock of its time stamps jumped" in (source.trouble or "")
    steps = np.diff(times) * 60
    assert steps[:29] == pytest.approx(np.ones(29), abs=1e-3)
    assert 5 < steps[29] < 25
    assert steps[30:] == pytest.approx(np.ones(9), abs=1e-3)


def test_undeclared_frame_is_square_and_missing_shoulders_give_no_pose(
    sender: loopback.Sender,
) -> None:
    with opened("body", flip=True) as source:
        sender.wait()
        now = pylsl.local_clock()
        sender.push(STANDING, now)
        sender.push([float("nan")] * 4, now + 0.1)
        seen, gone = read(source), read(source)
    assert seen.width == seen.height
    assert seen.landmarks is not None
    assert seen.landmarks[Landmark.LEFT_SHOULDER, 0] == np.float32(0.4)
    assert gone.landmarks is None


@pytest.mark.parametrize("size", [(70_000, 720), (1280, 0), (10**4000, 720)])
def test_ignores_declared_size_that_recordings_refuse(size: tuple[int, int]) -> None:
    sender = loopback.Sender("sized", list(LABELS), frame_size=size)
    with opened("sized") as source:
        sender.wait()
        sender.push(list(range(len(LABELS))), pylsl.local_clock())
        seen = read(source)
    sender.end()
    assert seen.width == seen.height


def test_finds_stream_by_source_id(sender: loopback.Sender) -> None:
    with opened("suit-1") as source:
        sender.wait()
        sender.push(STANDING, pylsl.local_clock())
        assert read(source).landmarks is not None


def test_recovers_when_the_sender_restarts(sender: loopback.Sender) -> None:
    with opened("body") as source:
        sender.wait()
        sender.push(STANDING, pylsl.local_clock())
        first = read(source)
        sender.end()
        again = loopback.Sender("body", SHOULDERS, source_id="suit-1")
        again.wait()
        again.push(STANDING, pylsl.local_clock())
        assert read(source).time > first.time
        again.end()


def test_unrecoverable_stream_ends_with_an_error() -> None:
    sender = loopback.Sender("anonymous", SHOULDERS)
    source = opened("anonymous")
    sender.wait()
    sender.end()
    with pytest.raises(SourceError, match=r"lsl:anonymous has ended.*source id"):
        source.read()
    assert source.read() is None


def test_reports_silence(sender: loopback.Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened("body") as source:
        later = steady_clock.now() + 7.1
        monkeypatch.setattr(steady_clock, "now", lambda: later)
        assert source.trouble is not None
        assert source.trouble.startswith("lsl:body has sent nothing for 7 s")
    assert source.trouble is None


def test_closing_ends_a_stream_being_read(sender: loopback.Sender) -> None:
    source = opened("body")
    sender.wait()
    started, outcome = threading.Event(), []

    def reading() -> None:
        for _ in source:
            started.set()
        outcome.append(source.read())

    reader = threading.Thread(target=reading)
    reader.start()
    sender.push(STANDING, pylsl.local_clock())
    assert started.wait(20)
    source.close()
    source.close()
    reader.join(20)
    assert not reader.is_alive()
    assert outcome == [None]


def test_rejects_streams_without_a_person() -> None:
    eeg = loopback.Sender("eeg", ["Fz", "Cz", "Pz"])
    words = loopback.Sender("words", ["marker"], form=pylsl.cf_string)
    room = loopback.Sender("room", SHOULDERS)
    for name, how, says in (
        ("eeg", {"flip": True}, "no channels labelled left_shoulder_x.*write #series after"),
        ("words", {}, "sends words and no numbers"),
        ("room", {"up": "z"}, "no channels labelled left_shoulder_z, right_shoulder_z"),
        ("nowhere", {}, "no such stream on the network; there are: .*eeg.*room"),
    ):
        with pytest.raises(SourceError, match=f"lsl:{name}.*{says}") as caught:
            opened(name, **how)
        assert "\n" not in str(caught.value)
    for each in (eeg, words, room):
        each.end()


def test_streams_of_one_name_are_selected_by_id() -> None:
    pair = [loopback.Sender("twin", SHOULDERS, source_id=f"suit-{each}") for each in "ab"]
    with pytest.raises(SourceError, match=r"2 streams are called so; name one.*lsl:suit-[ab]"):
        opened("twin")
    with opened("suit-b") as source:
        pair[1].wait()
        assert source.live
    for each in pair:
        each.end()


def test_streams_of_one_name_and_id_are_selected_by_host_or_uid() -> None:
    pair = [loopback.Sender("twin #2", SHOULDERS, source_id="same") for _ in "ab"]
    with pytest.raises(SourceError, match="2 streams are called so; name one by its id") as caught:
        open_pair("lsl:twin %232", "demo:b")
    texts = re.findall(r"lsl:twin %232#uid=[^,]+", str(caught.value))
    assert len(set(texts)) == 2
    a, b = open_pair(*texts)
    with a, b:
        for each in pair:
            each.wait()
    with pytest.raises(SourceError, match="2 streams are called so"):
        open_pair(f"lsl:same#host={socket.gethostname()}", "demo:b")
    with pytest.raises(SourceError, match=r"no such stream .* there are: .*lsl:twin %232"):
        open_pair("lsl:same#host=elsewhere", "demo:b")
    for each in pair:
        each.end()


class Described:
    """What liblsl says of a stream of another machine."""

    def __init__(self, name: str, source_id: str, host: str) -> None:
        self.name, self.source_id, self.hostname = (lambda: name), (lambda: source_id), lambda: host
        self.uid = lambda: f"{host}-{source_id}"


@pytest.mark.parametrize(
    ("ids", "hosts", "offered"),
    [
        (("x,1", "y"), ("h", "h"), "by its source id: lsl:x%2C1, lsl:y"),
        (("", ""), ("h", "i"), "by its machine: lsl:twin#host=h, lsl:twin#host=i"),
        (("x", "x"), ("h", "i"), "by its machine: lsl:twin#host=h, lsl:twin#host=i"),
        (("x", ""), ("h", "h"), "by its id, .*: lsl:twin#uid=h-x, lsl:twin#uid=h-"),
    ],
)
def test_offers_what_tells_streams_apart(
    monkeypatch: pytest.MonkeyPatch, ids: tuple[str, str], hosts: tuple[str, str], offered: str
) -> None:
    streams = [Described("twin", *each) for each in zip(ids, hosts, strict=True)]
    monkeypatch.setattr(pylsl, "resolve_streams", lambda _: streams)
    with pytest.raises(SourceError, match=offered):
        opened("twin")


def test_stream_is_accepted_only_in_a_pair(sender: loopback.Sender) -> None:
    with pytest.raises(SourceError, match="no frames that could be shown"):
        open_source("lsl:body")
    with pytest.raises(SourceError, match="is one person"):
        open_pair("lsl:body", "lsl:body#flip")
    landmarks, frames = open_pair("lsl:body#flip", "demo:b")
    with landmarks, frames:
        assert isinstance(landmarks, PoseSource)
        assert landmarks.text == "lsl:body#flip"
        assert not isinstance(frames, PoseSource)


def test_stream_without_landmarks_is_a_plain_series() -> None:
    sender = loopback.Sender("belt", ["chest", "", "heart rate"], channels=3)
    now = pylsl.local_clock()
    with (
        opened("belt") as every,
        opened("belt", series=("Heart-Rate", "2")) as some,
    ):
        assert (every.series, some.series) == (("chest", "2", "heart rate"), ("heart rate", "2"))
        sender.wait()
        sender.push([1.0, 2.0, 3.0], now)
        sender.push([1.0, float("nan"), 3.0], now + 0.1)
        sender.push([float("inf"), 2.0, 3.0], now + 0.2)
        poses = [read(every) for _ in range(3)]
        assert read(some).series == pytest.approx([3.0, 2.0])
    assert poses[0].series == pytest.approx([1.0, 2.0, 3.0])
    assert poses[0].found
    assert [each.found for each in poses[1:]] == [False, False]
    assert poses[0].landmarks is None
    sender.end()


@pytest.mark.parametrize(
    ("fragment", "words"),
    [
        ("series=waist", "has no channel 'waist'; name them .* its channels are: chest, chest, 3"),
        ("series=chest", "has several channels 'chest'"),
        ("series=1,1", "name each channel of the series once"),
        ("series=4", "has no channel '4'"),
        ("series&series=1", "is not known, or is given twice"),
        ("series&flip", "a plain series has no sides"),
        ("flip", "has no channels labelled left_shoulder_x"),
    ],
)
def test_rejects_missing_channels(fragment: str, words: str) -> None:
    sender = loopback.Sender("belt", ["chest", "chest", ""], channels=3)
    with pytest.raises(SourceError, match=words):
        open_pair(f"lsl:belt#{fragment}", "demo:b")
    sender.end()


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        ("belt", "belt", "is one person; name another stream"),
        ("belt#series=1", "belt", "is one person"),
        ("belt", "belt#series=1", "is one person"),
        ("belt#series", "belt#series=1", "is one person"),
        ("belt", "number 7", "is one person"),
        ("number 7#series=1", "belt#series=1,2", "share channels of one stream"),
        ("belt#series=1", "belt#series=1", r"share channels of one stream \(number 1\)"),
        ("belt#series=3,1", "belt#series=waist,2", r"share channels of one stream \(number 3\)"),
        ("belt#series=1,2", "belt#series=3", "A's series has 2 channels and B's 1"),
    ],
)
def test_rejects_one_stream_for_both_people(a: str, b: str, words: str, tmp_path: Path) -> None:
    sender = loopback.Sender("belt", ["chest", "chest", "waist"], source_id="number 7", channels=3)
    start = SessionRequest(a=f"lsl:{a}", b=f"lsl:{b}", output=tmp_path / "s.mirror")
    with pytest.raises(SourceError, match=words):
        start_live(start, print)
    assert not list(tmp_path.iterdir())
    sender.end()


def test_two_people_may_share_a_stream() -> None:
    """Channels with the same label are selected by number."""
    sender = loopback.Sender("belt", ["chest", "chest", "waist"], channels=3)
    a, b = open_pair("lsl:belt#series=1", "lsl:belt#series=2")
    with a, b:
        sender.wait()
        sender.push([1.0, 2.0, 3.0], pylsl.local_clock())
        found = [read_series(each) for each in (a, b)]
    assert np.ravel(found).tolist() == [1.0, 2.0]
    sender.end()


def test_landmark_channels_can_be_a_series(sender: loopback.Sender) -> None:
    a, b = open_pair("lsl:body#series=left_shoulder_y", "lsl:body#series=right_shoulder_y")
    with a, b:
        sender.wait()
        sender.push([0.6, 0.3, 0.4, 0.2], pylsl.local_clock())
        found = [read_series(each) for each in (a, b)]
    assert np.ravel(found) == pytest.approx([0.3, 0.2])
