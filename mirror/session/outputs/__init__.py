"""Live out: scores and events for other programs, while a session runs.

`open_stream` opens any of the streams from its text. A session feeds one through
`mirror.session.outputs.base.Sending`, so that a listener who is slow or gone never holds it up.
"""

from __future__ import annotations

from mirror._support.optional import import_optional
from mirror.errors import StreamError
from mirror.session.outputs.base import Stream

__all__ = ["Stream", "open_stream"]

_KNOWN = "known are lsl:NAME, osc:HOST:PORT, jsonl:FILE and jsonl:- (standard output)"


def open_stream(text: str) -> Stream:
    """Open a stream.

    Parameters
    ----------
    text : str
        ``lsl:NAME``, ``osc:HOST:PORT``, ``jsonl:FILE``, or ``jsonl:-`` for standard output.

    Raises
    ------
    MirrorError
        Where it cannot be opened, or its library is not installed; the text names the fix.
    """
    kind, _, place = text.partition(":")
    if not place:
        raise StreamError(f"{text!r} names no stream; {_KNOWN}")
    # Each protocol brings its own library.
    if kind == "lsl":
        from mirror.session.outputs.lsl import LslStream

        return LslStream(place)
    if kind == "osc":
        import_optional("pythonosc", "osc", text)
        from mirror.session.outputs.osc import OscStream

        return OscStream(place)
    if kind == "jsonl":
        from mirror.session.outputs.jsonl import JsonlStream

        return JsonlStream(place)
    raise StreamError(f"{text!r} names no stream; {_KNOWN}")
