"""Commands for recordings: replay, rescore, export, info, annotate, forget, anonymize, report."""

import json
import math
import os
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from mirror._support.atomic import privacy_note
from mirror._support.jsonable import to_jsonable
from mirror.cli import options, run
from mirror.cli.console import err, out, progress_bar, say
from mirror.cli.options import Json, RecordingFile, flag, option
from mirror.cli.tables import results_table, session_table, show_method, summary_table
from mirror.cli.window import has_display, open_window
from mirror.errors import WindowError
from mirror.recording.anonymize import anonymize as copy
from mirror.recording.coded_events import annotate as add
from mirror.recording.edit import delete_recording, recording_files
from mirror.recording.reader import Recording
from mirror.recording.repair import Repair
from mirror.recording.rescore import rescore as score_again
from mirror.report.methods_paragraph import methods_text
from mirror.settings_history import SettingsHistory
from mirror.summary import summarize
from mirror.timeline import Span

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
    """Replay a recording in the window, or show the folder or the table of a study.

    Example:  mirror replay talk.mirror
    """
    from mirror.study.corpus import Corpus
    from mirror.study.table import is_study

    if os.path.isdir(recording) or is_study(recording):  # noqa: PTH112 (it may be too long)
        Corpus.open(recording)  # raises before a window opens, as does the other one
    else:
        Recording.open(recording).close()
    if not has_display():
        raise WindowError(
            f"{recording} cannot be shown without a display; use mirror info or mirror export "
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
    exchange: Annotated[
        list[str] | None,
        typer.Option(
            "--exchange",
            metavar="T1,T2",
            help="Exchange A and B from T1 to T2 (seconds or h:mm:ss; without T2, to the end).",
        ),
    ] = None,
    method: options.Method = None,
    as_json: Json = False,
) -> None:
    """Score a recording's landmarks again with other settings, into a new recording.

    Settings that are not given stay as they were at the end of the session. Without any, every row
    is the same as before, also where the settings were changed during the session.

    Example:  mirror rescore talk.mirror -o talk-12s.mirror --window 12

    Example:  mirror rescore talk.mirror --mapping same-side

    Example:  mirror rescore room.mirror --exchange 12.5,20    (two people of one picture)

    Example:  mirror rescore talk.mirror --method susy    (figures only; nothing is recorded)
    """
    if method is not None:
        if output is not None:
            raise typer.BadParameter("--method prints figures and records nothing: leave -o out")
        with Recording.open(recording) as original:
            settings = choose(original.settings)
        show_method(recording, settings, method, as_json=as_json)
        return
    with Recording.open(recording) as original:
        original.repairs = tuple(map(Repair.exchange, exchange or ()))
        # Without settings, the changes made during the session are repeated.
        history = original.settings_history
        if choose.values:
            history = SettingsHistory(choose(original.settings))
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
    only: options.While = None,
    force: options.Force = False,
) -> None:
    """Export scores, events or landmarks, or a part of them, for other tools.

    Example:  mirror export talk.mirror --to csv -o talk.csv

    Example:  mirror export talk.mirror --to eaf -o talk.eaf --from 60 --until 300
    """
    from mirror.export import export as write

    with Recording.open(recording) as opened, progress_bar("Exporting") as show:
        write(opened, to, output, replace=force, start=start, end=end, only=only, progress=show)
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


_EVENTS = "ELAN (.eaf), BORIS (.boris, .csv), XDF (.xdf) or a table; with #OBSERVATION of several."


@app.command()
def annotate(
    recording: RecordingFile, source: Annotated[str, option("FILE", _EVENTS, "--from")]
) -> None:
    """Add the coded events of a file to a recording, with their tiers; each only once.

    Example:  mirror annotate talk.mirror --from codes.csv

    Example:  mirror annotate talk.mirror --from 'project.boris#session 1'
    """
    added, outside = add(recording, source)
    tiers = Counter(each.kind for each in added)
    named = ", ".join(f"{kind} ({count})" for kind, count in tiers.items())
    say(f"Added {len(added)} events{f': {named}' if named else ''}")
    if outside:
        say(f"mirror: {outside} events are outside the session, and were left out", err)


@app.command()
def forget(
    recording: RecordingFile, yes: Annotated[bool, flag("--yes", "Do not ask.")] = False
) -> None:
    """Delete a recording, its video files and whatever else belongs to it.

    Exports of it are not deleted.

    Example:  mirror forget talk.mirror
    """
    for path in recording_files(recording):
        say(f"{path} ({path.stat().st_size / 1e6:.1f} MB)")
    if not yes and not typer.confirm("Delete this for good?"):
        out.print("Nothing was deleted.")
        raise typer.Exit(1)
    for path in delete_recording(recording):
        say(f"Deleted {path}")


@app.command()
def anonymize(
    recording: RecordingFile,
    output: Annotated[
        Path,
        option("RECORDING", "The copy; do not name it after a person or a day.", "-o", "--output"),
    ],
    keep_events: Annotated[
        bool, flag("--keep-events", "Keep marks and the texts of events.")
    ] = False,
    keep_condition: Annotated[bool, flag("--keep-condition", "Keep the condition.")] = False,
) -> None:
    """Copy a recording without names, notes, times of day, sources, video, eyes and mouths.

    Its timeline is the same when it is scored again. People who know somebody may still recognize
    them by how they move.

    Example:  mirror anonymize talk.mirror -o p07.mirror
    """
    with Recording.open(recording) as original, progress_bar("Copying", "frames/s") as show:
        path = copy(original, output, show, keep_events=keep_events, keep_condition=keep_condition)
    run.print_destination(path, output)


@app.command()
def report(
    recordings: Annotated[list[Path], typer.Argument(metavar="RECORDING…", help=".mirror files.")],
    output: Annotated[Path, option("FILE", "The report: .html, or .pdf.", "-o", "--output")],
    pdf: Annotated[Path | None, option("FILE.pdf", "Also write it as a PDF file.", "--pdf")] = None,
    start: options.From = -math.inf,
    end: options.Until = math.inf,
    only: options.While = None,
    force: options.Force = False,
) -> None:
    """Write a report on a recording as one page; on several, a comparison.

    The page needs no other files: it opens offline, prints, and contains the numbers of its
    figures.

    Example:  mirror report talk.mirror -o talk.html

    Example:  mirror report talk.mirror -o talk.html --pdf talk.pdf --from 60 --until 300

    Example:  mirror report monday.mirror tuesday.mirror -o both.html
    """
    from mirror.report.write import check_places, compose, write

    if output.suffix.lower() == ".pdf" and pdf is not None:
        raise typer.BadParameter("-o names a PDF, too; name an HTML file there, or leave out --pdf")
    files = [output] if pdf is None else [output, pdf]
    check_places(files, recordings, replace=force)
    with err.status("Reading …"):
        write(compose(recordings, Span(start, end), only), output, pdf=pdf, replace=force)
    for file in files:
        say(f"Wrote {file}{privacy_note(file)}")
