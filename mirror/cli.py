"""The command line."""

from __future__ import annotations

import json
import math
import sys
import time
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from mirror import __version__, options, running
from mirror.errors import MirrorError
from mirror.recording import SUFFIX, Recording
from mirror.running import out
from mirror.settings import Settings
from mirror.tables import session_table, summary_table

# Heavy parts (MediaPipe takes seconds to import) are imported by the commands that use them, so
# that --help, info and export answer at once.

app = typer.Typer(
    name="mirror",
    help="How two people's movement is coordinated: in phase, in anti-phase, with a lag, or not.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)

RecordingFile = Annotated[Path, typer.Argument(metavar="RECORDING", help="A .mirror file.")]
SourceA = Annotated[str, typer.Argument(metavar="A", help="Source of person A.")]
SourceB = Annotated[str, typer.Argument(metavar="B", help="Source of person B.")]
Seconds = Annotated[
    float | None,
    typer.Option("--seconds", metavar="SECONDS", min=0.1, help="Stop by itself after this long."),
]
NoRecord = Annotated[bool, typer.Option("--no-record", metavar="", help="Keep nothing.")]
Json = Annotated[bool, typer.Option("--json", metavar="", help="As JSON, for programs.")]
NoWindow = Annotated[
    bool,
    typer.Option(
        "--no-window", metavar="", help="The terminal meter, also where there is a display."
    ),
]

_SOURCES = """
[bold]Sources[/bold]: 0 (a camera) or its name · a file · rtsp://… or http://… · demo:a, demo:b.
A fragment narrows one: [cyan]#t=10,70[/cyan] (seconds), [cyan]#left[/cyan], [cyan]#right[/cyan],
[cyan]#xywh=percent:0,0,50,100[/cyan], [cyan]#flip[/cyan] (a selfie picture);
several joined by &, in quotes: '0#left&flip'.
"""


def main() -> None:
    """Run the command line; a `MirrorError` is one line on stderr and exit status 1."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # of an encoding without bars, on some systems
            stream.reconfigure(errors="replace")
    try:
        app(prog_name="mirror")
    except MirrorError as error:
        running.complain(str(error))
        sys.exit(1)


def _version(wanted: bool) -> None:
    if wanted:
        out.print(f"mirror {__version__}", highlight=False)
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    pass


@app.command()
@options.takes_settings
def demo(
    *,
    choose: options.ChooseSettings,
    output: options.Output = None,
    seconds: Seconds = None,
    no_record: NoRecord = False,
    no_window: NoWindow = False,  # noqa: ARG001  the terminal meter is the only face so far
    model: options.Model = None,
) -> None:
    """Two rendered people with a known script, through the real pipeline; needs no camera.

    Example:  mirror demo

    Example:  mirror demo --seconds 30 -o first.mirror
    """
    with running.ended_by_interrupt():
        from mirror.demo import LENGTH

    settings = choose(Settings())
    running.live(
        ("demo:a", "demo:b"),
        settings,
        model,
        title="demo",
        output=None if no_record else output or _default_name(),
        seconds=LENGTH if seconds is None else seconds,
    )


@app.command(epilog=_SOURCES)
@options.takes_settings
def live(
    *,
    choose: options.ChooseSettings,
    a: SourceA,
    b: SourceB,
    output: options.Output = None,
    seconds: Seconds = None,
    no_record: NoRecord = False,
    no_window: NoWindow = False,  # noqa: ARG001  the terminal meter is the only face so far
    label_a: options.LabelA = "A",
    label_b: options.LabelB = "B",
    condition: options.Condition = "",
    notes: options.Notes = "",
    model: options.Model = None,
) -> None:
    """Two sources in real time: scored, shown and recorded until Ctrl-C.

    Example:  mirror live 0 1

    Example:  mirror live 0#left 0#right --window 4

    Example:  mirror live rtsp://192.0.2.7/stream 0 --seconds 600 -o talk.mirror
    """
    settings = choose(Settings())
    running.live(
        (a, b),
        settings,
        model,
        title="live",
        output=None if no_record else output or _default_name(),
        seconds=seconds,
        labels={"a": label_a, "b": label_b},
        condition=condition,
        notes=notes,
    )


@app.command(epilog=_SOURCES)
@options.takes_settings
def analyze(
    *,
    choose: options.ChooseSettings,
    a: Annotated[str | None, typer.Argument(metavar="A", help="Source of person A.")] = None,
    b: Annotated[str | None, typer.Argument(metavar="B", help="Source of person B.")] = None,
    output: options.Output = None,
    label_a: options.LabelA = "A",
    label_b: options.LabelB = "B",
    condition: options.Condition = "",
    notes: options.Notes = "",
    model: options.Model = None,
    series: options.SeriesFile = None,
    columns: options.SeriesColumns = None,
    stamps: options.SeriesTime = None,
    method: options.Method = None,
) -> None:
    """Every frame of two files, as fast as the machine allows; or two plain series.

    Example:  mirror analyze anna.mp4 ben.mp4 -o talk.mirror

    Example:  mirror analyze room.mp4#left room.mp4#right --mapping same-side

    Example:  mirror analyze --series dyad.txt --columns pat,th --rate 25 --method rmea
    """
    if series is not None:
        if a is not None:
            raise typer.BadParameter("give two sources or --series, not both")
        if columns is None:
            raise typer.BadParameter("--series needs --columns, such as --columns pat,th")
        labels = {"a": label_a, "b": label_b}
        about: dict[str, Any] = {"condition": condition, "notes": notes}
        if labels != {"a": "A", "b": "B"}:
            about["labels"] = labels
        _analyze_series(series, columns, stamps, choose, output, method, **about)
        return
    if a is None or b is None:
        raise typer.BadParameter("two sources are needed, A and B (or --series)")
    if method is not None:
        from mirror.by_method import check

        check(method)
    settings = choose(Settings())
    path = running.analyze(
        (a, b),
        settings,
        model,
        output or _default_name(),
        labels={"a": label_a, "b": label_b},
        condition=condition,
        notes=notes,
    )
    if method is not None:
        _show_method(path, settings, method, as_json=False)


@app.command()
@options.takes_settings
def rescore(
    *,
    choose: options.ChooseSettings,
    recording: RecordingFile,
    output: options.Output = None,
    method: options.Method = None,
    as_json: Json = False,
) -> None:
    """A recording's landmarks, scored again with other settings into a new recording.

    What is not given stays as it was recorded.

    Example:  mirror rescore talk.mirror -o talk-12s.mirror --window 12

    Example:  mirror rescore talk.mirror --mapping same-side

    Example:  mirror rescore talk.mirror --method susy    (figures only; nothing is recorded)
    """
    if method is not None:
        if output is not None:
            raise typer.BadParameter("--method shows figures and records nothing: leave -o out")
        with Recording.open(recording) as original:
            settings = choose(original.settings)
        _show_method(recording, settings, method, as_json=as_json)
        return
    from mirror.rescore import rescore as score_again
    from mirror.summary import summarize

    with Recording.open(recording) as original:
        settings = choose(original.settings)
        with running.progress() as progress:
            task = progress.add_task("Scoring again", total=None, speed="")
            started = time.monotonic()

            def show(done: int, total: int) -> None:
                speed = f"{done / max(time.monotonic() - started, 0.001):.0f} frames/s"
                progress.update(task, completed=done, total=total, speed=speed)

            timeline, path = score_again(original, output or recording, settings, show)
    out.print(summary_table(summarize(timeline)))
    running.said_where(path, output)


@app.command()
def export(
    recording: RecordingFile,
    to: Annotated[str, typer.Option("--to", metavar="FORMAT", help="csv")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="Where to.")],
    force: Annotated[
        bool, typer.Option("--force", metavar="", help="Replace it if it exists.")
    ] = False,
) -> None:
    """The timeline for other tools.

    Example:  mirror export talk.mirror --to csv -o talk.csv
    """
    from mirror.exports import export as write

    with Recording.open(recording) as opened:
        write(opened, to, output, replace=force)
    out.print(f"Wrote {escape(str(output))}", highlight=False, soft_wrap=True)


@app.command()
def info(
    recording: RecordingFile,
    as_json: Json = False,
    methods: Annotated[
        bool,
        typer.Option("--methods-text", metavar="", help="A paragraph for a methods section."),
    ] = False,
) -> None:
    """What is in a recording: sources, settings, quality, summary, events.

    Example:  mirror info talk.mirror
    """
    from mirror.methods_text import methods_text
    from mirror.summary import summarize

    with Recording.open(recording) as opened:
        if methods:
            out.print(methods_text(opened), highlight=False, markup=False)
            return
        session, counts, events = opened.session, opened.counts(), opened.events()
        summary = summarize(opened.timeline())
    if as_json:
        facts = {
            "session": session,
            "frames": {feed: {"frames": n, "with_person": m} for feed, (n, m) in counts.items()},
            "summary": {
                name: None if math.isnan(value := getattr(summary, name)) else value
                for name in summary.__slots__
            },
            "events": [{"time_s": e.time_s, "kind": e.kind, "text": e.text} for e in events],
        }
        out.print_json(json.dumps(facts, ensure_ascii=False))
        return
    out.print(session_table(recording, session, counts))
    out.print()
    out.print(summary_table(summary))
    if events:
        out.print("\n[bold]Events[/bold]")
        for event in events:
            out.print(
                f"  {event.time_s:8.2f} s  {escape(event.kind):8} {escape(event.text)}",
                highlight=False,
                soft_wrap=True,
            )


@app.command("test")
@options.takes_settings
def compare(
    *,
    choose: options.ChooseSettings,
    recordings: Annotated[
        list[Path], typer.Argument(metavar="RECORDING…", help=".mirror files, or folders of them.")
    ],
    null: Annotated[
        str, typer.Option(metavar="NAME", help="shuffle, shift or pseudo-pairs.")
    ] = "shuffle",
    surrogates: Annotated[
        int, typer.Option(min=1, max=100_000, help="How many surrogates.")
    ] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="Of the random choices.")] = 0,
    any_role: Annotated[
        bool,
        typer.Option("--any-role", metavar="", help="pseudo-pairs: also A with A, and B with B."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Observed mean scores against chance: effect size and p for each score and region.

    Example:  mirror test talk.mirror

    Example:  mirror test study/ --null pseudo-pairs --json
    """
    from mirror.studying import compare_with_chance

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
    choose: options.ChooseSettings,
    recording: RecordingFile,
    start: Annotated[float, typer.Option("--from", metavar="SECONDS", help="Start there.")] = 0.0,
    end: Annotated[
        float, typer.Option("--until", metavar="SECONDS", help="Stop there. (the end)")
    ] = math.inf,
    as_json: Json = False,
) -> None:
    """Distribution of the relative phase, and the rhythms that both people share.

    Example:  mirror phase talk.mirror --from 60 --until 300
    """
    from mirror.studying import show_phase

    show_phase(out, recording, choose, start, end, as_json=as_json)


@app.command()
def validate(
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE.html", help="Where the report goes.")
    ],
    quick: Annotated[
        bool, typer.Option("--quick", metavar="", help="A few short pairs, to see that it works.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Of looks, movements and noise.")] = 0,
    facts: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="The numbers for programs, too.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", metavar="", help="Replace files that exist.")
    ] = False,
    model: options.Model = None,
) -> None:
    """The program against rendered people whose coordination is known: error, bias, spread.

    Takes some minutes. Exit status 1 where a criterion fails.

    Example:  mirror validate -o report.html

    Example:  mirror validate -o report.html --json report.json --seed 1
    """
    from mirror.validation.command import validate as run

    run(out, output, quick=quick, seed=seed, facts=facts, model=model, force=force)


@app.command()
def cameras() -> None:
    """What is plugged in.

    Example:  mirror cameras
    """
    from mirror.sources.camera import list_cameras

    found = list_cameras()
    if not found:
        out.print("No camera is plugged in. `mirror demo` needs none.")
        return
    table = Table("use", "name", "identity", box=None, header_style="bold")
    for camera in found:
        table.add_row(str(camera.index), escape(camera.name), escape(camera.identity))
    out.print(table)
    if len(found) == 1:
        out.print("One camera with two people in it: mirror live 0#left 0#right", highlight=False)


@app.command()
def doctor(model: options.Model = None) -> None:
    """What works on this machine, and the fix for what doesn't.

    Example:  mirror doctor
    """
    from mirror.doctor import examine

    running.divert_native_messages()
    table = Table(box=None, show_header=False, padding=(0, 1))
    failed = 0
    for check in examine(model):
        failed += check.ok is False
        mark = {True: "[green]✓[/green]", False: "[red]✗[/red]", None: "[yellow]–[/yellow]"}
        table.add_row(mark[check.ok], escape(check.name), escape(check.found))
        if check.fix:
            table.add_row("", "", f"[bold]→ {escape(check.fix)}[/bold]")
    out.print(table)
    if failed:
        raise typer.Exit(1)


_ANY_RATE = 1000.0  # until the file says its own: no hop or band is refused for the grid's sake


def _analyze_series(
    path: Path,
    columns: str,
    stamps: str | None,
    choose: options.ChooseSettings,
    output: Path | None,
    method: str | None,
    **about: Any,
) -> None:
    from mirror.by_method import analyze_series, check, figures, figures_table
    from mirror.summary import summarize

    if method is not None:
        check(method)
    # In units of their own, series have no floor but the one that is asked for.
    settings = choose(Settings(floor=0.0, rate=_ANY_RATE))
    found, timeline, written = analyze_series(
        path,
        columns,
        options.rate_given(choose),
        stamps,
        settings,
        output or _default_name(),
        **about,
    )
    out.print(summary_table(summarize(timeline)))
    running.said_where(written, output)
    if method is not None:
        out.print(figures_table(method, figures(method, found)))


def _show_method(path: Path, settings: Settings, method: str, *, as_json: bool) -> None:
    from mirror.by_method import body_movement, check, figures, figures_table, plain

    check(method)
    with Recording.open(path) as recording:
        found = figures(method, body_movement(recording, settings))
    if as_json:
        out.print_json(json.dumps({"method": method, "figures": plain(found)}))
    else:
        out.print(figures_table(method, found))


def _default_name() -> Path:
    return Path("recordings") / time.strftime(f"%Y-%m-%d_%H-%M-%S{SUFFIX}")
