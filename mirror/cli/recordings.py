"""Commands for one recording: replay, rescore, export and info."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Annotated, Any

import typer

from mirror._support.atomic import privacy_note
from mirror._support.jsonable import to_jsonable
from mirror.cli import options, run
from mirror.cli.console import out, progress_bar, say
from mirror.cli.options import Json, RecordingFile, flag, option
from mirror.cli.practice import results_table
from mirror.cli.tables import session_table, show_method, summary_table
from mirror.cli.window import has_display, open_window
from mirror.errors import WindowError
from mirror.recording.reader import Recording
from mirror.settings_history import SettingsHistory

app = typer.Typer()

_FORMATS = """
[bold]Formats[/bold]: [cyan]csv[/cyan], [cyan]tsv[/cyan] (scores and events, with a JSON file that
describes them) · [cyan]json[/cyan] · [cyan]parquet[/cyan] · [cyan]xlsx[/cyan] (Excel) ·
[cyan]eaf[/cyan] (ELAN) · [cyan]vtt[/cyan] (subtitles) · [cyan]video[/cyan] (a film with the dial) ·
[cyan]tsv-bids[/cyan] (a BIDS motion dataset: name a folder) ·
[cyan]landmarks-csv[/cyan] · [cyan]landmarks-parquet[/cyan]
"""


@app.command()
def replay(recording: RecordingFile) -> None:
    """Replay a recording in the window.

    Example:  mirror replay talk.mirror
    """
    Recording.open(recording).close()  # raises before a window opens
    if not has_display():
        raise WindowError(
            f"{recording} cannot be replayed without a display; use mirror info or mirror export "
            "here, or copy it to a machine with a screen"
        )
    raise typer.Exit(open_window(recording))


@app.command()
@options.takes_settings
def rescore(
    *,
    choose: options.Chosen,
    recording: RecordingFile,
    output: options.Output = None,
    method: options.Method = None,
    as_json: Json = False,
) -> None:
    """Score a recording's landmarks again with other settings, into a new recording.

    Settings that are not given stay as they were at the end of the session. Without any, every row
    is the same as before, also where the settings were changed during the session.

    Example:  mirror rescore talk.mirror -o talk-12s.mirror --window 12

    Example:  mirror rescore talk.mirror --mapping same-side

    Example:  mirror rescore talk.mirror --method susy    (figures only; nothing is recorded)
    """
    if method is not None:
        if output is not None:
            raise typer.BadParameter("--method prints figures and records nothing: leave -o out")
        with Recording.open(recording) as original:
            settings = choose(original.settings)
        show_method(recording, settings, method, as_json=as_json)
        return
    from mirror.recording.rescore import rescore as score_again
    from mirror.summary import summarize

    with Recording.open(recording) as original:
        # Without settings, the changes made during the session are repeated.
        history = (
            SettingsHistory(choose(original.settings))
            if choose.values
            else original.settings_history
        )
        with progress_bar("Scoring again", "frames/s") as show:
            timeline, path = score_again(original, output or recording, history, show)
    out.print(summary_table(summarize(timeline)))
    run.print_destination(path, output)


def _formats(incomplete: str) -> list[str]:
    from mirror.export import FORMATS

    return options.complete(*FORMATS)(incomplete)


@app.command(epilog=_FORMATS)
def export(
    recording: RecordingFile,
    to: Annotated[
        str, option("FORMAT", "One of the formats below.", "--to", autocompletion=_formats)
    ],
    output: Annotated[Path, option("FILE", "The file to write.", "-o", "--output")],
    start: options.From = -math.inf,
    end: options.Until = math.inf,
    force: options.Force = False,
) -> None:
    """Export scores, events or landmarks, or a part of them, for other tools.

    Example:  mirror export talk.mirror --to csv -o talk.csv

    Example:  mirror export talk.mirror --to eaf -o talk.eaf --from 60 --until 300
    """
    from mirror.export import export as write

    with Recording.open(recording) as opened, progress_bar("Exporting") as show:
        write(opened, to, output, replace=force, start=start, end=end, progress=show)
    say(f"Wrote {output}{privacy_note(output)}")


@app.command()
def info(
    recording: RecordingFile,
    as_json: Json = False,
    methods: Annotated[
        bool, flag("--methods-text", "Print a paragraph for a methods section.")
    ] = False,
) -> None:
    """Show what is in a recording: sources, settings, quality, summary and events.

    Example:  mirror info talk.mirror
    """
    from mirror.report.methods_paragraph import methods_text
    from mirror.summary import summarize

    with Recording.open(recording) as opened:
        if methods:
            out.print(methods_text(opened), highlight=False, markup=False)
            return
        session, counts, events = opened.session, opened.counts(), opened.events()
        results = opened.results()
        summary, about = summarize(opened.timeline()), session_table(opened)
    if as_json:
        facts: dict[str, Any] = {
            "session": session,
            "frames": {feed: {"frames": n, "with_person": m} for feed, (n, m) in counts.items()},
            "summary": summary,
            "events": events,
        }
        if results:
            facts["exercise_results"] = [each.to_dict() for each in results]
        out.print_json(json.dumps(to_jsonable(facts), ensure_ascii=False))
        return
    out.print(about)
    out.print()
    out.print(summary_table(summary))
    if results:
        out.print(results_table(results))
    if events:
        out.print("\n[bold]Events[/bold]")
        for event in events:
            say(f"  {event.time_s:8.2f} s  {event.kind:8} {event.text}")
