"""Both people's movement as one array of numbers, a row a tick: what windows are made of.

A window is some consecutive rows of it, without a copy. Both people have the same columns: those
that windows are summed over by matrix products, and those that decide which samples count.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mirror.estimator.movement import Layout, Movement
from mirror.estimator.noise import JITTER_COLUMNS, REACH, jitter
from mirror.estimator.validity import Array, other_shapes


@dataclass(frozen=True, slots=True)
class Columns:
    """Places of one person's columns in a table [tick, person, column]."""

    channels: slice  # 0 where either person is missing
    both: int  # 1 where both people are present, else 0
    visibility: slice  # of the joints; 0 where either person is missing
    # How many of the two frames that the tick was interpolated from the tick before was not.
    new: int
    # 1 where the tick was interpolated from two frames, not from one or a repeated one; else 0.
    between: int
    # As in `Movement`; the first two are 0 or 1.
    present: int
    delivered: int
    scale: int
    across: int
    shape: int
    # As in `Movement`.
    frames: slice
    camera: slice
    # The columns of `mirror.estimator.noise`; none if noise is not measured.
    jitter: slice

    @classmethod
    def of(cls, layout: Layout) -> "Columns":
        """Return the places for some channels."""
        channels, joints = layout.needs.shape
        widths = channels, 1, joints, *(1,) * 7, 3, 3, JITTER_COLUMNS if layout.has_noise else 0
        at = [slice(start, stop) for start, stop in pairwise([0, *np.cumsum(widths).tolist()])]
        single = (each.start for each in at[3:10])
        return cls(at[0], at[1].start, at[2], *single, *at[10:])

    @property
    def count(self) -> int:
        """Number of columns of a person."""
        return int(self.jitter.stop)

    @property
    def averaged(self) -> slice:
        """The columns of which windows need sums, from `both` to `between`."""
        return slice(self.both, self.between + 1)


def tabulate(columns: Columns, a: Movement, b: Movement, into: Array | None = None) -> Array:
    """Return the table [tick, person, column] of two people, still without their jitter."""
    table = np.empty((len(a.present), 2, columns.count)) if into is None else into
    both = a.present & b.present
    table[..., columns.both] = 1.0
    for person, of in enumerate((a, b)):
        own = table[:, person]
        own[:, columns.channels] = of.channels
        own[:, columns.visibility] = of.visibility
        own[:, columns.scale], own[:, columns.across] = of.scale, of.across
        own[:, columns.shape] = of.shape
        own[:, columns.present], own[:, columns.delivered] = of.present, of.delivered
        own[:, columns.frames], own[:, columns.camera] = of.frames, of.camera
        own[:, columns.between] = of.present & (of.frames[:, 1] > of.frames[:, 0])
    if not both.all():
        table[~both, :, : columns.visibility.stop] = 0.0
    return table


def measure_jitter(columns: Columns, table: Array, first: int) -> None:
    """Fill in a table's jitter from row `first` on; it follows from the rows before, too.

    So do its new frames.
    """
    start = max(first, 1)
    first_frame, second_frame = columns.frames.start, columns.frames.start + 1
    old, now = table[start - 1 : -1], table[start:]
    of_second = old[..., second_frame]
    is_new = (now[..., first_frame] != old[..., first_frame]) & (now[..., first_frame] != of_second)
    if first == 0:
        table[:1, :, columns.new] = 0.0
    np.add(is_new, now[..., second_frame] != of_second, out=now[..., columns.new], dtype=float)
    now[..., columns.new] *= now[..., columns.between]
    if columns.jitter.start == columns.jitter.stop:
        return
    begin = max(0, first - REACH)
    rows = table[begin:]
    shape, both = rows[..., columns.shape], rows[:, 0, columns.both]
    of = rows[..., columns.channels], rows[..., columns.frames], rows[..., columns.camera]
    table[first:, :, columns.jitter] = jitter(*of, shape, both, first - begin)


def windows(table: Array, length: int, starts: NDArray[np.intp]) -> Array:
    """Return the windows [K, sample, person, column] that start at some rows of a table, in order.

    Every window has its columns side by side: matrix products round by the order in memory, which
    must not depend on which windows are asked for. Views where the starts are evenly spaced.
    """
    first = int(starts[0])
    if len(starts) == 1:
        return table[None, first : first + length]
    step = int(starts[1]) - first
    if (np.diff(starts) == step).all():
        shape = (len(starts), length, *table.shape[1:])
        strides = (step * table.strides[0], *table.strides)
        return np.ndarray(shape, float, table[first:], strides=strides)
    return np.stack([table[start : start + length] for start in starts.tolist()])


def drop_other_shapes(columns: Columns, windows: Array) -> Array:
    """Mark samples whose frame has not the shape of the window's newest one as a gap, in a copy.

    A camera that changes its shape shows the room at another scale: everything seems to move.
    """
    is_other = other_shapes(windows[..., columns.shape], windows[..., columns.present] > 0.0)
    kept = windows.copy()
    kept[is_other.any(axis=-1), :, : columns.visibility.stop] = 0.0
    for at in (columns.new, columns.between, columns.present, columns.delivered):
        kept[..., at][is_other] = 0.0
    return kept
