"""How much coordination each method needs to see it: area under the ROC curve, by what is shared.

The program's scores are computed from simulated movement, published methods from the motion energy
of the same movement (its speed), each with the settings that its authors recommend.
"""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.signal import hilbert
from scipy.stats import mannwhitneyu

from mirror._support.opencv import cv2
from mirror.analysis.published import mea_smooth, rmea, susy, wcc
from mirror.capture.synthetic.looks import Looks
from mirror.capture.synthetic.motion import aperiodic, blend, mirrored
from mirror.capture.tracker import Tracker
from mirror.estimator.align import Aligner
from mirror.estimator.estimator import movement_from_ticks, score_movement
from mirror.estimator.movement import BODY, Movement
from mirror.landmarks import Pose
from mirror.settings import Settings
from mirror.timeline import State
from mirror.validation import simulated
from mirror.validation.conditions import Camera, Person

MINUTES: Final = (1.0, 3.0)
FRAMES: Final = 915  # of a computer-drawn person: a minute, and some more to fill its last tick
_CAMERA: Final = Camera(15.0)
_CHANGED: Final = 10  # grey levels from which on a pixel has changed

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
_DRAWN: Final = Shared("coupling 0.3, lag 0.6 s, computer-drawn", 0.3, 0.6)


@dataclass(frozen=True)
class Detection:
    """Areas under the ROC curve, 0…1, of pairs that share something against unrelated ones."""

    shared: Shared
    minutes: float  # of data a pair
    pairs: int  # as many unrelated ones are compared with
    areas: tuple[float, ...]  # in the order of `METHODS`; .5 is chance


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
                    ticks = slice(round(60 * minutes * simulated.RATE))
                    a, b = (person.cut(ticks) for person in people)
                    values[related, pair, row] = _measures(
                        used, a, b, _motion_energy(a), _motion_energy(b)
                    )
                done()
        for row, minutes in enumerate(MINUTES):
            found.append(_detection(shared, minutes, *values[:, :, row]))
    return tuple(found)


def measure_drawn(
    settings: Settings,
    pairs: int,
    seed: int,
    tracker: Callable[[], Tracker],
    on_frame: Callable[[], None],
) -> Detection:
    """Compare computer-drawn pairs with people of different pairs, through pixels.

    The program's scores are of the landmarks that `tracker` finds; published methods get the share
    of pixels that change. `on_frame` is called after each of `FRAMES` frames a person.
    """
    used = replace(settings, rate=simulated.RATE, hop=settings.window / 2)
    rng, share = np.random.default_rng(seed), 1 / (1 + np.sqrt(_DRAWN.coupling**-2 - 1))
    seen = []
    for _ in range(pairs):
        style, own, *looks = map(int, rng.integers(2**31, size=4))
        late = blend(aperiodic(own), aperiodic(style, _DRAWN.lag_s), share)
        moves = aperiodic(style), mirrored(late)
        people = [
            Person(Looks.random(look), move, _CAMERA)
            for look, move in zip(looks, moves, strict=True)
        ]
        seen.append([_see(person, tracker, on_frame) for person in people])
    apart, together = (
        np.array([_measure_seen(used, seen[k][0], seen[k - other][1]) for k in range(pairs)])
        for other in (1, 0)
    )
    return _detection(_DRAWN, 1.0, apart, together)


_Seen = tuple[list[Pose], list[float]]  # a person's poses, and the share of pixels that changed


def _see(person: Person, tracker: Callable[[], Tracker], on_frame: Callable[[], None]) -> _Seen:
    source, poses, changed, before = person.source(FRAMES / _CAMERA.rate), [], [], None
    with closing(tracker()) as tracking:
        while frame := source.read():
            poses.append(tracking.track(frame))
            grey = cv2.cvtColor(frame.image, cv2.COLOR_RGB2GRAY)
            difference = cv2.absdiff(grey, grey if before is None else before)
            changed.append(float((difference >= _CHANGED).mean()))
            before = grey
            on_frame()
    return poses, changed


def _measure_seen(settings: Settings, a: _Seen, b: _Seen) -> list[float]:
    aligner, ticks = Aligner(settings.rate), []
    for pose_a, pose_b in zip(a[0], b[0], strict=True):
        ticks += [*aligner.push("a", pose_a), *aligner.push("b", pose_b)]
    ticks = ticks[: round(60.0 * settings.rate)]
    times, moved_a, moved_b = movement_from_ticks(ticks, settings)
    # Of the first frame it is not known what has changed.
    energies = (np.interp(times, [p.time for p in x[1:]], y[1:]) for x, y in (a, b))
    return _measures(settings, moved_a, moved_b, *energies)


def _detection(
    shared: Shared, minutes: float, apart: simulated.Array, together: simulated.Array
) -> Detection:
    areas = mannwhitneyu(together, apart).statistic / len(apart) ** 2
    return Detection(shared, minutes, len(apart), tuple(areas.tolist()))


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


def _measures(
    settings: Settings,
    a: Movement,
    b: Movement,
    energy_a: simulated.Array,
    energy_b: simulated.Array,
) -> list[float]:
    ticks = len(energy_a)
    timeline = score_movement(np.arange(ticks) / simulated.RATE, a, b, BODY, settings)
    scored = timeline.state == State.OK
    mirroring, coherence, in_phase, anti_phase = (
        float(timeline[name][scored].mean())
        for name in ("mirroring", "coherence", "in_phase", "anti_phase")
    )
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
