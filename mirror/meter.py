"""The terminal meter: both scores as bars, who leads, and how the feeds are doing."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from mirror.clock import Feed
from mirror.session import FeedStatus, Update
from mirror.summary import NO_LAG, sentence
from mirror.timeline import REGIONS, Score, State

IN_PHASE = "#4c9be8"  # blue
ANTI_PHASE = "#f0953f"  # orange: told from the blue by every common kind of colour blindness
_WIDTH = 40
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_LEVELS = " ▁▂▃▄▅▆▇█"
_HISTORY = 60.0  # seconds of timeline shown
_PLAIN_EVERY = 2.0  # seconds between lines where the output is no terminal


def bar(value: float, width: int = _WIDTH) -> str:
    """A horizontal bar of a value 0…1, to an eighth of a character; dots where it is NaN."""
    if math.isnan(value):
        return "·" * width
    eighths = round(min(1.0, max(0.0, value)) * width * 8)
    full, rest = divmod(eighths, 8)
    return ("█" * full + (_EIGHTHS[rest] if rest else "")).ljust(width)


class TerminalMeter:
    """Shows a live session in a terminal, or as plain lines where the output is none.

    Parameters
    ----------
    console : Console
    title : str
    recording : callable
        Gives the line about the recording (name, size), or that nothing is recorded.
    note : callable, optional
        Gives a line for a moment in seconds: the demo says what its script is doing.
    """

    def __init__(
        self,
        console: Console,
        title: str,
        recording: Callable[[], str],
        note: Callable[[float], str] | None = None,
    ) -> None:
        self._console = console
        self._title = title
        self._recording = recording
        self._note = note
        self._score: Score | None = None
        self._time = 0.0
        self._history: deque[Score] = deque()
        self._status: Mapping[Feed, FeedStatus] = {}
        self._warnings: Sequence[str] = ()
        self._live = Live(console=console, refresh_per_second=12, get_renderable=self._picture)
        self._line_due = 0.0

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live.is_started:
            self._live.stop()

    def show(
        self, update: Update, status: Mapping[Feed, FeedStatus], warnings: Sequence[str]
    ) -> None:
        """Take the newest update; drawing happens at its own pace."""
        self._time = max(self._time, update.time)
        self._status, self._warnings = status, warnings
        for score in update.scores:
            self._score = score
            self._history.append(score)
        while self._history and self._history[0].time_s < self._time - _HISTORY:
            self._history.popleft()
        if not self._console.is_terminal and update.scores and self._time >= self._line_due:
            self._line_due = self._time + _PLAIN_EVERY
            self._console.print(self._line(), highlight=False, soft_wrap=True)

    def _line(self) -> str:
        score = self._score
        assert score is not None
        feeds = "  ".join(
            f"{feed.upper()} {_seen(each)}, {each.dropped} dropped"
            for feed, each in self._status.items()
        )
        return (
            f"{score.time_s:6.1f} s  in phase {_number(score.in_phase)} {bar(score.in_phase, 12)}"
            f"  anti-phase {_number(score.anti_phase)} {bar(score.anti_phase, 12)}  "
            f"phase {_phase(score):>5}  lag {_lag(score)}  {sentence(score)}  |  {feeds}"
        )

    def _picture(self) -> RenderableType:
        score = self._score or Score(0.0, State.WARMING_UP)
        head = Table.grid(expand=True)
        head.add_column()
        head.add_column(justify="right")
        head.add_row(Text(f"mirror · {self._title}", style="bold"), Text(clock(self._time)))
        parts: list[RenderableType] = [head, Text()]
        if self._note is not None:
            parts.append(Text(f"Script:  {self._note(self._time)}", style="dim"))
        known = score.state is State.OK
        parts += [Text(sentence(score), style="bold" if known else "bold dim"), Text()]
        parts += [_meters(score), Text(), *_strip(self._history, self._time), Text()]
        parts += [_regions(score), Text(), _feeds(self._status), Text()]
        parts += [Text(each, style="bold red") for each in self._warnings]
        parts.append(Text(self._recording(), style="dim"))
        parts.append(Text("Ctrl-C ends the session", style="dim"))
        return Group(*parts)


def _meters(score: Score) -> Table:
    table = Table.grid(padding=(0, 1))
    for name, value, colour in (
        ("in phase", score.in_phase, IN_PHASE),
        ("anti-phase", score.anti_phase, ANTI_PHASE),
    ):
        shown = Text(bar(value), style=f"{colour} on grey19")
        table.add_row(Text(f"{name:10}", style=colour), shown, Text(_number(value), style="bold"))
    figures = (
        f"relative phase {_phase(score)}   lag {_lag(score)}   coherence {_number(score.coherence)}"
    )
    table.add_row("", Text(figures), "")
    return table


def _strip(history: deque[Score], now: float) -> list[Text]:
    """The last minute, a character a second: in phase above, anti-phase hanging below."""
    seconds = int(_HISTORY)
    slots: list[Score | None] = [None] * seconds
    for score in history:
        slot = seconds - 1 - int(now - score.time_s)
        if 0 <= slot < seconds:
            slots[slot] = score
    above, below = Text(" " * 11), Text(" " * 11)
    for each in slots:
        if each is None or each.state is not State.OK:
            mark = " " if each is None else "·"
            above.append(mark, style="dim")
            below.append(mark, style="dim")
        else:
            above.append(_LEVELS[round(each.in_phase * 8)], style=IN_PHASE)
            # a block hanging from the axis is the rest of the cell, in reverse video
            below.append(_LEVELS[8 - round(each.anti_phase * 8)], style=f"{ANTI_PHASE} reverse")
    axis = Text(f"{'last minute':11}" + "─" * seconds, style="dim")
    return [above, axis, below]


def _regions(score: Score) -> Table:
    table = Table.grid(padding=(0, 2))
    rows = (("", "", ""), ("in", "in_phase", IN_PHASE), ("anti", "anti_phase", ANTI_PHASE))
    for label, prefix, colour in rows:
        cells = [Text(f"{label:9}", style=colour)]
        for region in REGIONS:
            if not prefix:
                cells.append(Text(f"{region.replace('_', ' '):10}", style="dim"))
                continue
            value = getattr(score, f"{prefix}_{region}")
            cells.append(Text(f"{bar(value, 6)}{_number(value)}", style=colour))
        table.add_row(*cells)
    return table


def _feeds(status: Mapping[Feed, FeedStatus]) -> Table:
    table = Table.grid(padding=(0, 2))
    for feed, each in status.items():
        table.add_row(
            Text(feed.upper(), style="bold"),
            Text(each.text),
            Text(_seen(each), style="" if each.found else "bold red"),
            Text(f"{each.rate:4.1f} frames/s"),
            Text(f"{each.dropped} dropped"),
        )
    return table


def _seen(status: FeedStatus) -> str:
    if status.ended is not None:
        return status.ended
    return "tracked" if status.found else "nobody in the picture"


def _number(value: float) -> str:
    return " –– " if math.isnan(value) else f"{value:4.2f}"


def _phase(score: Score) -> str:
    phase = score.relative_phase_deg
    return "––" if math.isnan(phase) else f"{phase:+.0f}°"


def _lag(score: Score) -> str:
    if score.lag_s != score.lag_s:
        return "––"
    if abs(score.lag_s) <= NO_LAG:
        return f"{score.lag_s:+.2f} s (together)"
    return f"{score.lag_s:+.2f} s ({'A' if score.lag_s > 0 else 'B'} leads)"


def clock(seconds: float) -> str:
    """Hours, minutes and seconds."""
    return time.strftime("%H:%M:%S", time.gmtime(seconds))
