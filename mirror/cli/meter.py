"""The terminal meter: both scores as bars, the leader, and the state of the feeds."""

import math
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from mirror.colours import DARK
from mirror.landmarks import Feed
from mirror.practice.run import Status
from mirror.session.base import Update
from mirror.session.feeds import AT_ITS_END, FeedStatus
from mirror.summary import NO_LAG, has_lag, sentence
from mirror.timeline import REGIONS, Score, State
from mirror.wording import NO_CHANCE, SCORES, elapsed, plain_name

IN_PHASE, ANTI_PHASE, MIRRORING = (DARK[score] for score in SCORES)
_MARGIN = 11  # characters before the bars, with the space that ends them
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_LEVELS = " ▁▂▃▄▅▆▇█"
_HISTORY = 60  # seconds of timeline shown, and characters of a whole bar above it
_DRAW_EVERY = 0.1  # seconds
_PLAIN_EVERY = 2.0  # seconds between lines where the output is no terminal


def bar(value: float, width: int) -> str:
    """Return a bar for a value 0…1, to an eighth of a character; dots for NaN."""
    if math.isnan(value):
        return "·" * width
    full, rest = divmod(round(min(1.0, max(0.0, value)) * width * 8), 8)
    return ("█" * full + (_EIGHTHS[rest] if rest else "")).ljust(width)


class TerminalMeter:
    """Shows a live session in a terminal, or prints plain lines to anything else.

    `recording` returns the line about the recording: its name and size, or that there is none.
    """

    def __init__(self, console: Console, title: str, recording: Callable[[], str]) -> None:
        self._console = console
        self._title = title
        self._recording = recording
        self._scene = ""  # of the demo
        self._practice: Status | None = None
        self._score: Score | None = None
        self._time = 0.0
        self._history: deque[Score] = deque()
        self._status: Mapping[Feed, FeedStatus] = {}
        self._warnings: Sequence[str] = ()
        self._printed = 0  # warnings
        # Drawn by the thread that brings the scores, so that nothing changes while drawing.
        self._live = Live(console=console, auto_refresh=False)
        self._due = 0.0

    def __enter__(self) -> Self:
        # A dumb terminal cannot erase lines, and gets plain ones.
        if self._console.is_terminal and not self._console.is_dumb_terminal:
            self._live.update(self.render())
            self._live.start(refresh=True)
        return self

    def __exit__(self, *_: object) -> None:
        if self._live.is_started:
            self._live.update(self.render())  # as it was at the very end
            self._live.stop()

    def show(
        self,
        update: Update,
        status: Mapping[Feed, FeedStatus],
        warnings: Sequence[str],
        practice: Status | None = None,
    ) -> None:
        """Add an update, and draw if it is time to."""
        self._time = max(self._time, update.time)
        self._status, self._warnings, self._practice = status, warnings, practice
        for event in update.events:
            if event.kind == "truth":
                self._scene = event.text
        for score in update.scores:
            self._score = score
            self._history.append(score)
        while self._history and self._history[0].time_s < self._time - _HISTORY:
            self._history.popleft()
        if self._live.is_started:
            if time.monotonic() >= self._due:
                self._due = time.monotonic() + _DRAW_EVERY
                self._live.update(self.render(), refresh=True)
        else:
            self._show_plain(update)

    def _show_plain(self, update: Update) -> None:
        for warning in self._warnings[self._printed :]:
            self._print(f"{self._time:6.1f} s  {warning}")
        self._printed = len(self._warnings)
        for event in update.events:
            if event.kind != "truth":
                self._print(f"{event.time_s:6.1f} s  {event.text or event.kind}")
        if update.scores and self._time >= self._due:
            self._due = self._time + _PLAIN_EVERY
            self._print(self._line(update.scores[-1]))

    def _print(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)

    def _line(self, score: Score) -> str:
        feeds = "  ".join(
            f"{feed.upper()} {_seen(each)}, {each.dropped} dropped"
            for feed, each in self._status.items()
        )
        return (
            f"{score.time_s:6.1f} s  in phase {_number(score.in_phase)} {bar(score.in_phase, 12)}"
            f"  anti-phase {_number(score.anti_phase)} {bar(score.anti_phase, 12)}  "
            f"mirroring {_number(score.mirroring)}  phase {_phase(score):>5}  "
            f"lag {_lag(score)}  {sentence(score)}  |  {feeds}"
        )

    def render(self) -> RenderableType:
        """Return the meter in its present state, for any console."""
        score = self._score or Score(0.0, State.WARMING_UP)
        width = min(_HISTORY, self._console.width - _MARGIN - 5)
        head = Table.grid(expand=True)
        head.add_column()
        head.add_column(justify="right")
        head.add_row(Text(f"mirror · {self._title}", style="bold"), Text(elapsed(self._time)))
        parts: list[RenderableType] = [head, Text()]
        if self._scene:
            parts.append(Text(f"{'script':{_MARGIN}}{self._scene}", style="dim"))
        if self._practice is not None:
            parts.append(Text(f"{'exercise':{_MARGIN}}{self._practice.describe()}"))
        known = score.state is State.OK
        now = Text(f"{'now':{_MARGIN}}", style="dim")
        parts.append(now.append(sentence(score), style="bold" if known else "bold dim"))
        parts += [*_meters(score, width), Text()]
        parts += [*_strip(self._history, self._time, width), Text()]
        parts += [*_regions(score), Text(), _feeds(self._status), Text()]
        parts += [Text(each, style="bold red") for each in self._warnings]
        parts.append(Text(self._recording(), style="dim"))
        parts.append(Text("Ctrl-C ends the session", style="dim"))
        return Group(*parts)


def _meters(score: Score, width: int) -> list[Text]:
    lines = []
    for name in SCORES:
        value, colour = getattr(score, name), DARK[name]
        line = Text(f"{plain_name(name):{_MARGIN}}")
        line.append(bar(value, width), style=f"{colour} on grey23")
        lines.append(line.append(f" {_number(value)}", style="bold"))
    figures = (
        f"relative phase {_phase(score)}   lag {_lag(score)}   coherence {_number(score.coherence)}"
    )
    lines.append(Text(" " * _MARGIN + figures))
    if score.state is State.OK and math.isnan(score.chance_in_phase):
        lines.append(Text(" " * _MARGIN + NO_CHANCE, style="dim"))
    return lines


def _strip(history: Iterable[Score], now: float, seconds: int) -> list[Text]:
    """Return the last minute, a character per second: in phase above, anti-phase below."""
    slots: list[Score | None] = [None] * seconds
    for score in history:
        slot = seconds - 1 - int(now - score.time_s)
        if 0 <= slot < seconds:
            slots[slot] = score
    above, below = Text(" " * _MARGIN), Text(" " * _MARGIN)
    for each in slots:
        if each is None or each.state is not State.OK:
            mark = " " if each is None else "·"
            above.append(mark, style="dim")
            below.append(mark, style="dim")
        else:
            above.append(_LEVELS[round(each.in_phase * 8)], style=IN_PHASE)
            # A block that hangs from the axis is the rest of the cell in reverse video.
            hanging = round(each.anti_phase * 8)
            style = f"{ANTI_PHASE} reverse" if hanging else ""
            below.append(_LEVELS[8 - hanging] if hanging else " ", style=style)
    axis = Text(f"{f'last {seconds} s':{_MARGIN}}" + "─" * seconds, style="dim")
    return [above, axis, below]


def _regions(score: Score) -> list[Text]:
    head = Text(" " * _MARGIN, style="dim", no_wrap=True, overflow="crop")
    for region in REGIONS:
        head.append(f"{plain_name(region):12}")
    lines = [head]
    for name, colour in (("in_phase", IN_PHASE), ("anti_phase", ANTI_PHASE)):
        line = Text(f"{plain_name(name):{_MARGIN}}", no_wrap=True, overflow="crop")
        for region in REGIONS:
            value = getattr(score, f"{name}_{region}")
            line.append(bar(value, 6), style=f"{colour} on grey23").append(f" {_number(value)} ")
        lines.append(line)
    return lines


def _feeds(status: Mapping[Feed, FeedStatus]) -> Table:
    table = Table.grid(padding=(0, 2), collapse_padding=True)
    for feed, each in status.items():
        well = each.found and each.trouble is None
        table.add_row(
            Text(feed.upper(), style="bold"),
            Text(each.text, overflow="ellipsis", no_wrap=True),
            Text(_seen(each), style="" if well else "bold red", overflow="ellipsis", no_wrap=True),
            Text(f"{each.rate:4.1f} {'samples' if each.series else 'frames'}/s", no_wrap=True),
            Text(f"{each.dropped} dropped", no_wrap=True),
        )
    return table


def _seen(status: FeedStatus) -> str:
    if status.ended is not None:
        return status.ended if status.ended == AT_ITS_END else "lost"
    if status.trouble is not None:
        return status.trouble
    if status.series:
        return "measured" if status.found else "no values"
    return "seen" if status.found else "nobody in the frame"


def _number(value: float) -> str:
    return " –– " if math.isnan(value) else f"{value:4.2f}"


def _phase(score: Score) -> str:
    if math.isnan(score.relative_phase_deg):
        return "––"
    degrees = round(score.relative_phase_deg)
    return f"{180 if degrees == -180 else degrees:+d}°"


def _lag(score: Score) -> str:
    if math.isnan(score.lag_s):
        return "––"
    if not has_lag(score):
        who = "nobody leads"
    elif abs(score.lag_s) <= NO_LAG:
        who = "together"
    else:
        who = f"{'A' if score.lag_s > 0 else 'B'} leads"
    return f"{score.lag_s:+.2f} s ({who})"
