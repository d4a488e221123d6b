"""rMEA over ten dyads, and the same windows and lags with numpy.corrcoef."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.plan import Plan, log
from benchmarks.tables import Table, load, ratios, spread
from mirror.analysis.published import rmea
from mirror.capture.series_file import read_series

Array = NDArray[np.float64]

_RATE = 25
_LAG, _WINDOW, _STEP = 5, 60, 30  # seconds: the example of rMEA's manual
_FOLDER = Path(__file__).parents[2] / "shared" / "oracles" / "rMEA"


def measure(plan: Plan) -> list[Table]:
    """Measure both in alternating rounds."""
    dyads, what = _dyads()
    ours: list[float] = []
    theirs: list[float] = []
    for turn in range(plan.rounds):
        log(f"rmea: round {turn + 1}")
        began = time.perf_counter()
        found = [
            rmea(a, b, _RATE, lag_sec=_LAG, win_sec=_WINDOW, inc_sec=_STEP).ccf for a, b in dyads
        ]
        between = time.perf_counter()
        direct = [_direct(a, b) for a, b in dyads]
        ours.append(between - began)
        theirs.append(time.perf_counter() - between)
    furthest = max(float(np.abs(x - y).max()) for x, y in zip(found, direct, strict=True))
    rows = (
        ("mirror.analysis.published.rmea", spread(ours, 3), "1"),
        ("numpy.corrcoef, a loop over windows and lags", spread(theirs, 3), _times(theirs, ours)),
    )
    note = (
        f"{what}; windows of {_WINDOW} s every {_STEP} s, lags to {_LAG} s, |Fisher z|. Median "
        f"(lowest–highest) of {plan.rounds} rounds. The results differ by {furthest:.0e} at most. "
        f"{load()}."
    )
    return [Table("rMEA over ten dyads", ("how", "s", "× mirror's"), rows, note)]


def _times(over: list[float], under: list[float]) -> str:
    return spread(ratios(over, under))


def _dyads() -> tuple[list[tuple[Array, Array]], str]:
    """Return the ten dyads of rMEA if available, else noise of the same length."""
    files = sorted(_FOLDER.glob("*.txt"))
    if files:
        pairs = [read_series(file, ("pat", "th"), rate=_RATE)[1] for file in files]
        return [(each[:, 0], each[:, 1]) for each in pairs], f"rMEA's {len(files)} dyads"
    rng = np.random.default_rng(0)
    made = [rng.gamma(0.5, 100.0, (2, 15000)) for _ in range(10)]
    return [(a, b) for a, b in made], "ten made-up dyads of 10 minutes"


def _direct(a: Array, b: Array) -> Array:
    """Compute from the definition."""
    lag, width, step = _LAG * _RATE, _WINDOW * _RATE, _STEP * _RATE
    starts = range(0, len(a) - width - lag + 1, step)
    table = np.empty((len(starts), 2 * lag + 1))
    for row, start in zip(table, starts, strict=True):
        for shift in range(lag + 1):
            held, moved = slice(start, start + width), slice(start + shift, start + shift + width)
            row[lag + shift] = np.corrcoef(a[held], b[moved])[0, 1]
            row[lag - shift] = np.corrcoef(a[moved], b[held])[0, 1]
    return np.abs(np.arctanh(table))
