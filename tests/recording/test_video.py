"""Stored pictures: the right one at every time, and nothing that the pose loop would feel."""

from __future__ import annotations

import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from mirror.errors import RecordingError
from mirror.recording import video
from mirror.recording.video import VideoReader, VideoWriter, video_paths

WIDTH, HEIGHT, BITS = 160, 96, 12


def numbered(number: int, size: tuple[int, int] = (HEIGHT, WIDTH)) -> NDArray[np.uint8]:
    """A picture with its number in it, as light and dark stripes."""
    stripes = np.array([(number >> bit) & 1 for bit in range(BITS)], np.uint8) * 160 + 40
    columns = stripes[np.arange(size[1]) * BITS // size[1]]
    return np.broadcast_to(columns[:, None], (*size, 3)).copy()


def number_in(image: NDArray[np.uint8] | None) -> int | None:
    if image is None:
        return None
    centres = (np.arange(BITS) + 0.5) * image.shape[1] / BITS
    light = image[image.shape[0] // 2, centres.astype(int), 1] > 120
    return sum(int(value) << bit for bit, value in enumerate(light))


def irregular(count: int, seed: int = 3) -> list[float]:
    """Times of a camera that is not steady, from 0.2641 s on, with a pause of a minute."""
    steps = np.random.default_rng(seed).uniform(0.01, 0.06, count)
    steps[count // 2] = 60.0
    return (0.2641 + np.cumsum(steps)).tolist()


def stored(path: Path, times: list[float], monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(video, "_QUEUE_SIZE", 10**6)  # every one of them
    with VideoWriter(path) as writer:
        for number, time in enumerate(times):
            writer.put(time, numbered(number))
    assert (writer.error, writer.dropped) == (None, 0)
    return path


def expected(times: list[float], moment: float) -> int | None:
    number = int(np.searchsorted(times, moment, "right")) - 1
    return number if number >= 0 and moment - times[number] <= 0.5 else None


def test_every_picture_is_found_at_its_own_time(tmp_path: Path, monkeypatch) -> None:
    times = irregular(300)
    with VideoReader(stored(tmp_path / "p.mp4", times, monkeypatch)) as reader:
        assert [number_in(reader.at(time)) for time in times] == list(range(300))
        back = [number_in(reader.at(time)) for time in reversed(times)]
        assert back == list(range(299, -1, -1))


def test_any_moment_shows_the_newest_picture(tmp_path: Path, monkeypatch) -> None:
    times = irregular(300)
    rng = np.random.default_rng(4)
    with VideoReader(stored(tmp_path / "p.mp4", times, monkeypatch)) as reader:
        for moment in rng.uniform(0.0, times[-1] + 2, 400):
            if np.min(np.abs(np.array(times) - moment)) < 0.001:
                continue  # stored times are rounded to the millisecond
            if abs((moment - times[expected(times, moment) or 0]) - 0.5) < 0.001:
                continue
            assert number_in(reader.at(moment)) == expected(times, moment), moment
        assert reader.at(times[149] + 30) is None  # in the pause
        assert reader.at(times[0] - 0.1) is None
        assert reader.at(times[-1] + 100) is None
        assert number_in(reader.at(times[-1])) == 299


def test_times_are_the_sessions_and_key_frames_come_every_second(
    tmp_path: Path, monkeypatch
) -> None:
    times = irregular(300)
    path = stored(tmp_path / "p.mp4", times, monkeypatch)
    with av.open(str(path)) as container:
        frames = [(frame.time, frame.key_frame) for frame in container.decode(video=0)]
    assert np.allclose([time for time, _ in frames], times, rtol=0, atol=0.00051)
    keys = [time for time, is_key in frames if is_key]
    assert keys[0] == frames[0][0]
    for time, _ in frames:
        assert any(0 <= time - key <= 1.06 for key in keys), time


def test_times_before_the_start_are_kept(tmp_path: Path, monkeypatch) -> None:
    path = stored(tmp_path / "p.mp4", [-0.05, 0.0, 0.05], monkeypatch)
    with VideoReader(path) as reader:
        assert [number_in(reader.at(time)) for time in (-0.05, 0.0, 0.05)] == [0, 1, 2]


@pytest.mark.parametrize("size", [(95, 161), (96, 161), (1, 1), (480, 640)])
def test_any_size_can_be_stored(tmp_path: Path, size: tuple[int, int]) -> None:
    with VideoWriter(tmp_path / "p.mp4") as writer:
        writer.put(0.0, np.full((*size, 3), (200, 60, 20), np.uint8))
    assert writer.error is None
    with VideoReader(tmp_path / "p.mp4") as reader:
        image = reader.at(0.0)
    assert image is not None
    assert image.dtype == np.uint8
    assert image.shape == (max(2, size[0] // 2 * 2), max(2, size[1] // 2 * 2), 3)
    assert np.abs(image.mean(axis=(0, 1)) - (200, 60, 20)).max() < 6


def test_a_size_that_changes_midway_is_scaled_to_the_first(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "p.mp4") as writer:
        writer.put(0.0, numbered(5))
        writer.put(0.1, numbered(9, (2 * HEIGHT, 3 * WIDTH)))
        writer.put(0.2, numbered(2000, (40, 70)))
    assert writer.error is None
    with VideoReader(tmp_path / "p.mp4") as reader:
        images = [reader.at(time) for time in (0.0, 0.1, 0.2)]
    assert [number_in(image) for image in images] == [5, 9, 2000]
    assert {image.shape for image in images if image is not None} == {(HEIGHT, WIDTH, 3)}


def test_a_time_that_stands_is_passed_over_and_counted(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "p.mp4") as writer:
        for number, time in enumerate([1.0, 1.0, 0.5, 1.0004, 1.1]):
            writer.put(time, numbered(number))
    assert (writer.error, writer.dropped) == (None, 3)
    with VideoReader(tmp_path / "p.mp4") as reader:
        assert number_in(reader.at(1.05)) == 0
        assert number_in(reader.at(1.1)) == 4


def test_a_slow_encoder_costs_pictures_and_no_time(tmp_path: Path, monkeypatch) -> None:
    begun, go_on = threading.Event(), threading.Event()
    real = video._stream  # noqa: SLF001

    def stuck(*args: object) -> object:
        begun.set()
        assert go_on.wait(timeout=60)
        return real(*args)

    monkeypatch.setattr(video, "_stream", stuck)
    writer = VideoWriter(tmp_path / "p.mp4")
    writer.put(0.0, numbered(0))
    assert begun.wait(timeout=60)
    for number in range(1, 100):
        writer.put(number / 10, numbered(number))  # returns, though nothing is being encoded
    assert writer.dropped > 0
    go_on.set()
    writer.close()
    assert writer.error is None
    kept = 100 - writer.dropped
    with VideoReader(writer.path) as reader:
        assert [number_in(reader.at(k / 10)) for k in range(kept)] == list(range(kept))
        assert reader.at(kept / 10 + 0.5) is None


def written_past_a_slow_encoder(
    folder: Path, monkeypatch: pytest.MonkeyPatch, begin: Callable[..., object], count: int
) -> VideoWriter:
    """So many pictures, every one of which is wanted; the encoder begins once its queue is full."""
    full = threading.Event()

    def late(*args: object) -> object:
        assert full.wait(timeout=60)
        return begin(*args)

    monkeypatch.setattr(video, "_stream", late)
    monkeypatch.setattr(video, "_QUEUE_SIZE", 2)
    with VideoWriter(folder / "p.mp4", every=True) as writer:
        for number in range(count):
            if number == 2:
                full.set()
            writer.put(number / 10, numbered(number))
    return writer


def test_every_picture_waits_for_a_slow_encoder_where_that_is_wanted(
    tmp_path: Path, monkeypatch
) -> None:
    writer = written_past_a_slow_encoder(tmp_path, monkeypatch, video._stream, 100)  # noqa: SLF001
    assert (writer.error, writer.dropped) == (None, 0)
    with VideoReader(writer.path) as reader:
        assert [number_in(reader.at(k / 10)) for k in range(100)] == list(range(100))


def test_an_encoder_that_fails_lets_go_of_who_waits_for_it(tmp_path: Path, monkeypatch) -> None:
    def broken(*_: object) -> object:
        raise OSError(28, "No space left on device")

    writer = written_past_a_slow_encoder(tmp_path, monkeypatch, broken, 10)
    assert writer.error is not None
    assert "No space left" in writer.error


def test_only_the_owner_may_see_them(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "p.mp4") as writer:
        writer.put(0.0, numbered(0))
    assert stat.S_IMODE(writer.path.stat().st_mode) == 0o600


def test_no_picture_leaves_no_file(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "p.mp4"):
        pass
    writer = VideoWriter(tmp_path / "q.mp4")
    writer.put(0.0, numbered(0))
    writer.discard()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_exists_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "holiday.mp4"
    path.write_text("precious")
    with pytest.raises(RecordingError, match=r"holiday\.mp4 exists"):
        VideoWriter(path)
    assert path.read_text() == "precious"
    with pytest.raises(RecordingError, match="No such file or directory"):
        VideoWriter(tmp_path / "nowhere" / "p.mp4")


@pytest.mark.parametrize("content", [None, b"", b"no film at all", b"\0" * 5000])
def test_what_holds_no_pictures_is_said(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "p.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RecordingError, match=r"p\.mp4") as caught:
        VideoReader(path)
    assert "\n" not in str(caught.value)


def test_names_lie_beside_the_recording() -> None:
    assert video_paths(Path("x/talk.video.mirror")) == {
        "a": Path("x/talk.video.a.mp4"),
        "b": Path("x/talk.video.b.mp4"),
    }


_WRITING = """
import sys, time
from pathlib import Path
import numpy as np
from mirror.recording import video
video._QUEUE_SIZE = 10**6
path = Path(sys.argv[1])
writer = video.VideoWriter(path)
noise = np.random.default_rng(0).integers(0, 255, (20, 96, 160, 3)).astype(np.uint8)
for number in range(int(sys.argv[2])):
    writer.put(number / 10, noise[number % 20])
"""


def test_a_killed_writer_leaves_all_but_the_last_second(tmp_path: Path) -> None:
    path = tmp_path / "p.mp4"
    code = (
        _WRITING
        + """
while path.stat().st_size < 1_000_000:
    time.sleep(0.01)
print(path.stat().st_size, flush=True)
time.sleep(600)
"""
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(path), "100000"], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert int(child.stdout.readline()) >= 1_000_000
    child.kill()
    child.wait()
    child.stdout.close()
    with VideoReader(path) as reader:
        # some 20 kB each, ten a second; less than a second of them is lost
        assert all(reader.at(number / 10) is not None for number in range(30))


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are POSIX")
def test_a_full_disk_is_said_and_what_came_before_stays(tmp_path: Path) -> None:
    code = (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))\n"
        + _WRITING
        + "writer.close()\nprint(writer.error)\nprint(writer.dropped)"
    )
    path = tmp_path / "p.mp4"
    done = subprocess.run(
        [sys.executable, "-c", code, str(path), "1000"],
        capture_output=True,
        text=True,
        check=True,
    )
    line, dropped = done.stdout.splitlines()
    assert str(path) in line
    assert "free some space" in line
    with VideoReader(path) as reader:
        shown = sum(reader.at(number / 10) is not None for number in range(1000))
    assert 200 < shown < 500  # 2 MB of them
    assert int(dropped) > 400
