"""Aligner: irregular feeds onto the grid, gaps and bridges, always causal and repeatable."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from mirror import Aligner, Landmark, Pose, Tick
from mirror.estimator.movement import from_poses
from mirror.landmarks import FEEDS, Feed
from tests.support.effort import cases
from tests.support.people import empty_pose, filmed, landmarks, pose

NOSE = Landmark.NOSE


def at(time: float, x: float | None = None) -> Pose:
    """A person whose nose is displaced by `x`; by default a slow wave of the time itself."""
    return pose(time, {NOSE: (0.1 * math.sin(time) if x is None else x, 0.0)})


def run(aligner: Aligner, *feeds: list[Pose]) -> list[Tick]:
    """Push both feeds in order of time, then end them."""
    merged = sorted(
        ((each.time, name, each) for name, feed in zip(FEEDS, feeds, strict=True) for each in feed),
        key=lambda item: item[:2],
    )
    ticks = [tick for _, name, each in merged for tick in aligner.push(name, each)]
    return ticks + aligner.finish()


def nose(each: Pose | None) -> float:
    return math.nan if each is None or each.landmarks is None else each.landmarks[NOSE, 0] - 0.5


def feed(rate: float, seconds: float = 10.0, start: float = 0.0) -> list[Pose]:
    return [at(start + k / rate) for k in range(int(seconds * rate))]


@pytest.mark.untraced
@pytest.mark.parametrize("rate_a", [59.94, 30.0, 12.5, 7.0])
@pytest.mark.parametrize("rate_b", [30.0, 7.0])
def test_any_two_frame_rates_are_aligned_to_one_grid(rate_a: float, rate_b: float) -> None:
    ticks = run(Aligner(30.0), feed(rate_a), feed(rate_b))
    assert np.allclose([tick.time for tick in ticks], np.arange(len(ticks)) / 30)
    times = np.array([tick.time for tick in ticks])
    for values in ([nose(tick.a) for tick in ticks], [nose(tick.b) for tick in ticks]):
        shown = np.isfinite(values)
        assert shown[times < 9.8].all()
        # linear interpolation of a 1 rad/s wave: error below (step² / 8) · amplitude
        assert np.abs(np.array(values) - 0.1 * np.sin(times))[shown].max() < 0.1 / 7**2 / 8 * 1.1


def test_pose_on_the_grid_is_unchanged() -> None:
    a = feed(30.0, 2)
    for tick, original in zip(run(Aligner(30.0), a, a), a, strict=True):
        assert np.array_equal(landmarks(tick.a), landmarks(original))


def test_tick_is_returned_once_both_feeds_have_passed_it() -> None:
    aligner = Aligner(30.0)
    assert aligner.push("a", at(0.0)) == []
    assert [tick.time for tick in aligner.push("b", at(0.0))] == [0.0]
    assert aligner.push("a", at(0.04)) == []
    assert aligner.push("b", at(0.03)) == []
    assert [round(tick.time, 4) for tick in aligner.push("b", at(0.05))] == [0.0333]


def test_short_gap_is_interpolated_and_long_gap_is_missing() -> None:
    whole = feed(30.0, 4)
    short = [each for each in whole if not 1.0 < each.time < 1.22]
    assert all(tick.a is not None for tick in run(Aligner(30.0), short, whole))
    long = [each for each in whole if not 1.0 < each.time < 1.3]
    ticks = run(Aligner(30.0), long, whole)
    missing = [tick.time for tick in ticks if tick.a is None]
    assert min(missing) == pytest.approx(1.0 + 1 / 30)
    assert max(missing) == pytest.approx(1.3 - 1 / 30, abs=0.001)
    assert all(tick.b is not None and tick.b.landmarks is not None for tick in ticks)


def test_short_loss_of_person_is_interpolated() -> None:
    def without(start: float, end: float) -> list[Pose]:
        return [
            empty_pose(each.time) if start < each.time < end else each for each in feed(30.0, 4)
        ]

    ticks = run(Aligner(30.0), without(1.0, 1.22), feed(30.0, 4))
    assert all(tick.a is not None and tick.a.landmarks is not None for tick in ticks)
    ticks = run(Aligner(30.0), without(1.0, 2.0), feed(30.0, 4))
    assert not any(tick.a is None for tick in ticks)  # the feed delivered all the time
    lost = [tick.time for tick in ticks if tick.a is not None and tick.a.landmarks is None]
    assert (min(lost), max(lost)) == pytest.approx((1.0 + 1 / 30, 2.0 - 1 / 30))


def test_feed_that_ends_does_not_end_the_other() -> None:
    ticks = run(Aligner(30.0), feed(30.0, 2), feed(30.0, 5))
    assert len(ticks) == 150
    assert all(tick.a is None for tick in ticks if tick.time > 2.0)


def test_feed_that_never_starts_does_not_block_the_other() -> None:
    aligner = Aligner(30.0)
    ticks = [tick for each in feed(30.0, 5) for tick in aligner.push("b", each)]
    assert len(ticks) > 30 * 4
    assert all(tick.a is None and tick.b is not None for tick in ticks)


def test_poses_out_of_order_are_ignored() -> None:
    whole = feed(30.0, 2)
    odd = [*whole[:30], whole[10], whole[29], *whole[30:]]
    aligner = Aligner(30.0)
    ticks = []
    for each in odd:
        ticks += aligner.push("a", each)
    for each in whole:
        ticks += aligner.push("b", each)
    ticks += aligner.finish()
    expected = run(Aligner(30.0), whole, whole)
    assert [nose(tick.a) for tick in ticks] == [nose(tick.a) for tick in expected]


def test_no_pose_gives_no_tick() -> None:
    assert Aligner(30.0).finish() == []


times = st.lists(st.floats(0.001, 0.6), min_size=1, max_size=60)


@pytest.mark.untraced
@given(a=times, b=times, empty=st.sets(st.integers(0, 59)), rate=st.sampled_from([10.0, 30.0]))
@settings(max_examples=cases(40, 70), deadline=None)
def test_ticks_are_consecutive_causal_and_within_the_poses(
    a: list[float], b: list[float], empty: set[int], rate: float
) -> None:
    def irregular(steps: list[float]) -> list[Pose]:
        stamps = np.cumsum(steps)
        return [empty_pose(t) if k in empty else at(float(t)) for k, t in enumerate(stamps)]

    feeds: dict[Feed, list[Pose]] = {"a": irregular(a), "b": irregular(b)}
    merged = sorted(
        ((each.time, name, each) for name, poses in feeds.items() for each in poses),
        key=lambda item: item[:2],
    )
    aligner, ticks, newest = Aligner(rate), [], 0.0
    for time, name, each in merged:
        newest = max(newest, time)
        for tick in aligner.push(name, each):
            assert tick.time <= newest + 1e-6
            ticks.append(tick)
    ticks += aligner.finish()
    numbers = np.array([tick.time * rate for tick in ticks])
    assert np.allclose(np.diff(numbers), 1.0)
    assert numbers.size == 0 or numbers[-1] <= newest * rate + 1e-5
    for tick in ticks:
        for name, aligned in zip(FEEDS, (tick.a, tick.b), strict=True):
            if aligned is None or aligned.landmarks is None:
                continue
            seen = [p for p in feeds[name] if p.landmarks is not None]
            before = [p for p in seen if p.time <= tick.time + 1e-6]
            after = [p for p in seen if p.time >= tick.time - 1e-6]
            assert after[0].time - before[-1].time <= 0.25 + 1e-6
            low, high = sorted((nose(before[-1]), nose(after[0])))
            assert low - 1e-5 <= nose(aligned) <= high + 1e-5


def test_finish_with_only_one_feed() -> None:
    aligner = Aligner(30.0)
    ticks = [tick for each in feed(30.0, 0.3) for tick in aligner.push("a", each)]
    assert len(ticks + aligner.finish()) == 9


def test_long_silence_gives_no_ticks() -> None:
    early, late = feed(30.0, 2), feed(30.0, 2, start=40_000.0)
    ticks = run(Aligner(30.0), early + late, early + late)
    assert len(ticks) == 120
    assert ticks[59].time < 2.0
    assert ticks[60].time == pytest.approx(40_000.0)
    assert all(tick.a is not None and tick.b is not None for tick in ticks)


@pytest.mark.parametrize("time", [math.nan, math.inf, -math.inf])
def test_rejects_time_that_is_not_finite(time: float) -> None:
    with pytest.raises(ValueError, match="time in seconds"):
        Aligner(30.0).push("a", at(time, 0.0))


@pytest.mark.parametrize("moved_first", [False, True])
def test_motion_of_the_camera_is_interpolated(moved_first: bool) -> None:
    before, after = pose(0.0), filmed(pose(0.1), (1.0, 0.0, 0.2, -0.1))
    if moved_first:
        before, after = replace(after, time=0.0), replace(before, time=0.1)
    ticks = [tick.a for tick in run(Aligner(30.0), [before, after], [])]
    channels = from_poses(ticks, mirrored=False).channels
    assert len(ticks) == 4
    np.testing.assert_allclose(channels, np.tile(channels[:1], (4, 1)), atol=1e-6)


def test_frames_of_another_shape_are_not_interpolated() -> None:
    def sized(time: float) -> Pose:
        return pose(time, size=(640, 480) if time < 1.0 else (480, 640))

    a = [sized(k / 20) for k in range(40)]
    ticks = run(Aligner(30.0), a, feed(30.0, 2))
    inside = [tick for tick in ticks if tick.time < 1.9]
    lost = [tick.time for tick in inside if tick.a is None or tick.a.landmarks is None]
    assert lost == [pytest.approx(29 / 30)]  # the one tick between the last old and the first new


def sampled(
    rate: float, wave: Callable[[float], float], seconds: float = 10.0, start: float = 0.0
) -> list[Pose]:
    """A plain series of one channel."""
    times = (start + k / rate for k in range(int(seconds * rate)))
    return [Pose(time, None, None, 1, 1, np.array([wave(time)])) for time in times]


def values(ticks: Iterable[Pose | None]) -> NDArray[np.float64]:
    return np.array([np.nan if each is None or each.series is None else each.series[0]
                     for each in ticks])  # fmt: skip


@pytest.mark.untraced
@pytest.mark.parametrize("rate", [7.0, 30.0, 59.94, 100.0, 1000.0])
@pytest.mark.parametrize("start", [0.0, 0.0123])
def test_series_of_any_rate_keeps_its_phase(rate: float, start: float) -> None:
    series = sampled(rate, lambda time: math.sin(2 * math.pi * time), 5.0, start)
    ticks = run(Aligner(30.0), series, series)
    assert np.allclose(np.diff([tick.time for tick in ticks]), 1 / 30)
    found, times = values(tick.a for tick in ticks), np.array([tick.time for tick in ticks])
    shown = np.isfinite(found)
    assert shown[times < 4.8].all()
    turned = np.vdot(np.exp(2j * math.pi * times[shown]), found[shown]) * 2j / shown.sum()
    assert abs(turned) > 0.9
    assert abs(np.angle(turned)) < math.radians(2.0)


@pytest.mark.parametrize("rate", [10.0, 30.0])
def test_series_no_faster_than_the_grid_is_unchanged(rate: float) -> None:
    series = sampled(rate, math.sin)
    ticks = run(Aligner(30.0), series, series)
    found = values(tick.a for tick in ticks)[:: round(30 / rate)]
    assert found == pytest.approx(values(series), abs=1e-12)


@pytest.mark.untraced
@pytest.mark.parametrize("rate", [100.0, 1000.0])
def test_fast_series_is_not_aliased(rate: float) -> None:
    """A hum of 29 Hz would be seen at 1 Hz, and the noise of all frequencies under 15 Hz."""
    still = sampled(rate, lambda _: 0.0)
    hum = sampled(rate, lambda time: math.sin(2 * math.pi * 29.0 * time))
    found = values(tick.a for tick in run(Aligner(30.0), hum, still))[:300]
    slow = np.abs(np.fft.rfft(found * np.hanning(300)))[2:31] / (300 / 4)  # amplitudes to 3 Hz
    assert slow.max() < 0.06
    rng = np.random.default_rng(1)
    noise = sampled(rate, lambda _: rng.normal())
    found = values(tick.a for tick in run(Aligner(30.0), noise, still))[2:-2]
    assert found.var() < 1.3 * 30.0 / rate


def test_late_and_empty_samples_are_not_averaged() -> None:
    series = sampled(500.0, lambda time: time, seconds=2.0)
    hurt = list(series)
    hurt[300:302] = [Pose(each.time, None, None, 1, 1) for each in series[300:302]]
    hurt.insert(700, Pose(1.0, None, None, 1, 1, np.array([1e9])))
    ticks = run(Aligner(30.0), series, series)
    whole, found = (values(tick.a for tick in each) for each in (ticks, run_in_order(hurt, series)))
    assert whole == pytest.approx([tick.time for tick in ticks], abs=1e-12)
    assert found == pytest.approx(whole, abs=1e-12)


def run_in_order(a: list[Pose], b: list[Pose]) -> list[Tick]:
    """Push all of A, then all of B."""
    aligner = Aligner(30.0)
    ticks = [tick for name, feed in zip(FEEDS, (a, b), strict=True) for each in feed
             for tick in aligner.push(name, each)]  # fmt: skip
    return ticks + aligner.finish()
