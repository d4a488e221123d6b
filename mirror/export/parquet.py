"""Parquet: the timeline, or the landmarks, with metadata and definitions in the schema.

``talk.parquet`` holds the scores and ``talk.events.parquet`` the events; ``landmarks-parquet`` is
one file in which x, y, z and visibility are each a list of 33. Undefined values are null.
"""

import itertools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mirror._support.optional import import_optional
from mirror.columns import EVENTS, FRAMES, LANDMARKS, TIMELINE, WORLD, Column, definitions
from mirror.export.base import Format, Selection, events_path
from mirror.export.delimited import NAMES
from mirror.landmarks import Feed, Pose
from mirror.timeline import LEVELS

_BATCH_POSES: Final = 4096  # 2 MB


def _pyarrow() -> tuple[Any, Any]:
    wanted = "an export to Parquet"
    return (
        import_optional("pyarrow", "parquet", wanted),
        import_optional("pyarrow.parquet", "parquet", wanted),
    )


def _schema(
    selection: Selection, path: Path, types: Mapping[str, Any], columns: Mapping[str, Column]
) -> Any:
    pa, _ = _pyarrow()
    metadata = selection.metadata(
        undefined="An undefined value is null, and no zero",
        landmarks=NAMES,
        tables=definitions(**{path.name: columns}),
    )
    fields = []
    for name, column in columns.items():
        about = {"definition": column.definition, "units": column.units}
        fields.append(pa.field(name, types[name], metadata=about))
    return pa.schema(fields, {b"mirror": json.dumps(metadata, ensure_ascii=False).encode()})


def _write(selection: Selection, path: Path) -> None:
    selection.progress(0, len(selection.timeline))
    pa, _ = _pyarrow()
    types = {name: pa.string() if name in LEVELS else pa.float64() for name in TIMELINE}
    columns = [
        pa.array(selection.timeline[name], types[name], from_pandas=True)  # NaN becomes null
        for name in TIMELINE
    ]
    _write_table(pa.table(columns, _schema(selection, path, types, TIMELINE)), path)
    types = {"time_s": pa.float64(), "kind": pa.string(), "text": pa.string()}
    events = selection.events()
    columns = [pa.array([getattr(each, name) for each in events], types[name]) for name in EVENTS]
    schema = _schema(selection, events_path(path), types, EVENTS)
    _write_table(pa.table(columns, schema), events_path(path))
    selection.progress(len(selection.timeline), len(selection.timeline))


def _write_table(table: Any, path: Path) -> None:
    _, pq = _pyarrow()
    with path.open("xb") as file:  # as Arrow refuses a path that is not UTF-8
        pq.write_table(table, file)


def _write_landmarks(selection: Selection, path: Path) -> None:
    pa, pq = _pyarrow()
    lists = dict.fromkeys((*LANDMARKS, *WORLD), pa.list_(pa.float32(), len(NAMES)))
    plain = {"feed": pa.string(), "time_s": pa.float64(), "width": pa.int32(), "height": pa.int32()}
    schema = _schema(selection, path, plain | lists, FRAMES | LANDMARKS | WORLD)
    poses = selection.poses()
    with path.open("xb") as file, pq.ParquetWriter(file, schema) as writer:
        while batch := list(itertools.islice(poses, _BATCH_POSES)):
            writer.write_batch(_batch(pa, schema, batch))


def _batch(pa: Any, schema: Any, poses: Sequence[tuple[Feed, Pose]]) -> Any:
    columns = [
        pa.array([feed for feed, _ in poses]),
        pa.array([pose.time for _, pose in poses]),
        pa.array([pose.width for _, pose in poses], pa.int32()),
        pa.array([pose.height for _, pose in poses], pa.int32()),
        *_lists(pa, [pose.landmarks for _, pose in poses], len(LANDMARKS)),
        *_lists(pa, [pose.world for _, pose in poses], len(WORLD)),
    ]
    return pa.record_batch(columns, schema)


def _lists(pa: Any, arrays: Sequence[NDArray[Any] | None], columns: int) -> list[Any]:
    """Return a list array per column of the poses' arrays, null where a pose has none."""
    is_missing = np.array([each is None for each in arrays])
    values = np.zeros((len(arrays), len(NAMES), columns), np.float32)
    for index, each in enumerate(arrays):
        if each is not None:
            values[index] = each
    return [
        pa.FixedSizeListArray.from_arrays(
            pa.array(values[..., column].ravel()), len(NAMES), mask=pa.array(is_missing)
        )
        for column in range(columns)
    ]


PARQUET: Final = Format(
    "parquet",
    ".parquet",
    "Parquet table, for pandas, polars, R arrow",
    _write,
    lambda path: (events_path(path),),
    extra="parquet",
)
LANDMARKS_PARQUET: Final = Format(
    "landmarks-parquet",
    ".parquet",
    "Landmarks of both people in Parquet, with those in metres",
    _write_landmarks,
    extra="parquet",
)
