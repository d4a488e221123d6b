"""Pseudo-dyads: everybody with everybody, from stored spectra."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from mirror import Settings
from mirror.analysis.pseudo_dyads import Compact, compact, pseudo_dyads
from mirror.errors import SettingsError
from mirror.estimator.chance import Windows, pair_scores
from mirror.estimator.movement import BODY, MIRROR_CHANNELS, MIRROR_SIGNS, series_layout
from mirror.estimator.spectrum import Plan, Spectra

SETTINGS = Settings()
BODIES = Plan.of(SETTINGS, BODY)


def spectra(plan: Plan, count: int, seed: int, together: float = 0.0) -> Spectra:
    rng = np.random.default_rng(seed)
    shape = (count, 2, len(plan.layout.needs), plan.band.stop - plan.band.start)
    a, own = rng.normal(size=(2, *shape)) * rng.uniform(0.1, 30.0, (2, count, 1, 1, 1))
    counts = rng.random((count, shape[2])) > 0.1
    weights = np.broadcast_to(plan.taper, (count, len(plan.taper)))
    return Spectra(a, together * a + own, counts, weights)


def mean(first: Spectra, second: Spectra) -> list[float]:
    """Mean in phase, anti-phase and mirroring, window by window, as for the live chance level."""
    rows = range(min(len(first.counts), len(second.counts)))
    scores = [
        pair_scores(BODIES, *(Windows.of(BODIES, each.take([row])) for each in (first, second)))[0][
            0, 0
        ]
        for row in rows
    ]
    return [float(each) for each in np.mean(scores, axis=0)]


def test_every_pair_has_the_scores_of_its_windows() -> None:
    dyads = [spectra(BODIES, 3 + number, number) for number in range(4)]
    results, means = pseudo_dyads(BODIES, list(map(compact, dyads)), 50, np.random.default_rng(0))
    for a, b in ((0, 0), (1, 3), (3, 1)):
        expected = mean(dyads[a], dyads[b])
        found = [means[name, "body"][a, b] for name in ("in_phase", "anti_phase", "mirroring")]
        assert found == pytest.approx(expected, abs=2e-4)
    assert [(each.score, each.region) for each in results] == list(means)
    assert len(means) == 3 * (1 + len(BODY.regions)) + 1
    arm = BODY.regions["left_arm"]
    both = dyads[0].counts[:, arm] & dyads[2].counts[: len(dyads[0].counts), arm]
    x, y = (
        (values[:3, 0] + 1j * values[:3, 1])[:, arm] * both[..., None]
        for values in (dyads[0].a, dyads[2].b)
    )
    norm = np.sqrt((np.abs(x) ** 2).sum((1, 2)) * (np.abs(y) ** 2).sum((1, 2)))
    coherence = np.abs((x * y.conj()).sum((1, 2))) / norm
    assert means["coherence", "left_arm"][0, 2] == pytest.approx(coherence.mean(), abs=2e-4)


def test_any_role_takes_the_mirror_image_of_one_of_two_people_of_one_role() -> None:
    def mirrored(person: np.ndarray) -> np.ndarray:
        return person[:, :, MIRROR_CHANNELS] * MIRROR_SIGNS[:, None]

    same = [spectra(BODIES, 3, 1)] * 3
    turned = same[0].counts[:, MIRROR_CHANNELS]
    a_with_a = mean(same[0], Spectra(same[0].a, mirrored(same[0].a), turned, same[0].weights))
    b_with_b = mean(Spectra(mirrored(same[0].b), same[0].b, turned, same[0].weights), same[0])
    expected = (6 * np.array(mean(*same[:2])) + 3 * np.array([a_with_a, b_with_b]).sum(0)) / 12
    rng = np.random.default_rng(0)
    results, _ = pseudo_dyads(BODIES, list(map(compact, same)), 50, rng, any_role=True)
    found = {each.score: each for each in results if each.region == "body"}
    names = ("in_phase", "anti_phase", "mirroring")
    assert [found[name].null_mean for name in names] == pytest.approx(list(expected), abs=2e-4)
    assert found["in_phase"].pairs == 6 + 2 * 3


def test_windows_without_a_score_are_left_out() -> None:
    dyads = [spectra(BODIES, 4, seed) for seed in range(3)]
    for each in dyads:
        each.a[1] = each.b[1] = np.nan
    gaps = list(map(compact, dyads))
    without = [compact(each.take([0, 2, 3])) for each in dyads]
    found, expected = (
        pseudo_dyads(BODIES, each, 5, np.random.default_rng(0))[0] for each in (gaps, without)
    )
    for one, other in zip(found, expected, strict=True):
        assert one.null_mean == pytest.approx(other.null_mean, nan_ok=True)


def series_dyads(together: Sequence[float]) -> tuple[Plan, list[Compact]]:
    plan = Plan.of(SETTINGS, series_layout(4))
    return plan, [compact(spectra(plan, 20, k, each)) for k, each in enumerate(together)]


def test_genuine_dyads_are_told_from_mixed_ones() -> None:
    rng = np.random.default_rng(0)
    results, _ = pseudo_dyads(*series_dyads([3.0] * 6), 500, rng, mirrored=False)
    in_phase = {each.score: each for each in results}["in_phase"]
    assert (in_phase.windows, in_phase.pairs) == (6, 30)
    assert in_phase.p < 0.01
    assert in_phase.effect_size > 3
    results, _ = pseudo_dyads(*series_dyads([0.0] * 6), 500, rng, mirrored=False)
    assert {each.score: each for each in results}["in_phase"].p > 0.05


def test_only_people_of_one_condition_are_paired_within_conditions() -> None:
    plan, dyads = series_dyads([0.0] * 7)
    groups = ["x", "y", "x", "y", "x", "y", "y"]
    rng = np.random.default_rng(0)
    results, means = pseudo_dyads(plan, dyads, 99, rng, groups=groups, mirrored=False)
    assert results[0].pairs == 3 * 2 + 4 * 3
    apart = np.array(groups)[:, None] != np.array(groups)
    assert (np.isnan(means["in_phase", "body"]) == apart).all()
    assert results[0].surrogates == 99


def test_three_dyads_are_needed() -> None:
    plan, dyads = series_dyads([0.0] * 2)
    with pytest.raises(SettingsError, match="three recordings"):
        pseudo_dyads(plan, dyads, 10, np.random.default_rng(0))
