"""Windowed cross-correlation with peak picking (Boker).

Boker, S. M., Rotondo, J. L., Xu, M., & King, K. (2002). Windowed cross-correlation and peak picking
for the analysis of variability in the association between behavioral time series. Psychological
Methods, 7(3), 338–355. Figures as of the R package wcc 0.4.1.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike

from mirror.analysis.published.correlation import look_back
from mirror.analysis.published.inputs import Array, pair, samples
from mirror.analysis.published.peaks import neighbours, pick_peaks
from mirror.errors import SeriesError

_LEAST_PAIRS = 6  # fewest pairs of samples of a correlation
# Fewest lags in a neighbourhood of the regression: three, and the farthest of weight 0.
_LEAST_NEIGHBOURS = 4


@dataclass(frozen=True)
class Aggregate:
    """The figures of wcc's ``wccAggregate``. Variances are by n − 1.

    As in wcc, undefined correlations, and peaks found among them, count as 0 except in `missing`
    and `missing_windows`. In `Wcc` they are NaN.
    """

    missing: float  # ``pctmissing``: share of the samples of both series that are missing, 0…1
    # ``pctmissingwindows``: share of the windows that are undefined at the second-highest lag, 0…1;
    # wcc looks at no other lag.
    missing_windows: float
    # ``maxMean``, ``maxVar``: Fisher's z of the peaks.
    max_mean: float
    max_var: float
    # ``totalMean``: mean of the absolute z over windows and lags; ``totalVar``: variance of z.
    total_mean: float
    total_var: float
    # ``zeroLagMean``, ``zeroLagVar``: z at lag 0.
    zero_lag_mean: float
    zero_lag_var: float
    # ``lagMean`` in s, ``lagVar`` in s²: lag of the peaks, smoothed by a quadratic over `embed_d`
    # windows; windows near one without a peak do not count.
    lag_mean: float
    lag_var: float
    # ``dlagMean`` in s/s, ``dlagVar``: the quadratic's slope.
    dlag_mean: float
    dlag_var: float
    # ``d2lagMean`` in s/s², ``d2lagVar`` in (s/s²)²: its second derivative.
    d2lag_mean: float
    d2lag_var: float


@dataclass(frozen=True, eq=False)
class Wcc:
    """Result of `wcc`."""

    lag_s: Array  # [lag]: seconds, rising; positive = B follows A
    end_s: Array  # [window]: seconds from the beginning of the series to the end of a window
    # [window, lag]: −1…1; NaN if either side is constant or has fewer than six pairs of samples.
    correlation: Array
    # [window]: lag in seconds of the peak nearest to lag 0, by half steps; NaN if there is none, or
    # any correlation of the window is NaN.
    peak_lag: Array
    peak: Array  # [window]: the smoothed correlation there
    aggregate: Aggregate  # means and variances over the windows


def wcc(
    a: ArrayLike,
    b: ArrayLike,
    rate: float,
    *,
    w_max: float | None = None,
    t_max: float | None = None,
    w_inc: float | None = None,
    t_inc: float | None = None,
    l_size: int = 8,
    pspan: float = 0.25,
    kind: Literal["max", "min"] = "max",
    embed_d: int = 9,
) -> Wcc:
    """Correlate windows that end now with earlier ones, and pick the peak nearest to lag 0.

    For window k from sample s = t_max + k·w_inc, of W samples, and for lag τ ≥ 0 samples::

        r(k, +τ) = corr(a[s − τ : s − τ + W], b[s : s + W])
        r(k, −τ) = corr(a[s : s + W], b[s − τ : s − τ + W])

    for ⌊(N − W − t_max) / w_inc⌋ windows: lags reach back only. wcc's sign (positive = A follows B)
    is **reversed** here: positive = B follows A. So are `Aggregate.lag_mean`, `dlag_mean` and
    `d2lag_mean`, which are in seconds where wcc has samples.

    Peaks as in `mirror.analysis.published.peaks.pick_peaks`, on wcc's own order of lags.

    Parameters
    ----------
    a, b : array_like [sample]
        Any plain series of A and of B; NaN is a missing sample, and the rest of a window counts
        (as wcc documents).
    rate : float
        Samples a second.
    w_max, t_max, w_inc, t_inc : float, optional
        Length of a window, longest lag, step between windows and step between lags in seconds;
        whole samples. By default wcc's 50, 50, 1 and 1 samples.
    l_size : int
        Half steps of lag on either side that a peak must exceed; wcc's ``Lsize``.
    pspan : float
        Share of the lags in a neighbourhood of the smoothing, 0…1.
    kind : {"max", "min"}
        Peaks or valleys; wcc's ``type``.
    embed_d : int
        Number of windows for the derivatives of the lag; at least five.

    Returns
    -------
    Wcc

    Raises
    ------
    SeriesError
        If the series differ in length or are too short, or a parameter is invalid.
    """
    first, second, rate = pair(a, b, rate)
    width = samples(50 / rate if w_max is None else w_max, rate, "w_max", least=5)
    step = samples(1 / rate if w_inc is None else w_inc, rate, "w_inc")
    apart = samples(1 / rate if t_inc is None else t_inc, rate, "t_inc")
    farthest = samples(50 / rate if t_max is None else t_max, rate, "t_max", least=5 * apart)
    lags = np.arange(-(farthest // apart), farthest // apart + 1) * apart
    _check_peaks(lags.size, l_size, pspan, kind, embed_d)
    windows = (first.size - width - farthest) // step
    if windows < 1:
        raise SeriesError(
            f"the series last {first.size / rate:g} s, a window and its lag "
            f"{(width + farthest) / rate:g} s and one step; choose a shorter w_max or t_max"
        )
    starts = farthest + np.arange(windows) * step
    correlation = look_back(first, second, width, starts, lags, _LEAST_PAIRS)
    # Of equal maxima the first counts, in wcc's order of lags.
    sign = 1.0 if kind == "max" else -1.0
    filled = np.nan_to_num(correlation, nan=0.0)
    position, height = pick_peaks(sign * filled[:, ::-1], l_size, pspan)
    peak_lag, peak = 0.0 - position * apart / rate, sign * height
    z = _fisher(filled)
    undefined = np.isnan(correlation).any(axis=1)
    return Wcc(
        lag_s=lags / rate,
        end_s=(starts + width) / rate,
        correlation=correlation,
        peak_lag=np.where(undefined, np.nan, peak_lag),
        peak=np.where(undefined, np.nan, peak),
        aggregate=Aggregate(
            float(np.isnan(np.concatenate([first, second])).mean()),
            float(np.isnan(correlation[:, -2]).mean()),
            *_moments(_fisher(peak)),
            _moments(np.abs(z))[0],
            _moments(z)[1],
            *_moments(z[:, lags.size // 2]),
            *_derivatives(peak_lag, step / rate, embed_d),
        ),
    )


def _check_peaks(lags: int, l_size: int, pspan: float, kind: str, embed_d: int) -> None:
    if not 1 <= l_size <= lags // 2:
        raise SeriesError(f"l_size is {l_size}; with {lags} lags choose 1 to {lags // 2}")
    least = _LEAST_NEIGHBOURS / lags
    if not (pspan <= 1 and neighbours(lags, pspan) >= _LEAST_NEIGHBOURS):
        raise SeriesError(f"pspan is {pspan:g}; with {lags} lags choose {least:.2g} to 1")
    if kind not in ("max", "min"):
        raise SeriesError(f"kind is {kind!r}; choose 'max' or 'min'")
    if embed_d < 5:
        raise SeriesError(f"embed_d is {embed_d}; choose 5 or more")


def _fisher(r: Array) -> Array:
    """Fisher's z: infinite at ±1, NaN beyond, where smoothing may lead."""
    with np.errstate(divide="ignore", invalid="ignore"):
        z: Array = np.arctanh(r)
    return z


def _moments(values: Array) -> tuple[float, float]:
    """Mean and variance (n − 1), ignoring NaN."""
    present = values[~np.isnan(values)]
    with np.errstate(invalid="ignore"):
        mean = float(present.mean()) if present.size else np.nan
        return mean, float(present.var(ddof=1)) if present.size > 1 else np.nan


def _derivatives(lag: Array, seconds: float, embed_d: int) -> tuple[float, ...]:
    """Moments of the local quadratic's value, slope and second derivative (Boker's GLLA)."""
    if lag.size < embed_d:
        return (np.nan,) * 6
    offsets = (np.arange(embed_d) - (embed_d - 1) / 2) * seconds
    taylor = np.stack([np.ones(embed_d), offsets, offsets**2 / 2], axis=1)
    estimates = sliding_window_view(lag, embed_d) @ np.linalg.pinv(taylor).T
    return tuple(moment for estimate in estimates.T for moment in _moments(estimate))
