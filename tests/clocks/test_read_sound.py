"""The sound of a video is on the clock of its frames."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mirror.capture.address import parse
from mirror.clocks.sound import RATE
from mirror.clocks.videos import read_sound
from tests.support.clips import write_video
from tests.support.sounds import claps, write_sounding_video

MOMENTS = (1.0, 2.5, 4.25)


def _heard(sound: np.ndarray) -> list[float]:
    """Return when each clap begins, s."""
    loud = np.flatnonzero(np.abs(sound) > 0.4 * np.abs(sound).max()) / RATE
    return [float(each) for each in loud[np.diff(loud, prepend=-1) > 0.5]]


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.mov"])
@pytest.mark.parametrize("begins", [0.0, 0.75])
def test_sound_has_the_times_of_the_container(tmp_path: Path, name: str, begins: float) -> None:
    path = write_sounding_video(tmp_path / name, claps(0, 6, *MOMENTS), begins=begins)
    sound = read_sound(parse(str(path)), RATE)
    assert sound is not None
    assert sound.dtype == np.float32
    assert _heard(sound) == pytest.approx([each + begins for each in MOMENTS], abs=0.004)
    assert len(sound) / RATE == pytest.approx(6 + begins, abs=0.2)


def test_sound_can_be_read_in_part(tmp_path: Path) -> None:
    path = write_sounding_video(tmp_path / "a.mp4", claps(0, 6, *MOMENTS))
    sound = read_sound(parse(f"{path}#t=3"), RATE, seconds=2.0)
    assert sound is not None
    assert _heard(sound) == pytest.approx([1.0], abs=0.004)
    assert 2.0 <= len(sound) / RATE < 2.5


def test_a_video_without_sound_has_none(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", [k / 30 for k in range(5)])
    assert read_sound(parse(str(path)), RATE) is None


def test_damaged_sound_is_silence(tmp_path: Path) -> None:
    path = write_sounding_video(tmp_path / "a.mkv", claps(0, 6, *MOMENTS))
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 300] = bytes(300)
    path.write_bytes(bytes(data))
    sound = read_sound(parse(str(path)), RATE)
    assert sound is not None
    assert _heard(sound)[0] == pytest.approx(1.0, abs=0.004)
