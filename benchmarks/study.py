"""`mirror study`: dyads a second with 1 and 2 workers, memory, and everybody with everybody."""

from __future__ import annotations

import csv
import multiprocessing
import os
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

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
_DISTINCT = 20  # recordings, of which every dyad has one: their content does not matter


def measure(plan: Plan) -> list[Table]:
    """Measure both, for dyads of the plan's length and of ten minutes."""
    found = figures(round(20 * plan.hours), plan.hours)
    hours, dyads = f"{plan.hours:g} h", round(found["dyads"])
    pairs = tuple(f"{found[name]:.1f}" for name in ("pairs_s", "pairs_cpu_s", "pairs_mb"))
    rows = [
        (str(workers), str(count), f"{speed:.2f}", efficiency, f"{memory:.0f}")
        for workers, count, speed, efficiency, memory in (
            (1, dyads, found["one_dyads_s"], "100 %", found["one_mb"]),
            (2, dyads, found["two_dyads_s"], f"{found['efficiency']:.0%}", found["two_mb"]),
            (1, found["few"], found["few_dyads_s"], "–", found["few_mb"]),
        )
    ]
    columns = ("workers", "dyads", "dyads/s", "efficiency", "largest worker, MB")
    note = f"Dyads of 10 min from landmarks, with the start of Dask. {load()}"
    everybody = f"Nineteen scores and regions, 1000 assignments. {load()}; {os.cpu_count()} cores."
    return [
        Table(
            "Pseudo-dyads",
            ("work", "s", "CPU s", "MB of spectra"),
            ((f"{_PAIRED}² pairs of {hours}", *pairs),),
            everybody,
        ),
        Table("Study", columns, tuple(rows), note),
    ]


def figures(dyads: int, hours: float) -> dict[str, float]:
    """Measure a study of so many dyads, an eighth of it, and all pairs of some hours."""
    dyads = max(8, dyads)
    found: dict[str, float] = {"dyads": dyads, "few": dyads // 8} | _everybody(hours)
    with temporary_folder() as folder:
        write_corpus(folder, min(_DISTINCT, dyads), _RUN_S)
        with (folder / "study.csv").open("w", newline="", encoding="utf-8") as file:
            rows = ((f"d{n}", f"d{n % min(_DISTINCT, dyads) + 1:02d}.mirror") for n in range(dyads))
            csv.writer(file).writerows([("id", "a"), *rows])
        for name, workers, count in (("one", 1, dyads), ("two", 2, dyads), ("few", 1, dyads // 8)):
            context = multiprocessing.get_context("spawn")  # without what was left by the others
            with ProcessPoolExecutor(1, mp_context=context) as pool:
                spent, memory = pool.submit(_score, folder, name, count, workers).result()
            found |= {f"{name}_dyads_s": count / spent, f"{name}_mb": memory}
            log(f"study: {count} dyads, {workers} workers: {count / spent:.2f} a second")
    return found | {"efficiency": found["two_dyads_s"] / found["one_dyads_s"] / 2}


def _score(folder: Path, name: str, dyads: int, workers: int) -> tuple[float, float]:
    """Return the seconds that a run took, and the memory of the largest worker, MB."""
    study = read_table(folder / "study.csv")
    study = replace(study, dyads=study.dyads[:dyads])
    began = time.perf_counter()
    outcomes = run(study, folder / name, Settings(), workers=workers)
    assert {state for _, state, _ in outcomes} == {"scored"}
    spent = time.perf_counter() - began
    return spent, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e6


def _everybody(hours: float) -> dict[str, float]:
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
    return {
        "pairs_s": time.perf_counter() - began,
        "pairs_cpu_s": time.process_time() - used,
        "pairs_mb": sum(each.values.nbytes for each in dyads) / 1e6,
    }
