"""CPU time of what a trainer sees beside the scores of the engine: meters and placement checks."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import count, cycle
from pathlib import Path

import numpy as np
from PyQt6.QtCore import QEventLoop, QTimer

from benchmarks.people import script_ticks
from benchmarks.plan import Plan, log
from benchmarks.repaint import scored_rows
from benchmarks.sessions import temporary_folder
from benchmarks.tables import Table, load
from benchmarks.timed_window import TimedWindow, application, preferences, screen
from mirror.capture.synthetic.demo import demo_source
from mirror.landmarks import FEEDS
from mirror.session.base import Update
from ui.session.page import SessionPage
from ui.shell.shortcuts import Keys
from ui.start.panels import View
from ui.start.placement import PlacementView
from ui.widgets.meters import METERS

_TIMES = 300
_ROWS_A_SECOND, _FRAMES_A_SECOND, _STATUS_A_SECOND = 10, 60, 8  # of both feeds


def measure(plan: Plan) -> list[Table]:
    """Measure the share of a core that each takes."""
    shown = application()
    with temporary_folder() as folder:
        rows = (*_session(folder), *_start_page(plan.window_seconds * 2))
    shown.quit()
    note = (
        f"CPU time of the process. In a session: of {_TIMES} calls, times how many there are in a "
        f"second; on the start page: of the placement check alone, with frames of one person, or "
        f"of two, in each of two feeds. {screen()}. {load()}."
    )
    return [Table("Beside the scores", ("what", "ms a call", "% of a core"), rows, note)]


def _session(folder: Path) -> list[tuple[str, ...]]:
    chosen = preferences(folder)
    page = SessionPage(chosen, Keys(chosen))
    window = TimedWindow(page)
    meters, tile = page.view.meters, page.view.tiles["a"]
    new = scored_rows()
    ticks = script_ticks(30)
    with demo_source("a") as source:
        frames = [frame for frame, _ in zip(source, ticks, strict=False)]
    page.poller.frame.emit("a", Update(0.0, "a", frames[0], ticks[0].a))  # shows the session

    def paint_meters() -> None:
        meters.show_score(next(new))
        meters.repaint()

    moments = cycle(list(zip(frames, ticks, strict=True)))

    def take_pose() -> None:
        frame, tick = next(moments)
        tile._check.add(tick.a, frame.image)  # noqa: SLF001  without painting the frame

    def check() -> None:
        tile.figure.show_placement(tile._check.check(30.0))  # noqa: SLF001
        tile.figure.repaint()

    found = {}
    for name, kinds in (("both", tuple(METERS)[:2]), ("all", tuple(METERS))):
        meters.show_kinds(*kinds)
        found[name] = _milliseconds(paint_meters)
    more = found["all"] - found["both"]
    adding, checking = _milliseconds(take_pose), _milliseconds(check)
    window.remove()
    return [
        _row("third and posture meter, a new row", more, _ROWS_A_SECOND),
        _row("placement in a session, a pose", adding, _FRAMES_A_SECOND),
        _row("placement in a session, a check with its figure", checking, _STATUS_A_SECOND),
    ]


def _start_page(seconds: float) -> list[tuple[str, ...]]:
    images = []
    for feed in FEEDS:
        with demo_source(feed) as source:
            frame = source.read()
            assert frame is not None
            images.append(frame.image)
    side_by_side = np.concatenate(images, axis=1)
    rows: list[tuple[str, ...]] = []
    for name, seen in (("one person", images), ("two people", [side_by_side] * 2)):
        log(f"coaching: {seconds:.0f} s of the start page's check, {name}")
        numbers = count(1)

        def views(seen: list[np.ndarray] = seen, numbers: count[int] = numbers) -> tuple[View, ...]:
            number = next(numbers)
            return tuple(View(image, number) for image in seen)

        view = PlacementView(views, lambda: "mirror")  # type: ignore[arg-type]
        view.start()
        _wait(5.0)  # until the networks are loaded
        used = time.process_time()
        _wait(seconds)
        share = (time.process_time() - used) / seconds
        view.stop()
        rows.append((f"placement on the start page, {name}", "", f"{100 * share:.1f}"))
    return rows


def _milliseconds(act: Callable[[], None]) -> float:
    act()
    began = time.process_time()
    for _ in range(_TIMES):
        act()
    return 1e3 * (time.process_time() - began) / _TIMES


def _row(name: str, milliseconds: float, a_second: float) -> tuple[str, ...]:
    return name, f"{milliseconds:.3f}", f"{0.1 * milliseconds * a_second:.2f}"


def _wait(seconds: float) -> None:
    loop = QEventLoop()
    QTimer.singleShot(round(1e3 * seconds), loop.quit)
    loop.exec()
