"""The estimator's two forms, against a naive computation of every window with scipy.signal."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import islice

import numpy as np
import scipy.signal
from numpy.typing import NDArray

from benchmarks.memory import resident
from benchmarks.people import script_ticks
from benchmarks.plan import Plan, log
from benchmarks.tables import Table, load, ratios, spread
from mirror import Estimator, Settings, Tick
from mirror.estimator.estimator import score_ticks
from mirror.estimator.movement import BODY, from_poses
from mirror.estimator.spectrum import taper

_SETTINGS = (Settings(mapping="mirror"), Settings(mapping="same-side"))
_ROWS = 50  # per round
_COMPARED = ("in_phase", "anti_phase", "coherence", "in_phase_head", "coherence_left_arm")

Array = NDArray[np.float64]


def measure(plan: Plan) -> list[Table]:
    """Measure the streaming form against the naive one, then the array form."""
    return [_streaming(plan), _array(plan)]


def _streaming(plan: Plan) -> Table:
    ticks = script_ticks(len(taper(_SETTINGS[0])) + 3 * _ROWS * plan.rounds)
    warm, rest = ticks[: len(taper(_SETTINGS[0]))], ticks[len(taper(_SETTINGS[0])) :]
    estimators = [Estimator(settings) for settings in _SETTINGS]
    for estimator in estimators:
        for tick in warm:
            estimator.update(*tick)
    seen = list(warm)
    between: list[float] = []
    due: list[float] = []
    streamed: list[float] = []
    naive: list[float] = []
    furthest = 0.0
    coming = iter(rest)
    for turn in range(plan.rounds):
        log(f"estimator: round {turn + 1}")
        ours, theirs = 0.0, 0.0
        for tick in islice(coming, 3 * _ROWS):
            seen.append(tick)
            spent = []
            for estimator in estimators:
                began = time.perf_counter()
                score = estimator.update(*tick)
                spent.append(time.perf_counter() - began)
            ours += sum(spent)
            (between if score is None else due).append(1e6 * sum(spent))
            if score is None:
                continue
            window = seen[-len(warm) :]
            began = time.perf_counter()
            again = [naive_scores(window, settings) for settings in _SETTINGS]
            theirs += time.perf_counter() - began
            furthest = max(
                furthest,
                *(abs(again[-1][name] - getattr(score, name)) for name in _COMPARED),
            )
        streamed.append(1e6 * ours / _ROWS)
        naive.append(1e6 * theirs / _ROWS)
    rows = (
        ("update without a row (2 of 3 ticks)", _middle(between), ""),
        ("update with a row (1 of 3 ticks)", _middle(due), ""),
        ("a row, streaming: its three updates", spread(streamed, 0), "1"),
        ("a row, naive", spread(naive, 0), spread(ratios(naive, streamed))),
    )
    note = (
        "Defaults: window 6 s, a row every 0.1 s, whole body and 5 regions; both mappings, that "
        f"is, two estimators. Rows: median (lowest–highest) of {plan.rounds} rounds of {_ROWS}; "
        "updates: median (5th–95th percentile). Naive: scipy.signal.csd of every channel of the "
        "window, sums by region, a loop over the lags; its scores differ by "
        f"{furthest:.0e} at most. {load()}."
    )
    return Table("Estimator, streaming", ("work", "µs", "× streaming"), rows, note)


def _middle(values: Sequence[float]) -> str:
    low, middle, high = np.percentile(values, (5, 50, 95))
    return f"{middle:.0f} ({low:.0f}–{high:.0f})"


def naive_scores(window: Sequence[Tick], settings: Settings) -> dict[str, float]:
    """Compute the scores of one window from their definition."""
    weights = taper(settings)
    size = scipy.fft.next_fast_len(len(weights) + round(settings.max_lag * 30), real=True)
    mirrored = settings.mapping == "mirror"
    people = [
        from_poses([tick.a for tick in window], mirrored=False),
        from_poses([tick.b for tick in window], mirrored=mirrored),
    ]
    series = [person.channels / np.median(person.scale) for person in people]
    a, b = (each - weights @ each / weights.sum() for each in series)
    cross, power_a, power_b = [], [], []
    for x, y in zip(a.T, b.T, strict=True):
        f, s = _csd(y, x, weights, size)  # scipy conjugates the first
        inside = (f >= settings.band[0]) & (f <= settings.band[1])
        cross.append(s[inside])
        power_a.append(_csd(x, x, weights, size)[1][inside].real.sum())
        power_b.append(_csd(y, y, weights, size)[1][inside].real.sum())
    scores: dict[str, float] = {}
    for name, at in {"": slice(None), **BODY.regions}.items():
        c = np.sum(cross[at]) / np.sqrt(np.sum(power_a[at]) * np.sum(power_b[at]))
        suffix = f"_{name}" if name else ""
        scores["in_phase" + suffix] = max(0.0, c.real)
        scores["anti_phase" + suffix] = max(0.0, -c.real)
        scores["coherence" + suffix] = abs(c)
    total, norm = np.sum(cross, axis=0), np.sqrt(np.sum(power_a) * np.sum(power_b))
    scores["relative_phase_deg"] = float(np.degrees(np.angle(total.sum())))
    best, lag = -np.inf, 0.0
    for shift in range(-round(settings.max_lag * 30), round(settings.max_lag * 30) + 1):
        shifted = (total * np.exp(-2j * np.pi * f[inside] * shift / 30)).sum().real
        kept = weights[abs(shift) :] @ weights[: len(weights) - abs(shift)] / (weights @ weights)
        if shifted / (norm * kept) > best:
            best, lag = shifted / (norm * kept), shift / 30
    return scores | {"mirroring": max(0.0, best), "lag_s": lag}


def _csd(x: Array, y: Array, weights: Array, size: int) -> tuple[Array, NDArray[np.complex128]]:
    frequency, density = scipy.signal.csd(
        x, y, 30.0, window=weights, nperseg=len(weights), noverlap=0, nfft=size, detrend=False
    )
    return frequency, density


def _array(plan: Plan) -> Table:
    ticks = script_ticks(round(plan.hours * 3600 * 30))
    rows, before = [], resident()
    for settings in _SETTINGS:
        log(f"estimator: {plan.hours:g} h at once, {settings.mapping}")
        began = time.perf_counter()
        timeline = score_ticks(ticks, settings)
        spent = time.perf_counter() - began
        rows.append(
            (
                f"mapping {settings.mapping}",
                f"{spent:.1f}",
                f"{plan.hours * 3600 / spent:.0f}",
                f"{1e6 * spent / len(timeline):.0f}",
            )
        )
    columns = ("array form", "s", "× real time", "µs a row")
    note = (
        f"`score_ticks` over {plan.hours:g} h of landmarks: {len(ticks)} ticks, {len(timeline)} "
        f"rows. At most {resident(peak=True) - before:.0f} MB above the ticks themselves. {load()}."
    )
    return Table("Estimator, all at once", columns, tuple(rows), note)
