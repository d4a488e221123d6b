"""CPU load of live sessions with and without the window, in turn."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from PyQt6.QtCore import QEventLoop

from benchmarks.plan import Plan, log
from benchmarks.tables import Table, load, ratios, spread
from benchmarks.timed_window import Paints, TimedWindow, milliseconds, preferences, screen
from mirror.session.live import LiveSession
from mirror.session.start import SessionRequest, start_live
from mirror.settings import Settings
from ui.session.page import SessionPage
from ui.shell.shortcuts import Keys

_LEAD = Settings().window + 2.0  # seconds until there is a score, and everything moves
_WITH, _WITHOUT = "with the window", "without"


@dataclass(frozen=True)
class _Sample:
    """Progress of a session, and CPU time of the process and the sampling thread, s."""

    moment: float
    process: float
    thread: float
    frames: int
    dropped: int

    @classmethod
    def at(cls, session: LiveSession) -> _Sample:
        status = session.status().values()
        return cls(
            time.perf_counter(),
            time.process_time(),
            time.thread_time(),
            sum(each.frames for each in status),
            sum(each.dropped for each in status),
        )


@dataclass(frozen=True)
class _Part:
    """The part of a session between two samples."""

    start: _Sample
    end: _Sample
    repaints: tuple[float, ...] = ()  # how long each of the window took, s
    meters: int = 0  # repaints of theirs

    @property
    def seconds(self) -> float:
        return self.end.moment - self.start.moment

    @property
    def rate(self) -> float:
        return (self.end.frames - self.start.frames) / self.seconds

    @property
    def dropped(self) -> int:
        return self.end.dropped - self.start.dropped

    @property
    def cores(self) -> float:
        return (self.end.process - self.start.process) / self.seconds

    @property
    def thread_cores(self) -> float:
        return (self.end.thread - self.start.thread) / self.seconds

    @property
    def repaints_a_second(self) -> float:
        return len(self.repaints) / self.seconds

    @property
    def meters_a_second(self) -> float:
        return self.meters / self.seconds


def measure_window_load(folder: Path, plan: Plan) -> Table:
    """Measure sessions with and without the window in alternating rounds."""
    sides: dict[str, Callable[[], _Part]] = {
        _WITH: lambda: _with(folder, plan.window_seconds),
        _WITHOUT: lambda: _without(folder, plan.window_seconds),
    }
    found: dict[str, list[_Part]] = {name: [] for name in sides}
    loads = []
    for turn in range(plan.rounds):
        for name in list(sides)[:: -1 if turn % 2 else 1]:
            found[name].append(sides[name]())
            each = found[name][-1]
            used = f"{each.rate:.1f} frames/s, {each.cores:.2f} cores"
            log(f"window: round {turn + 1}, {name}: {used}")
        loads.append(load())
    note = (
        f"{plan.rounds} rounds, in which each side takes its turn: {plan.window_seconds:g} s of a "
        f"recorded session on the two demo feeds, 30 frames/s each, from second {_LEAD:g} on. "
        "Median (lowest–highest). The thread that draws does nothing else, so its time is the "
        "window's; the difference of whole processes also holds what other work on the machine "
        f"does to them. {screen()}. By round: {'; '.join(loads)}."
    )
    columns = ("what", _WITH, _WITHOUT, "with ÷ without, by round", "of bests")
    return Table("Window, beside the engine", columns, _rows(found), note)


def _rows(found: dict[str, list[_Part]]) -> tuple[tuple[str, ...], ...]:
    shown, bare = found[_WITH], found[_WITHOUT]

    def figures(side: list[_Part], name: str) -> list[float]:
        return [getattr(each, name) for each in side]

    def compared(text: str, name: str, digits: int) -> tuple[str, ...]:
        ours, theirs = figures(shown, name), figures(bare, name)
        by_round = spread(ratios(ours, theirs), 3)
        return (text, spread(ours, digits), spread(theirs, digits), by_round)

    def alone(text: str, figures: Iterable[float], digits: int) -> tuple[str, ...]:
        return (text, spread(figures, digits), "", "", "")

    rates = [max(figures(side, "rate")) for side in (shown, bare)]
    drops = [spread(figures(side, "dropped"), 0) for side in (shown, bare)]
    extra = [one.cores - other.cores for one, other in zip(shown, bare, strict=True)]
    painting = " / ".join(milliseconds(each for one in shown for each in one.repaints))
    return (
        (
            *compared("frames followed a second, both feeds", "rate", 1),
            f"{rates[0] / rates[1]:.3f}",
        ),
        ("frames dropped, both feeds", *drops, "", ""),
        (*compared("cores in use, whole process", "cores", 2), ""),
        alone("cores more with the window, whole process", extra, 2),
        alone("cores in use, the thread that draws", figures(shown, "thread_cores"), 3),
        alone("repaints a second, window", figures(shown, "repaints_a_second"), 1),
        alone("repaints a second, meters", figures(shown, "meters_a_second"), 1),
        ("a repaint, ms: median / 95th percentile / longest", painting, "", "", ""),
    )


def _start(folder: Path) -> SessionRequest:
    return SessionRequest(a="demo:a", b="demo:b", output=folder / "beside.mirror", title="demo")


def _without(folder: Path, seconds: float) -> _Part:
    session = start_live(_start(folder), log)
    looks: list[_Sample] = []
    with closing(session.run()) as updates:
        for _ in updates:
            if session.now() >= _LEAD + len(looks) * seconds:
                looks.append(_Sample.at(session))
            if len(looks) == 2:
                break
    first, last = looks
    return _Part(first, last)


def _with(folder: Path, seconds: float) -> _Part:
    sessions: list[LiveSession] = []
    looks: list[_Sample] = []

    def opened(start: SessionRequest, announce: Callable[[str], None]) -> LiveSession:
        sessions.append(start_live(start, announce))
        return sessions[-1]

    def look() -> None:
        if len(looks) < 2 and sessions[-1].now() >= _LEAD + len(looks) * seconds:
            looks.append(_Sample.at(sessions[-1]))
            if len(looks) == 2:
                page.stop()

    chosen = preferences(folder)
    chosen.full_view = True
    page = SessionPage(chosen, Keys(chosen), opener=opened)
    window = TimedWindow(page)
    meters = Paints(page.view.meters)
    page.poller.scores.connect(look)
    over = QEventLoop()
    page.poller.finished.connect(over.quit)
    page.begin(_start(folder))
    over.exec()
    window.remove()
    if len(looks) < 2:
        raise RuntimeError(f"the session ended too early: {page.opening.text.text()}")
    first, last = looks

    def between(moment: float) -> bool:
        return first.moment <= moment <= last.moment

    repaints = tuple(end - start for start, end in window.repaints if between(start))
    return _Part(first, last, repaints, sum(map(between, meters.moments)))
