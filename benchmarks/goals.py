"""The speed of everything after pose estimation: this program against another checkout of it.

``python -m benchmarks.goals OLD`` runs both in turn, a process each; all times are CPU time, as
other work on the machine stretches the clock's.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from benchmarks.tables import Table, load, markdown, spread

_HERE = Path(__file__).parents[1]
_TIMED = """
import json, resource, sys, time
from benchmarks.people import script_ticks
from mirror import Estimator, Settings
from mirror.analysis.surrogates import pair_matrices, shuffled
from mirror.estimator.estimator import movement_from_ticks, score_ticks
from mirror.estimator.movement import BODY
from mirror.estimator.spectrum import Plan
from mirror.estimator.windows import window_spectra
import numpy as np

seconds, settings = float(sys.argv[1]), Settings()
ticks = script_ticks(round(30 * seconds))
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
spent, began, before = {}, time.process_time(), peak()

def lap(name):
    global began
    spent[name] = time.process_time() - began
    began = time.process_time()

score_ticks(ticks, settings)
lap("array")
spent["memory"] = peak() - before
estimator = Estimator(settings)
warm = 600
for tick in ticks[:warm]:
    estimator.update(*tick)
began = time.process_time()
for tick in ticks[warm:warm + 3000]:
    estimator.update(*tick)
lap("row")
spent["row"] *= 3 / len(ticks[warm:warm + 3000]) * 1e3
plan = Plan.of(settings, BODY)
times, a, b = movement_from_ticks(ticks, settings)
_, _, spectra = window_spectra(plan, times, a, b, len(plan.taper))
began = time.process_time()
shuffled(pair_matrices(plan, spectra, spectra), 1000, np.random.default_rng(0))
lap("surrogates")
print(json.dumps(spent))
"""
_RECORD = """
import sys
from pathlib import Path
from benchmarks.long_recording import record
record(Path(sys.argv[1]), float(sys.argv[2])).rename(sys.argv[3])
"""
_COMMAND = """
import json, resource, subprocess, sys
subprocess.run([sys.executable, "-m", "mirror", *sys.argv[1:]], check=True, capture_output=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps(used.ru_utime + used.ru_stime))
"""
_NAMES = {
    "array": "array form of {hours:g} h, landmarks to rows, s",
    "row": "one row live, its three updates, ms",
    "surrogates": "1000 surrogates of {hours:g} h, from spectra, s",
    "rescore": "`mirror rescore` of {hours:g} h, s",
    "report": "`mirror report` of {double:g} h, s",
    "phase": "`mirror phase` of {third:.2g} h, s",
    "memory": "memory of the array form above the landmarks, MB",
}


def main() -> None:
    """Run the rounds; write the results as JSON and as a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.goals", description=__doc__)
    parser.add_argument("old", type=Path, nargs="?", help="another checkout; else this one alone")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--hours", type=float, default=1.0)
    parser.add_argument("--output", type=Path, default=_HERE / "benchmarks" / "results.json")
    given = parser.parse_args()
    sides = {"new": _HERE} | ({"old": given.old.resolve()} if given.old else {})
    found: dict[str, dict[str, list[float]]] = {name: {} for name in sides}
    loads = []
    with tempfile.TemporaryDirectory(prefix="mirror-bench-") as folder:
        hours = {"rescore": given.hours, "report": 2 * given.hours, "phase": given.hours / 3}
        for command, length in hours.items():
            _run(list(sides.values())[-1], _RECORD, folder, length, f"{folder}/{command}.mirror")
        for turn in range(given.rounds):
            for name in list(sides)[:: -1 if turn % 2 else 1]:
                spent = _run(sides[name], _TIMED, 3600 * given.hours)
                for command in hours:
                    source, target = f"{folder}/{command}.mirror", f"{folder}/out-{name}-{turn}"
                    words = [] if command == "phase" else ["-o", target + _ENDINGS[command]]
                    spent[command] = _run(sides[name], _COMMAND, command, source, *words)
                for what, value in spent.items():
                    found[name].setdefault(what, []).append(value)
            loads.append(load())
            print(f"   round {turn + 1} of {given.rounds}; {loads[-1]}", file=sys.stderr)
    results = {
        "cpu_seconds": found,
        "hours": given.hours,
        "loads": loads,
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("numpy", "scipy")},
        "commits": {name: _commit(path) for name, path in sides.items()},
    }
    given.output.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(markdown(_table(results)))


_ENDINGS = {"rescore": ".mirror", "report": ".html"}


def _run(folder: Path, code: str, *words: object) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, words)],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder)},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    result: dict[str, float] = json.loads(done.stdout or "{}")
    return result


def _commit(folder: Path) -> str:
    words = ["git", "-C", str(folder), "rev-parse", "--short", "HEAD"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def _table(results: dict[str, dict[str, dict[str, list[float]]]]) -> Table:
    found = results["cpu_seconds"]
    hours = float(str(results["hours"]))
    rows = []
    for what, text in _NAMES.items():
        name = text.format(hours=hours, double=2 * hours, third=hours / 3)
        cells = [spread(found[side][what], 2) for side in found]
        if "old" in found:
            middle = [statistics.median(found[side][what]) for side in ("old", "new")]
            cells.append(f"{middle[0] / middle[1]:.1f}")
        rows.append((name, *cells))
    note = (
        f"CPU time: median (lowest–highest) of {len(found['new']['array'])} rounds in turn. "
        f"Commits {results['commits']}, {results['versions']}. Load by round: "
        f"{'; '.join(map(str, results['loads']))}."
    )
    return Table(
        "After pose estimation", ("what", *found, "old ÷ new")[: 1 + len(cells)], tuple(rows), note
    )


if __name__ == "__main__":
    main()
