"""A terminal that texts of strangers cannot command.

Labels, notes, events and file names may hold escape sequences, which move a terminal's cursor,
change its title or paste into its input. They are shown as visible signs instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from rich.console import Console, ConsoleOptions, RenderableType
from rich.markup import escape
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.segment import Segment

# C0 but the end of a line and the tab, DEL, C1, and the marks that turn the direction of writing.
_COMMANDS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def escape_control_chars(text: str) -> str:
    """The same text with a visible sign in the place of each control character."""
    return _COMMANDS.sub(_sign, text)


class Terminal(Console):
    """A rich console whose own styles are the only ones to reach the terminal as commands."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            if segment.control or not _COMMANDS.search(segment.text):
                yield segment
            else:
                yield Segment(escape_control_chars(segment.text), segment.style)


out = Terminal(emoji=False)
err = Terminal(stderr=True, emoji=False)


def complain(text: str) -> None:
    """Say on stderr what went wrong, in one line."""
    line = escape(_one_line(text))
    err.print(f"[bold red]mirror:[/bold red] {line}", highlight=False, soft_wrap=True)


def remark(text: str) -> None:
    """Say on stderr what is worth knowing, in one line."""
    err.print(f"mirror: {escape(_one_line(text))}", highlight=False, soft_wrap=True)


def _one_line(text: str) -> str:
    return " ".join(text.split("\n"))


def progress() -> Progress:
    """A progress bar on stderr, where that is a terminal; its tasks have a field ``speed``."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[speed]}"),
        TimeRemainingColumn(),
        TextColumn("left"),
        console=err,
        disable=not err.is_terminal,
    )


def _sign(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x20:
        return chr(0x2400 + code)  # ␀ to ␟
    return "␡" if code == 0x7F else "\N{REPLACEMENT CHARACTER}"
