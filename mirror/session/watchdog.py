"""What is wrong with a live feed: whether its pictures come, and come as often as they should."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import Final, Literal

_FIRST: Final = 5.0  # seconds that the first picture may take; some cameras warm up for long
_NEXT: Final = 2.0  # seconds from one picture to the next
_SPAN: Final = 3.0  # seconds over which pictures are counted
_SLOW, _AGAIN = 0.5, 0.6  # of the nominal rate; two numbers, so that it does not flicker
_HOLD: Final = 1.0  # seconds after which a trouble is an event; a hiccup is none


@dataclass(frozen=True, slots=True)
class Trouble:
    """One trouble of a feed.

    Attributes
    ----------
    kind : {"late", "source", "slow"}
        No picture comes; none comes and the source knows why; too few come.
    text : str
        In words; the seconds and rates in it change while it lasts.
    """

    kind: Literal["late", "source", "slow"]
    text: str

    @property
    def silent(self) -> bool:
        """Whether no pictures come."""
        return self.kind != "slow"


class Watchdog:
    """Watches the pictures of one feed come.

    `came` is for the thread that takes them in, `look` for the session's own loop. Times are
    seconds of `mirror._support.steady_clock.now`.
    """

    def __init__(self) -> None:
        self.trouble: Trouble | None = None
        """As of the last look; may be read from any thread."""
        self._times: deque[float] = deque()  # of pictures that came without a gap, the last seconds
        self._begun = math.inf
        self._since = math.nan  # since when there is trouble
        self._told: str | None = None  # the kind of trouble that is an event already

    def begin(self, now: float) -> None:
        """From now on, pictures are expected."""
        self._begun = now

    def came(self, now: float) -> None:
        """A picture has come."""
        times = self._times
        if times and now - times[-1] > _NEXT:
            times.clear()  # the rate is that of what came since
        times.append(now)
        while times[0] < now - _SPAN:
            times.popleft()

    def look(self, now: float, *, known: str | None = None, rate: float | None = None) -> list[str]:
        """Say what is new: that there is trouble, once it has lasted, and that it is over.

        Parameters
        ----------
        now : float
            Seconds.
        known : str, optional
            The trouble that the source itself knows of.
        rate : float, optional
            Pictures a second that should come.
        """
        times = list(self._times.copy())
        last = times[-1] if times else self._begun
        found = self._find(now, last, len(times) > 0, known) or self._slowness(times, rate)
        self.trouble = found
        if found is None:
            lasted, told = now - self._since, self._told
            self._since, self._told = math.nan, None
            if told is None:
                return []
            what = "as many pictures come as should" if told == "slow" else "pictures come"
            return [f"{what} again, after {lasted:.0f} s"]
        if math.isnan(self._since):
            self._since = last if found.silent else now
        if found.kind == self._told or now - self._since < _HOLD:
            return []
        self._told = found.kind
        return [found.text]

    def _find(self, now: float, last: float, any_came: bool, known: str | None) -> Trouble | None:
        if known is not None:
            return Trouble("source", known)
        silence = now - last
        if silence > (_NEXT if any_came else _FIRST):
            return Trouble("late", f"no picture for {silence:.0f} s")
        return None

    def _slowness(self, times: list[float], rate: float | None) -> Trouble | None:
        if rate is None or not times or times[-1] - times[0] < 0.8 * _SPAN:
            return None
        measured = (len(times) - 1) / (times[-1] - times[0])
        slow_before = self.trouble is not None and self.trouble.kind == "slow"
        if measured >= rate * (_AGAIN if slow_before else _SLOW):
            return None
        return Trouble("slow", f"{measured:.0f} instead of {rate:.0f} pictures a second")
