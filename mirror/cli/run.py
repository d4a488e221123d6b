"""Run sessions in the terminal: open them, show the meter or a progress bar, print the summary."""

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

import typer
from rich.markup import escape

from mirror._support.atomic import privacy_note
from mirror._support.process import on_stop_signals, redirect_native_stderr
from mirror.cli.console import Terminal, err, out, print_error, progress_bars, say
from mirror.cli.meter import TerminalMeter
from mirror.cli.tables import results_table, summary_table
from mirror.session.base import Session
from mirror.session.start import SessionRequest, start_live, start_offline

S = TypeVar("S")


def live(request: SessionRequest) -> None:
    """Run a live session with the terminal meter."""
    terminal = err if "jsonl:-" in request.streams else out
    session = _start(start_live, request)
    recorder = session.recorder

    def recording() -> str:
        if recorder is None:
            return "Not recording"
        if session.recorder is None:
            return "No longer recording"
        video = " and video of both people" if request.video else ""
        return f"● Recording {recorder.path} — {recorder.size() / 1e6:.1f} MB{video}"

    if not terminal.is_terminal:
        say(recording(), terminal)
    meter = TerminalMeter(terminal, request.title, recording)
    with stop_on_signals(session), meter, closing(session.run(request.seconds)) as updates:
        for update in updates:
            meter.show(update, session.status(), session.warnings, session.practice)
    path = None if recorder is None else recorder.path
    _conclude(session, path, request, session.faults, terminal)


def analyze(request: SessionRequest) -> Path:
    """Run an offline session with a progress bar; return the path of the recording."""
    session = _start(start_offline, request)
    recorder = session.recorder
    assert recorder is not None, "an analysis is for its recording"
    start = time.monotonic()
    with stop_on_signals(session), progress_bars() as bars, closing(session.run()) as updates:
        task = bars.add_task("Following both people", total=session.duration, speed="")
        for update in updates:
            speed = session.frames / (time.monotonic() - start)
            bars.update(task, completed=update.time, speed=f"{speed:.0f} frames/s")
        if not session.interrupted:
            # the last frame comes a little before the end
            bars.update(task, completed=session.duration)
    assert session.result is not None, "it has come to its end"
    _conclude(session, recorder.path, request, session.result.faults)
    return recorder.path


def _start(start: Callable[..., S], request: SessionRequest) -> S:
    """Call `start_live` or `start_offline`, and print what takes long."""
    redirect_native_stderr()
    with err.status("Opening both sources …") as status:
        err.show_cursor()  # Ctrl-C would otherwise leave the terminal without one

        def announce(text: str) -> None:
            status.stop()
            say(text, err)

        return start(request, announce, opening=on_stop_signals)


def _conclude(
    session: Session,
    path: Path | None,
    request: SessionRequest,
    faults: Sequence[str],
    terminal: Terminal = out,
) -> None:
    """Print the summary; exit with status 1 if something was lost on the way."""
    terminal.print()
    terminal.print(summary_table(session.summary()))
    if session.results:
        terminal.print(results_table(session.results))
    if path is not None:
        print_destination(path, request.path, terminal)
    from mirror.clocks.videos import BY_SOUND  # imports PyAV

    for note in session.notes:
        flag = " (--align sound)" if note.endswith(BY_SOUND) else ""
        say(f"mirror: note: {note}{flag}", err)
    for fault in faults:
        print_error(fault)
    if faults:
        raise typer.Exit(1)


def print_destination(path: Path, requested: Path | None, terminal: Terminal = out) -> None:
    """Print which file was written, and why it is not the requested one."""
    if not path.exists():
        terminal.print("Nothing was recorded.")
        return
    if requested is not None and path != requested:
        say(f"{requested} exists, so it was left alone.", terminal)
    text = f"Recorded in [bold]{escape(str(path))}[/bold]{privacy_note(path)}"
    terminal.print(text, highlight=False, soft_wrap=True)


@contextmanager
def stop_on_signals(session: Session) -> Iterator[None]:
    """Stop the session on Ctrl-C, SIGTERM or a closed terminal; a second one ends the program."""

    def stop(number: int, _frame: object) -> None:
        session.stop()
        signal.signal(number, before[number])

    with on_stop_signals(stop) as before:
        yield
