"""A live session on the two demo feeds: drops, and the time from capture to score."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from benchmarks.plan import Plan, log
from benchmarks.sessions import live_demo, temporary_folder
from benchmarks.tables import Table, load

_START = 2.0  # seconds in which the networks warm up


def measure(plan: Plan) -> list[Table]:
    """Measure a recorded session without and with the terminal meter."""
    found, loads = [], []
    with temporary_folder() as folder:
        for meter in (False, True):
            log(f"live: {plan.live_seconds:.0f} s {'with' if meter else 'without'} the meter")
            found.append(_session(folder, plan.live_seconds, meter=meter))
            loads.append(load())
    rows = tuple((name, *(each[name] for each in found)) for name in found[0])
    note = (
        "Capture to score: from the due time of the picture that completed a row to the row. Age "
        "of the row: from the end of its window, so with the wait for the later feed as well. A "
        "good part of the CPU time renders the two people, which cameras would not need. "
        f"Afterwards: {'; '.join(loads)}."
    )
    columns = (f"{plan.live_seconds:.0f} s at 30/s", "without a meter", "with the terminal meter")
    return [Table("Live, on the two demo feeds", columns, rows, note)]


def _session(folder: Path, seconds: float, *, meter: bool) -> dict[str, str]:
    delays: list[float] = []
    ages: list[float] = []
    early = [0, 0]
    began, used = time.monotonic(), time.process_time()
    for session, update, _ in live_demo(folder, seconds, meter=meter):
        now = time.monotonic() - session.epoch
        status = session.status()
        if update.scores and update.pose is not None:
            delays.append(1e3 * (now - update.pose.time))
            ages.extend(1e3 * (now - score.time_s) for score in update.scores)
        if update.time < _START:
            early = [each.dropped for each in status.values()]
    used = time.process_time() - used
    frames = [each.frames for each in status.values()]
    found = {
        "frames followed, A and B": _pair(frames),
        "dropped, A and B": _pair(each.dropped for each in status.values()),
        f"of them in the first {_START:.0f} s": _pair(early),
    }
    for name, values in (("capture to score", delays), ("age of the row", ages)):
        for share, text in ((50, "median"), (95, "95th percentile")):
            found[f"{name}, {text}"] = f"{np.percentile(values, share):.0f} ms" if values else "–"
    return found | {
        "cores in use, on average": f"{used / (time.monotonic() - began):.2f}",
        "CPU time a followed frame": f"{1e3 * used / max(1, sum(frames)):.1f} ms",
    }


def _pair(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, numbers))
