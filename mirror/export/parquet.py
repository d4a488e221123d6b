"""Parquet: the timeline, or the landmarks, with what the columns mean in the schema.

``talk.parquet`` holds the scores and ``talk.events.parquet`` beside it the events;
``landmarks-parquet`` makes one file in which x, y, z and visibility are each a list of 33. What is
undefined is null.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mirror._support.optional import import_optional
from mirror.columns import EVENTS, FRAMES, LANDMARKS, TIMELINE, WORLD, Column, definitions
from mirror.export.base import Format
from mirror.export.landmark_table import NAMES
from mirror.export.part import Part
from mirror.landmarks import Feed, Pose

_WANTED: Final = "an export to Parquet"

KEY: Final = b"mirror"
"""Where in a schema's metadata it is said, as JSON, what the file is about."""

_AT_ONCE: Final = 4096  # poses, of 2 MB

_FRAMES: Final[Mapping[str, Column]] = FRAMES | LANDMARKS | WORLD


def _events(path: Path) -> Path:
    return path.with_name(f"{path.stem}.events{path.suffix}")


def _schema(part: Part, path: Path, types: Mapping[str, Any], columns: Mapping[str, Column]) -> Any:
    """The schema of a file: names, types, and what is known of them."""
    pa = import_optional("pyarrow", "parquet", _WANTED)
    about = part.about(
        undefined="An undefined value is null, and no zero",
        landmarks=NAMES,
        tables=definitions(**{path.name: columns}),
    )
    fields = [
        pa.field(
            name, types[name], metadata={"definition": column.definition, "units": column.units}
        )
        for name, column in columns.items()
    ]
    return pa.schema(fields, {KEY: json.dumps(about, ensure_ascii=False).encode(errors="replace")})


def _write(part: Part, path: Path) -> None:
    part.progress(0, len(part.timeline))
    pa, pq = (
        import_optional("pyarrow", "parquet", _WANTED),
        import_optional("pyarrow.parquet", "parquet", _WANTED),
    )
    types = {name: pa.float64() for name in TIMELINE} | {"state": pa.string()}
    columns = [
        pa.array(part.timeline[name], types[name], from_pandas=True)  # NaN becomes null
        for name in TIMELINE
    ]
    pq.write_table(pa.table(columns, _schema(part, path, types, TIMELINE)), path)
    types = {"time_s": pa.float64(), "kind": pa.string(), "text": pa.string()}
    events = part.events()
    columns = [pa.array([getattr(each, name) for each in events], types[name]) for name in EVENTS]
    schema = _schema(part, _events(path), types, EVENTS)
    pq.write_table(pa.table(columns, schema), _events(path))
    part.progress(len(part.timeline), len(part.timeline))


def _write_landmarks(part: Part, path: Path) -> None:
    pa, pq = (
        import_optional("pyarrow", "parquet", _WANTED),
        import_optional("pyarrow.parquet", "parquet", _WANTED),
    )
    lists = dict.fromkeys((*LANDMARKS, *WORLD), pa.list_(pa.float32(), len(NAMES)))
    plain = {"feed": pa.string(), "time_s": pa.float64(), "width": pa.int32(), "height": pa.int32()}
    schema = _schema(part, path, plain | lists, _FRAMES)
    poses = part.poses()
    with pq.ParquetWriter(path, schema) as writer:
        while some := list(itertools.islice(poses, _AT_ONCE)):
            writer.write_batch(_batch(pa, schema, some))


def _batch(pa: Any, schema: Any, some: Sequence[tuple[Feed, Pose]]) -> Any:
    columns = [
        pa.array([feed for feed, _ in some]),
        pa.array([pose.time for _, pose in some]),
        pa.array([pose.width for _, pose in some], pa.int32()),
        pa.array([pose.height for _, pose in some], pa.int32()),
        *_lists(pa, [pose.landmarks for _, pose in some], len(LANDMARKS)),
        *_lists(pa, [pose.world for _, pose in some], len(WORLD)),
    ]
    return pa.record_batch(columns, schema)


def _lists(pa: Any, found: Sequence[NDArray[Any] | None], columns: int) -> list[Any]:
    """For each column of the poses' arrays, a list of 33 a pose; null where there is none."""
    nobody = np.array([each is None for each in found])
    values = np.zeros((len(found), len(NAMES), columns), np.float32)
    for index, each in enumerate(found):
        if each is not None:
            values[index] = each
    return [
        pa.FixedSizeListArray.from_arrays(
            pa.array(values[..., column].ravel()), len(NAMES), mask=pa.array(nobody)
        )
        for column in range(columns)
    ]


PARQUET: Final = Format(
    "parquet",
    ".parquet",
    "Parquet table, for pandas, polars, R arrow",
    _write,
    lambda path: (_events(path),),
    extra="parquet",
)
LANDMARKS_PARQUET: Final = Format(
    "landmarks-parquet",
    ".parquet",
    "Landmarks of both people in Parquet, with those in metres",
    _write_landmarks,
    extra="parquet",
)
