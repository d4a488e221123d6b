"""Running sessions from the command line: opening, showing progress or the meter, concluding."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import typer
from rich.markup import escape

from mirror._support.process import STOP_SIGNALS, exit_on_interrupt, redirect_native_stderr
from mirror.cli.console import Terminal, complain, err, out, progress
from mirror.cli.meter import TerminalMeter
from mirror.cli.tables import summary_table
from mirror.session.start import SessionRequest, start_live, start_offline

if TYPE_CHECKING:
    from mirror.session.base import Session

S = TypeVar("S")


def live(start: SessionRequest) -> None:
    """A session in real time, shown in the terminal meter."""
    shown = err if "jsonl:-" in start.streams else out
    session = _started(start_live, start)
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
    meter = TerminalMeter(shown, start.title, recording)
    with stopped_by_signals(session), meter, closing(session.run(start.seconds)) as updates:
        for update in updates:
            meter.show(update, session.status(), session.warnings)
    _conclude(session, None if recorder is None else recorder.path, start, session.faults, shown)


def analyze(start: SessionRequest) -> Path:
    """Every frame of two recorded sources, with a progress bar; where they were recorded."""
    session = _started(start_offline, start)
    recorder = session.recorder
    assert recorder is not None, "an analysis is for its recording"
    began = time.monotonic()
    with stopped_by_signals(session), progress() as bars, closing(session.run()) as updates:
        task = bars.add_task("Following both people", total=session.duration, speed="")
        for update in updates:
            speed = session.frames / (time.monotonic() - began)
            bars.update(task, completed=update.time, speed=f"{speed:.0f} frames/s")
        if not session.interrupted:
            # the last frame comes a little before the end
            bars.update(task, completed=session.duration)
    assert session.result is not None, "it has come to its end"
    _conclude(session, recorder.path, start, session.result.faults)
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


def _conclude(
    session: Session,
    path: Path | None,
    request: SessionRequest,
    faults: Sequence[str],
    shown: Terminal = out,
) -> None:
    """Print the summary; exit with status 1 if something was lost on the way."""
    shown.print()
    shown.print(summary_table(session.summary()))
    if path is not None:
        said_where(path, request.path, shown)
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
