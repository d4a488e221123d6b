"""``mirror validate``: measure with a progress bar, print the result and write the report."""

import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from mirror._support.process import redirect_native_stderr
from mirror.capture.pose_model import provide_model
from mirror.capture.tracker import PoseTracker
from mirror.cli.console import err, print_error, progress_bars, say
from mirror.identity.tracker import PeopleTracker
from mirror.report.write import check_places, write, write_file
from mirror.settings import Settings
from mirror.validation import detection as methods
from mirror.validation.calibration import MISSING, calibrate_null, false_alarms, number_of_sessions
from mirror.validation.conditions import Condition, conditions
from mirror.validation.figures import figures
from mirror.validation.measurement import Measurement, measure
from mirror.validation.one_picture import SECONDS, Counts, clip, follow
from mirror.validation.outcome import Outcome, origins
from mirror.validation.page import page

_PAIRS = 300  # for the false alarms
_FEW_PAIRS = 6
_SESSIONS = 120  # of every kind, for the test against chance
_FEW_SESSIONS = 1
_DETECTION_PAIRS = 60  # of every kind
_FEW_DETECTION_PAIRS = 2
_DRAWN_PAIRS = 8  # computer-drawn
_QUICK_WINDOW = 3.0
_CLIPS = 10  # of two people in one picture; every tenth seed has the same happen
_QUICK_CLIP_S = 0.8


def validate(
    out: Console,
    report: Path,
    *,
    quick: bool,
    detection: bool,
    seed: int,
    facts: Path | None,
    model: Path | None,
    force: bool,
) -> None:
    """Compare the program with known truth; print the result and write the report.

    Raise ExportError if a file exists or cannot be written, typer.Exit(1) if a criterion fails.
    """
    files = [report] if facts is None else [report, facts]
    check_places(files, (), replace=force)
    provided = provide_model(model, announce=lambda text: say(text, err))
    redirect_native_stderr()
    settings = Settings(window=_QUICK_WINDOW) if quick else Settings()
    began = time.monotonic()
    with progress_bars() as bars:
        measurements = _measure(
            conditions(settings, seed, quick=quick), settings, provided.path, bars
        )
        people = _follow_people(seed, provided.path, bars, quick=quick)
        count = _FEW_PAIRS if quick else _PAIRS
        steps = _steps(bars, count * len(MISSING), "unrelated pairs", "pairs/s")
        alarms = false_alarms(settings, count, seed, steps)
        count, lengths = (_FEW_SESSIONS, 2) if quick else (_SESSIONS, 3)
        steps = _steps(bars, number_of_sessions(count, lengths), "tests of chance", "sessions/s")
        tests = calibrate_null(settings, count, lengths, seed, steps)
        detections: tuple[methods.Detection, ...] = ()
        if detection:
            count = _FEW_DETECTION_PAIRS if quick else _DETECTION_PAIRS
            steps = _steps(
                bars, 2 * count * len(methods.CASES), "pairs, by every method", "pairs/s"
            )
            detections = methods.measure_detection(settings, count, seed, steps)
        if detection and not quick:
            frames = 2 * _DRAWN_PAIRS * methods.FRAMES
            steps = _steps(bars, frames, "frames of drawn pairs", "frames/s")
            new = partial(PoseTracker, provided.path)
            detections += (methods.measure_drawn(settings, _DRAWN_PAIRS, seed, new, steps),)
    about = origins(settings, provided, seed=seed, quick=quick, took=time.monotonic() - began)
    outcome = Outcome(measurements, alarms, about, tests, detections, people)
    write(page(outcome, figures(measurements, tests, detections)), report, replace=force)
    if facts is not None:
        text = json.dumps(outcome.facts(), indent=1, ensure_ascii=False) + "\n"
        write_file(facts, lambda path: path.write_text(text, "utf-8", newline="\n"), replace=force)
    out.print(_criteria_table(outcome))
    for limit in outcome.limits:
        out.print(f"[dim]beyond a bound by itself:[/dim] {escape(limit)}", highlight=False)
    for path in files:
        say(f"Wrote {path}")
    if outcome.failed:
        names = ", ".join(each.name for each in outcome.failed)
        print_error(
            f"{len(outcome.failed)} of {len(outcome.criteria)} criteria failed ({names}); "
            f"see {report}"
        )
        raise typer.Exit(1)


def _measure(
    chosen: tuple[Condition, ...], settings: Settings, model: Path, bars: Progress
) -> list[Measurement]:
    seen = _steps(bars, sum(each.frames for each in chosen), "frames", "frames/s")
    task = bars.task_ids[-1]
    found = []
    for number, condition in enumerate(chosen, 1):
        named = f"({condition.group}, {condition.name})"
        bars.update(task, description=f"Pair {number} of {len(chosen)} {named}")
        found.append(measure(condition, settings, partial(PoseTracker, model), seen))
    bars.update(task, description=f"{len(chosen)} computer-drawn pairs")
    return found


def _follow_people(seed: int, model: Path, bars: Progress, *, quick: bool) -> Counts:
    """Follow two people in one picture."""
    length, number = (_QUICK_CLIP_S, 1) if quick else (SECONDS, _CLIPS)
    clips = [clip(_CLIPS * seed + each, length) for each in range(number)]
    step = _steps(bars, sum(each.frames for each in clips), "frames of two people", "frames/s")
    counts = Counts()
    for index, each in enumerate(clips):
        with PeopleTracker(model) as tracker, PoseTracker(model) as a, PoseTracker(model) as b:
            alone = () if index % 3 else (a, b)  # they take half as long again
            follow(each, tracker, counts, lambda *_: step(), *alone)
    return counts


def _steps(bars: Progress, total: int, what: str, unit: str) -> Callable[[], None]:
    """Return a function that advances a new bar by one and shows the speed."""
    task = bars.add_task(f"{total} {what}", total=total, speed="")
    began = time.monotonic()
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        speed = done / max(time.monotonic() - began, 1e-9)
        bars.update(task, completed=done, speed=f"{speed:.0f} {unit}")

    return step


def _criteria_table(outcome: Outcome) -> Table:
    table = Table("", "criterion", "bound", "measured", box=None, header_style="bold")
    for each in outcome.criteria:
        mark = "[green]✓[/green]" if each.passed else "[bold red]✗[/bold red]"
        table.add_row(mark, escape(each.name), escape(each.bound), escape(each.found))
    return table
