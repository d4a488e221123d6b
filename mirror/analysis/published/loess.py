"""Local quadratic regression as R's ``loess`` does it, and R's ``spline``, as matrices.

Cleveland, W. S., & Grosse, E. (1991). Computational methods for local regression. Statistics and
Computing, 1, 47–62: the regression is computed only at the vertices of a k-d tree, and interpolated
between them (R's ``surface = "interpolate"``).

For fixed places both are linear in the values, so one matrix smooths any number of rows.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.interpolate import CubicHermiteSpline, make_interp_spline

from mirror.analysis.published.inputs import Array

CELL = 0.2
"""Largest cell of the tree, as a share of a neighbourhood."""

MARGIN = 0.005
"""Distance of the outermost vertices from the data, as a share of its range."""


def neighbours(count: int, span: float) -> int:
    """Return the size of a neighbourhood among `count` places."""
    return min(count, math.floor(count * span + 1e-5))


def loess_matrix(places: Array, span: float) -> Array:
    """Return the matrix of R's ``fitted(loess(values ~ places, span, degree = 2))``.

    [fitted, value], for rising `places` and a `span` of 0…1, the share of a neighbourhood.
    """
    at = _vertices(places, math.floor(places.size * span * CELL))
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
