"""Long videos tracked in chunks: the same result whatever the number of processes."""

from __future__ import annotations

import math
import multiprocessing
import os
import signal
import tempfile
from collections import Counter
from collections.abc import Callable, Generator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from time import sleep

import numpy as np
import pytest

from mirror import Landmark, Pose, Recording, Settings
from mirror.capture import open_pair, open_source
from mirror.capture.base import Frame, count_notes
from mirror.landmarks import FEEDS, Feed
from mirror.session import chunks
from mirror.session.feeds import FeedState
from mirror.session.offline import OfflineSession
from tests.support.clips import number, write_video
from tests.support.fakes import recorder, steady
from tests.support.people import landmarks, pose

SECONDS, LENGTH, RUN_IN = 10, 3.0, 1.2
Track = tuple[Feed, Pose]


class Follower:
    """A tracker whose landmarks tell where it began, as those of MediaPipe do.

    From frame `lost_at` on, one that begins finds somebody else than one that follows.
    """

    def __init__(self, lost_at: int = 256, killed_at: int = 256) -> None:
        self._lost_at, self._killed_at = lost_at, killed_at
        self._place: float | None = None

    def track(self, frame: Frame) -> Pose:
        seen = number(frame.image)
        if seen == self._killed_at and multiprocessing.parent_process() is not None:
            os.kill(os.getpid(), signal.SIGKILL)
        if self._place is None:
            self._place = 0.3 if seen >= self._lost_at else 1e-3
        self._place += 1e-4 * math.sin(seen)
        return pose(frame.time, dict.fromkeys(Landmark, (self._place, 0.0)))

    def close(self) -> None:
        """Do nothing."""


class Waiting(Follower):
    """A tracker that another process begins, and notes in a folder, and goes on with when told."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        if multiprocessing.parent_process() is not None:
            tempfile.mkstemp(dir=folder)
            while not (folder / "go").exists():
                sleep(0.01)


def shorten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(chunks, "LENGTH_S", LENGTH)
    patch.setattr(chunks, "RUN_IN_S", RUN_IN)


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    shorten(monkeypatch)


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Two videos of numbered frames, the numbers modulo 256."""
    folder = tmp_path_factory.mktemp("videos")
    a = write_video(folder / "a.mp4", steady(SECONDS))
    b = write_video(folder / "b.mkv", steady(SECONDS, 15.0))
    return str(a), f"{b}#xywh=percent:0,0,100,100"


def tracked(
    videos: tuple[str, str],
    jobs: int,
    folder: Path,
    tracker: Callable[[], Follower] = Follower,
    grid_rate: float = 30.0,
) -> tuple[list[Track], OfflineSession]:
    """Analyze; return the poses in the recording, and the session."""
    folder.mkdir()
    session = OfflineSession(
        *open_pair(*videos, grid_rate=grid_rate),
        Settings(window=2.0),
        tracker=tracker,
        recorder=recorder(folder),
    )
    session.jobs, session.grid_rate = jobs, grid_rate
    for _ in session.run():
        pass
    with Recording.open(folder / "s.mirror") as recording:
        return list(recording.poses()), session


def places(found: list[Track], feed: Feed) -> list[float]:
    return [
        float(each.landmarks[0, 0])
        for of, each in found
        if of == feed and each.landmarks is not None
    ]


def as_bytes(found: list[Track]) -> list[tuple[object, ...]]:
    return [(feed, each.time, landmarks(each).tobytes()) for feed, each in found]


@pytest.fixture(scope="module")
def one(
    videos: tuple[str, str], tmp_path_factory: pytest.TempPathFactory
) -> tuple[list[Track], OfflineSession]:
    """What one process finds in the videos."""
    with pytest.MonkeyPatch.context() as patch:
        shorten(patch)
        return tracked(videos, 1, tmp_path_factory.mktemp("one") / "s")


def test_landmarks_do_not_depend_on_the_number_of_processes(
    videos: tuple[str, str], one: tuple[list[Track], OfflineSession], tmp_path: Path
) -> None:
    poses, session = one
    assert session.result is not None
    assert not session.result.faults
    for feed, rate in zip(FEEDS, (30.0, 15.0), strict=True):
        times = [each.time for of, each in poses if of == feed]
        assert times == pytest.approx(steady(SECONDS, rate), abs=1e-3)
    several, _ = tracked(videos, 2, tmp_path / "several")
    assert as_bytes(several) == as_bytes(poses)
    assert len(set(places(poses, "a"))) > 100


def test_short_and_unseekable_sources_stay_whole(videos: tuple[str, str], tmp_path: Path) -> None:
    short = write_video(tmp_path / "short.mp4", steady(5))
    stream = write_video(tmp_path / "stream.ts", steady(SECONDS))
    for name in (str(short), f"{videos[0]}#t=0,5", str(stream), "demo:a"):
        with open_source(name) as source:
            assert chunks.cut("a", source, 30.0) == []
    with open_source(f"{videos[0]}#t=1.5") as source:
        found = chunks.cut("a", source, 30.0)
    assert [(each.start, each.begin, each.end) for each in found] == [
        (0.0, 0.0, 3.0),
        (1.8, 3.0, math.inf),
    ]


def test_a_video_of_another_clock_is_opened_in_its_middle(videos: tuple[str, str]) -> None:
    for drift, frame in ((-1000, 8.008), (1000, 7.992)):
        with open_source(f"{videos[0]}#drift={drift}", skip=frame - 0.002) as source:
            assert next(iter(source)).time == pytest.approx(frame, abs=1e-3)


def test_chunks_of_a_part_and_of_a_fast_video_have_the_same_frames(tmp_path: Path) -> None:
    fast = write_video(tmp_path / "fast.mp4", steady(SECONDS, 100.0), rate=Fraction(100))
    text = f"{fast}#t=0.704"
    with open_source(text, grid_rate=30.0) as source:
        whole = [(each.time, number(each.image)) for each in source]
        notes = source.notes
        parts = chunks.cut("a", source, 30.0)
        assert len(parts) == 3
        state, found = FeedState(source), []
        for part in parts:
            counts: Counter[str] = Counter()
            for frame, _ in chunks.track(Follower, part, counts):
                assert frame is not None
                if frame.time >= part.begin:
                    found.append((frame.time, number(frame.image)))
            state.add(counts)
    assert found == whole
    assert count_notes(text.partition("#")[0], state.counts) == notes
    assert "were skipped" in notes[0]


def test_who_is_followed_does_not_change_at_a_boundary(
    videos: tuple[str, str], tmp_path: Path
) -> None:
    found, _ = tracked(videos, 1, tmp_path / "s", partial(Follower, lost_at=50))
    # Another would be found at 1.8 s of A, so that the first tracker goes on; and at 4.8 s of B,
    # where the one goes on that began at 1.8 s.
    for feed, text, begin, kept in zip(FEEDS, videos, (0.0, 1.8), (300, 105), strict=True):
        alone = Follower()
        with open_source(text, skip=begin) as source:
            followed = [(feed, alone.track(frame)) for frame in source]
        assert places(found, feed)[-kept:] == places(followed, feed)[-kept:]
        assert np.abs(np.diff(places(found, feed))).max() < 0.01


def test_nothing_is_lost_when_a_process_is_killed(
    videos: tuple[str, str], one: tuple[list[Track], OfflineSession], tmp_path: Path
) -> None:
    two, session = tracked(videos, 2, tmp_path / "two", partial(Follower, killed_at=150))
    assert as_bytes(two) == as_bytes(one[0])
    assert session.result is not None
    assert not session.result.faults
    assert "the main process tracked" in session.result.notes[0]
    assert {each.dropped for each in session.status().values()} == {0}
    assert not multiprocessing.active_children()


def test_no_process_begins_what_is_tracked_again(videos: tuple[str, str], tmp_path: Path) -> None:
    with open_source(videos[0]) as source:
        (first, *_) = chunks.cut("a", source, 30.0)
    parts = [replace(first, begin=float(number)) for number in range(8)]
    last = replace(first, begin=8.0, feed="b")
    with chunks.Workers(1, partial(Waiting, tmp_path), [*parts, last]) as workers:
        rest = workers.track_on(replace(first, end=math.inf), Counter())
        (tmp_path / "go").touch()
        assert len(list(rest)) == 300
        assert len(list(workers.track(last, Counter()))) == 90
    begun = [path for path in tmp_path.iterdir() if path.name != "go"]
    assert len(begun) < 6  # some of A's were handed to the process before


def test_failure_to_start_processes_leaves_none(
    videos: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("no more processes")

    monkeypatch.setattr(ProcessPoolExecutor, "submit", fail)
    sources = open_pair(*videos, grid_rate=30.0)
    kept = recorder(tmp_path)
    session = OfflineSession(*sources, Settings(), tracker=Follower, recorder=kept)
    session.jobs = 2
    with pytest.raises(OSError, match="no more processes") as caught:
        next(session.run())
    assert not multiprocessing.active_children()
    assert caught.value.__traceback__ is not None  # which would keep what was left alive
    assert [source.read() for source in sources] == [None, None]


def test_stopped_session_ends_its_processes(videos: tuple[str, str], tmp_path: Path) -> None:
    session = OfflineSession(*open_pair(*videos), Settings(), tracker=Follower)
    session.jobs = 2
    for update in session.run():
        if update.time > 1.0:
            session.stop()
    assert session.result is not None
    assert session.result.faults == ("stopped at 1.0 s of 10.0 s; start again",)
    assert not multiprocessing.active_children()


def test_cut_off_video_is_tracked_up_to_there(
    videos: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Path(videos[1].partition("#")[0]).read_bytes()
    cut_off = tmp_path / "cut.mkv"
    cut_off.write_bytes(whole[: 2 * len(whole) // 3])
    _, chunked = tracked((videos[0], str(cut_off)), 1, tmp_path / "s")
    monkeypatch.setattr(chunks, "LENGTH_S", 1e6)
    _, at_once = tracked((videos[0], str(cut_off)), 1, tmp_path / "t")
    assert chunked.result is not None
    assert at_once.result is not None
    assert chunked.result.faults == at_once.result.faults
    assert "is cut off at" in chunked.result.faults[0]
    assert chunked.frames == at_once.frames


def test_notes_on_joined_files_are_kept(tmp_path: Path) -> None:
    part = write_video(tmp_path / "part.mkv", steady(7)).read_bytes()
    joined = tmp_path / "joined.mkv"
    joined.write_bytes(2 * part)
    _, session = tracked((str(joined), f"{joined}#flip"), 1, tmp_path / "s")
    assert session.result is not None
    assert session.frames == 2 * 14 * 30
    for text, note in zip(("", "#flip"), session.result.notes, strict=True):
        assert note.startswith(f"{joined}{text} begins again at 7.00 s")


def test_camera_motion_goes_on_from_chunk_to_chunk() -> None:
    """Each chunk's motion counts from its own first frame, where that of the video has turned."""

    def motion(time: float) -> tuple[complex, complex]:
        return complex(math.cos(0.02 * time), math.sin(0.02 * time)), complex(0.1 * time, 0.05)

    def seen(chunk: chunks.Chunk, _counts: Counter[str]) -> Generator[chunks.Tracked]:
        own, place = motion(chunk.start)
        for time in np.arange(chunk.start, min(chunk.end, 12.0), 0.1).round(3).tolist():
            now = motion(time)
            ratio = now[0] / own
            moved = ratio, (now[1] - place) / own
            parts = moved[0].real, moved[0].imag, moved[1].real, moved[1].imag
            camera = np.array([*parts, 0.001 * time])  # and the pixels' motion
            yield None, replace(pose(time), camera=camera)

    parts = [
        chunks.Chunk(begin, "a", max(0.0, begin - RUN_IN), end, "a.mp4", None)
        for begin, end in ((0.0, 4.0), (4.0, 8.0), (8.0, math.inf))
    ]
    never = partial(pytest.fail, "tracked again")
    found = [each for _, each in chunks.join(parts, seen, never, lambda _: None)]
    assert [each.time for each in found] == np.arange(0, 12, 0.1).round(3).tolist()
    whole = [each for _, each in seen(replace(parts[0], end=math.inf), Counter())]
    for one, other in zip(found, whole, strict=True):
        assert one.camera == pytest.approx(other.camera, abs=1e-12)
