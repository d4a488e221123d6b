"""Extract the examples of the documents and of the commands' help."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

from typer.models import TyperInfo

from mirror.cli.app import app

ROOT = Path(__file__).parents[2]

DOCUMENTS = (
    "README.md",
    "recordings/README.md",
    *sorted(str(each.relative_to(ROOT)) for each in (ROOT / "docs").glob("*.md")),
)

_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"(?:(?<=\n\n)|\A)(?: {4}.*\n|\n(?= {4}))+", re.MULTILINE)
_INLINE = re.compile(r"`(mirror\s[^`]+)`")
_HELP_EXAMPLE = re.compile(r"Example: +(mirror.*)")
# An explanation after a command: a comment, or text in a second column.
_EXPLANATION = re.compile(r"\s+#\s.*|\s{2,}\S.*")


def blocks(document: str) -> Iterator[tuple[str, str]]:
    """Yield language and text of each code block; that of an indented block is inferred."""
    text = (ROOT / document).read_text(encoding="utf-8")
    code_blocks = [(each.start(), each[1], each[2]) for each in _FENCED.finditer(text)]
    prose = _FENCED.sub(lambda each: "\n" * len(each[0]), text)
    for each in _INDENTED.finditer(prose):
        lines = inspect.cleandoc(each[0])
        languages = {"mirror": "sh", "from": "python", "import": "python"}
        code_blocks.append((each.start(), languages.get(lines.split()[0], "text"), lines))
    for _, language, lines in sorted(code_blocks):
        yield language, lines


def commands(document: str) -> list[str]:
    """Return the shell commands of a document."""
    return [
        line
        for language, text in blocks(document)
        if language == "sh"
        for each in text.splitlines()
        if (line := _EXPLANATION.sub("", each.rstrip()))
    ]


def programs(document: str) -> list[str]:
    """Return the Python examples of a document."""
    return [text for language, text in blocks(document) if language == "python"]


def help_examples() -> list[str]:
    """Return the examples in the help of all commands."""
    parts = [command for group in app.registered_groups for command in _commands_of(group)]
    return [_EXPLANATION.sub("", each) for part in parts for each in _HELP_EXAMPLE.findall(part)]


def inline_commands(document: str) -> list[str]:
    """Return the commands in the sentences of a document."""
    text = (ROOT / document).read_text(encoding="utf-8")
    return [" ".join(each.split()) for each in _INLINE.findall(_FENCED.sub("", text))]


def _commands_of(group: TyperInfo) -> Iterator[str]:
    assert group.typer_instance is not None
    for command in group.typer_instance.registered_commands:
        yield inspect.getdoc(command.callback) or ""
