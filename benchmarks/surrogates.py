"""Time of a test against a thousand surrogates of a session."""

from __future__ import annotations

import time

import numpy as np

from benchmarks.people import script_ticks
from benchmarks.plan import Plan, log
from benchmarks.tables import Table, load
from mirror import Settings
from mirror.analysis.surrogates import locally_drawn, pair_matrices, shifted, shuffled
from mirror.estimator.estimator import movement_from_ticks
from mirror.estimator.movement import BODY
from mirror.estimator.spectrum import Plan as SpectrumPlan
from mirror.estimator.windows import window_spectra

_SURROGATES = 1000


def measure(plan: Plan) -> list[Table]:
    """Measure the steps of `mirror test` on a recording's poses."""
    log(f"surrogates: {plan.hours:g} h of landmarks")
    settings = Settings()
    ticks = script_ticks(round(plan.hours * 3600 * settings.rate))
    spectral = SpectrumPlan.of(settings, BODY)
    rng = np.random.default_rng(0)
    began = [time.perf_counter()]

    def spent() -> str:
        began.append(time.perf_counter())
        return f"{began[-1] - began[-2]:.2f}"

    times, a, b = movement_from_ticks(ticks, settings)
    rows = [("movement from landmarks", spent())]
    _, spectra, _ = window_spectra(spectral, times, a, b, len(spectral.taper))
    rows.append(("spectra of windows that do not overlap", spent()))
    matrices = pair_matrices(spectral, spectra, spectra)
    rows.append(("scores of every window of A with every one of B", spent()))
    found = locally_drawn(spectral, spectra, _SURROGATES, rng)
    rows.append((f"{_SURROGATES} local shuffles, at equal overlap", spent()))
    found = shuffled(matrices, _SURROGATES, rng)
    rows.append((f"{_SURROGATES} shuffles of those, {len(found)} scores and regions", spent()))
    found = shifted(matrices, _SURROGATES, rng)
    rows.append((f"{found[0].surrogates} circular shifts", spent()))
    rows.append(("all of it", f"{began[-1] - began[0]:.2f}"))
    note = f"{plan.hours:g} h, {len(spectra.counts)} windows of {settings.window:g} s. {load()}."
    return [Table("Surrogates", ("work", "s"), tuple(rows), note)]
