"""Print tests against chance and the relative phase, as tables or JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mirror._support.jsonable import to_jsonable
from mirror.analysis import chance_test
from mirror.analysis.relative_phase import BINS
from mirror.analysis.shared_rhythms import phase_and_rhythms
from mirror.analysis.surrogates import TestResult
from mirror.cli.meter import bar
from mirror.errors import RecordingError, SettingsError
from mirror.recording.reader import Recording
from mirror.settings import Settings
from mirror.timeline import Span
from mirror.wording import plain_name


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
    """Print the mean scores of recordings against surrogates.

    `choose` maps the settings of the first recording to those that all are scored with.
    """
    found = chance_test.compare_with_chance(
        paths, choose, null=null, surrogates=surrogates, seed=seed, any_role=any_role
    )
    if as_json:
        facts = {
            "null": null,
            "surrogates": surrogates,
            "seed": seed,
            "settings": found.settings.to_dict(),
            "results": to_jsonable(found.results),
        }
        out.print_json(json.dumps(facts))
    else:
        _print_tests(out, found.results, null, found.settings)
    if found.failures:
        raise SettingsError("; ".join(found.failures))


def _print_tests(
    out: Console, groups: dict[str, list[TestResult]], null: str, settings: Settings
) -> None:
    if len(groups) > 1 or null == "pseudo-pairs":
        low, high = settings.band
        out.print(
            f"All scored with the first one's settings: window {settings.window:g} s, "
            f"{settings.taper}, {low:g}–{high:g} Hz, {settings.mapping}",
            highlight=False,
        )
    out.print(f"Null: {null} ({chance_test.NULL_WORDS[null]})", highlight=False)
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
    """Print distribution and spectrum of a recording's relative phase from `start` to `end`."""
    with Recording.open(path) as recording:
        settings = choose(recording.settings)
        found, spectrum = phase_and_rhythms(recording, settings, Span(start, end))
    if as_json:
        out.print_json(json.dumps(to_jsonable({"distribution": found, "spectrum": spectrum})))
        return
    if not found.rows:
        if end - start < settings.window:
            raise RecordingError(
                f"the part from {max(start, 0.0):g} to {end:g} s is shorter than a window of "
                f"{settings.window:g} s; choose a longer one, or a shorter --window"
            )
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
        out.print("Too short for a chance level: coherence from few windows is high.")


def _test_table(results: list[TestResult]) -> Table:
    table = Table(
        "score", "region", "observed", "null mean", "null SD", "effect size", "p", box=None
    )
    for each in results:
        numbers = (each.observed, each.null_mean, each.null_sd, each.effect_size)
        shown = ["––" if math.isnan(value) else f"{value:.3f}" for value in numbers]
        table.add_row(
            plain_name(each.score),
            plain_name(each.region),
            *shown,
            "––" if math.isnan(each.p) else f"{each.p:.4f}",
            style="" if each.p < 0.05 else "dim",
        )
    return table
