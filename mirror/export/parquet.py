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
    columns: dict[str, Any] = {"feed": [feed for feed, _ in poses]}
    columns["time_s"] = [pose.time for _, pose in poses]
    for name in ("width", "height"):
        columns[name] = [getattr(pose, name) for _, pose in poses]
    for kind, names in (("landmarks", LANDMARKS), ("world", WORLD)):
        marks = [getattr(pose, kind) for _, pose in poses]
        missing, nothing = [each is None for each in marks], np.zeros((len(NAMES), len(names)))
        values = np.array([nothing if each is None else each for each in marks], np.float32)
        for at, name in enumerate(names):
            cells = pa.array(values[..., at].ravel())
            mask = pa.array(missing)  # null where a pose has none
            columns[name] = pa.FixedSizeListArray.from_arrays(cells, len(NAMES), mask=mask)
    return pa.RecordBatch.from_pydict(columns, schema)


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
