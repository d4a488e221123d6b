"""Send scores and events to other programs while a session runs."""

from __future__ import annotations

from mirror._support.optional import import_optional
from mirror.errors import StreamError
from mirror.session.outputs.base import Stream

__all__ = ["Stream", "open_stream"]


def open_stream(text: str) -> Stream:
    """Open a stream of scores and events.

    Parameters
    ----------
    text : str
        ``lsl:NAME``, ``osc:HOST:PORT``, ``jsonl:FILE``, or ``jsonl:-`` for standard output.

    Raises
    ------
    MirrorError
        If it cannot be opened, or its library is not installed; the text names the fix.
    """
    kind, _, place = text.partition(":")
    # Imported per protocol: each needs its own library.
    if kind == "lsl" and place:
        from mirror.session.outputs.lsl import LslStream

        return LslStream(place)
    if kind == "osc" and place:
        import_optional("pythonosc", "osc", text)
        from mirror.session.outputs.osc import OscStream

        return OscStream(place)
    if kind == "jsonl" and place:
        from mirror.session.outputs.jsonl import JsonlStream

        return JsonlStream(place)
    raise StreamError(
        f"{text!r} names no stream; "
        "known are lsl:NAME, osc:HOST:PORT, jsonl:FILE and jsonl:- (standard output)"
    )
