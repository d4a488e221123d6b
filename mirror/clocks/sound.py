"""Offset and drift between two recordings of one room, from their sound.

Generalized cross-correlation with phase transform (Knapp & Carter 1976): where the sound of one
recording lies in the other, first anywhere, then in windows along both, and a robust line through
the windows' lags.
"""

import math
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import scipy  # its parts, which take up to a second, when they are used
from numpy.typing import NDArray

from mirror.errors import SourceError

Floats = NDArray[np.float32]
Array = NDArray[np.float64]

RATE: Final = 4000  # samples a second that the sound is compared at
SURE: Final = 0.95  # the least confidence of an alignment that is used without asking
HEARD: Final = 0.4  # the least confidence with which the two have a sound in common at all
_MAX_PPM: Final = 200.0  # quartz clocks of cameras and telephones differ by a quarter of that
_COARSE: Final = 4  # times fewer samples a second in the search over all lags
_COARSE_BAND: Final = (80.0, 450.0)  # Hz; low frequencies are alike at two places in a room
_BLOCK_S: Final = 16.0
_MAX_BLOCKS: Final = 24
_BIN_S: Final = 0.25
_FLOOR: Final = 3.0  # standard deviations that a peak by chance reaches in a bin
_CANDIDATES: Final = 5
_APART_S: Final = 0.006  # two places that differ by less are one

_BAND: Final = (120.0, 1800.0)  # Hz
_WINDOW_S: Final = 8.0
_MIN_WINDOW_S: Final = 2.0
_MIN_WINDOWS: Final = 4
_MAX_WINDOWS: Final = 60
_REACH_S: Final = 0.75  # each window is searched so far to both sides
_TOLERANCE_S: Final = 0.004  # by which a window's lag may differ from the line
_RIVAL: Final = 0.8  # share of the best place's strength that makes another one as likely
_MIN_AGREEING: Final = 3  # windows; any two lie on a line
_USUAL_ERROR_S: Final = 0.0003  # of a window's lag, and the number of windows that it stands for
_USUAL_WEIGHT: Final = 3
_SILENT: Final = 1e-5  # RMS, of full scale


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """How the clocks of two recordings relate: ``t_b = offset_s + (1 + drift) · t_a``."""

    offset_s: float  # when A's recording begins on B's clock, s; positive: B began earlier
    drift_ppm: float  # by how much B's clock is faster than A's, millionths
    # Standard errors of both; the first in the middle of what the two have in common.
    offset_error_s: float
    drift_error_ppm: float
    # 0…1: one minus the probability that sounds that have nothing in common agree so well; half of
    # it if another place fits nearly as well.
    confidence: float
    # [window]: middle of each window on A's clock, and ``t_b − t_a`` there, s.
    times: Array
    lags: Array
    agrees: NDArray[np.bool_]  # [window]: whether its lag lies on the line
    # Mean height of the windows' correlations along the line, in standard deviations.
    strength: float = math.nan
    rival_s: float | None = None  # the offset that fits nearly as well, if there is one

    @property
    def is_sure(self) -> bool:
        """Whether it may be used without asking."""
        return self.confidence >= SURE

    @property
    def used_drift_ppm(self) -> float:
        """The drift, or 0 if it is less than twice its standard error."""
        return self.drift_ppm if abs(self.drift_ppm) >= 2 * self.drift_error_ppm else 0.0

    def lag_at(self, time_s: Any) -> Any:
        """Return ``t_b − t_a`` at a time on A's clock, both in s."""
        return self.offset_s + self.drift_ppm * 1e-6 * time_s

    def to_session(self) -> dict[str, Any]:
        """Return the value of a recording's ``alignment``."""
        stored = ("offset_s", "drift_ppm", "offset_error_s", "drift_error_ppm", "confidence")
        return {"method": "sound"} | {name: getattr(self, name) for name in stored}


def align_sound(a: Floats, b: Floats) -> Alignment:
    """Return offset and drift between two recordings.

    Both sounds, float32 [sample], are at `RATE`, each from the beginning of its recording. Raise
    SourceError if one is too short or silent, or they have no sound in common; the text says which.
    """
    least = _MIN_WINDOWS * _MIN_WINDOW_S
    for sound, name in ((a, "A"), (b, "B")):
        if len(sound) < least * RATE:
            raise SourceError(
                f"{name} has {len(sound) / RATE:.1f} s of sound; {least:.0f} s are needed"
            )
        if not _is_heard(sound):
            raise SourceError(f"the sound of {name} is silence")
    found = [each for lag in _candidates(a, b) if (each := _follow(a, b, lag)) is not None]
    if not found:
        raise SourceError("no part of one is heard in the other")
    best, *others = sorted(found, key=lambda each: each.strength, reverse=True)
    middle, rival = float(best.times.mean()), best.rival_s
    for other in others:
        is_apart = abs(other.lag_at(middle) - best.lag_at(middle)) > _APART_S
        if rival is None and is_apart and other.strength > _RIVAL * best.strength:
            rival = other.offset_s
    confidence = best.confidence if rival is None else 0.5 * best.confidence
    return replace(best, confidence=confidence, rival_s=rival)


def _is_heard(sound: Floats) -> bool:
    return len(sound) > 0 and float(np.sqrt(np.mean(np.square(sound)))) > _SILENT


def _candidates(a: Floats, b: Floats) -> list[float]:
    """Return the likeliest values of ``t_b − t_a``, s, at most half a second off.

    Blocks of the shorter sound are looked for in all of the longer one.
    """
    if len(a) > len(b):
        return [-lag for lag in _candidates(b, a)]
    rate = RATE // _COARSE
    short, long = (scipy.signal.resample_poly(each, 1, _COARSE) for each in (a, b))
    step = round(_BIN_S * rate)
    block = min(round(_BLOCK_S * rate), len(short) // 2)
    starts = np.unique(np.linspace(0, (len(short) - block) // step, _MAX_BLOCKS).astype(int))
    bins = -(-len(long) // step)
    size = scipy.fft.next_fast_len(len(long) + block, real=True)
    spectrum = scipy.fft.rfft(long, size)
    # Of each bin of lags: support, and the highest peak with its lag.
    support = np.zeros(bins + int(starts[-1]))
    top, lags = np.zeros(len(support)), np.zeros(len(support))
    for start in starts:
        part = short[start * step : start * step + block]
        if not _is_heard(part):
            continue
        heights = _correlate(spectrum, part, size, rate, _COARSE_BAND)[: len(long)]
        heights = np.pad(heights, (0, bins * step - len(long))).reshape(bins, step)
        at = heights.argmax(axis=1)
        height = heights[np.arange(bins), at]
        place = slice(starts[-1] - start, starts[-1] - start + bins)
        support[place] += np.maximum(0.0, height - _FLOOR) ** 2
        better = height > top[place]
        lag = (np.arange(bins) - start) * step + at
        top[place][better], lags[place][better] = height[better], lag[better]
    found: list[float] = []
    pairs = support + np.append(support[1:], 0.0)  # drift may carry a peak into the next bin
    while pairs.max() > 0.0 and len(found) < _CANDIDATES:
        at = int(pairs.argmax())
        found.append(float(lags[at + int(top[at : at + 2].argmax())]) / rate)
        pairs[max(0, at - 1) : at + 2] = 0.0
    return found


def _correlate(
    spectrum: NDArray[Any], part: Floats, size: int, rate: int, band: tuple[float, float]
) -> Array:
    """Return the phase transform's correlation of a sound with a part of another, by lag.

    `spectrum` is the sound's, of `size` samples; in standard deviations of the correlation.
    """
    cross = spectrum * np.conj(scipy.fft.rfft(part, size))
    frequency = np.arange(len(cross)) * (rate / size)
    cross[(frequency < band[0]) | (frequency > band[1])] = 0.0
    height = np.abs(cross)
    cross /= np.maximum(height, 1e-6 * max(float(height.max()), 1e-30))
    correlation = scipy.fft.irfft(cross, size)
    return np.asarray(correlation / max(float(correlation.std()), 1e-30), np.float64)


def _follow(a: Floats, b: Floats, lag: float) -> Alignment | None:
    """Measure the lag in windows along both sounds, within `_REACH_S` of the one given.

    None if fewer than `_MIN_WINDOWS` have a sound in both.
    """
    times, curves = _curves(a, b, lag)
    if len(times) < _MIN_WINDOWS:
        return None
    reach = curves.shape[1] // 2
    best = curves.argmax(axis=1)
    lags = lag + (best - reach + _vertex(curves, best)) / RATE
    slope, level, agrees = _fit_line(times, lags)
    count = int(agrees.sum())
    # Lags of sounds that have nothing in common are spread evenly over what is searched; the line
    # is the best of those through any two of them, at any candidate.
    by_chance = float(scipy.stats.binom.sf(count - 1, len(times), _TOLERANCE_S / _REACH_S))
    trials = _CANDIDATES * len(times) * (len(times) - 1) / 2
    moment = float(np.sum((times[agrees] - times[agrees].mean()) ** 2))
    residuals = lags[agrees] - (level + slope * times[agrees])
    # Of a few windows that happen to agree closely, too: their error is taken to be near the usual.
    error = math.sqrt(
        (float(np.sum(residuals**2)) + _USUAL_WEIGHT * _USUAL_ERROR_S**2)
        / max(1, count - 2 + _USUAL_WEIGHT)
    )
    # All curves with the line in the middle
    on_line = np.rint((level + slope * times - lag) * RATE).astype(int)
    moved = np.stack([np.roll(curve, -shift) for curve, shift in zip(curves, on_line, strict=True)])
    mean = moved.mean(axis=0)
    apart = np.abs(np.arange(len(mean)) - reach)
    strength = float(mean[apart <= _TOLERANCE_S * RATE].max())
    elsewhere = np.where(apart > _APART_S * RATE, mean, 0.0)
    rival = level + float(elsewhere.argmax() - reach) / RATE
    return Alignment(
        offset_s=level,
        drift_ppm=1e6 * slope,
        offset_error_s=error / math.sqrt(count),
        drift_error_ppm=1e6 * error / math.sqrt(moment) if moment else math.inf,
        confidence=1.0 - min(1.0, trials * by_chance) if count >= _MIN_AGREEING else 0.0,
        times=times,
        lags=lags,
        agrees=agrees,
        strength=strength,
        rival_s=rival if elsewhere.max() > _RIVAL * strength else None,
    )


def _curves(a: Floats, b: Floats, lag: float) -> tuple[Array, Array]:
    """Return the middle [window] of windows on A's clock, s, and their correlations [window, lag].

    The lags are those within `_REACH_S` of the one given.
    """
    start, stop = max(0.0, -lag), min(len(a), len(b) - lag * RATE) / RATE
    length = min(_WINDOW_S, max(_MIN_WINDOW_S, (stop - start) / _MIN_WINDOWS / 2))
    count = min(_MAX_WINDOWS, int((stop - start) / length))
    samples, reach = round(length * RATE), round(_REACH_S * RATE)
    size = scipy.fft.next_fast_len(samples + 2 * reach, real=True)
    times, curves = [], []
    for begin in np.linspace(start, max(start, stop - length), max(0, count)):
        first = round(begin * RATE)
        other = first + round(lag * RATE) - reach
        part = a[first : first + samples]
        around = b[max(0, other) : max(0, other + samples + 2 * reach)]
        if _is_heard(part) and _is_heard(around):
            around = np.pad(around, (max(0, -other), 0))
            curve = _correlate(scipy.fft.rfft(around, size), part, size, RATE, _BAND)
            times.append((first + samples / 2) / RATE)
            curves.append(curve[: 2 * reach + 1])
    return np.array(times), np.array(curves).reshape(-1, 2 * reach + 1)


def _vertex(curves: Array, at: NDArray[np.intp]) -> Array:
    """Return how far the peak of the parabola through three samples is from the middle one."""
    row = np.arange(len(curves))
    inside = np.clip(at, 1, curves.shape[1] - 2)
    before, here, after = (curves[row, inside + k] for k in (-1, 0, 1))
    bend = before - 2 * here + after
    return np.where(
        (inside == at) & (bend < 0), 0.5 * (before - after) / np.minimum(bend, -1e-12), 0.0
    )


def _fit_line(times: Array, lags: Array) -> tuple[float, float, NDArray[np.bool_]]:
    """Return slope and level of the line on which most lags lie, and which do.

    The best of the lines through any two, fitted to those near it by least squares.
    """
    one, other = np.triu_indices(len(times), 1)
    slopes = (lags[other] - lags[one]) / (times[other] - times[one])
    slow = np.abs(slopes) <= _MAX_PPM / 1e6
    # And a line of no drift through each, in case that no two lie on one
    one = np.concatenate([one[slow], np.arange(len(times))])
    slopes = np.concatenate([slopes[slow], np.zeros(len(times))])
    away = np.abs(lags - lags[one, None] - slopes[:, None] * (times - times[one, None]))
    near = away <= _TOLERANCE_S
    line = np.lexsort((-np.minimum(away, _TOLERANCE_S).sum(axis=1), near.sum(axis=1)))[-1]
    slope, level, agrees = slopes[line], 0.0, near[line]
    for _ in range(3):
        middle = times[agrees].mean()
        moment = np.sum((times[agrees] - middle) ** 2)
        if moment > 0.0:
            slope = np.sum((times[agrees] - middle) * lags[agrees]) / moment
        level = lags[agrees].mean() - slope * middle
        near_line = np.abs(lags - level - slope * times) <= _TOLERANCE_S
        if near_line.sum() < agrees.sum():
            break
        agrees = near_line
    return float(slope), float(level), agrees
