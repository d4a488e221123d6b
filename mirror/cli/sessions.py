"""Commands that run sessions: demo, live and analyze; and the list of exercises."""

import json
import sys
from dataclasses import replace
from typing import Annotated
from urllib.parse import quote

import typer
from rich.markup import escape
from rich.table import Table

from mirror._support.process import on_stop_signals
from mirror.capture.address import both_people
from mirror.cli import options, run
from mirror.cli.clocks import align_sources
from mirror.cli.clocks import measure_delay as measure_cameras_delay
from mirror.cli.console import err, out, print_error, say
from mirror.cli.tables import show_method
from mirror.cli.window import has_display, open_window
from mirror.errors import ConsentError, WindowError
from mirror.practice.library import find_exercise, own_folder, read_library
from mirror.recording.library import describe_abrupt_end, new_abrupt_ends
from mirror.session.start import SessionRequest, default_name
from mirror.settings import Settings
from mirror.wording import duration

app = typer.Typer()

SourceA = Annotated[str, typer.Argument(metavar="A", help="Source of person A.")]
SourceB = Annotated[
    str | None, typer.Argument(metavar="B", help="Source of person B; none if A's ends in #people.")
]
Seconds = Annotated[
    float | None, options.option("SECONDS", "Stop after this long.", "--seconds", min=0.1)
]
NoRecord = Annotated[bool, options.flag("--no-record", "Record nothing.")]
_NO_WINDOW = "Use the terminal meter even if there is a display."
NoWindow = Annotated[bool, options.flag("--no-window", _NO_WINDOW)]
_MEASURE_DELAY = (
    "Only measure by how much one camera delivers later, from one person in view of both, and "
    "remember it."
)
MeasureDelay = Annotated[bool, options.flag("--measure-delay", _MEASURE_DELAY)]

_SOURCES = """
[bold]Sources[/bold]: 0 (a camera) or its name · a file · rtsp://… or http://… · demo:a, demo:b ·
live, also lsl:NAME (landmarks through Lab Streaming Layer); analyze, also
'series:FILE#columns=NAME,NAME&rate=25' (a plain series).
A fragment selects a part: [cyan]#t=10,70[/cyan] (seconds), [cyan]#people[/cyan] (both people of one
picture, wherever they go), [cyan]#left[/cyan], [cyan]#right[/cyan] (its fixed halves),
[cyan]#xywh=percent:0,0,50,100[/cyan], [cyan]#flip[/cyan] (a mirrored camera);
[cyan]#stream=1[/cyan] another video of a file, [cyan]#fps=30[/cyan] the rate of one without times;
several joined by &, in quotes: '0#left&flip'.
"""


@app.command()
@options.takes_settings
def demo(
    *,
    choose: options.Chosen,
    output: options.Output = None,
    seconds: Seconds = None,
    no_record: NoRecord = False,
    video: options.Video = False,
    no_window: NoWindow = False,
    exercise: options.ExerciseName = None,
    consent_given: options.ConsentGiven = False,
    model: options.Model = None,
    lsl: options.Lsl = None,
    osc: options.Osc = None,
    jsonl: options.Jsonl = None,
) -> None:
    """Run a session with two computer-drawn people who follow a known script; needs no camera.

    In the window, the script repeats until the session is stopped. With an exercise, B is a
    trainee who does not do what is asked for in the first round, and does it from the second on.

    Example:  mirror demo

    Example:  mirror demo --seconds 30 -o first.mirror

    Example:  mirror demo --exercise swap
    """
    chosen = None if exercise is None else find_exercise(exercise)
    part = "" if exercise is None else f"#exercise={quote(exercise)}"
    request = SessionRequest(
        a=f"demo:a{part}",
        b=f"demo:b{part}",
        settings=choose(Settings()),
        model=model,
        output=None if no_record else output or default_name(),
        video=video,
        seconds=seconds,
        title="demo",
        exercise=chosen,
        streams=options.streams(lsl, osc, jsonl),
    )
    request = _ask_for_consent(request, choose.consent, given=consent_given)
    if not no_window:
        _run_in_window(request)
    if seconds is None and chosen is None:
        with on_stop_signals():
            from mirror.capture.synthetic.demo import LENGTH
        request = replace(request, seconds=LENGTH)
    _run_in_terminal(request)


@app.command(epilog=_SOURCES)
@options.takes_settings
def live(
    *,
    choose: options.Chosen,
    a: SourceA,
    b: SourceB = None,
    output: options.Output = None,
    seconds: Seconds = None,
    no_record: NoRecord = False,
    video: options.Video = False,
    no_window: NoWindow = False,
    exercise: options.ExerciseName = None,
    all_frames: options.AllFrames = False,
    measure_delay: MeasureDelay = False,
    label_a: options.LabelA = "A",
    label_b: options.LabelB = "B",
    condition: options.Condition = "",
    notes: options.Notes = "",
    consent_given: options.ConsentGiven = False,
    model: options.Model = None,
    lsl: options.Lsl = None,
    osc: options.Osc = None,
    jsonl: options.Jsonl = None,
) -> None:
    """Score, show and record two sources in real time, until Ctrl-C or Stop in the window.

    Example:  mirror live 0 1

    Example:  mirror live 0#people

    Example:  mirror live 0#left 0#right --window 4

    Example:  mirror live rtsp://192.0.2.7/stream 0 --seconds 600 -o talk.mirror

    Example:  mirror live 0 1 --measure-delay

    Example:  mirror live 0 lsl:Anna --lsl synchrony

    Example:  mirror live 0 1 --exercise be-my-mirror
    """
    a, b = _both(a, b)
    if measure_delay:
        measure_cameras_delay(a, b, model)
        return
    request = SessionRequest(
        a=a,
        b=b,
        settings=choose(Settings()),
        model=model,
        output=None if no_record else output or default_name(),
        video=video,
        seconds=seconds,
        all_frames=all_frames,
        labels=(label_a, label_b),
        condition=condition,
        notes=notes,
        title="live",
        exercise=None if exercise is None else find_exercise(exercise),
        streams=options.streams(lsl, osc, jsonl),
    )
    request = _ask_for_consent(request, choose.consent, given=consent_given)
    if not no_window:
        _run_in_window(request)
    _run_in_terminal(request)


@app.command(epilog=_SOURCES)
@options.takes_settings
def analyze(
    *,
    choose: options.Chosen,
    a: Annotated[str | None, typer.Argument(metavar="A", help="Source of person A.")] = None,
    b: SourceB = None,
    output: options.Output = None,
    video: options.Video = False,
    all_frames: options.AllFrames = False,
    jobs: options.Jobs,
    label_a: options.LabelA = "A",
    label_b: options.LabelB = "B",
    condition: options.Condition = "",
    notes: options.Notes = "",
    consent_given: options.ConsentGiven = False,
    model: options.Model = None,
    series: options.SeriesFile = None,
    columns: options.SeriesColumns = None,
    stamps: options.SeriesTime = None,
    method: options.Method = None,
    align: options.Align = None,
) -> None:
    """Score two files, as fast as the machine allows; or two plain series.

    Of files with more frames per second than --rate, those nearest to its ticks are used.

    Example:  mirror analyze anna.mp4 ben.mp4 -o talk.mirror

    Example:  mirror analyze room.mp4#people --mapping same-side

    Example:  mirror analyze phone1.mp4 phone2.mp4 --align sound

    Example:  mirror analyze --series dyad.txt --columns pat,th --rate 25 --method rmea
    """
    output = output or default_name()
    if series is not None:
        if a is not None:
            raise typer.BadParameter("give two sources or --series, not both")
        if video or align:
            flag = "--video" if video else "--align"
            raise typer.BadParameter(f"--series has no video: leave {flag} out")
        if columns is None:
            raise typer.BadParameter("--series needs --columns, such as --columns pat,th")
        from mirror.capture.series_file import series_sources

        a, b, columns_of = series_sources(series, columns, choose.rate, stamps)
        if (label_a, label_b) == ("A", "B"):
            label_a, label_b = columns_of
    if a is None:
        raise typer.BadParameter("two sources are needed, A and B (or --series)")
    a, b = _both(a, b)
    if method is not None:
        from mirror.analysis.published.apply import check

        check(method)
    a, b, alignment = align_sources(a, b, align)
    request = SessionRequest(
        a=a,
        b=b,
        alignment=alignment,
        settings=choose(Settings()),
        model=model,
        output=output,
        video=video,
        all_frames=all_frames,
        jobs=jobs,
        labels=(label_a, label_b),
        condition=condition,
        notes=notes,
    )
    request = _ask_for_consent(request, choose.consent, given=consent_given)
    path = run.analyze(request)
    if method is not None:
        show_method(path, request.settings, method, as_json=False)


@app.command()
def exercises(as_json: options.Json = False) -> None:
    """List the exercises: the built-in ones, and your own TOML files.

    Example:  mirror exercises

    Example:  mirror demo --exercise swap
    """
    library = read_library()
    if as_json:
        values = [{"name": each.name, **each.to_dict()} for each in library.exercises]
        out.print_json(json.dumps(values, ensure_ascii=False))
    else:
        columns = ("name", "exercise", "rounds", "takes")
        table = Table(*columns, box=None, padding=(0, 2, 0, 0), header_style="bold")
        for each in library.exercises:
            length = duration(each.schedule(0.0)[-1][1])
            table.add_row(
                escape(each.name),
                f"[bold]{escape(each.title)}[/bold]\n{escape(each.text)}",
                str(len(each.rounds)),
                length,
            )
        out.print(table)
        say(f"Your own are TOML files in {own_folder()}")
    for fault in library.faults:
        print_error(fault)
    if library.faults:
        raise typer.Exit(1)


def _both(a: str, b: str | None) -> tuple[str, str]:
    """Return the sources of both people, of one that shows both as well."""
    if b is None and (pair := both_people(a)) is not None:
        return pair
    if b is None:
        raise typer.BadParameter("two sources are needed, A and B; or one with both: 0#people")
    return a, b


def _ask_for_consent(request: SessionRequest, note: str, *, given: bool) -> SessionRequest:
    """Return the request with the consent note; raise if people do not agree to it."""
    if not note:
        if given:
            raise typer.BadParameter("--consent-given needs a consent note in --config")
        return request
    if not given:
        out.print(note, markup=False, highlight=False)
        if not sys.stdin.isatty():
            raise ConsentError(
                "nobody can be asked for consent here; if both people have agreed to the note "
                "above, add --consent-given"
            )
        if not typer.confirm("Have both people agreed to this?"):
            raise ConsentError("without the consent of both people, nothing was opened")
    return replace(request, consent=note)


def _run_in_window(request: SessionRequest) -> None:
    """Run the session in the window and exit; return only if no window can be opened."""
    if not has_display():
        return
    try:
        status = open_window(request)
    except WindowError as error:
        print_error(f"{error} (the terminal meter shows the session instead)")
        return
    raise typer.Exit(status)


def _run_in_terminal(request: SessionRequest) -> None:
    for path in new_abrupt_ends((request.path or default_name()).parent):
        say(f"mirror: {describe_abrupt_end(path)}".replace("\n", " "), err)
    if request.exercise is not None and request.seconds is None:
        # its last rows come a little after its end
        request = replace(request, seconds=request.exercise.schedule(0.0)[-1][1] + 1.0)
    run.live(request)
