"""Print to the terminal, safely.

Labels, notes, events and file names may contain escape sequences, which move a terminal's cursor,
change its title or paste into its input. They are shown as visible characters instead.
"""

import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from rich import progress
from rich.console import Console, ConsoleOptions, RenderableType
from rich.markup import escape
from rich.segment import Segment

# C0 without newline and tab, DEL, C1, and the controls of text direction.
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def escape_control_chars(text: str) -> str:
    """Replace each control character by a visible one."""
    return _CONTROLS.sub(_visible, text)


class Terminal(Console):
    """A rich console that escapes the control characters in what it prints."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            if segment.control or not _CONTROLS.search(segment.text):
                yield segment
            else:
                yield Segment(escape_control_chars(segment.text), segment.style)


out = Terminal(emoji=False)
err = Terminal(stderr=True, emoji=False)


def say(text: str, terminal: Terminal = out) -> None:
    """Print a line as it is, without markup, and without wrapping it."""
    terminal.print(text, markup=False, highlight=False, soft_wrap=True)


def print_error(text: str) -> None:
    """Print what went wrong to stderr, in one line."""
    line = escape(text.replace("\n", " "))
    err.print(f"[bold red]mirror:[/bold red] {line}", highlight=False, soft_wrap=True)


def progress_bars() -> progress.Progress:
    """Return progress bars on stderr, if that is a terminal; tasks have a field ``speed``."""
    return progress.Progress(
        progress.SpinnerColumn(),
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.TaskProgressColumn(),
        progress.TextColumn("{task.fields[speed]}"),
        progress.TimeRemainingColumn(),
        progress.TextColumn("left"),
        console=err,
        disable=not err.is_terminal,
    )


@contextmanager
def progress_bar(description: str, unit: str = "") -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar; yields a function to call with the number done and the total."""
    start = time.monotonic()
    with progress_bars() as bars:
        task = bars.add_task(description, total=None, speed="")

        def show(done: int, total: int) -> None:
            speed = f"{done / max(time.monotonic() - start, 0.001):.0f} {unit}" if unit else ""
            bars.update(task, completed=done, total=total, speed=speed)

        yield show


def _visible(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x20:
        return chr(0x2400 + code)  # ␀ to ␟
    return "␡" if code == 0x7F else "\N{REPLACEMENT CHARACTER}"
