"""The estimator: two people's movement in, a row of scores every hop out.

`Estimator` takes ticks one by one, `score_ticks` and `synchrony` take all at once. Every window is
scored by `mirror.estimator.spectrum.score_windows`; the results are equal to the last bit.
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
from mirror.estimator.movement import (
    JOINTS,
    LIMBS,
    Layout,
    Movement,
    concatenate,
    cut,
    from_series,
    series_layout,
)
from mirror.estimator.signals import TWO_BODIES, Signals
from mirror.estimator.spectrum import Plan, facing, score_windows
from mirror.estimator.validity import CODE, STATES, Array, joint_visibility
from mirror.estimator.windows import all_windows, take, unbroken
from mirror.landmarks import MIN_VISIBILITY, Pose
from mirror.settings import Settings
from mirror.timeline import COLUMNS, Score, State, Timeline

_WINDOWS_AT_ONCE = 64  # the result does not depend on it
_TICKS_AT_ONCE = 3000  # converted to movement, which takes a tenth of the memory of poses
_LIMB_ENDS = np.array([[JOINTS.index(joint) for joint in limb] for limb in LIMBS])


class _Rows:
    """Rows of the timeline from movement, tick by tick or in blocks, with equal results."""

    def __init__(self, settings: Settings, layout: Layout) -> None:
        self._plan = Plan.of(settings, layout)
        self._step = settings.hop * settings.rate  # ticks between two rows
        self.reset()

    def reset(self) -> None:
        """Start again: the next tick is the first."""
        self._held: list[tuple[Array, Movement, Movement]] = []  # less than a window
        self._ticks = 0
        self._rows = 0
        self._chance = Chance(self._plan)

    def prime(self, times: Array, a: Movement, b: Movement, before: int) -> None:
        """Start after these ticks, which `before` others preceded, as if all had been taken."""
        self.reset()
        self._held = [(times, a, b)]
        self._ticks = before + len(times)
        self._places(len(times))

    def due(self, coming: int) -> bool:
        """Whether `coming` more ticks give a row."""
        return self._ticks + coming > math.ceil(self._rows * self._step - 1e-6)

    def take(self, times: Array, a: Movement, b: Movement) -> list[Timeline]:
        """Return the rows that are due with these ticks; a break in time resets."""
        last = self._held[-1][0][-1:] if self._held else np.empty(0)
        timelines = []
        for part in unbroken(np.concatenate([last, times]), self._plan.rate):
            if part.start > 0:
                self.reset()
            inside = slice(max(0, part.start - len(last)), part.stop - len(last))
            if inside.stop > inside.start:
                timelines.append(self._score(times[inside], cut(a, inside), cut(b, inside)))
        return timelines

    def _score(self, times: Array, a: Movement, b: Movement) -> Timeline:
        length = len(self._plan.taper)
        self._ticks += len(times)
        parts = [*self._held, (times, a, b)]
        times = np.concatenate([part[0] for part in parts])
        a, b = concatenate([part[1] for part in parts]), concatenate([part[2] for part in parts])
        due = self._places(len(times))
        end = slice(max(0, len(times) - length + 1), None)
        self._held = [(times[end], cut(a, end), cut(b, end))]
        columns: dict[str, NDArray[Any]] = {name: np.full(len(due), np.nan) for name in COLUMNS}
        state = np.full(len(due), CODE[State.WARMING_UP], np.int8)
        whole = np.flatnonzero(due >= length - 1)
        windows_a, windows_b = all_windows(a, length), all_windows(b, length)
        for first in range(0, len(whole), _WINDOWS_AT_ONCE):
            rows = whole[first : first + _WINDOWS_AT_ONCE]
            starts = due[rows] - (length - 1)
            block_a, block_b = take(windows_a, starts), take(windows_b, starts)
            state[rows], scores, spectra = score_windows(self._plan, block_a, block_b)
            scores["posture_match"] = _posture_match(self._plan, block_a, block_b, state[rows])
            scores |= self._chance.levels(times[due[rows]], state[rows], spectra)
            for name, values in scores.items():
                columns[name][rows] = values
        columns["time_s"] = times[due]
        columns["state"] = np.array([str(state) for state in STATES], dtype="U16")[state]
        for name, person in (("tracked_a", a), ("tracked_b", b)):
            columns[name] = _share(person.present, due, length)
        return Timeline(columns)

    def _places(self, held: int) -> NDArray[np.intp]:
        """Last ticks of the rows that are now due, as indices into the ticks held."""
        total = math.floor((self._ticks - 1) / self._step + 1e-6) + 1
        ends: NDArray[np.intp] = np.ceil(np.arange(self._rows, total) * self._step - 1e-6).astype(
            np.intp
        )
        ends = ends[ends < self._ticks]
        self._rows += len(ends)
        places: NDArray[np.intp] = ends - (self._ticks - held)
        return places


def _posture_match(plan: Plan, a: Movement, b: Movement, state: NDArray[np.int8]) -> Array:
    """Return the mean cosine between corresponding limb directions in the frame [K], 0…1.

    Weighted by the taper, and averaged over the limbs visible in both people; negative means are
    0. NaN if no limb is visible, or by `state` (codes [K]) the window is neither scored nor still.
    """
    if not a.limbs.shape[1]:
        return np.full(len(state), np.nan)
    both = a.present & b.present
    weights = plan.taper * both
    half = len(LIMBS)
    turned = (facing(a) * facing(b))[:, None, None]
    product = a.limbs * b.limbs
    cosine = turned * product[:, :half] + product[:, half:]
    with np.errstate(divide="ignore", invalid="ignore"):
        by_limb = (cosine * weights[:, None, :]).sum(axis=-1) / weights.sum(axis=-1)[:, None]
        seen = np.minimum(joint_visibility(a, both), joint_visibility(b, both)) >= MIN_VISIBILITY
        visible = seen[:, _LIMB_ENDS].all(axis=-1)  # [K, limb]
        mean = np.where(visible, by_limb, 0.0).sum(axis=-1) / visible.sum(axis=-1)
    defined = (state == CODE[State.OK]) | (state == CODE[State.STILL])
    return np.where(defined, np.clip(mean, 0.0, 1.0), np.nan)


def score_movement(
    times: Array, a: Movement, b: Movement, layout: Layout, settings: Settings
) -> Timeline:
    """Score the movement of two people, mapped onto each other, at `times` [tick] of the grid.

    After a break in time, scoring starts again.
    """
    return _concatenated(_Rows(settings, layout).take(times, a, b))


def _concatenated(parts: list[Timeline]) -> Timeline:
    parts = [Timeline.from_scores([]), *parts]
    return Timeline({name: np.concatenate([each[name] for each in parts]) for name in COLUMNS})


def _share(present: NDArray[np.bool_], ends: NDArray[np.intp], length: int) -> Array:
    """Share of each window's ticks so far in which the person was present."""
    before = np.concatenate([[0], np.cumsum(present)])
    starts = np.maximum(ends + 1 - length, 0)
    share: Array = (before[ends + 1] - before[starts]) / (ends + 1 - starts)
    return share


def score_ticks(
    ticks: Iterable[Tick], settings: Settings, signals: Signals = TWO_BODIES
) -> Timeline:
    """Score poses on the grid, as `Estimator` does tick by tick."""
    rows = _Rows(settings, signals.layout)
    blocks = _blocks(ticks, settings, signals)
    return _concatenated([part for block in blocks for part in rows.take(*block)])


def movement_from_ticks(
    ticks: Iterable[Tick], settings: Settings, signals: Signals = TWO_BODIES
) -> tuple[Array, Movement, Movement]:
    """Return times [tick] and both people's movement, mapped onto each other."""
    blocks = [signals.movement([], settings), *_blocks(ticks, settings, signals)]
    times, a, b = zip(*blocks, strict=True)
    return np.concatenate(times), concatenate(a), concatenate(b)


def _blocks(
    ticks: Iterable[Tick], settings: Settings, signals: Signals
) -> Iterator[tuple[Array, Movement, Movement]]:
    rest = iter(ticks)
    while block := list(islice(rest, _TICKS_AT_ONCE)):
        yield signals.movement(block, settings)


class Estimator:
    """Scores both people tick by tick; gives a score every hop.

    Parameters
    ----------
    settings : Settings, optional
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
        scores = self.update_all([Tick(time, pose_a, pose_b)])
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
        timelines = self._rows.take(*self._signals.movement(self._pending, self.settings))
        self._pending, self._broken = [], False
        return [score for timeline in timelines for score in timeline]


def synchrony(
    a: ArrayLike, b: ArrayLike, rate: float, *, settings: Settings | None = None
) -> Timeline:
    """Score the synchrony of two plain movement series.

    Parameters
    ----------
    a, b : array_like [time, channel] or [time]
        The two people's movement, the same channels in the same order, sampled together. A row
        with a NaN in it is missing. Signed positions, not speeds: speed has no direction.
    rate : float
        Samples per second; replaces ``settings.rate``.
    settings : Settings, optional
        ``mapping`` does not apply: the series are compared as they are. ``floor`` is in the units
        of the series (its default, .02, suits shoulder widths).

    Returns
    -------
    Timeline
        The columns of regions and of posture are NaN.

    Raises
    ------
    ValueError
        If the shapes differ.
    SettingsError
        If the rate is too low for the band.
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
