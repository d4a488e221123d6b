"""Shared rhythms and tests against chance, computed from the poses of a recording."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from mirror.analysis.chance_test import movement_tests
from mirror.analysis.relative_phase import (
    CoherenceSpectrum,
    PhaseDistribution,
    coherence_of,
    coherence_spectrum,
    relative_phase,
)
from mirror.analysis.surrogates import TestResult
from mirror.errors import SettingsError
from mirror.estimator.align_arrays import AlignedFeed, PoseArrays
from mirror.estimator.estimator import score_movement
from mirror.estimator.spectrum import Plan
from mirror.estimator.windows import disjoint_window_spectra, window_spectra
from mirror.recording.reader import Recording
from mirror.recording.rescore import recorded_movement
from mirror.settings import Settings
from mirror.settings_history import SettingsHistory
from mirror.timeline import Span

SURROGATES: Final = 1000
SEED: Final = 0

_NO_POSES: Final = (
    "This recording holds scores of plain series, and not the series themselves; analyze their "
    "file again, with mirror analyze --series."
)


@dataclass(frozen=True, slots=True, eq=False)
class SharedRhythms:
    """Coherence spectrum and tests against chance."""

    spectrum: CoherenceSpectrum | None
    # Each score of the body and of regions, against `SURROGATES` draws of the local null.
    tests: tuple[TestResult, ...]
    why_untested: str  # why there are no tests; empty if there are

    def test(self, score: str, region: str = "body") -> TestResult | None:
        """Return the test of one score, if there is one."""
        return next((x for x in self.tests if (x.score, x.region) == (score, region)), None)


def shared_rhythms(recording: Recording, span: Span) -> tuple[SharedRhythms, PoseArrays | None]:
    """Compute spectrum and tests from poses, with the last settings: seconds for an hour.

    The poses are returned, too, if they are of two bodies.
    """
    if not recording.has_poses:
        return SharedRhythms(None, (), _NO_POSES), None
    settings, layout = recording.settings, recording.signals.layout
    times, a, b = recorded_movement(recording, settings)
    poses = a.poses if isinstance(a, AlignedFeed) else None
    plan, of = Plan.of(settings, layout), (times, a, b, layout, settings)
    halves = window_spectra(plan, times, a, b, len(plan.taper) // 2, span)
    spectrum = coherence_of(plan, halves)
    windows = disjoint_window_spectra(plan, times, a, b, span, halves)
    del halves  # two hours' are 42 MB
    rng = np.random.default_rng(SEED)
    try:
        tests = movement_tests(*of, "local", SURROGATES, rng, span, windows)
    except SettingsError as error:  # too few windows
        why = f"Too short to say what chance would give: {error}."
        return SharedRhythms(spectrum, (), why), poses
    return SharedRhythms(spectrum, tuple(tests), ""), poses


def phase_and_rhythms(
    recording: Recording, settings: Settings, span: Span
) -> tuple[PhaseDistribution, CoherenceSpectrum]:
    """Return distribution and spectrum of the relative phase, by `settings`.

    The stored rows are used if they have these settings and B is not shifted, else the poses.
    """
    times, a, b = recorded_movement(recording, settings)
    layout = recording.signals.layout
    if recording.settings_history == SettingsHistory(settings) and not recording.shift_b:
        timeline = recording.timeline()
    else:
        timeline = score_movement(times, a, b, layout, settings)
    return (
        relative_phase(timeline.within(span, settings.window), settings, span.start, span.end),
        coherence_spectrum(times, a, b, layout, settings, span),
    )
