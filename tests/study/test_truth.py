"""Tests of simulated corpora with known effects: false positives, power, and what intervals cover.

``MIRROR_CORPORA=200 pytest -s tests/study/test_truth.py`` repeats the figures of docs/studies.md.
"""

from __future__ import annotations

import os
import sys
from collections import Counter

import numpy as np
import pandas as pd
from scipy.stats import binom, nct, t

from mirror.analysis.pseudo_dyads import pseudo_dyads
from mirror.study.models import correlate, fit, permute
from tests.support.corpora import PLAN, dyad, tables

CORPORA = int(os.environ.get("MIRROR_CORPORA", "2"))
DYADS, SECONDS, ORDERS = 24, 60.0, 199
LEVEL = 0.05
NEAR, FAR = 0.15, 0.30
"""Coupling in the two conditions of corpora with an effect."""

SPREAD = 0.1
"""Standard deviation of the coupling between dyads."""

SLOPE, RESIDUAL = 10.0, 1.0
"""Of the outcome on the coupling."""


def corpus(seed: int, couplings: tuple[float, float], slope: float):
    rng = np.random.default_rng((seed, round(1000 * couplings[1])))
    conditions = ["near", "far"] * (DYADS // 2)
    means = np.array([couplings[name == "far"] for name in conditions])
    spread = SPREAD if max(couplings) else 0.0
    coupling = np.clip(rng.normal(means, spread), 0.0, 0.95)
    dyads = [dyad(each, SECONDS, rng) for each in coupling]
    outcome = slope * coupling + rng.normal(0.0, RESIDUAL, DYADS)
    return dyads, *tables(dyads, conditions, outcome), rng


def answers(seed: int, couplings: tuple[float, float], slope: float):
    dyads, frame, windows, rng = corpus(seed, couplings, slope)
    results, _ = pseudo_dyads(PLAN, [each.spectra for each in dyads], ORDERS, rng)
    chance = {each.score: each for each in results if each.region == "body"}
    found = {
        "model of dyads": fit(frame, "mirroring ~ condition")[0][1],
        "model of windows": fit(windows, "mirroring ~ condition", "id")[0][1],
        "permutation": permute(frame, "mirroring", "condition", None, ORDERS, rng),
        "correlation": correlate(frame, "mirroring", "outcome", rng),
    }
    p = {name: each.p for name, each in found.items()} | {"pseudo-dyads": chance["mirroring"].p}
    return p, found, frame


def _tell(text: str) -> None:
    sys.stdout.write(f"\n{CORPORA} corpora: {text}\n")


def within(hits: int, rate: float) -> bool:
    low, high = binom.ppf([0.0005, 0.9995], CORPORA, rate)
    return bool(low <= hits <= high)


def test_null_corpora_are_significant_as_often_as_the_level_says() -> None:
    hits, covered = Counter[str](), Counter[str]()
    for seed in range(CORPORA):
        p, found, _ = answers(seed, (0.0, 0.0), 0.0)
        hits.update(name for name, each in p.items() if each <= LEVEL)
        covered.update(name for name, each in found.items() if each.low <= 0.0 <= each.high)
    _tell(f"significant {dict(hits)}, covered {dict(covered)}")
    assert hits["pseudo-dyads"] <= binom.ppf(0.9995, CORPORA, LEVEL)  # fewer where frames miss
    assert all(within(hits[name], LEVEL) for name in found)
    for name in ("model of dyads", "model of windows", "correlation"):
        assert within(covered[name], 1.0 - LEVEL)


def test_windows_like_their_neighbours_are_no_evidence() -> None:
    """Both sides of a dyad's windows have a correlation of .8 between neighbours, and no other."""
    count, rng, hits = max(60, CORPORA), np.random.default_rng(0), Counter[str]()
    for _ in range(count):
        both = rng.normal(size=(2, DYADS, 20))
        for at in range(1, 20):
            both[..., at] = 0.8 * both[..., at - 1] + 0.6 * both[..., at]
        x, y = (both + 0.5 * rng.normal(size=(2, DYADS, 1))).reshape(2, -1)
        dyads = np.repeat(np.arange(DYADS), 20)
        frame = pd.DataFrame({"id": dyads, "x": x, "y": y, "between": dyads % 2})
        found, _, _ = fit(frame, "y ~ x + between", "id")
        hits.update(each.term for each in found[1:] if each.p <= LEVEL)
        hits.update(f"{each.term} missed" for each in found[1:] if not each.low <= 0.0 <= each.high)
    _tell(f"{count} of windows alike: {dict(hits)}")
    low, high = binom.ppf([0.0005, 0.9995], count, LEVEL)
    assert all(low <= hits[each] <= high for each in ("x", "between", "x missed"))


def test_effects_are_found_as_often_as_predicted_and_intervals_cover_them() -> None:
    rng = np.random.default_rng(1)
    people = [
        np.array(
            [
                dyad(
                    float(np.clip(rng.normal(each, SPREAD), 0.0, 0.95)), SECONDS, rng
                ).mirroring.mean()
                for _ in range(max(12, 3 * CORPORA))
            ]
        )
        for each in (NEAR, FAR)
    ]
    effect = people[0].mean() - people[1].mean()  # near minus far, as the model's term
    spread = np.sqrt((people[0].var(ddof=1) + people[1].var(ddof=1)) / 2)
    free, distance = DYADS - 2, effect / (spread * np.sqrt(4 / DYADS))
    limit = t.ppf(1 - LEVEL / 2, free)
    power = nct.sf(limit, free, distance) + nct.cdf(-limit, free, distance)
    hits, covered = Counter[str](), Counter[str]()
    frames, correlations = [], []
    for seed in range(CORPORA):
        p, found, frame = answers(seed, (NEAR, FAR), SLOPE)
        hits.update(name for name, each in p.items() if each <= LEVEL)
        for name in ("model of dyads", "model of windows"):
            covered[name] += int(found[name].low <= effect <= found[name].high)
        frames.append(frame)
        correlations.append(found["correlation"])
    r = float(np.corrcoef(*pd.concat(frames)[["mirroring", "outcome"]].to_numpy().T)[0, 1])
    covered["correlation"] = sum(each.low <= r <= each.high for each in correlations)
    _tell(f"effect {effect:.3f}, power {power:.2f}, r {r:.2f}")
    _tell(f"significant {dict(hits)}, covered {dict(covered)}")
    assert hits["pseudo-dyads"] == CORPORA
    for name in ("model of dyads", "model of windows", "permutation"):
        assert within(hits[name], float(power))
    for name, count in covered.items():
        assert within(count, 1.0 - LEVEL), name
