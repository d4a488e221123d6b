from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from mirror.timeline import Score, State
from ui.coach.voice import HIGHEST_HZ, LOWEST_HZ, TREMOLO_HZ, VOLUME, Voice, score_sound

RATE = 48_000


def ok(in_phase: float, anti_phase: float = 0.0) -> Score:
    return Score(0.0, State.OK, in_phase, anti_phase, max(in_phase, anti_phase))


def settled(score: Score) -> NDArray[np.float32]:
    """Return the second second of a sound."""
    voice = Voice(RATE)
    voice.set_target(score_sound(score))
    voice.samples(RATE)
    return voice.samples(RATE)


def loudest_frequency(samples: NDArray[np.float32]) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.fft.rfftfreq(len(samples), 1 / RATE)[spectrum.argmax()])


def envelope(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the loudest sample of every 5 ms."""
    return np.abs(samples.reshape(-1, RATE // 200)).max(axis=1).astype(float)


@pytest.mark.parametrize(
    ("score", "hertz"),
    [
        (ok(0.0), LOWEST_HZ),
        (ok(0.5), (LOWEST_HZ * HIGHEST_HZ) ** 0.5),
        (ok(1.0), HIGHEST_HZ),
        (ok(0.0, 1.0), HIGHEST_HZ),
    ],
)
def test_pitch_follows_the_stronger_score(score: Score, hertz: float) -> None:
    assert loudest_frequency(settled(score)) == pytest.approx(hertz, abs=1)


def test_equal_score_steps_are_equal_intervals() -> None:
    heard = [score_sound(ok(strength)) for strength in (0.0, 0.25, 0.5, 0.75, 1.0)]
    pitches = np.array([each.frequency for each in heard if each is not None])
    assert len(pitches) == 5
    np.testing.assert_allclose(pitches[1:] / pitches[:-1], 3**0.25)


def test_only_anti_phase_has_tremolo() -> None:
    steady, trembling = envelope(settled(ok(0.9))), envelope(settled(ok(0.0, 0.9)))
    assert steady.min() > 0.98 * steady.max()
    assert trembling.min() < 0.5 * trembling.max()
    rhythm = np.abs(np.fft.rfft(trembling - trembling.mean()))
    assert np.fft.rfftfreq(len(trembling), 1 / 200)[rhythm.argmax()] == pytest.approx(TREMOLO_HZ)


def test_tremolo_depth_follows_anti_phase() -> None:
    depths = []
    for strength in (0.2, 0.5, 0.9):
        loud = envelope(settled(ok(0.0, strength)))
        depths.append(1 - loud.min() / loud.max())
    assert depths == sorted(depths)
    assert depths[-1] > 2 * depths[0]


def test_volume_is_soft() -> None:
    for score in (ok(1.0), ok(0.0, 1.0), ok(0.0)):
        assert np.abs(settled(score)).max() == pytest.approx(VOLUME, rel=0.02)
    assert VOLUME < 0.25


@pytest.mark.parametrize(
    "score", [None, *(Score(0.0, state) for state in State if state is not State.OK)]
)
def test_undefined_is_silent(score: Score | None) -> None:
    assert score_sound(score) is None
    voice = Voice(RATE)
    voice.set_target(score_sound(score))
    assert not voice.samples(RATE).any()


def test_fades_to_exact_silence() -> None:
    voice = Voice(RATE)
    voice.set_target(score_sound(ok(0.8)))
    voice.samples(RATE)
    assert not voice.silent
    voice.set_target(None)
    fading = voice.samples(RATE // 10)
    assert np.abs(fading[-500:]).max() > 0.01  # slowly
    for _ in range(20):
        voice.samples(RATE // 10)
    assert voice.silent
    assert not voice.samples(1000).any()


def test_score_jumps_do_not_click() -> None:
    voice = Voice(RATE)
    rng = np.random.default_rng(3)
    whole = []
    for k in range(60):
        signed = rng.uniform(-1, 1)
        score = None if k % 7 == 0 else ok(max(0.0, signed), max(0.0, -signed))
        voice.set_target(score_sound(score))
        whole.append(voice.samples(RATE // 10))
    steps = np.abs(np.diff(np.concatenate(whole)))
    # The steepest that a sine of this volume and the highest pitch ever is, and a little.
    assert steps.max() < 1.05 * VOLUME * 2 * np.pi * HIGHEST_HZ / RATE
    assert steps.max() > 0


def test_block_size_does_not_change_sound() -> None:
    def played(sizes: list[int]) -> NDArray[np.float32]:
        voice = Voice(RATE)
        voice.set_target(score_sound(ok(0.0, 0.6)))
        return np.concatenate([voice.samples(size) for size in sizes])

    np.testing.assert_allclose(played([4000]), played([1, 999, 0, 2500, 500]), atol=1e-6)


def test_starts_from_silence_at_new_pitch() -> None:
    voice = Voice(RATE)
    voice.set_target(score_sound(ok(1.0)))
    voice.samples(RATE)
    voice.set_target(None)
    voice.samples(4 * RATE)
    assert voice.silent
    voice.set_target(score_sound(ok(0.0)))
    start = voice.samples(RATE // 4)
    assert loudest_frequency(start) == pytest.approx(LOWEST_HZ, abs=5)
