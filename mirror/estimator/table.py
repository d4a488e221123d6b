"""Both people's movement as one array of numbers, a row a tick: what windows are made of.

A window is some consecutive rows of it, without a copy. Its columns are those that windows are
summed over by matrix products, and those that decide which of its samples count.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from mirror.estimator.movement import LIMBS, Layout, Movement
from mirror.estimator.noise import JITTER_COLUMNS, REACH, jitter, shake
from mirror.estimator.validity import Array, other_shapes


@dataclass(frozen=True, slots=True)
class Columns:
    """Places of the columns in a table.

    Attributes
    ----------
    a, b : slice
        Channels, 0 where either person is missing.
    both : int
        1 where both people are present, else 0; between the channels of A and those of B.
    visibility : slice
        Of A's joints, then of B's; 0 where either person is missing.
    limbs : slice
        Products of A's and B's limb directions, x of each limb, then y; 0 where either is missing.
    scale, across, shape, present, delivered : slice
        A's and B's, as in `Movement`; the last two are 0 or 1.
    frames : slice
        A's three of `Movement`, then B's.
    camera : slice
        A's two of `Movement`, then B's.
    jitter : slice
        A's columns of `mirror.estimator.noise`, then B's; none if noise is not measured.
    shake : slice
        A's and B's of `mirror.estimator.noise`; none if noise is not measured.
    """

    a: slice
    both: int
    b: slice
    visibility: slice
    limbs: slice
    scale: slice
    across: slice
    shape: slice
    present: slice
    delivered: slice
    frames: slice
    camera: slice
    jitter: slice
    shake: slice

    @classmethod
    def of(cls, layout: Layout) -> Columns:
        """Return the places for some channels; only bodies with regions have limbs."""
        channels, joints = layout.needs.shape
        limbs = 2 * len(LIMBS) if layout.regions else 0
        noisy = 2 if layout.has_noise else 0
        noise = noisy * JITTER_COLUMNS, noisy
        widths = (channels, 1, channels, 2 * joints, limbs, 2, 2, 2, 2, 2, 6, 4, *noise)
        edges = [0, *np.cumsum(widths).tolist()]
        a, both, *rest = (slice(start, stop) for start, stop in pairwise(edges))
        return cls(a, both.start, *rest)

    @property
    def count(self) -> int:
        """Number of columns."""
        return int(self.shake.stop)

    @property
    def averaged(self) -> slice:
        """The columns of which windows need means: visibility and limbs."""
        return slice(self.visibility.start, self.limbs.stop)


def tabulate(columns: Columns, a: Movement, b: Movement) -> Array:
    """Return the table [tick, column] of two people's movement, still without their jitter."""
    both = a.present & b.present
    table: Array = np.empty((len(both), columns.count))
    table[:, columns.a] = a.channels
    table[:, columns.both] = 1.0
    table[:, columns.b] = b.channels
    middle = columns.visibility.start + a.visibility.shape[1]
    table[:, columns.visibility.start : middle] = a.visibility
    table[:, middle : columns.visibility.stop] = b.visibility
    np.multiply(a.limbs, b.limbs, out=table[:, columns.limbs])
    if not both.all():
        table[~both, : columns.limbs.stop] = 0.0
    for name in ("scale", "across", "shape", "present", "delivered"):
        at = getattr(columns, name)
        table[:, at.start], table[:, at.start + 1] = getattr(a, name), getattr(b, name)
    table[:, columns.frames] = np.concatenate([a.frames, b.frames], axis=1)
    table[:, columns.camera] = np.concatenate([a.camera, b.camera], axis=1)
    return table


def measure_jitter(columns: Columns, table: Array, first: int) -> None:
    """Fill in a table's jitter from row `first` on; it follows from the rows before, too."""
    if columns.jitter.start == columns.jitter.stop:
        return
    begin = max(0, first - REACH)
    rows = table[begin:]
    middle = columns.jitter.start + JITTER_COLUMNS
    for person, at, into in (
        (0, columns.a, slice(columns.jitter.start, middle)),
        (1, columns.b, slice(middle, columns.jitter.stop)),
    ):
        start = columns.frames.start + 3 * person
        shape, both = rows[:, columns.shape.start + person], rows[:, columns.both]
        found = jitter(rows[:, at], rows[:, start : start + 3], shape, both)
        table[first:, into] = found[first - begin :]
        start = columns.camera.start + 2 * person
        moved = shake(rows[:, start : start + 2], shape, both)
        table[first:, columns.shake.start + person] = moved[first - begin :]


def windows(table: Array, length: int, starts: NDArray[np.intp]) -> Array:
    """Return the windows [K, sample, column] that start at some rows of a table, in order.

    Every window has its columns side by side: matrix products round by the order in memory, which
    must not depend on which windows are asked for. Views where the starts are evenly spaced.
    """
    first = int(starts[0])
    if len(starts) == 1:
        return table[None, first : first + length]
    step = int(starts[1]) - first
    if (np.diff(starts) == step).all():
        shape = (len(starts), length, table.shape[1])
        row, column = table.strides
        return as_strided(table[first:], shape, (step * row, row, column), writeable=False)
    return np.stack([table[start : start + length] for start in starts.tolist()])


def drop_other_shapes(columns: Columns, windows: Array) -> Array:
    """Mark samples whose frame has not the shape of the window's newest one as a gap, in a copy.

    A camera that changes its shape shows the room at another scale: everything seems to move.
    """
    is_other = other_shapes(windows[:, :, columns.shape], windows[:, :, columns.present] > 0.0)
    kept = windows.copy()
    kept[is_other.any(axis=-1), : columns.limbs.stop] = 0.0
    for at in (columns.present, columns.delivered):
        kept[:, :, at][is_other] = 0.0
    return kept
