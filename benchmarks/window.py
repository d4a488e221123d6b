"""The window: repaints, CPU load, and a recording of two hours."""

from __future__ import annotations

from benchmarks.plan import Plan, log
from benchmarks.repaint import measure_repaints
from benchmarks.replay import measure_replay
from benchmarks.sessions import temporary_folder
from benchmarks.tables import Table
from benchmarks.timed_window import application
from benchmarks.window_load import measure_window_load


def measure(plan: Plan) -> list[Table]:
    """Measure its parts, sessions with and without it, and replay."""
    shown = application()
    with temporary_folder() as folder:
        log("window: repainting")
        tables = [measure_repaints(folder), measure_window_load(folder, plan)]
        log(f"window: a recording of {plan.replay_hours:g} h")
        tables.append(measure_replay(folder, plan.replay_hours))
    shown.quit()
    return tables
