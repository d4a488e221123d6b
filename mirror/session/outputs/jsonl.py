"""Scores and events as JSON Lines, in a file or on standard output."""

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from mirror._support.jsonable import to_jsonable
from mirror.errors import StreamError
from mirror.events import Event
from mirror.session.outputs import Stream
from mirror.timeline import Score


class JsonlStream(Stream):
    """Writes each row and each event as one line of ASCII JSON, and flushes it.

    A row is ``{"type": "score", "time_s": …, "state": …, …}`` with every column of the timeline,
    NaN as null; an event is ``{"type": "event", "time_s": …, "kind": …, "text": …}``. The place is
    a new file, or ``-`` for standard output. Raise StreamError if it cannot be written.
    """

    def __init__(self, place: str) -> None:
        self.text = f"jsonl:{place}"
        self._name = "standard output" if place == "-" else place
        self._path = None if place == "-" else Path(place)
        try:
            if self._path is None:
                # A copy: closing it leaves the program's own standard output open.
                self._file = os.fdopen(os.dup(1), "w", encoding="ascii")
            else:
                # Private like a recording: it is about people.
                new = os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
                self._file = os.fdopen(new, "w", encoding="ascii")
        except FileExistsError as error:
            raise StreamError(f"{place} exists and is not replaced; name another file") from error
        except OSError as error:
            raise StreamError(
                f"cannot write to {self._name}: {error.strerror or error}; name another file"
            ) from error
        self._used = False

    def send(self, scores: Sequence[Score], events: Sequence[Event]) -> None:
        lines = [{"type": "score"} | to_jsonable(score) for score in scores]
        lines += [{"type": "event"} | to_jsonable(event) for event in events]
        try:
            for line in lines:
                self._file.write(json.dumps(line, allow_nan=False) + "\n")
                self._used = True
                self._file.flush()
        except OSError as error:
            raise StreamError(
                f"{self._name}: {error.strerror or error}; nothing more is written there"
            ) from error

    def close(self) -> None:
        with suppress(OSError):  # reported when it failed
            self._file.close()
        if self._path is not None and not self._used:
            self._path.unlink(missing_ok=True)  # the session never began
            self._used = True
