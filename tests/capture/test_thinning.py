"""No more frames than the grid needs, and never fewer."""

from __future__ import annotations

import itertools
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror._support import steady_clock
from mirror.capture import camera, open_pair
from mirror.capture.base import Source
from mirror.capture.camera import CameraSource
from mirror.capture.thinning import Thinning
from tests.support.clips import number, write_video
from tests.support.fake_capture import Bus, Webcam


def kept(times: list[float], nominal: float | None = None) -> np.ndarray:
    rate = 30.0
    thinning = Thinning(rate)
    thinning.limit(nominal)
    used = [time for time in times if thinning.wants(time)]
    assert thinning.skipped == len(times) - len(used)
    return np.array(used)


def even(rate: float, seconds: float = 10.0, offset: float = 0.0) -> list[float]:
    return [offset + n / rate for n in range(round(rate * seconds))]


@pytest.mark.parametrize("offset", [0.0, 0.3, 12345.678])
@pytest.mark.parametrize("rate", [45, 48, 50, 59.94, 60, 90, 100, 119.88, 120, 240])
def test_keeps_the_frame_nearest_to_every_tick(rate: float, offset: float) -> None:
    times = np.array(even(rate, offset=offset))
    used = kept(times.tolist(), rate)
    assert len(used) == pytest.approx(300, abs=2)
    assert 0 <= len(kept(times.tolist())) - len(used) <= 8  # until the rate is known
    ticks = np.arange(np.ceil(times[0] * 30) + 1, np.floor(times[-1] * 30)) / 30
    nearest = np.abs(times[:, None] - ticks).min(axis=0)
    assert np.abs(used[:, None] - ticks).min(axis=0) == pytest.approx(nearest, abs=1e-6)


@given(
    st.sampled_from([5.0, 12.5, 24.0, 25.0, 29.97, 30.0, 33.0]),
    st.floats(0, 1),
    st.integers(0, 2**32 - 1),
)
def test_keeps_all_frames_of_slower_sources(rate: float, offset: float, seed: int) -> None:
    """However unevenly they come: cameras do, by some milliseconds."""
    late = np.abs(np.random.default_rng(seed).normal(0, 0.004, round(10 * rate)))
    times = np.maximum.accumulate(np.array(even(rate, offset=offset)) + late)
    assert len(kept(times.tolist())) == len(times)


def test_bursts_are_not_a_fast_source() -> None:
    """Networks deliver several frames at once."""
    bursts = [0.2 * (n // 6) + 0.0005 * (n % 6) for n in range(300)]
    assert len(kept(bursts)) >= 300 - 12  # but for the first two


def test_gap_and_change_of_rate() -> None:
    times = even(60, 5) + even(60, 5, 20) + even(25, 5, 25) + even(60, 5, 30)
    used = kept(times)
    steps = np.diff(used)
    assert len(used) == pytest.approx(150 + 150 + 125 + 150, abs=100)  # it takes a second to tell
    assert np.sum(steps > 1 / 15) == 1  # the gap
    assert np.all(np.isin(np.round(used, 6), np.round(times, 6)))  # real times


def test_every_frame_without_a_grid() -> None:
    thinning = Thinning(None)
    assert all(thinning.wants(time) for time in even(240))
    assert (thinning.limit(240), thinning.limit(None)) == (240, None)
    assert [Thinning(30).limit(rate) for rate in (None, 12.5, 30, 60)] == [None, 12.5, 30, 30]


@pytest.mark.parametrize("suffix", ["mp4", "webm"])
def test_fast_video_is_read_at_the_rate_of_the_grid(tmp_path: Path, suffix: str) -> None:
    codec = "libvpx" if suffix == "webm" else "libx264"
    path = write_video(tmp_path / f"fast.{suffix}", even(60, 2), codec=codec, rate=Fraction(60))
    for fragment, first in (("", 0), ("#t=1", 60)):
        a, b = open_pair(f"{path}{fragment}", f"{path}{fragment}", grid_rate=30.0)
        for source in (a, b):
            assert isinstance(source, Source)
            assert source.rate == 30
            with source:
                frames = list(source)
            assert [number(frame.image) for frame in frames] == list(range(first, 120, 2))
            assert [frame.time for frame in frames] == pytest.approx(
                even(30, len(frames) / 30), abs=1e-3
            )
            assert source.dropped == 0
            (note,) = source.notes
            assert f"{len(frames)} were skipped" in note
            assert "--all-frames" in note


def test_fast_camera_costs_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Frames that are not needed are not even decoded, and are not dropped ones."""
    bus = Bus(Webcam(1, 0, "usb-1"))
    monkeypatch.setattr(cv2, "VideoCapture", bus.capture)
    monkeypatch.setattr(camera, "list_cameras", bus.list_cameras)
    clock = itertools.count(6000)
    monkeypatch.setattr(steady_clock, "now", lambda: next(clock) / 60)
    with CameraSource(0, grid_rate=30.0) as source:
        frames = [source.read() for _ in range(40)]
        assert source.dropped == 0
    times = [frame.time for frame in frames if frame is not None]
    assert len(times) == 40
    steps = np.diff(times)
    assert np.median(steps) == pytest.approx(1 / 30)
    assert np.all(steps[8:] > 1 / 31)  # it says that it sends 30
