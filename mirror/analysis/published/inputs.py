"""Validation of the arguments of all methods."""

import math
import reprlib

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mirror._support.numeric import to_array, to_float
from mirror.errors import SeriesError
from mirror.landmarks import MAX_VALUE

Array = NDArray[np.float64]


def one(series: ArrayLike, name: str) -> Array:
    """Return a series as float64 [sample]; NaN is a missing sample, as is a masked one.

    Raise SeriesError if it is not one series of numbers, or one is infinite.
    """
    try:
        values = to_array(series)
    except (TypeError, ValueError):
        raise SeriesError(f"{name} holds something that is not a number; correct it") from None
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1:
        raise SeriesError(
            f"{name} has {values.ndim} dimensions; this method takes one plain series a person, "
            "such as its motion energy"
        )
    infinite = np.flatnonzero(np.abs(values) > MAX_VALUE)
    if infinite.size:
        value = values[infinite[0]]
        what = "infinite" if np.isinf(value) else f"{value:g}, more than can be squared,"
        raise SeriesError(
            f"{name} is {what} at sample {infinite[0]}; correct it, or make it missing (NaN)"
        )
    return values


def pair(a: ArrayLike, b: ArrayLike, rate: float) -> tuple[Array, Array, float]:
    """Return two series of one length as float64 [sample], and the rate.

    Raise SeriesError if either is invalid, they differ in length, or the rate is not positive.
    """
    rate = positive(rate, "rate", "Hz")
    first, second = one(a, "series A"), one(b, "series B")
    if first.size != second.size:
        raise SeriesError(
            f"series A has {first.size} samples and series B {second.size}; cut both to one length"
        )
    return first, second, rate


def number(value: float, name: str) -> float:
    """Return a real number of any type; raise SeriesError if it is none."""
    try:
        return to_float(value)
    except TypeError:
        raise SeriesError(f"{name} is {reprlib.repr(value)}; give a number") from None


def positive(value: float, name: str, unit: str) -> float:
    """Return a number; raise SeriesError if it is not finite and above 0."""
    value = number(value, name)
    if not (math.isfinite(value) and value > 0):
        raise SeriesError(f"{name} is {value:g} {unit}; give one above 0")
    return value


def samples(seconds: float, rate: float, name: str, least: int = 1) -> int:
    """Return a duration as a whole number of samples, `least` or more; else raise SeriesError."""
    seconds = number(seconds, name)
    if not math.isfinite(seconds):
        raise SeriesError(f"{name} is {seconds:g} s; give a number of seconds")
    exact = seconds * rate
    count = round(exact)
    if abs(exact - count) > 1e-6 * max(1.0, abs(exact)):
        raise SeriesError(
            f"{name} of {seconds:g} s is {exact:g} samples at {rate:g} Hz; "
            f"make it a whole number, as {max(count, least) / rate:.6g} s"
        )
    if count < least:
        raise SeriesError(
            f"{name} of {seconds:g} s is too short; at {rate:g} Hz it takes at least "
            f"{least / rate:.6g} s"
        )
    return count
