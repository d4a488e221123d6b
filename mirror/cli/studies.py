"""Commands for studies: test, phase and validate."""

import json
import math
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.table import Table
from rich.text import Text

from mirror._support.jsonable import to_jsonable
from mirror.analysis.chance_test import NULL_WORDS, compare_with_chance
from mirror.analysis.relative_phase import BINS
from mirror.analysis.shared_rhythms import phase_and_rhythms
from mirror.analysis.surrogates import TestResult
from mirror.cli import options
from mirror.cli.console import out, say
from mirror.cli.meter import bar
from mirror.cli.options import Json, RecordingFile, flag, option
from mirror.errors import RecordingError, SettingsError
from mirror.recording.coded_events import select
from mirror.recording.reader import Recording
from mirror.settings import Settings
from mirror.wording import plain_name

app = typer.Typer()


@app.command("test")
@options.takes_settings
def compare(
    *,
    choose: options.Chosen,
    recordings: Annotated[
        list[Path], typer.Argument(metavar="RECORDING…", help=".mirror files, or folders of them.")
    ],
    null: Annotated[
        str,
        option(
            "NAME",
            "local, shuffle, shift or pseudo-pairs.",
            autocompletion=options.complete("local", "shuffle", "shift", "pseudo-pairs"),
        ),
    ] = "local",
    surrogates: Annotated[int, option("COUNT", "Number of surrogates.", min=1, max=100_000)] = 1000,
    seed: Annotated[int, option("NUMBER", "Seed of the random numbers.", min=0)] = 0,
    any_role: Annotated[
        bool, flag("--any-role", "With pseudo-pairs: also A with A, and B with B.")
    ] = False,
    only: options.While = None,
    as_json: Json = False,
) -> None:
    """Test mean scores against chance: effect size and p for each score and region.

    Example:  mirror test talk.mirror

    Example:  mirror test study/ --null pseudo-pairs --json

    Example:  mirror test talk.mirror --while 'therapist: speaks'
    """
    asked: dict[str, Any] = {"null": null, "surrogates": surrogates, "seed": seed}
    found = compare_with_chance(recordings, choose, **asked, any_role=any_role, only=only)
    if as_json:
        facts = {
            **asked,
            "while": only,
            "settings": found.settings.to_dict(),
            "results": to_jsonable(found.results),
        }
        out.print_json(json.dumps(facts))
    else:
        if only is not None:
            say(f"Only while {only}")
        _print_tests(found.results, null, found.settings)
    if found.failures:
        raise SettingsError("; ".join(found.failures))


@app.command()
@options.takes_settings
def phase(
    *,
    choose: options.Chosen,
    recording: RecordingFile,
    start: options.From = -math.inf,
    end: options.Until = math.inf,
    only: options.While = None,
    as_json: Json = False,
) -> None:
    """Show the distribution of the relative phase, and the rhythms that both people share.

    Example:  mirror phase talk.mirror --from 60 --until 300
    """
    with Recording.open(recording) as opened:
        settings = choose(opened.settings)
        found, spectrum = phase_and_rhythms(opened, settings, select(opened, only, start, end))
    if as_json:
        out.print_json(json.dumps(to_jsonable({"distribution": found, "spectrum": spectrum})))
        return
    if not found.rows:
        if only is None and end - start < settings.window:
            raise RecordingError(
                f"the part from {max(start, 0.0):g} to {end:g} s is shorter than a window of "
                f"{settings.window:g} s; choose a longer one, or a shorter --window"
            )
        raise RecordingError(
            f"{recording} has no scored rows there; `mirror info {recording}` says why"
        )
    out.print(f"[bold]Relative phase[/bold] of {found.rows} rows")
    table = Table.grid(padding=(0, 1))
    for low, share in zip(BINS[:-1], found.share, strict=True):
        label = f"{low:3.0f}–{low + 20:.0f}°"
        table.add_row(label, Text(bar(float(share), 30)), f"{100 * share:5.1f} %")
    out.print(table)
    out.print(
        f"circular mean {found.mean_deg:+z.0f}° (positive: A ahead), resultant length "
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
            f"{phase:+z5.0f}°",
            style="dim" if height <= level else "",
        )
    out.print(table)
    if np.isnan(spectrum.chance).all():
        out.print("Too short for a chance level: coherence from few windows is high.")


@app.command()
def validate(
    output: Annotated[Path, option("FILE.html", "The report to write.", "-o", "--output")],
    quick: Annotated[bool, flag("--quick", "Only a few short pairs.")] = False,
    detection: Annotated[
        bool, flag("--detection", "Also measure how much each method needs to see it.")
    ] = False,
    seed: Annotated[int, option("NUMBER", "Seed of looks, movements and noise.", min=0)] = 0,
    facts: Annotated[
        Path | None, option("FILE", "Also write the numbers as JSON.", "--json")
    ] = None,
    force: options.Force = False,
    model: options.Model = None,
) -> None:
    """Measure computer-drawn people whose coordination is known: error, bias and spread.

    Takes some minutes. The exit status is 1 if a criterion fails.

    Example:  mirror validate -o report.html

    Example:  mirror validate -o report.html --json report.json --seed 1

    Example:  mirror validate -o report.html --detection
    """
    from mirror.cli.validate import validate as run

    chosen = {"quick": quick, "detection": detection, "force": force}
    run(out, output, **chosen, seed=seed, facts=facts, model=model)


def _print_tests(groups: dict[str, list[TestResult]], null: str, settings: Settings) -> None:
    if len(groups) > 1 or null == "pseudo-pairs":
        low, high = settings.band
        out.print(
            f"All scored with the first one's settings: window {settings.window:g} s, "
            f"{settings.taper}, {low:g}–{high:g} Hz, {settings.mapping}",
            highlight=False,
        )
    out.print(f"Null: {null} ({NULL_WORDS[null]})", highlight=False)
    for name, results in groups.items():
        pairs = null == "pseudo-pairs"
        say(
            f"{name}: {results[0].windows} {'recordings' if pairs else 'windows'}, "
            f"{results[0].pairs} {'pseudo-pairs' if pairs else 'single pairs'}, "
            f"{results[0].surrogates} surrogates (p cannot be below "
            f"{1 / (1 + results[0].surrogates):.2g})"
        )
        out.print(_test_table(results))


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
