"""The peak nearest to lag 0 (Boker et al. 2002), as wcc's ``wccPeakPick`` picks it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mirror.analysis.published.inputs import Array
from mirror.analysis.published.loess import loess_matrix, spline_matrix


def pick_peaks(profiles: Array, l_size: int, pspan: float) -> tuple[Array, Array]:
    """Return the maximum of each profile that is nearest to its middle.

    A profile is smoothed by local quadratic regression and interpolated to twice as many points by
    a cubic spline. From the middle, a bracket is widened by one point on either side until its
    maximum has not risen for `l_size` times. A maximum closer than l_size points to either end of
    the profile is no peak.

    Parameters
    ----------
    profiles : ndarray [window, lag]
        At least five lags, by equal steps, with 0 in the middle.
    l_size : int
    pspan : float
        Share of the lags in a neighbourhood of the regression.

    Returns
    -------
    position : ndarray [window]
        In steps between lags, from the middle; a multiple of ½. Of equal maxima, the first. NaN if
        there is no peak, or the profile holds a NaN.
    height : ndarray [window]
        Of the smoothed profile.
    """
    lags = profiles.shape[1]
    position, height = np.full((2, len(profiles)), np.nan)
    whole = ~np.isnan(profiles).any(axis=1)
    fine = profiles[whole] @ _smoother(lags, pspan).T
    middle = lags - 1
    sides = np.maximum.accumulate(np.stack([fine[:, middle::-1], fine[:, middle:]]), axis=2)
    highest = sides.max(axis=0)  # [window, points on either side]
    reach = _reach(highest, l_size)
    peak = np.take_along_axis(highest, reach[:, None], axis=1)
    within = np.abs(np.arange(-middle, middle + 1)) <= reach[:, None]
    points = np.argmax(within & (fine == peak), axis=1) - middle
    good = np.abs(points) <= middle - l_size
    position[whole] = np.where(good, points / 2, np.nan)
    height[whole] = np.where(good, peak[:, 0], np.nan)
    return position, height


def _reach(highest: Array, l_size: int) -> NDArray[np.intp]:
    """Half width of the bracket of each profile, in points."""
    steps = np.arange(highest.shape[1])
    rises = np.diff(highest, axis=1, prepend=-np.inf) > 0
    rises[:, 1] = True  # the first bracket is the middle and its neighbours
    last = np.maximum.accumulate(np.where(rises, steps, 0), axis=1)
    done = steps - last >= l_size
    reach: NDArray[np.intp] = np.where(done.any(axis=1), done.argmax(axis=1), steps[-1])
    return reach


@lru_cache(maxsize=16)
def _smoother(lags: int, pspan: float) -> Array:
    """Return the matrix from a profile to its smoothed points, [point, lag]."""
    places = np.arange(1.0, lags + 1)
    between = np.linspace(1.0, lags, 2 * lags - 1)
    smoother: Array = spline_matrix(places, between) @ loess_matrix(places, pspan)
    smoother.setflags(write=False)
    return smoother
