"""The noise of landmarks, and which movement stands out of it.

Landmarks jitter from frame to frame, even of somebody who does not move: by how much depends on the
light, the camera, the distance and the joint. The jitter of two frames is nearly independent, so
second differences, in which movement hardly shows, give its variance σ² for each channel x::

    σ² = Σ w² (x[t] − 2 x[t−1] + x[t−2])² / Σ w² g[t]

and σ² gives the power of the jitter in the band. Ticks are interpolated between frames: for jitter
of variance 1, g is the variance of a tick's second difference (6 where every tick is a frame), and
the density of its spectrum at low frequencies is the sum of a tick's covariances with the others.
Both follow from the frames that each tick was made of, so that noise is measured alike at any frame
rate, at any offset of the frames from the grid, and with repeated frames.

A camera that moves adds noise of its own. MediaPipe looks for a person where they were in the frame
before; the further the camera has moved since, the more it errs, about by a share of that distance.
The camera's motion from frame to frame so counts as noise, as if all of it were in the band.

What is measured at one tick follows from it and the `REACH` ticks before it.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mirror.estimator.movement import ABOVE, BODY, CHANNELS, REGION, SHOULDERS
from mirror.estimator.validity import Array

REACH: Final = 8
"""Ticks that the same two frames may be interpolated to: those in 0.25 s at 30 Hz."""

LEAST: Final = 0.004
LEAST_OF_HEAD: Final = 0.003
"""Movement of a region along an axis below this, in shoulder widths, does not count.

The shoulders of somebody who stands and breathes move by .0035, root mean square, and carry the
arms with them. Of the head, which is measured from them, .0025 is left; nods of 2° move it by
.0035.
"""

_BASE: Final = 1.2
_SPREAD: Final = 4.9
"""By how much power must exceed that of the noise, see `threshold`."""

_SHARE: Final = 0.25
"""Error of a landmark as a share of the camera's motion since the frame before.

Measured on motionless people filmed by a camera shaken by 1 to 10 pixels at 0.5 to 3 Hz.
"""

_LEAST_POWER: Final = np.repeat(
    [(LEAST_OF_HEAD if name == "head" else LEAST) ** 2 for name in BODY.regions], 2
)
_DOUBT: Final = 1.5
_HIGHEST: Final = 1e6  # ratio of powers; without noise it would be infinite

_ALONG: Final = np.array(
    [
        (number == REGION) & (sideways == BODY.sideways)
        for number in range(len(BODY.regions))
        for sideways in (True, False)
    ]
)  # channels of each region along each axis [2 · region, channel]

_SQUARES: Final = slice(0, len(CHANNELS))
_PRODUCTS: Final = slice(len(CHANNELS), len(CHANNELS) + len(ABOVE))
_HIGH: Final = _PRODUCTS.stop
_LOW: Final = _HIGH + 1
JITTER_COLUMNS: Final = _LOW + 1
"""Number of columns that `jitter` returns."""


def jitter(channels: Array, frames: Array, shape: Array, both: Array) -> Array:
    """Return what is summed over windows to measure one person's noise [tick, column].

    Squares of the channels' second differences; products of those of `ABOVE` with those of the
    shoulders; g; and the density. Those of the first `REACH` ticks are not right.

    Parameters
    ----------
    channels : ndarray [tick, channel]
    frames : ndarray [tick, 3]
        As in `mirror.estimator.movement.Movement`.
    shape, both : ndarray [tick]
        Width of the frame in heights; 1 where both people are present, else 0.
    """
    columns: Array = np.zeros((len(channels), JITTER_COLUMNS))
    whole = both[2:] * both[1:-1] * both[:-2]
    whole = whole * (shape[2:] == shape[1:-1]) * (shape[1:-1] == shape[:-2])
    second = (channels[2:] - 2.0 * channels[1:-1] + channels[:-2]) * whole[:, None]
    columns[2:, _SQUARES] = second * second
    columns[2:, _PRODUCTS] = second[:, ABOVE] * second[:, SHOULDERS]
    covariance = _covariance(frames, both)
    own, next_one, after = covariance[:, :3].T
    columns[2:, _HIGH] = whole * (
        own[2:]
        + 4.0 * own[1:-1]
        + own[:-2]
        - 4.0 * (next_one[2:] + next_one[1:-1])
        + 2.0 * after[2:]
    )
    columns[:, _LOW] = own + 2.0 * covariance[:, 1:].sum(axis=-1)
    return columns


def shake(camera: Array, shape: Array, both: Array) -> Array:
    """Return squares of the camera's motion since the tick before [tick], to sum over windows.

    Parameters
    ----------
    camera : ndarray [tick, 2]
        As in `mirror.estimator.movement.Movement`.
    shape, both : ndarray [tick]
        As in `jitter`.
    """
    squares: Array = np.zeros(len(camera))
    squares[1:] = ((camera[1:] - camera[:-1]) ** 2).sum(axis=-1)
    squares[1:] *= both[1:] * both[:-1] * (shape[1:] == shape[:-1])
    return squares


def _covariance(frames: Array, both: Array) -> Array:
    """Return what ticks share with themselves and the `REACH` ones before [tick, 1 + REACH].

    The covariance of two ticks for jitter of variance 1: the weights of the frames in both.
    """
    before = np.maximum(np.arange(len(frames))[:, None] - np.arange(REACH + 1), 0)
    times, second = frames[:, :2], frames[:, 2]
    weights = both[:, None] * np.stack([1.0 - second, second], axis=1)
    shared = times[:, None, :, None] == times[before][:, :, None, :]
    products = weights[:, None, :, None] * weights[before][:, :, None, :] * shared
    covariance: Array = products.reshape(*before.shape, 4).sum(axis=-1)
    return covariance


def threshold(cycles: float) -> float:
    """Return by how much the power along an axis must exceed that of the noise.

    Parameters
    ----------
    cycles : float
        Width of the band times the length of the window: how many numbers the power is a mean of.

    Notes
    -----
    Measured on photographs with new sensor noise in each frame and on rendered people who stand
    still, at five sizes, from 12 to 60 frames a second and in windows of 1 to 6 s, so that fewer
    than 2 % of the windows exceed it.
    """
    return _BASE + _SPREAD / float(np.sqrt(cycles))


def drop_noise(
    x: Array,
    sums: Array,
    shaken: Array,
    gain: Array,
    visibility: Array,
    counts: NDArray[np.bool_],
    unit: Array,
    bins: float,
    least: float,
) -> None:
    """Set the movement of regions that does not stand out of its noise to 0, in place.

    Head and arms are measured from the shoulders only as far as these stand out of their own noise
    (by the Wiener filter's share of signal in their power): what does not move need not be
    subtracted, and its noise would be that of all that is measured from it.

    Parameters
    ----------
    x : ndarray [K, 2, channel, f]
        One person's spectra within the band, real and imaginary part, in shoulder widths.
    sums : ndarray [K, column]
        Weighted means of `jitter`.
    shaken : ndarray [K]
        Weighted mean of `shake`.
    gain : ndarray [K]
        Power of a bin of `x` for white movement of variance 1 in the units of `jitter`.
    visibility : ndarray [K, channel]
        The lowest of the channel's joints.
    counts : ndarray, bool [K, channel]
        Channels that are scored.
    unit : ndarray [K]
        The power of a bin of `x` in squared shoulder widths.
    bins : float
        Of the whole transform, in the band or not.
    least : float
        See `threshold`.
    """
    high, low = sums[:, _HIGH], sums[:, _LOW]
    density = np.divide(low, high, out=np.zeros_like(high), where=high > 0.0)[:, None]
    second = sums[:, :_HIGH] * (density * (gain * x.shape[-1])[:, None])
    # The density is that of ticks per frame, in which a camera moves that much further.
    camera = shaken * (_SHARE * low) ** 2 * (gain * bins)
    power, noise = _power(x), second[:, _SQUARES] + camera[:, None]
    still = np.divide(noise, power, out=np.zeros_like(power), where=power > 0.0)
    kept = np.minimum(_DOUBT * still, 1.0)[:, SHOULDERS]
    x[:, :, ABOVE] += kept[:, None, :, None] * x[:, :, SHOULDERS]
    power[:, ABOVE] = _power(x[:, :, ABOVE])
    noise[:, ABOVE] += kept * (2.0 * second[:, _PRODUCTS] + kept * noise[:, SHOULDERS])
    ratio = np.full_like(power, _HIGHEST)
    np.divide(power, noise, out=ratio, where=noise * _HIGHEST > power)
    ratio *= visibility**2
    scored = counts[:, None] & _ALONG
    ratios, moved = (
        np.where(scored, each[:, None], 0.0).sum(axis=-1) / scored.sum(axis=-1)
        for each in (ratio, unit[:, None] * power)
    )
    along = (ratios >= least) & (moved >= _LEAST_POWER)
    moving = along[:, 0::2] | along[:, 1::2]
    x *= moving[:, REGION][:, None, :, None]


def _power(x: Array) -> Array:
    """Power of each channel [K, channel] of spectra [K, 2, channel, f]."""
    power: Array = (x * x).sum(axis=-1).sum(axis=1)
    return power
