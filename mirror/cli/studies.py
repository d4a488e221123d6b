"""Commands for studies: test, phase and validate."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

from mirror.cli import options
from mirror.cli.console import out
from mirror.cli.options import Json, RecordingFile, flag, option

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
    as_json: Json = False,
) -> None:
    """Test mean scores against chance: effect size and p for each score and region.

    Example:  mirror test talk.mirror

    Example:  mirror test study/ --null pseudo-pairs --json
    """
    from mirror.cli.study_tables import compare_with_chance

    compare_with_chance(
        out,
        recordings,
        choose,
        null=null,
        surrogates=surrogates,
        seed=seed,
        any_role=any_role,
        as_json=as_json,
    )


@app.command()
@options.takes_settings
def phase(
    *,
    choose: options.Chosen,
    recording: RecordingFile,
    start: options.From = -math.inf,
    end: options.Until = math.inf,
    as_json: Json = False,
) -> None:
    """Show the distribution of the relative phase, and the rhythms that both people share.

    Example:  mirror phase talk.mirror --from 60 --until 300
    """
    from mirror.cli.study_tables import show_phase

    show_phase(out, recording, choose, start, end, as_json=as_json)


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
    """Measure rendered people whose coordination is known: error, bias and spread.

    Takes some minutes. The exit status is 1 if a criterion fails.

    Example:  mirror validate -o report.html

    Example:  mirror validate -o report.html --json report.json --seed 1

    Example:  mirror validate -o report.html --detection
    """
    from mirror.cli.validate import validate as run

    run(
        out,
        output,
        quick=quick,
        detection=detection,
        seed=seed,
        facts=facts,
        model=model,
        force=force,
    )
