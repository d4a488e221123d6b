"""WebVTT, read with webvtt-py."""

from __future__ import annotations

import html
import json
from pathlib import Path

import pytest
import webvtt
from webvtt.models import Caption

from mirror import Recording, Score, State
from mirror.events import Event
from mirror.export import export
from mirror.summary import sentence
from tests.support.talk import MakeRecording


def cues(path: Path, kind: str) -> list[Caption]:
    """Return the cues of one kind, in order of time."""
    captions = webvtt.read(str(path)).captions
    starts = [start(each) for each in captions]
    assert starts == sorted(starts)
    return [each for each in captions if str(each.identifier).startswith(kind)]


def start(cue: Caption) -> float:
    return cue.start_in_seconds + cue.start_time.milliseconds / 1000


def end(cue: Caption) -> float:
    return cue.end_in_seconds + cue.end_time.milliseconds / 1000


def test_cue_holds_the_sentence_of_every_row(recording: Recording, folder: Path) -> None:
    export(recording, "vtt", folder / "talk.vtt")
    found = cues(folder / "talk.vtt", "score")
    assert len(found) > 10
    for row in recording.timeline():
        texts = [
            html.unescape(each.raw_text)
            for each in found
            if start(each) <= row.time_s + 1e-9 < end(each)
        ]
        assert texts == [sentence(row, ("Änna", "Ben & <Bo>"))]


def test_writes_every_event(recording: Recording, folder: Path) -> None:
    export(recording, "vtt", folder / "talk.vtt")
    found = [
        (start(each), end(each), html.unescape(each.raw_text))
        for each in cues(folder / "talk.vtt", "event")
    ]
    assert found == [
        (0.0, 3.0, "In phase: relative phase 0°"),
        (0.45, 3.45, '=HYPERLINK("http://example.org";"press")'),
        (0.45, 3.45, "mark"),
        (1.2, 4.2, "'quoted', -1, <b>&amp;\ttabs\nand\nlines --> of it"),
        (2.0, 5.0, "n/a"),
        (4.75, 7.75, "-3"),
    ]


def test_note_holds_the_metadata(recording: Recording, folder: Path) -> None:
    export(recording, "vtt", folder / "talk.vtt", start=1.0)
    text = (folder / "talk.vtt").read_text(encoding="utf-8")
    head, note, *_ = text.split("\n\n")
    assert head == "WEBVTT"
    assert note.startswith("NOTE\n")
    assert "-->" not in note
    about = json.loads(note.removeprefix("NOTE\n"))
    assert about["from_s"] == 1.0
    assert about["labels"]["b"] == "Ben & <Bo>"


@pytest.mark.parametrize("text", ["", "\n\n", " \r\n\t"])
def test_event_without_text_shows_its_kind(make: MakeRecording, folder: Path, text: str) -> None:
    export(make(events=[Event(3599.9996, text, text)], rows=[]), "vtt", folder / "talk.vtt")
    (cue,) = cues(folder / "talk.vtt", "event")
    assert (cue.raw_text, cue.start, cue.end) == ("event", "01:00:00.000", "01:00:03.000")


def test_times_before_the_start_become_zero(make: MakeRecording, folder: Path) -> None:
    rows = [Score(number / 10, State.STILL) for number in range(-5, 3)]
    export(make(rows=rows, events=[]), "vtt", folder / "talk.vtt")
    (cue,) = cues(folder / "talk.vtt", "score")
    assert (start(cue), end(cue)) == (0.0, 0.3)
