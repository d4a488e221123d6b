"""How much coordination each method needs to see it: area under the ROC curve, by what is shared.

The program's scores are computed from simulated movement, published methods from the motion energy
of the same movement (its speed), each with the settings that its authors recommend.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.signal import hilbert
from scipy.stats import mannwhitneyu

from mirror.analysis.published import mea_smooth, rmea, susy, wcc
from mirror.estimator.estimator import score_movement
from mirror.estimator.movement import BODY, Movement
from mirror.settings import Settings
from mirror.timeline import State
from mirror.validation import simulated

MINUTES: Final = (1.0, 3.0)

METHODS: Final = (
    *("mirroring", "coherence", "in phase + anti-phase"),
    *("rMEA", "SUSY", "wcc", "phase-locking value", "Pearson"),  # of motion energy
)

_CHANGE_S = 20.0  # from one leader to the other
_SMOOTH_S = 0.2  # of landmarks before their speed, against jitter


@dataclass(frozen=True)
class Shared:
    """What two people share."""

    name: str
    coupling: float = 0.0  # correlation with the leader's movement, 0…1
    lag_s: float = 0.0
    sign: float = 1.0  # −1 for the opposite movement
    leaders_change: bool = False  # whether A and B lead in turn
    reach: float = 1.0  # size of B's movement, in A's
    missing: float = 0.0  # share of the ticks without B, 0…1
    effort: bool = False  # whether they only swell together: how much they move, not how


CASES: Final = (
    *(Shared(f"coupling {c:g}, lag 0.6 s", c, 0.6) for c in (0.1, 0.2, 0.3, 0.5, 0.8)),
    *(Shared(f"coupling 0.3, lag {lag:g} s", 0.3, lag) for lag in (0.0, 0.3, 1.0, 1.5)),
    Shared("coupling 0.3, opposite", 0.3, sign=-1.0),
    Shared("coupling 0.3, leaders change", 0.3, 0.6, leaders_change=True),
    Shared("coupling 0.3, B moves a third as far", 0.3, 0.6, reach=1 / 3),
    Shared("coupling 0.3, B missing 20 %", 0.3, 0.6, missing=0.2),
    Shared("coupling 0.5, lag 4 s", 0.5, 4.0),
    Shared("effort alone", effort=True),
)


@dataclass(frozen=True)
class Detection:
    """Areas under the ROC curve, 0…1, of pairs that share something against unrelated ones."""

    shared: Shared
    minutes: float  # of data a pair
    pairs: int  # as many unrelated ones are compared with
    areas: tuple[float, ...]  # in the order of `METHODS`; .5 is chance


def number_of_pairs(pairs: int) -> int:
    """Return how many pairs of people `measure_detection` simulates, with `pairs` of a kind."""
    return 2 * pairs * len(CASES)


def measure_detection(
    settings: Settings, pairs: int, seed: int, done: Callable[[], None]
) -> tuple[Detection, ...]:
    """Compare pairs of every kind of `CASES` with pairs that share nothing.

    So many `pairs` of every kind, and as many unrelated ones with the same reach and missing ticks;
    `done` is called after every pair of people.
    """
    used = replace(settings, rate=simulated.RATE, hop=settings.window / 2)
    found = []
    for number, shared in enumerate(CASES):
        nothing = replace(shared, coupling=0.0, effort=False)
        values = np.empty((2, pairs, len(MINUTES), len(METHODS)))
        for related, kind in enumerate((nothing, shared)):
            for pair in range(pairs):
                rng = np.random.default_rng((seed, number, related, pair))
                people = _people(kind, 60.0 * max(MINUTES), rng)
                for row, minutes in enumerate(MINUTES):
                    values[related, pair, row] = _measures(
                        used, people, round(60 * minutes * simulated.RATE)
                    )
                done()
        for row, minutes in enumerate(MINUTES):
            apart, together = values[:, :, row]
            areas = mannwhitneyu(together, apart).statistic / pairs**2
            found.append(Detection(shared, minutes, pairs, tuple(areas.tolist())))
    return tuple(found)


def _people(shared: Shared, seconds: float, rng: np.random.Generator) -> tuple[Movement, Movement]:
    ticks, lag = round(seconds * simulated.RATE), round(shared.lag_s * simulated.RATE)
    if shared.effort:
        effort = simulated.swelling(ticks, rng)
        a, b = simulated.gestures(ticks, rng, effort), simulated.gestures(ticks, rng, effort)
    else:
        leader = simulated.gestures(ticks + lag, rng)
        a, b = leader[lag:], simulated.follower(leader, lag, shared.coupling, rng, shared.sign)
    if shared.leaders_change:
        turn = (np.arange(ticks) // round(_CHANGE_S * simulated.RATE) % 2 == 1)[:, None]
        a, b = np.where(turn, b, a), np.where(turn, a, b)
    b = shared.reach * b
    b[simulated.bursts(ticks, shared.missing, rng)] = np.nan
    return simulated.to_movement(a, rng), simulated.to_movement(b, rng)


def _measures(settings: Settings, people: tuple[Movement, Movement], ticks: int) -> list[float]:
    a, b = (person.cut(slice(ticks)) for person in people)
    timeline = score_movement(np.arange(ticks) / simulated.RATE, a, b, BODY, settings)
    scored = timeline.state == State.OK
    mirroring, coherence, in_phase, anti_phase = (
        float(timeline[name][scored].mean())
        for name in ("mirroring", "coherence", "in_phase", "anti_phase")
    )
    energy_a, energy_b = _motion_energy(a), _motion_energy(b)
    phase_a, phase_b = (np.angle(hilbert(each - each.mean())) for each in (energy_a, energy_b))
    # rMEA's windows of a minute need more than a minute
    window = 60.0 if ticks >= 120 * simulated.RATE else 30.0
    smooth_a, smooth_b = (mea_smooth(each, simulated.RATE) for each in (energy_a, energy_b))
    return [
        mirroring,
        coherence,
        in_phase + anti_phase,
        rmea(smooth_a, smooth_b, simulated.RATE, win_sec=window, inc_sec=window / 2).grand_aver,
        susy(energy_a, energy_b, simulated.RATE).absolute.effect_size,
        wcc(
            energy_a, energy_b, simulated.RATE, w_max=10.0, t_max=5.0, w_inc=1.0, t_inc=0.2
        ).aggregate.max_mean,
        float(np.abs(np.exp(1j * (phase_a - phase_b)).mean())),
        float(np.corrcoef(energy_a, energy_b)[0, 1]),
    ]


def _motion_energy(person: Movement) -> simulated.Array:
    """Speed of all channels together [tick], interpolated where the person is missing."""
    width = round(_SMOOTH_S * simulated.RATE)
    kernel = np.hanning(width + 3) / np.hanning(width + 3).sum()
    times = np.arange(len(person.present))
    there = person.present
    channels = [np.interp(times, times[there], each[there]) for each in person.channels.T]
    smooth = np.stack([np.convolve(each, kernel, "same") for each in channels])
    speed: simulated.Array = np.sqrt(
        (np.gradient(smooth, 1.0 / simulated.RATE, axis=1) ** 2).sum(axis=0)
    )
    edge = width  # the filter has not filled there
    return np.pad(speed[edge:-edge], edge, mode="edge")
