"""The estimator against its definition, scipy, published figures and its own symmetries."""

from __future__ import annotations

import importlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.signal import csd, hilbert
from scipy.signal.windows import hann

from mirror import Estimator, Landmark, Pose, Settings, State, Tick, Timeline, synchrony
from mirror.errors import SettingsError
from mirror.estimator.estimator import score_ticks
from mirror.estimator.spectrum import taper
from mirror.landmarks import SWAPPED
from mirror.settings import Mapping_
from mirror.timeline import COLUMNS, LEVELS
from tests.support.effort import cases
from tests.support.people import empty_pose, noise, pose, track

RATE = 30.0
WRISTS = (Landmark.LEFT_WRIST, Landmark.RIGHT_WRIST)


def ok(timeline: Timeline, name: str) -> NDArray[np.float64]:
    return timeline[name][timeline.state == State.OK]


def walker(phase_deg: float, seconds: float = 20.0) -> NDArray[np.float64]:
    """Two limbs swinging at 0.9 Hz, half a cycle apart, as walkers' arms do."""
    time = np.arange(seconds * RATE) / RATE
    angle = 2 * np.pi * 0.9 * time - np.radians(phase_deg)
    return np.stack([np.sin(angle), 0.6 * np.sin(angle + np.pi)], axis=1)


@pytest.mark.parametrize(
    ("phase", "in_phase", "anti_phase"),
    [(0, 0.996, 0.0), (45, 0.704, 0.0), (90, 0.003, 0.004), (135, 0.0, 0.704), (180, 0.0, 0.996)],
)
def test_walkers_score_by_their_phase(phase: int, in_phase: float, anti_phase: float) -> None:
    timeline = synchrony(walker(0), walker(phase), RATE)
    assert np.allclose(ok(timeline, "in_phase"), in_phase, atol=0.02)
    assert np.allclose(ok(timeline, "anti_phase"), anti_phase, atol=0.02)
    assert np.allclose(ok(timeline, "coherence"), 0.996, atol=0.01)
    shown = ok(timeline, "relative_phase_deg")
    assert np.allclose((shown - phase + 180) % 360 - 180, 0, atol=1.5)


def test_positive_phase_and_positive_lag_mean_that_a_is_ahead() -> None:
    movement = noise(3, 1830, 4)
    timeline = synchrony(movement[18:], movement[:-18], RATE)  # b does it 18 samples later
    assert np.median(ok(timeline, "lag_s")) == pytest.approx(0.6)
    assert np.median(ok(timeline, "mirroring")) > 0.95
    assert np.median(ok(synchrony(walker(0), walker(30), RATE), "lag_s")) > 0
    assert np.median(ok(synchrony(walker(0), walker(30), RATE), "relative_phase_deg")) > 0


@pytest.mark.untraced
def test_unrelated_movement_scores_low() -> None:
    """Design figures for 4 channels: in_phase and anti_phase .06, coherence .20 (95th pct. .35)."""
    runs = [
        synchrony(
            noise(seed, 9000, 4), noise(seed + 100, 9000, 4), RATE, settings=Settings(hop=0.5)
        )
        for seed in range(8)
    ]
    mean = {
        name: np.mean([ok(run, name).mean() for run in runs])
        for name in ("in_phase", "anti_phase", "coherence")
    }
    assert mean["in_phase"] == pytest.approx(0.06, abs=0.01)
    assert mean["anti_phase"] == pytest.approx(0.06, abs=0.01)
    assert mean["coherence"] == pytest.approx(0.20, abs=0.03)
    top = np.percentile(np.concatenate([ok(run, "coherence") for run in runs]), 95)
    assert top == pytest.approx(0.35, abs=0.04)


def test_score_equals_scipys_cross_spectrum() -> None:
    a, b = noise(1, 180, 5), noise(2, 180, 5) + 0.5 * noise(1, 180, 5)
    used = Settings()
    weights = taper(used)

    def centred(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return x - (x * weights[:, None]).sum(axis=0) / weights.sum()

    def spectrum(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.complex128]:
        # scipy's csd(x, y) is conj(X)·Y; one segment, our taper, no detrending of its own
        frequency, density = csd(
            x.T, y.T, RATE, window=weights, nperseg=180, noverlap=0, nfft=240, detrend=False
        )
        return density[:, (frequency >= 0.2) & (frequency <= 3.0)].sum(axis=0)

    a0, b0 = centred(a), centred(b)
    power = np.sqrt(spectrum(a0, a0).sum().real * spectrum(b0, b0).sum().real)
    expected = spectrum(b0, a0).sum() / power  # conj(B)·A: phase of A minus phase of B
    timeline = synchrony(a, b, RATE, settings=Settings(hop=1 / 30))
    assert list(timeline.state[:-1]) == ["warming_up"] * 179
    assert timeline.in_phase[-1] == pytest.approx(max(0.0, expected.real), rel=1e-9)
    assert timeline.anti_phase[-1] == pytest.approx(max(0.0, -expected.real), abs=1e-12)
    assert timeline.coherence[-1] == pytest.approx(abs(expected), rel=1e-9)
    assert timeline.relative_phase_deg[-1] == pytest.approx(np.degrees(np.angle(expected)))

    frequency = np.fft.rfftfreq(240, 1 / RATE)
    frequency = frequency[(frequency >= 0.2) & (frequency <= 3.0)]
    lags = np.arange(-60, 61) / RATE
    correlation = (np.exp(-2j * np.pi * np.outer(lags, frequency)) @ spectrum(b0, a0)).real / power
    own = np.correlate(weights, weights, "full")[179 - 60 : 179 + 61] / (weights**2).sum()
    assert timeline.mirroring[-1] == pytest.approx((correlation / own).max(), rel=1e-9)


def test_relative_phase_equals_hilbert_phase() -> None:
    """A drifting phase: the estimate is the Hilbert phase, weighted by the squared taper."""
    time = np.arange(1800) / RATE
    drift = np.radians(40) * np.sin(2 * np.pi * time / 60)
    a, b = np.sin(2 * np.pi * 0.8 * time), np.sin(2 * np.pi * 0.8 * time - drift)
    timeline = synchrony(a, b, RATE)
    turning = hilbert(a) * np.conj(hilbert(b))
    turning /= np.abs(turning)
    weights = taper(Settings()) ** 2
    good = timeline.state == State.OK
    ends = np.round(timeline.time_s[good] * RATE).astype(int)
    expected = [(weights * turning[end - 179 : end + 1]).sum() for end in ends]
    assert np.allclose(timeline.relative_phase_deg[good], np.degrees(np.angle(expected)), atol=0.5)


def test_energy_is_the_root_mean_square_within_the_band() -> None:
    time = np.arange(900) / RATE
    a = 0.3 * np.sin(2 * np.pi * 0.8 * time)
    timeline = synchrony(a, 2 * a, RATE)
    assert np.allclose(ok(timeline, "energy_a"), 0.3 / np.sqrt(2), rtol=0.02)
    assert np.allclose(ok(timeline, "energy_b"), 0.6 / np.sqrt(2), rtol=0.02)


def test_tapers_have_their_shapes() -> None:
    quick, textbook = taper(Settings()), taper(Settings(taper="hann"))
    assert quick.argmax() == pytest.approx(150, abs=1)  # 5 of 6 s
    assert np.allclose(textbook, hann(361)[1::2])  # the same curve, sampled in mid-step
    short = Settings(window=1.5)
    assert np.allclose(taper(short), taper(Settings(window=1.5, taper="hann")))


@pytest.mark.untraced
def test_lopsided_taper_responds_faster() -> None:
    """Design: falling into step shows after 1.9 s, against 3.0 s with a Hann taper."""

    def delay(used: Settings, seed: int) -> float:
        a = noise(seed, 600, 4)
        b = a.copy()
        b[:300] = noise(seed + 500, 600, 4)[:300]  # B falls into step at 10 s
        timeline = synchrony(a, b, RATE, settings=used)
        after = timeline.time_s > 10.0
        return float(timeline.time_s[after & (timeline.in_phase > 0.5)][0]) - 10.0

    quick = [delay(Settings(), seed) for seed in range(20)]
    textbook = [delay(Settings(taper="hann"), seed) for seed in range(20)]
    assert np.mean(quick) == pytest.approx(1.9, abs=0.25)
    assert np.mean(textbook) == pytest.approx(3.0, abs=0.25)


@pytest.mark.parametrize(
    ("trial", "axes", "mirrored", "expected"),
    [
        (5, "xyz", True, {"in_phase": 0.98, "relative_phase_deg": 2.0}),
        (7, "x", False, {"anti_phase": 0.997}),
        (7, "x", True, {"in_phase": 0.997}),
        (8, "xyz", True, {"coherence": 0.35}),
    ],
)
def test_labelled_arms_score_as_labelled(
    shared: Path, trial: int, axes: str, mirrored: bool, expected: dict[str, float]
) -> None:
    """One performer's arms, labelled by the people who recorded them (PyEyesWeb's examples)."""
    data = np.genfromtxt(
        shared / f"oracles/labelled_arms/trial{trial}.csv", delimiter=",", names=True
    )
    left, right = (
        np.stack([data[f"{side}_{axis}_mm"] for axis in axes], axis=1) for side in ("left", "right")
    )
    if mirrored:
        left = left * np.array([-1.0 if axis == "x" else 1.0 for axis in axes])
    timeline = synchrony(left, right, 100.0)
    for name, value in expected.items():
        tolerance = 3.0 if name.endswith("deg") else 0.03
        assert ok(timeline, name).mean() == pytest.approx(value, abs=tolerance)


# --- symmetries -----------------------------------------------------------------------------------

SCORES = ("in_phase", "anti_phase", "coherence", "mirroring")
seeds = st.integers(0, 2**32 - 1)


def related(seed: int, samples: int = 400, channels: int = 3) -> tuple[NDArray, NDArray]:
    a = noise(seed, samples, channels)
    delay = seed % 40
    return a, np.roll(a, delay, axis=0) + 0.7 * noise(seed + 1, samples, channels)


@given(seed=seeds)
@settings(max_examples=12, deadline=None)
def test_swapping_the_people_negates_phase_and_lag(seed: int) -> None:
    a, b = related(seed)
    one, other = synchrony(a, b, RATE), synchrony(b, a, RATE)
    for name in SCORES:
        assert np.allclose(ok(one, name), ok(other, name), atol=1e-9)
    for name in ("relative_phase_deg", "lag_s"):
        assert np.allclose(ok(one, name), -ok(other, name), atol=1e-6)


@given(seed=seeds, factor=st.floats(0.1, 1e3), shift=st.floats(-1e3, 1e3))
@settings(max_examples=12, deadline=None)
def test_scores_do_not_depend_on_scale_and_offset(seed: int, factor: float, shift: float) -> None:
    a, b = related(seed)
    one = synchrony(a, b, RATE)
    other = synchrony(a * factor + shift, b / factor * 3 - shift, RATE, settings=Settings(floor=0))
    for name in (*SCORES, "relative_phase_deg", "lag_s"):
        assert np.allclose(ok(one, name), ok(other, name), atol=1e-5)


@given(seed=seeds, share=st.floats(0.0, 1.0))
@settings(max_examples=12, deadline=None)
def test_scores_stay_in_range(seed: int, share: float) -> None:
    a, b = related(seed)
    timeline = synchrony(a, share * a + (1 - share) * b, RATE)
    for name in SCORES:
        assert ((ok(timeline, name) >= 0) & (ok(timeline, name) <= 1)).all()
    phase, lag = ok(timeline, "relative_phase_deg"), ok(timeline, "lag_s")
    assert ((phase > -180) & (phase <= 180)).all()
    assert (np.abs(lag[np.isfinite(lag)]) <= 2.0).all()


def wave(mark: Landmark, phase: float = 0.0, sign: float = 1.0, size: float = 0.08):
    """A wrist and elbow that swing at 0.7 Hz."""
    elbow = Landmark(mark - 2)

    def offsets(time: float) -> dict[Landmark, tuple[float, float]]:
        x = sign * size * np.sin(2 * np.pi * 0.7 * time + phase)
        y = size * np.cos(2 * np.pi * 0.7 * time + phase)
        return {mark: (x, y), elbow: (x / 2, y / 2)}

    return offsets


def ticks(a: list, b: list, rate: float = RATE) -> list[Tick]:
    return [Tick(k / rate, *pair) for k, pair in enumerate(zip(a, b, strict=True))]


def test_mirror_mapping_pairs_left_with_right() -> None:
    a = track(wave(Landmark.LEFT_WRIST), 12)
    b = track(wave(Landmark.RIGHT_WRIST, sign=-1.0), 12)
    mirrored = score_ticks(ticks(a, b), Settings())
    assert np.allclose(ok(mirrored, "in_phase"), 1.0, atol=1e-3)
    assert np.allclose(ok(mirrored, "in_phase_left_arm"), 1.0, atol=1e-3)
    assert np.isnan(ok(mirrored, "in_phase_right_arm")).all()  # A's right arm does not move
    same_side = score_ticks(ticks(a, b), Settings(mapping="same-side"))
    assert (ok(same_side, "coherence") < 0.05).all()  # different arms move
    both_left = score_ticks(ticks(a, a), Settings(mapping="same-side"))
    assert np.allclose(ok(both_left, "in_phase"), 1.0, atol=1e-3)


@pytest.mark.parametrize(("low", "state"), [(0.05, State.OK), (0.2, State.STILL)])
def test_slow_bands_do_not_go_by_pixels(low: float, state: State) -> None:
    """Landmarks swing and pixels rest; their filter takes away what is slower than 0.2 Hz."""
    resting = np.array([1.0, 0.0, 0.0, 0.0, 0.0])
    a, b = (
        [replace(each, camera=resting) for each in track(wave(mark, sign=sign), 23)]
        for mark, sign in ((Landmark.LEFT_WRIST, 1.0), (Landmark.RIGHT_WRIST, -1.0))
    )
    found = score_ticks(ticks(a, b), Settings(window=20.0, band=(low, 1.0)))
    assert set(found.state) == {State.WARMING_UP, state}


@given(size=st.floats(0.3, 1.0), x=st.floats(-0.3, 0.3), y=st.floats(-0.3, 0.3))
@settings(max_examples=cases(5, 10), deadline=None)
def test_scores_do_not_depend_on_size_and_position_of_people(
    size: float, x: float, y: float
) -> None:
    a, b = track(wave(Landmark.LEFT_WRIST), 8), track(wave(Landmark.RIGHT_WRIST, 0.9, -1.0), 8)

    def moved(poses: list) -> list:
        """Farther away and elsewhere in the frame."""
        away = []
        for each in poses:
            landmarks = each.landmarks.copy()
            landmarks[:, :2] = (landmarks[:, :2] - 0.5) * size + 0.5 + np.array([x, y], np.float32)
            away.append(replace(each, landmarks=landmarks))
        return away

    one = score_ticks(ticks(a, b), Settings())
    other = score_ticks(ticks(moved(a), moved(b)), Settings())
    for name in (*SCORES, "relative_phase_deg", "energy_a"):
        assert np.allclose(ok(one, name), ok(other, name), atol=1e-3)


def test_scores_do_not_change_if_both_frames_are_flipped() -> None:
    a, b = track(wave(Landmark.LEFT_WRIST), 10), track(wave(Landmark.RIGHT_WRIST, 0.9, -1.0), 10)

    def flipped(poses: list) -> list:
        """The person in a mirrored frame: x reversed, and MediaPipe sees left as right."""
        turned = []
        for each in poses:
            landmarks = each.landmarks[SWAPPED]
            landmarks[:, 0] = 1 - landmarks[:, 0]
            turned.append(replace(each, landmarks=landmarks))
        return turned

    one = score_ticks(ticks(a, b), Settings())
    other = score_ticks(ticks(flipped(a), flipped(b)), Settings())
    for name in ("in_phase", "anti_phase", "coherence", "relative_phase_deg", "mirroring"):
        assert np.allclose(ok(one, name), ok(other, name), atol=1e-5)


def from_behind(poses: list) -> list:
    """The same movement filmed from the other side: x reversed, left and right as they are."""
    turned = []
    for each in poses:
        landmarks = each.landmarks.copy()
        landmarks[:, 0] = 1 - landmarks[:, 0]
        turned.append(replace(each, landmarks=landmarks))
    return turned


@pytest.mark.parametrize("mapping", ["mirror", "same-side"])
def test_camera_behind_a_person_gives_the_same_scores(mapping: Mapping_) -> None:
    mark = Landmark.LEFT_WRIST if mapping == "same-side" else Landmark.RIGHT_WRIST
    sign = 1.0 if mapping == "same-side" else -1.0
    a, b = track(wave(Landmark.LEFT_WRIST), 10), track(wave(mark, 0.9, sign), 10)
    chosen = Settings(mapping=mapping)
    before = score_ticks(ticks(a, b), chosen)
    assert (ok(before, "in_phase") > 0.6).all()
    for one, other in ((a, from_behind(b)), (from_behind(a), b), (from_behind(a), from_behind(b))):
        behind = score_ticks(ticks(one, other), chosen)
        for name in (*SCORES, "relative_phase_deg", "lag_s", "in_phase_left_arm"):
            assert np.allclose(ok(before, name), ok(behind, name), atol=1e-4), name


def test_profile_view_does_not_count_as_from_behind() -> None:
    a = track(wave(Landmark.LEFT_WRIST), 10)
    shoulders = {Landmark.LEFT_SHOULDER: -0.12, Landmark.RIGHT_SHOULDER: 0.12}

    def in_profile(poses: list) -> list:
        """The left shoulder a little left of the right one, and all else where it was."""
        turned = []
        for each in poses:
            landmarks = each.landmarks.copy()
            for mark, move in shoulders.items():
                landmarks[mark, 0] += np.float32(move)
            turned.append(replace(each, landmarks=landmarks))
        return turned

    chosen = Settings(mapping="same-side")
    timeline = score_ticks(ticks(a, in_profile(a)), chosen)
    assert (ok(timeline, "in_phase") > 0.9).all()


# --- states ---------------------------------------------------------------------------------------


def states(timeline: Timeline, after: float = 6.0) -> set[str]:
    return set(timeline.state[timeline.time_s >= after].tolist())


def test_less_than_a_window_is_warming_up() -> None:
    timeline = synchrony(walker(0), walker(0), RATE)
    assert (timeline.state[timeline.time_s < 5.9] == State.WARMING_UP).all()
    assert states(timeline) == {"ok"}
    assert np.isnan(timeline.in_phase[timeline.state != State.OK]).all()


def test_stillness_has_no_score() -> None:
    a = track(wave(Landmark.LEFT_WRIST), 10)
    frozen = track(lambda time: {}, 10)
    for pair in ((a, frozen), (frozen, a), (frozen, frozen)):
        timeline = score_ticks(ticks(*pair), Settings())
        assert states(timeline) == {"still"}
        assert np.isnan(timeline.in_phase).all()
    assert (timeline.energy_a[timeline.time_s > 6] < 0.02).all()
    assert states(synchrony(np.ones(300), np.ones(300), RATE)) == {"still"}


def test_missing_person_has_its_state() -> None:
    a, empty = track(wave(Landmark.LEFT_WRIST), 10), [empty_pose(k / RATE) for k in range(300)]
    assert states(score_ticks(ticks(a, empty), Settings())) == {"no_person_b"}
    assert states(score_ticks(ticks(empty, a), Settings())) == {"no_person_a"}
    shared_half = a[:200] + empty[200:]
    timeline = score_ticks(ticks(shared_half, a), Settings())
    share = timeline.tracked_a[timeline.time_s >= 6]
    state = timeline.state[timeline.time_s >= 6]
    assert (state[share > 0.75] == State.OK).all()
    assert (state[share < 0.5] == State.NO_PERSON_A).all()
    last = round(timeline.time_s[-1] * RATE)  # A left at tick 200
    assert timeline.tracked_a[-1] == pytest.approx(1 - (last - 199) / 180)


def test_feed_without_frames_is_a_gap() -> None:
    a = track(wave(Landmark.LEFT_WRIST), 20)
    broken = a[:200] + [None] * 150 + a[350:]
    timeline = score_ticks(ticks(a, broken), Settings(mapping="same-side"))
    assert states(timeline) == {"ok", "gap"}
    scored = timeline.state == State.OK
    assert np.allclose(timeline.in_phase[scored], 1.0, atol=1e-2)  # the rest is still in phase
    assert timeline.state[timeline.time_s > 19][0] == State.OK


def test_invisible_joints_do_not_count() -> None:
    hidden = dict.fromkeys((*WRISTS, Landmark.LEFT_ELBOW, Landmark.RIGHT_ELBOW), 0.3)
    rng = np.random.default_rng(5)

    def sway(time: float) -> dict[Landmark, tuple[float, float]]:
        x = 0.05 * np.sin(2 * np.pi * 0.5 * time)
        return {mark: (x, 0.0) for mark in Landmark if mark not in hidden}

    def jittery(time: float) -> dict[Landmark, tuple[float, float]]:
        return sway(time) | {mark: tuple(rng.normal(0, 0.2, 2)) for mark in hidden}

    a = [pose(k / RATE, jittery(k / RATE), visibility=hidden) for k in range(300)]
    b = track(sway, 10)
    timeline = score_ticks(ticks(a, b), Settings(mapping="same-side"))
    assert np.allclose(ok(timeline, "in_phase"), 1.0, atol=1e-3)
    assert np.isnan(timeline.in_phase_left_arm).all()


def test_person_without_visible_shoulders_has_no_score() -> None:
    hidden = {Landmark.LEFT_SHOULDER: 0.1, Landmark.RIGHT_SHOULDER: 0.1}
    a = [pose(k / RATE, wave(WRISTS[0])(k / RATE), visibility=hidden) for k in range(240)]
    b = track(wave(WRISTS[0]), 8)
    assert states(score_ticks(ticks(a, b), Settings())) == {"no_person_a"}


def test_joint_must_be_visible_in_both_people() -> None:
    waving = track(wave(Landmark.LEFT_WRIST), 8)
    hidden = [
        pose(k / RATE, wave(Landmark.LEFT_WRIST)(k / RATE), visibility={Landmark.LEFT_WRIST: 0.1})
        for k in range(240)
    ]
    for pair in ((waving, hidden), (hidden, waving)):
        both = score_ticks(ticks(*pair), Settings(mapping="same-side", floor=0.001))
        only = score_ticks(ticks(hidden, hidden), Settings(mapping="same-side", floor=0.001))
        assert np.allclose(ok(both, "energy_a"), ok(only, "energy_a"))


def test_score_needs_half_of_the_window() -> None:
    """Also where the rest holds most of the taper's energy, which lies near the end."""
    a = track(wave(Landmark.LEFT_WRIST), 20)
    b: list[Pose | None] = [*track(wave(Landmark.LEFT_WRIST), 20)]
    for gone in (None, empty_pose(0.0)):
        b[200:310] = [gone] * 110
        timeline = score_ticks(ticks(a, b), Settings(mapping="same-side"))
        good = timeline.state == State.OK
        assert timeline.tracked_b[good].min() >= 0.5
        expected = {"gap"} if gone is None else {"no_person_b"}
        assert set(timeline.state[~good & (timeline.time_s > 6)]) == expected


def test_one_lost_frame_does_not_hide_the_missing_person() -> None:
    a = track(wave(Landmark.LEFT_WRIST), 14)
    b: list[Pose | None] = [*track(wave(Landmark.LEFT_WRIST), 14)]
    a[215:] = [empty_pose(0.0)] * len(a[215:])
    b[300] = None
    timeline = score_ticks(ticks(a, b), Settings(mapping="same-side"))
    assert states(timeline, 10.0) == {"no_person_a"}


def test_growing_frames_are_no_movement() -> None:
    still = [pose(k / RATE, size=(640, 480) if k < 150 else (1280, 960)) for k in range(300)]
    assert states(score_ticks(ticks(still, still), Settings())) == {"still"}


def test_nearest_of_equal_lags_is_taken() -> None:
    time = np.arange(600) / RATE
    for phase in (-60, 0, 60):
        b = np.sin(2 * np.pi * 0.9 * time - np.radians(phase)) + 0.05 * noise(1, 600, 1)[:, 0]
        lag = ok(synchrony(np.sin(2 * np.pi * 0.9 * time), b, RATE), "lag_s")
        assert np.abs(lag - phase / 360 / 0.9).max() < 1.5 / RATE


def test_mirroring_is_not_inflated_next_to_a_gap() -> None:
    """With a third of the window missing, chance mirroring stays far from 1."""
    high = []
    for seed in range(30):
        a, b = noise(seed, 240, 4), noise(seed + 700, 240, 4)
        a[100:160] = np.nan
        high.append(ok(synchrony(a, b, RATE), "mirroring").max())
    assert np.mean(np.array(high) > 0.9) <= 0.1


def test_lag_is_found_across_a_gap() -> None:
    a = noise(5, 900, 4)
    b = np.roll(a, 15, axis=0)
    b[400:430] = np.nan
    timeline = synchrony(a, b, RATE)
    assert np.median(ok(timeline, "lag_s")) == pytest.approx(0.5)
    assert ok(timeline, "mirroring").min() > 0.85


def test_lags_beyond_max_lag_are_not_searched() -> None:
    a = noise(6, 900, 2)
    b = np.roll(a, 30, axis=0)
    lag = ok(synchrony(a, b, RATE, settings=Settings(max_lag=0.25)), "lag_s")
    assert np.nanmax(np.abs(lag)) <= 0.25


def test_constant_is_still_in_spite_of_rounding() -> None:
    constant = np.full(300, 1e6 + 0.1)
    assert states(synchrony(constant, constant, RATE, settings=Settings(floor=0))) == {"still"}


def test_break_in_time_resets_both_forms() -> None:
    poses = track(wave(Landmark.LEFT_WRIST), 16)
    broken = [
        Tick(k / RATE + (5000 if k >= 240 else 0), each, each) for k, each in enumerate(poses)
    ]
    estimator = Estimator()
    streamed = Timeline.from_scores(s for t in broken if (s := estimator.update(*t)) is not None)
    assert streamed.equals(score_ticks(broken, Settings()))
    at_once = Timeline.from_scores(Estimator().update_all(broken))
    assert at_once.equals(streamed)
    after = streamed.time_s > 5000
    assert (streamed.state[after][:50] == State.WARMING_UP).all()


# --- streaming and array form ---------------------------------------------------------------------


@pytest.mark.untraced
@given(
    seed=seeds,
    window=st.sampled_from([1.2, 4.0, 6.0]),
    rate=st.sampled_from([30.0, 59.94, 23.976]),
    hop=st.sampled_from([1 / 20, 0.1, 0.25]),
    mapping=st.sampled_from(["mirror", "same-side"]),
    hann_taper=st.booleans(),
)
@settings(max_examples=cases(5, 12), deadline=None)
def test_streaming_equals_array_form_bit_for_bit(
    seed: int, window: float, rate: float, hop: float, mapping: Mapping_, hann_taper: bool
) -> None:
    rng = np.random.default_rng(seed)
    used = Settings(
        window=window,
        rate=rate,
        hop=hop,
        mapping=mapping,
        taper="hann" if hann_taper else "lopsided",
    )

    def person() -> list:
        moves = np.cumsum(rng.normal(0, 0.01, (300, 33, 2)), axis=0)
        seen = {mark: rng.uniform(0.2, 1) for mark in Landmark}
        seen |= {Landmark.LEFT_SHOULDER: 1.0, Landmark.RIGHT_SHOULDER: 1.0}
        out: list = [
            pose(k / RATE, {m: tuple(moves[k, m]) for m in Landmark}, visibility=seen)
            for k in range(300)
        ]
        for _ in range(2):
            start, length = int(rng.integers(0, 300)), int(rng.integers(1, 60))
            hole = rng.random() < 0.5
            for k in range(start, min(300, start + length)):
                out[k] = None if hole else empty_pose(k / RATE)
        return out

    pairs = ticks(person(), person(), rate)
    estimator = Estimator(used)
    streamed = [score for tick in pairs if (score := estimator.update(*tick)) is not None]
    assert Timeline.from_scores(streamed).equals(score_ticks(pairs, used))
    estimator.reset()
    again, at = [], 0
    while at < len(pairs):  # in blocks of any size
        size = int(rng.integers(0, 70))
        again += estimator.update_all(pairs[at : at + size])
        at += size
    assert Timeline.from_scores(again).equals(Timeline.from_scores(streamed))


def test_rows_come_at_every_hop() -> None:
    timeline = synchrony(walker(0), walker(0), RATE, settings=Settings(hop=0.25))
    assert np.allclose(timeline.time_s, np.ceil(np.arange(80) * 7.5 - 1e-9) / 30)
    assert len(synchrony(walker(0), walker(0), RATE)) == 200


def test_rejects_ticks_off_the_grid() -> None:
    estimator = Estimator()
    estimator.update(0.0, None, None)
    with pytest.raises(ValueError, match="Aligner"):
        estimator.update(0.2, None, None)


def test_rejects_band_between_two_frequencies_of_the_window() -> None:
    with pytest.raises(SettingsError, match=r"one every 0\.125 Hz; widen it"):
        Estimator(Settings(band=(0.51, 0.52)))


@pytest.mark.parametrize("value", [1e200, -1e200])
def test_rejects_values_too_large_to_be_squared(value: float) -> None:
    a, b = np.zeros(400), np.zeros(400)
    b[9] = value
    with pytest.raises(ValueError, match=r"b holds 1e\+200, .* larger unit"):
        synchrony(a, b, 30)


def test_rejects_arrays_of_different_shapes() -> None:
    with pytest.raises(ValueError, match="one shape"):
        synchrony(np.zeros((10, 2)), np.zeros((10, 3)), RATE)
    with pytest.raises(SettingsError, match="rate above 6 Hz"):
        synchrony(np.zeros(10), np.zeros(10), 5.0)


def test_row_with_nan_is_missing() -> None:
    a, b = walker(0), walker(0)
    a[200:215] = np.nan
    timeline = synchrony(a, b, RATE)
    assert states(timeline) == {"ok"}
    assert np.allclose(ok(timeline, "in_phase"), 1.0, atol=1e-6)
    a[200:400] = np.nan
    assert "gap" in states(synchrony(a, b, RATE))


def test_estimator_package_has_function_and_class() -> None:
    module = importlib.import_module("mirror.estimator")
    assert module.Estimator is Estimator
    assert module.synchrony is synchrony


def test_frames_of_an_earlier_shape_count_as_a_gap() -> None:
    def swing(time: float, size: tuple[int, int]) -> Pose:
        return pose(time, {mark: (0.0, 0.05 * np.sin(5 * time)) for mark in WRISTS}, size=size)

    times = np.arange(12 * RATE) / RATE
    turned = [
        Tick(time, *[swing(time, (640, 480) if time < 6 else (480, 640))] * 2) for time in times
    ]
    missing = [tick if tick.time >= 6 else Tick(tick.time, None, None) for tick in turned]
    after, expected = (
        score_ticks(ticks, Settings()).between(6.0, 12.0) for ticks in (turned, missing)
    )
    assert after.state[0] == State.GAP
    assert after.state[-1] == State.OK
    for name in COLUMNS:
        if not name.startswith(("tracked", "posture")):
            assert np.array_equal(after[name], expected[name], equal_nan=name not in LEVELS), name
