"""Detect a live feed whose frames stop, come or are followed too slowly, or whose camera moves."""

import math
from collections import deque
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from mirror.wording import CAMERA_MOVES

_FIRST_WITHIN_S: Final = 5.0  # some cameras take long to warm up
_NEXT_WITHIN_S: Final = 2.0
_RATE_SPAN_S: Final = 3.0
_SLOW, _NORMAL = 0.5, 0.6  # of the nominal rate; apart, so that the state does not flicker
_REPORT_AFTER_S: Final = 1.0
_REPEAT_AFTER_S: Final = 60.0  # slowness that comes and goes
_JUST_ENOUGH, _ENOUGH = 0.98, 1.1  # of the rate that is needed; apart as well
_FOLLOWED, _ALL = 0.67, 0.75  # of the frames that come; apart as well
_ENDS: Final = {
    "slow": "the frame rate is normal",
    "computer": "the computer follows the feed",
    "camera": "the camera is still",
}
ADVICE: Final = "a lower resolution, the lite pose model or fewer programs help"
"""What makes a computer fast enough."""


def follows(verb: str, followed: float, offered: float) -> str:
    """Return how many of the frames a computer follows."""
    return f"the computer {verb} {followed:.0f} of {offered:.0f} frames/s"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with a feed, in words with the seconds or the rate at the moment.

    By kind: no frames come; the source knows why something is wrong; too few frames come, or the
    computer is too slow for them (`unscored` if these are too few to score); the camera moves.
    """

    kind: Literal["late", "source", "slow", "computer", "camera"]
    text: str
    unscored: bool = False
    silent: bool = field(default=False, compare=False)  # whether no frames come


class Watchdog:
    """Monitors when the frames of one feed arrive.

    `note_frame` is for the source's thread, `check` for the session's loop. Times are seconds of
    `mirror._support.steady_clock.now`.
    """

    def __init__(self) -> None:
        self.trouble: Trouble | None = None  # as of the last check; may be read from any thread
        self._times: deque[float] = deque()  # of the last seconds' frames, without a gap
        self._start = math.inf
        self._since = math.nan  # when the trouble began
        self._reported: Trouble | None = None  # last
        self._quiet_until: dict[tuple[str, bool], float] = {}  # by kind, and whether unscored

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

    def rate(self) -> float | None:
        """Return how many frames per second arrive; None before that is known."""
        times = list(self._times.copy())
        if not times or times[-1] - times[0] < 0.8 * _RATE_SPAN_S:
            return None
        return (len(times) - 1) / (times[-1] - times[0])

    def check(
        self,
        now: float,
        *,
        known: str | None = None,
        rate: float | None = None,
        offered: float | None = None,
        followed: float | None = None,
        needed: float = 0.0,
        is_played: bool = False,
        camera_moves: bool = False,
        unit: str = "frames",
    ) -> list[str]:
        """Return what there is to report: trouble that has lasted for a second, or its end.

        `known` is the trouble that the source reports itself, `rate` its nominal frame rate, Hz.
        So many frames per second are `offered` and `followed` by the computer, None if not known;
        with fewer than `needed`, nothing can be scored. A source `is_played` if it is recorded, so
        that the computer reads its frames as fast as it can. The camera moves if it does more than
        can be taken out of the movement. The `unit` is frames, or samples.
        """
        times = list(self._times.copy())
        last = times[-1] if times else self._start
        silence = now - last
        trouble = None
        if known is not None:
            trouble = Trouble("source", known, silent=silence >= _REPORT_AFTER_S)
        elif silence > (_NEXT_WITHIN_S if times else _FIRST_WITHIN_S):
            trouble = Trouble("late", f"no {unit} for {silence:.0f} s", silent=True)
        elif not is_played:
            trouble = self._check_rate(rate, needed, unit)
        if trouble is None and offered is not None and followed is not None:
            trouble = self._check_followed(offered, followed, needed)
        if trouble is None and camera_moves:
            trouble = Trouble("camera", CAMERA_MOVES)
        self.trouble = trouble
        if trouble is None:
            lasted, reported = now - self._since, self._reported
            self._since, self._reported = math.nan, None
            if reported is None:
                return []
            ended = _ENDS.get(reported.kind, f"{unit} arrive" if reported.silent else "all is well")
            return [f"{ended} again, after {lasted:.0f} s"]
        if math.isnan(self._since):
            self._since = last if trouble.kind in ("late", "source") else now
        before = self._reported
        same = before is not None and replace(before, text=trouble.text) == trouble
        kind = (trouble.kind, trouble.unscored)
        if same or now < max(self._since + _REPORT_AFTER_S, self._quiet_until.get(kind, now)):
            return []
        self._quiet_until[kind] = now + _REPEAT_AFTER_S * (trouble.kind in ("slow", "computer"))
        self._reported = trouble
        return [f"{trouble.text}; {ADVICE}" if trouble.kind == "computer" else trouble.text]

    def _check_rate(self, rate: float | None, needed: float, unit: str) -> Trouble | None:
        measured = self.rate()
        if measured is None:
            return None
        few = self._is_too_few(measured, needed)
        if rate is not None and measured < rate * self._either("slow", _SLOW, _NORMAL):
            text = f"{measured:.0f} instead of {rate:.0f} {unit}/s"
        elif few:
            text = f"{measured:.0f} {unit}/s"
        else:
            return None
        return Trouble("slow", text + few, bool(few))

    def _check_followed(self, offered: float, followed: float, needed: float) -> Trouble | None:
        few = self._is_too_few(followed, needed)
        if followed >= offered * self._either("computer", _FOLLOWED, _ALL) and not few:
            return None
        return Trouble("computer", follows("follows", followed, offered) + few, bool(few))

    def _either(self, kind: str, below: float, until: float) -> float:
        """Return where a trouble begins, or where it ends if there is one of the kind."""
        return until if self.trouble is not None and self.trouble.kind == kind else below

    def _is_too_few(self, rate: float, needed: float) -> str:
        """Return that a rate is too low to score; empty if it is not."""
        was_too_few = self.trouble is not None and self.trouble.unscored
        if rate >= needed * (_ENOUGH if was_too_few else _JUST_ENOUGH):
            return ""
        return ", too few to score"
