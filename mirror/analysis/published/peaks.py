"""The peak nearest to lag 0 (Boker et al. 2002), as wcc's ``wccPeakPick`` picks it.

Profiles are smoothed as by R's ``loess``, and interpolated as by its ``spline``. For fixed places
both are linear in the values, so one matrix smooths any number of rows.

Cleveland, W. S., & Grosse, E. (1991). Computational methods for local regression. Statistics and
Computing, 1, 47–62: the regression is computed only at the vertices of a k-d tree, and interpolated
between them (R's ``surface = "interpolate"``).
"""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicHermiteSpline, make_interp_spline

from mirror.analysis.published.inputs import Array


def pick_peaks(profiles: Array, l_size: int, pspan: float) -> tuple[Array, Array]:
    """Return the maximum of each profile [window, lag] that is nearest to its middle, lag 0.

    A profile of at least five lags, by equal steps, is smoothed by local quadratic regression over
    a share `pspan` of them, and interpolated to twice as many points by a cubic spline. From the
    middle, a bracket is widened by one point on either side until its maximum has not risen for
    `l_size` times. A maximum closer than l_size points to either end of the profile is no peak.

    The first result [window] is its position in steps between lags, from the middle: a multiple of
    ½, the first of equal maxima, NaN if there is no peak or the profile holds a NaN. The second is
    its height in the smoothed profile.
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


_CELL = 0.2  # largest cell of the tree, as a share of a neighbourhood
MARGIN = 0.005  # distance of the outermost vertices from the data, as a share of its range


def neighbours(count: int, span: float) -> int:
    """Return the size of a neighbourhood among `count` places."""
    return min(count, math.floor(count * span + 1e-5))


def loess_matrix(places: Array, span: float) -> Array:
    """Return the matrix of R's ``fitted(loess(values ~ places, span, degree = 2))``.

    [fitted, value], for rising `places` and a `span` of 0…1, the share of a neighbourhood.
    """
    at = _vertices(places, math.floor(places.size * span * _CELL))
    fits = np.stack([_fit(places, vertex, neighbours(places.size, span)) for vertex in at])
    matrix: Array = CubicHermiteSpline(at, fits[:, 0], fits[:, 1])(places)
    return matrix


def spline_matrix(places: Array, between: Array) -> Array:
    """Return the matrix [fitted, value] of R's ``spline(places, values)`` at `between` [fitted].

    The cubic spline of Forsythe, Malcolm and Moler: each end has the third derivative of the cubic
    through the four values there.
    """
    values = np.eye(places.size)
    ends = [
        np.polynomial.polynomial.polyfit(places[end] - places[end][0], values[end], 3)[3] * 6
        for end in (slice(None, 4), slice(-4, None))
    ]
    spline = make_interp_spline(places, values, k=3, bc_type=([(3, ends[0])], [(3, ends[1])]))
    matrix: Array = spline(between)
    return matrix


def _vertices(places: Array, most: int) -> Array:
    """Vertices of the tree: cells are halved until they hold at most `most` places."""
    low, high = places[0], places[-1]
    margin = MARGIN * max(high - low, 1e-10 * max(abs(low), abs(high)) + 1e-30)
    vertices = {float(low - margin), float(high + margin)}
    cells = [(0, places.size - 1)]
    while cells:
        first, last = cells.pop()
        if last - first + 1 <= most:
            continue
        middle = (first + last) // 2
        cut = float(places[middle])
        if cut not in vertices:
            vertices.add(cut)
            cells += [(first, middle), (middle + 1, last)]
    return np.array(sorted(vertices))


def _fit(places: Array, vertex: np.float64, count: int) -> Array:
    """Return the matrix of the local quadratic's value and slope at a vertex, [2, value]."""
    offsets = places - vertex
    distances = np.abs(offsets)
    near = np.argsort(distances, kind="stable")[:count]
    reach = distances[near[-1]]
    weights = np.sqrt(np.maximum(1 - (distances[near] / reach) ** 3, 0.0) ** 3)
    design = weights[:, None] * np.vander(offsets[near], 3, increasing=True)
    # As in R: normalized columns, nearly dependent ones left out.
    lengths = np.sqrt((design**2).sum(axis=0))
    solution = np.linalg.pinv(design / lengths, rcond=100 * np.finfo(float).eps)
    fit = np.zeros((2, places.size))
    fit[:, near] = (solution / lengths[:, None] * weights)[:2]
    return fit
