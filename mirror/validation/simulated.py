"""Simulated pairs of people whose relation is known, as movement, without pixels.

Hundreds of sessions are needed to tell a rate of 5 % from one of 8 %. Fifteen sources move the 25
channels of a body, so channels of one limb are correlated as they are in people; every channel has
the jitter of a landmark.
"""

from collections.abc import Callable
from math import pi
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mirror.estimator.movement import CHANNELS, JOINTS, Movement, from_series

Array = NDArray[np.float64]

RATE: Final = 30.0
JITTER: Final = 0.005  # standard deviation of a visible landmark's noise, shoulder widths
_GAP_S: Final = 0.7
_GESTURES: Final = (0.25, 1.2)  # Hz
_SIDES: Final = ("left", "right")
# How far each source moves the channels, shoulder widths.
_REACH: Final[tuple[dict[str, float], ...]] = (
    {"nose_x": 0.06, "left_ear_x": 0.05, "right_ear_x": 0.05},
    {"nose_y": 0.05, "left_ear_y": 0.04, "right_ear_y": 0.04},
    {"torso_x": 0.05},
    {"torso_y": 0.02},
    {"torso_tilt": 0.03},
    *({f"{side}_wrist_x": 0.3, f"{side}_elbow_x": 0.1} for side in _SIDES),
    *({f"{side}_wrist_y": 0.3, f"{side}_elbow_y": 0.1} for side in _SIDES),
    *({f"{side}_elbow_{axis}": 0.05} for side in _SIDES for axis in "xy"),
    *({f"{side}_knee_x": 0.02, f"{side}_ankle_x": 0.02} for side in _SIDES),
)

_MIXING: Final = np.array([[each.get(name, 0.0) for name in CHANNELS] for each in _REACH])
_HIPS: Final = (0.27, 1.42, -0.27, 1.42)  # at rest
_SIDEWAYS: Final = np.array([all(name.endswith("_x") for name in each) for each in _REACH])


def to_movement(sources: Array, rng: np.random.Generator) -> Movement:
    """Return the movement of one person [tick] from the sources [tick, source]; NaN is missing."""
    channels = sources @ _MIXING + rng.normal(0.0, JITTER, (len(sources), len(CHANNELS)))
    series = from_series(channels)
    seen = np.repeat(series.present[:, None].astype(float), len(JOINTS), axis=1)
    return series._replace(visibility=seen, hips=np.tile(_HIPS, (len(sources), 1)))


def swelling(ticks: int, rng: np.random.Generator) -> Array:
    """Return the size of gestures in conversation, 0.15…1, every ten to thirty seconds [tick]."""
    times = np.arange(ticks) / RATE
    angular, phases = 2 * pi * rng.uniform(0.03, 0.12, 3), rng.uniform(0, 2 * pi, 3)
    sizes: Array = 0.55 + 0.35 * np.cos(angular * times[:, None] + phases).sum(axis=1)
    return np.clip(sizes, 0.15, 1.0)


def gestures(ticks: int, rng: np.random.Generator, effort: Array | None = None) -> Array:
    """Return gestures that swell and die away [tick, source], of size `effort` if given."""
    sizes = swelling(ticks, rng) if effort is None else effort
    return _noise(ticks, rng) * sizes[:, None]


def bursts(ticks: int, share: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return a share of the ticks, in bursts of 0.7 s on average [tick]."""
    inside = np.zeros(ticks, bool)
    end = 0.0
    while share > 0.0 and end < ticks:
        length = rng.exponential(_GAP_S * RATE)
        start = end + rng.exponential(_GAP_S * RATE * (1.0 / share - 1.0))
        end = start + length
        inside[round(start) : round(end)] = True
    return inside


def follower(
    leader: Array, lag: int, coupling: float, rng: np.random.Generator, sign: float = 1.0
) -> Array:
    """Return someone who repeats a share of the leader's movement, `lag` ticks later.

    From [tick, source] to [tick − lag, source]. `coupling` is the correlation with the leader, 0…1;
    the rest are gestures of their own. A `sign` of −1 is for the opposite.
    """
    echo = leader[: len(leader) - lag]
    own = gestures(len(echo), rng)
    moved: Array = sign * coupling * echo + np.sqrt(1.0 - coupling**2) * own
    return moved


def _rhythm(ticks: int, rng: np.random.Generator, _common: Array) -> Array:
    """Return a rhythm of one's own, whose phase drifts."""
    drift = np.cumsum(rng.normal(0.0, 0.25 / np.sqrt(RATE), ticks))
    phase = 2 * pi * rng.uniform(0.5, 1.2) * np.arange(ticks) / RATE + drift
    offsets = rng.uniform(0.0, 2 * pi, len(_REACH))
    return 1.2 * np.cos(phase[:, None] + offsets) + 0.4 * _noise(ticks, rng)


def _tempo(ticks: int, rng: np.random.Generator, common: Array) -> Array:
    slow, fast = _noise(ticks, rng, (0.25, 0.6)), _noise(ticks, rng, (1.0, 1.6))
    return slow * (1.0 - common)[:, None] + fast * common[:, None]


def _axis(ticks: int, rng: np.random.Generator, common: Array) -> Array:
    sideways = common[:, None]
    return _noise(ticks, rng) * (0.1 + 0.9 * np.where(_SIDEWAYS, sideways, 1.0 - sideways))


def _amount(ticks: int, rng: np.random.Generator, common: Array) -> Array:
    return _noise(ticks, rng) * (0.2 + 0.8 * common)[:, None]


_PHASES: Final = (30.0, 90.0)  # s from one common change to the next
_BURSTS: Final = (2.0, 6.0)
_TURNS: Final = "turns of 1 to 4 s"

UNRELATED: Final[
    dict[str, tuple[Callable[[int, np.random.Generator, Array], Array], tuple[float, float]]]
] = {
    "stationary": (lambda ticks, rng, _common: _noise(ticks, rng), _PHASES),
    "a rhythm of one's own": (_rhythm, _PHASES),
    "common changes of tempo": (_tempo, _PHASES),
    "common changes of axis": (_axis, _PHASES),
    "common changes of amount": (_amount, _PHASES),
    "common bursts": (_amount, _BURSTS),
    _TURNS: (_amount, (1.0, 4.0)),
}
"""How unrelated people may move: a person's sources from what is common to both, and the shortest
and longest time between two common changes, s."""


def unrelated(kind: str, seconds: float, rng: np.random.Generator) -> tuple[Movement, Movement]:
    """Return two people who change their movement together, of `UNRELATED`, and share no phase.

    Where they take turns, B moves while A is nearly still, and the reverse.
    """
    move, times = UNRELATED[kind]
    ticks = round(seconds * RATE)
    common = _switching(ticks, times, rng)
    changes = common, 1.0 - common if kind == _TURNS else common
    a, b = (to_movement(move(ticks, rng, each), rng) for each in changes)
    return a, b


def with_gaps(
    missing: float, seconds: float, rng: np.random.Generator
) -> tuple[Movement, Movement]:
    """Return two unrelated people whose gestures swell, A missing for a share of the time."""
    ticks = round(seconds * RATE)
    a, b = gestures(ticks, rng), gestures(ticks, rng)
    a[bursts(ticks, missing, rng)] = np.nan
    return to_movement(a, rng), to_movement(b, rng)


def _noise(ticks: int, rng: np.random.Generator, band: tuple[float, float] = _GESTURES) -> Array:
    """Return independent noise of standard deviation 1 within a band, Hz [tick, source]."""
    frequency = np.fft.rfftfreq(ticks, 1.0 / RATE)
    inside = np.flatnonzero((frequency >= band[0]) & (frequency <= band[1]))
    spectrum = np.zeros((len(frequency), len(_REACH)), complex)
    parts = rng.normal(size=(2, len(inside), len(_REACH)))
    spectrum[inside] = parts[0] + 1j * parts[1]
    noise = np.fft.irfft(spectrum, ticks, axis=0)
    scaled: Array = noise / noise.std(axis=0)
    return scaled


def _switching(ticks: int, times: tuple[float, float], rng: np.random.Generator) -> Array:
    """Return a sequence that goes from 0 to 1 and back within half a second [tick]."""
    lengths = rng.uniform(*times, int(ticks / RATE / times[0]) + 2)
    edges = np.cumsum(lengths * RATE)
    state = (np.searchsorted(edges, np.arange(ticks), side="right") + rng.integers(2)) % 2
    smooth = np.hanning(17) / np.hanning(17).sum()
    switching: Array = np.convolve(np.pad(state, 8, mode="edge"), smooth, "valid")
    return switching
