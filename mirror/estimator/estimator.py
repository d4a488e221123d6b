"""The estimator: two people's movement in, a row of scores every hop out.

`Estimator` takes ticks one by one, `score_ticks` and `synchrony` take all at once; every window is
scored by `mirror.estimator.spectrum.score_windows`, and the forms agree to the last bit.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mirror.estimator.align import LONGEST_GAP, Tick
from mirror.estimator.chance import Chance
from mirror.estimator.movement import Layout, Movement, cut, from_series, joined, series_layout
from mirror.estimator.posture import posture_match
from mirror.estimator.signals import TWO_BODIES, Signals
from mirror.estimator.spectrum import Plan, score_windows
from mirror.estimator.validity import CODE, STATES, Array
from mirror.estimator.windows import every_window, take, unbroken
from mirror.landmarks import Pose
from mirror.settings import Settings
from mirror.timeline import COLUMNS, Score, State, Timeline

_BLOCK = 64  # windows computed at once in the array form; the result does not depend on it
_TICKS = 3000  # ticks turned into movement at once


class _Rows:
    """Rows of the timeline, as movement comes in: tick by tick or in blocks, the rows are the same.

    Parameters
    ----------
    settings : Settings
    layout : Layout
        The channels of the movement that will come.
    """

    def __init__(self, settings: Settings, layout: Layout) -> None:
        self._plan = Plan.of(settings, layout)
        self._step = settings.hop * settings.rate  # ticks between two rows
        self.reset()

    def reset(self) -> None:
        """Begin anew: the next tick is the first."""
        self._held: list[tuple[Array, Movement, Movement]] = []  # the end of what came before
        self._ticks = 0
        self._given = 0
        self._chance = Chance(self._plan)

    def prime(self, times: Array, a: Movement, b: Movement, before: int) -> None:
        """Begin after these ticks, which `before` others preceded, as though all had been taken."""
        self.reset()
        self._held = [(times, a, b)]
        self._ticks = before + len(times)
        self._places(len(times))

    def due(self, coming: int) -> bool:
        """Whether a row is due once that many more ticks have come."""
        return self._ticks + coming > math.ceil(self._given * self._step - 1e-6)

    def take(self, times: Array, a: Movement, b: Movement) -> list[Timeline]:
        """The rows that are due with these ticks; after a break in time, scoring begins anew."""
        last = self._held[-1][0][-1:] if self._held else np.empty(0)
        found = []
        for part in unbroken(np.concatenate([last, times]), self._plan.rate):
            if part.start > 0:
                self.reset()
            inside = slice(max(0, part.start - len(last)), part.stop - len(last))
            if inside.stop > inside.start:
                found.append(self._stretch(times[inside], cut(a, inside), cut(b, inside)))
        return found

    def _stretch(self, times: Array, a: Movement, b: Movement) -> Timeline:
        length = len(self._plan.taper)
        self._ticks += len(times)
        parts = [*self._held, (times, a, b)]
        times = np.concatenate([part[0] for part in parts])
        a, b = joined([part[1] for part in parts]), joined([part[2] for part in parts])
        due = self._places(len(times))
        end = slice(max(0, len(times) - length + 1), None)
        self._held = [(times[end], cut(a, end), cut(b, end))]
        columns: dict[str, NDArray[Any]] = {name: np.full(len(due), np.nan) for name in COLUMNS}
        state = np.full(len(due), CODE[State.WARMING_UP], np.int8)
        whole = np.flatnonzero(due >= length - 1)
        windows_a, windows_b = every_window(a, length), every_window(b, length)
        for start in range(0, len(whole), _BLOCK):
            rows = whole[start : start + _BLOCK]
            ends = due[rows] - (length - 1)
            state[rows], scores = _score(
                self._plan,
                self._chance,
                times[due[rows]],
                take(windows_a, ends),
                take(windows_b, ends),
            )
            for name, values in scores.items():
                columns[name][rows] = values
        columns["time_s"] = times[due]
        columns["state"] = np.array([str(state) for state in STATES], dtype="U16")[state]
        for name, person in (("tracked_a", a), ("tracked_b", b)):
            columns[name] = _share(person.present, due, length)
        return Timeline(columns)

    def _places(self, held: int) -> NDArray[np.intp]:
        """Where the rows that are now due end, among the ticks held."""
        total = math.floor((self._ticks - 1) / self._step + 1e-6) + 1
        ends: NDArray[np.intp] = np.ceil(np.arange(self._given, total) * self._step - 1e-6).astype(
            np.intp
        )
        ends = ends[ends < self._ticks]
        self._given += len(ends)
        places: NDArray[np.intp] = ends - (self._ticks - held)
        return places


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
    return _concatenated(_Rows(settings, layout).take(times, a, b))


def _concatenated(parts: list[Timeline]) -> Timeline:
    parts = [Timeline.from_scores([]), *parts]
    return Timeline({name: np.concatenate([each[name] for each in parts]) for name in COLUMNS})


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


def score_ticks(
    ticks: Iterable[Tick], settings: Settings, signals: Signals = TWO_BODIES
) -> Timeline:
    """The array form for poses on the grid: what `Estimator` would give for these ticks."""
    rows = _Rows(settings, signals.layout)
    blocks = _blocks(ticks, settings, signals)
    return _concatenated([part for block in blocks for part in rows.take(*block)])


def from_ticks(
    ticks: Iterable[Tick], settings: Settings, signals: Signals = TWO_BODIES
) -> tuple[Array, Movement, Movement]:
    """Times [tick] and both people's movement, B's mapped onto A's as the settings say."""
    blocks = [signals.movement([], settings), *_blocks(ticks, settings, signals)]
    times, a, b = zip(*blocks, strict=True)
    return np.concatenate(times), joined(a), joined(b)


def _blocks(
    ticks: Iterable[Tick], settings: Settings, signals: Signals
) -> Iterator[tuple[Array, Movement, Movement]]:
    """Ticks as movement, a block at a time: movement needs a tenth of the memory of poses."""
    rest = iter(ticks)
    while block := list(islice(rest, _TICKS)):
        yield signals.movement(block, settings)


class Estimator:
    """The streaming form: takes both people tick by tick, gives a score every hop.

    Parameters
    ----------
    settings : Settings, optional
    signals : Signals, optional
        What the poses hold; by default the landmarks of two bodies.

    Examples
    --------
    Two irregular feeds go through a `mirror.Aligner` first::

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
        """Forget everything seen so far; the next update starts a new session."""
        self._rows.reset()
        self._coming: list[Tick] = []  # since the last row
        self._broken = False  # time leapt since the last row
        self._time = -math.inf

    def prime(self, ticks: Sequence[Tick], before: int) -> None:
        """Begin in the middle of a session, as though its earlier ticks had been scored, too.

        The next rows are those that an estimator would give which had seen the session from its
        start, but for the chance levels, which begin anew.

        Parameters
        ----------
        ticks : sequence of Tick
            The session's last ticks, without a break in time: a window's less one, or all of them.
        before : int
            How many ticks the session had before those.
        """
        self.reset()
        if ticks:
            self._rows.prime(*self._signals.movement(ticks, self.settings), before)
            self._time = ticks[-1].time

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
            Where `time` is off the grid: irregular poses go through `mirror.Aligner`.

        Notes
        -----
        After a break of more than `mirror.estimator.align.LONGEST_GAP` the estimator starts anew.
        """
        scores = self.update_all([Tick(time, pose_a, pose_b)])
        return scores[0] if scores else None

    def update_all(self, ticks: Sequence[Tick]) -> list[Score]:
        """Take the next ticks at once; return the scores that `update` would give for them.

        Several rows cost less together than one by one. Raises as `update` does.
        """
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
        self._coming += ticks
        if not self._broken and not self._rows.due(len(self._coming)):
            return []
        parts = self._rows.take(*self._signals.movement(self._coming, self.settings))
        self._coming, self._broken = [], False
        return [score for part in parts for score in part]


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
    columns = (len(first), -1)
    movement_a = from_series(first.reshape(columns))
    movement_b = from_series(second.reshape(columns))
    layout = series_layout(movement_a.channels.shape[1])
    times = np.arange(len(first)) / used.rate
    return score_movement(times, movement_a, movement_b, layout, used)
