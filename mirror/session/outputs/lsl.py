"""Scores and markers through Lab Streaming Layer, for recording them with EEG or eye tracking."""

import platform
import time
from collections.abc import Sequence
from typing import Any, Final

from mirror._support.lsl import clock_offset, import_pylsl
from mirror._support.version import __version__
from mirror.columns import TIMELINE
from mirror.errors import StreamError
from mirror.events import Event
from mirror.session.outputs import Stream
from mirror.timeline import COLUMNS, LEVELS, Score

SCORES: Final = "Synchrony"  # content type of the stream of scores
MARKERS: Final = "Markers"  # content type of the stream of events, LSL's own
_FLUSH_S: Final = 0.2  # in which the last samples reach the inlets


class LslStream(Stream):
    """Two outlets: the scores under a name, and the events under the name with `` events``.

    The scores have an irregular rate and one 64-bit float channel per column of the timeline:
    ``time_s`` first, then ``state`` as a code that the description lists, then the scores, NaN
    where undefined. An event is one string, ``kind: text``. Raise MirrorError if Lab Streaming
    Layer is not installed, or opens no outlet.

    A sample is stamped with its ``time_s`` on LSL's clock: the epoch of the session on the steady
    clock, plus ``time_s``, plus how far LSL's `local_clock` was ahead of the steady clock when the
    stream was opened. The stamp is when the window ended, not when the sample was sent.
    """

    def __init__(self, name: str) -> None:
        self.text = f"lsl:{name}"
        pylsl = import_pylsl(self.text)
        self._ahead = clock_offset(pylsl)
        scores = _info(pylsl, name, SCORES, len(COLUMNS), pylsl.cf_double64)
        _describe_scores(scores)
        events = _info(pylsl, f"{name} events", MARKERS, 1, pylsl.cf_string)
        events.set_channel_labels(["event"])
        events.desc().append_child_value("form", "kind: text")
        try:
            self._scores: Any = pylsl.StreamOutlet(scores)
            self._events: Any = pylsl.StreamOutlet(events)
        except RuntimeError as error:
            raise StreamError(
                f"{self.text}: liblsl opens no outlet ({error}); check the network and lsl_api.cfg"
            ) from error

    def send(self, scores: Sequence[Score], events: Sequence[Event]) -> None:
        for score in scores:
            values = [getattr(score, name) for name in COLUMNS]
            for place, levels in _LEVELS.items():
                values[place] = levels.index(values[place])
            self._scores.push_sample(values, self._stamp(score.time_s))
        for event in events:
            self._events.push_sample([f"{event.kind}: {event.text}"], self._stamp(event.time_s))

    def close(self) -> None:
        if self._scores is None:
            return
        if self._scores.have_consumers() or self._events.have_consumers():
            time.sleep(_FLUSH_S)  # closing an outlet drops what is in flight
        self._scores = self._events = None

    def _stamp(self, time_s: float) -> float:
        return self.epoch + time_s + self._ahead


_LEVELS: Final = {COLUMNS.index(name): levels for name, levels in LEVELS.items()}


def _info(pylsl: Any, name: str, content: str, channels: int, kind: int) -> Any:
    """Return a stream of irregular rate, with an id that is the same in the next session."""
    source = f"mirror {platform.node()} {name}"
    return pylsl.StreamInfo(name, content, channels, pylsl.IRREGULAR_RATE, kind, source)


def _describe_scores(info: Any) -> None:
    info.set_channel_labels(list(COLUMNS))
    info.set_channel_units([TIMELINE[name].units or "none" for name in COLUMNS])
    info.set_channel_types(SCORES)
    description = info.desc()
    description.append_child_value("manufacturer", "mirror")
    description.append_child_value("version", __version__)
    channel = description.child("channels").child("channel")
    for name in COLUMNS:
        channel.append_child_value("definition", TIMELINE[name].definition)
        if TIMELINE[name].range:
            channel.append_child_value("range", TIMELINE[name].range)
        channel = channel.next_sibling("channel")
    for column, levels in LEVELS.items():
        states = description.append_child(f"{column}s")
        for code, state in enumerate(levels):
            each = states.append_child(column)
            each.append_child_value("code", str(code))
            each.append_child_value("name", state)
    description.append_child_value(
        "undefined", "NaN, and no zero; state says why, of postures posture_state"
    )
    description.append_child_value(
        "stamps", "time_s on LSL's clock: when the window ended, not when the sample was sent"
    )
