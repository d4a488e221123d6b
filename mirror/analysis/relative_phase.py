"""Distribution of the relative phase, and coherence by frequency."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirror.estimator.movement import Layout, Person
from mirror.estimator.spectrum import Plan
from mirror.estimator.validity import CODE, Array
from mirror.estimator.windows import Found, window_spectra
from mirror.settings import Settings
from mirror.timeline import WHOLE, Span, State, Timeline

BINS = np.arange(0.0, 181.0, 20.0)  # edges of nine bins of |φ|, degrees (Schmidt & O'Brien 1997)


@dataclass(frozen=True, slots=True, eq=False)
class PhaseDistribution:
    """Distribution of the relative phase of a session or a part of it."""

    # [9]: share of the scored rows with |φ| within each of `BINS` (the upper edge of the last
    # included). Chance is 1/9 each.
    share: Array
    mean_deg: float  # circular mean of φ, (−180, 180]; positive = A ahead
    resultant: float  # mean resultant length, 0 (scattered) … 1 (constant)
    # Rayleigh's test against uniform phases (Zar 1999, eq. 27.4), on rows whose windows do not
    # overlap, as others are not independent.
    rayleigh_p: float
    # Number of scored rows, and of those whose windows do not overlap.
    rows: int
    independent: int


def relative_phase(
    timeline: Timeline, settings: Settings, start: float = -math.inf, end: float = math.inf
) -> PhaseDistribution:
    """Return the distribution of relative phase over the scored rows.

    Parameters
    ----------
    settings : Settings
        Those that the timeline was scored with.
    start, end : float
        Seconds: only rows whose whole window lies within count.

    Returns
    -------
    PhaseDistribution
        NaN if there are no scored rows.
    """
    inside = scored_within(timeline, settings, start, end)
    times, phase = timeline.time_s[inside], timeline.relative_phase_deg[inside]
    if not len(phase):
        return PhaseDistribution(np.full(9, np.nan), np.nan, np.nan, np.nan, 0, 0)
    vector = np.exp(1j * np.radians(phase))
    mean = vector.mean()
    apart = vector[_apart(times, settings.window)]
    counts, _ = np.histogram(np.abs(phase), BINS)
    return PhaseDistribution(
        share=counts / len(phase),
        mean_deg=float(np.degrees(np.angle(mean))),
        resultant=float(abs(mean)),
        rayleigh_p=rayleigh(apart),
        rows=len(phase),
        independent=len(apart),
    )


def scored_within(
    timeline: Timeline, settings: Settings, start: float = -math.inf, end: float = math.inf
) -> NDArray[np.bool_]:
    """Return which rows are scored and have their whole window within `start` to `end`, s."""
    started = timeline.time_s - (settings.window - 1.0 / settings.rate) >= start - 1e-6
    scored = (timeline.state == State.OK) & ~np.isnan(timeline.relative_phase_deg)
    inside: NDArray[np.bool_] = scored & started & (timeline.time_s <= end + 1e-6)
    return inside


def rayleigh(vectors: NDArray[np.complex128]) -> float:
    """Return p of Rayleigh's test for unit vectors, by Zar's (1999, eq. 27.4) approximation."""
    count = len(vectors)
    length = float(abs(vectors.sum()))
    root = math.sqrt(1 + 4 * count + 4 * (count**2 - length**2))
    return min(1.0, math.exp(root - (1 + 2 * count)))


def _apart(times: Array, window: float) -> list[int]:
    """Indices of rows whose windows do not overlap."""
    rows: list[int] = []
    for row, time in enumerate(times):
        if not rows or time - times[rows[-1]] >= window - 1e-6:
            rows.append(row)
    return rows


@dataclass(frozen=True, slots=True, eq=False)
class CoherenceSpectrum:
    """Coherence and phase by frequency, averaged over windows (Welch)."""

    frequency: Array  # [f]: Hz, within the band
    # [f]: |⟨S⟩| / sqrt(⟨P_A⟩⟨P_B⟩), 0…1, summed over channels and averaged over windows; for a
    # single channel, its square is the magnitude-squared coherence.
    coherence: Array
    # [f]: 95th percentile of the coherence of the same windows, B's shifted against A's by one
    # window or more (pseudo-synchrony); NaN if there are fewer than `MIN_SHIFTS` shifts.
    chance: Array
    phase_deg: Array  # [f]: arg ⟨S⟩, (−180, 180]; positive = A ahead
    # [f]: mean power of each person's movement, shoulder widths², in units of the transform.
    power_a: Array
    power_b: Array
    windows: int  # number of windows, half overlapping


def coherence_spectrum(
    times: Array, a: Person, b: Person, layout: Layout, settings: Settings, span: Span = WHOLE
) -> CoherenceSpectrum:
    """Return coherence and phase by frequency, averaged over the windows of a part.

    `times` [tick] are in seconds; `a` and `b` are mapped onto each other.
    """
    plan = Plan.of(settings, layout)
    return coherence_of(plan, window_spectra(plan, times, a, b, len(plan.taper) // 2, span))


def coherence_of(plan: Plan, halves: Found) -> CoherenceSpectrum:
    """Return coherence and phase by frequency of windows that start every half of one."""
    spectra, good = halves[1], halves[0] == CODE[State.OK]
    count, bins = int(good.sum()), spectra.a.shape[-1]
    cross, turning = np.zeros(bins, complex), np.zeros((count, bins), complex)
    power = np.zeros((2, bins))
    # One by one: the spectra of an hour are 30 MB.
    for channel in np.flatnonzero(spectra.counts[good].any(axis=0)):
        counts = spectra.counts[good, channel, None]
        x, y = (
            np.where(counts, each[good, 0, channel] + 1j * each[good, 1, channel], 0.0)
            for each in (spectra.a, spectra.b)
        )
        # Windows with more movement have more weight, as in Welch's method.
        cross += (x * y.conj()).sum(axis=0)
        power += [(np.abs(each) ** 2).sum(axis=0) for each in (x, y)]
        # Circular correlation along the windows: all shifts at once.
        turning += np.fft.fft(x, axis=0) * np.fft.fft(y, axis=0).conj()
    frequency: Array = np.fft.rfftfreq(plan.size, 1.0 / plan.rate)[plan.band].astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        norm = np.sqrt(power[0]) * np.sqrt(power[1])
        return CoherenceSpectrum(
            frequency=frequency,
            coherence=np.abs(cross) / norm,
            chance=_by_chance(turning) / norm,
            phase_deg=np.where(count, np.degrees(np.angle(cross)), np.nan),
            power_a=power[0] / count,
            power_b=power[1] / count,
            windows=count,
        )


MIN_SHIFTS = 20  # with fewer shifts, the 95th percentile would be above the highest of them
_MAX_SHIFTS = 200  # spread evenly over a longer session


def _by_chance(turning: NDArray[np.complex128]) -> Array:
    """95th percentile of |Σ S| [f] over circular shifts of B's windows.

    From the transform of their circular correlation along the windows [K, f].
    """
    # adjacent windows overlap by half, so a shift by one is too short
    shifts = np.arange(2, len(turning) - 1)
    if len(shifts) < MIN_SHIFTS:
        return np.full(turning.shape[-1], np.nan)
    if len(shifts) > _MAX_SHIFTS:
        shifts = shifts[np.linspace(0, len(shifts) - 1, _MAX_SHIFTS).round().astype(int)]
    sums = np.abs(np.fft.ifft(turning, axis=0))[shifts]
    # Weibull's plotting position is exceeded by chance in 5 % of cases for any number of shifts.
    level: Array = np.percentile(sums, 95, axis=0, method="weibull")
    return level
