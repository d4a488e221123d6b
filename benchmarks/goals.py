"""The speed of everything after pose estimation: this program against another checkout of it.

``python -m benchmarks.goals OLD`` runs both in turn, a process each; times are CPU time, as other
work on the machine stretches the clock's. ``make bench`` so writes ``benchmarks/results.json``, and
the table of the README between its markers.
"""

from __future__ import annotations

import argparse
import json
import math
import operator
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.tables import Table, lines, load, spread

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
found = window_spectra(plan, times, a, b, len(plan.taper))
spectra = next(each for each in found if hasattr(each, "counts"))  # its place has changed
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
print(json.dumps({"cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss / 1024}))
"""
_STUDY = """
import json, sys
from benchmarks.study import figures
print(json.dumps(figures(int(sys.argv[1]), float(sys.argv[2]))))
"""
_NAIVE = """
import json, sys, time
from benchmarks.estimator import naive_scores
from benchmarks.people import script_ticks
from mirror import Settings
settings, windows = Settings(), int(sys.argv[2])
length = round(settings.window * settings.rate)
ticks = script_ticks(length + 3 * windows)
began = time.process_time()
for row in range(windows):
    naive_scores(ticks[3 * row : 3 * row + length], settings)
rows = float(sys.argv[1]) / settings.hop
print(json.dumps({"naive": (time.process_time() - began) / windows * rows}))
"""
_REPAINT = """
import json, sys
from pathlib import Path
from benchmarks.replay import repaint
found = repaint(Path(sys.argv[1]), Path(sys.argv[2]), [4.0, 8.0, 5.0, 10.0])
clock, used = (sorted(each) for each in zip(*found))
print(json.dumps({"repaint": used[-1], "repaint_clock": clock[-1]}))
"""
_NAMES = {
    "naive": "a naive loop of scipy.signal over {hours:g} h, s (from some of its windows)",
    "array": "array form of {hours:g} h, landmarks to rows, s",
    "row": "one row live, its three updates, ms",
    "surrogates": "1000 surrogates of {hours:g} h, from spectra, s",
    "rescore": "`mirror rescore` of {hours:g} h, s",
    "report": "`mirror report` of {double:g} h, s",
    "phase": "`mirror phase` of {third:.2g} h, s",
    "repaint": "replay of {double:g} h: another window, until the visible rows are repainted, s",
    "repaint_clock": "the same by the clock, s",
    "memory": "memory of the array form above the landmarks, MB",
    "rescore_memory": "memory of `mirror rescore` above `mirror info` and the landmarks, MB",
    "report_memory": "memory of `mirror report` above `mirror info` and the landmarks, MB",
}
_MARKS = ("<!-- written by make bench -->\n", "<!-- end of what make bench writes -->\n")
_ENDINGS = {"rescore": ".mirror", "report": ".html"}
_MB_AN_HOUR = 300 * 2 * 30 * 3600 / 2**20  # landmarks of the joints in use, times and sizes

Found = dict[str, dict[str, list[float]]]


def main() -> None:
    """Run the rounds; write the results as JSON and as a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.goals", description=__doc__)
    parser.add_argument("old", type=Path, nargs="?", help="another checkout; else this one alone")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--hours", type=float, default=1.0)
    parser.add_argument("--dyads", type=int, default=200, help="of the study; at least 8")
    parser.add_argument("--output", type=Path, default=_HERE / "benchmarks" / "results.json")
    parser.add_argument("--readme", type=Path, help="write the table there, between its markers")
    given = parser.parse_args()
    sides = {"new": _HERE} | ({"old": given.old.resolve()} if given.old else {})
    found: Found = {name: {} for name in sides}
    loads = []
    with tempfile.TemporaryDirectory(prefix="mirror-bench-") as folder:
        hours = {"rescore": given.hours, "report": 2 * given.hours, "phase": given.hours / 3}
        for command, length in hours.items():
            _run(list(sides.values())[-1], _RECORD, folder, length, f"{folder}/{command}.mirror")
        for turn in range(given.rounds):
            for name in list(sides)[:: -1 if turn % 2 else 1]:
                for what, value in _round(sides[name], folder, f"{name}-{turn}", hours).items():
                    found[name].setdefault(what, []).append(value)
            loads.append(load())
            print(f"   round {turn + 1} of {given.rounds}; {loads[-1]}", file=sys.stderr)
    packages = ("numpy", "scipy", "mediapipe", "av", "PyQt6")
    results = {
        "cpu_seconds": found,
        "study": _run(_HERE, _STUDY, given.dyads, given.hours),
        "hours": given.hours,
        "loads": loads,
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in packages},
        },
        "commits": {name: _commit(path) for name, path in sides.items()},
    }
    given.output.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    text = "\n".join(lines(_table(results)))
    print(text)
    if given.readme is not None:
        _insert(given.readme, text)


def _round(side: Path, folder: str, name: str, hours: dict[str, float]) -> dict[str, float]:
    """Measure one side once."""
    one = hours["rescore"]
    spent = _run(side, _TIMED, 3600 * one)
    if side == _HERE:  # what other checkouts may not have
        spent |= _run(side, _NAIVE, 3600 * one, round(300 * min(one, 1)))
        spent |= _run(side, _REPAINT, f"{folder}/report.mirror", folder)
    for command, length in hours.items():
        source, target = f"{folder}/{command}.mirror", f"{folder}/out-{name}"
        words = [] if command == "phase" else ["-o", target + _ENDINGS[command]]
        used = _run(side, _COMMAND, command, source, *words)
        spent[command] = used["cpu"]
        if words:
            least = _run(side, _COMMAND, "info", source)["peak"] + _MB_AN_HOUR * length
            spent[f"{command}_memory"] = used["peak"] - least
    return spent


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


def _table(results: dict[str, Any]) -> Table:
    found: Found = results["cpu_seconds"]
    hours = results["hours"]
    rows = []
    for what, text in _NAMES.items():
        name = text.format(hours=hours, double=2 * hours, third=hours / 3)
        values = [found[side].get(what, []) for side in found]
        cells = [spread(each, 2) for each in values]
        if len(values) == 2:
            new, old = (statistics.median(each or [math.nan]) for each in values)
            cells.append("–" if math.isnan(old / new) else f"{old / new:.1f}")
        rows.append((name, *cells))
    naive, array = (found["new"][what] for what in ("naive", "array"))
    times = spread(map(operator.truediv, naive, array))
    rows.insert(2, ("the naive loop ÷ the array form", times, *[""] * len(cells[1:])))
    versions = ", ".join(f"{name} {number}" for name, number in results["versions"].items())
    note = (
        f"CPU time, but for the clock's: median (lowest–highest) of {len(array)} rounds in turn on "
        f"{results['machine']}; {', '.join(sorted(set(results['loads'])))}. {versions}; commit "
        f"{', '.join(results['commits'].values())}."
    )
    columns = ("what", *found, "old ÷ new")[: 1 + len(cells)]
    return Table("After pose estimation", columns, tuple(rows), note)


def _insert(readme: Path, text: str) -> None:
    """Replace what is between the markers."""
    before, rest = readme.read_text(encoding="utf-8").split(_MARKS[0])
    _, after = rest.split(_MARKS[1])
    written = f"{before}{_MARKS[0]}\n{text}\n{_MARKS[1]}{after}"
    readme.write_text(written, encoding="utf-8")


if __name__ == "__main__":
    main()
