"""Memory of a live session: at minute 1, and its growth from then on."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.plan import Plan, log
from benchmarks.sessions import live_demo, temporary_folder
from benchmarks.tables import Table, load

_EVERY = 10.0  # seconds between two samples
_SETTLED = 60.0  # seconds after which it should be constant


def resident(*, peak: bool = False) -> float:
    """Return the resident (or peak) memory of this process, MB; NaN except on Linux."""
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    wanted = "VmHWM:" if peak else "VmRSS:"
    lines = status.read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(wanted))


def measure(plan: Plan) -> list[Table]:
    """Measure a recorded live session of the two demo feeds with the terminal meter."""
    samples: list[tuple[float, float]] = []
    with temporary_folder() as folder:
        for _, update, _ in live_demo(folder, plan.memory_seconds, meter=True):
            if update.time >= _EVERY * (len(samples) + 1):
                samples.append((update.time, resident()))
                log(f"memory: {samples[-1][1]:.1f} MB after {update.time:.0f} s")
    if not samples:
        return []
    settled = [each for each in samples if each[0] >= _SETTLED - 1] or samples
    growth = "–"
    if len(settled) > 2:
        times, memory = np.array(settled).T
        growth = f"{60 * np.polyfit(times, memory, 1)[0]:+.2f}"
    rows = (
        ("first sample", f"{samples[0][1]:.1f} MB (after {samples[0][0]:.0f} s)"),
        ("at minute 1", f"{settled[0][1]:.1f} MB"),
        ("at the end", f"{settled[-1][1]:.1f} MB (after {settled[-1][0]:.0f} s)"),
        ("growth a minute since minute 1 (fitted line)", f"{growth} MB"),
    )
    history = ", ".join(f"{each:.0f}" for _, each in samples)
    note = (
        f"The whole process, libraries and networks included, every {_EVERY:.0f} s: {history} MB. "
        f"Real MediaPipe, recording, terminal meter. {load()}."
    )
    return [Table("Memory of a live session", ("moment", "resident"), rows, note)]
