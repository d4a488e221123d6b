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

from typing import Final

import numpy as np

from mirror.estimator.movement import ABOVE, BODY, CHANNELS, REGION, SHOULDERS
from mirror.estimator.products import dot, product
from mirror.estimator.validity import Array

REACH: Final = 8  # ticks that the same two frames may be interpolated to: those in 0.25 s at 30 Hz

# Movement of a region along an axis below this, in shoulder widths, does not count. The shoulders
# of somebody who stands and breathes move by .0035, root mean square, and carry the arms with them.
# Of the head, which is measured from them, .0025 is left; nods of 2° move it by .0035.
_LEAST: Final = 0.004
_LEAST_OF_HEAD: Final = 0.003
_BASE: Final = 1.2
_SPREAD: Final = 4.9  # by how much power must exceed that of the noise, see `threshold`
# Error of a landmark as a share of the camera's motion since the frame before. Measured on
# motionless people filmed by a camera shaken by 1 to 10 pixels at 0.5 to 3 Hz.
_SHARE: Final = 0.25
_LEAST_PIXELS: Final = 0.0025  # motion of pixels from which a person moves; nods of 2° reach .0036
_LOWEST_HZ: Final = 0.2  # of the bands that go by pixels, whose high-pass filter hardly dampens it
_ENOUGH: Final = 0.75  # share of a window in which the pixels must be known
_LEAST_POWER: Final = np.repeat(
    [(_LEAST_OF_HEAD if name == "head" else _LEAST) ** 2 for name in BODY.regions], 2
)
_DOUBT: Final = 1.5
_HIGHEST: Final = 1e6  # ratio of powers; without noise it would be infinite

_ALONG: Final = np.array(
    [
        (number == REGION) & (sideways == BODY.sideways)
        for number in range(len(BODY.regions))
        for sideways in (True, False)
    ],
    float,
).T.copy()  # 1 for the channels of each region along each axis [channel, 2 · region]

_HEAD: Final = BODY.regions["head"]
_ARMS: Final = slice(BODY.regions["left_arm"].start, BODY.regions["right_arm"].stop)
# Of the channels: `ABOVE`, in two parts, and the midpoint of the shoulders, x and y.
_MIDDLE: Final = slice(BODY.regions["torso"].start, BODY.regions["torso"].start + 2)

_SQUARES: Final = slice(0, len(CHANNELS))
_PRODUCTS: Final = slice(len(CHANNELS), len(CHANNELS) + len(ABOVE))
_HIGH: Final = _PRODUCTS.stop
_LOW: Final = _HIGH + 1
_SHAKEN: Final = _LOW + 1
_PIXELS: Final = _SHAKEN + 1
_FOLLOWED: Final = _PIXELS + 1
JITTER_COLUMNS: Final = _FOLLOWED + 1  # number of columns that `jitter` returns


def jitter(
    channels: Array, frames: Array, camera: Array, shape: Array, both: Array, first: int
) -> Array:
    """Return what is summed over windows to measure noise, from tick `first` on.

    For each person, squares of the channels' second differences; products of those of `ABOVE` with
    those of the shoulders; g; the density; and the squares of the camera's motion since the tick
    before, and of how far the person's pixels have moved lately; 1 where that is known, else 0
    [tick − first, person, column]. Those of the first `REACH` ticks are not right.

    From channels [tick, person, channel], frames and camera [tick, person, 3] as in `Movement`, the
    frame's shape [tick, person], too, and 1 where both people are present, else 0 [tick].
    """
    columns: Array = np.zeros((len(channels) - first, 2, JITTER_COLUMNS))
    covariance = _covariance(frames, both)
    own, next_one, after = covariance[:3]
    columns[..., _LOW] = (own + 2.0 * np.add.reduce(covariance[1:]))[first:]
    start = max(2, first)
    t, before, earlier = (slice(start - k, len(channels) - k) for k in range(3))
    alike = (shape[t] == shape[before]) & (shape[before] == shape[earlier])
    whole = (both[t] * both[before] * both[earlier])[:, None] * alike
    second = (channels[t] - 2.0 * channels[before] + channels[earlier]) * whole[..., None]
    of = columns[start - first :]
    np.multiply(second, second, out=of[..., _SQUARES])
    of[..., _PRODUCTS] = second[..., ABOVE] * second[..., SHOULDERS]
    of[..., _HIGH] = whole * (
        own[t]
        + 4.0 * own[before]
        + own[earlier]
        - 4.0 * (next_one[t] + next_one[before])
        + 2.0 * after[t]
    )
    moved = (camera[t] - camera[before]) ** 2
    alike = (both[t] * both[before])[:, None] * (shape[t] == shape[before])
    of[..., _SHAKEN] = alike * (moved[..., 0] + moved[..., 1])
    pixels = camera[first:, :, 2] ** 2
    is_known = np.isfinite(pixels) & (both[first:, None] > 0.0)
    columns[..., _PIXELS], columns[..., _FOLLOWED] = np.where(is_known, pixels, 0.0), is_known
    return columns


def _covariance(frames: Array, both: Array) -> Array:
    """Return what ticks share with themselves and the `REACH` before [1 + REACH, tick, person].

    The covariance of two ticks for jitter of variance 1: the weights of the frames in both.
    """
    # Of the two frames [frame, tick, person], after REACH ticks without any.
    times, weights = np.zeros((2, 2, REACH + len(frames), 2))
    times[:, REACH:] = frames[..., :2].transpose(2, 0, 1)
    weights[1, REACH:] = both[:, None] * frames[..., 2]
    weights[0, REACH:] = both[:, None] - weights[1, REACH:]
    frame, tick, person = times.strides

    def before(values: Array) -> Array:
        shape, strides = (2, 1 + REACH, len(frames), 2), (frame, -tick, tick, person)
        return np.ndarray(shape, float, values, REACH * tick, strides)

    own = np.s_[:, None, None, REACH:]
    products = (times[own] == before(times)) * weights[own] * before(weights)
    covariance: Array = products[0, 0] + products[0, 1] + products[1, 0] + products[1, 1]
    return covariance


def threshold(cycles: float) -> float:
    """Return by how much the power along an axis must exceed that of the noise.

    `cycles` is the width of the band times the length of the window: how many numbers the power is
    a mean of. Measured on photographs with new sensor noise in each frame and on rendered people
    who stand still, at five sizes, from 12 to 60 frames a second and in windows of 1 to 6 s, so
    that fewer than 2 % of the windows exceed it.
    """
    return _BASE + _SPREAD / float(np.sqrt(cycles))


def drop_noise(
    x: Array,
    sums: Array,
    gain: Array,
    visibility: Array,
    counts: Array,
    unit: Array,
    bins: float,
    all_bins: float,
    least: float,
    lowest: float,
) -> Array:
    """Set the movement of regions that does not stand out of its noise to 0, in place.

    Head and arms are measured from the shoulders only as far as these stand out of their own noise
    (by the Wiener filter's share of signal in their power): what does not move need not be
    subtracted, and its noise would be that of all that is measured from it.

    `x` [K, person, channel, 2 · f] are spectra within the band, real parts first, in the units of
    `jitter`; return the power of what is left [K, person, channel]. `sums` [K, person, column] are
    weighted means of `jitter`. `gain` [K, 1] is the power of a bin of `x` for white movement of
    variance 1 in the units of `jitter`, and `unit` [K, person] that of a bin in squared shoulder
    widths. `visibility` [K, person, channel] is the lowest of the channel's joints; `counts`
    [K, channel] is 1 for channels that are scored, else 0. `bins` is the number of the band's,
    `all_bins` that of the whole transform's; `least` is of `threshold`, `lowest` the
    lowest frequency of the band, Hz.
    """
    high, low, shaken = sums[..., _HIGH], sums[..., _LOW], sums[..., _SHAKEN]
    density = np.divide(low, high, out=np.zeros(high.shape), where=high > 0.0)
    second = sums[..., :_HIGH] * (density * gain * bins)[..., None]
    noise = second[..., _SQUARES]
    # The density is that of ticks per frame, in which a camera moves that much further.
    noise += (shaken * (_SHARE * low) ** 2 * (gain * all_bins))[..., None]
    middle = x[..., _MIDDLE, :]
    carried, power = noise[..., _MIDDLE], dot(middle, middle)
    kept = np.zeros(carried.shape)
    np.divide(_DOUBT * carried, power, out=kept, where=power > 0.0)
    np.minimum(kept, 1.0, out=kept)
    added = kept[..., None] * middle
    more = 2.0 * second[..., _PRODUCTS].reshape(*kept.shape[:2], -1, 2)
    more = (kept[:, :, None] * (more + (kept * carried)[:, :, None])).reshape(*kept.shape[:2], -1)
    for part, start in ((_HEAD, 0), (_ARMS, _HEAD.stop - _HEAD.start)):
        count = part.stop - part.start
        by_joint = x[:, :, part].reshape(*kept.shape[:2], count // 2, 2, -1)  # a view
        by_joint += added[:, :, None]
        noise[..., part] += more[..., start : start + count]
    power = dot(x, x)
    table = np.empty((len(x), 5, x.shape[2]))  # of both people, and the number of channels
    table[:, :2] = np.fmin(power / noise, _HIGHEST) * visibility**2  # without noise, too
    table[:, 2:4], table[:, 4] = power, 1.0
    table *= counts[:, None]
    of_axes = product(table, _ALONG)
    means = of_axes[:, :4] / of_axes[:, 4:]
    along = (means[:, :2] >= least) & (means[:, 2:] >= _LEAST_POWER / unit[..., None])
    moving = along[..., 0::2] | along[..., 1::2]
    if lowest >= _LOWEST_HZ:
        # The motion of pixels, in the unit of `power`, as if all of it were in the band:
        known = sums[..., _FOLLOWED]
        is_far = sums[..., _PIXELS] * gain * all_bins >= known * _LEAST_PIXELS**2 / unit
        moving &= (is_far | (known < _ENOUGH))[..., None]
    if not moving.all():
        gate = moving[..., REGION].astype(float)
        x *= gate[..., None]
        power *= gate
    return power
