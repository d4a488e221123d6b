"""Running sessions from the command line: opening, showing progress or the meter, concluding."""

from __future__ import annotations

import os
import shlex
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from mirror.errors import SourceError
from mirror.meter import TerminalMeter
from mirror.model import Model, provide_model
from mirror.provenance import describe
from mirror.recorder import Recorder
from mirror.recording import Event
from mirror.settings import Settings
from mirror.tables import summary_table

if TYPE_CHECKING:
    from mirror.session import OfflineSession, Session

out = Console(emoji=False)
err = Console(stderr=True, emoji=False)


def live(
    texts: tuple[str, str],
    settings: Settings,
    model: Path | None,
    *,
    title: str,
    output: Path | None,
    seconds: float | None,
    **about: Any,
) -> None:
    """Two sources in real time, shown in the terminal meter, recorded where `output` says."""
    provided = _provided(model)
    divert_native_messages()
    # MediaPipe takes seconds to import, so it waits until the messages are out of the way.
    with ended_by_interrupt():
        from mirror.pose import PoseTracker
        from mirror.session import LiveSession
        from mirror.sources import open_pair

    with err.status("Opening both sources …"):
        a, b = open_pair(*texts, loop=True)
    script = _Script(a.text, b.text)
    recorder = None
    if output is not None:
        recorder = Recorder(output, describe(settings, (a.text, b.text), provided, **about))
    session = LiveSession(
        a, b, settings, tracker=lambda: PoseTracker(provided.path), recorder=recorder
    )

    def recording() -> str:
        if recorder is None:
            return "Not recording"
        if session.recorder is None:
            return "No longer recording"
        return f"● Recording {recorder.path} — {recorder.size() / 1e6:.1f} MB"

    if not out.is_terminal:
        out.print(recording(), markup=False, highlight=False, soft_wrap=True)
    meter = TerminalMeter(out, title, recording, script.now if script else None)
    with stopped_by_signals(session), meter, closing(session.run(seconds)) as updates:
        for update in updates:
            script.mark(session, update.time)
            meter.show(update, session.status(), session.warnings)
    _conclude(session, recorder, output)


def analyze(
    texts: tuple[str, str], settings: Settings, model: Path | None, output: Path, **about: Any
) -> Path:
    """Every frame of two recorded sources, with a progress bar; where they were recorded."""
    from mirror.sources import open_pair

    a, b = open_pair(*texts)
    for source in (a, b):
        if source.live:
            a.close()
            b.close()
            raise SourceError(
                f"{source.text} has no end, so it cannot be analyzed; "
                f"use: mirror live {shlex.join([a.text, b.text])}"
            )
    provided = _provided(model)
    divert_native_messages()
    with ended_by_interrupt():
        from mirror.pose import PoseTracker
        from mirror.session import OfflineSession

    recorder = Recorder(output, describe(settings, (a.text, b.text), provided, **about))
    script = _Script(a.text, b.text)
    session = OfflineSession(
        a, b, settings, tracker=lambda: PoseTracker(provided.path), recorder=recorder
    )
    lengths = [source.duration for source in (a, b) if source.duration is not None]
    try:
        reached = _to_the_end(session, script, max(lengths) if len(lengths) == 2 else None)
    except SourceError as error:
        if not recorder.path.exists():
            raise
        fault = str(error)
    else:
        fault = _shortfall(session, recorder.path, reached)
    _conclude(session, recorder, output, fault)
    return recorder.path


def _to_the_end(session: OfflineSession, script: _Script, total: float | None) -> float:
    """Run the session under a progress bar; the second that was reached."""
    started, frames, reached = time.monotonic(), 0, 0.0
    with stopped_by_signals(session), progress() as bars, closing(session.run()) as updates:
        task = bars.add_task("Following both people", total=total, speed="")
        for update in updates:
            script.mark(session, update.time)
            reached, frames = update.time, frames + (update.pose is not None)
            speed = frames / (time.monotonic() - started)
            bars.update(task, completed=reached, speed=f"{speed:.0f} frames/s")
            if session.recorder is None:
                return reached  # the disk failed: what comes now would be lost
        if not session.interrupted:
            bars.update(task, completed=total)  # the last picture is seen a little before the end
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
    session: Session, recorder: Recorder | None, output: Path | None, fault: str = ""
) -> None:
    """The summary at the end; exit status 1 where something was lost on the way."""
    out.print()
    out.print(summary_table(session.summary()))
    if recorder is not None:
        said_where(recorder.path, output)
    faults = [*session.warnings, fault] if fault else session.warnings
    for each in faults:
        complain(each)
    if faults:
        raise typer.Exit(1)


class _Script:
    """What the demo's rendered people are doing, as events and for the meter; else nothing."""

    def __init__(self, a: str, b: str) -> None:
        self._marked = 0
        self._rendered = (a, b) == ("demo:a", "demo:b")

    def __bool__(self) -> bool:
        return self._rendered

    def now(self, moment: float) -> str:
        """What is true at a moment."""
        passed = self._truths(moment)
        return passed[-1][1] if passed else ""

    def mark(self, session: Session, moment: float) -> None:
        """Write what has come true since the last call into the recording."""
        passed = self._truths(moment)
        for time_s, text in passed[self._marked :]:
            session.mark(Event(time_s, "truth", text))
        # A heartbeat may run ahead of the pictures: what was marked stays marked.
        self._marked = max(self._marked, len(passed))

    def _truths(self, moment: float) -> list[tuple[float, str]]:
        if not self._rendered:
            return []
        from mirror.demo import truth

        return truth(moment)


def _provided(model: Path | None) -> Model:
    return provide_model(
        model, announce=lambda text: err.print(text, markup=False, highlight=False, soft_wrap=True)
    )


def said_where(path: Path, wanted: Path | None) -> None:
    """Say which file was written, and why it is not the one that was asked for."""
    if not path.exists():
        out.print("Nothing was recorded.")
        return
    if wanted is not None and path != wanted:
        out.print(
            f"{escape(str(wanted))} exists, so it was left alone.", highlight=False, soft_wrap=True
        )
    out.print(f"Recorded in [bold]{escape(str(path))}[/bold]", highlight=False, soft_wrap=True)


def complain(text: str) -> None:
    """Say on stderr what went wrong, in one line."""
    err.print(f"[bold red]mirror:[/bold red] {escape(text)}", highlight=False, soft_wrap=True)


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

    For imports: libraries answer an interrupt in the middle of theirs with errors of their own.
    """
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def stopped_by_signals(session: Session) -> Iterator[None]:
    """Ctrl-C and SIGTERM end the session in good order; a second one ends the program."""
    watched = (signal.SIGINT, signal.SIGTERM)
    before = {each: signal.getsignal(each) for each in watched}

    def stop(number: int, _frame: object) -> None:
        session.stop()
        signal.signal(number, before[signal.Signals(number)])

    for each in watched:
        signal.signal(each, stop)
    try:
        yield
    finally:
        for each in watched:
            signal.signal(each, before[each])


def divert_native_messages() -> None:
    """Send what C++ libraries write to file descriptor 2 into a log file.

    MediaPipe and its TensorFlow Lite write there whatever they are told, in the middle of the
    meter. Python's own stderr keeps the terminal through a copy of the descriptor.
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
