"""The command that aligns two videos, and what `analyze` and `live` do about clocks."""

import shlex
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from mirror._support.process import redirect_native_stderr
from mirror.cli import options
from mirror.cli.console import err, out, print_error, progress_bar, say
from mirror.clocks.cameras import describe_delay, source_noun
from mirror.clocks.sound import Alignment
from mirror.errors import SourceError
from mirror.session.delay import TASK, measure_cameras

app = typer.Typer()


@app.command()
def align(
    a: Annotated[str, typer.Argument(metavar="A", help="Video of person A.")],
    b: Annotated[str, typer.Argument(metavar="B", help="Video of person B.")],
    output: Annotated[
        Path | None, options.option("FILE", "Plot: .svg, .png or .html.", "-o", "--output")
    ] = None,
    force: options.Force = False,
) -> None:
    """Find offset and drift between two videos of one room from their sound.

    Prints the command that analyzes both on one clock. Exit status 1 if the result is unsure.

    Example:  mirror align phone1.mp4 phone2.mp4

    Example:  mirror align phone1.mp4 phone2.mp4 -o alignment.html
    """
    from mirror.clocks.videos import align_videos, aligned
    from mirror.report.figures.alignment import alignment_facts, write_alignment

    with err.status("Comparing the sound …"):
        found = align_videos(a, b)
    names = Path(a).name, Path(b).name
    if output is not None:
        write_alignment(found, names, output, replace=force)
    texts = aligned(a, b, found)
    table = Table(box=None, show_header=False, padding=(0, 1))
    for name, value in alignment_facts(found, names):
        table.add_row(name, escape(value), style="" if found.is_sure else "yellow")
    out.print(table)
    say(f"mirror analyze {' '.join(map(shlex.quote, texts))}")
    if output is not None:
        say(f"Wrote {output}")
    if not found.is_sure:
        print_error(_unsure(a, b, found))
        raise typer.Exit(1)


def align_sources(a: str, b: str, by: str | None) -> tuple[str, str, Alignment | None]:
    """Return both sources on one clock, and their alignment by "sound"; as they are by None.

    Raise SourceError if it cannot be found, or not with confidence.
    """
    if by is None:
        return a, b, None
    if by != "sound":
        raise typer.BadParameter(f"--align {by} is not known; write --align sound")
    from mirror.clocks.videos import align_videos, aligned

    with err.status("Comparing the sound …"):
        found = align_videos(a, b)
    if not found.is_sure:
        raise SourceError(_unsure(a, b, found))
    return *aligned(a, b, found), found


def measure_delay(a: str, b: str, model: Path | None) -> None:
    """Measure the delay between two cameras, remember it, and print it."""
    redirect_native_stderr()
    say(TASK, err)
    with progress_bar("Watching the movement") as show:
        delay = measure_cameras(a, b, show, model=model, announce=lambda text: say(text, err))
    found = describe_delay(delay.seconds, source_noun(a))
    say(
        f"{found} (± {1e3 * delay.error_s:.1f} ms). Remembered for these "
        "two; mirror cameras --forget-delays forgets it."
    )


def _unsure(a: str, b: str, found: Alignment) -> str:
    why = f"confidence {found.confidence:.2f}"
    if found.rival_s is not None:
        why = f"an offset of {found.rival_s:.3f} s fits nearly as well, as in music that repeats"
    return (
        f"{a} and {b} may begin {abs(found.offset_s):.3f} s apart, but that is unsure: {why}; "
        "check it at a clap"
    )
