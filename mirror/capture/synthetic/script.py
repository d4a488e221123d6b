"""What the demo's rendered people are doing, as events of a recording and in words."""

from __future__ import annotations

from typing import Protocol

from mirror.events import Event


class _Marked(Protocol):
    def mark(self, event: Event) -> None: ...


class Script:
    """The script of two sources; false, and without a word, where they are not the demo's.

    Parameters
    ----------
    a, b : str
        The sources, as `mirror.capture.base.Source.text` has them.
    """

    def __init__(self, a: str, b: str) -> None:
        self._marked = 0
        self._rendered = (a, b) == ("demo:a", "demo:b")

    def __bool__(self) -> bool:
        return self._rendered

    def now(self, time: float) -> str:
        """What is true at a moment, s."""
        passed = self._truths(time)
        return passed[-1][1] if passed else ""

    def mark(self, session: _Marked, time: float) -> None:
        """Write what has come true since the last call, up to `time` s, as events ``truth``."""
        passed = self._truths(time)
        for time_s, text in passed[self._marked :]:
            session.mark(Event(time_s, "truth", text))
        # A heartbeat may run ahead of the pictures: what was marked stays marked.
        self._marked = max(self._marked, len(passed))

    def _truths(self, time: float) -> list[tuple[float, str]]:
        if not self._rendered:
            return []
        from mirror.capture.synthetic.demo import truth

        return truth(time)
