"""Published methods on a recording's body movement or on plain series: figures by name."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirror._support.numeric import finite_mean
from mirror.analysis.published import rmea, susy, wcc
from mirror.errors import RecordingError, SettingsError
from mirror.estimator.movement import BODY, Movement
from mirror.estimator.signals import TWO_BODIES
from mirror.estimator.validity import Array
from mirror.landmarks import MIN_VISIBILITY
from mirror.recording.reader import Recording
from mirror.recording.rescore import recorded_movement
from mirror.settings import Settings


@dataclass(frozen=True, eq=False)
class Series:
    """Two people's series on one regular grid [time, channel], NaN where missing."""

    a: Array
    b: Array
    rate: float  # samples a second


def _rmea(a: Array, b: Array, rate: float) -> dict[str, float]:
    result = rmea(a, b, rate)
    return {
        "windows": float(len(result.start_s)),
        "grand average |z|": result.grand_aver,
        "lag zero": finite_mean(result.lag_zero),
        "A leads (z over positive lags)": finite_mean(result.s1_lead),
        "B leads (z over negative lags)": finite_mean(result.s2_lead),
        "peak lag of the mean profile, s (positive: B follows)": result.peak_lag,
    }


def _susy(a: Array, b: Array, rate: float) -> dict[str, float]:
    result = susy(a, b, rate)
    return {
        "segments": float(result.segments),
        "mean |Z|": result.absolute.z,
        "mean |Z| of pseudo-pairs": result.absolute.z_pseudo,
        "effect size": result.absolute.effect_size,
        "mean Z (signed)": result.signed.z,
        "effect size (signed)": result.signed.effect_size,
    }


def _wcc(a: Array, b: Array, rate: float) -> dict[str, float]:
    # The package's defaults are in samples; in seconds they are independent of the rate.
    result = wcc(a, b, rate, w_max=_steps(10.0, rate), t_max=_steps(5.0, rate))
    return {
        "windows": float(len(result.end_s)),
        "mean z of the peaks": result.aggregate.max_mean,
        "mean z at lag zero": result.aggregate.zero_lag_mean,
        "mean peak lag, s (positive: B follows)": result.aggregate.lag_mean,
    }


METHODS: dict[str, Callable[[Array, Array, float], dict[str, float]]] = {
    "rmea": _rmea,
    "susy": _susy,
    "wcc": _wcc,
}
"""Values of ``--method``: two plain series and a rate in, named figures out."""


def figures(name: str, series: Series) -> dict[str, float]:
    """Return the figures of a method, with its package's defaults (wcc: 10 s windows, 5 s of lag).

    Of several channels, the mean is taken. Raise SettingsError if there is no method of that name,
    SeriesError if the series is too short for it.
    """
    check(name)
    return METHODS[name](series.a.mean(axis=1), series.b.mean(axis=1), series.rate)


def check(name: str) -> None:
    """Raise SettingsError if there is no method of that name."""
    if name not in METHODS:
        raise SettingsError(f"there is no method {name!r}; known are {', '.join(METHODS)}")


def body_movement(recording: Recording, settings: Settings) -> Series:
    """Return the speed of two people's movement [tick], in place of motion energy; or their series.

    The root of the summed squared change of all channels per tick, in shoulder widths a second,
    over the channels whose joints are visible in both people (mean visibility of the session at
    least .5). NaN where a person is missing.
    """
    signals = recording.signals
    if (signals.a is None) != (signals.b is None):
        raise RecordingError(
            f"{recording.path} compares a body with a series; the method takes two of a kind"
        )
    _, *people = recorded_movement(recording, settings)
    a, b = (person.cut(slice(None)) for person in people)
    if signals != TWO_BODIES:
        series_a, series_b = (
            np.where(each.present[:, None], each.channels, np.nan) for each in (a, b)
        )
        return Series(series_a, series_b, settings.rate)
    visibility = (
        person.visibility[person.present].sum(axis=0) / max(1, person.present.sum())
        for person in (a, b)
    )
    seen = np.minimum(*visibility) >= MIN_VISIBILITY
    counts = np.flatnonzero(~(BODY.needs & ~seen).any(axis=1))
    speed_a, speed_b = (_speed(person, counts, settings.rate) for person in (a, b))
    return Series(speed_a[:, None], speed_b[:, None], settings.rate)


def _speed(person: Movement, counts: NDArray[np.intp], rate: float) -> Array:
    scale = np.nanmedian(person.scale) if person.present.any() else np.nan
    change = np.diff(person.channels[:, counts], axis=0) * (rate / scale)
    speed = np.sqrt((change**2).sum(axis=1))
    whole = person.present[1:] & person.present[:-1]
    return np.concatenate([[np.nan], np.where(whole, speed, np.nan)])


def _steps(seconds: float, rate: float) -> float:
    return max(1, round(seconds * rate)) / rate  # whole samples, as the method asks
