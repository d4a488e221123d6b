"""The estimator: two people's movement in, a row of scores every hop out.

`Estimator` takes ticks one by one, `score_ticks` and `synchrony` take all at once; every window is
scored by `mirror.spectrum.score_windows`, and the forms agree to the last bit.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mirror.chance import Chance
from mirror.clock import LONGEST_GAP, Tick
from mirror.landmarks import Pose
from mirror.movement import BODY, Layout, Movement, arrays, cut, from_poses, from_series, joined
from mirror.posture import posture_match
from mirror.settings import Settings
from mirror.spectrum import CODE, STATES, Array, Plan, score_windows
from mirror.timeline import COLUMNS, Score, State, Timeline
from mirror.windows import every_window, take, unbroken

_BLOCK = 64  # windows computed at once in the array form; the result does not depend on it
_TICKS = 3000  # ticks turned into movement at once


def _rows(settings: Settings, ticks: int) -> NDArray[np.intp]:
    """Ticks at which a row is due: the first at or after each multiple of the hop."""
    step = settings.hop * settings.rate
    count = math.floor((ticks - 1) / step + 1e-6) + 1 if ticks else 0
    due: NDArray[np.intp] = np.ceil(np.arange(count) * step - 1e-6).astype(np.intp)
    kept: NDArray[np.intp] = due[due < ticks]
    return kept


def score_movement(
    times: Array, a: Movement, b: Movement, layout: Layout, settings: Settings
) -> Timeline:
    """The array form: the timeline of two people's movement on the grid.

    Parameters
    ----------
    times : ndarray [tick]
        Seconds, 1/rate apart; after a break, scoring starts anew.
    a, b : Movement
        Of the same channels, already mapped onto each other.
    layout : Layout
        Which channels they are.
    settings : Settings
    """
    plan = Plan.of(settings, layout)
    stretches = [
        _score_stretch(plan, settings, times[part], cut(a, part), cut(b, part))
        for part in unbroken(times, settings.rate)
    ]
    return Timeline({name: np.concatenate([each[name] for each in stretches]) for name in COLUMNS})


def _score_stretch(
    plan: Plan, settings: Settings, times: Array, a: Movement, b: Movement
) -> Timeline:
    length = len(plan.taper)
    due = _rows(settings, len(times))
    columns: dict[str, NDArray[Any]] = {name: np.full(len(due), np.nan) for name in COLUMNS}
    state = np.full(len(due), CODE[State.WARMING_UP], np.int8)
    whole = np.flatnonzero(due >= length - 1)
    windows_a, windows_b = every_window(a, length), every_window(b, length)
    chance = Chance(plan)
    for start in range(0, len(whole), _BLOCK):
        rows = whole[start : start + _BLOCK]
        ends = due[rows] - (length - 1)
        state[rows], scores = _score(
            plan, chance, times[due[rows]], take(windows_a, ends), take(windows_b, ends)
        )
        for name, values in scores.items():
            columns[name][rows] = values
    columns["time_s"] = times[due]
    columns["state"] = np.array([str(state) for state in STATES], dtype="U16")[state]
    for name, person in (("tracked_a", a), ("tracked_b", b)):
        columns[name] = _share(person.present, due, length)
    return Timeline(columns)


def _score(
    plan: Plan, chance: Chance, times: Array, a: Movement, b: Movement
) -> tuple[NDArray[np.int8], dict[str, Array]]:
    """States and all columns of the next windows, which end at `times`."""
    state, columns, spectra = score_windows(plan, a, b)
    columns["posture_match"] = posture_match(plan, a, b, state)
    return state, columns | chance.levels(times, state, spectra)


def _share(present: NDArray[np.bool_], ends: NDArray[np.intp], length: int) -> Array:
    """Share of the ticks of the window so far in which the person was present."""
    before = np.concatenate([[0], np.cumsum(present)])
    starts = np.maximum(ends + 1 - length, 0)
    share: Array = (before[ends + 1] - before[starts]) / (ends + 1 - starts)
    return share


def score_ticks(ticks: Iterable[Tick], settings: Settings) -> Timeline:
    """The array form for poses on the grid: what `Estimator` would give for these ticks."""
    times, a, b = from_ticks(ticks, settings)
    return score_movement(times, a, b, BODY, settings)


def from_ticks(ticks: Iterable[Tick], settings: Settings) -> tuple[Array, Movement, Movement]:
    """Times [tick] and both people's movement, B's mapped onto A's as the settings say.

    Ticks are taken a block at a time: movement needs a tenth of the memory of poses.
    """
    mirrored = settings.mapping == "mirror"
    times: list[float] = []
    a, b = [from_poses([], mirrored=False)], [from_poses([], mirrored=mirrored)]
    rest = iter(ticks)
    while block := list(islice(rest, _TICKS)):
        times += [tick.time for tick in block]
        a.append(from_poses([tick.a for tick in block], mirrored=False))
        b.append(from_poses([tick.b for tick in block], mirrored=mirrored))
    return np.array(times, dtype=float), joined(a), joined(b)


class Estimator:
    """The streaming form: takes both people tick by tick, gives a score every hop.

    Parameters
    ----------
    settings : Settings, optional

    Examples
    --------
    Two irregular feeds go through a `mirror.Clock` first::

        clock, estimator = mirror.Clock(settings.rate), mirror.Estimator(settings)
        for feed, pose in poses:
            for tick in clock.push(feed, pose):
                score = estimator.update(*tick)
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self._plan = Plan.of(self.settings, BODY)
        self.reset()

    def reset(self) -> None:
        """Forget everything seen so far; the next update starts a new session."""
        length = len(self._plan.taper)
        self._a, self._b = _Ring(length), _Ring(length)
        self._chance = Chance(self._plan)
        self._ticks = 0
        self._due = 0  # number of rows given out so far
        self._time = -math.inf

    def update(self, time: float, pose_a: Pose | None, pose_b: Pose | None) -> Score | None:
        """Take one tick; return a score where a hop is due, else None.

        Parameters
        ----------
        time : float
            Seconds; 1/rate after the tick before (within half of that).
        pose_a, pose_b : Pose or None
            What was seen at this moment: a pose; a pose without landmarks where the picture showed
            nobody; None where there was no picture.

        Raises
        ------
        ValueError
            Where `time` is off the grid: irregular poses go through `mirror.Clock`.

        Notes
        -----
        After a break of more than `mirror.clock.LONGEST_GAP` the estimator starts anew.
        """
        step = 1.0 / self.settings.rate
        if time - self._time > LONGEST_GAP:
            self.reset()
        if self._ticks and abs(time - self._time - step) > 0.5 * step:
            raise ValueError(
                f"tick at {time:.4f} s does not follow the one at {self._time:.4f} s by "
                f"{step:.4f} s; bring irregular poses onto the grid with mirror.Clock"
            )
        self._time = time
        self._a.append(from_poses([pose_a], mirrored=False))
        self._b.append(from_poses([pose_b], mirrored=self.settings.mapping == "mirror"))
        self._ticks += 1
        hop = self.settings.hop * self.settings.rate
        if self._ticks - 1 < math.ceil(self._due * hop - 1e-6):
            return None
        self._due += 1
        return self._row(time)

    def _row(self, time: float) -> Score:
        held = min(self._ticks, len(self._plan.taper))
        a, b = self._a.window(), self._b.window()
        shares = {
            "tracked_a": float(a.present.sum() / held),
            "tracked_b": float(b.present.sum() / held),
        }
        if held < len(self._plan.taper):
            return Score(time, State.WARMING_UP, **shares)
        state, scores = _score(self._plan, self._chance, np.array([time]), a, b)
        values = {name: float(column[0]) for name, column in scores.items()}
        return Score(time, STATES[state[0]], **values, **shares)


class _Ring:
    """The last ticks of one person, as one window with a leading axis of length 1."""

    def __init__(self, length: int) -> None:
        self._length = length
        # Twice the length, written twice: the newest window is always one contiguous stretch.
        self._held = from_poses([None] * (2 * length), mirrored=False)
        self._next = 0

    def append(self, tick: Movement) -> None:
        for at in (self._next, self._next + self._length):
            for held, new in zip(arrays(self._held), arrays(tick), strict=True):
                held[at] = new[0]
        self._next = (self._next + 1) % self._length

    def window(self) -> Movement:
        newest = slice(self._next, self._next + self._length)
        return Movement(
            *(np.ascontiguousarray(values[newest].T)[None] for values in arrays(self._held))
        )


def synchrony(
    a: ArrayLike, b: ArrayLike, rate: float, *, settings: Settings | None = None
) -> Timeline:
    """Synchrony of two plain movement series.

    Parameters
    ----------
    a, b : array_like [time, channel] or [time]
        The two people's movement, the same channels in the same order, sampled together. A row
        with a NaN in it is missing. Signed positions, not speeds: speed has no direction.
    rate : float
        Samples per second; takes the place of ``settings.rate``.
    settings : Settings, optional
        ``mapping`` does not apply: the series are compared as they are. ``floor`` is in the units
        of the series (its default, .02, suits shoulder widths).

    Returns
    -------
    Timeline
        Whole-body columns; the regions are NaN, as a plain series has none.

    Raises
    ------
    ValueError
        Where the shapes differ.
    SettingsError
        Where the rate is too low for the band.
    """
    first, second = (np.asarray(series, dtype=float) for series in (a, b))
    if first.shape != second.shape or first.ndim not in (1, 2) or first.size == 0:
        raise ValueError(
            f"a and b must have one shape [time, channel], not {first.shape} and {second.shape}"
        )
    used = replace(settings or Settings(), rate=rate)
    # A constant series moves by its rounding errors only: that is still, whatever the floor.
    rounding = 1e-9 * float(np.nanmax(np.abs([first, second]), initial=0.0))
    used = replace(used, floor=max(used.floor, rounding))
    columns = (len(first), -1)
    movement_a, layout = from_series(first.reshape(columns))
    movement_b, _ = from_series(second.reshape(columns))
    times = np.arange(len(first)) / used.rate
    return score_movement(times, movement_a, movement_b, layout, used)
