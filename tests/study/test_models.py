"""Models, permutations and correlations, against statsmodels, scipy and known effects.

Imported where it is used, as every process that tests collects this.
"""

from __future__ import annotations

import re
from math import nan
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from scipy.stats import bootstrap, norm, pearsonr
from scipy.stats import t as student

from mirror.errors import StudyError
from mirror.study.models import adjust, correlate, fit, permute

if TYPE_CHECKING:
    from statsmodels.regression.mixed_linear_model import MixedLMResults


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """Twenty-four dyads of three windows each; x varies within them."""
    rng = np.random.default_rng(3)
    dyads = np.repeat(np.arange(24), 3)
    condition = np.where(dyads % 2, "far", "near")
    x = rng.normal(size=72)
    score = 0.3 + 0.2 * (dyads % 2) + 0.05 * x + 0.1 * rng.normal(size=24)[dyads]
    return pd.DataFrame(
        {
            "id": [f"d{each}" for each in dyads],
            "condition": condition,
            "x": x,
            "score": score + 0.05 * rng.normal(size=72),
            "site": np.where(dyads < 12, "north", "south"),
            "note": "",
            "therapist": [f"t{each}" for each in dyads],
        }
    )


def test_mixed_model_with_between_and_within_degrees_of_freedom(frame: pd.DataFrame) -> None:
    found, notes, methods = fit(frame, "score ~ condition + x", "therapist")
    import statsmodels.formula.api as smf

    expected = smf.mixedlm("score ~ condition + x", frame, groups=frame["therapist"]).fit()
    assert [each.term for each in found] == ["Intercept", "condition[T.near]", "x"]
    for each, free in zip(found, (24 - 2, 24 - 2, 72 - 24 - 1), strict=True):
        effect, error = expected.params[each.term], expected.bse[each.term]
        half = student.ppf(0.975, free) * error
        assert (each.estimate, each.low, each.high) == pytest.approx(
            (effect, effect - half, effect + half)
        )
        assert each.p == pytest.approx(2 * student.sf(abs(effect / error), free))
        assert each.n == 72
    assert found[1].low < -0.2 < found[1].high
    assert notes == []
    assert (
        "random intercept of therapist (24 groups; REML), score ~ condition + x, 72 rows" in methods
    )


def test_windows_of_dyads_are_no_independent_rows(frame: pd.DataFrame) -> None:
    found, notes, methods = fit(frame, "score ~ condition + x", "id")
    import statsmodels.api as sm
    import statsmodels.formula.api as smf

    cov = sm.cov_struct.Exchangeable()
    model = smf.gee("score ~ condition + x", "id", frame, cov_struct=cov)
    expected = model.fit(cov_type="bias_reduced")
    for each in found:
        effect, error = expected.params[each.term], expected.bse[each.term]
        half = student.ppf(0.975, 24 - 3) * error
        assert (each.estimate, each.low, each.high) == pytest.approx(
            (effect, effect - half, effect + half)
        )
        assert each.p == pytest.approx(2 * student.sf(abs(effect / error), 24 - 3))
    assert notes == []
    assert "windows of 24 dyads (exchangeable), score ~ condition + x, 72 rows" in methods
    assert "with 21 degrees of freedom, errors robust and bias-reduced" in methods


def test_windows_of_a_long_dyad_that_would_weigh_below_zero_weigh_the_same() -> None:
    rng = np.random.default_rng(0)
    dyads = np.repeat(np.arange(6), [3, 3, 3, 3, 3, 60])
    made = pd.DataFrame({"id": dyads, "x": rng.normal(size=75), "score": rng.normal(size=75)})
    made["score"] -= made.groupby("id")["score"].transform("mean")  # so they are less alike
    found, notes, methods = fit(made, "score ~ x", "id")
    import statsmodels.formula.api as smf

    expected = smf.gee("score ~ x", "id", made).fit(cov_type="bias_reduced")  # independence
    assert [each.estimate for each in found] == pytest.approx(list(expected.params))
    p = 2 * student.sf(abs(expected.params / expected.bse), 6 - 2)
    assert [each.p for each in found] == pytest.approx(p)
    assert "windows of one dyad are less alike than others: all weigh the same" in notes
    assert "windows of 6 dyads (independence)" in methods


@pytest.mark.parametrize(("dyads", "noted"), [(1, True), (7, True), (8, False), (24, False)])
def test_terms_that_vary_within_few_dyads_are_warned_of(
    frame: pd.DataFrame, dyads: int, noted: bool
) -> None:
    some = frame.assign(x=np.where(np.arange(72) < 3 * dyads, frame["x"], 0.0))
    _, notes, _ = fit(some, "score ~ condition + x", "id")
    assert notes == ["x: varies within fewer than 8 dyads, p is too small"] * noted


def test_least_squares_without_a_group(frame: pd.DataFrame) -> None:
    import statsmodels.formula.api as smf

    dyads = frame.groupby("id", as_index=False).first()
    dyads.loc[3, "x"] = nan
    (found, notes, methods), expected = (
        fit(dyads, "score ~ x"),
        smf.ols("score ~ x", dyads.dropna()).fit(),
    )
    assert [each.p for each in found] == pytest.approx(list(expected.pvalues))
    assert [each.low for each in found] == pytest.approx(list(expected.conf_int()[0]))
    assert notes == ["1 of 24 rows lack a value"]
    assert methods.startswith("Ordinary least squares, score ~ x, 23 rows")


def test_singular_fits_and_few_groups_are_warned_of(frame: pd.DataFrame) -> None:
    rng = np.random.default_rng(0)
    few = frame[:30].assign(score=rng.normal(size=30))
    few["score"] -= few.groupby("id")["score"].transform("mean")  # no dyad differs from another
    _, notes, _ = fit(few, "score ~ x", "therapist")
    assert any("singular fit" in each for each in notes)
    assert any("only 10 independent" in each for each in notes)


@pytest.mark.parametrize(
    ("formula", "group", "part"),
    [
        ("score ~", None, "cannot be used"),
        ("score ~ age", None, "columns are id, condition"),
        ("score ~ x +* id", None, "cannot be used"),
        ("score", None, "cannot be used"),
        ("score ~ x", "lab", "no column 'lab'"),
        ("score ~ note + x", None, "'note' has one value only"),
        ("score ~ np.log(x)", None, "missing values"),
        ("score ~ np.log(0 * x**2)", None, "exog contains inf"),
        ("score ~ np.log(x - x.min())", None, "infinite"),
        ("score ~ x + I(2 * x)", None, "x, I.2 . x. are sums of each other"),
        ("score ~ C(id)", "id", "too many|cannot be used"),
    ],
)
def test_formulas_that_cannot_be_used(
    frame: pd.DataFrame, formula: str, group: str | None, part: str
) -> None:
    with pytest.raises(StudyError, match=part):
        fit(frame, formula, group)


def test_a_fit_that_does_not_converge_is_not_called_singular(
    frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    from statsmodels.regression.mixed_linear_model import MixedLMResults

    monkeypatch.setattr(MixedLMResults, "converged", False, raising=False)
    monkeypatch.setattr(MixedLMResults, "__setattr__", _keep_unconverged)
    _, notes, _ = fit(frame, "score ~ condition", "therapist")
    assert notes == ["the fit did not converge: do not use these estimates"]


def _keep_unconverged(result: MixedLMResults, name: str, value: object) -> None:
    object.__setattr__(result, name, False if name == "converged" else value)


def test_permutation_within_blocks(frame: pd.DataFrame) -> None:
    dyads = frame.groupby("id", as_index=False).first()
    rng = np.random.default_rng(0)
    found = permute(dyads, "score", "condition", "site", 199, rng)
    centred = dyads["score"] - dyads.groupby("site")["score"].transform("mean")
    by = centred.groupby(dyads["condition"])
    between = (by.mean() ** 2 * by.size()).sum()
    assert found.estimate == pytest.approx(between / (centred**2).sum())
    assert found.n == 24
    assert found.p == pytest.approx(1 / 200)
    assert permute(dyads, "x", "condition", None, 199, rng).p > 0.05
    confounded = dyads.assign(site=dyads["condition"])
    with pytest.raises(StudyError, match="nothing to permute"):
        permute(confounded, "score", "condition", "site", 9, rng)
    with pytest.raises(StudyError, match="'condition' has one value only"):
        permute(dyads.assign(condition="x"), "score", "condition", None, 9, rng)


def test_correlation_with_an_outcome(frame: pd.DataFrame) -> None:
    rng = np.random.default_rng(0)
    dyads = frame.groupby("id", as_index=False).first()
    dyads["outcome"] = 2 * dyads["score"] + rng.normal(0, 0.1, 24)
    found = correlate(dyads, "score", "outcome", np.random.default_rng(1))
    r, p = pearsonr(dyads["score"], dyads["outcome"])
    assert (found.estimate, found.p) == pytest.approx((r, p))
    assert 0.5 < found.low < r < found.high < 1.0
    level = 1 - 2 * norm.cdf(-2.068658 * (24 / 23) ** 0.5)  # t of 23 degrees of freedom
    pairs = [dyads[each].to_numpy() for each in ("score", "outcome")]
    for wider, each in ((1, 0.95), (0, level), (-1, 0.98)):
        of_scipy = bootstrap(
            pairs,
            lambda x, y, axis: pearsonr(x, y, axis=axis).statistic,
            paired=True,
            n_resamples=1999,
            confidence_level=each,
            rng=np.random.default_rng(1),
        ).confidence_interval
        width = found.high - found.low - (of_scipy.high - of_scipy.low)
        assert np.sign(round(width, 6)) == wider
    with pytest.raises(StudyError, match="'condition' is not a number"):
        correlate(dyads, "score", "condition", rng)


def test_adjusted_p() -> None:
    p = [0.01, 0.04, 0.03, nan]
    assert adjust(p, "holm") == pytest.approx([0.03, 0.06, 0.06, nan], nan_ok=True)
    assert adjust(p, "fdr_bh") == pytest.approx([0.03, 0.04, 0.04, nan], nan_ok=True)
    assert re.match("nan", str(adjust([nan], "holm")[0]))
