"""`mirror study`: dyads a second with 1 and 2 workers, and everybody with everybody."""

from __future__ import annotations

import os
import resource
import time

import numpy as np

from benchmarks.plan import Plan, log
from benchmarks.sessions import temporary_folder
from benchmarks.tables import Table, load
from docs.corpus import write_corpus
from mirror import Settings
from mirror.analysis.pseudo_dyads import Compact, pseudo_dyads
from mirror.estimator.movement import BODY
from mirror.estimator.spectrum import Plan as SpectrumPlan
from mirror.study.run import run
from mirror.study.table import read_table

_PAIRED = 200
_RUN_S = 600.0


def measure(plan: Plan) -> list[Table]:
    """Measure both, for dyads of the plan's length and of ten minutes."""
    return [_everybody(plan.hours), _workers(round(20 * plan.hours))]


def _everybody(hours: float) -> Table:
    windows = round(600 * hours)
    log(f"study: {_PAIRED}² pairs of {windows} windows")
    spectral = SpectrumPlan.of(Settings(), BODY)
    shape = (windows, 2, 2, len(BODY.needs), spectral.band.stop - spectral.band.start)
    rng = np.random.default_rng(0)
    counts, present = np.ones((windows, shape[3]), bool), np.ones((windows, 180), bool)
    dyads = [
        Compact(rng.standard_normal(shape, np.float32).astype(np.float16), counts, present)
        for _ in range(_PAIRED)
    ]
    began, used = time.perf_counter(), time.process_time()
    pseudo_dyads(spectral, dyads, 1000, rng)
    took, cpu = time.perf_counter() - began, time.process_time() - used
    stored = sum(each.values.nbytes for each in dyads) / 1e6
    rows = ((f"{_PAIRED}² pairs of {hours:g} h", f"{took:.1f}", f"{cpu:.1f}", f"{stored:.0f}"),)
    note = f"Nineteen scores and regions, 1000 assignments. {load()}; {os.cpu_count()} cores."
    return Table("Pseudo-dyads", ("work", "s", "CPU s", "MB of spectra"), rows, note)


def _workers(dyads: int) -> Table:
    rows = []
    with temporary_folder() as folder:
        write_corpus(folder, max(4, dyads), _RUN_S)
        study = read_table(folder / "study.csv")
        alone = 0.0
        for workers in (1, 2):
            began = time.perf_counter()
            outcomes = run(study, folder / f"by{workers}", Settings(), workers=workers)
            assert {state for _, state, _ in outcomes} == {"scored"}
            speed = len(study.dyads) / (time.perf_counter() - began)
            alone = alone or speed
            log(f"study: {workers} workers: {speed:.2f} dyads/s")
            memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e3
            efficiency = f"{100 * speed / alone / workers:.0f} %"
            rows.append((str(workers), f"{speed:.2f}", efficiency, f"{memory:.0f}"))
    note = f"{len(study.dyads)} dyads of 10 min from landmarks, with the start of Dask. {load()}"
    return Table(
        "Study", ("workers", "dyads/s", "efficiency", "largest process, MB"), tuple(rows), note
    )
