"""Offset and drift from sound, against soundtracks whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from mirror.clocks.sound import HEARD, RATE, SURE, Alignment, align_sound
from mirror.errors import SourceError
from tests.support.sounds import Sound, claps, music, recorded, speech


def _error(found: Alignment, offset: float, drift_ppm: float) -> float:
    """Return the error of the lag, s, at the ends of what both have in common, the larger one."""
    times = found.times[[0, -1]]
    true = offset + drift_ppm * 1e-6 * (times + offset)
    return float(np.abs(found.lag_at(times) - true).max())


def _pair(
    sound: Sound, offset: float, drift_ppm: float, seconds: float, *, noise_db: float, echo: float
) -> tuple[Sound, Sound]:
    """Return two recordings; B begins `offset` s before A, or after it if that is negative."""
    first, second = max(offset, 0.0), max(-offset, 0.0)
    about = {"seconds": seconds, "noise_db": noise_db, "echo": echo}
    a = recorded(sound, 1, start=first, level=0.05, **about)
    b = recorded(sound, 2, start=second, drift_ppm=drift_ppm, **about)
    return a, b


@pytest.mark.parametrize(
    ("offset", "drift_ppm", "noise_db", "echo"),
    [
        (0.0123, 20.0, -10.0, 0.5),
        (-3.7, -50.0, -15.0, 1.0),
        (31.4159, 50.0, 0.0, 1.0),
        (-60.0, 10.0, -10.0, 0.3),
    ],
)
def test_finds_offset_and_drift(
    offset: float, drift_ppm: float, noise_db: float, echo: float
) -> None:
    sound = speech(3, 90 + abs(offset)) + 0.3 * music(4, 90 + abs(offset))
    found = align_sound(*_pair(sound, offset, drift_ppm, 90, noise_db=noise_db, echo=echo))
    assert found.is_sure
    assert _error(found, offset, drift_ppm) < 0.001
    assert abs(found.drift_ppm - drift_ppm) < max(5.0, 3 * found.drift_error_ppm)


def test_finds_the_drift_of_ten_minutes() -> None:
    """Half an hour is measured by ``python -m benchmarks.clocks``."""
    rng = np.random.default_rng(5)
    sound = rng.standard_normal(601 * RATE, dtype=np.float32)
    sound *= np.repeat(rng.exponential(1.0, 601 * 4), RATE // 4).astype(np.float32)  # as of speech
    own = 0.2 * rng.standard_normal((2, 580 * RATE), dtype=np.float32)
    a = sound[int(12.5 * RATE) :][: 580 * RATE] + own[0]
    b = recorded(sound, 2, drift_ppm=-50.0, seconds=580 + 3 / RATE) + own[1]
    found = align_sound(a, b)
    assert found.is_sure
    assert _error(found, 12.5, -50.0) < 0.001
    assert abs(found.drift_ppm + 50.0) < 1.0
    assert found.used_drift_ppm == found.drift_ppm


def test_is_the_other_way_round_if_the_videos_are() -> None:
    a, b = _pair(speech(7, 70), 8.25, 0.0, 60, noise_db=-20, echo=0.5)
    one, other = align_sound(a, b), align_sound(b, a)
    assert one.offset_s == pytest.approx(8.25, abs=0.001)
    assert other.offset_s == pytest.approx(-one.offset_s, abs=0.0005)


def test_finds_a_short_recording_in_a_long_one() -> None:
    sound = speech(8, 400)
    found = align_sound(
        recorded(sound, 1, start=333.3, seconds=15, noise_db=-10), recorded(sound, 2, noise_db=-10)
    )
    assert found.is_sure
    assert found.offset_s == pytest.approx(333.3, abs=0.001)


def test_rhythmic_music_that_does_not_repeat_is_found() -> None:
    found = align_sound(*_pair(music(9, 80), 4.5, 0.0, 60, noise_db=-20, echo=0.5))
    assert found.is_sure
    assert found.offset_s == pytest.approx(4.5, abs=0.005)


@pytest.mark.parametrize("bar", [0.5, 4.0])
def test_music_that_repeats_is_unsure(bar: float) -> None:
    found = align_sound(*_pair(music(9, 80, bar), 5.5, 0.0, 60, noise_db=-20, echo=0.3))
    assert not found.is_sure
    assert found.rival_s is not None
    bars = (found.rival_s - found.offset_s) / bar
    assert bars == pytest.approx(round(bars), abs=0.05)


def test_claps_at_uneven_times_are_enough() -> None:
    sound = claps(10, 60, 3.0, 9.1, 17.8, 26.4, 35.9, 44.2, 51.7)
    found = align_sound(*_pair(sound, 1.5, 0.0, 55, noise_db=-30, echo=0.2))
    assert found.is_sure
    assert found.offset_s == pytest.approx(1.5, abs=0.002)


def _is_not_taken(a: Sound, b: Sound) -> bool:
    try:
        return align_sound(a, b).confidence < HEARD
    except SourceError as error:
        return "no part of one" in str(error)


def test_different_rooms_are_not_aligned() -> None:
    """Also with one hum of the mains in both."""
    hum = 0.5 * np.sin(2 * np.pi * 50 * np.arange(60 * RATE) / RATE).astype(np.float32)
    hum = np.sign(hum) * 0.3 + hum
    a, b = speech(20, 60), speech(40, 60)
    for first, second in ((a, b), (a + hum, b + hum)):
        assert _is_not_taken(recorded(first, 1, noise_db=-20), recorded(second, 2, noise_db=-20))


def test_a_clap_in_one_alone_tells_nothing() -> None:
    quiet = recorded(claps(0, 30), 1) + np.random.default_rng(1).normal(size=30 * RATE - 3).astype(
        np.float32
    )
    assert _is_not_taken(recorded(claps(11, 30, 12.0), 2) + 0.1 * quiet[::-1], quiet)


def test_one_clap_in_both_is_not_sure() -> None:
    """Any two claps match at some offset: that does not say that they are one."""
    first = recorded(claps(12, 30, 12.0), 1, noise_db=-40)
    second = recorded(claps(12, 30, 9.0), 2, noise_db=-40)
    try:
        assert align_sound(first, second).confidence < SURE
    except SourceError as error:
        assert "no part" in str(error)  # noqa: PT017  either is right


def test_a_lag_beyond_the_videos_is_not_found() -> None:
    sound = speech(13, 130)
    assert _is_not_taken(
        recorded(sound, 1, seconds=60), recorded(sound, 2, start=65, seconds=60, noise_db=-20)
    )


@pytest.mark.parametrize("place", [0, 1])
def test_refuses_silence_and_sounds_that_are_too_short(place: int) -> None:
    sounds = [speech(14, 30)] * 2
    name = "AB"[place]
    for replaced, reason in (
        (np.zeros(30 * RATE, np.float32), f"the sound of {name} is silence"),
        (speech(14, 3), f"{name} has 3.0 s of sound; 8 s are needed"),
        (np.zeros(0, np.float32), f"{name} has 0.0 s of sound; 8 s are needed"),
    ):
        pair = [*sounds]
        pair[place] = replaced
        with pytest.raises(SourceError, match=reason):
            align_sound(*pair)


def test_half_silent_sounds_are_compared_where_both_are_heard() -> None:
    a, b = _pair(speech(15, 70), 2.0, 0.0, 60, noise_db=-300, echo=0.0)
    a[: 20 * RATE] = 0.0
    b[45 * RATE :] = 0.0
    found = align_sound(a, b)
    assert found.is_sure
    assert found.offset_s == pytest.approx(2.0, abs=0.001)
    assert found.times.min() > 16
