"""JSON: what it is about, one object a row of the timeline, and the events, in one file."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, TextIO

from mirror._support.jsonable import to_jsonable
from mirror.columns import EVENTS, TIMELINE, definitions
from mirror.export.base import Format
from mirror.export.delimited import create
from mirror.export.part import Part
from mirror.timeline import COLUMNS


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _list(file: TextIO, name: str, values: Iterable[Any]) -> None:
    file.write(f',\n"{name}": [')
    between = "\n"
    for value in values:
        file.write(between + _text(to_jsonable(value)))
        between = ",\n"
    file.write("\n]")


def _write(part: Part, path: Path) -> None:
    about = part.about(
        undefined="An undefined value is null, and no zero",
        tables=definitions(scores=TIMELINE, events=EVENTS),
    )
    with create(path) as file:
        file.write(f'{{\n"about": {_text(about)}')
        _list(
            file, "scores", ({name: getattr(row, name) for name in COLUMNS} for row in part.rows())
        )
        _list(file, "events", (dataclasses.asdict(event) for event in part.events()))
        file.write("\n}\n")


JSON: Final = Format("json", ".json", "JSON, for programs", _write)
