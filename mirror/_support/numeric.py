"""Numbers of numpy, pandas and the standard library as float64, and their mean."""

import math
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def to_float(value: Any) -> float:
    """Return a real number, also one of numpy, as a float; raise TypeError if it is none."""
    if isinstance(value, (np.generic, np.ndarray)) and value.ndim == 0:
        value = None if np.ma.is_masked(value) else value.item()
    if isinstance(value, bool) or not isinstance(value, (Real, Decimal)):
        raise TypeError(f"{type(value).__name__} is not a number")
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf  # type: ignore[operator]


def to_array(values: ArrayLike) -> NDArray[np.float64]:
    """Return numbers as float64, NaN where masked, None or NA; raise TypeError or ValueError."""
    masked: Any = np.ma.asarray(values)
    if masked.dtype.kind == "O":
        is_na = [type(each).__name__ == "NAType" for each in masked.data.flat]
        hidden = np.ma.getmaskarray(masked) | np.reshape(is_na, masked.shape)
        masked = np.ma.array(masked.data.copy(), mask=hidden)
        masked.data[hidden] = None  # becomes NaN; pandas's NA cannot be converted
    if masked.dtype.kind not in "biufOUS":  # complex numbers would lose a part, dates their unit
        raise TypeError(f"{masked.dtype} is not a type of real numbers")
    return np.asarray(masked.astype(np.float64).filled(np.nan))


def finite_mean(values: NDArray[np.float64]) -> float:
    """Return the mean of the finite values; NaN if there is none."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else math.nan
