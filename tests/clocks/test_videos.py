"""Two videos on one clock: what their addresses become, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mirror.capture import open_pair
from mirror.capture.address import parse
from mirror.clocks.sound import Alignment
from mirror.clocks.videos import align_videos, aligned, note_offset, placed
from mirror.errors import SourceError
from mirror.landmarks import FEEDS, Feed
from mirror.recording.database import video_paths
from mirror.recording.playback import Replay
from mirror.recording.video import VideoWriter
from mirror.session.offline import OfflineSession
from mirror.settings import Settings
from tests.support.clips import number, write_video
from tests.support.fakes import Waving, recorder
from tests.support.sounds import recorded, speech, write_sounding_video

SURE = Alignment(
    offset_s=2.5,
    drift_ppm=40.0,
    offset_error_s=0.0001,
    drift_error_ppm=1.0,
    confidence=1.0,
    times=np.array([10.0, 20.0]),
    lags=np.array([2.5, 2.5]),
    agrees=np.array([True, True]),
)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Two videos of one room; the second began 3.21 s before the first."""
    folder = tmp_path_factory.mktemp("phones")
    sound = speech(1, 40)
    a = write_sounding_video(folder / "a.mp4", recorded(sound, 1, start=3.21, noise_db=-20))
    b = write_sounding_video(folder / "b.mp4", recorded(sound, 2, seconds=35, noise_db=-20))
    return str(a), str(b)


def test_videos_are_aligned_by_their_sound(pair: tuple[str, str]) -> None:
    found = align_videos(*pair)
    assert found.is_sure
    assert found.offset_s == pytest.approx(3.21, abs=0.002)
    a, b = aligned(*pair, found)
    assert a == pair[0]
    assert parse(b).start == pytest.approx(3.21, abs=0.002)


def test_one_moment_has_one_time_in_a_session() -> None:
    for a in ("a.mp4", "a.mp4#t=7", "a.mp4#flip&t=7,12.5"):
        for offset in (2.5, -2.5, 0.0):
            texts = aligned(a, "b.mp4", replace(SURE, offset_s=offset))
            first, second = map(parse, texts)
            assert first.flip == ("flip" in a)
            for time_a in (8.0, 11.75, 5000.0):
                time_b = offset + time_a * (1 + 40e-6)
                times = first.session_time(time_a), second.session_time(time_b)
                assert times[0] == pytest.approx(times[1], abs=1e-4 + 1e-8 * time_a)
            assert min(first.start, second.start) >= 0
            assert (second.end is None) == (first.end is None)


def test_a_drift_within_its_error_is_left_out() -> None:
    _, b = aligned("a.mp4", "b.mp4", replace(SURE, drift_error_ppm=21.0))
    assert b == "b.mp4#t=2.5006"  # as in the middle of the windows
    assert aligned("a.mp4", "b.mp4", replace(SURE, offset_s=0, drift_ppm=0)) == ("a.mp4", "b.mp4")


@pytest.mark.parametrize(
    ("a", "b", "offset"),
    [
        ("a.mp4", "b.mp4#t=2", 2.5),
        ("a.mp4#drift=2", "b.mp4", 2.5),
        ("a.mp4", "b.mp4#drift=2", 2.5),
        ("a.mp4#t=3,5", "b.mp4", -6.0),
    ],
)
def test_refuses_parts_that_contradict_the_alignment(a: str, b: str, offset: float) -> None:
    with pytest.raises(SourceError, match=r"to the first alone|another part"):
        aligned(a, b, replace(SURE, offset_s=offset))


def test_says_that_the_sound_matches_at_another_offset(pair: tuple[str, str]) -> None:
    a, b = pair
    said = note_offset(a, b)
    assert said is not None
    assert f"by their sound, {b} is 3.21 s behind {a}" in said
    assert said.endswith("align them by sound")  # also in the window, which has no flags
    behind = note_offset(b, a)
    assert behind is not None
    assert f"{b} is 3.21 s behind {a}" in behind
    assert note_offset(a, f"{b}#t=3.2") is None
    assert note_offset(f"{a}#t=1", f"{b}#t=4.22") is None
    assert note_offset(f"{a}#left", f"{a}#right") is None
    assert note_offset("demo:a", b) is None


def test_nothing_is_said_of_sounds_that_have_nothing_in_common(
    pair: tuple[str, str], tmp_path: Path
) -> None:
    other = write_sounding_video(tmp_path / "c.mp4", speech(99, 35))
    assert note_offset(pair[0], str(other)) is None
    with pytest.raises(SourceError, match=r"no sound in common|no part of one.*#t=|in the other"):
        align_videos(pair[0], str(other))


def test_refuses_what_has_no_sound_to_compare(pair: tuple[str, str], tmp_path: Path) -> None:
    mute = write_video(tmp_path / "mute.mp4", [k / 30 for k in range(5)])
    silent = write_video(tmp_path / "silent.mp4", [k / 30 for k in range(5)], sound=20.0)
    for other, reason in (
        (str(mute), "mute.mp4 has no sound; find one moment in both"),
        (str(silent), "the sound of B is silence; find one moment"),
        (pair[0], "are one file, on one clock"),
        ("demo:b", "demo:b is no video file"),
        (str(tmp_path / "none.mp4"), "does not exist"),
    ):
        with pytest.raises(SourceError, match=reason) as caught:
            align_videos(pair[0], other)
        assert "\n" not in str(caught.value)


def test_drift_stretches_the_times_of_frames(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", [k / 30 for k in range(90)])
    a, b = open_pair(str(path), f"{path}#t=0.5&drift=-800")
    times = [frame.time for frame in b]
    assert times == pytest.approx([k / 30 / (1 - 800e-6) for k in range(75)])
    assert b.duration == pytest.approx(2.5 / (1 - 800e-6))
    assert [frame.time for frame in a] == pytest.approx([k / 30 for k in range(90)])
    for source in (a, b):
        source.close()


def test_stored_frames_of_one_moment_have_one_time(tmp_path: Path) -> None:
    """Replay and film show frames by the session's time."""
    names = tmp_path / "a.mp4", tmp_path / "b.mp4"
    write_video(names[0], [k / 30 for k in range(60)])  # at second t, frame 30 t …
    write_video(names[1], [k / 30 for k in range(90)])  # … is the moment of frame 30 (t + 0.7)
    a, b = placed(str(names[0]), str(names[1]), 0.7, 500.0)
    path = tmp_path / "s.mirror"
    writers: dict[Feed, VideoWriter] = {
        feed: VideoWriter(file, every=True) for feed, file in video_paths(path).items()
    }
    session = OfflineSession(
        *open_pair(a, b), Settings(), tracker=Waving, recorder=recorder(tmp_path), videos=writers
    )
    assert sum(update.pose is not None for update in session.run()) == 60 + 69
    with Replay.open(path) as replay:
        for time_s in (0.2, 1.01, 1.52):
            shown = [replay.frame(feed, time_s) for feed in FEEDS]
            assert shown[0] is not None
            assert shown[1] is not None
            assert number(shown[0]) == int(30 * time_s + 0.02)
            assert number(shown[1]) == int(30 * (0.7 + time_s * 1.0005) + 0.02)
