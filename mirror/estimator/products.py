"""Sums of products that have the same bits in any number of windows, and on any number of threads.

Live rows are computed one by one and recordings in blocks, on machines with more or fewer cores;
their scores must be equal to the last bit.
"""

import numpy as np

from mirror.estimator.validity import Array

# OpenBLAS computes products of up to so many multiplications on one thread (of a matrix and a
# vector; of two vectors).
_MAX_PRODUCT = 2**18
_MAX_VECTOR_PRODUCT = 2**13
_MIN_CUT = 32  # smaller matrices are not cut across


def product(left: Array, right: Array) -> Array:
    """Return the matrix products of two stacks, each to the same bits in any stack.

    Each is computed by itself: its shape, and so the order of its sums, does not depend on how many
    there are. Large ones are cut, as OpenBLAS computes them on several threads, which changes the
    order with their number, and costs more than they save.
    """
    rows, inner, columns = *left.shape[-2:], right.shape[-1]
    limit = _MAX_PRODUCT if min(rows, columns) > 1 else _MAX_VECTOR_PRODUCT
    if rows * inner * columns <= limit:
        whole: Array = np.matmul(left, right)
        return whole
    if max(rows, columns) <= _MIN_CUT:
        half = inner // 2
        return product(left[..., :half], right[..., :half, :]) + product(
            left[..., half:], right[..., half:, :]
        )
    longer = max(rows, columns)
    parts = min(-(-rows * inner * columns // limit), -(-longer // _MIN_CUT))
    step = -(-longer // parts)
    if rows >= columns:
        cut = [product(left[..., k : k + step, :], right) for k in range(0, rows, step)]
        return np.concatenate(cut, axis=-2)
    cut = [product(left, right[..., k : k + step]) for k in range(0, columns, step)]
    return np.concatenate(cut, axis=-1)


def dot(x: Array, y: Array) -> Array:
    """Return dot products over the last axis, in parts that OpenBLAS computes on one thread."""
    size = _MAX_VECTOR_PRODUCT
    if x.shape[-1] <= size:
        return np.asarray(np.vecdot(x, y))
    return dot(x[..., :size], y[..., :size]) + dot(x[..., size:], y[..., size:])
