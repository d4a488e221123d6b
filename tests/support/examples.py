"""What the documents and the commands' help give as examples, read from where they stand."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

from mirror.cli.app import app

ROOT = Path(__file__).parents[2]

DOCUMENTS = (
    "README.md",
    "recordings/README.md",
    *sorted(str(each.relative_to(ROOT)) for each in (ROOT / "docs").glob("*.md")),
)

_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"(?:(?<=\n\n)|\A)(?: {4}.*\n|\n(?= {4}))+", re.MULTILINE)
_IN_A_SENTENCE = re.compile(r"`(mirror\s[^`]+)`")
_IN_A_HELP = re.compile(r"Example: +(mirror.*)")
# What follows a command on its line: a comment, or in a column of its own what it does.
_EXPLAINED = re.compile(r"\s+#\s.*|\s{2,}\S.*")


def blocks(document: str) -> Iterator[tuple[str, str]]:
    """Language and text of each block of code, in order; an indented one is told by its start."""
    text = (ROOT / document).read_text(encoding="utf-8")
    found = [(each.start(), each[1], each[2]) for each in _FENCED.finditer(text)]
    prose = _FENCED.sub(lambda each: "\n" * len(each[0]), text)
    for each in _INDENTED.finditer(prose):
        lines = inspect.cleandoc(each[0])
        language = {"mirror": "sh", "from": "python", "import": "python"}
        found.append((each.start(), language.get(lines.split()[0], "text"), lines))
    for _, language, lines in sorted(found):
        yield language, lines


def commands(document: str) -> list[str]:
    """The lines that a document tells its reader to type."""
    return [
        line
        for language, text in blocks(document)
        if language == "sh"
        for each in text.splitlines()
        if (line := _EXPLAINED.sub("", each.rstrip()))
    ]


def programs(document: str) -> list[str]:
    """A document's examples in Python."""
    return [text for language, text in blocks(document) if language == "python"]


def helps() -> list[str]:
    """The examples of all commands' help."""
    parts = [command for group in app.registered_groups for command in _commands_of(group)]
    return [_EXPLAINED.sub("", each) for part in parts for each in _IN_A_HELP.findall(part)]


def mentions(document: str) -> list[str]:
    """The commands that a document names within its sentences."""
    text = (ROOT / document).read_text(encoding="utf-8")
    return [" ".join(each.split()) for each in _IN_A_SENTENCE.findall(_FENCED.sub("", text))]


def _commands_of(group: object) -> Iterator[str]:
    for command in group.typer_instance.registered_commands:
        yield inspect.getdoc(command.callback) or ""
