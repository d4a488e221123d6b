"""Each measurement in a process of its own: what one leaves in memory is not another's."""

from __future__ import annotations

import importlib
import multiprocessing
from concurrent.futures import ProcessPoolExecutor

from benchmarks.plan import Plan
from benchmarks.tables import Table


def measure(name: str, plan: Plan) -> list[Table]:
    """The tables of the measurement in ``benchmarks.NAME``."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=context) as pool:
        return pool.submit(_measure_here, name, plan).result()


def _measure_here(name: str, plan: Plan) -> list[Table]:
    from mirror._support.process import redirect_native_stderr

    redirect_native_stderr()  # MediaPipe's, which would run through everything
    tables: list[Table] = importlib.import_module(f"benchmarks.{name}").measure(plan)
    return tables
