"""Stored videos: the right frame at every time, without delaying the session."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from mirror.errors import RecordingError
from mirror.recording import video
from mirror.recording.database import video_paths
from mirror.recording.video import VideoReader, VideoWriter, own_shape

WIDTH, HEIGHT, BITS = 160, 96, 12


def make_frame(number: int, size: tuple[int, int] = (HEIGHT, WIDTH)) -> NDArray[np.uint8]:
    """Return a frame that shows its number as light and dark stripes."""
    stripes = np.array([(number >> bit) & 1 for bit in range(BITS)], np.uint8) * 160 + 40
    columns = stripes[np.arange(size[1]) * BITS // size[1]]
    return np.broadcast_to(columns[:, None], (*size, 3)).copy()


def read_number(image: NDArray[np.uint8] | None) -> int | None:
    if image is None:
        return None
    centres = (np.arange(BITS) + 0.5) * image.shape[1] / BITS
    light = image[image.shape[0] // 2, centres.astype(int), 1] > 120
    return sum(int(value) << bit for bit, value in enumerate(light))


def irregular(count: int, seed: int = 3) -> list[float]:
    """Return times of an irregular camera, from 0.2641 s on, with a pause of a minute."""
    steps = np.random.default_rng(seed).uniform(0.01, 0.06, count)
    steps[count // 2] = 60.0
    return (0.2641 + np.cumsum(steps)).tolist()


def store(path: Path, times: list[float], monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(video, "_QUEUE_SIZE", 10**6)  # drop none
    with VideoWriter(path) as writer:
        for number, time in enumerate(times):
            writer.put(time, make_frame(number))
    assert (writer.error, writer.dropped) == (None, 0)
    return path


def expected(times: list[float], moment: float) -> int | None:
    number = int(np.searchsorted(times, moment, "right")) - 1
    return number if number >= 0 and moment - times[number] <= 0.5 else None


def test_finds_every_frame_at_its_time(tmp_path: Path, monkeypatch) -> None:
    times = irregular(300)
    with VideoReader(store(tmp_path / "p.mp4", times, monkeypatch)) as reader:
        assert [read_number(reader.at(time)) for time in times] == list(range(300))
        back = [read_number(reader.at(time)) for time in reversed(times)]
        assert back == list(range(299, -1, -1))


@pytest.mark.parametrize(
    "name",
    ["2026-11-27T10:20.mp4", "http:a.mp4", "a?b#c&d.mp4", "a%03d.mp4", os.fsdecode(b"\xe9.mp4")],
)
def test_any_name_is_that_of_a_file(tmp_path: Path, monkeypatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    store(Path(name), [0.1, 0.2], monkeypatch)
    assert [each.name for each in tmp_path.iterdir()] == [name]
    with VideoReader(Path(name)) as reader:
        assert read_number(reader.at(0.2)) == 1


def test_finds_newest_frame_at_any_time(tmp_path: Path, monkeypatch) -> None:
    times = irregular(300)
    rng = np.random.default_rng(4)
    with VideoReader(store(tmp_path / "p.mp4", times, monkeypatch)) as reader:
        for moment in rng.uniform(0.0, times[-1] + 2, 400):
            if np.min(np.abs(np.array(times) - moment)) < 0.001:
                continue  # stored times are rounded to the millisecond
            if abs((moment - times[expected(times, moment) or 0]) - 0.5) < 0.001:
                continue
            assert read_number(reader.at(moment)) == expected(times, moment), moment
        assert reader.at(times[149] + 30) is None  # in the pause
        assert reader.at(times[0] - 0.1) is None
        assert reader.at(times[-1] + 100) is None
        assert read_number(reader.at(times[-1])) == 299


def test_keeps_session_times_with_a_key_frame_each_second(tmp_path: Path, monkeypatch) -> None:
    times = irregular(300)
    path = store(tmp_path / "p.mp4", times, monkeypatch)
    with av.open(str(path)) as container:
        frames = [(frame.time, frame.key_frame) for frame in container.decode(video=0)]
    assert np.allclose([time for time, _ in frames], times, rtol=0, atol=0.00051)
    keys = [time for time, is_key in frames if is_key]
    assert keys[0] == frames[0][0]
    for time, _ in frames:
        assert any(0 <= time - key <= 1.06 for key in keys), time


def test_keeps_negative_times(tmp_path: Path, monkeypatch) -> None:
    path = store(tmp_path / "p.mp4", [-0.05, 0.0, 0.05], monkeypatch)
    with VideoReader(path) as reader:
        assert [read_number(reader.at(time)) for time in (-0.05, 0.0, 0.05)] == [0, 1, 2]


@pytest.mark.parametrize("size", [(95, 161), (96, 161), (1, 1), (480, 640)])
def test_stores_any_size(tmp_path: Path, size: tuple[int, int]) -> None:
    with VideoWriter(tmp_path / "p.mp4") as writer:
        writer.put(0.0, np.full((*size, 3), (200, 60, 20), np.uint8))
    assert writer.error is None
    with VideoReader(tmp_path / "p.mp4") as reader:
        image = reader.at(0.0)
    assert image is not None
    assert image.dtype == np.uint8
    assert image.shape == (max(2, size[0] // 2 * 2), max(2, size[1] // 2 * 2), 3)
    assert np.abs(image.mean(axis=(0, 1)) - (200, 60, 20)).max() < 6


def test_scales_to_size_of_first_frame(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "p.mp4") as writer:
        writer.put(0.0, make_frame(5))
        writer.put(0.1, make_frame(9, (2 * HEIGHT, 3 * WIDTH)))
        writer.put(0.2, make_frame(2000, (40, 70)))
    assert writer.error is None
    with VideoReader(tmp_path / "p.mp4") as reader:
        images = [reader.at(time) for time in (0.0, 0.1, 0.2)]
    assert [read_number(image) for image in images] == [5, 9, 2000]
    assert {image.shape for image in images if image is not None} == {(HEIGHT, WIDTH, 3)}


def test_drops_frames_whose_time_does_not_rise(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "p.mp4") as writer:
        for number, time in enumerate([1.0, 1.0, 0.5, 1.0004, 1.1]):
            writer.put(time, make_frame(number))
    assert (writer.error, writer.dropped) == (None, 3)
    with VideoReader(tmp_path / "p.mp4") as reader:
        assert read_number(reader.at(1.05)) == 0
        assert read_number(reader.at(1.1)) == 4


def test_slow_encoder_drops_frames_without_waiting(tmp_path: Path, monkeypatch) -> None:
    begun, go_on = threading.Event(), threading.Event()
    real = video._stream  # noqa: SLF001

    def stuck(*args: Any) -> object:
        begun.set()
        assert go_on.wait(timeout=60)
        return real(*args)

    monkeypatch.setattr(video, "_stream", stuck)
    writer = VideoWriter(tmp_path / "p.mp4")
    writer.put(0.0, make_frame(0))
    assert begun.wait(timeout=60)
    for number in range(1, 100):
        writer.put(number / 10, make_frame(number))  # returns, though nothing is being encoded
    assert writer.dropped > 0
    go_on.set()
    writer.close()
    assert writer.error is None
    kept = 100 - writer.dropped
    with VideoReader(writer.path) as reader:
        assert [read_number(reader.at(k / 10)) for k in range(kept)] == list(range(kept))
        assert reader.at(kept / 10 + 0.5) is None


def write_to_slow_encoder(
    folder: Path, monkeypatch: pytest.MonkeyPatch, begin: Callable[..., object], count: int
) -> VideoWriter:
    """Write frames with `every`; the encoder starts once its queue is full."""
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
            writer.put(number / 10, make_frame(number))
    return writer


def test_every_waits_for_slow_encoder(tmp_path: Path, monkeypatch) -> None:
    writer = write_to_slow_encoder(tmp_path, monkeypatch, video._stream, 100)  # noqa: SLF001
    assert (writer.error, writer.dropped) == (None, 0)
    with VideoReader(writer.path) as reader:
        assert [read_number(reader.at(k / 10)) for k in range(100)] == list(range(100))


def test_failing_encoder_releases_waiting_put(tmp_path: Path, monkeypatch) -> None:
    def broken(*_: object) -> object:
        raise OSError(28, "No space left on device")

    writer = write_to_slow_encoder(tmp_path, monkeypatch, broken, 10)
    assert writer.error is not None
    assert "No space left" in writer.error


def test_video_is_private(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "p.mp4") as writer:
        writer.put(0.0, make_frame(0))
    assert stat.S_IMODE(writer.path.stat().st_mode) == 0o600


def test_video_without_frames_is_deleted(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "p.mp4"):
        pass
    writer = VideoWriter(tmp_path / "q.mp4")
    writer.put(0.0, make_frame(0))
    writer.discard()
    assert list(tmp_path.iterdir()) == []


def test_refuses_existing_video(tmp_path: Path) -> None:
    path = tmp_path / "holiday.mp4"
    path.write_text("precious")
    with pytest.raises(RecordingError, match=r"holiday\.mp4 exists"):
        VideoWriter(path)
    assert path.read_text() == "precious"
    with pytest.raises(RecordingError, match="No such file or directory"):
        VideoWriter(tmp_path / "nowhere" / "p.mp4")


@pytest.mark.parametrize("content", [None, b"", b"not a video", b"\0" * 5000])
def test_refuses_files_without_video(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "p.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RecordingError, match=r"p\.mp4") as caught:
        VideoReader(path)
    assert "\n" not in str(caught.value)


def test_video_paths() -> None:
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


def test_killed_video_writer_loses_at_most_a_second(tmp_path: Path) -> None:
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
def test_full_disk_keeps_earlier_frames(tmp_path: Path) -> None:
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


@pytest.mark.parametrize("size", [(96, 160), (160, 96), (64, 64), (48, 81)])
def test_frames_of_another_shape_are_not_squashed(tmp_path: Path, size: tuple[int, int]) -> None:
    """A telephone that is turned: black bars fill the rest of the first frame's shape."""
    width, height = size
    down, across = np.mgrid[0:height, 0:width]
    disc = (across - width / 2) ** 2 + (down - height / 2) ** 2 < (min(size) / 3) ** 2
    image = np.where(disc[..., None], np.uint8(240), np.uint8(90)).repeat(3, axis=2)
    with VideoWriter(tmp_path / "p.mp4") as writer:
        writer.put(0.0, np.zeros((96, 128, 3), np.uint8))
        writer.put(0.1, image)
    with VideoReader(tmp_path / "p.mp4") as reader:
        first, stored = reader.at(0.0), reader.at(0.1)
    assert first is not None
    assert stored is not None
    assert stored.shape == first.shape == (96, 128, 3)
    assert own_shape(first, 128, 96) is first
    part = own_shape(stored, width, height)
    assert part.shape[1] / part.shape[0] == pytest.approx(width / height, rel=0.03)
    rows, columns = np.nonzero(part[..., 0] > 165)
    assert np.ptp(rows) == pytest.approx(np.ptp(columns), abs=2)  # still round
    assert part[2:-2, 2:-2].min() > 60  # none of the black
