"""The estimator: two people's movement in, a row of scores every hop out.

`Estimator` takes ticks one by one, `score_ticks` and `synchrony` take all at once. Every window is
scored by `mirror.estimator.spectrum.score_windows`; the results are equal to the last bit.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice, pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mirror._support.numeric import to_array
from mirror.estimator import movement
from mirror.estimator.align import LONGEST_GAP, Tick
from mirror.estimator.chance import Chance
from mirror.estimator.mimicry import Mimicry
from mirror.estimator.posture import POSTURE_STATES, Postures, mark_not_scored
from mirror.estimator.signals import TWO_BODIES, Signals
from mirror.estimator.spectrum import Plan, score_windows
from mirror.estimator.table import measure_jitter, tabulate
from mirror.estimator.validity import CODE, STATES, Array
from mirror.estimator.windows import blocks, row_ends, unbroken
from mirror.landmarks import MAX_VALUE, Pose
from mirror.settings import Settings
from mirror.timeline import COLUMNS, LEVELS, Score, State, Timeline

TICKS_AT_ONCE = 1500  # converted to movement; results do not depend on it

_CHANCE = slice(COLUMNS.index("chance_in_phase"), COLUMNS.index("chance_mirroring") + 1)
_TRACKED = slice(COLUMNS.index("tracked_a"), COLUMNS.index("tracked_b") + 1)


class _Rows:
    """Rows of the timeline from movement, tick by tick or in blocks, with equal results.

    A row is the numbers of `COLUMNS`, with the states' codes.
    """

    def __init__(self, settings: Settings, layout: movement.Layout) -> None:
        self._plan = Plan.of(settings, layout)
        self._hop = settings.hop
        self._step = settings.hop * settings.rate  # ticks between two rows
        self.reset()

    def reset(self) -> None:
        """Start again: the next tick is the first."""
        self._times = np.empty(0)  # less than a window
        self._space = np.empty((0, 2, self._plan.columns.count))  # its first `_end` rows are used
        self._end = 0
        self._ticks = 0
        self._rows = 0
        self._chance = Chance(self._plan)
        self._postures = Postures(self._plan) if self._plan.layout.regions else None
        if self._postures is not None:
            self._mimicry = Mimicry(self._hop, self._postures.delay)

    def prime(self, times: Array, a: movement.Movement, b: movement.Movement, before: int) -> None:
        """Start after these ticks, which `before` others preceded, as if all had been taken."""
        self.reset()
        self._append(times, a, b)
        self._ticks += before
        self._places()

    def due(self, coming: int) -> bool:
        """Whether `coming` more ticks give a row."""
        return self._ticks + coming > math.ceil(self._rows * self._step - 1e-6)

    def take(self, times: Array, a: movement.Movement, b: movement.Movement) -> Array:
        """Return the rows [row, column] that are due with these ticks; a break in time resets."""
        last = self._times[-1:]
        rows = []
        for part in unbroken(np.concatenate([last, times]), self._plan.rate):
            if part.start > 0:
                self.reset()
            inside = slice(max(0, part.start - len(last)), part.stop - len(last))
            if inside.stop > inside.start:
                rows.append(self.take_unbroken(times[inside], a.cut(inside), b.cut(inside)))
        return np.concatenate(rows or [np.empty((0, len(COLUMNS)))])

    def take_unbroken(self, times: Array, a: movement.Movement, b: movement.Movement) -> Array:
        """Return the rows [row, column] that are due with ticks that follow those taken."""
        plan, length = self._plan, len(self._plan.taper)
        table = self._append(times, a, b)
        times, due = self._times, self._places()
        rows: Array = np.full((len(due), len(COLUMNS)), np.nan)
        state = np.full(len(due), CODE[State.WARMING_UP], np.int8)
        first = int(due.searchsorted(length - 1))  # with a whole window
        for block in blocks(plan, len(due) - first):
            at = slice(first + block.start, first + block.stop)
            found = score_windows(plan, table, due[at] - (length - 1))
            state[at], rows[at] = found.state, found.rows
            rows[at, _CHANCE] = self._chance.levels(times[due[at]], found)
        rows[:, COLUMNS.index("time_s")] = times[due]
        rows[:, COLUMNS.index("state")] = state
        rows[:, _TRACKED] = _share(table[..., plan.columns.present], due, length)
        if self._postures is None:
            mark_not_scored(rows)
        else:
            scored = self._postures.score(rows, times[due], len(times) - 1 - due)
            self._mimicry.score(rows, times[due], *scored)
        self._times = times[1 - length :]
        return rows

    def _append(self, times: Array, a: movement.Movement, b: movement.Movement) -> Array:
        """Append ticks to those held; return the table of all."""
        held, more = len(self._times), len(times)
        if self._end + more > len(self._space):
            space = self._space
            if 2 * held + more > len(space):
                space = np.empty((2 * len(self._plan.taper) + more, *space.shape[1:]))
            space[:held] = self._space[self._end - held : self._end]
            self._space, self._end = space, held
        table = self._space[self._end - held : self._end + more]
        tabulate(self._plan.columns, a, b, into=table[held:])
        measure_jitter(self._plan.columns, table, held)
        if self._postures is not None:
            self._postures.take(a, b)
        self._times = np.concatenate([self._times, times])
        self._end += more
        self._ticks += more
        return table

    def _places(self) -> NDArray[np.intp]:
        """Last ticks of the rows that are now due, as indices into the ticks held."""
        ends = row_ends(self._rows, self._ticks, self._step)
        self._rows += len(ends)
        places: NDArray[np.intp] = ends - (self._ticks - len(self._times))
        return places


def score_movement(
    times: Array,
    a: movement.Person,
    b: movement.Person,
    layout: movement.Layout,
    settings: Settings,
    progress: Callable[[int], None] = lambda _done: None,
    *,
    primed: slice = slice(0),
    before: int = 0,
    stop: int | None = None,
) -> Timeline:
    """Score the movement of two people, mapped onto each other, at `times` [tick] of the grid.

    After a break in time, scoring starts again. `progress` is called with the ticks done; an
    exception from it ends the scoring. It begins after the ticks `primed`, which `before` others
    preceded, as `Estimator.prime`, and ends before the tick `stop`.
    """
    rows = _Rows(settings, layout)
    if primed.stop > (primed.start or 0):
        rows.prime(times[primed], a.cut(primed), b.cut(primed), before)
    parts = []
    end = len(times) if stop is None else stop
    for first in range(primed.stop, end, TICKS_AT_ONCE):
        progress(first)
        part = slice(first, min(first + TICKS_AT_ONCE, end))
        parts.append(rows.take(times[part], a.cut(part), b.cut(part)))
    return _timeline(parts)


def row_places(times: Array, settings: Settings) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the last tick of each row of the timeline, and the first since a break [row]."""
    starts, ends = [np.empty(0, np.intp)], [np.empty(0, np.intp)]
    for part in unbroken(times, settings.rate):
        inside = row_ends(0, part.stop - part.start, settings.hop * settings.rate)
        starts.append(np.full(len(inside), part.start))
        ends.append(part.start + inside)
    return np.concatenate(ends), np.concatenate(starts)


def score_rows(
    times: Array,
    a: movement.Person,
    b: movement.Person,
    layout: movement.Layout,
    settings: Settings,
    rows: NDArray[np.intp],
    progress: Callable[[int], None] = lambda _done: None,
) -> Timeline:
    """Score some rows, by their rising numbers, of the timeline that `score_movement` returns.

    They are equal to the last bit, but for chance levels and postures (NaN), which need all before.
    """
    plan = Plan.of(settings, layout)
    length, columns = len(plan.taper), plan.columns
    ends, starts = (each[rows] for each in row_places(times, settings))
    firsts = np.maximum(ends - (length - 1), starts)
    values: Array = np.full((len(rows), len(COLUMNS)), np.nan)
    state = np.full(len(rows), CODE[State.WARMING_UP], np.int8)
    # Near ones together: their windows share most ticks.
    apart = (np.diff(firsts) > 2 * length) | (np.diff(starts) > 0)
    edges = np.flatnonzero(apart | (np.diff(ends // TICKS_AT_ONCE) > 0)) + 1
    for start, stop in pairwise(np.unique([0, *edges, len(rows)]).tolist()):
        progress(start)
        ticks = slice(int(firsts[start]), int(ends[stop - 1]) + 1)
        table = tabulate(columns, a.cut(ticks), b.cut(ticks))
        measure_jitter(columns, table, 0)
        whole = start + np.flatnonzero(ends[start:stop] - firsts[start:stop] == length - 1)
        for block in blocks(plan, len(whole)):
            at = whole[block]
            state[at], values[at], *_ = score_windows(plan, table, firsts[at] - ticks.start)
        due = ends[start:stop] - ticks.start
        values[start:stop, _TRACKED] = _share(table[..., columns.present], due, length)
    values[:, COLUMNS.index("time_s")] = times[ends]
    values[:, COLUMNS.index("state")] = state
    mark_not_scored(values)
    return _timeline([values])


def _timeline(parts: list[Array]) -> Timeline:
    values = np.concatenate([np.empty((0, len(COLUMNS))), *parts]).T.copy()
    columns: dict[str, NDArray[Any]] = dict(zip(COLUMNS, values, strict=True))
    for name, levels in LEVELS.items():
        columns[name] = np.array(levels, dtype="U16")[columns[name].astype(np.intp)]
    return Timeline(columns)


def _share(present: Array, ends: NDArray[np.intp], length: int) -> Array:
    """Share of each window's ticks so far in which each person was present [row, person]."""
    if present.all():
        return np.ones((len(ends), 2))
    before = np.concatenate([[[0.0, 0.0]], np.cumsum(present, axis=0)])
    starts = np.maximum(ends + 1 - length, 0)
    share: Array = (before[ends + 1] - before[starts]) / (ends + 1 - starts)[:, None]
    return share


def score_ticks(
    ticks: Iterable[Tick], settings: Settings, signals: Signals = TWO_BODIES
) -> Timeline:
    """Score poses on the grid, as `Estimator` does tick by tick."""
    rows = _Rows(settings, signals.layout)
    return _timeline([rows.take(*block) for block in _blocks(ticks, settings, signals)])


def movement_from_ticks(
    ticks: Iterable[Tick], settings: Settings, signals: Signals = TWO_BODIES
) -> tuple[Array, movement.Movement, movement.Movement]:
    """Return times [tick] and both people's movement, mapped onto each other."""
    blocks = [signals.movement([], settings), *_blocks(ticks, settings, signals)]
    times, a, b = zip(*blocks, strict=True)
    return np.concatenate(times), movement.concatenate(a), movement.concatenate(b)


def _blocks(
    ticks: Iterable[Tick], settings: Settings, signals: Signals
) -> Iterator[tuple[Array, movement.Movement, movement.Movement]]:
    rest = iter(ticks)
    while block := list(islice(rest, TICKS_AT_ONCE)):
        yield signals.movement(block, settings)


class Estimator:
    """Scores both people tick by tick; gives a score every hop.

    Parameters
    ----------
    signals : Signals, optional
        What the poses hold; by default the landmarks of two bodies.

    Examples
    --------
    Align two irregular feeds with a `mirror.Aligner` first::

        aligner, estimator = mirror.Aligner(settings.rate), mirror.Estimator(settings)
        for feed, pose in poses:
            for tick in aligner.push(feed, pose):
                score = estimator.update(*tick)
    """

    def __init__(self, settings: Settings | None = None, signals: Signals = TWO_BODIES) -> None:
        self.settings = settings or Settings()
        self._signals = signals
        self._rows = _Rows(self.settings, signals.layout)
        self.reset()

    def reset(self) -> None:
        """Start again: the next update is the first of a session."""
        self._rows.reset()
        self._pending: list[Tick] = []  # since the last row
        self._broken = False  # a break in time since the last row
        self._time = -math.inf

    def prime(self, ticks: Sequence[Tick], before: int) -> None:
        """Start in the middle of a session.

        The next rows are those of an estimator that took the session from its start, except for
        the chance levels, which start again. `ticks` are the session's last ones, without a break
        in time (a window less one tick, or all), after `before` others.
        """
        self.reset()
        if ticks:
            self._rows.prime(*self._signals.movement(ticks, self.settings), before)
            self._time = ticks[-1].time

    def update(self, time: float, pose_a: Pose | None, pose_b: Pose | None) -> Score | None:
        """Take one tick; return a score every hop, else None.

        Parameters
        ----------
        time : float
            Seconds; 1/rate after the previous tick (within half of that).
        pose_a, pose_b : Pose or None
            The poses at this time: without landmarks if nobody was in the frame, None if there was
            no frame.

        Raises
        ------
        ValueError
            If `time` is off the grid; align irregular poses with `mirror.Aligner`.

        Notes
        -----
        A break of more than `mirror.estimator.align.LONGEST_GAP` resets the estimator.
        """
        scores = self.update_all([Tick(float(time), pose_a, pose_b)])
        return scores[0] if scores else None

    def update_all(self, ticks: Sequence[Tick]) -> list[Score]:
        """Take several ticks, which is cheaper than one by one; otherwise as `update`."""
        step = 1.0 / self.settings.rate
        for tick in ticks:
            ahead = tick.time - self._time
            if abs(ahead - step) > 0.5 * step and not ahead > LONGEST_GAP:
                raise ValueError(
                    f"tick at {tick.time:.4f} s does not follow the one at {self._time:.4f} s by "
                    f"{step:.4f} s; bring irregular poses onto the grid with mirror.Aligner"
                )
            self._broken |= ahead > LONGEST_GAP
            self._time = tick.time
        self._pending += ticks
        if not self._broken and not self._rows.due(len(self._pending)):
            return []
        take = self._rows.take if self._broken else self._rows.take_unbroken
        rows = take(*self._signals.movement(self._pending, self.settings))
        self._pending, self._broken = [], False
        return [
            Score(time, STATES[int(state)], *rest, posture_state=POSTURE_STATES[int(posture)])
            for time, state, *rest, posture in rows.tolist()
        ]


def synchrony(
    a: ArrayLike, b: ArrayLike, rate: float, *, settings: Settings | None = None
) -> Timeline:
    """Score the synchrony of two plain movement series.

    Parameters
    ----------
    a, b : array_like [time, channel] or [time]
        The two people's movement, the same channels in the same order, sampled together. A row
        with a NaN or a masked value in it is missing. Signed positions, not speeds: speed has no
        direction.
    rate : float
        Samples per second; replaces ``settings.rate``.
    settings : Settings, optional
        ``mapping`` does not apply: the series are compared as they are. ``floor`` is in the units
        of the series.

    Returns
    -------
    Timeline
        The columns of regions and of posture are NaN.

    Raises
    ------
    ValueError
        If the shapes differ, or a value is beyond `mirror.landmarks.MAX_VALUE`.
    TypeError
        If they are no real numbers.
    SettingsError
        If the rate is too low for the band.
    """
    first, second = to_array(a), to_array(b)
    if first.shape != second.shape or first.ndim not in (1, 2) or first.size == 0:
        raise ValueError(
            f"a and b must have one shape [time, channel], not {first.shape} and {second.shape}"
        )
    for name, values in (("a", first), ("b", second)):
        largest = np.abs(values[np.isfinite(values)]).max(initial=0.0)
        if largest > MAX_VALUE:
            raise ValueError(
                f"{name} holds {largest:g}, more than can be squared; give it in a larger unit"
            )
    used = replace(settings or Settings(), rate=rate)
    columns = (len(first), -1)
    movement_a = movement.from_series(first.reshape(columns))
    movement_b = movement.from_series(second.reshape(columns))
    layout = movement.series_layout(movement_a.channels.shape[1])
    return score_movement(np.arange(len(first)) / used.rate, movement_a, movement_b, layout, used)
