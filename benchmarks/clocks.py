"""How right clocks are found: ``python -m benchmarks.clocks [PAIRS]``.

Pairs of recordings are cut from rendered soundtracks at known offsets and drifts; a quarter of them
have nothing in common. Then a quarter as many pairs of feeds of one simulated person, with a delay.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from itertools import pairwise

import numpy as np

from mirror.clocks.movement import measure_delay
from mirror.clocks.sound import Alignment, align_sound
from mirror.errors import SourceError
from tests.support.sounds import music, recorded, speech
from tests.support.two_views import two_views

_EDGES = (0.0, 0.4, 0.95, 0.999, 1.01)  # of confidence
_RIGHT_S = 0.005


def main() -> None:
    """Print, by confidence, how many pairs were right, and how far off those were."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    errors: dict[tuple[float, float], list[tuple[float, float]]] = defaultdict(list)
    refused = [0, 0]  # unrelated, related
    for seed in range(count):
        found, lag_error, drift_error = _trial(seed)
        if found is None:
            refused[int(lag_error < np.inf)] += 1
            continue
        (bounds,) = [each for each in pairwise(_EDGES) if each[0] <= found.confidence < each[1]]
        errors[bounds].append((lag_error, drift_error))
    print(f"refused before a confidence: {refused[0]} without, {refused[1]} with a common sound")
    for low, high in pairwise(_EDGES):
        lags, drifts = np.array(errors[low, high] or np.empty((0, 2))).T
        right = lags < _RIGHT_S
        typical = np.median(lags[right]) * 1e3 if right.any() else np.nan
        worst = lags[right].max() * 1e3 if right.any() else np.nan
        drift = np.median(drifts[right]) if right.any() else np.nan
        print(
            f"confidence {low:.3f}…{min(high, 1.0):.3f}: {len(lags)} pairs, {int(right.sum())} "
            f"within 5 ms; of these the median {typical:.2f} ms, the worst {worst:.2f} ms, "
            f"drift {drift:.2f} ppm (median)"
        )
    _measure_half_hours()
    _measure_delays(count // 4)


def _measure_half_hours() -> None:
    """Print how far off the drift of half an hour is."""
    sound = speech(1, 1800) + 0.3 * music(2, 1800)
    a = recorded(sound, 3, start=12.5, seconds=1780, noise_db=-10, echo=0.5)
    for drift in (-50.0, 50.0):
        b = recorded(sound, 4, seconds=1790, drift_ppm=drift, noise_db=-10, echo=0.5)
        found = align_sound(a, b)
        lag = 12.5 + drift * 1e-6 * (found.times[[0, -1]] + 12.5)
        worst = 1e3 * float(np.abs(found.lag_at(found.times[[0, -1]]) - lag).max())
        print(f"half an hour, {drift:+.0f} ppm: {found.drift_ppm - drift:+.2f} ppm, {worst:.2f} ms")


def _measure_delays(count: int) -> None:
    """Print how far off measured delays between two cameras are."""
    errors, refused = [], 0
    for seed in range(count):
        rng = np.random.default_rng(seed)
        delay, jitter = rng.uniform(-0.2, 0.2), rng.uniform(0.001, 0.008)
        rates = (float(rng.choice([10, 15, 25, 30, 60])), float(rng.choice([12, 24, 30])))
        try:
            found = measure_delay(
                two_views(delay, rates, seed=seed, jitter=jitter, opposite=bool(seed % 2))
            )
        except SourceError:
            refused += 1
        else:
            errors.append(1e3 * abs(found.seconds - delay))
    print(
        f"delay of cameras: {len(errors)} pairs, {refused} more refused: median "
        f"{np.median(errors):.2f} ms, worst {np.max(errors):.2f} ms"
    )


def _trial(seed: int) -> tuple[Alignment | None, float, float]:
    """Return an alignment, and the errors of its lag, s, and drift, ppm; inf if unrelated."""
    rng = np.random.default_rng(seed)
    seconds = float(rng.choice([12, 20, 40, 90, 180]))
    offset = rng.uniform(-60, 60) if rng.random() < 0.5 else rng.uniform(-0.8, 0.8) * seconds
    drift, is_related = rng.uniform(-50, 50), rng.random() < 0.75
    whole = seconds + abs(offset) + 1
    sounds = [
        speech(2 * seed + k, whole) + rng.uniform(0, 1) * music(2 * seed + k, whole) for k in (0, 1)
    ]
    common = sounds[0] if is_related else sounds[1]
    about = {"seconds": seconds, "noise_db": rng.uniform(-25, 10), "echo": rng.uniform(0, 3)}
    a = recorded(sounds[0], 2 * seed, start=max(offset, 0.0), level=rng.uniform(0.01, 1), **about)
    b = recorded(common, 2 * seed + 1, start=max(-offset, 0.0), drift_ppm=drift, **about)
    try:
        found = align_sound(a, b)
    except SourceError:
        return None, 0.0 if is_related else np.inf, np.inf
    if not is_related:
        return found, np.inf, np.inf
    times = found.times[found.agrees]
    true = offset + drift * 1e-6 * (times + offset)
    return found, float(np.abs(found.lag_at(times) - true).max()), abs(found.drift_ppm - drift)


if __name__ == "__main__":
    main()
