"""Pearson's correlation of many windows at once, over the samples that both have."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from mirror.analysis.published.inputs import Array

BLOCK = 2**20  # approximate number of samples of windows held in memory at once

# Windows with less than this share of the whole variance are not computed by running sums. Above it
# they agree with direct sums to about 1e-12.
_QUIET = 1e-4


def pearson(x: Array, y: Array, least: int = 2) -> Array:
    """Return the correlation over the last axis; the other axes are broadcast.

    NaN is a missing sample. The result is NaN for fewer than `least` pairs, or a constant side.
    """
    if np.isnan(x).any() or np.isnan(y).any():
        both = ~(np.isnan(x) | np.isnan(y))
        x, y = np.where(both, x, np.nan), np.where(both, y, np.nan)
        enough = both.sum(axis=-1) >= least
    else:
        enough = np.asarray(x.shape[-1] >= least)
    (x, x_norm), (y, y_norm) = _deviations(x), _deviations(y)
    r = np.einsum("...i,...i->...", x, y) / (x_norm * y_norm)
    return np.where(enough, np.clip(r, -1.0, 1.0), np.nan)


def slide(held: Array, moving: Array) -> Array:
    """Return `pearson` of one window with every window of its length in a longer series [lag]."""
    windows = sliding_window_view(moving, held.size)
    if np.isnan(held).any() or np.isnan(moving).any() or held.max() == held.min():
        return pearson(held, windows)
    x, y = held - held.mean(), moving - moving.mean()
    spread = _running(y * y, held.size) - _running(y, held.size) ** 2 / held.size
    # In running sums, the rounding error of loud parts exceeds the variance of quiet ones.
    quiet = spread <= _QUIET * (y @ y)
    with np.errstate(invalid="ignore", divide="ignore"):
        r: Array = np.correlate(y, x, "valid") / np.sqrt((x @ x) * spread)
    r = np.clip(r, -1.0, 1.0)
    r[quiet] = pearson(held, windows[quiet])
    return r


def look_back(
    a: Array, b: Array, width: int, starts: NDArray[np.intp], lags: NDArray[np.intp], least: int
) -> Array:
    """Return `pearson` of windows with earlier windows of the other series [window, lag].

    `a` and `b` are [sample], `width` samples in a window; `starts` [window] are of the later
    windows, by equal steps, the first no earlier than the longest lag. `lags` [lag] are in samples,
    symmetric around 0; above 0, A's window is the earlier one. `least` is as for `pearson`.
    """
    correlation = np.empty((starts.size, lags.size))
    farthest = int(lags[-1])
    step = int(starts[1] - starts[0]) if starts.size > 1 else 1
    # Windows near each other share the windows that they are correlated with.
    at_once = max(1, BLOCK // (width * step)) if step <= farthest else 1
    for begin in range(0, starts.size, at_once):
        block = correlation[begin : begin + at_once]
        here = slice(starts[begin] - farthest, starts[begin + len(block) - 1] + width)
        in_a, in_b = (sliding_window_view(series[here], width) for series in (a, b))
        (unit_a, gaps_a), (unit_b, gaps_b) = _unit(in_a), _unit(in_b)
        for column, lag in enumerate(lags):
            at_a, at_b = (
                slice(first, first + (len(block) - 1) * step + 1, step)
                for first in (farthest - max(lag, 0), farthest + min(lag, 0))
            )
            block[:, column] = np.einsum("ws,ws->w", unit_a[at_a], unit_b[at_b])
            gaps = gaps_a[at_a] | gaps_b[at_b]
            block[gaps, column] = pearson(in_a[at_a][gaps], in_b[at_b][gaps], least)
    return np.clip(correlation, -1.0, 1.0, out=correlation)


def _unit(windows: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Deviations from the mean at norm 1, [window, sample], and which windows have gaps."""
    deviations, norm = _deviations(windows)
    return deviations / norm[:, None], np.asarray(np.isnan(windows).any(axis=-1), dtype=np.bool_)


def _running(values: Array, width: int) -> Array:
    """Sum of every `width` consecutive values."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    running: Array = sums[width:] - sums[:-width]
    return running


def _deviations(x: Array) -> tuple[Array, Array]:
    """Deviations from the mean, 0 where missing, and their norm, NaN if constant."""
    missing = np.isnan(x)
    # By rounding, the norm of a constant is not exactly 0.
    changes = np.fmax.reduce(x, axis=-1) > np.fmin.reduce(x, axis=-1)
    if missing.any():
        count = np.maximum(x.shape[-1] - missing.sum(axis=-1, keepdims=True), 1)
        deviations = np.where(missing, 0.0, x - np.nansum(x, axis=-1, keepdims=True) / count)
    else:
        deviations = x - x.mean(axis=-1, keepdims=True)
    norm = np.sqrt(np.einsum("...i,...i->...", deviations, deviations))
    return deviations, np.where(changes, norm, np.nan)
