"""The scores of a window: one complex number from the cross-spectrum of two people's movement.

With taper w, channels c and the frequencies f of the band::

    X_p[c,f] = rfft(w · (x_p[c] − mean))        p = A, B; the mean is weighted by w
    S[f]     = Σ_c X_A[c,f] · conj(X_B[c,f])    cross-spectrum
    P_p      = Σ_{c,f} |X_p[c,f]|²
    C        = Σ_f S[f] / sqrt(P_A · P_B)       |C| ≤ 1 (Cauchy–Schwarz)
    ρ(τ)     = Re Σ_f S[f]·exp(−j2πfτ) / (sqrt(P_A · P_B) · overlap(τ))

`score_windows` computes any number of windows at once. No operation in it mixes windows: the result
for one is the same to the last bit, computed alone or among others.

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
from mirror.estimator.movement import Layout, Movement
from mirror.estimator.validity import (
    CODE,
    Array,
    drop_other_shapes,
    has_enough,
    joint_visibility,
    reasons,
    visible_channels,
)
from mirror.landmarks import MIN_VISIBILITY
from mirror.settings import Settings
from mirror.timeline import State

FROM_BEHIND = 0.5
"""A person is seen from behind if the left shoulder is left of the right one in the frame by at
least this share of the scale: turned away by some 20° more than in profile, where the order is
random.
"""

ROUNDING = 1e-9
"""A channel of a plain series this close to its mean, as a share of it, is constant.

The deviations of a constant from its mean are rounding errors, which correlate with anything.
"""

LEAST_OVERLAP = 0.35
"""Lags at which the taper overlaps itself by less than this are not searched.

ρ is divided by the overlap, so a small one amplifies chance. With the default window and taper,
every lag up to 2 s overlaps by more.
"""

EQUAL_PEAKS = 0.05
"""Peaks of ρ(τ) this close below the highest count as equal; the one nearest to 0 is the lag.

A rhythm repeats: two walkers in step are in step one stride later, too, and noise would choose.
"""


def taper(settings: Settings) -> Array:
    """Return the taper, one value per sample of the window, 0…1.

    ``lopsided`` rises as sin² over window − 1 s and falls as cos² over the last second; ``hann``,
    and any window under 2 s, rises and falls over half of the window each. Samples are in the
    middle of their grid step, so that none has weight 0.
    """
    count = round(settings.window * settings.rate)
    fall = 0.5 * settings.window if settings.taper == "hann" else min(1.0, 0.5 * settings.window)
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
    layout : Layout
    """

    taper: Array
    size: int
    band: slice
    lags: NDArray[np.intp]
    rate: float
    floor: float
    layout: Layout

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
        return cls(weights, size, band, lags, settings.rate, settings.floor, layout)


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
    """Relation of two people's movement in K windows, from some of the channels.

    Attributes
    ----------
    real, imag : ndarray [K]
        C; NaN if one of the two is still.
    rms_a, rms_b : ndarray [K]
        Movement within the band, in shoulder widths.
    cross : (ndarray, ndarray)
        Real and imaginary part of S [K, f].
    norm : ndarray [K]
        sqrt(P_A · P_B); NaN if one of the two is still.
    """

    real: Array
    imag: Array
    rms_a: Array
    rms_b: Array
    cross: tuple[Array, Array]
    norm: Array


def score_windows(
    plan: Plan, a: Movement, b: Movement
) -> tuple[NDArray[np.int8], dict[str, Array], Spectra]:
    """Return states, scores and spectra of K windows.

    Parameters
    ----------
    plan : Plan
    a, b : Movement
        With a leading window axis and time last: channels [K, channel, sample], visibility
        [K, joint, sample], the rest [K, sample].

    Returns
    -------
    (ndarray of int8 [K], dict of str to ndarray [K], Spectra)
        Index into `STATES`; by name the columns of `mirror.timeline.Score` that follow from the
        spectra, NaN where undefined; and the spectra themselves.
    """
    a, b = drop_other_shapes(a), drop_other_shapes(b)
    both = a.present & b.present
    weights = plan.taper * both
    with np.errstate(divide="ignore", invalid="ignore"):
        seen_a, seen_b = joint_visibility(a, both), joint_visibility(b, both)
        is_visible = np.minimum(seen_a, seen_b) >= MIN_VISIBILITY
        counts = visible_channels(plan.layout, is_visible)
        spectra = Spectra(_spectrum(plan, a, weights), _spectrum(plan, b, weights), counts, weights)
        body = relate(plan, spectra)
        columns = phase_scores(body.real, body.imag)
        columns["relative_phase_deg"] = _degrees(body.real, body.imag)
        columns["mirroring"], columns["lag_s"] = mirroring(plan, body, weights)
        columns["energy_a"], columns["energy_b"] = body.rms_a, body.rms_b
        for name, at in plan.layout.regions.items():
            part = relate(plan, spectra, at)
            columns |= phase_scores(part.real, part.imag, f"_{name}")
        causes = reasons(plan.taper, a, b, (weights * weights).sum(axis=-1)) | {
            # tracked, but the reference joints are not visible
            "hidden_a": (State.NO_PERSON_A, ~has_enough(plan.layout, seen_a)),
            "hidden_b": (State.NO_PERSON_B, ~has_enough(plan.layout, seen_b)),
            "still": (State.STILL, np.isnan(body.norm)),
        }
        codes = [CODE[state] for state, _ in causes.values()]
        holds = [where for _, where in causes.values()]
        state = np.select(holds, codes, default=CODE[State.OK]).astype(np.int8)
    unsound = state != CODE[State.OK]
    for name, values in columns.items():
        blank = unsound & (state != CODE[State.STILL]) if name.startswith("energy") else unsound
        values[blank] = np.nan
    return state, columns, spectra


def relate(plan: Plan, spectra: Spectra, at: slice = slice(None)) -> Relation:
    """Return C and its parts, from those of the channels `at` (by default all) that count."""
    counts = spectra.counts[:, at]
    a_re, a_im, b_re, b_im = (each[:, k, at] for each in (spectra.a, spectra.b) for k in (0, 1))
    # X_A · conj(X_B), written out: fused complex products round differently by position
    real, imag = a_re * b_re + a_im * b_im, a_im * b_re - a_re * b_im
    cross = _channels_sum(real, counts), _channels_sum(imag, counts)
    p_a = _channels_sum(a_re**2 + a_im**2, counts).sum(axis=-1)
    p_b = _channels_sum(b_re**2 + b_im**2, counts).sum(axis=-1)
    # 2/size is Parseval's factor for one-sided spectra; dividing by Σw² makes it a mean.
    unit = (2.0 / plan.size) / (spectra.weights**2).sum(axis=-1) / counts.sum(axis=-1)
    rms_a, rms_b = np.sqrt(unit * p_a), np.sqrt(unit * p_b)
    moving = (rms_a >= plan.floor) & (rms_b >= plan.floor) & (p_a > 0.0) & (p_b > 0.0)
    norm = np.where(moving, np.sqrt(p_a) * np.sqrt(p_b), np.nan)
    real_c, imag_c = cross[0].sum(axis=-1) / norm, cross[1].sum(axis=-1) / norm
    return Relation(real_c, imag_c, rms_a, rms_b, cross, norm)


def mirroring(plan: Plan, relation: Relation, weights: Array) -> tuple[Array, Array]:
    """Return the maximum of ρ over the lags [K], and its lag, s [K] (see `EQUAL_PEAKS`)."""
    spectrum = np.zeros((len(weights), plan.size // 2 + 1), complex)
    # conj(S), so that the transform's positive times are positive lags
    spectrum.real[:, plan.band] = relation.cross[0]
    spectrum.imag[:, plan.band] = -relation.cross[1]
    # irfft adds each bin and its conjugate: half of size times it is Re Σ_f
    correlation = irfft(spectrum, plan.size, axis=-1)[:, plan.lags] * (0.5 * plan.size)
    own = rfft(weights, 2 * weights.shape[-1], axis=-1)
    overlap = irfft(own.real**2 + own.imag**2, 2 * weights.shape[-1], axis=-1)[:, plan.lags]
    overlap = overlap / (weights * weights).sum(axis=-1)[:, None]
    norm = relation.norm[:, None]
    rho = np.where(overlap >= LEAST_OVERLAP, correlation / (norm * overlap), -np.inf)
    peak = rho.max(axis=-1)
    # Candidates are the highest, and inner peaks that are nearly as high.
    candidate = rho == peak[:, None]
    enough = (1.0 - EQUAL_PEAKS) * np.minimum(peak, 1.0)
    inner = (rho[:, 1:-1] >= rho[:, :-2]) & (rho[:, 1:-1] >= rho[:, 2:])
    candidate[:, 1:-1] |= inner & (rho[:, 1:-1] >= enough[:, None])
    # Nearest to 0 first; between +τ and −τ, the higher one.
    cost = np.where(candidate, np.abs(plan.lags) - 0.5 * rho / peak[:, None], np.inf)
    lag = plan.lags[cost.argmin(axis=-1)] / plan.rate
    height = np.where(np.isnan(relation.norm), np.nan, np.clip(peak, 0.0, 1.0))
    return height, np.where(height > 0.0, lag, np.nan)


def phase_scores(real: Array, imag: Array, suffix: str = "") -> dict[str, Array]:
    """Return `in_phase`, `anti_phase` and `coherence` of C, in its shape."""
    return {
        "in_phase" + suffix: np.clip(real, 0.0, 1.0),
        "anti_phase" + suffix: np.clip(-real, 0.0, 1.0),
        "coherence" + suffix: np.minimum(np.sqrt(real**2 + imag**2), 1.0),
    }


def facing(person: Movement) -> Array:
    """Return −1 [K] if the person is seen from behind in most of the window, else 1.

    A movement to the left, seen from the front, is one to the right, seen from behind.
    """
    return np.where(_median(person.across) <= -FROM_BEHIND * _median(person.scale), -1.0, 1.0)


def _spectrum(plan: Plan, person: Movement, weights: Array) -> Array:
    """Real and imaginary part of X within the band, in shoulder widths [K, 2, channel, f]."""
    x = person.channels
    mean = (x * weights[:, None, :]).sum(axis=-1) / weights.sum(axis=-1)[:, None]
    scale = _median(person.scale)[:, None] * np.where(
        plan.layout.sideways, facing(person)[:, None], 1.0
    )
    about = x - mean[:, :, None]
    if not plan.layout.regions:
        most = np.where(weights[:, None, :] > 0.0, np.abs(about), 0.0).max(axis=-1)
        about = np.where((most <= ROUNDING * np.abs(mean))[:, :, None], 0.0, about)
    tapered = about * weights[:, None, :] / scale[:, :, None]
    bins = rfft(tapered, plan.size, axis=-1)[..., plan.band]
    return np.stack([bins.real, bins.imag], axis=1)


def _median(values: Array) -> Array:
    """Median over the last axis, ignoring NaN; NaN if all are."""
    ordered = np.sort(values, axis=-1)  # NaN sorts last
    count = (~np.isnan(values)).sum(axis=-1)
    low, high = np.maximum(count - 1, 0) // 2, count // 2
    high = np.minimum(high, values.shape[-1] - 1)
    rows = np.arange(len(values))
    middle: Array = 0.5 * (ordered[rows, low] + ordered[rows, high])
    return np.where(count > 0, middle, np.nan)


def _channels_sum(values: Array, counts: NDArray[np.bool_]) -> Array:
    """Sum over the channels that count [K, f]."""
    total: Array = np.where(counts[:, :, None], values, 0.0).sum(axis=1)
    return total


def _degrees(real: Array, imag: Array) -> Array:
    angle = np.degrees(np.arctan2(imag, real))
    return np.where(angle <= -180.0, 180.0, angle)
