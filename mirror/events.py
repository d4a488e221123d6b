"""Events of a session."""

from __future__ import annotations

from dataclasses import dataclass

from mirror._support.jsonable import encodable


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at a moment: a mark, a scene of the demo, a lost camera.

    Attributes
    ----------
    time_s : float
        When, in seconds on the session's clock.
    kind : str
        What sort of event: ``mark``, ``scene``, ``trouble`` …
    text : str
        The event in words.
    """

    time_s: float
    kind: str
    text: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", encodable(self.kind))
        object.__setattr__(self, "text", encodable(self.text))
