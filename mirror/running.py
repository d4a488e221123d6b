"""Running sessions from the command line: opening, showing progress or the meter, concluding."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import platformdirs
import typer
from rich.markup import escape
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from mirror.capture.synthetic.script import Script
from mirror.errors import SourceError
from mirror.meter import TerminalMeter
from mirror.recording.writer import Recorder
from mirror.session.disk import Space
from mirror.session.start import Start, start_live, start_offline
from mirror.tables import summary_table
from mirror.terminal import Terminal

if TYPE_CHECKING:
    from mirror.session.base import Session
    from mirror.session.offline import OfflineSession

S = TypeVar("S")

ENDING = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
"""What asks a session to end: Ctrl-C, the system, and a terminal that is closed."""

out = Terminal(emoji=False)
err = Terminal(stderr=True, emoji=False)


def live(start: Start) -> None:
    """A session in real time, shown in the terminal meter."""
    shown = err if "jsonl:-" in start.streams else out
    session = _started(start_live, start)
    script = Script(start.a, start.b)
    recorder = session.recorder

    def recording() -> str:
        if recorder is None:
            return "Not recording"
        if session.recorder is None:
            return "No longer recording"
        kept = " and pictures of both people" if start.video else ""
        return f"● Recording {recorder.path} — {recorder.size() / 1e6:.1f} MB{kept}"

    if not shown.is_terminal:
        shown.print(recording(), markup=False, highlight=False, soft_wrap=True)
    warnings: list[str] = []
    told = 0
    space = None if recorder is None else Space(recorder.path)
    meter = TerminalMeter(shown, start.title, recording, script.now if script else None)
    with stopped_by_signals(session), meter, closing(session.run(start.seconds)) as updates:
        for update in updates:
            script.mark(session, update.time)
            warnings += session.warnings[told:]
            told = len(session.warnings)
            if space is not None and session.recorder is not None:
                low = space.look(update.time, session.recorder.size)
                warnings += [] if low is None else [low]
            meter.show(update, session.status(), warnings)
    _conclude(session, recorder, start.path, shown=shown)


def analyze(start: Start) -> Path:
    """Every frame of two recorded sources, with a progress bar; where they were recorded."""
    session = _started(start_offline, start)
    recorder = session.recorder
    assert recorder is not None, "an analysis is for its recording"
    try:
        reached = _to_the_end(session, Script(start.a, start.b))
    except SourceError as error:
        if not recorder.path.exists():
            raise
        fault = str(error)
    else:
        fault = _shortfall(session, recorder.path, reached)
    _conclude(session, recorder, start.path, fault)
    return recorder.path


def _started(begin: Callable[..., S], start: Start) -> S:
    """A session by `start_live` or `start_offline`, with words for what takes long."""
    divert_native_messages()
    with err.status("Opening both sources …") as status:
        err.show_cursor()  # what ends the program meanwhile would leave the terminal without one

        def announce(text: str) -> None:
            status.stop()
            err.print(text, markup=False, highlight=False, soft_wrap=True)

        def importing() -> AbstractContextManager[None]:
            status.stop()
            return ended_by_interrupt()

        return begin(start, announce, opening=ended_by_interrupt, importing=importing)


def _to_the_end(session: OfflineSession, script: Script) -> float:
    """Run the session under a progress bar; the second that was reached."""
    started, frames, reached = time.monotonic(), 0, 0.0
    with stopped_by_signals(session), progress() as bars, closing(session.run()) as updates:
        task = bars.add_task("Following both people", total=session.duration, speed="")
        for update in updates:
            script.mark(session, update.time)
            reached, frames = update.time, frames + (update.pose is not None)
            speed = frames / (time.monotonic() - started)
            bars.update(task, completed=reached, speed=f"{speed:.0f} frames/s")
            if session.recorder is None:
                return reached  # the disk failed: what comes now would be lost
        if not session.interrupted:
            # the last picture is seen a little before the end
            bars.update(task, completed=session.duration)
    return reached


def _shortfall(session: OfflineSession, path: Path, reached: float) -> str:
    """What an analysis lacks though nothing failed, in one line; nothing where it is whole."""
    if session.interrupted:
        kept = f"what came before is in {path}" if reached else "start again"
        return f"stopped at {reached:.1f} s; {kept}"
    empty = [each for each in session.status().values() if not each.found_frames]
    if empty and session.recorder is not None:
        named = " and ".join(f"{each.text} ({each.frames} frames)" for each in empty)
        return (
            f"nobody was found in {named}; check that one person is in the picture from the head "
            "to the hips, or crop with #left or #xywh"
        )
    return ""


def _conclude(
    session: Session,
    recorder: Recorder | None,
    output: Path | None,
    fault: str = "",
    shown: Terminal = out,
) -> None:
    """The summary at the end; exit status 1 where something was lost on the way."""
    shown.print()
    shown.print(summary_table(session.summary()))
    if recorder is not None:
        said_where(recorder.path, output, shown)
    faults = [*session.warnings, fault] if fault else session.warnings
    for each in faults:
        complain(each)
    if faults:
        raise typer.Exit(1)


def said_where(path: Path, wanted: Path | None, shown: Terminal = out) -> None:
    """Say which file was written, and why it is not the one that was asked for."""
    if not path.exists():
        shown.print("Nothing was recorded.")
        return
    if wanted is not None and path != wanted:
        shown.print(
            f"{escape(str(wanted))} exists, so it was left alone.", highlight=False, soft_wrap=True
        )
    shown.print(f"Recorded in [bold]{escape(str(path))}[/bold]", highlight=False, soft_wrap=True)


def complain(text: str) -> None:
    """Say on stderr what went wrong, in one line."""
    line = escape(_one_line(text))
    err.print(f"[bold red]mirror:[/bold red] {line}", highlight=False, soft_wrap=True)


def remark(text: str) -> None:
    """Say on stderr what is worth knowing, in one line."""
    err.print(f"mirror: {escape(_one_line(text))}", highlight=False, soft_wrap=True)


def _one_line(text: str) -> str:
    return " ".join(text.split("\n"))


def progress() -> Progress:
    """A progress bar on stderr, where that is a terminal; its tasks have a field ``speed``."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[speed]}"),
        TimeRemainingColumn(),
        TextColumn("left"),
        console=err,
        disable=not err.is_terminal,
    )


@contextmanager
def ended_by_interrupt() -> Iterator[None]:
    """Ctrl-C ends the program at once and without a word, while there is nothing to lose.

    For imports: libraries answer an interrupt in the middle of theirs with errors of their own. And
    for opening sources: a library that waits for a device, a disk or a pipe does not hear of it.
    """
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def stopped_by_signals(session: Session) -> Iterator[None]:
    """Ctrl-C, SIGTERM and a closed terminal end it in good order; a second one the program."""
    before = {each: signal.getsignal(each) for each in ENDING}

    def stop(number: int, _frame: object) -> None:
        session.stop()
        signal.signal(number, before[signal.Signals(number)])

    for each in ENDING:
        signal.signal(each, stop)
    try:
        yield
    finally:
        for each in ENDING:
            signal.signal(each, before[each])


def divert_native_messages() -> None:
    """Send what C++ libraries write to file descriptor 2 into a log file.

    MediaPipe, its TensorFlow Lite and Lab Streaming Layer write there whatever they are told, in
    the middle of the meter. Python's own stderr keeps the terminal through a copy of it.
    """
    try:
        log = platformdirs.user_log_path("mirror", appauthor=False, ensure_exists=True)
        target = os.open(log / "native.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError:  # no place to keep them, and nobody needs them but to hunt a bug
        target = os.open(os.devnull, os.O_WRONLY)
    kept = os.dup(2)
    os.dup2(target, 2)
    os.close(target)
    sys.stderr = os.fdopen(kept, "w", buffering=1, encoding="utf-8", errors="replace")
    err.file = sys.stderr
