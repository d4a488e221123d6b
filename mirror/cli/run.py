"""Running sessions from the command line: opening, showing progress or the meter, concluding."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import typer
from rich.markup import escape

from mirror._support.process import STOP_SIGNALS, exit_on_interrupt, redirect_native_stderr
from mirror.capture.synthetic.script import Script
from mirror.cli.console import Terminal, complain, err, out, progress
from mirror.cli.meter import TerminalMeter
from mirror.cli.tables import summary_table
from mirror.errors import SourceError
from mirror.recording.writer import Recorder
from mirror.session.disk import DiskMonitor
from mirror.session.start import SessionRequest, start_live, start_offline

if TYPE_CHECKING:
    from mirror.session.base import Session
    from mirror.session.offline import OfflineSession

S = TypeVar("S")


def live(start: SessionRequest) -> None:
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
    space = None if recorder is None else DiskMonitor(recorder.path)
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


def analyze(start: SessionRequest) -> Path:
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


def _started(begin: Callable[..., S], start: SessionRequest) -> S:
    """A session by `start_live` or `start_offline`, with words for what takes long."""
    redirect_native_stderr()
    with err.status("Opening both sources …") as status:
        err.show_cursor()  # what ends the program meanwhile would leave the terminal without one

        def announce(text: str) -> None:
            status.stop()
            err.print(text, markup=False, highlight=False, soft_wrap=True)

        def importing() -> AbstractContextManager[None]:
            status.stop()
            return exit_on_interrupt()

        return begin(start, announce, opening=exit_on_interrupt, importing=importing)


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


@contextmanager
def stopped_by_signals(session: Session) -> Iterator[None]:
    """Ctrl-C, SIGTERM and a closed terminal end it in good order; a second one the program."""
    before = {each: signal.getsignal(each) for each in STOP_SIGNALS}

    def stop(number: int, _frame: object) -> None:
        session.stop()
        signal.signal(number, before[signal.Signals(number)])

    for each in STOP_SIGNALS:
        signal.signal(each, stop)
    try:
        yield
    finally:
        for each in STOP_SIGNALS:
            signal.signal(each, before[each])
