"""JSON, read with Python's own reader and with pandas."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd

from mirror import Recording
from mirror.events import Event
from mirror.export import export
from mirror.timeline import COLUMNS, LEVELS
from tests.support.talk import MakeRecording


def test_writes_every_score_and_event(recording: Recording, folder: Path) -> None:
    export(recording, "json", folder / "talk.json")
    read = json.loads((folder / "talk.json").read_text(encoding="utf-8"))
    timeline = recording.timeline()
    assert [row["state"] for row in read["scores"]] == list(timeline.state)
    for name in COLUMNS:
        if name not in LEVELS:
            values = [math.nan if row[name] is None else row[name] for row in read["scores"]]
            assert np.array_equal(values, timeline[name], equal_nan=True), name
    assert [Event(**event) for event in read["events"]] == recording.events()
    assert tuple(read["about"]["tables"]["scores"]) == COLUMNS
    assert read["about"]["settings"]["hop"] == recording.settings.hop


def test_pandas_reads_the_rows(recording: Recording, folder: Path) -> None:
    export(recording, "json", folder / "talk.json", start=1.0)
    read = json.loads((folder / "talk.json").read_text(encoding="utf-8"))
    table = pd.DataFrame(read["scores"])
    part = recording.timeline().between(1.0, math.inf)
    assert np.array_equal(table["in_phase"].astype(float), part.in_phase, equal_nan=True)
    assert (read["about"]["from_s"], read["about"]["until_s"]) == (1.0, None)


def test_writes_recording_without_rows_or_events(make: MakeRecording, folder: Path) -> None:
    export(make(rows=[], events=[]), "json", folder / "talk.json")
    read = json.loads((folder / "talk.json").read_text(encoding="utf-8"))
    assert (read["scores"], read["events"]) == ([], [])
