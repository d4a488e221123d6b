"""The scores of a window: one complex number from the cross-spectrum of two people's movement.

With taper w, channels c and the frequencies f of the band::

    X_p[c,f] = np.fft.rfft(w · (x_p[c] − mean))        p = A, B; the mean is weighted by w
    S[f]     = Σ_c X_A[c,f] · conj(X_B[c,f])    cross-spectrum
    P_p      = Σ_{c,f} |X_p[c,f]|²
    C        = Σ_f S[f] / sqrt(P_A · P_B)       |C| ≤ 1 (Cauchy–Schwarz)
    ρ(τ)     = Re Σ_f S[f]·exp(−j2πfτ) / (sqrt(P_A · P_B) · overlap(τ))

`score_windows` computes any number of windows at once. No operation in it mixes windows: the result
for one is the same to the last bit, computed alone or among others. All that is linear in a window
is one matrix product, of a fixed shape for every window (see `mirror.estimator.products`).

Signs: phase is A minus B, positive = A ahead; lag is positive when B follows A.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirror.errors import SettingsError
from mirror.estimator.movement import OWN_JOINT, Layout
from mirror.estimator.noise import REACH, drop_noise, threshold
from mirror.estimator.products import dot, product
from mirror.estimator.table import Columns, drop_other_shapes, windows
from mirror.estimator.validity import CODE, Array, has_enough, reasons, visible_channels
from mirror.landmarks import MIN_VISIBILITY
from mirror.settings import Settings
from mirror.timeline import COLUMNS, REGIONS, State

# A person is seen from behind if the left shoulder is left of the right one in the frame by at
# least this share of the scale: some 20° beyond profile, where the order is random.
FROM_BEHIND = 0.5
ROUNDING = 1e-9
"""A channel of a plain series this close to its mean, as a share of it, is constant.

The deviations of a constant from its mean are rounding errors, which correlate with anything.
"""

FLOOR = 0.02  # the floor of landmarks whose noise is not measured, if the settings give none

LEAST_OVERLAP = 0.35
"""Lags at which the taper overlaps itself by less than this are not searched.

ρ is divided by the overlap, so a small one amplifies chance. With the default window and taper,
every lag up to 2 s overlaps by more.
"""

EQUAL_PEAKS = 0.05
"""Peaks of ρ(τ) this close below the highest count as equal; the one nearest to 0 is the lag.

A rhythm repeats: two walkers in step are in step one stride later, too, and noise would choose.
"""

STEPS_A_SECOND = 3.0  # of the power over time
ORDER = 5.0  # of means over the lags, for a 95th percentile

# Longer windows are transformed by FFT: their matrix would have more numbers than this.
_MAX_MATRIX = 2**17
_FEW = 16  # windows of which products fit the processor's cache
_RARE = 1.02  # tolerance of the frame rate: cameras hold theirs within some percent

PHASE_SCORES = ("in_phase", "anti_phase", "coherence")

_AT = {name: number for number, name in enumerate(COLUMNS)}
_PHASES = slice(_AT["in_phase"], _AT["coherence"] + 1)
_PHASE = _AT["relative_phase_deg"]
_MIRRORING = slice(_AT["mirroring"], _AT["lag_s"] + 1)
_ENERGIES = slice(_AT["energy_a"], _AT["energy_b"] + 1)
_OF_REGIONS = slice(_AT[f"in_phase_{REGIONS[0]}"], _AT[f"coherence_{REGIONS[-1]}"] + 1)
_OK, _STILL = np.int8(CODE[State.OK]), np.int8(CODE[State.STILL])


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


def _fast_length(least: int) -> int:
    """Return the smallest length from `least` on without prime factors above 5.

    As `scipy.fft.next_fast_len`, which takes a sixth of a second to import.
    """
    length = least
    while 30**30 % length:  # it divides a product of many 2, 3 and 5
        length += 1
    return length


@dataclass(frozen=True, eq=False)
class Plan:
    """Constants of the scoring that follow from the settings."""

    taper: Array  # [sample]
    size: int  # length of the transform: window and longest lag, so that lags do not wrap around
    band: slice  # the transform's bins within the band
    lags: NDArray[np.intp]  # in samples, −max … +max; positive = B follows A
    # As in the settings.
    rate: float
    floor: float
    fewest: float  # frames a tick from which on the band's highest frequency shows
    bins: int  # number of frequencies f within the band
    layout: Layout
    columns: Columns  # of the tables of both people's movement
    # [lag]: the taper's normalised autocorrelation: of windows in which nothing is missing.
    overlap: Array
    is_searched: bool  # whether the overlap is at least `LEAST_OVERLAP` at every lag
    ones: Array  # [1, sample]: from a window to its plain sums
    # [2, sample]: the taper's squares, and what weighs jitter: the same, but 0 at the first ticks,
    # whose jitter follows from ticks before them.
    squares: Array
    energies: Array  # [2]: their sums
    # By how much power must exceed that of the noise (`mirror.estimator.noise.threshold`).
    least: float
    lowest: float  # of the band, Hz
    # [channel, part]: 1 for the channels of the body (all) and of each region, in order; else 0.
    parts: Array
    # [sample, 2 · f]: from a window to the real parts of its tapered spectrum, then the imaginary
    # ones, without its mean if nothing is missing. None for windows so long that a fast transform
    # is faster. Zeros bring f to `width`, a multiple of 4, as that makes the product faster.
    transform: Array | None
    width: int
    # [2 · f, lag]: from a cross-spectrum, real parts first, to ρ(τ) times its norm and overlap.
    shifts: Array | None
    signs: Array  # [2 · f]: of the two products in the imaginary part of X_A · conj(X_B)
    # [2 · f, 2 · step]: from a spectrum, real parts first, to the movement and its quadrature.
    turns: Array

    @classmethod
    def of(cls, settings: Settings, layout: Layout) -> "Plan":
        """Return the plan for some settings and channels.

        Raise SettingsError if no frequency of the window's transform is within the band.
        """
        weights = taper(settings)
        reach = math.floor(settings.max_lag * settings.rate + 1e-6)
        size = _fast_length(len(weights) + reach)
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
        width = -(-len(inside) // 4) * 4
        if 2 * len(inside) * max(len(weights), len(lags)) <= _MAX_MATRIX:
            turns = np.exp(-2j * np.pi / size * (np.outer(np.arange(len(weights)), inside) % size))
            transform = weights[:, None] * _halves(turns, width)
            transform -= np.outer(weights, transform.sum(axis=0) / weights.sum())
            turns = np.exp(-2j * np.pi / size * (np.outer(inside, lags) % size))
            shifts = np.concatenate([turns.real, -turns.imag])
        times = np.arange(len(weights) - 1, -1, -max(1, round(settings.rate / STEPS_A_SECOND)))
        back = np.exp(-2j * np.pi / size * np.outer(times, inside))
        squares = np.stack([weights**2] * 2)
        squares[1, :REACH] = 0.0
        overlap = lagged_sums(weights, weights, lags) / (weights @ weights)
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
            bins=len(inside),
            layout=layout,
            columns=Columns.of(layout),
            overlap=overlap,
            is_searched=bool(overlap.min() >= LEAST_OVERLAP),
            ones=np.ones((1, len(weights))),
            squares=squares,
            energies=squares.sum(axis=1),
            least=threshold((high - low) * settings.window),
            lowest=low,
            parts=belongs,
            transform=transform,
            width=width,
            shifts=shifts,
            signs=np.repeat([-1.0, 1.0], width),
            turns=_halves(np.concatenate([back, 1j * back]), width).T.copy(),
        )


def _halves(bins: NDArray[np.complex128], width: int) -> Array:
    """Return the real parts of bins [..., f], then the imaginary ones, each as wide as given."""
    halves: Array = np.zeros((*bins.shape[:-1], 2 * width))
    count = bins.shape[-1]
    halves[..., :count], halves[..., width : width + count] = bins.real, bins.imag
    return halves


class Spectra(NamedTuple):
    """Both people's spectra within the band, in K windows."""

    # [K, 2, channel, f]: real and imaginary part of X, in shoulder widths.
    a: Array
    b: Array
    # [K, channel]: channels that count: their joints are visible in both people.
    counts: NDArray[np.bool_]
    weights: Array  # [K, sample]: the taper, 0 where one of the two is missing

    def take(
        self, rows: Sequence[int] | NDArray[np.intp] | NDArray[np.bool_], unit: Array | None = None
    ) -> "Spectra":
        """Return copies of some windows, in any order, in a unit of each person [K, person]."""
        a, b = self.a[rows], self.b[rows]
        if unit is not None:
            a, b = (x / unit[rows, k, None, None, None] for k, x in enumerate((a, b)))
        return Spectra(a, b, self.counts[rows], self.weights[rows])


@dataclass(frozen=True, slots=True, eq=False)
class Relation:
    """Relation of two people's movement in K windows, from the channels that count.

    The parts are the body and each region (`Plan.parts`).
    """

    # [K, part]: C; NaN if one of the two is still.
    real: Array
    imag: Array
    rms: Array  # [K, person]: movement of the body within the band, in shoulder widths
    cross: Array  # [K, 2 · f]: real parts of the body's S, then the imaginary ones
    norm: Array  # [K]: sqrt(P_A · P_B) of the body; NaN if one of the two is still
    # [K, 3]: how large in_phase, anti_phase and mirroring of the body are by chance: the root of
    # Bartlett's (1935) expected |C|² of independent movement of these spectra,
    # Σ_{c,f} P_A[c,f]·P_B[c,f] / (P_A · P_B), times the `coincidence` of power over time, of
    # mirroring at all lags (`lagged_coincidence`).
    content: Array


class Scored(NamedTuple):
    """Scores of K windows."""

    state: NDArray[np.int8]  # [K]: index into `STATES`
    # [K, column]: the columns of `mirror.timeline.Score`: NaN where undefined, and those that do
    # not follow from the window alone.
    rows: Array
    spectra: Spectra  # in frame heights
    width: Array  # [K, person]: shoulder widths, in frame heights
    content: Array  # [K, 3]: as in `Relation`


def score_windows(plan: Plan, table: Array, starts: NDArray[np.intp]) -> Scored:
    """Score the K windows of a table that begin at the ticks `starts` [K].

    It holds both people's movement [tick, person, column], by ``plan.columns``.
    """
    at, length = plan.columns, len(plan.taper)
    samples = windows(table, length, starts)
    # Of all these windows: whether a person may be seen from behind, or a frame's shape changes.
    ticks = table[int(starts[0]) : int(starts[-1]) + length]
    marks = ticks[..., at.across : at.shape + 1].T.copy()  # ticks side by side, which is faster
    leftmost, narrow = np.fmin.reduce(marks, axis=-1)
    if (np.fmax.reduce(marks[1], axis=-1) > narrow).any():
        samples = drop_other_shapes(at, samples)
    rows: Array = np.full((len(samples), len(COLUMNS)), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        sums = product(plan.ones, samples[..., at.averaged].transpose(0, 2, 1, 3))[:, :, 0]
        count = sums[:, 0, 0]
        partial, masks, (energy, late) = _missing(plan, samples, count)
        seen = sums[..., 1:-2] / count[:, None, None]
        is_seen = seen >= MIN_VISIBILITY
        counts = visible_channels(plan.layout, is_seen[:, 0] & is_seen[:, 1])
        scale = median(samples[..., at.scale])
        x = _spectra(plan, samples, partial, masks)
        # The power of a bin, in squared shoulder widths. 2/size is Parseval's factor for one-sided
        # spectra; dividing by Σw² makes it a mean.
        unit = (2.0 / plan.size) / (energy[:, None] * scale * scale)
        if leftmost.min() < 0.0:
            # A movement to the left, seen from the front, is one to the right, seen from behind.
            facing = np.ones((len(x), 2))
            facing[median(samples[..., at.across]) <= -FROM_BEHIND * scale] = -1.0
            x[:, :, plan.layout.sideways] *= facing[..., None, None]
        weighed = counts.astype(float)
        if plan.layout.has_noise:
            jitter = samples[..., at.jitter].transpose(0, 2, 1, 3)
            noise = product(plan.squares[1:], jitter)[:, :, 0] / late[:, None, None]
            of = noise, energy[:, None], seen[..., OWN_JOINT], weighed, unit
            power = drop_noise(x, *of, plan.bins, 0.5 * plan.size, plan.least, plan.lowest)
        else:
            power = dot(x, x)
        weights = plan.taper * samples[:, :, 0, at.both]
        overlap = overlaps(plan, weights, weights, partial)
        relation = _relate(plan, x, weighed, power, unit, weights, overlap)
        scores = phase_scores(relation.real, relation.imag)
        rows[:, _PHASES] = scores[..., 0].T
        if plan.layout.regions:
            rows[:, _OF_REGIONS] = scores[..., 1:].transpose(1, 2, 0).reshape(len(rows), -1)
        real, imag = (np.ascontiguousarray(each[:, 0]) for each in (relation.real, relation.imag))
        angle = np.degrees(np.arctan2(imag, real))
        rows[:, _PHASE] = np.where(angle <= -180.0, 180.0, angle)
        state = _states(plan, samples, is_seen, sums[..., -2:], partial, relation.norm)
        rows[:, _MIRRORING] = np.transpose(_mirroring(plan, relation, overlap))
        rows[state != _OK] = np.nan
        moved = (state == _OK) | (state == _STILL)
        rows[moved, _ENERGIES] = relation.rms[moved]
    halves = x.reshape(*x.shape[:3], 2, -1)[..., : plan.bins]
    a, b = halves.transpose(1, 0, 3, 2, 4)
    return Scored(state, rows, Spectra(a, b, counts, weights), scale, relation.content)


def _missing(plan: Plan, samples: Array, count: Array) -> tuple[NDArray[np.intp], Array, Array]:
    """Return the windows in which samples are missing, which ones, and what is left of weights.

    That is, 1 for samples there are [partial, sample], else 0; and sums of `Plan.squares` over them
    [2, K]. `count` [K] is their number.
    """
    partial = (count < len(plan.taper)).nonzero()[0]
    sums = plan.energies.repeat(len(samples)).reshape(2, -1)
    if not len(partial):
        return partial, plan.taper[:0], sums
    masks = np.ascontiguousarray(samples[partial, :, 0, plan.columns.both])
    sums[:, partial] = product(masks[:, None], plan.squares.T)[:, 0].T
    return partial, masks, sums


def _states(
    plan: Plan,
    samples: Array,
    is_seen: NDArray[np.bool_],
    frames: Array,
    partial: NDArray[np.intp],
    norm: Array,
) -> NDArray[np.int8]:
    """Return the codes of the states [K].

    `is_seen` [K, person, joint]: which joints are visible; `frames` [K, person, 2]: numbers of
    new frames, and of ticks between two; `partial`: windows in which samples are missing; `norm`
    [K]: NaN if one of the two is still.
    """
    state: NDArray[np.int8] = np.where(np.isnan(norm), _STILL, _OK)
    if not is_seen.all():
        enough = has_enough(plan.layout, is_seen)
        state[~enough[:, 1]] = CODE[State.NO_PERSON_B]
        state[~enough[:, 0]] = CODE[State.NO_PERSON_A]
    if plan.layout.has_noise:
        # With fewer than two frames a cycle, movement shows at frequencies that it does not have.
        first = samples[:, 0, :, plan.columns.new]  # against a tick before the window
        is_rare = frames[..., 0] - first + 1.0 < plan.fewest * frames[..., 1]
        state[is_rare[:, 0] | is_rare[:, 1]] = CODE[State.GAP]
    if len(partial):
        at = plan.columns.present, plan.columns.delivered
        known = (samples[partial, :, :, each] > 0.0 for each in at)
        for why, where in reversed(reasons(plan.taper, *known)):
            state[partial[where]] = CODE[why]
    return state


def _relate(
    plan: Plan, x: Array, counts: Array, power: Array, unit: Array, weights: Array, overlap: Array
) -> Relation:
    """Relate spectra, real parts first [K, person, channel, 2 · f].

    `power` [K, person, channel] is theirs; `counts` [K, channel] is 0 or 1; `unit` [K, person] the
    power of a bin in shoulder widths; `overlap` is of `overlaps`.
    """
    channels, half = x.shape[2], plan.width
    table = np.empty((len(x), 6, channels))
    of_body = np.empty((len(x), 4, half))
    # The four products in X_A · conj(X_B), not added yet: the sum of their squares is P_A · P_B.
    # (Fused complex products round differently by position.) Those of a few windows fit the cache.
    terms = np.empty((min(len(x), _FEW), channels, 4 * half))
    halves = x.reshape(len(x), 2, channels, 2, half)
    for start in range(0, len(x), _FEW):
        at = slice(start, start + _FEW)
        some = terms[: len(x) - start]
        of_a, of_b = halves[at, 0, :, :, None], halves[at, 1, :, None]
        np.multiply(of_a, of_b, out=some.reshape(-1, channels, 2, 2, half))
        table[at, 0] = dot(x[at, 0], x[at, 1])
        table[at, 1] = dot(some[..., half:-half], plan.signs)
        table[at, 2] = dot(some, some)
        of_body[at] = product(counts[at, None], some).reshape(-1, 4, half)
    table[:, 3:5], table[:, 5] = power, 1.0
    table *= counts[:, None]
    sums = product(table, plan.parts)  # [K, …, part]
    powers = sums[:, 3:5]
    rms = np.sqrt(unit[..., None] * powers / sums[:, 5:])
    moving = (powers > 0.0) & (rms >= plan.floor)
    root = np.sqrt(powers)
    norm = np.where(moving[:, 0] & moving[:, 1], root[:, 0] * root[:, 1], np.nan)
    alike = np.sqrt(sums[:, 2, 0]) / (root[:, 0, 0] * root[:, 1, 0])
    one, other = power_over_time(plan, x, counts, weights).swapaxes(0, 1)
    together = coincidence(one, other)
    lagged = lagged_coincidence(plan, one, other, overlap, STEPS_A_SECOND, ORDER)
    content = alike[:, None] * np.sqrt(np.array([together, together, lagged]).T)
    of_body = of_body[..., : plan.bins]
    cross = np.concatenate([of_body[:, 0] + of_body[:, 3], of_body[:, 2] - of_body[:, 1]], axis=1)
    real, imag = sums[:, 0] / norm, sums[:, 1] / norm
    return Relation(real, imag, rms[..., 0], cross, norm[:, 0], content)


def power_over_time(plan: Plan, x: Array, counts: Array, weights: Array) -> Array:
    """Return the power of the body [K, person, step] from spectra [K, person, channel, 2 · f].

    Times the square of the share of samples there, of those nearest to the step (0 in `weights`
    [K, sample] otherwise): movement goes on for a while, so that more of long runs agrees.
    """
    turns = plan.turns.reshape(2, plan.width, -1)[:, : x.shape[-1] // 2]  # f with zeros, or without
    moved = product(x, turns.reshape(x.shape[-1], -1))
    moved *= moved
    power = product(counts[:, None, None], moved)[:, :, 0]
    half = power.shape[-1] // 2
    power = power[..., :half] + power[..., half:]
    if weights.all():
        return power
    step, length = max(1, round(plan.rate / STEPS_A_SECOND)), weights.shape[-1]
    first = np.maximum(np.arange(0, length, step) - step // 2, 0)
    there = np.add.reduceat((weights[:, ::-1] > 0.0).astype(float), first, axis=-1)
    share = (there / np.diff(first, append=length))[:, None]
    return np.asarray(power * share * share)


def coincidence(a: Array, b: Array) -> Array:
    """Return T · Σ_t a·b / (Σ_t a · Σ_t b) of power over time [..., T]: 1 if b is constant."""
    return np.asarray(a.shape[-1] * dot(a, b) / (a.sum(axis=-1) * b.sum(axis=-1)))


def lagged_coincidence(
    plan: Plan, a: Array, b: Array, overlap: Array, steps_a_second: float, order: float
) -> Array:
    """Return how large the highest ρ(τ)² is by chance, of power over time [..., step], to a factor.

    ρ(τ)² of independent movement is proportional to o(τ) / overlap(τ)², with o the `coincidence` of
    a(t) with b(t + τ); this is the square of ρ's mean of that order over the lags, 0 at those that
    are not searched. `overlap` [..., lag] is as in `overlaps`.
    """
    step = max(1, round(plan.rate / steps_a_second))
    reach = int(plan.lags[-1]) // step
    middle, count = len(plan.lags) // 2, a.shape[-1]
    ends = np.zeros((*b.shape[:-1], reach))
    b_at = np.concatenate([ends, b, ends], axis=-1)
    shape, strides = (*b.shape[:-1], 2 * reach + 1, count), (*b_at.strides, b_at.strides[-1])
    shifted = np.ndarray(shape, float, b_at, strides=strides)  # `sliding_window_view` is slow
    together = count * dot(a[..., None, :], shifted[..., ::-1, :])  # the steps run backwards
    searched = overlap[..., middle - reach * step : middle + reach * step + 1 : step]
    whole = (a.sum(axis=-1) * b.sum(axis=-1))[..., None]  # in any unit: powers of it may overflow
    squares = np.where(searched >= LEAST_OVERLAP, together / whole / (searched * searched), 0.0)
    mean = np.add.reduce(squares ** (order / 2.0), axis=-1) / squares.shape[-1]
    return np.asarray(mean ** (2.0 / order))


def overlaps(plan: Plan, a: Array, b: Array, partial: NDArray[np.intp]) -> Array:
    """Return the overlap at each lag of the weights of windows, `a` [K, sample] with `b` [K or 1].

    [K, lag], or [lag] if in none samples are missing; `partial` are the windows in which they are.
    """
    if not len(partial):
        return plan.overlap
    one, other = a[partial], b[partial] if len(b) > 1 else b
    found: Array = np.tile(plan.overlap, (len(a), 1))
    sums = lagged_sums(one, one if a is b else other, plan.lags)
    found[partial] = sums / np.sqrt(dot(one, one) * dot(other, other))[:, None]
    return found


def _mirroring(plan: Plan, relation: Relation, overlap: Array) -> tuple[Array, Array]:
    """Return the maximum of ρ over the lags [K], and its lag, s [K] (see `EQUAL_PEAKS`)."""
    rho = correlation(plan, relation.cross[:, None])[:, 0] / relation.norm[:, None]
    rho = over_overlap(plan, rho, overlap)
    peak = np.maximum.reduce(rho, axis=-1)
    # Candidates are the highest, and inner peaks that are nearly as high.
    candidate = rho == peak[:, None]
    enough = (1.0 - EQUAL_PEAKS) * np.minimum(peak, 1.0)
    inner = rho[:, 1:-1]
    candidate[:, 1:-1] |= inner >= np.maximum(np.maximum(rho[:, :-2], rho[:, 2:]), enough[:, None])
    # Nearest to 0 first; between +τ and −τ, the higher one.
    cost = np.where(candidate, np.abs(plan.lags) - 0.5 * rho / peak[:, None], np.inf)
    height = _unit(peak)
    return height, np.where(height > 0.0, plan.lags[cost.argmin(axis=-1)] / plan.rate, np.nan)


def correlation(plan: Plan, cross: Array) -> Array:
    """Return Re Σ_f S[f]·exp(−j2πfτ) at the lags [..., lag] of S, real parts first [..., 2 · f]."""
    if plan.shifts is not None:
        return product(cross, plan.shifts)
    half = cross.shape[-1] // 2
    spectrum = np.zeros((*cross.shape[:-1], plan.size // 2 + 1), complex)
    # conj(S), so that the transform's positive times are positive lags
    spectrum.real[..., plan.band] = cross[..., :half]
    spectrum.imag[..., plan.band] = -cross[..., half:]
    # irfft adds each bin and its conjugate: half of size times it is Re Σ_f
    turned: Array = np.fft.irfft(spectrum, plan.size, axis=-1)[..., plan.lags] * (0.5 * plan.size)
    return turned


def over_overlap(plan: Plan, rho: Array, overlap: Array) -> Array:
    """Divide by the overlap at each lag [..., lag]; −inf where it is below `LEAST_OVERLAP`."""
    rho = rho / overlap
    if overlap is not plan.overlap or not plan.is_searched:
        np.copyto(rho, -np.inf, where=overlap < LEAST_OVERLAP)
    return rho


def phase_scores(real: Array, imag: Array) -> Array:
    """Return `PHASE_SCORES` of C along a new first axis."""
    return _unit(np.array([real, -real, np.sqrt(real * real + imag * imag)]))


def _spectra(plan: Plan, samples: Array, partial: NDArray[np.intp], masks: Array) -> Array:
    """Real and imaginary parts of X within the band [K, person, channel, 2 · f].

    `partial` are the windows in which samples are missing, `masks` [partial, sample] 1 elsewhere.
    """
    series = samples[..., plan.columns.channels].transpose(0, 2, 1, 3)
    x = _transformed(plan, series.transpose(0, 1, 3, 2))
    rows: slice | NDArray[np.intp] = partial
    if plan.transform is None or not plan.layout.regions:
        rows, masks = slice(None), samples[:, :, 0, plan.columns.both]
    if len(masks):  # Everything is linear: the mean is removed from the spectra.
        mean = product(plan.taper[None], series)[rows, :, 0]
        mean /= product(masks[:, None], plan.taper[:, None])[:, None, 0]
        x[rows] -= mean[..., None] * _transformed(plan, masks[:, None, None])
    if not plan.layout.regions:
        for person in range(2):
            still = _is_constant(plan, samples[:, :, person], mean[:, person], x[:, person])
            x[:, person][still] = 0.0
    return x


def _transformed(plan: Plan, series: Array) -> Array:
    """Tapered spectra within the band [..., 2 · f] of series [..., sample]."""
    if plan.transform is not None:
        return product(series, plan.transform)
    return _halves(np.fft.rfft(series * plan.taper, plan.size, axis=-1)[..., plan.band], plan.width)


def _is_constant(plan: Plan, samples: Array, mean: Array, x: Array) -> NDArray[np.bool_]:
    """Which channels of a plain series do not move [K, channel] (see `ROUNDING`).

    `samples` [K, sample, column] are of one person.
    """
    least = ROUNDING * np.abs(mean)
    # A channel with more power than this is not constant: no need to look at its samples.
    enough = 2 * plan.bins * (2.0 * samples.shape[1] * least) ** 2
    suspect: NDArray[np.bool_] = dot(x, x) <= enough
    at = plan.columns
    for window in np.flatnonzero(suspect.any(axis=-1)):
        values = samples[window, samples[window, :, at.both] > 0.0, at.channels]
        suspect[window] = (np.abs(values - mean[window]) <= least[window]).all(axis=0)
    return suspect


def lagged_sums(a: Array, b: Array, lags: NDArray[np.intp]) -> Array:
    """Return Σ_t a(t)·b(t + τ) of weights [..., sample] at the lags τ [..., lag]."""
    length = a.shape[-1]
    one = np.fft.rfft(a, 2 * length, axis=-1)
    other = one if b is a else np.fft.rfft(b, 2 * length, axis=-1)
    bins = np.empty(one.shape, complex)
    bins.real = one.real * other.real + one.imag * other.imag
    bins.imag = one.real * other.imag - one.imag * other.real
    # In C order: the order in memory decides how sums over the lags are rounded.
    sums: Array = np.fft.irfft(bins, 2 * length, axis=-1).take(lags, axis=-1)
    return sums


def median(values: Array) -> Array:
    """Return the median [K, n] of values [K, sample, n], ignoring NaN; NaN if all are."""
    ordered = values.transpose(0, 2, 1).copy()
    ordered.sort(axis=-1)  # NaN sorts last
    size = ordered.shape[-1]
    low, high = ordered[..., (size - 1) // 2], ordered[..., size // 2]
    if np.isnan(ordered[..., -1]).any():
        count = (~np.isnan(ordered)).sum(axis=-1)
        places = np.maximum(count - 1, 0) // 2, np.minimum(count // 2, size - 1)
        low, high = (np.take_along_axis(ordered, at[..., None], axis=-1)[..., 0] for at in places)
    middle: Array = 0.5 * (low + high)
    return middle


def _unit(values: Array) -> Array:
    """Limit to 0…1, keeping NaN; `numpy.clip` takes longer for a few values."""
    return np.minimum(np.maximum(values, 0.0), 1.0)
