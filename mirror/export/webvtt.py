"""WebVTT: the scores in words as subtitles for any video player, events at the top.

A cue lasts as long as its words stay the same. Videos that were stored with a recording have its
times, so its subtitles fit them.
"""

import heapq
import html
import json
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path
from typing import Final, NamedTuple

from mirror.export.base import Format, Selection, create, intervals, milliseconds
from mirror.recording.provenance import person_names
from mirror.summary import sentence

_EVENT_MS: Final = 3000


class _Cue(NamedTuple):
    start_ms: int
    end_ms: int
    name: str
    settings: str
    text: str


def _write(selection: Selection, path: Path) -> None:
    metadata = selection.metadata(
        cues="score: what a row says, until another row says something else; event: what was "
        f"noted, for {_EVENT_MS / 1000:g} s",
        times_from_s=selection.origin_s,
    )
    origin = milliseconds(selection.origin_s)
    with create(path) as file:
        # An arrow would end the note.
        note = json.dumps(metadata, ensure_ascii=False, indent=1).replace(">", "\\u003e")
        file.write(f"WEBVTT\n\nNOTE\n{note}\n")
        for cue in heapq.merge(_scores(selection), _events(selection), key=itemgetter(0)):
            times = f"{_time(cue.start_ms - origin)} --> {_time(cue.end_ms - origin)}{cue.settings}"
            file.write(f"\n{cue.name}\n{times}\n{cue.text}\n")


def _scores(selection: Selection) -> Iterator[_Cue]:
    names = person_names(selection.recording.session)
    rows, history = selection.rows(), selection.recording.settings_history
    for number, each in enumerate(intervals(rows, history, lambda row: sentence(row, names)), 1):
        yield _Cue(each.start_ms, each.end_ms, f"score {number}", "", _lines(each.label))


def _events(selection: Selection) -> Iterator[_Cue]:
    for number, event in enumerate(selection.events(), 1):
        start = milliseconds(event.time_s)
        text = _lines(event.text) or _lines(event.kind) or "event"
        yield _Cue(start, start + _EVENT_MS, f"event {number}", " line:0", text)


def _lines(text: str) -> str:
    """Return a text for a cue, which an empty line would end."""
    lines = (line.strip() for line in text.replace("\0", "\ufffd").splitlines())
    return "\n".join(html.escape(line, quote=False) for line in lines if line)


def _time(ms: int) -> str:
    seconds, ms = divmod(ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{ms:03}"


VTT: Final = Format("vtt", ".vtt", "WebVTT subtitles, for any video player", _write)
