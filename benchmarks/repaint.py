"""Time of repainting the session page and its parts after each new row."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count, cycle, islice
from pathlib import Path

from benchmarks.long_recording import script_rows
from benchmarks.people import script_ticks
from benchmarks.tables import Table, load
from benchmarks.timed_window import TimedWindow, milliseconds, preferences, screen
from mirror import Score
from mirror.capture.synthetic.demo import demo_source
from mirror.landmarks import FEEDS
from mirror.session.base import Update
from mirror.timeline import State
from ui.session.page import SessionPage
from ui.session.view import VISIBLE_S
from ui.shell.shortcuts import Keys

_REPAINTS = 300
_FRAMES = 30


def measure_repaints(folder: Path) -> Table:
    """Measure a page with the updates of a simulated session."""
    chosen = preferences(folder)
    page = SessionPage(chosen, Keys(chosen))
    window = TimedWindow(page)
    rows = scored_rows()
    work = _work(page, window, rows)
    # Other work on the machine comes and goes; in turn, it meets all of them alike.
    spent: dict[str, list[float]] = {name: [] for name in work}
    for row in islice(rows, _REPAINTS):
        for name, act in work.items():
            began = time.perf_counter()
            act(row)
            spent[name].append(time.perf_counter() - began)
    window.remove()
    note = (
        f"From the call that shows something new to the end of its repaint, {_REPAINTS} times. "
        f"Pictures of 640×480. {screen()}. {load()}."
    )
    columns = ("repainting", "median, ms", "95th percentile", "longest")
    found = tuple((name, *milliseconds(each)) for name, each in spent.items())
    return Table("Window, repainting", columns, found, note)


def _work(
    page: SessionPage, window: TimedWindow, rows: Iterator[Score]
) -> dict[str, Callable[[Score], None]]:
    """The measured actions, with a full timeline and both frames shown."""
    view, pictures = page.view, _pictures()

    def dial(row: Score) -> None:
        view.dial.show_score(row)
        view.dial.repaint()

    def meters(row: Score) -> None:
        view.meters.show_score(row)
        view.meters.repaint()

    def timeline(row: Score) -> None:
        view.timeline.append([row])
        view.timeline.repaint()

    def new_pictures(_row: Score) -> None:
        for update in next(pictures):
            page.poller.frame.emit(update.feed, update)
        window.paint()

    def new_moment(_row: Score) -> None:
        page.poller.scores.emit([next(rows)])
        new_pictures(_row)

    def everything(_row: Score) -> None:
        window.update()
        new_moment(_row)

    view.timeline.follow(VISIBLE_S)
    page.poller.scores.emit(list(islice(rows, round(10 * VISIBLE_S))))
    new_pictures(next(rows))
    return {
        "phase dial, a new row": dial,
        "meters, a new row": meters,
        f"timeline of the last {VISIBLE_S:.0f} s, a new row": timeline,
        "session page, two new pictures": new_pictures,
        "session page, two new pictures and a new row": new_moment,
        "session page, the same, every pixel of it": everything,
    }


def scored_rows() -> Iterator[Score]:
    """Yield scored rows, 0.1 s apart, endlessly."""
    scored = (row for row in script_rows() if row.state is State.OK)
    return (replace(row, time_s=k / 10) for k, row in zip(count(), scored, strict=False))


def _pictures() -> Iterator[list[Update]]:
    """Yield frames and poses of both feeds, endlessly."""
    ticks = script_ticks(_FRAMES)
    moments: list[list[Update]] = [[] for _ in ticks]
    for number, feed in enumerate(FEEDS):
        with demo_source(feed) as source:
            for tick, frame, moment in zip(ticks, source, moments, strict=False):
                pose = (tick.a, tick.b)[number]
                moment.append(Update(tick.time, feed, frame, pose))
    return cycle(moments)
