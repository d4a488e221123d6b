"""Commands for privacy: forget and anonymize."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mirror.cli import run
from mirror.cli.console import out, progress_bar, say
from mirror.cli.options import RecordingFile, flag, option

app = typer.Typer()


@app.command()
def forget(
    recording: RecordingFile,
    yes: Annotated[bool, flag("--yes", "Do not ask.")] = False,
) -> None:
    """Delete a recording, its video files and whatever else belongs to it.

    Exports of it are not deleted.

    Example:  mirror forget talk.mirror
    """
    from mirror.recording.delete import delete_recording, recording_files

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
    from mirror.recording.anonymize import anonymize as copy
    from mirror.recording.reader import Recording

    with Recording.open(recording) as original, progress_bar("Copying", "frames/s") as show:
        path = copy(original, output, show, keep_events=keep_events, keep_condition=keep_condition)
    run.print_destination(path, output)
