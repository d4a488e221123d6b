"""SUSY: surrogate synchrony, cross-correlation of segments against shuffled segments.

Tschacher, W., & Meier, D. (2020). Physiological synchrony in psychotherapy sessions. Psychotherapy
Research, 30(5), 558–573. Tschacher, W., & Haken, H. (2019). The process of psychotherapy: Causation
and chance. Springer. Figures as of SUSY 0.1.0.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.fft import irfft, next_fast_len, rfft

from mirror.analysis.published.inputs import Array, number, pair, samples
from mirror.errors import SeriesError


@dataclass(frozen=True, eq=False)
class Profile:
    """Fisher's z by lag, of the real segments and of the surrogates."""

    lag_s: Array  # [lag]: seconds, rising; positive = B follows A
    real: Array  # [lag]: mean z over the segments
    pseudo: Array  # [lag]: mean z over all pairs of two different segments

    @property
    def z(self) -> float:
        """Mean of `real`: ``Z``, and ``Z(noAbs)`` of the signed profile."""
        return float(self.real.mean())

    @property
    def z_pseudo(self) -> float:
        """Mean of `pseudo`: ``Z-Pseudo``."""
        return float(self.pseudo.mean())

    @property
    def sd(self) -> float:
        """SD over the lags of `real` (n − 1): ``SD(Z)``."""
        return _sd(self.real)

    @property
    def sd_pseudo(self) -> float:
        """SD over the lags of `pseudo`: ``SD(Z-Pseudo)``. Of lags, not of surrogates."""
        return _sd(self.pseudo)

    @property
    def effect_size(self) -> float:
        """(z − z_pseudo) / sd_pseudo: ``ES``."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return float((self.real.mean() - self.pseudo.mean()) / np.float64(self.sd_pseudo))

    @property
    def percent_above(self) -> float:
        """Percentage of lags at which `real` is above `pseudo`: ``%>Pseudo``."""
        return 100.0 * float((self.real > self.pseudo).mean())

    @property
    def lead1(self) -> "Profile":
        """The lags above 0, where A leads: ``Z(lead1)`` and ``ES(lead1)``."""
        return self._at(self.lag_s > 0)

    @property
    def lead2(self) -> "Profile":
        """The lags below 0, where B leads: ``Z(lead2)`` and ``ES(lead2)``."""
        return self._at(self.lag_s < 0)

    def _at(self, lags: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> "Profile":
        return Profile(self.lag_s[lags], self.real[lags], self.pseudo[lags])


@dataclass(frozen=True, eq=False)
class Susy:
    """Result of `susy`."""

    absolute: Profile  # of the absolute z: negative correlation counts as synchrony
    signed: Profile  # of the signed z: the columns that SUSY calls ``noAbs``
    segments: int
    samples: int  # number of samples present in both series

    @property
    def in_phase(self) -> Array:
        """Non-negative values of the signed profile [lag]: ``meanZ(in-phase)``.

        Not a phase, unlike `mirror.Score.in_phase`: anti-phase is positive half a period later.
        """
        return self.signed.real[self.signed.real >= 0]

    @property
    def anti_phase(self) -> Array:
        """Negative values of the signed profile [lag]: ``meanZ(anti-phase)``."""
        return self.signed.real[self.signed.real < 0]


def susy(
    a: ArrayLike, b: ArrayLike, rate: float, *, segment: float = 30.0, maxlag: float = 3.0
) -> Susy:
    """Cross-correlate segments of two series, and every segment with every other one's partner.

    The series are cut into n consecutive segments of R samples; a remainder is left out. With
    the deviations a′ᵢ, b′ₕ from the mean of the whole segment, for lag τ::

        r(i, h, τ) = Σ_t a′ᵢ[t] · b′ₕ[t + τ] / sqrt(Σ a′ᵢ² · Σ b′ₕ²)     (R's ``ccf``)
        real(τ)    = Σ_i z(i, i, τ) / n                  z = atanh r, or |atanh r|
        pseudo(τ)  = Σ_{i≠h} z(i, h, τ) / (n · (n − 1))

    Fewer terms at longer lags are divided by the same norm, so long lags are attenuated. SUSY's
    sign is R's (negative = B follows A) and is **reversed** here: positive = B follows A.

    Parameters
    ----------
    a, b : array_like [sample]
        Any plain series of A and of B. A sample missing (NaN) in either is removed from both, as
        in SUSY.
    rate : float
        Samples a second.
    segment, maxlag : float
        Length of a segment and longest lag in seconds; whole samples, segment ≥ 2 · maxlag.

    Returns
    -------
    Susy
        As in SUSY, a constant segment counts as z = 0; two equal ones make z infinite at that lag.

    Raises
    ------
    SeriesError
        If the series differ in length or hold fewer than two segments, or a duration is invalid.
    """
    first, second, rate = pair(a, b, rate)
    segment, maxlag = number(segment, "segment"), number(maxlag, "maxlag")
    length = samples(segment, rate, "segment", least=2)
    lag = samples(maxlag, rate, "maxlag")
    if length < 2 * lag:
        raise SeriesError(
            f"segment of {segment:g} s is under twice the maxlag of {maxlag:g} s; "
            f"make it {2 * maxlag:g} s or more"
        )
    both = ~(np.isnan(first) | np.isnan(second))
    count = int(both.sum()) // length
    if count < 2:
        raise SeriesError(
            f"both series are there for {both.sum() / rate:g} s; SUSY needs two segments of "
            f"{segment:g} s, so choose a shorter segment"
        )
    a_segments = first[both][: count * length].reshape(count, length)
    b_segments = second[both][: count * length].reshape(count, length)
    size = next_fast_len(length + lag, real=True)
    a_spectra = rfft(_unit(a_segments), size).conj()
    b_spectra = rfft(_unit(b_segments), size)
    around = np.arange(-lag, lag + 1) % size
    real, pseudo = np.zeros((2, around.size)), np.zeros((2, around.size))
    for i, spectrum in enumerate(a_spectra):
        r = irfft(spectrum * b_spectra, size)[:, around]
        with np.errstate(divide="ignore"):
            z = np.nan_to_num(np.arctanh(np.clip(r, -1.0, 1.0)), posinf=np.inf, neginf=-np.inf)
        kinds = np.stack([np.abs(z), z])
        real += kinds[:, i]
        pseudo += np.delete(kinds, i, axis=1).sum(axis=1)
    real /= count
    pseudo /= count * (count - 1)
    lags = np.arange(-lag, lag + 1) / rate
    return Susy(
        absolute=Profile(lags, real[0], pseudo[0]),
        signed=Profile(lags, real[1], pseudo[1]),
        segments=count,
        samples=int(both.sum()),
    )


def _unit(segments: Array) -> Array:
    """Deviations from each segment's mean at norm 1, NaN if it is constant."""
    deviations = segments - segments.mean(axis=1, keepdims=True)
    norm = np.sqrt((deviations**2).sum(axis=1, keepdims=True))
    changes = segments.max(axis=1, keepdims=True) > segments.min(axis=1, keepdims=True)
    unit: Array = deviations / np.where(changes, norm, np.nan)
    return unit


def _sd(values: Array) -> float:
    with np.errstate(invalid="ignore"):
        return float(values.std(ddof=1)) if values.size > 1 else np.nan
