"""Events of a session."""

import re
from dataclasses import dataclass
from typing import Final

from mirror._support.jsonable import encodable

_LASTING: Final = re.compile(r"(.*) \(for (\d{1,9}\.\d{3}) s\)", re.DOTALL)


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

    @classmethod
    def coded(cls, start: float, lasts: float, tier: str, code: str) -> "Event":
        """Return a coded event: its kind is the tier, its text code and duration, s, unless 0."""
        return cls(start, tier, f"{code} (for {lasts:.3f} s)" if lasts else code)

    @property
    def code(self) -> str:
        """The text without the duration."""
        lasting = _LASTING.fullmatch(self.text)
        return lasting[1] if lasting else self.text

    @property
    def end_s(self) -> float:
        """When it ends, s; `time_s` if it has no duration."""
        lasting = _LASTING.fullmatch(self.text)
        return self.time_s + float(lasting[2]) if lasting else self.time_s
