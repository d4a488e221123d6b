"""The window: repainting it, what it takes of the machine, and a recording of two hours in it."""

from __future__ import annotations

from benchmarks.beside import measure_beside
from benchmarks.plan import Plan, say
from benchmarks.repainting import measure_repaints
from benchmarks.replaying import measure_replay
from benchmarks.sessions import temporary_folder
from benchmarks.shown import application
from benchmarks.tables import Table


def measure(plan: Plan) -> list[Table]:
    """Parts of it, then whole sessions with and without it, then replay."""
    shown = application()
    with temporary_folder() as folder:
        say("window: repainting")
        tables = [measure_repaints(folder), measure_beside(folder, plan)]
        say(f"window: a recording of {plan.replay_hours:g} h")
        tables.append(measure_replay(folder, plan.replay_hours))
    shown.quit()
    return tables
