"""Scores between conditions and with outcomes: mixed models, permutations, correlations."""

import re
import textwrap
import warnings
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mirror._support.optional import import_optional
from mirror.errors import StudyError
from mirror.study.table import EXTRA

FEW: Final = 20  # dyads; fewer are warned of
WINDOWS: Final = "id"  # the group whose rows are windows of a dyad
_FEW_WITHIN: Final = 8  # dyads in which a term varies; with fewer, its p is too small
_SINGULAR: Final = 0.05  # variance of the random intercept, in residual variances
_RESAMPLES: Final = 1999


@dataclass(frozen=True, slots=True)
class Estimate:
    """An effect, with its 95 % interval (NaN if it has none), p and the number of rows.

    p is two-sided for terms and correlations, one-sided for η², which has no direction.
    """

    term: str
    n: int
    estimate: float
    low: float
    high: float
    p: float

    @property
    def numbers(self) -> tuple[float, float, float]:
        """The effect and its interval."""
        return self.estimate, self.low, self.high


def fit(
    frame: Any, formula: str, group: str | None = None
) -> tuple[list[Estimate], list[str], str]:
    """Fit a linear model to a table (a DataFrame), with a random intercept of a column.

    The formula is as of statsmodels: ``in_phase ~ condition + age``. Without a group, rows are
    independent (least squares). Terms that do not vary within groups are tested against the number
    of groups, others against that of rows (between–within: Schluchter & Elashoff 1990). In the
    group "id", rows are windows, each like its neighbours: estimating equations, whose errors hold
    for any dependence; terms are tested against the number of dyads (Mancl & DeRouen 2001).

    Return its terms, what to be careful about, and how it was computed, for a paper. Raise
    StudyError if the formula cannot be used.
    """
    patsy: Any = import_optional("patsy", EXTRA, "a model")
    missing: Any = import_optional("statsmodels.tools.sm_exceptions", EXTRA, "a model")
    errors = (ValueError, AttributeError, TypeError, SyntaxError)
    from scipy.stats import t

    named = [each for each in frame if re.search(rf"\b{re.escape(each)}\b", formula)]
    used = complete(frame, *dict.fromkeys([*named, *([group] if group else [])]))
    rows = np.arange(len(used)) if group is None else np.unique(used[group], return_inverse=True)[1]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they are noted below
            model, result = _fitted(formula, used, group, rows)
    except (patsy.PatsyError, missing.MissingDataError, *errors) as error:
        raise StudyError(
            f"formula {formula!r} cannot be used: {str(error).splitlines()[0]}; "
            f"columns are {_names(frame)}"
        ) from error
    exog, size = np.asarray(model.exog), model.exog.shape[1]
    groups = int(rows.max()) + 1
    means = np.array([np.bincount(rows, column) / np.bincount(rows) for column in exog.T])
    off = np.abs(exog - means.T[rows]) > 1e-9
    within = np.array([len(np.unique(rows[each])) for each in off.T])  # groups, of each term
    varies = within > 0
    free = np.where(varies, len(used) - groups - varies.sum(), groups - (~varies).sum())
    if group == WINDOWS:
        free[:] = groups - size
    if free.min() < 1:
        raise StudyError(f"formula {formula!r} has {size} terms, too many for {groups} groups")
    effect, error_ = (np.asarray(each)[:size] for each in (result.params, result.bse))
    half, p = t.ppf(0.975, free) * error_, 2.0 * t.sf(np.abs(effect / error_), free)
    numbers = np.stack([effect, effect - half, effect + half, p], axis=1).tolist()
    found = [
        Estimate(name, len(used), *each)
        for name, each in zip(model.exog_names, numbers, strict=True)
    ]
    notes, told, compared = [], "Ordinary least squares", "between–within degrees of freedom"
    if group == WINDOWS:
        alike = type(model.cov_struct).__name__.lower()
        told = f"Generalized estimating equations, windows of {groups} dyads ({alike})"
        compared = f"{free[0]} degrees of freedom, errors robust and bias-reduced"
    elif group is not None:
        told = f"Linear mixed model with a random intercept of {group} ({groups} groups; REML)"
        if float(result.cov_re.iloc[0, 0]) < _SINGULAR * result.scale:  # rarely converges, then
            notes.append(f"singular fit: rows of one {group} are hardly more alike than others")
    if group is not None and not (notes or result.converged):
        notes.append("the fit did not converge: do not use these estimates")
    notes += _notes_of_windows(model, within) if group == WINDOWS else []
    if groups < FEW:
        notes.append(f"only {groups} independent rows or groups: intervals are uncertain")
    if len(used) < len(frame):
        notes.append(f"{len(frame) - len(used)} of {len(frame)} rows lack a value")
    methods = (
        f"{told}, {formula}, {len(used)} rows; two-sided t tests with {compared}, 95 % intervals; "
        f"statsmodels {version('statsmodels')}."
    )
    return found, notes, methods


def _fitted(formula: str, rows: Any, group: str | None, groups: NDArray[Any]) -> tuple[Any, Any]:
    """Return the model of the rows, whose terms can be used, and its fit."""
    api: Any = import_optional("statsmodels.formula.api", EXTRA, "a model")
    kind, more, how = (api.ols, {}, {}) if group is None else (api.mixedlm, {"groups": groups}, {})
    if group == WINDOWS:
        alike: Any = import_optional("statsmodels.genmod.cov_struct", EXTRA, "a model")
        kind, more["cov_struct"], how = api.gee, alike.Exchangeable(), {"cov_type": "bias_reduced"}
    model = kind(formula, data=rows, missing="raise", **more)
    _check_terms(model)
    result = model.fit(**how)
    # If windows of one dyad are less alike than others, those of a long dyad may weigh below zero.
    if group == WINDOWS and 1 + model.cov_struct.dep_params * (np.bincount(groups).max() - 1) <= 0:
        model = kind(formula, data=rows, missing="raise", groups=groups)  # independence
        result = model.fit(**how)
    return model, result


def _notes_of_windows(model: Any, within: NDArray[np.intp]) -> list[str]:
    """Return what to be careful about; each term varies within so many dyads."""
    notes = []
    if type(model.cov_struct).__name__ == "Independence":
        notes.append("windows of one dyad are less alike than others: all weigh the same")
    few = np.flatnonzero((within > 0) & (within < _FEW_WITHIN))
    if names := ", ".join(model.exog_names[at] for at in few):
        notes.append(f"{names}: varies within fewer than {_FEW_WITHIN} dyads, p is too small")
    return notes


def _check_terms(model: Any) -> None:
    """Raise ValueError if terms have undefined values, or are sums of each other."""
    exog, terms = np.asarray(model.exog), range(model.exog.shape[1])
    if not (np.isfinite(exog).all() and np.isfinite(model.endog).all()):
        raise ValueError("a term is infinite or undefined in some rows")
    if (rank := np.linalg.matrix_rank(exog)) < len(terms):
        without = [np.linalg.matrix_rank(np.delete(exog, at, 1)) for at in terms]
        sums = [model.exog_names[at] for at in terms if without[at] == rank]
        raise ValueError(f"{', '.join(sums)} are sums of each other: leave one out")


def permute(
    frame: Any, score: str, by: str, blocks: str | None, number: int, rng: np.random.Generator
) -> Estimate:
    """Test whether a score differs between values of a column, by permuting these within blocks.

    The estimate is η²: the share of the score's variance within blocks that lies between values.
    """
    used = complete(frame, score, by, *([blocks] if blocks else []))
    labels, block = (
        np.unique(used[each].astype(str), return_inverse=True)[1]
        if each
        else np.zeros(len(used), int)
        for each in (by, blocks)
    )
    if len(np.unique(np.stack([labels, block]), axis=1).T) == len(set(block.tolist())):
        raise StudyError(f"{by!r} has one value only within every {blocks}: nothing to permute")
    values = used[score].to_numpy(float)
    values = values - (np.bincount(block, values) / np.bincount(block))[block]

    def between(order: NDArray[np.intp]) -> float:
        return float((np.bincount(order, values) ** 2 / np.bincount(order)).sum())

    observed, reached, mixed = between(labels), 0, np.empty_like(labels)
    in_order = np.argsort(block, kind="stable")
    for _ in range(number):
        mixed[in_order] = labels[np.lexsort((rng.random(len(block)), block))]
        reached += between(mixed) >= observed - 1e-12
    share = observed / float(values @ values) if values.any() else np.nan
    return Estimate(score, len(used), share, np.nan, np.nan, (1 + reached) / (1 + number))


def correlate(frame: Any, score: str, outcome: str, rng: np.random.Generator) -> Estimate:
    """Correlate a score with an outcome (Pearson): interval by bootstrap, p by a t test.

    The interval is BCa at the level that Hesterberg (2015, The American Statistician 69, 371-386)
    calls expanded: intervals by bootstrap are too narrow for few dyads without it.
    """
    from scipy.stats import bootstrap, norm, pearsonr, t

    used = complete(frame, score, outcome)
    try:
        x, y = (used[each].to_numpy(float) for each in (score, outcome))
    except ValueError as error:
        raise StudyError(f"outcome {outcome!r} is not a number in every row") from error
    if len(x) < 4 or not (np.ptp(x) and np.ptp(y)):
        return Estimate(score, len(x), np.nan, np.nan, np.nan, np.nan)
    r, p = map(float, pearsonr(x, y))
    outside = 2 * norm.cdf(np.sqrt(len(x) / (len(x) - 1)) * t.ppf(0.025, len(x) - 1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of resamples without variance
        found = bootstrap(
            (x, y),
            _pearson,
            paired=True,
            n_resamples=_RESAMPLES,
            confidence_level=1 - outside,
            rng=rng,
        )
    low, high = map(float, found.confidence_interval)
    return Estimate(score, len(x), r, low, high, p)


def _pearson(x: Any, y: Any, axis: int = -1) -> Any:
    x, y = (each - each.mean(axis=axis, keepdims=True) for each in (x, y))
    return (x * y).sum(axis=axis) / np.sqrt((x**2).sum(axis=axis) * (y**2).sum(axis=axis))


def adjust(p: list[float], method: str) -> list[float]:
    """Return p adjusted for their number: "holm", or "fdr_bh" (Benjamini & Hochberg); NaN stays."""
    tests: Any = import_optional("statsmodels.stats.multitest", EXTRA, "a test")
    values = np.array(p)
    known = np.isfinite(values)
    values[known] = tests.multipletests(values[known], method=method)[1] if known.any() else 0.0
    return list(map(float, values))


def complete(frame: Any, *columns: str) -> Any:
    """Return the rows that have these columns; raise StudyError if one is missing or constant."""
    for name in columns:
        if name not in frame:
            raise StudyError(f"there is no column {name!r}; columns are {_names(frame)}")
        if frame[name].replace("", None).nunique() < 2:
            raise StudyError(f"column {name!r} has one value only: nothing can be compared")
    return frame[list(columns)].replace("", None).dropna()


def _names(frame: Any) -> str:
    return textwrap.shorten(", ".join(frame), 200, placeholder=" …")
