"""Playback: the current time of a recording."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, Qt, QTimer, pyqtSignal

Selection = tuple[float, float]  # start and end, s
Direction = Literal[-1, 1]

SPEEDS: Final = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds of the recording per second."""

BACK_MARGIN_S: Final = 0.5
"""While playing, the previous event is one at least this far back."""

_TICK_MS: Final = 16


def neighbour(
    times: Sequence[float] | NDArray[np.float64], time_s: float, direction: Direction
) -> float | None:
    """Return the nearest of rising times strictly before (−1) or after (1) a time."""
    if direction > 0:
        index = int(np.searchsorted(times, time_s, side="right"))
    else:
        index = int(np.searchsorted(times, time_s, side="left")) - 1
    return float(times[index]) if 0 <= index < len(times) else None


class Player(QObject):
    """Maps the machine's clock to the recording's.

    Where drawing is slow, times are skipped, so that playback never falls behind.

    Parameters
    ----------
    clock : callable
        Seconds on a steady clock.
    """

    moved = pyqtSignal(float)
    """The current time has changed, s."""

    changed = pyqtSignal()
    """Playing, speed, direction, selection or looping has changed."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._clock = clock
        self._last_clock = 0.0
        self._duration = 0.0
        self._time = 0.0
        self._speed = 1.0
        self._direction: Direction = 1
        self._selection: Selection | None = None
        self._looping = False
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self.tick)

    @property
    def duration(self) -> float:
        """Length of the recording, s."""
        return self._duration

    @property
    def time(self) -> float:
        """The current time, s, from 0 to `duration`."""
        return self._time

    @property
    def playing(self) -> bool:
        return self._timer.isActive()

    @property
    def speed(self) -> float:
        """Playback speed, one of `SPEEDS`; never negative."""
        return self._speed

    @property
    def direction(self) -> Direction:
        """1 forwards, −1 backwards."""
        return self._direction

    @property
    def selection(self) -> Selection | None:
        """The part to loop or to export: start and end, s."""
        return self._selection

    @property
    def looping(self) -> bool:
        """Whether the selection, or everything without one, is repeated."""
        return self._looping

    def load(self, duration: float) -> None:
        """Reset for another recording: at its start, paused, nothing selected."""
        self._timer.stop()
        self._duration = max(0.0, duration)
        self._speed, self._direction = 1.0, 1
        self._selection, self._looping = None, False
        self._set_time(0.0)
        self.changed.emit()

    def play(self, direction: Direction = 1) -> None:
        """Play from here, or from the other end if nothing is left in that direction."""
        start, end = self._loop if self._looping else (0.0, self._duration)
        inside = start <= self._time < end if direction > 0 else start < self._time <= end
        self._direction = direction
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
        """Play forwards, or pause."""
        if self.playing:
            self.pause()
        else:
            self.play()

    def shuttle(self, direction: Direction) -> None:
        """Play in a direction; if already doing so, double the speed."""
        if self.playing and self._direction == direction:
            self.set_speed(2 * self._speed)
        else:
            self._speed = 1.0
            self.play(direction)

    def set_speed(self, speed: float) -> None:
        """Set the speed to the nearest of `SPEEDS`."""
        self.tick()
        self._speed = min(SPEEDS, key=lambda each: abs(each - speed))
        self.changed.emit()

    def faster(self) -> None:
        self.set_speed(next((each for each in SPEEDS if each > self._speed), self._speed))

    def slower(self) -> None:
        self.set_speed(next((each for each in SPEEDS[::-1] if each < self._speed), self._speed))

    def seek(self, time_s: float) -> None:
        """Go to a time; playing continues from there."""
        self._last_clock = self._clock()
        self._set_time(time_s)

    def skip(self, seconds: float) -> None:
        """Seek by some seconds, back if negative."""
        self.tick()
        self.seek(self._time + seconds)

    def step(self, times: Sequence[float] | NDArray[np.float64], direction: Direction) -> None:
        """Pause and seek to the next of rising times, such as those of frames."""
        self.pause()
        time_s = neighbour(times, self._time, direction)
        if time_s is not None:
            self.seek(time_s)

    def jump(self, times: Sequence[float], direction: Direction) -> float | None:
        """Seek to the next of rising times, such as those of events; return it, or None."""
        margin = BACK_MARGIN_S if self.playing and direction < 0 else 0.0
        time_s = neighbour(times, self._time - margin, direction)
        if time_s is not None:
            self.seek(time_s)
        return time_s

    def select(self, selection: Selection | None) -> None:
        """Select a part, its ends in either order; with None or no length, select nothing."""
        if selection is not None:
            start, end = sorted(min(max(0.0, each), self._duration) for each in selection)
            selection = (start, end) if end > start else None
        if selection != self._selection:
            self._selection = selection
            self.changed.emit()

    def start_selection(self) -> None:
        """Start the selection here; keep its end if that is later."""
        end = self._selection[1] if self._selection else self._duration
        self.select((self._time, end if end > self._time else self._duration))

    def end_selection(self) -> None:
        """End the selection here; keep its start if that is earlier."""
        start = self._selection[0] if self._selection else 0.0
        self.select((start if start < self._time else 0.0, self._time))

    def set_looping(self, looping: bool) -> None:
        if looping != self._looping:
            self._looping = looping
            self.changed.emit()

    @property
    def _loop(self) -> Selection:
        return self._selection or (0.0, self._duration)

    def tick(self) -> None:
        """Advance to the current time while playing."""
        if not self.playing:
            return
        now = self._clock()
        elapsed = (now - self._last_clock) * self._speed
        self._last_clock = now
        reached = self._time + self._direction * elapsed
        if self._looping:
            reached = self._wrap(reached)
        self._set_time(reached)
        if not self._looping and not 0.0 < reached < self._duration and elapsed > 0.0:
            self.pause()

    def _wrap(self, reached: float) -> float:
        """Wrap a time at the loop's ends; a time outside moves into the loop."""
        start, end = self._loop
        if end <= start:
            return start
        if self._direction > 0 and reached >= end:
            return start + (reached - end) % (end - start) if self._time <= end else start
        if self._direction < 0 and reached <= start:
            return end - (start - reached) % (end - start) if self._time >= start else end
        return reached

    def _set_time(self, time_s: float) -> None:
        time_s = min(max(0.0, time_s), self._duration)
        if time_s != self._time:
            self._time = time_s
            self.moved.emit(time_s)
