"""ELAN, read with pympi, and its XML checked against the format."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from pympi.Elan import Eaf

from mirror import Recording, Score, Settings, State
from mirror.events import Event
from mirror.export import export
from tests.support.talk import MakeRecording, scores

ORDER = ["HEADER", "TIME_ORDER", "TIER", "LINGUISTIC_TYPE", "CONSTRAINT"]


@pytest.fixture
def written(recording: Recording, folder: Path) -> Eaf:
    export(recording, "eaf", folder / "talk.eaf")
    return Eaf(folder / "talk.eaf")


def at(document: Eaf, name: str, row: Score) -> str | None:
    """Return the text of a tier at the time of a row."""
    ms = round(1000 * row.time_s)
    annotations = [
        text
        for start, end, text, *_ in document.get_annotation_data_for_tier(name)
        if start <= ms < end
    ]
    assert len(annotations) < 2
    return annotations[0] if annotations else None


def test_state_tier_holds_the_state_of_every_row(recording: Recording, written: Eaf) -> None:
    for row in recording.timeline():
        assert at(written, "state", row) == row.state


@pytest.mark.parametrize(
    ("name", "score"),
    [("in phase", "in_phase"), ("anti-phase", "anti_phase"), ("mirroring", "mirroring")],
)
def test_score_tiers_hold_the_mean_score(
    recording: Recording, written: Eaf, name: str, score: str
) -> None:
    timeline = recording.timeline()
    for row in timeline:
        together = row.state is State.OK and getattr(row, score) >= 0.5
        assert (at(written, name, row) is not None) == together
    runs = written.get_annotation_data_for_tier(name)
    assert len(runs) > 2
    ms = np.round(1000 * timeline.time_s)
    for start, end, text in runs:
        assert float(text) == pytest.approx(
            timeline[score][(ms >= start) & (ms < end)].mean(), abs=0.0005
        )


def test_leader_tier_names_the_leader(recording: Recording, written: Eaf) -> None:
    leaders = set()
    for row in recording.timeline():
        leader = None
        if row.mirroring >= 0.5 and row.anti_phase < 0.75 * row.mirroring:
            leader = "Änna" if row.lag_s > 0.1 else "Ben & <Bo>" if row.lag_s < -0.1 else "together"
        assert at(written, "leader", row) == leader
        leaders.add(leader)
    assert leaders == {None, "Änna", "Ben & <Bo>", "together"}


def test_pause_has_no_annotation(recording: Recording, written: Eaf) -> None:
    times = recording.timeline().time_s
    before = int(np.argmax(np.diff(times)))
    for name in ("state", "in phase", "anti-phase", "mirroring", "leader"):
        assert at(written, name, Score(float(times[before]) + 0.5, State.OK)) is None
    ends = {end for _, end, _ in written.get_annotation_data_for_tier("state")}
    assert {round(1000 * times[before]) + 100, round(1000 * times[-1]) + 100} <= ends


def test_writes_every_event(written: Eaf) -> None:
    assert sorted(written.get_annotation_data_for_tier("events")) == [
        (0, 450, "truth: In phase: relative phase 0°"),
        (450, 1200, 'mark: =HYPERLINK("http://example.org";"press")\nmark'),
        (1200, 2000, "+note: 'quoted', -1, <b>&amp;\ttabs\nand\n\nlines --> of it"),
        (2000, 3000, "mark: n/a"),
        (4750, 5750, "@x: -3"),
    ]


def test_events_tier_may_be_empty(make: MakeRecording, folder: Path) -> None:
    export(make(events=[]), "eaf", folder / "talk.eaf")
    assert Eaf(folder / "talk.eaf").get_annotation_data_for_tier("events") == []


def test_links_stored_videos(recording: Recording, folder: Path) -> None:
    videos = [recording.path.with_name(f"talk.{feed}.mp4") for feed in "ab"]
    videos[0].touch()
    export(recording, "eaf", folder / "one.eaf")
    videos[1].touch()
    export(recording, "eaf", folder / "two.eaf")
    (only,) = Eaf(folder / "one.eaf").media_descriptors
    assert only["RELATIVE_MEDIA_URL"] == "../talk.a.mp4"
    assert only["MEDIA_URL"] == videos[0].resolve().as_uri()
    assert only["MIME_TYPE"] == "video/mp4"
    export(recording, "eaf", recording.path.with_suffix(".eaf"))
    beside = Eaf(recording.path.with_suffix(".eaf")).media_descriptors
    assert [each["RELATIVE_MEDIA_URL"] for each in beside] == ["./talk.a.mp4", "./talk.b.mp4"]
    urls = [each["RELATIVE_MEDIA_URL"] for each in Eaf(folder / "two.eaf").media_descriptors]
    assert urls == ["../talk.a.mp4", "../talk.b.mp4"]


def test_property_holds_the_metadata(written: Eaf) -> None:
    about = json.loads(dict(written.properties)["mirror"])
    assert about["settings"]["window"] == 6.0
    assert set(about["tiers"]) == set(written.get_tier_names())
    assert written.media_descriptors == []


def test_xml_follows_the_format(recording: Recording, folder: Path) -> None:
    export(recording, "eaf", folder / "talk.eaf")
    root = ET.parse(folder / "talk.eaf").getroot()
    assert root.tag == "ANNOTATION_DOCUMENT"
    assert {"AUTHOR", "DATE", "FORMAT", "VERSION"} <= set(root.attrib)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", root.attrib["DATE"])
    tags = [each.tag for each in root]
    assert tags == sorted(tags, key=ORDER.index)
    header = root.find("HEADER")
    assert header is not None
    assert header.attrib["TIME_UNITS"] == "milliseconds"
    slots = [(each.attrib["TIME_SLOT_ID"], int(each.attrib["TIME_VALUE"])) for each in root[1]]
    assert [time for _, time in slots] == sorted(time for _, time in slots)
    times = dict(slots)
    assert len(times) == len(slots)
    types = {each.attrib["LINGUISTIC_TYPE_ID"] for each in root.iter("LINGUISTIC_TYPE")}
    tiers = root.findall("TIER")
    names = [each.attrib["TIER_ID"] for each in tiers]
    assert names == ["state", "in phase", "anti-phase", "mirroring", "leader", "events"]
    ids = [each.attrib["ANNOTATION_ID"] for each in root.iter("ALIGNABLE_ANNOTATION")]
    assert len(ids) == len(set(ids)) > 10
    for each in tiers:
        assert each.attrib["LINGUISTIC_TYPE_REF"] in types
        spans = []
        for annotation in each:
            assert [inner.tag for inner in annotation] == ["ALIGNABLE_ANNOTATION"]
            assert [inner.tag for inner in annotation[0]] == ["ANNOTATION_VALUE"]
            refs = (annotation[0].attrib[f"TIME_SLOT_REF{end}"] for end in (1, 2))
            spans.append(tuple(times[ref] for ref in refs))
        assert all(0 <= start < end for start, end in spans)
        spans.sort()
        assert all(end <= start for (_, end), (start, _) in itertools.pairwise(spans))


def test_intervals_end_a_hop_after_their_last_row_if_the_hop_changes(
    make: MakeRecording, folder: Path
) -> None:
    rows = [
        *(Score(number / 10, State.STILL) for number in range(5)),
        *(Score(0.9 + number / 2, State.STILL) for number in range(3)),
    ]
    changes = [{"time_s": 0.4, "settings": Settings(hop=0.5).to_dict()}]
    export(make(rows=rows, changes=changes), "eaf", folder / "talk.eaf")
    states = Eaf(folder / "talk.eaf").get_annotation_data_for_tier("state")
    assert states == [(0, 500, "still"), (900, 2400, "still")]


def test_replaces_characters_invalid_in_xml(make: MakeRecording, folder: Path) -> None:
    events = [Event(-1.0, "early", ""), Event(1.0, "mark", "a\0b\x1bc\ufffe😀")]
    export(make(rows=scores()[:3], events=events), "eaf", folder / "talk.eaf")
    found = Eaf(folder / "talk.eaf").get_annotation_data_for_tier("events")
    assert found == [(0, 1000, "early"), (1000, 2000, "mark: a\ufffdb\ufffdc\ufffd😀")]
