"""A terminal that texts of strangers cannot command.

Labels, notes, events and file names may hold escape sequences, which move a terminal's cursor,
change its title or paste into its input. They are shown as visible signs instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

# C0 but the end of a line and the tab, DEL, C1, and the marks that turn the direction of writing.
_COMMANDS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def tamed(text: str) -> str:
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
                yield Segment(tamed(segment.text), segment.style)


def _sign(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x20:
        return chr(0x2400 + code)  # ␀ to ␟
    return "␡" if code == 0x7F else "\N{REPLACEMENT CHARACTER}"
