"""rMEA: windowed, lagged cross-correlation of two people's motion energy.

Kleinbub, J. R., & Ramseyer, F. T. (2021). rMEA: An R package to assess nonverbal synchronization in
motion energy analysis time-series. Psychotherapy Research, 31(6), 817–830.
Figures as of rMEA 1.3.0.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike

from mirror.analysis.published.correlation import slide
from mirror.analysis.published.inputs import Array, number, one, pair, positive, samples
from mirror.errors import SeriesError

_EARLY = 32  # samples of a window that are compared first
_Z_LIMIT = 10.0  # Fisher's z is clipped to ± this; it is infinite for r = 1


@dataclass(frozen=True, eq=False)
class Rmea:
    """Result of `rmea`. s1 is A, s2 is B; the mean of no values is NaN."""

    lag_s: Array  # [lag]: seconds, −lag_sec … +lag_sec by samples; positive = B follows A
    # [window]: seconds from the beginning of the series to the beginning and end of a window.
    start_s: Array
    end_s: Array
    # [window, lag]: correlation, or Fisher's z (−10…10), or its absolute value. NaN if more than
    # half of the window's samples are missing, either side is constant, or both are equal.
    ccf: Array

    @property
    def lag_zero(self) -> Array:
        """At lag 0, [window]."""
        return self.ccf[:, self._zero]

    @property
    def all_lags(self) -> Array:
        """Mean over all lags, [window]."""
        return _mean(self.ccf)

    @property
    def s1_lead(self) -> Array:
        """Mean over the lags above 0, where A leads, [window]."""
        return _mean(self.ccf[:, self._zero + 1 :])

    @property
    def s2_lead(self) -> Array:
        """Mean over the lags below 0, where B leads, [window]."""
        return _mean(self.ccf[:, : self._zero])

    @property
    def s1_lead_0(self) -> Array:
        """Mean over lag 0 and above, [window]."""
        return _mean(self.ccf[:, self._zero :])

    @property
    def s2_lead_0(self) -> Array:
        """Mean over lag 0 and below, [window]."""
        return _mean(self.ccf[:, : self._zero + 1])

    @property
    def best_lag(self) -> Array:
        """Lag of the highest value in seconds, the lowest of several, [window].

        A negative correlation is no peak unless `absolute`, as in rMEA.
        """
        return _lag_of_peak(self.ccf, self.lag_s)

    @property
    def lag_profile(self) -> Array:
        """Mean over the windows, [lag]."""
        return _mean(self.ccf.T)

    @property
    def peak_lag(self) -> float:
        """Lag of the highest value of `lag_profile`, in seconds."""
        return float(_lag_of_peak(self.lag_profile[None], self.lag_s)[0])

    @property
    def grand_aver(self) -> float:
        """Mean over all windows and lags."""
        return float(_mean(self.ccf.reshape(1, -1))[0])

    @property
    def _zero(self) -> int:
        return self.lag_s.size // 2


def rmea(
    a: ArrayLike,
    b: ArrayLike,
    rate: float,
    *,
    lag_sec: float = 5.0,
    win_sec: float = 60.0,
    inc_sec: float = 30.0,
    r2z: bool = True,
    absolute: bool = True,
) -> Rmea:
    """Correlate windows of two series at every lag, as rMEA's `MEAccf` does.

    For window k from sample s = k·inc, of W samples, and for lag τ ≥ 0 samples::

        r(k, +τ) = corr(a[s : s + W], b[s + τ : s + τ + W])
        r(k, −τ) = corr(a[s + τ : s + τ + W], b[s : s + W])
        z = atanh(r), clipped to ±10;  |z| if absolute

    for ⌈(N − W − lag + 1) / inc⌉ windows. The sign is rMEA's own, which is this program's too:
    positive = B (s2) follows A (s1).

    Parameters
    ----------
    a, b : array_like [sample]
        Motion energy or any other plain series of A and of B; NaN is a missing sample.
    rate : float
        Samples a second.
    lag_sec, win_sec, inc_sec : float
        Longest lag, length of a window and step between windows in seconds; whole samples. The
        defaults are those of the example in rMEA's manual.
    r2z : bool
        Fisher's z in place of r.
    absolute : bool
        Absolute values (`ABS` in rMEA): negative correlation counts as synchrony.

    Returns
    -------
    Rmea

    Raises
    ------
    SeriesError
        If the series differ in length or are too short, or a duration is not whole samples.
    """
    first, second, rate = pair(a, b, rate)
    lag = samples(lag_sec, rate, "lag_sec", least=0)
    width = samples(win_sec, rate, "win_sec", least=3)
    step = samples(inc_sec, rate, "inc_sec")
    if first.size < width + lag:
        raise SeriesError(
            f"the series last {first.size / rate:g} s, a window and its lag "
            f"{(width + lag) / rate:g} s; choose a shorter win_sec or lag_sec"
        )
    starts = np.arange(-(-(first.size - width - lag + 1) // step)) * step
    ccf = np.empty((starts.size, 2 * lag + 1))
    for row, start in zip(ccf, starts, strict=True):
        chunk = slice(start, start + width + lag)
        row[lag:] = _slide(first[chunk], second[chunk], width)
        row[lag::-1] = _slide(second[chunk], first[chunk], width)
    if r2z:
        with np.errstate(divide="ignore"):
            ccf = np.clip(np.arctanh(ccf), -_Z_LIMIT, _Z_LIMIT)
    return Rmea(
        lag_s=np.arange(-lag, lag + 1) / rate,
        start_s=starts / rate,
        end_s=(starts + width) / rate,
        ccf=np.abs(ccf) if absolute else ccf,
    )


def mea_smooth(series: ArrayLike, rate: float, *, moving_average_win: float = 0.5) -> Array:
    """Smooth by a moving average, as rMEA's `MEAsmooth` does (after SAS' ``proc expand``).

    With n = moving_average_win · rate, not rounded, each sample becomes a sum over about n samples
    around it, divided by n. At 25 Hz and 0.5 s these are the 12 samples t − 6 … t + 5 and n is
    12.5, so the level falls by 4 %. At the start the sum is over fewer samples; at the end, and
    near a missing sample, it is 0. Missing samples stay missing.

    Parameters
    ----------
    series : array_like [sample]
        One person's.
    rate : float
        Samples a second.
    moving_average_win : float
        Seconds; at least one sample.

    Returns
    -------
    ndarray [sample]
    """
    values = one(series, "the series")
    rate = positive(rate, "rate", "Hz")
    moving_average_win = number(moving_average_win, "moving_average_win")
    n = moving_average_win * rate
    if not (math.isfinite(n) and n >= 1):
        raise SeriesError(
            f"moving_average_win of {moving_average_win:g} s is under one sample at {rate:g} Hz; "
            f"give at least {1 / rate:.6g} s"
        )
    half = (n - 1) / 2
    before, count = math.ceil(half), math.floor(n)
    after = count - 1 - before
    padded = np.concatenate([np.zeros(before), values, np.full(max(after, 0), np.nan)])
    sums = sliding_window_view(padded, count).sum(axis=-1)[: values.size]
    # In R the upper end of a range follows from the lower one, which is cut off here.
    for at in range(min(before, values.size)):
        upper = at + math.floor(half) + 1
        sums[at] = values[:upper].sum() if upper <= values.size else np.nan
    smooth = np.where(np.isnan(sums), 0.0, sums / n)
    return np.where(np.isnan(values), np.nan, smooth)


def mea_scale(series: ArrayLike, *, scale: float | None = None) -> Array:
    """Divide a series by its standard deviation, not centred, as rMEA's `MEAscale` does.

    Parameters
    ----------
    series : array_like [sample]
        One person's; missing samples stay missing.
    scale : float, optional
        Divide by this instead.

    Returns
    -------
    ndarray [sample]
        Not finite where the standard deviation (n − 1) is 0 or undefined, as in rMEA.
    """
    values = one(series, "the series")
    if scale is None:
        present = values[~np.isnan(values)]
        scale = float(present.std(ddof=1)) if present.size > 1 else np.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        return values / np.float64(number(scale, "scale"))


def _slide(held: Array, moving: Array, width: int) -> Array:
    """Correlation of the first window of one with every window of the other, [lag]."""
    if max(np.isnan(held).sum(), np.isnan(moving).sum()) > held.size / 2:
        return np.full(moving.size - width + 1, np.nan)
    window, windows = held[:width], sliding_window_view(moving, width)
    r = slide(window, moving)
    # In most windows, two of the first samples differ.
    same = np.flatnonzero(_differing(window[:_EARLY], windows[:, :_EARLY]) < 2)
    r[same[_differing(window, windows[same]) < 2]] = np.nan
    return r


def _differing(window: Array, windows: Array) -> Array:
    """Number of samples present in both that differ, [lag]."""
    differ: Array = (np.abs(windows - window) > 0).sum(axis=-1)
    return differ


def _mean(table: Array) -> Array:
    """Mean over the last axis, ignoring NaN; NaN if all are."""
    count = (~np.isnan(table)).sum(axis=-1)
    mean: Array = np.where(count > 0, np.nansum(table, axis=-1), np.nan) / np.maximum(count, 1)
    return mean


def _lag_of_peak(table: Array, lags: Array) -> Array:
    """Lag of each row's first highest value, NaN if there is none, [row]."""
    best = np.argmax(np.where(np.isnan(table), -np.inf, table), axis=-1)
    return np.where(np.isnan(table).all(axis=-1), np.nan, lags[best])
