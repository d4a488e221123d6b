"""CSV and TSV, read with pandas and with Python's own reader."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mirror import Recording, Settings
from mirror.events import Event
from mirror.export import export
from mirror.recording.writer import Recorder
from mirror.timeline import COLUMNS, LEVELS
from tests.support.talk import MakeRecording
from tests.support.texts import CHARACTERS

BOTH = pytest.mark.parametrize(("kind", "delimiter"), [("csv", ","), ("tsv", "\t")])


def original(cell: str) -> str:
    """Undo the rule for texts of the side file."""
    return cell[1:] if cell.startswith("'") else cell


@BOTH
def test_pandas_reads_every_score(
    recording: Recording, folder: Path, kind: str, delimiter: str
) -> None:
    path = folder / f"talk.{kind}"
    export(recording, kind, path)
    table = pd.read_csv(path, sep=delimiter)
    timeline = recording.timeline()
    assert tuple(table.columns) == COLUMNS
    assert list(table["state"]) == list(timeline.state)
    for name in COLUMNS:
        if name not in LEVELS:
            assert np.array_equal(table[name].astype(float), timeline[name], equal_nan=True), name


@BOTH
def test_pandas_reads_every_event(
    recording: Recording, folder: Path, kind: str, delimiter: str
) -> None:
    export(recording, kind, folder / f"talk.{kind}")
    path = folder / f"talk.events.{kind}"
    table = pd.read_csv(path, sep=delimiter, keep_default_na=False, dtype={"text": str})
    events = [
        Event(row["time_s"], original(row["kind"]), original(row["text"]))
        for row in table.to_dict("records")
    ]
    assert events == recording.events()


def test_undefined_score_is_an_empty_cell(recording: Recording, folder: Path) -> None:
    export(recording, "csv", folder / "talk.csv")
    with (folder / "talk.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["in_phase"] for row in rows if row["state"] != "ok"} == {""}
    assert {row["chance_mirroring"] for row in rows} == {""}
    assert "" not in {row["in_phase"] for row in rows if row["state"] == "ok"}


@BOTH
def test_side_file_holds_the_metadata(
    recording: Recording, folder: Path, kind: str, delimiter: str
) -> None:
    export(recording, kind, folder / f"talk.{kind}", start=0.5, end=2.0)
    about = json.loads((folder / f"talk.{kind}.json").read_text(encoding="utf-8"))
    assert about["settings"] == json.loads(json.dumps(recording.settings.to_dict()))
    assert about["settings_units"]["window"] == "s"
    assert about["versions"] == recording.session["versions"]
    assert about["labels"] == {"a": "Änna", "b": "Ben & <Bo>"}
    assert (about["part"], about["from_s"], about["until_s"]) == ("selection", 0.5, 2.0)
    assert "session's clock" in about["times"]
    scores, events = about["tables"][f"talk.{kind}"], about["tables"][f"talk.events.{kind}"]
    assert tuple(scores) == COLUMNS
    assert all(column["definition"] for column in (*scores.values(), *events.values()))
    assert scores["lag_s"]["units"] == "s"
    assert "positive: B follows A" in scores["lag_s"]["definition"]
    assert all(tuple(scores[name]["levels"]) == levels for name, levels in LEVELS.items())


def test_part_keeps_the_times_of_the_session(recording: Recording, folder: Path) -> None:
    export(recording, "csv", folder / "talk.csv", start=0.45, end=2.0)
    table = pd.read_csv(folder / "talk.csv")
    assert list(table["time_s"]) == list(recording.timeline().between(0.45, 2.0).time_s)
    events = pd.read_csv(folder / "talk.events.csv")
    assert list(events["time_s"]) == [0.45, 0.45, 1.2, 2.0]


def test_metadata_holds_changes_of_settings(make: MakeRecording, folder: Path) -> None:
    changed = {"time_s": 1.0, "settings": Settings(hop=0.2).to_dict()}
    export(make(changes=[changed]), "csv", folder / "talk.csv")
    about = json.loads((folder / "talk.csv.json").read_text(encoding="utf-8"))
    assert about["changes"][0]["time_s"] == 1.0
    assert about["changes"][0]["settings"]["hop"] == 0.2


@BOTH
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(
        st.text(CHARACTERS, max_size=20)
        | st.builds(
            "{}{}".format, st.sampled_from("=+-@\t\r\n'\0\"; ,"), st.text(CHARACTERS, max_size=8)
        ),
        max_size=20,
    )
)
def test_reads_back_any_text_and_writes_no_formula(
    tmp_path_factory: pytest.TempPathFactory, kind: str, delimiter: str, texts: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("texts")
    with Recorder(folder / "s.mirror", {}) as recorder:
        for text in texts:
            recorder.add_event(Event(1.5, text, text))
    with Recording.open(recorder.path) as opened:
        export(opened, kind, folder / f"s.{kind}")
    with (folder / f"s.events.{kind}").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file, delimiter=delimiter)
    assert header == ["time_s", "kind", "text"]
    read = [(time_s, original(a), original(b)) for time_s, a, b in rows]
    assert read == [("1.5", text, text) for text in texts]
    formulas = ("=", "+", "-", "@", "\t", "\r", "\n")
    assert not any(shown.startswith(formulas) for *_, shown in rows)
