"""Detect a live feed whose frames stop or come too slowly, or whose camera moves."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import Final, Literal

from mirror.wording import CAMERA_MOVES

_FIRST_WITHIN_S: Final = 5.0  # some cameras take long to warm up
_NEXT_WITHIN_S: Final = 2.0
_RATE_SPAN_S: Final = 3.0
_SLOW, _NORMAL = 0.5, 0.6  # of the nominal rate; apart, so that the state does not flicker
_REPORT_AFTER_S: Final = 1.0
_ENDS: Final = {"slow": "the frame rate is normal", "camera": "the camera is still"}


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with a feed.

    Attributes
    ----------
    kind : {"late", "source", "slow", "camera"}
        No frames come; none come and the source knows why; too few come; the camera moves.
    text : str
        In words, with the seconds or the rate at the moment.
    """

    kind: Literal["late", "source", "slow", "camera"]
    text: str

    @property
    def silent(self) -> bool:
        """Whether no frames come."""
        return self.kind in ("late", "source")


class Watchdog:
    """Monitors when the frames of one feed arrive.

    `note_frame` is for the source's thread, `check` for the session's loop. Times are seconds of
    `mirror._support.steady_clock.now`.
    """

    def __init__(self) -> None:
        self.trouble: Trouble | None = None
        """As of the last check; may be read from any thread."""
        self._times: deque[float] = deque()  # of the last seconds' frames, without a gap
        self._start = math.inf
        self._since = math.nan  # when the trouble began
        self._reported: str | None = None  # the kind of trouble reported last

    def start(self, now: float) -> None:
        """Expect frames from now on."""
        self._start = now

    def note_frame(self, now: float) -> None:
        """Note that a frame has arrived."""
        times = self._times
        if times and now - times[-1] > _NEXT_WITHIN_S:
            times.clear()  # the rate is measured after the gap
        times.append(now)
        while times[0] < now - _RATE_SPAN_S:
            times.popleft()

    def check(
        self,
        now: float,
        *,
        known: str | None = None,
        rate: float | None = None,
        camera_moves: bool = False,
        unit: str = "frames",
    ) -> list[str]:
        """Return what there is to report: trouble that has lasted for a second, or its end.

        Parameters
        ----------
        now : float
            Seconds.
        known : str, optional
            The trouble that the source reports itself.
        rate : float, optional
            The nominal frame rate, Hz.
        camera_moves : bool
            Whether the camera moves more than can be taken out of the movement.
        unit : str
            What the feed sends: frames, or samples.
        """
        times = list(self._times.copy())
        last = times[-1] if times else self._start
        silence = now - last
        trouble = None
        if known is not None:
            trouble = Trouble("source", known)
        elif silence > (_NEXT_WITHIN_S if times else _FIRST_WITHIN_S):
            trouble = Trouble("late", f"no {unit} for {silence:.0f} s")
        elif rate is not None:
            trouble = self._check_rate(times, rate, unit)
        if trouble is None and camera_moves:
            trouble = Trouble("camera", CAMERA_MOVES)
        self.trouble = trouble
        if trouble is None:
            lasted, reported = now - self._since, self._reported
            self._since, self._reported = math.nan, None
            if reported is None:
                return []
            return [f"{_ENDS.get(reported, f'{unit} arrive')} again, after {lasted:.0f} s"]
        if math.isnan(self._since):
            self._since = last if trouble.silent else now
        if trouble.kind == self._reported or now - self._since < _REPORT_AFTER_S:
            return []
        self._reported = trouble.kind
        return [trouble.text]

    def _check_rate(self, times: list[float], rate: float, unit: str) -> Trouble | None:
        if not times or times[-1] - times[0] < 0.8 * _RATE_SPAN_S:
            return None
        measured = (len(times) - 1) / (times[-1] - times[0])
        was_slow = self.trouble is not None and self.trouble.kind == "slow"
        if measured >= rate * (_NORMAL if was_slow else _SLOW):
            return None
        return Trouble("slow", f"{measured:.0f} instead of {rate:.0f} {unit}/s")
