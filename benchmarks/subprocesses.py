"""Run each measurement in its own process, so that none inherits another's memory."""

from __future__ import annotations

import importlib
import multiprocessing
from concurrent.futures import ProcessPoolExecutor

from benchmarks.plan import Plan
from benchmarks.tables import Table


def measure(name: str, plan: Plan) -> list[Table]:
    """Return the tables of the measurement in ``benchmarks.NAME``."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=context) as pool:
        return pool.submit(_measure_here, name, plan).result()


def _measure_here(name: str, plan: Plan) -> list[Table]:
    from mirror._support.process import redirect_native_stderr

    redirect_native_stderr()  # MediaPipe writes there
    tables: list[Table] = importlib.import_module(f"benchmarks.{name}").measure(plan)
    return tables
