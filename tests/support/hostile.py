"""Do run_everything that the program does with a recording; collect its errors.

As a script, it takes the paths of recordings, and limits its memory.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

from mirror import Recording
from mirror.cli.console import Terminal
from mirror.cli.tables import session_table
from mirror.errors import MirrorError
from mirror.recording.anonymize import anonymize
from mirror.recording.edit import recording_files
from mirror.recording.library import list_recordings
from mirror.recording.playback import Replay
from mirror.recording.rescore import score_again
from mirror.report.methods_paragraph import methods_text
from mirror.summary import summarize

MEMORY = 700 * 2**20
"""Bytes of address space for reading, beyond what the program itself takes."""

TIMEOUT_S = 20.0
"""After which scoring again is cancelled, as a user would."""


class _CancelledError(Exception):
    pass


def run_everything(path: Path) -> list[str]:
    """Do run_everything and return the error messages, each of one line."""
    errors = []
    steps = [_read, _play, _describe, _score, _copy, recording_files]
    for step in steps:
        try:
            step(path)
        except MirrorError as error:
            text = str(error)
            assert "\n" not in text, text
            errors.append(text)
    list_recordings(path.parent)
    return errors


def _read(path: Path) -> None:
    with Recording.open(path) as recording:
        errors: list[str] = []
        for read in (
            lambda: recording.session,
            lambda: recording.settings_history,
            recording.counts,
            recording.events,
            recording.timeline,
            lambda: recording.sample(240),
            lambda: recording.duration,
            lambda: sum(1 for _ in recording.poses()),
            lambda: recording.pose_times("a"),
            lambda: recording.row_times(0.5),
            lambda: recording.score_at(0.5),
        ):
            try:
                read()
            except MirrorError as error:
                errors.append(str(error))
        if errors:
            raise MirrorError(errors[0])


def _play(path: Path) -> None:
    with Replay.open(path) as replay:
        for moment in (0.0, 0.5, replay.duration / 2, replay.duration, -1.0, 1e9):
            replay.pose("a", moment)
            replay.frame("a", moment)


def _describe(path: Path) -> None:
    with Recording.open(path) as recording:
        summarize(recording.timeline())
        methods_text(recording)
        with Path("/dev/null").open("w") as nowhere:
            console = Terminal(file=nowhere, force_terminal=True)
            console.print(session_table(recording))
            for event in recording.events():
                console.print(event.text, markup=False)


def _score(path: Path) -> None:
    begun = time.monotonic()

    def cancel_late(*_: int) -> None:
        if time.monotonic() - begun > TIMEOUT_S:
            raise _CancelledError

    with Recording.open(path) as recording:
        try:
            score_again(recording, recording.settings_history, cancel_late)
        except _CancelledError:
            return


def _copy(path: Path) -> None:
    with Recording.open(path) as recording:
        copy = anonymize(recording, path.with_name("copy.mirror"), lambda *_: None)
    copy.unlink()


def _limit() -> None:
    import resource

    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))


if __name__ == "__main__":
    np.seterr(all="raise", under="ignore")
    _limit()
    for name in sys.argv[1:]:
        sys.stdout.write("\t".join([name, *run_everything(Path(name))]) + "\n")
        sys.stdout.flush()
