"""JSON: metadata, the rows of the timeline as objects, and the events, in one file."""

import dataclasses
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, TextIO

from mirror._support.jsonable import to_jsonable
from mirror.columns import EVENTS, TIMELINE, definitions
from mirror.export.base import Format, Selection, create
from mirror.timeline import COLUMNS


def _write(selection: Selection, path: Path) -> None:
    metadata = selection.metadata(
        undefined="An undefined value is null, and no zero",
        tables=definitions(scores=TIMELINE, events=EVENTS),
    )
    rows = ({name: getattr(row, name) for name in COLUMNS} for row in selection.rows())
    with create(path) as file:
        file.write(f'{{\n"about": {json.dumps(metadata, ensure_ascii=False)}')
        _write_list(file, "scores", rows)
        _write_list(file, "events", map(dataclasses.asdict, selection.events()))
        file.write("\n}\n")


def _write_list(file: TextIO, name: str, values: Iterable[Any]) -> None:
    file.write(f',\n"{name}": [')
    separator = "\n"
    for value in values:
        file.write(separator + json.dumps(to_jsonable(value), ensure_ascii=False))
        separator = ",\n"
    file.write("\n]")


JSON: Final = Format("json", ".json", "JSON, for programs", _write)
