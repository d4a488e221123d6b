"""Playback: the current time of a recording."""

import time
from collections.abc import Callable, Sequence
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, Qt, pyqtSignal

from ui.widgets.build import timer

Times = Sequence[float] | NDArray[np.float64]  # rising, s
Selection = tuple[float, float]  # start and end, s
Direction = Literal[-1, 1]

SPEEDS: Final = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)  # seconds of the recording per second
BACK_MARGIN_S: Final = 0.5  # while playing, the previous event is one at least this far back

_TICK_MS: Final = 16


def neighbour(times: Times, time_s: float, direction: Direction) -> float | None:
    """Return the nearest of rising times strictly before (−1) or after (1) a time."""
    if direction > 0:
        index = int(np.searchsorted(times, time_s, side="right"))
    else:
        index = int(np.searchsorted(times, time_s, side="left")) - 1
    return float(times[index]) if 0 <= index < len(times) else None


class Player(QObject):
    """Maps the machine's clock (`clock` returns seconds on a steady one) to the recording's.

    Where drawing is slow, times are skipped, so that playback never falls behind. The `duration`,
    the current `time` and the `selection` (start and end of the part to loop or to export) are in
    s; `speed` is one of `SPEEDS`, `direction` 1 (forwards) or −1, and `looping` repeats the
    selection, or everything without one. Change all of these by methods.
    """

    moved = pyqtSignal(float)  # the current time has changed, s
    changed = pyqtSignal()  # playing, speed, direction, selection or looping has changed

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._last_clock = 0.0
        self.duration = self.time = 0.0
        self.speed = 1.0
        self.direction: Direction = 1
        self.selection: Selection | None = None
        self.looping = False
        self._timer = timer(self, _TICK_MS, self.tick)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)

    @property
    def playing(self) -> bool:
        return self._timer.isActive()

    def load(self, duration: float) -> None:
        """Reset for another recording: at its start, paused, nothing selected."""
        self._timer.stop()
        self.duration = max(0.0, duration)
        self.speed, self.direction = 1.0, 1
        self.selection, self.looping = None, False
        self._set_time(0.0)
        self.changed.emit()

    def play(self, direction: Direction = 1) -> None:
        """Play from here, or from the other end if nothing is left in that direction."""
        start, end = (self.looping and self.selection) or (0.0, self.duration)
        inside = start <= self.time < end if direction > 0 else start < self.time <= end
        self.direction = direction
        self._last_clock = self._clock()
        self._timer.start()
        if not inside:
            self._set_time(start if direction > 0 else end)
        self.changed.emit()

    def pause(self) -> None:
        if self.playing:
            self._timer.stop()
            self.changed.emit()

    def toggle(self) -> None:
        if self.playing:
            self.pause()
        else:
            self.play()

    def shuttle(self, direction: Direction) -> None:
        """Play in a direction; if already doing so, double the speed."""
        if self.playing and self.direction == direction:
            self.set_speed(2 * self.speed)
        else:
            self.speed = 1.0
            self.play(direction)

    def set_speed(self, speed: float) -> None:
        """Set the speed to the nearest of `SPEEDS`."""
        self.tick()
        self.speed = min(SPEEDS, key=lambda each: abs(each - speed))
        self.changed.emit()

    def seek(self, time_s: float) -> None:
        """Go to a time; playing continues from there."""
        self._last_clock = self._clock()
        self._set_time(time_s)

    def skip(self, seconds: float) -> None:
        """Seek by some seconds, back if negative."""
        self.tick()
        self.seek(self.time + seconds)

    def step(self, times: Times, direction: Direction) -> None:
        """Pause and seek to the next of rising times, such as those of frames."""
        self.pause()
        self.jump(times, direction)

    def jump(self, times: Times, direction: Direction) -> float | None:
        """Seek to the next of rising times, such as those of events; return it, or None."""
        margin = BACK_MARGIN_S if self.playing and direction < 0 else 0.0
        if (time_s := neighbour(times, self.time - margin, direction)) is not None:
            self.seek(time_s)
        return time_s

    def select(self, selection: Selection | None) -> None:
        """Select a part, its ends in either order; with None or no length, select nothing."""
        if selection is not None:
            start, end = sorted(min(max(0.0, each), self.duration) for each in selection)
            selection = (start, end) if end > start else None
        if selection != self.selection:
            self.selection = selection
            self.changed.emit()

    def start_selection(self) -> None:
        """Start the selection here; keep its end if that is later."""
        end = self.selection[1] if self.selection else self.duration
        self.select((self.time, end if end > self.time else self.duration))

    def end_selection(self) -> None:
        """End the selection here; keep its start if that is earlier."""
        start = self.selection[0] if self.selection else 0.0
        self.select((start if start < self.time else 0.0, self.time))

    def set_looping(self, looping: bool) -> None:
        if looping != self.looping:
            self.looping = looping
            self.changed.emit()

    def tick(self) -> None:
        """Advance to the current time while playing."""
        if not self.playing:
            return
        now = self._clock()
        elapsed = (now - self._last_clock) * self.speed
        self._last_clock = now
        reached = self.time + self.direction * elapsed
        if self.looping:
            reached = self._wrap(reached)
        self._set_time(reached)
        if not self.looping and not 0.0 < reached < self.duration and elapsed > 0.0:
            self.pause()

    def _wrap(self, reached: float) -> float:
        """Wrap a time at the loop's ends; a time outside moves into the loop."""
        start, end = self.selection or (0.0, self.duration)
        if end <= start:
            return start
        if self.direction > 0 and reached >= end:
            return start + (reached - end) % (end - start) if self.time <= end else start
        if self.direction < 0 and reached <= start:
            return end - (start - reached) % (end - start) if self.time >= start else end
        return reached

    def _set_time(self, time_s: float) -> None:
        time_s = min(max(0.0, time_s), self.duration)
        if time_s != self.time:
            self.time = time_s
            self.moved.emit(time_s)
