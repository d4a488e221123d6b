"""The delay between two cameras, from the movement of one person in view of both.

The estimator's own cross-spectra: a movement that comes τ later in feed B turns their phase by
2πfτ, so that the slope of the phase over frequency is the delay, far below a frame.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mirror.errors import SourceError
from mirror.estimator.align import to_grid
from mirror.estimator.estimator import movement_from_ticks
from mirror.estimator.movement import BODY
from mirror.estimator.spectrum import Plan, Spectra, score_windows
from mirror.estimator.table import measure_jitter, tabulate
from mirror.estimator.validity import CODE, Array
from mirror.landmarks import Feed, Pose
from mirror.settings import Settings
from mirror.timeline import State

MEASURED_S: Final = 10.0  # how long both cameras look at one person, s

_SETTINGS: Final = Settings(
    window=4.0, taper="hann", band=(0.3, 4.0), max_lag=1.0, mapping="same-side"
)
_HOP_S: Final = 1.0  # a quarter of a window; with this taper, every second one is independent
_LONGEST_S: Final = 0.6  # that is searched
_ROUNDS: Final = 4
_ALIKE: Final = 0.5  # coherence of a sideways channel that both cameras see from one side
_LEAST_COHERENCE: Final = 0.7
_RIVAL: Final = 0.9  # of the highest correlation
_RIVAL_APART_S: Final = 0.15
MAX_ERROR_S: Final = 0.003
MAX_CALL_ERROR_S: Final = 0.02  # a network's delays differ from moment to moment
_MIN_WINDOWS: Final = 4


@dataclass(frozen=True, slots=True)
class Delay:
    """How much later feed B delivers what both cameras see at once."""

    seconds: float  # positive: B is later
    error_s: float  # its standard error
    coherence: float  # 0…1: how alike the movement in both feeds is, once the delay is taken out


def measure_delay(poses: Sequence[tuple[Feed, Pose]], max_error: float = MAX_ERROR_S) -> Delay:
    """Return the delay between two feeds of one person, from about `MEASURED_S`.

    The poses are in order of arrival, and stamped with it. Raise SourceError if nobody is seen in
    one of them, or the movement is too little, too regular or not the same in both, so that its
    standard error were above `max_error`; the text says which, and what to do.
    """
    seconds, error, coherence = 0.0, math.inf, 0.0
    for number in range(_ROUNDS):
        spectra = _spectra(poses, seconds)
        if number == 0:
            seconds = _coarse(spectra)
            continue
        steps, coherence = _steps(spectra)
        seconds += steps[0]
        error = float(np.std(steps[1:], ddof=1)) / math.sqrt(len(steps) / 2)
    if coherence < _LEAST_COHERENCE:
        raise SourceError(
            "the two cameras do not see the same movement, or too little of it; let one person "
            "stand where both see head, shoulders and arms, and move both arms up and down"
        )
    if error > max_error or abs(seconds) > _LONGEST_S:
        raise SourceError(
            f"the delay is unsure (± {1e3 * error:.0f} ms); move both arms quickly, up and down, "
            "in more light or nearer to the cameras"
        )
    return Delay(float(seconds), error, coherence)


def _spectra(poses: Sequence[tuple[Feed, Pose]], delay: float) -> tuple[Plan, Spectra]:
    """Return the spectra of all windows, with B's poses that much earlier."""
    plan = Plan.of(_SETTINGS, BODY)
    moved = [(f, replace(pose, time=pose.time - delay) if f == "b" else pose) for f, pose in poses]
    moved.sort(key=lambda each: each[1].time)
    _, a, b = movement_from_ticks(to_grid(moved, _SETTINGS.rate), _SETTINGS)
    table = tabulate(plan.columns, a, b)
    measure_jitter(plan.columns, table, 0)
    starts = np.arange(0, len(table) - len(plan.taper) + 1, round(_HOP_S * plan.rate))
    states = np.empty(0, np.int8)
    if len(starts):
        states, _, spectra, width, _ = score_windows(plan, table, starts)
    usable = states == CODE[State.OK]
    if usable.sum() < _MIN_WINDOWS:
        raise SourceError(_reason(states))
    return plan, spectra.take(usable, width)


def _reason(states: NDArray[np.int8]) -> str:
    for state, why in (
        (State.NO_PERSON_A, "nobody is seen by the camera of A"),
        (State.NO_PERSON_B, "nobody is seen by the camera of B"),
        (State.STILL, "the person hardly moves"),
    ):
        if np.count_nonzero(states == CODE[state]) > len(states) / 4:
            return f"{why}; let one person stand where both cameras see them, and move both arms"
    return "there were too few frames of both cameras at once; measure again"


def _cross(spectra: tuple[Plan, Spectra]) -> tuple[Array, Array, Array, Array]:
    """Return frequencies [f], cross-spectra [window, channel, f], and both powers [channel]."""
    plan, found = spectra
    frequency = np.arange(plan.band.start, plan.band.stop) * (plan.rate / plan.size)
    a, b = (each[:, 0] + 1j * each[:, 1] for each in (found.a, found.b))
    counts = found.counts[:, :, None]
    cross = np.where(counts, a * np.conj(b), 0.0)
    powers = [np.where(counts, np.abs(each) ** 2, 0.0).sum(axis=(0, 2)) for each in (a, b)]
    return frequency, cross, powers[0], powers[1]


def _coarse(spectra: tuple[Plan, Spectra]) -> float:
    """Return the lag of the highest correlation of the vertical movement, s."""
    frequency, cross, _, _ = _cross(spectra)
    lags = np.arange(-_LONGEST_S, _LONGEST_S, 0.002)
    upright = cross[:, ~BODY.sideways].sum(axis=(0, 1))
    height = np.real(np.exp(-2j * np.pi * np.outer(lags, frequency)) @ upright)
    best = int(height.argmax())
    elsewhere = height[np.abs(lags - lags[best]) > _RIVAL_APART_S]
    inner = elsewhere[1:-1]
    peaks = inner[(inner >= elsewhere[:-2]) & (inner >= elsewhere[2:])]
    if height[best] <= 0 or peaks.max(initial=0.0) > _RIVAL * height[best]:
        raise SourceError(
            "the movement is too regular to tell one stroke from the next; move both arms up and "
            "down at an uneven pace"
        )
    return float(lags[best])


def _steps(spectra: tuple[Plan, Spectra]) -> tuple[Array, float]:
    """Return the remaining delay, s, of all windows and then of each, and the coherence."""
    frequency, cross, power_a, power_b = _cross(spectra)
    total = cross.sum(axis=(0, 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        alike = np.real(total) / np.sqrt(power_a * power_b) >= _ALIKE
    kept = ~BODY.sideways | alike
    each = cross[:, kept].sum(axis=1)
    all_and_each = np.vstack([each.sum(axis=0), each])
    # Weighted by power: the phase of what hardly moves is noise.
    weight, phase = np.abs(all_and_each), np.angle(all_and_each)
    moment = 2 * np.pi * np.sum(weight * frequency**2, axis=1)
    steps: Array = np.sum(weight * frequency * phase, axis=1) / moment
    norm = math.sqrt(float(power_a[kept].sum() * power_b[kept].sum()))
    return steps, float(np.real(total[kept].sum())) / norm
