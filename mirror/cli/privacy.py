"""Commands about what is kept of people: forget, anonymize."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from mirror.cli import run
from mirror.cli.console import out, progress
from mirror.cli.options import RecordingFile

app = typer.Typer()


@app.command()
def forget(
    recording: RecordingFile,
    yes: Annotated[bool, typer.Option("--yes", metavar="", help="Do not ask.")] = False,
) -> None:
    """Delete a recording, its pictures and whatever else was kept beside it.

    What was exported from it stays where it is.

    Example:  mirror forget talk.mirror
    """
    from mirror.recording.delete import delete_recording as delete
    from mirror.recording.delete import recording_files

    for each in recording_files(recording):
        size = each.stat().st_size / 1e6
        out.print(f"{escape(str(each))} ({size:.1f} MB)", highlight=False, soft_wrap=True)
    if not yes and not typer.confirm("Delete this for good?"):
        out.print("Nothing was deleted.")
        raise typer.Exit(1)
    for each in delete(recording):
        out.print(f"Deleted {escape(str(each))}", highlight=False, soft_wrap=True)


@app.command()
def anonymize(
    recording: RecordingFile,
    output: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            metavar="RECORDING",
            help="Where to; name it neither after a person nor after a day.",
        ),
    ],
    keep_events: Annotated[
        bool,
        typer.Option("--keep-events", metavar="", help="Keep marks and texts of events, as said."),
    ] = False,
    keep_condition: Annotated[
        bool, typer.Option("--keep-condition", metavar="", help="Keep the condition.")
    ] = False,
) -> None:
    """A copy without names, notes, times of day, sources, pictures, eyes and mouths.

    It is scored again to the same timeline. How somebody moves may still tell who it is to those
    who know them.

    Example:  mirror anonymize talk.mirror -o p07.mirror
    """
    from mirror.recording.anonymize import anonymize as copy
    from mirror.recording.reader import Recording

    with Recording.open(recording) as original, progress() as bars:
        task = bars.add_task("Copying", total=None, speed="")
        started = time.monotonic()

        def show(done: int, total: int) -> None:
            speed = f"{done / max(time.monotonic() - started, 0.001):.0f} frames/s"
            bars.update(task, completed=done, total=total, speed=speed)

        path = copy(original, output, show, keep_events=keep_events, keep_condition=keep_condition)
    run.said_where(path, output)
