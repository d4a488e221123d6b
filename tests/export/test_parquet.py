"""Parquet, read with pyarrow and with pandas."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from mirror import Landmark, Pose, Recording
from mirror.events import Event
from mirror.export import export
from mirror.timeline import COLUMNS, LEVELS
from tests.support.talk import MakeRecording


def test_pyarrow_reads_every_score(recording: Recording, folder: Path) -> None:
    export(recording, "parquet", folder / "talk.parquet")
    table, timeline = pq.read_table(folder / "talk.parquet"), recording.timeline()
    assert tuple(table.column_names) == COLUMNS
    assert table["state"].to_pylist() == list(timeline.state)
    for name in COLUMNS:
        if name not in LEVELS:
            assert table.schema.field(name).type == pa.float64()
            assert table[name].null_count == np.isnan(timeline[name]).sum()
            assert np.array_equal(table[name].to_numpy(), timeline[name], equal_nan=True), name


def test_pandas_reads_scores_and_events(recording: Recording, folder: Path) -> None:
    export(recording, "parquet", folder / "talk.parquet", start=0.4, end=1.5)
    part = recording.timeline().between(0.4, 1.5)
    lags = pd.read_parquet(folder / "talk.parquet")["lag_s"]
    assert np.array_equal(lags, part.lag_s, equal_nan=True)
    events = pd.read_parquet(folder / "talk.events.parquet")
    wanted = [event for event in recording.events() if 0.4 <= event.time_s <= 1.5]
    assert [Event(*row) for row in events.itertuples(index=False)] == wanted


def test_schema_holds_the_metadata(recording: Recording, folder: Path) -> None:
    export(recording, "parquet", folder / "talk.parquet")
    schema = pq.read_schema(folder / "talk.parquet")
    about = json.loads(schema.metadata[b"mirror"])
    assert about["labels"]["b"] == "Ben & <Bo>"
    assert about["settings"]["window"] == 6.0
    assert set(about["tables"]["talk.parquet"]) == set(COLUMNS)
    lag = schema.field("lag_s").metadata
    assert lag[b"units"] == b"s"
    assert b"positive: B follows A" in lag[b"definition"]


def test_landmarks_are_lists_of_33(recording: Recording, folder: Path) -> None:
    export(recording, "landmarks-parquet", folder / "talk.parquet")
    table = pq.read_table(folder / "talk.parquet")
    recorded = list(recording.poses())
    assert table["feed"].to_pylist() == [feed for feed, _ in recorded]
    assert table["time_s"].to_pylist() == [pose.time for _, pose in recorded]
    assert table["width"].to_pylist() == [pose.width for _, pose in recorded]
    assert table["height"].to_pylist() == [pose.height for _, pose in recorded]
    positions = ("x", "y", "z", "visibility"), ("world_x", "world_y", "world_z")
    for names, attribute in zip(positions, ("landmarks", "world"), strict=True):
        for column, name in enumerate(names):
            assert table.schema.field(name).type == pa.list_(pa.float32(), 33)
            for read, (_, pose) in zip(table[name].to_pylist(), recorded, strict=True):
                stored = getattr(pose, attribute)
                assert (read is None) == (stored is None)
                assert read is None or np.array_equal(np.array(read), stored[:, column])


def test_lists_have_the_order_named_in_the_schema(recording: Recording, folder: Path) -> None:
    export(recording, "landmarks-parquet", folder / "talk.parquet")
    about = json.loads(pq.read_schema(folder / "talk.parquet").metadata[b"mirror"])
    assert about["landmarks"] == [mark.name.lower() for mark in Landmark]
    assert about["tables"]["talk.parquet"]["x"]["units"] == "picture widths"


def test_writes_long_recording_in_batches(make: MakeRecording, folder: Path) -> None:
    many = [
        (feed, Pose(number / 30, np.full((33, 4), number, np.float32), None, 64, 48))
        for number in range(3000)
        for feed in "ab"
    ]
    export(make(frames=many), "landmarks-parquet", folder / "talk.parquet")
    file = pq.ParquetFile(folder / "talk.parquet")
    assert file.num_row_groups > 1
    table = file.read()
    assert table["time_s"].to_pylist() == [pose.time for _, pose in many]
    assert [each[32] for each in table["y"].to_pylist()] == [number // 2 for number in range(6000)]
