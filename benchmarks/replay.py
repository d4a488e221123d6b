"""A long recording in the replay page: opening and scrubbing."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from PyQt6.QtCore import QCoreApplication, QEventLoop

from benchmarks.long_recording import record
from benchmarks.plan import log
from benchmarks.tables import Table, load
from benchmarks.timed_window import (
    Paints,
    TimedWindow,
    application,
    milliseconds,
    preferences,
    screen,
)
from ui.replay.page import ReplayPage
from ui.shell.shortcuts import Keys

_OPENINGS = 10
_MOVES = 200
_WINDOWS = (4.0, 8.0, 5.0, 10.0, 7.0, 12.0)  # seconds
_ZOOMED = 60.0  # seconds in view


def measure_replay(folder: Path, hours: float) -> Table:
    """Measure opening and scrubbing, with their repaints."""
    began = time.perf_counter()
    path = record(folder, hours)
    log(f"window: recorded within {time.perf_counter() - began:.0f} s; replaying")
    chosen = preferences(folder)
    page = ReplayPage(chosen, Keys(chosen))
    window = TimedWindow(page)
    paints = Paints(page.view.timeline)
    spent = {"opening, the first time": [_opening(page, paints, path)]}
    spent["opening, again"] = [_opening(page, paints, path) for _ in range(_OPENINGS)]
    if hasattr(os, "posix_fadvise"):
        name = "opening, read from the disk"
        spent[name] = [_opening(page, paints, path, forgotten=True) for _ in range(_OPENINGS)]
    spent["until every row is there"] = [_reading(page, path) for _ in range(_OPENINGS)]
    moved = _rescoring(page, paints, _WINDOWS)
    spent["another window length, until what is visible is repainted"] = [each for each, _ in moved]
    spent |= _scrubbing(page, window)
    length = page.player.duration
    page.close_recording()
    window.remove()
    note = (
        f"A recording of {length / 3600:.2g} h, {path.stat().st_size / 1e6:.0f} MB, made from the "
        "demo's script. Opening: from the call to the end of the repaint with the timeline in it; "
        "read from the disk: after the system was told to forget the file; until every row is "
        "there: in place of the outline that is shown first. Moves: from the call to the end of "
        "what it leads to, with skeletons, dial, meters and timeline painted; "
        f"{_MOVES} of each. {screen()}. {load()}."
    )
    columns = ("what", "median, ms", "95th percentile", "longest")
    rows = tuple((name, *milliseconds(each)) for name, each in spent.items())
    return Table("Window, a long recording", columns, rows, note)


def _opening(page: ReplayPage, paints: Paints, path: Path, *, forgotten: bool = False) -> float:
    page.close_recording()
    QCoreApplication.processEvents()
    if forgotten:
        with path.open("rb+") as file:
            os.fsync(file.fileno())  # what is not written yet cannot be forgotten
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    paints.moments.clear()
    began = time.perf_counter()
    page.open(path)
    opening = page.stack.text
    while not paints.moments:
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        if page.stack.text not in (opening, ""):
            raise RuntimeError(page.stack.text)
    return time.perf_counter() - began


def _reading(page: ReplayPage, path: Path) -> float:
    page.close_recording()
    began = time.perf_counter()
    page.open(path)
    _wait(lambda: not page.stack.text and not page.row_loading.running)
    return time.perf_counter() - began


def repaint(path: Path, folder: Path, windows: Sequence[float]) -> list[tuple[float, float]]:
    """Return how long other window lengths take until what is visible is repainted.

    Clock time and CPU time, s, of each move after the movement was read.
    """
    shown = application()
    chosen = preferences(folder)
    page = ReplayPage(chosen, Keys(chosen))
    window = TimedWindow(page)
    page.open(path)
    _wait(lambda: not page.stack.text and not page.row_loading.running)
    found = _rescoring(page, Paints(page.view.timeline), windows)
    page.close_recording()
    window.remove()
    shown.quit()
    return found


def _rescoring(
    page: ReplayPage, paints: Paints, windows: Sequence[float]
) -> list[tuple[float, float]]:
    page.rescorer.prepare()
    _wait(lambda: page.rescorer.row_at(page.settings.settings(), windows[0]) is not None)
    outlined: list[bool] = []
    page.rescorer.outlined.connect(lambda *_: outlined.append(True))
    found = []
    for length in windows:
        page.settings.set_settings(page.settings.settings().changed(window=length))
        outlined.clear()
        began, used = time.perf_counter(), time.process_time()
        page.settings.changed.emit(page.settings.settings())
        _wait(lambda: bool(outlined))
        paints.moments.clear()
        _wait(lambda: bool(paints.moments))
        found.append((time.perf_counter() - began, time.process_time() - used))
    page.revert()
    return found


def _wait(is_done: Callable[[], bool]) -> None:
    while not is_done():
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)


def _scrubbing(page: ReplayPage, window: TimedWindow) -> dict[str, list[float]]:
    timeline, player = page.view.timeline, page.player

    def spent(move: Callable[[], None]) -> float:
        before = len(window.repaints)
        began = time.perf_counter()
        move()
        QCoreApplication.processEvents()
        taken = time.perf_counter() - began
        assert len(window.repaints) > before, "a move is shown"
        return taken

    rng = np.random.default_rng(0)
    moments = rng.uniform(0, player.duration, (2, _MOVES)).tolist()
    found = {"a random move, all in view": [spent(partial(player.seek, at)) for at in moments[0]]}
    player.seek(player.duration / 2)
    found["a step of one frame, all in view"] = [
        spent(partial(page.step, 1)) for _ in range(_MOVES)
    ]
    start, end = timeline.visible
    timeline.zoom(_ZOOMED / (end - start))
    found[f"a random move, {_ZOOMED:.0f} s in view"] = [
        spent(partial(player.seek, at)) for at in moments[1]
    ]
    return found
