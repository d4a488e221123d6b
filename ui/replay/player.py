"""Playing: which moment of a recording is shown now."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, Qt, QTimer, pyqtSignal

Span = tuple[float, float]
Direction = Literal[-1, 1]

SPEEDS: Final = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds of the recording a second, to choose from."""

BACK_BEYOND: Final = 0.5
"""While playing, an event that has just been passed, s, is not the previous one."""

_TICK_MS: Final = 16


def neighbour(
    times: Sequence[float] | NDArray[np.float64], time_s: float, direction: Direction
) -> float | None:
    """The nearest of some rising times strictly before (−1) or after (1) a moment, s."""
    if direction > 0:
        index = int(np.searchsorted(times, time_s, side="right"))
    else:
        index = int(np.searchsorted(times, time_s, side="left")) - 1
    return float(times[index]) if 0 <= index < len(times) else None


class Player(QObject):
    """Maps the machine's clock to the recording's.

    It only says which moment is due. Where drawing is slower than that, moments in between are
    never shown, and time is never lost.

    Parameters
    ----------
    clock : callable
        Seconds on a steady clock.
    """

    moved = pyqtSignal(float)
    """The moment that is shown is another one, s."""

    changed = pyqtSignal()
    """Playing, speed, direction, selection or looping are not what they were."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._clock = clock
        self._seen = 0.0
        self._duration = 0.0
        self._time = 0.0
        self._speed = 1.0
        self._direction: Direction = 1
        self._selection: Span | None = None
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
        """The moment that is shown, s, from 0 to `duration`."""
        return self._time

    @property
    def playing(self) -> bool:
        """Whether time goes on by itself."""
        return self._timer.isActive()

    @property
    def speed(self) -> float:
        """How fast it plays, one of `SPEEDS`; never negative."""
        return self._speed

    @property
    def direction(self) -> Direction:
        """1 forwards, −1 backwards."""
        return self._direction

    @property
    def selection(self) -> Span | None:
        """A stretch to loop or to export: start and end, s."""
        return self._selection

    @property
    def looping(self) -> bool:
        """Whether the selection, or all where there is none, is played again and again."""
        return self._looping

    def load(self, duration: float) -> None:
        """Begin with another recording: at its start, paused, nothing selected."""
        self._timer.stop()
        self._duration = max(0.0, duration)
        self._speed, self._direction = 1.0, 1
        self._selection, self._looping = None, False
        self._place(0.0)
        self.changed.emit()

    def play(self, direction: Direction = 1) -> None:
        """Go on from here; from the other end, where there is nothing left in that direction."""
        start, end = self._loop if self._looping else (0.0, self._duration)
        inside = start <= self._time < end if direction > 0 else start < self._time <= end
        self._direction = direction
        self._seen = self._clock()
        self._timer.start()
        if not inside:
            self._place(start if direction > 0 else end)
        self.changed.emit()

    def pause(self) -> None:
        """Stay here."""
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
        """As the keys J and L in editing programs: play that way; again: twice as fast."""
        if self.playing and self._direction == direction:
            self.set_speed(2 * self._speed)
        else:
            self._speed = 1.0
            self.play(direction)

    def set_speed(self, speed: float) -> None:
        """Play at this speed, or at the nearest of `SPEEDS`."""
        self._catch_up()
        self._speed = min(SPEEDS, key=lambda each: abs(each - speed))
        self.changed.emit()

    def faster(self) -> None:
        """The next speed up."""
        self.set_speed(next((each for each in SPEEDS if each > self._speed), self._speed))

    def slower(self) -> None:
        """The next speed down."""
        self.set_speed(next((each for each in SPEEDS[::-1] if each < self._speed), self._speed))

    def seek(self, time_s: float) -> None:
        """Show this moment; playing goes on from there."""
        self._seen = self._clock()
        self._place(time_s)

    def skip(self, seconds: float) -> None:
        """Seek by so much, back where it is negative."""
        self._catch_up()
        self.seek(self._time + seconds)

    def step(self, times: Sequence[float] | NDArray[np.float64], direction: Direction) -> None:
        """Pause, and show the next of some rising times, such as those of the frames."""
        self.pause()
        found = neighbour(times, self._time, direction)
        if found is not None:
            self.seek(found)

    def jump(self, times: Sequence[float], direction: Direction) -> float | None:
        """Seek to the next of some rising times, such as those of events; which, or None."""
        passed = BACK_BEYOND if self.playing and direction < 0 else 0.0
        found = neighbour(times, self._time - passed, direction)
        if found is not None:
            self.seek(found)
        return found

    def select(self, selection: Span | None) -> None:
        """Select a stretch, its ends in either order; one without length is none."""
        if selection is not None:
            start, end = sorted(min(max(0.0, each), self._duration) for each in selection)
            selection = (start, end) if end > start else None
        if selection != self._selection:
            self._selection = selection
            self.changed.emit()

    def start_selection(self) -> None:
        """The selection starts here; it ends where it did, if that is later, or at the end."""
        end = self._selection[1] if self._selection else self._duration
        self.select((self._time, end if end > self._time else self._duration))

    def end_selection(self) -> None:
        """The selection ends here; it starts where it did, if that is earlier, or at the start."""
        start = self._selection[0] if self._selection else 0.0
        self.select((start if start < self._time else 0.0, self._time))

    def set_looping(self, looping: bool) -> None:
        """Play the selection again and again, or on beyond it."""
        if looping != self._looping:
            self._looping = looping
            self.changed.emit()

    def tick(self) -> None:
        """Show the moment that is due now; its own timer calls it while it plays."""
        if self.playing:
            self._catch_up()

    @property
    def _loop(self) -> Span:
        return self._selection or (0.0, self._duration)

    def _catch_up(self) -> None:
        if not self.playing:
            return
        now = self._clock()
        passed = (now - self._seen) * self._speed
        self._seen = now
        reached = self._time + self._direction * passed
        if self._looping:
            reached = self._around(reached)
        self._place(reached)
        if not self._looping and not 0.0 < reached < self._duration and passed > 0.0:
            self.pause()

    def _around(self, reached: float) -> float:
        """What comes after the loop's end is its start; a moment outside goes into it."""
        start, end = self._loop
        if end <= start:
            return start
        if self._direction > 0 and reached >= end:
            return start + (reached - end) % (end - start) if self._time <= end else start
        if self._direction < 0 and reached <= start:
            return end - (start - reached) % (end - start) if self._time >= start else end
        return reached

    def _place(self, time_s: float) -> None:
        time_s = min(max(0.0, time_s), self._duration)
        if time_s != self._time:
            self._time = time_s
            self.moved.emit(time_s)
