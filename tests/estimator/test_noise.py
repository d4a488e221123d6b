"""Noise of landmarks: measured at any frame rate, and movement that stands out of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mirror import Aligner, Pose, Settings, State, Timeline
from mirror.estimator.estimator import score_ticks
from mirror.landmarks import Landmark
from tests.support.people import filmed as seen_by_camera
from tests.support.people import landmarks, pose

SHOULDERS = [Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER]
WIDTH = 0.2 * 640 / 480
"""Shoulder width of the simulated people, in frame heights."""

Motion = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""Movement of all landmarks [time, xy], in shoulder widths."""


def at_rest(times: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.zeros((len(times), 2))


def filmed(
    seed: int,
    seconds: float,
    rate: float,
    motion: Motion = at_rest,
    *,
    noise: float = 0.01,
    head: Motion = at_rest,
    start: float = 0.0,
    repeats: int = 1,
) -> list[Pose]:
    """Poses whose landmarks jitter by `noise` shoulder widths from frame to frame."""
    times = start + np.arange(round(seconds * rate)) / rate
    shown = times[::repeats].repeat(repeats)[: len(times)]
    jitter = np.random.default_rng(seed).standard_normal((len(times), 33, 2)) * noise
    jitter = jitter[::repeats].repeat(repeats, axis=0)[: len(times)]
    moved = motion(shown)[:, None] + jitter
    moved[:, :11] += head(shown)[:, None]
    standing = landmarks(pose(0.0))
    poses = []
    for time, offset in zip(times, moved * WIDTH * [480 / 640, 1.0], strict=True):
        marks = standing.copy()
        marks[:, :2] += offset
        poses.append(Pose(float(time), marks, None, 640, 480))
    return poses


SAME_SIDE = Settings(mapping="same-side")


def scored(a: list[Pose], b: list[Pose], *, settings: Settings = SAME_SIDE) -> Timeline:
    aligner, ticks = Aligner(30.0), []
    both = [(each.time, "a", each) for each in a] + [(each.time, "b", each) for each in b]
    for _, feed, each in sorted(both, key=lambda item: item[:2]):
        ticks += aligner.push("a" if feed == "a" else "b", each)
    ticks += aligner.finish()
    return score_ticks(ticks, settings)


def swaying(amplitude: float, hertz: float = 0.6, lag_s: float = 0.0) -> Motion:
    def motion(times: NDArray[np.float64]) -> NDArray[np.float64]:
        x = amplitude * np.sin(2 * np.pi * hertz * (times - lag_s))
        return np.stack([x, np.zeros_like(x)], axis=1)

    return motion


def shaking(poses: list[Pose], hertz: float) -> NDArray[np.float64]:
    """Return the sideways motion [pose] of a shaken camera, a third of a shoulder width."""
    times = np.array([each.time for each in poses])
    return WIDTH / 3 * np.sin(2 * np.pi * hertz * times)


def misplaced(poses: list[Pose], hertz: float) -> list[Pose]:
    """Return poses as they are found before a shaken camera, in places where it has not moved.

    Heads and shoulders are off by a quarter of the camera's motion since the frame before, in
    opposite directions.
    """
    camera = shaking(poses, hertz)
    off = 0.25 * np.diff(camera, prepend=camera[0]) * 480 / 640
    found = [landmarks(each).copy() for each in poses]
    for marks, error in zip(found, off, strict=True):
        marks[:11, 0] += error
        marks[SHOULDERS, 0] -= error
    return [replace(each, landmarks=marks) for each, marks in zip(poses, found, strict=True)]


def shaken(poses: list[Pose], hertz: float) -> list[Pose]:
    """Return poses as they are found before a shaken camera."""
    found, camera = misplaced(poses, hertz), shaking(poses, hertz)
    return [
        seen_by_camera(each, (1.0, 0.0, x, 0.5 * x)) for each, x in zip(found, camera, strict=True)
    ]


def share(timeline: Timeline, state: State) -> float:
    return float((timeline.state[timeline.state != State.WARMING_UP] == state).mean())


@pytest.mark.parametrize(
    ("rate", "how"),
    [
        *[(rate, {}) for rate in (8.0, 15.0, 24.0, 29.97, 30.0, 50.0, 60.0)],
        *[(rate, {"noise": 0.003}) for rate in (8.0, 60.0)],
        (30.0, {"start": 1 / 60}),
        (60.0, {"start": 1 / 240}),
        (30.0, {"repeats": 2}),
        (24.0, {"repeats": 3}),
    ],
)
def test_jitter_is_stillness_at_any_frame_rate(rate: float, how: dict[str, Any]) -> None:
    a, b = (filmed(seed, 20, rate, **{"noise": 0.03, **how}) for seed in (1, 2))
    assert share(scored(a, b), State.STILL) >= 0.98


@pytest.mark.parametrize("rate", [12.0, 24.0, 30.0, 60.0])
def test_movement_as_small_as_its_noise_counts(rate: float) -> None:
    """Noise of the density N makes C smaller by √(S/(S+N)) for each person."""
    people = [filmed(seed, 20, rate, swaying(0.01), noise=0.005) for seed in (1, 2)]
    timeline = scored(*people)
    assert share(timeline, State.OK) >= 0.9
    # x and y are means of two shoulders, the tilt is their difference.
    signal, noise = 0.01**2 / 2, 0.005**2 * (1 / 2 + 1 / 2 + 2) * 2.8 / (min(rate, 30.0) / 2)
    assert np.nanmean(timeline.in_phase_torso) == pytest.approx(signal / (signal + noise), abs=0.06)
    still = scored(people[0], filmed(3, 20, rate, noise=0.005))
    assert share(still, State.STILL) >= 0.9
    assert np.isnan(still.in_phase).all()


def test_head_of_noisy_shoulders_is_measured_in_the_frame() -> None:
    """The noise of shoulders that do not move is not added to the head's."""
    people = [filmed(seed, 20, 30, noise=0.004, head=swaying(0.02)) for seed in (1, 2)]
    rng = np.random.default_rng(3)
    for each in (*people[0], *people[1]):
        landmarks(each)[SHOULDERS, :2] += 0.03 * WIDTH * rng.standard_normal((2, 2))
    timeline = scored(*people)
    assert share(timeline, State.OK) >= 0.9
    assert np.nanmean(timeline.in_phase_head) > 0.75


def test_small_nods_count_and_breathing_does_not() -> None:
    """Nods of 2° move the head as far as breathing moves the shoulders: .0035 shoulder widths."""
    nods = [filmed(seed, 20, 30, noise=0.001, head=swaying(0.005)) for seed in (1, 2)]
    assert share(scored(*nods), State.OK) >= 0.9
    breaths = [filmed(seed, 20, 30, swaying(0.005, 0.25), noise=0.001) for seed in (1, 2)]
    assert share(scored(*breaths), State.STILL) >= 0.98


@pytest.mark.parametrize(
    ("rate", "hertz"),
    [(15.0, 1.0), (15.0, 3.0), (24.0, 3.0), (30.0, 1.0), (30.0, 3.0), (60.0, 3.0)],
)
def test_errors_before_a_shaken_camera_are_not_movement(rate: float, hertz: float) -> None:
    people = [shaken(filmed(seed, 12, rate, noise=0.003), hertz) for seed in (1, 2)]
    assert share(scored(*people), State.STILL) >= 0.95


def test_the_same_errors_before_a_still_camera_are_movement() -> None:
    people = [misplaced(filmed(seed, 12, 30, noise=0.003), 3.0) for seed in (1, 2)]
    assert share(scored(*people), State.OK) == 1.0


@pytest.mark.parametrize("hertz", [0.5, 1.0])
def test_people_who_move_are_scored_before_a_shaken_camera(hertz: float) -> None:
    people = [filmed(seed, 12, 30, head=swaying(0.06), noise=0.003) for seed in (1, 2)]
    steady, timeline = scored(*people), scored(*(shaken(each, hertz) for each in people))
    assert share(timeline, State.OK) == 1.0
    assert np.nanmean(timeline.in_phase) == pytest.approx(np.nanmean(steady.in_phase), abs=0.05)


def test_camera_that_stands_where_it_was_moved_to_adds_no_noise() -> None:
    people = [filmed(seed, 12, 30, swaying(0.01), noise=0.005) for seed in (1, 2)]
    moved = [[seen_by_camera(each, (1.0, 0.0, 0.1, -0.2)) for each in poses] for poses in people]
    there, here = scored(*moved), scored(*people)
    np.testing.assert_array_equal(there.state, here.state)
    np.testing.assert_allclose(there.energy_a, here.energy_a, atol=1e-5)


@pytest.mark.parametrize(
    ("pixels", "state"), [(0.001, State.STILL), (0.004, State.OK), (None, State.OK)]
)
def test_landmarks_that_drift_where_pixels_stay_do_not_move(
    pixels: float | None, state: State
) -> None:
    """Landmarks drift with an encoder's errors; in older recordings it is not known of pixels."""
    people = [filmed(seed, 12, 30, swaying(0.02), noise=0.002) for seed in (1, 2)]
    if pixels is not None:
        people = [[with_pixels(each, pixels) for each in poses] for poses in people]
    assert share(scored(*people), state) == 1.0


def with_pixels(pose: Pose, moved: float) -> Pose:
    """Return the pose of a person whose pixels have moved by so many shoulder widths."""
    return replace(pose, camera=np.array([1.0, 0.0, 0.0, 0.0, moved * WIDTH]))


@pytest.mark.parametrize("rate", [12, 30, 60])
def test_pixels_count_where_three_quarters_are_known(rate: float) -> None:
    people = [filmed(seed, 12, rate, swaying(0.02), noise=0.002) for seed in (1, 2)]

    def state_with(unknown: set[int]) -> NDArray[np.object_]:
        known = [
            [
                each if number in unknown else with_pixels(each, 0.001)
                for number, each in enumerate(poses)
            ]
            for poses in people
        ]
        return scored(*known).state

    late = slice(1, None)
    number = range(round(12 * rate))
    assert set(state_with({0, 60, 61})[late]) <= {State.STILL, State.WARMING_UP}
    half = {each for each in number if each // 3 % 2}
    assert set(state_with(half)[late]) <= {State.OK, State.WARMING_UP}
