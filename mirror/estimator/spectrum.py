"""The scores of a window: one complex number from the cross-spectrum of two people's movement.

With taper w, channels c and the frequencies f of the band::

    X_p[c,f] = rfft(w · (x_p[c] − mean))        p = A, B; the mean is weighted by w
    S[f]     = Σ_c X_A[c,f] · conj(X_B[c,f])    cross-spectrum
    P_p      = Σ_{c,f} |X_p[c,f]|²
    C        = Σ_f S[f] / sqrt(P_A · P_B)       |C| ≤ 1 (Cauchy–Schwarz)
    ρ(τ)     = Re Σ_f S[f]·exp(−j2πfτ) / (sqrt(P_A · P_B) · overlap(τ))

`score_windows` computes any number of windows at once. No operation in it mixes windows: the result
for one is the same to the last bit, computed alone or among others. All that is linear in a window
is one matrix product, of a fixed shape for every window (see `mirror.estimator.products`).

Signs: phase is A minus B, positive = A ahead; lag is positive when B follows A.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft

from mirror.errors import SettingsError
from mirror.estimator.movement import OWN_JOINT, Layout
from mirror.estimator.noise import JITTER_COLUMNS, REACH, drop_noise, threshold
from mirror.estimator.posture import posture_match
from mirror.estimator.products import dot, product
from mirror.estimator.table import Columns, drop_other_shapes, windows
from mirror.estimator.validity import CODE, Array, has_enough, reasons, visible_channels
from mirror.landmarks import MIN_VISIBILITY
from mirror.settings import Settings
from mirror.timeline import COLUMNS, REGIONS, State

FROM_BEHIND = 0.5
"""A person is seen from behind if the left shoulder is left of the right one in the frame by at
least this share of the scale: turned away by some 20° more than in profile, where the order is
random.
"""

ROUNDING = 1e-9
"""A channel of a plain series this close to its mean, as a share of it, is constant.

The deviations of a constant from its mean are rounding errors, which correlate with anything.
"""

FLOOR = 0.02
"""The floor of landmarks whose noise is not measured, if the settings give none."""

LEAST_OVERLAP = 0.35
"""Lags at which the taper overlaps itself by less than this are not searched.

ρ is divided by the overlap, so a small one amplifies chance. With the default window and taper,
every lag up to 2 s overlaps by more.
"""

EQUAL_PEAKS = 0.05
"""Peaks of ρ(τ) this close below the highest count as equal; the one nearest to 0 is the lag.

A rhythm repeats: two walkers in step are in step one stride later, too, and noise would choose.
"""

_MAX_MATRIX = 2**17
"""Longer windows are transformed by FFT: their matrix would have more numbers than this."""

_RARE = 1.02
"""Tolerance of the frame rate: cameras hold theirs within some percent."""

_AT = {name: number for number, name in enumerate(COLUMNS)}
_DEFINED_IF_STILL = [_AT[name] for name in ("posture_match", "energy_a", "energy_b")]


def taper(settings: Settings) -> Array:
    """Return the taper, one value per sample of the window, 0…1.

    ``lopsided`` rises as sin² over window − 1 s and falls as cos² over the last second, ``quick``
    over the last 0.4 s; ``hann``, and any window of less than twice that, rises and falls over half
    of the window each. Samples are in the middle of their grid step, so that none has weight 0.
    """
    count = round(settings.window * settings.rate)
    half = 0.5 * settings.window
    fall = min(half, {"hann": half, "lopsided": 1.0, "quick": 0.4}[settings.taper])
    time = (np.arange(count) + 0.5) * (settings.window / count)
    rise = settings.window - fall
    rising = np.sin(0.5 * np.pi * time / rise)
    falling = np.cos(0.5 * np.pi * (time - rise) / fall)
    weights: Array = np.where(time < rise, rising, falling) ** 2
    return weights


@dataclass(frozen=True, eq=False)
class Plan:
    """Constants of the scoring that follow from the settings.

    Attributes
    ----------
    taper : ndarray [sample]
    size : int
        Length of the transform: window and longest lag, so that lags do not wrap around.
    band : slice
        The transform's bins within the band.
    lags : ndarray of int
        In samples, −max … +max; positive = B follows A.
    rate, floor : float
        As in the settings.
    fewest : float
        Frames a tick from which on the band's highest frequency shows.
    layout : Layout
    columns : Columns
        Of the tables of both people's movement.
    overlap : ndarray [lag]
        The taper's normalised autocorrelation: of windows in which nothing is missing.
    sums : ndarray [sample, 2]
        From a window to its plain sum, and its tapered one.
    late : ndarray [sample, 1]
        The taper's squares; 0 at the first ticks, whose jitter follows from ticks before them.
    least : float
        By how much power must exceed that of the noise (`mirror.estimator.noise.threshold`).
    parts : ndarray [channel, part]
        1 for the channels of the body (all) and of each region, in order; else 0.
    transform : ndarray [sample, 2 · f + 1] or None
        From a window to the real parts of its tapered spectrum, the imaginary ones, and its tapered
        sum. None for windows so long that a fast transform is faster.
    shifts : ndarray [2 · f, lag] or None
        From a cross-spectrum, real parts first, to ρ(τ) times its norm and overlap.
    """

    taper: Array
    size: int
    band: slice
    lags: NDArray[np.intp]
    rate: float
    floor: float
    fewest: float
    layout: Layout
    columns: Columns
    overlap: Array
    sums: Array
    late: Array
    least: float
    parts: Array
    transform: Array | None
    shifts: Array | None

    @classmethod
    def of(cls, settings: Settings, layout: Layout) -> Plan:
        """Return the plan for some settings and channels.

        Raises
        ------
        SettingsError
            If no frequency of the window's transform is within the band.
        """
        weights = taper(settings)
        reach = math.floor(settings.max_lag * settings.rate + 1e-6)
        size = next_fast_len(len(weights) + reach, real=True)
        frequency = np.fft.rfftfreq(size, 1.0 / settings.rate)
        low, high = settings.band
        inside = np.flatnonzero((frequency >= low - 1e-9) & (frequency <= high + 1e-9))
        if not len(inside):
            raise SettingsError(
                f"band {low:g},{high:g} holds no frequency of a window of {settings.window:g} s, "
                f"which has one every {settings.rate / size:.3g} Hz; widen it"
            )
        band = slice(int(inside[0]), int(inside[-1]) + 1)
        reach = min(reach, len(weights) - 1)
        lags = np.arange(-reach, reach + 1)
        parts = [slice(None), *layout.regions.values()]
        belongs = np.zeros((len(layout.needs), len(parts)))
        for part, at in enumerate(parts):
            belongs[at, part] = 1.0
        transform, shifts = None, None
        if 2 * len(inside) * max(len(weights), len(lags)) <= _MAX_MATRIX:
            turns = np.exp(-2j * np.pi / size * (np.outer(np.arange(len(weights)), inside) % size))
            waves = np.concatenate([turns.real, turns.imag, np.ones((len(weights), 1))], axis=1)
            transform = weights[:, None] * waves
            turns = np.exp(-2j * np.pi / size * (np.outer(inside, lags) % size))
            shifts = np.concatenate([turns.real, -turns.imag])
        late = weights[:, None] ** 2
        late[:REACH] = 0.0
        floor = settings.floor
        if layout.regions and not layout.has_noise:
            floor = floor or FLOOR
        return cls(
            taper=weights,
            size=size,
            band=band,
            lags=lags,
            rate=settings.rate,
            floor=floor,
            fewest=2.0 * high / (_RARE * settings.rate),
            layout=layout,
            columns=Columns.of(layout),
            overlap=lagged_overlap(weights[None], weights[None], lags)[0],
            sums=np.stack([np.ones(len(weights)), weights], axis=1),
            late=late,
            least=threshold((high - low) * settings.window),
            parts=belongs,
            transform=transform,
            shifts=shifts,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Spectra:
    """Both people's spectra within the band, in K windows.

    Attributes
    ----------
    a, b : ndarray [K, 2, channel, f]
        Real and imaginary part of X, in shoulder widths.
    counts : ndarray, bool [K, channel]
        Channels that count: their joints are visible in both people.
    weights : ndarray [K, sample]
        The taper, 0 where one of the two is missing.
    """

    a: Array
    b: Array
    counts: NDArray[np.bool_]
    weights: Array

    def take(self, rows: Sequence[int] | NDArray[np.intp] | NDArray[np.bool_]) -> Spectra:
        """Return copies of some windows, in any order."""
        return Spectra(self.a[rows], self.b[rows], self.counts[rows], self.weights[rows])

    @classmethod
    def concatenate(cls, parts: Sequence[Spectra]) -> Spectra:
        """Concatenate windows."""
        columns = zip(*((each.a, each.b, each.counts, each.weights) for each in parts), strict=True)
        return cls(*(np.concatenate(column) for column in columns))


@dataclass(frozen=True, slots=True, eq=False)
class Relation:
    """Relation of two people's movement in K windows, from the channels that count.

    The parts are the body and each region (`Plan.parts`).

    Attributes
    ----------
    real, imag : ndarray [K, part]
        C; NaN if one of the two is still.
    rms_a, rms_b : ndarray [K, part]
        Movement within the band, in shoulder widths.
    cross : ndarray [K, 2 · f]
        Real parts of the body's S, then the imaginary ones.
    norm : ndarray [K, part]
        sqrt(P_A · P_B); NaN if one of the two is still.
    """

    real: Array
    imag: Array
    rms_a: Array
    rms_b: Array
    cross: Array
    norm: Array


def score_windows(
    plan: Plan, table: Array, starts: NDArray[np.intp]
) -> tuple[NDArray[np.int8], Array, Spectra]:
    """Return states, scores and spectra of K windows.

    Parameters
    ----------
    plan : Plan
    table : ndarray [tick, column]
        Both people's movement (`mirror.estimator.table`), by ``plan.columns``.
    starts : ndarray of int [K]
        The first tick of each window.

    Returns
    -------
    (ndarray of int8 [K], ndarray [K, column], Spectra)
        Index into `STATES`; the columns of `mirror.timeline.Score`, NaN where undefined, and those
        that do not follow from the window alone; and the spectra.
    """
    at = plan.columns
    length = len(plan.taper)
    samples, ticks = windows(table, length, starts), table[starts[0] : starts[-1] + length]
    *leftmost, narrow_a, narrow_b = np.fmin.reduce(ticks[:, at.across.start : at.shape.stop])
    wide_a, wide_b = np.fmax.reduce(ticks[:, at.shape])
    if wide_a > narrow_a or wide_b > narrow_b:
        samples = drop_other_shapes(at, samples)
    both = samples[:, :, at.both]
    weights = plan.taper * both
    rows: Array = np.full((len(samples), len(COLUMNS)), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        sums = product(samples[:, :, at.averaged].transpose(0, 2, 1), plan.sums)
        limbs = at.limbs.start - at.averaged.start
        seen = (sums[:, :limbs, 0] / both.sum(axis=-1)[:, None]).reshape(len(rows), 2, -1)
        is_visible = (seen >= MIN_VISIBILITY).all(axis=1)
        scale = _median(samples[:, :, at.scale])
        facing = np.ones_like(scale)
        if min(leftmost) < 0.0:
            # A movement to the left, seen from the front, is one to the right, seen from behind.
            facing[_median(samples[:, :, at.across]) <= -FROM_BEHIND * scale] = -1.0
        spectra = Spectra(
            _spectrum(plan, samples[:, :, at.a.start : at.a.stop + 1], scale[0], facing[0], -1),
            _spectrum(plan, samples[:, :, at.both : at.b.stop], scale[1], facing[1], 0),
            visible_channels(plan.layout, is_visible),
            weights,
        )
        if plan.layout.has_noise:
            _drop_noise(plan, spectra, samples, seen, scale)
        relation = relate(plan, spectra)
        scores = phase_scores(relation.real, relation.imag).values()
        for number, score in enumerate(scores, _AT["in_phase"]):
            rows[:, number] = score[:, 0]
        if plan.layout.regions:
            for number, score in enumerate(scores, _AT[f"in_phase_{REGIONS[0]}"]):
                rows[:, number :: len(scores)] = score[:, 1:]
            posture = posture_match(sums[:, limbs:, 1], weights, facing, is_visible)
            rows[:, _AT["posture_match"]] = posture
        rows[:, _AT["relative_phase_deg"]] = _degrees(relation.real[:, 0], relation.imag[:, 0])
        height, lag = mirroring(plan, relation, weights)
    rows[:, _AT["mirroring"]], rows[:, _AT["lag_s"]] = height, lag
    state = _states(plan, samples, seen, np.isnan(relation.norm[:, 0]))
    rows[:, _AT["energy_a"]], rows[:, _AT["energy_b"]] = relation.rms_a[:, 0], relation.rms_b[:, 0]
    unsound = state != CODE[State.OK]
    if unsound.any():
        still = state == CODE[State.STILL]
        kept = rows[still][:, _DEFINED_IF_STILL]
        rows[unsound] = np.nan
        rows[np.ix_(still, _DEFINED_IF_STILL)] = kept
    return state, rows, spectra


def _states(plan: Plan, samples: Array, seen: Array, still: NDArray[np.bool_]) -> NDArray[np.int8]:
    """Return the states of windows: `seen` is the joints' mean visibility [K, person, joint]."""
    at = plan.columns
    state = np.full(len(samples), CODE[State.OK], np.int8)
    state[still] = CODE[State.STILL]
    enough = has_enough(plan.layout, seen)
    state[~enough[:, 1]] = CODE[State.NO_PERSON_B]
    state[~enough[:, 0]] = CODE[State.NO_PERSON_A]
    present, delivered = samples[:, :, at.present] > 0.0, samples[:, :, at.delivered] > 0.0
    if plan.layout.has_noise:
        # With fewer than two frames a cycle, movement shows at frequencies that it does not have.
        first, second = (samples[:, :, at.frames.start + k : at.frames.stop : 3] for k in (0, 1))
        between = present & (second > first)  # not where one frame is repeated
        is_new = first[:, 1:] != first[:, :-1]
        frames = (is_new & (first[:, 1:] != second[:, :-1]) & between[:, 1:]).sum(axis=1)
        frames += ((second[:, 1:] != second[:, :-1]) & between[:, 1:]).sum(axis=1)
        is_rare = frames + 1 < plan.fewest * between.sum(axis=1)
        state[is_rare.any(axis=-1)] = CODE[State.GAP]
    partial = np.flatnonzero(~samples[:, :, at.both].all(axis=-1))
    if len(partial):
        for why, where in reversed(reasons(plan.taper, present[partial], delivered[partial])):
            state[partial[where]] = CODE[why]
    return state


def relate(plan: Plan, spectra: Spectra) -> Relation:
    """Return C and its parts, of the body and of each region."""
    a, b = _flat(spectra.a), _flat(spectra.b)
    half = a.shape[-1] // 2
    # X_A · conj(X_B), written out: fused complex products round differently by position
    straight = a * b
    crossed = a[..., half:] * b[..., :half] - a[..., :half] * b[..., half:]
    counts = spectra.counts.astype(float)[:, None]
    real = product(counts, straight)[:, 0]
    imag = product(counts, crossed)[:, 0]
    cross = np.concatenate([real[:, :half] + real[:, half:], imag], axis=1)
    by_channel = np.empty((*spectra.counts.shape[:1], 5, a.shape[1]))
    by_channel[:, 0], by_channel[:, 1] = dot(a, b), dot(crossed, np.ones(half))
    by_channel[:, 2], by_channel[:, 3] = dot(a, a), dot(b, b)
    by_channel[:, 4] = counts[:, 0]
    re, im, p_a, p_b, number = product(by_channel * counts, plan.parts).transpose(1, 0, 2)
    # 2/size is Parseval's factor for one-sided spectra; dividing by Σw² makes it a mean.
    unit = (2.0 / plan.size) / dot(spectra.weights, spectra.weights)[:, None] / number
    rms_a, rms_b = np.sqrt(unit * p_a), np.sqrt(unit * p_b)
    moving = (np.minimum(rms_a, rms_b) >= plan.floor) & (np.minimum(p_a, p_b) > 0.0)
    norm = np.where(moving, np.sqrt(p_a) * np.sqrt(p_b), np.nan)
    return Relation(re / norm, im / norm, rms_a, rms_b, cross, norm)


def mirroring(
    plan: Plan, relation: Relation, weights: Array, weights_b: Array | None = None
) -> tuple[Array, Array]:
    """Return the maximum of ρ over the lags [K], and its lag, s [K] (see `EQUAL_PEAKS`).

    `weights` [K, sample] are those of both people's windows, or with `weights_b` those of A's.
    """
    norm = relation.norm[:, :1]
    overlap = plan.overlap[None]
    others = weights if weights_b is None else weights_b
    whole = (np.minimum(weights, others) > 0.0).all(axis=-1)
    if not whole.all():
        overlap = np.repeat(overlap, len(weights), axis=0)
        overlap[~whole] = lagged_overlap(weights[~whole], others[~whole], plan.lags)
    rho = _correlation(plan, relation.cross) / (norm * overlap)
    np.copyto(rho, -np.inf, where=overlap < LEAST_OVERLAP)
    peak = rho.max(axis=-1)
    # Candidates are the highest, and inner peaks that are nearly as high.
    candidate = rho == peak[:, None]
    enough = (1.0 - EQUAL_PEAKS) * np.minimum(peak, 1.0)
    inner = (rho[:, 1:-1] >= rho[:, :-2]) & (rho[:, 1:-1] >= rho[:, 2:])
    candidate[:, 1:-1] |= inner & (rho[:, 1:-1] >= enough[:, None])
    # Nearest to 0 first; between +τ and −τ, the higher one.
    cost = np.where(candidate, np.abs(plan.lags) - 0.5 * rho / peak[:, None], np.inf)
    lag = plan.lags[cost.argmin(axis=-1)] / plan.rate
    height = _unit(peak)
    return height, np.where(height > 0.0, lag, np.nan)


def phase_scores(real: Array, imag: Array) -> dict[str, Array]:
    """Return `in_phase`, `anti_phase` and `coherence` of C, in its shape."""
    return {
        "in_phase": _unit(real),
        "anti_phase": _unit(-real),
        "coherence": np.minimum(np.sqrt(real**2 + imag**2), 1.0),
    }


def _spectrum(plan: Plan, samples: Array, scale: Array, facing: Array, mask: int) -> Array:
    """Real and imaginary part of X within the band, in shoulder widths [K, 2, channel, f].

    `samples` [K, sample, channel + 1] are channels and, in place `mask`, 1 where they count.
    """
    moved = _transform(plan, samples)
    channels, present = moved[:, 1:] if mask == 0 else moved[:, :-1], moved[:, mask]
    # Everything is linear: the mean is removed from the spectra.
    mean = channels[:, :, -1] / present[:, -1:]
    x = channels[:, :, :-1] - mean[:, :, None] * present[:, None, :-1]
    if not plan.layout.regions:
        x[_is_constant(samples, mean, x, mask)] = 0.0
    x *= (np.where(plan.layout.sideways, facing[:, None], 1.0) / scale[:, None])[:, :, None]
    return x.reshape(*mean.shape, 2, -1).transpose(0, 2, 1, 3)


def _drop_noise(plan: Plan, spectra: Spectra, samples: Array, seen: Array, scale: Array) -> None:
    """Keep only movement that stands out of the landmarks' noise, in place.

    `seen` is the visibility [K, person, joint], `scale` [person, K].
    """
    at = plan.columns
    both = product(samples[:, :, at.both : at.both + 1].transpose(0, 2, 1), plan.late)[:, 0]
    # One product for each: its shape decides how it is rounded.
    jitter, shake = (
        product(samples[:, :, each].transpose(0, 2, 1), plan.late)[:, :, 0] / both
        for each in (at.jitter, at.shake)
    )
    energy = dot(spectra.weights, spectra.weights)
    for person, x in enumerate((spectra.a, spectra.b)):
        drop_noise(
            x,
            jitter[:, person * JITTER_COLUMNS : (person + 1) * JITTER_COLUMNS],
            shake[:, person],
            energy / scale[person] ** 2,
            seen[:, person, OWN_JOINT],
            spectra.counts,
            (2.0 / plan.size) / energy,
            0.5 * plan.size,
            plan.least,
        )


def _transform(plan: Plan, samples: Array) -> Array:
    """Tapered spectra, real parts first, and tapered sums [K, column, 2 · f + 1]."""
    series = samples.transpose(0, 2, 1)
    if plan.transform is not None:
        return product(series, plan.transform)
    tapered = series * plan.taper
    bins = rfft(tapered, plan.size, axis=-1)[..., plan.band]
    return np.concatenate([bins.real, bins.imag, tapered.sum(axis=-1)[..., None]], axis=-1)


def _is_constant(samples: Array, mean: Array, x: Array, mask: int) -> NDArray[np.bool_]:
    """Which channels of a plain series do not move [K, channel] (see `ROUNDING`)."""
    least = ROUNDING * np.abs(mean)
    # A channel with more power than this is not constant: no need to look at its samples.
    suspect: NDArray[np.bool_] = dot(x, x) <= x.shape[-1] * (2.0 * samples.shape[1] * least) ** 2
    for window in np.flatnonzero(suspect.any(axis=-1)):
        values = np.delete(samples[window], mask, axis=1)[samples[window, :, mask] > 0.0]
        suspect[window] = (np.abs(values - mean[window]) <= least[window]).all(axis=0)
    return suspect


def _correlation(plan: Plan, cross: Array) -> Array:
    """Return Re Σ_f S[f]·exp(−j2πfτ) at the lags [K, lag]."""
    if plan.shifts is not None:
        return product(cross[:, None], plan.shifts)[:, 0]
    half = cross.shape[1] // 2
    spectrum = np.zeros((len(cross), plan.size // 2 + 1), complex)
    # conj(S), so that the transform's positive times are positive lags
    spectrum.real[:, plan.band], spectrum.imag[:, plan.band] = cross[:, :half], -cross[:, half:]
    # irfft adds each bin and its conjugate: half of size times it is Re Σ_f
    turned: Array = irfft(spectrum, plan.size, axis=-1)[:, plan.lags] * (0.5 * plan.size)
    return turned


def lagged_overlap(a: Array, b: Array, lags: NDArray[np.intp]) -> Array:
    """Normalised Σ_t a(t)·b(t + τ) of weights [K, sample] at the lags τ [K, lag]."""
    size = 2 * a.shape[-1]
    one, other = rfft(a, size, axis=-1), rfft(b, size, axis=-1)
    product_of_both = np.empty_like(one)
    product_of_both.real = one.real * other.real + one.imag * other.imag
    product_of_both.imag = one.real * other.imag - one.imag * other.real
    overlap: Array = irfft(product_of_both, size, axis=-1)[:, lags]
    return overlap / np.sqrt(dot(a, a) * dot(b, b))[:, None]


def _median(values: Array) -> Array:
    """Median [person, K] of values [K, sample, person], ignoring NaN; NaN if all are."""
    ordered = np.ascontiguousarray(values.transpose(2, 0, 1))
    ordered.sort(axis=-1)  # NaN sorts last
    size = ordered.shape[-1]
    low, high = ordered[..., (size - 1) // 2], ordered[..., size // 2]
    if np.isnan(ordered[..., -1]).any():
        count = (~np.isnan(ordered)).sum(axis=-1)
        middle = [np.maximum(count - 1, 0) // 2, np.minimum(count // 2, size - 1)]
        low, high = (np.take_along_axis(ordered, at[..., None], axis=-1)[..., 0] for at in middle)
    median: Array = 0.5 * (low + high)
    return median


def _flat(spectra: Array) -> Array:
    """Spectra [K, 2, channel, f] as [K, channel, 2 · f], without a copy if made by `_spectrum`."""
    rows = np.ascontiguousarray(spectra.transpose(0, 2, 1, 3))
    return rows.reshape(*rows.shape[:2], -1)


def _unit(values: Array) -> Array:
    """Limit to 0…1, keeping NaN; `numpy.clip` takes longer for a few values."""
    return np.minimum(np.maximum(values, 0.0), 1.0)


def _degrees(real: Array, imag: Array) -> Array:
    angle = np.degrees(np.arctan2(np.ascontiguousarray(imag), np.ascontiguousarray(real)))
    return np.where(angle <= -180.0, 180.0, angle)
