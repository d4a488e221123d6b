"""The commands that test recordings: surrogates, relative phase; results as tables or JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mirror._support.jsonable import plain
from mirror.analysis.relative_phase import BINS, coherence_spectrum, distribution
from mirror.analysis.surrogates import (
    Null,
    TestResult,
    pair_matrices,
    pseudo_pairs,
    shifted,
    shuffled,
)
from mirror.cli.meter import bar
from mirror.errors import RecordingError, SettingsError
from mirror.estimator.estimator import score_movement
from mirror.estimator.signals import TWO_BODIES, Signals
from mirror.estimator.spectrum import Plan, Spectra
from mirror.estimator.windows import windows_apart
from mirror.recording.database import SUFFIX
from mirror.recording.reader import Recording
from mirror.recording.rescore import movement_of
from mirror.settings import Settings

NULLS: tuple[Null, ...] = ("shuffle", "shift", "pseudo-pairs")


def compare_with_chance(
    out: Console,
    paths: Sequence[Path],
    choose: Callable[[Settings], Settings],
    *,
    null: str,
    surrogates: int,
    seed: int,
    any_role: bool,
    as_json: bool,
) -> None:
    """Observed mean scores of recordings against surrogates, printed.

    `choose` makes the settings from those of the first recording.
    """
    if null not in NULLS:
        raise SettingsError(f"there is no null {null!r}; known are {', '.join(NULLS)}")
    files, troubles = _files(paths), []
    if null == "pseudo-pairs":
        files = _genuine(files)
    with Recording.open(files[0]) as first:
        settings, signals = choose(first.settings), first.signals
    if any_role and signals != TWO_BODIES:
        raise SettingsError("a plain series has no mirror image: leave out --any-role")
    plan = Plan.of(settings, signals.layout)
    rng = np.random.default_rng(seed)
    if null == "pseudo-pairs":
        dyads = [_windows(path, settings, signals, plan) for path in files]
        mirrored = settings.mapping == "mirror"
        found = pseudo_pairs(plan, dyads, surrogates, rng, any_role=any_role, mirrored=mirrored)
        groups = {f"{len(files)} recordings": found}
    else:
        against = shuffled if null == "shuffle" else shifted
        groups = {}
        for path in files:
            windows = _windows(path, settings, signals, plan)
            try:
                groups[str(path)] = against(pair_matrices(plan, windows, windows), surrogates, rng)
            except SettingsError as error:  # the others are shown all the same
                troubles.append(f"{path}: {error}")
    if as_json:
        facts = {
            "null": null,
            "surrogates": surrogates,
            "seed": seed,
            "settings": settings.to_dict(),
            "results": plain(groups),
        }
        out.print_json(json.dumps(facts))
    else:
        _show(out, groups, null, settings)
    if troubles:
        raise SettingsError("; ".join(troubles))


def _show(out: Console, groups: dict[str, list[TestResult]], null: str, settings: Settings) -> None:
    if len(groups) > 1 or null == "pseudo-pairs":
        low, high = settings.band
        out.print(
            f"All scored with the first one's settings: window {settings.window:g} s, "
            f"{settings.taper}, {low:g}–{high:g} Hz, {settings.mapping}",
            highlight=False,
        )
    for name, results in groups.items():
        pairs = null == "pseudo-pairs"
        out.print(
            f"{name}: {results[0].windows} {'recordings' if pairs else 'windows'}, "
            f"{results[0].pairs} {'pseudo-pairs' if pairs else 'single pairs'}, "
            f"{results[0].surrogates} orders (p cannot be below "
            f"{1 / (1 + results[0].surrogates):.2g})",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
        out.print(_test_table(results))


def show_phase(
    out: Console,
    path: Path,
    choose: Callable[[Settings], Settings],
    start: float,
    end: float,
    *,
    as_json: bool,
) -> None:
    """Distribution and spectrum of a recording's relative phase from `start` to `end`, printed."""
    with Recording.open(path) as recording:
        used = choose(recording.settings)
        times, a, b = movement_of(recording, used)
        layout = recording.signals.layout
    timeline = score_movement(times, a, b, layout, used)
    found = distribution(timeline, used, start, end)
    spectrum = coherence_spectrum(times, a, b, layout, used, start, end)
    if as_json:
        out.print_json(json.dumps(plain({"distribution": found, "spectrum": spectrum})))
        return
    if not found.rows:
        raise RecordingError(f"{path} has no scored rows there; `mirror info {path}` says why")
    out.print(f"[bold]Relative phase[/bold] of {found.rows} rows")
    table = Table.grid(padding=(0, 1))
    for low, share in zip(BINS[:-1], found.share, strict=True):
        label = f"{low:3.0f}–{low + 20:.0f}°"
        table.add_row(label, Text(bar(float(share), 30)), f"{100 * share:5.1f} %")
    out.print(table)
    out.print(
        f"circular mean {found.mean_deg:+.0f}° (positive: A ahead), resultant length "
        f"{found.resultant:.2f}, Rayleigh p {found.rayleigh_p:.3g} "
        f"({found.independent} windows that do not overlap)\n",
        highlight=False,
    )
    out.print(f"[bold]Shared rhythms[/bold], averaged over {spectrum.windows} windows")
    table = Table("", "coherence", "", "chance", "phase", box=None, padding=(0, 1))
    for frequency, height, level, phase in zip(
        spectrum.frequency, spectrum.coherence, spectrum.chance, spectrum.phase_deg, strict=True
    ):
        table.add_row(
            f"{frequency:5.2f} Hz",
            Text(bar(float(height), 30)),
            f"{height:.2f}",
            "––" if math.isnan(level) else f"{level:.2f}",
            f"{phase:+5.0f}°",
            style="dim" if height <= level else "",
        )
    out.print(table)
    if np.isnan(spectrum.chance).all():
        out.print("Too short to say what chance would give: coherence from few windows is high.")


def _files(paths: Sequence[Path]) -> list[Path]:
    """The recordings that were named, a folder standing for all in it."""
    found: list[Path] = []
    for path in paths:
        inside = sorted(path.glob(f"*{SUFFIX}")) if path.is_dir() else [path]
        if not inside:
            raise RecordingError(f"there is no recording in {path} (files named *{SUFFIX})")
        found += inside
    return found


def _genuine(files: list[Path]) -> list[Path]:
    """Each session once: a copy, or one scored again, is no other dyad."""
    seen: dict[str, Path] = {}
    for path in dict.fromkeys(file.resolve() for file in files):
        with Recording.open(path) as recording:
            session = recording.session
        same = json.dumps([session.get("started"), session.get("sources")], sort_keys=True)
        if "rescored_from" not in session:
            seen.setdefault(same, path)
    return list(seen.values()) or files


def _windows(path: Path, settings: Settings, signals: Signals, plan: Plan) -> Spectra:
    """Spectra of windows that do not overlap; those without a score are NaN."""
    with Recording.open(path) as recording:
        if recording.signals != signals:
            raise RecordingError(
                f"{path} compares other things than the first recording; test them apart"
            )
        times, a, b = movement_of(recording, settings)
    return windows_apart(plan, times, a, b)


def _test_table(results: list[TestResult]) -> Table:
    table = Table(
        "score", "region", "observed", "null mean", "null SD", "effect size", "p", box=None
    )
    for each in results:
        numbers = (each.observed, each.null_mean, each.null_sd, each.effect_size)
        shown = ["––" if math.isnan(value) else f"{value:.3f}" for value in numbers]
        table.add_row(
            each.score.replace("_", " "),
            each.region.replace("_", " "),
            *shown,
            "––" if math.isnan(each.p) else f"{each.p:.4f}",
            style="" if each.p < 0.05 else "dim",
        )
    return table
