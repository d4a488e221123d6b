"""The synchrony timeline: one row per hop, one column per score."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mirror._support.optional import import_optional

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import xarray as xr

_CALENDAR_S = 1e7  # first stamps beyond a hundred days are dates, such as Unix time

REGIONS = ("head", "torso", "left_arm", "right_arm", "legs")


class State(StrEnum):
    """Whether a row's scores are defined (`OK`), or why they are NaN."""

    OK = "ok"
    WARMING_UP = "warming_up"
    NO_PERSON_A = "no_person_a"
    NO_PERSON_B = "no_person_b"
    GAP = "gap"
    STILL = "still"
    UNSURE = "unsure"


class PostureState(StrEnum):
    """Whether a row's match of postures is defined (`OK`), or why it is NaN.

    Postures need less of the window than movement, and more of the session.
    """

    OK = "ok"
    WARMING_UP = "warming_up"
    NO_PERSON_A = "no_person_a"
    NO_PERSON_B = "no_person_b"
    GAP = "gap"
    ONE_POSTURE = "one_posture"
    NOT_SCORED = "not_scored"
    HIDDEN = "hidden"
    UNSURE = "unsure"


_NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a recording, in seconds, ends included; all of it by default.

    `during` are edges in order of time, start and end of each interval in turn, which the part is
    limited to if it has a `name`.
    """

    start: float = -math.inf
    end: float = math.inf
    during: tuple[float, ...] = ()
    name: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether it is all of a recording."""
        return math.isinf(self.start) and math.isinf(self.end) and not self.name

    def chooses(self, ends: NDArray[np.float64], length: float) -> NDArray[np.bool_]:
        """Return which windows of `length` s that end at `ends` are for half of it in intervals."""
        if not self.name:
            return np.ones(len(ends), bool)
        edges = np.array(self.during or (0.0, 0.0))
        inside = np.diff(edges, prepend=edges[0])
        inside[::2] = 0.0  # from the end of one to the start of the next
        covered = np.interp([ends, ends - length], edges, np.cumsum(inside))
        chosen: NDArray[np.bool_] = covered[0] - covered[1] >= length / 2 - 1e-6
        return chosen


WHOLE = Span()  # all of a recording


@dataclass(frozen=True, slots=True)
class Score:
    """One row of the timeline. NaN means undefined; `state` is the reason.

    Attributes
    ----------
    time_s : float
        End of the window, seconds on the session's clock.
    state : State
        Whether the scores are valid.
    in_phase, anti_phase : float
        max(0, Re C) and max(0, −Re C), 0…1, where C is the normalised cross-spectrum.
    coherence : float
        |C|, 0…1: coordinated at any constant phase.
    relative_phase_deg : float
        arg C in (−180, 180]: phase of A minus phase of B; positive = A ahead.
    mirroring : float
        Largest correlation over the lags searched, 0…1.
    lag_s : float
        The lag of that maximum, s; positive = B follows A.
    chance_in_phase, chance_anti_phase, chance_mirroring : float
        95th percentile of the score among windows that cannot be coordinated.
    posture_match : float
        How alike both deviate from their usual postures, 0…1 (`mirror.estimator.posture`).
    chance_posture_match : float
        95th percentile of it with the other's postures at earlier times.
    energy_a, energy_b : float
        RMS movement within the band, in shoulder widths.
    tracked_a, tracked_b : float
        Share of the window in which the person was tracked, 0…1.
    in_phase_head, … : float
        `in_phase`, `anti_phase` and `coherence` from the channels of one region.
    posture_match_head, chance_posture_match_head, … : float
        `posture_match` and its chance level in one region.
    mimicry_latency_s, mimicry_ago_s, mimicry_likeness, mimicry_regions : float
        How long after the other a posture was taken over, s (positive = B from A), and how long
        ago; the match of both; the sum of 2^k for each region k of `REGIONS`. NaN in all rows but
        those in which this became known.
    posture_state : PostureState
        Whether `posture_match` is valid.
    """

    time_s: float
    state: State
    in_phase: float = _NAN
    anti_phase: float = _NAN
    coherence: float = _NAN
    relative_phase_deg: float = _NAN
    mirroring: float = _NAN
    lag_s: float = _NAN
    chance_in_phase: float = _NAN
    chance_anti_phase: float = _NAN
    chance_mirroring: float = _NAN
    posture_match: float = _NAN
    chance_posture_match: float = _NAN
    energy_a: float = _NAN
    energy_b: float = _NAN
    tracked_a: float = _NAN
    tracked_b: float = _NAN
    in_phase_head: float = _NAN
    anti_phase_head: float = _NAN
    coherence_head: float = _NAN
    in_phase_torso: float = _NAN
    anti_phase_torso: float = _NAN
    coherence_torso: float = _NAN
    in_phase_left_arm: float = _NAN
    anti_phase_left_arm: float = _NAN
    coherence_left_arm: float = _NAN
    in_phase_right_arm: float = _NAN
    anti_phase_right_arm: float = _NAN
    coherence_right_arm: float = _NAN
    in_phase_legs: float = _NAN
    anti_phase_legs: float = _NAN
    coherence_legs: float = _NAN
    posture_match_head: float = _NAN
    chance_posture_match_head: float = _NAN
    posture_match_torso: float = _NAN
    chance_posture_match_torso: float = _NAN
    posture_match_left_arm: float = _NAN
    chance_posture_match_left_arm: float = _NAN
    posture_match_right_arm: float = _NAN
    chance_posture_match_right_arm: float = _NAN
    posture_match_legs: float = _NAN
    chance_posture_match_legs: float = _NAN
    mimicry_latency_s: float = _NAN
    mimicry_ago_s: float = _NAN
    mimicry_likeness: float = _NAN
    mimicry_regions: float = _NAN
    posture_state: PostureState = field(default=PostureState.NOT_SCORED, kw_only=True)


COLUMNS: tuple[str, ...] = tuple(field.name for field in fields(Score))  # of a timeline, in order

LEVELS: Mapping[str, tuple[str, ...]] = {  # the columns that hold text, with their values
    "state": tuple(map(str, State)),
    "posture_state": tuple(map(str, PostureState)),
}

UNITS: Mapping[str, str] = {  # of columns that have one; movement of a plain series has its own
    "time_s": "s",
    "relative_phase_deg": "degrees",
    "lag_s": "s",
    "mimicry_latency_s": "s",
    "mimicry_ago_s": "s",
    "energy_a": "shoulder widths",
    "energy_b": "shoulder widths",
}

BREAK_HOPS = 1.5  # rows further apart than this many hops are not consecutive: a line breaks there


def median_step(time_s: NDArray[np.float64]) -> float:
    """Return the median distance of consecutive times, s; NaN if no two differ."""
    steps = np.diff(time_s)
    steps = steps[steps > 0]
    return float(np.median(steps)) if len(steps) else math.nan


@dataclass(frozen=True, eq=False)
class Timeline:
    """A session's scores by column: ``timeline.in_phase`` is an array with one value per row.

    Attributes
    ----------
    columns : mapping of str to ndarray [row]
        Every name of `COLUMNS`; those of `LEVELS` hold text, the others float64.
    """

    columns: Mapping[str, NDArray[Any]]

    def __getattr__(self, name: str) -> NDArray[Any]:
        if name in COLUMNS:
            return self.columns[name]
        raise AttributeError(f"a timeline has no column {name!r}; it has {', '.join(COLUMNS)}")

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.columns[name]

    def __len__(self) -> int:
        return len(self.columns["time_s"])

    def __iter__(self) -> Iterator[Score]:
        values = [self.columns[name].tolist() for name in COLUMNS]
        for time_s, state, *rest, posture in zip(*values, strict=True):
            yield Score(time_s, State(state), *rest, posture_state=PostureState(posture))

    @classmethod
    def from_scores(cls, scores: Iterable[Score]) -> "Timeline":
        """Return the timeline of these rows."""
        rows = list(scores)
        columns: dict[str, NDArray[Any]] = {
            name: np.array(
                [getattr(row, name) for row in rows], dtype="U16" if name in LEVELS else float
            )
            for name in COLUMNS
        }
        return cls(columns)

    @classmethod
    def concatenate(cls, parts: "Sequence[Timeline]") -> "Timeline":
        """Concatenate the rows of timelines."""
        return cls({name: np.concatenate([each[name] for each in parts]) for name in COLUMNS})

    @property
    def hop_s(self) -> float:
        """Median spacing of the rows, s; NaN if no two rows have different times."""
        return median_step(self.time_s)

    @property
    def origin_s(self) -> float:
        """What pages and subtitles count times from, s: 0, or the start of calendar stamps."""
        first = float(self.time_s[0]) if len(self) else 0.0
        return float(math.floor(first)) if first > _CALENDAR_S else 0.0

    def since(self, origin_s: float) -> "Timeline":
        """Return the timeline with its times counted from a moment, s."""
        if not origin_s:
            return self
        return Timeline({**self.columns, "time_s": self.time_s - origin_s})

    def between(self, start: float, end: float) -> "Timeline":
        """Return the rows with `start` ≤ ``time_s`` ≤ `end`, s."""
        inside = (self.time_s >= start) & (self.time_s <= end)
        return Timeline({name: column[inside] for name, column in self.columns.items()})

    def within(self, span: Span, window: float) -> "Timeline":
        """Return the rows between a part's ends, and of windows of `window` s that it chooses."""
        rows = self.between(span.start, span.end)
        chosen = span.chooses(rows.time_s, window)
        return Timeline({name: column[chosen] for name, column in rows.columns.items()})

    def equals(self, other: "Timeline") -> bool:
        """Whether every value is equal to the last bit (NaN equals NaN)."""
        return all(
            np.array_equal(self[name], other[name], equal_nan=name not in LEVELS)
            for name in COLUMNS
        )

    def to_pandas(self) -> "pd.DataFrame":
        """Return a pandas data frame (extra ``pandas``).

        States are categorical, undefined is NaN; ``attrs["units"]`` holds `UNITS`.

        Raises
        ------
        MirrorError
            If pandas is not installed.
        """
        pandas = import_optional("pandas", "pandas", "Timeline.to_pandas")
        states = {
            name: pandas.Categorical(self[name], categories=levels)
            for name, levels in LEVELS.items()
        }
        frame: pd.DataFrame = pandas.DataFrame(dict(self.columns) | states)
        frame.attrs["units"] = dict(UNITS)
        return frame

    def to_polars(self) -> "pl.DataFrame":
        """Return a Polars data frame (extra ``polars``).

        States are of an Enum, undefined is NaN and not null. Units are in `UNITS`.

        Raises
        ------
        MirrorError
            If Polars is not installed.
        """
        polars = import_optional("polars", "polars", "Timeline.to_polars")
        states = {
            name: polars.Series(name, self[name].tolist(), polars.Enum(levels))
            for name, levels in LEVELS.items()
        }
        frame: pl.DataFrame = polars.DataFrame(dict(self.columns) | states)
        return frame

    def to_xarray(self) -> "xr.Dataset":
        """Return an xarray dataset along ``time_s`` (extra ``xarray``).

        States are text, undefined is NaN. ``attrs["units"]`` of the other variables is the unit,
        "1" if there is none.

        Raises
        ------
        MirrorError
            If xarray is not installed.
        """
        xarray = import_optional("xarray", "xarray", "Timeline.to_xarray")
        values = {
            # Copied, so that changes of the dataset do not change the timeline.
            name: ("time_s", column.copy(), {"units": UNITS.get(name, "1")})
            for name, column in self.columns.items()
            if name not in ("time_s", *LEVELS)
        }
        states = {name: ("time_s", self[name].copy()) for name in LEVELS}
        time = ("time_s", self.time_s.copy(), {"units": UNITS["time_s"]})
        dataset: xr.Dataset = xarray.Dataset({**states, **values}, {"time_s": time})
        return dataset
