"""Read plain series from a text file with a header: motion energy, motion capture and others.

Columns are separated by tabs, semicolons, commas or blanks, as in the header, or as Excel's line
``sep=;`` before it says. A decimal comma is accepted where no field has a point. An empty field,
``.``, ``NA`` and ``NaN`` are missing values. R's row names, a column without a header, are skipped.
"""

from __future__ import annotations

import csv
import math
import re
import reprlib
import sys
import textwrap
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from mirror._support.numeric import to_float
from mirror.errors import SeriesError
from mirror.landmarks import MAX_VALUE
from mirror.recording.checks import MAX_TIME_S

Array = NDArray[np.float64]

_MAX_BRIDGED_S = 0.25  # longest gap that is interpolated, as by the aligner
_MAX_BRIDGED_STEPS = 3  # the same in median steps, for slow series
_MAX_SAMPLES = 50_000_000  # longest series: 19 days at 30 Hz
# A grid has at most this many samples per row of the file, plus a million.
_MAX_SAMPLES_PER_ROW = 100
_MAX_RATE = 100_000.0  # faster stamps are an error
_MAX_LINE_CHARS = 4 * 2**20  # about a hundred thousand columns
_SKIPPED_STEPS = 1.5  # steps of this many median ones have skipped a sample
_MAX_UPSAMPLING = 10  # a rate of more than this many times that of the stamps is an error of units

MISSING = frozenset({"", ".", "na", "n/a", "nan", "null", "none"})
"""Fields that are missing values, in lower case."""

# The line that Excel writes and reads before a header.
_SEPARATOR = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)

_IS_NUMBER = re.compile(r"[+-]?[0-9.,]+(e[+-]?[0-9]+)?", re.IGNORECASE)
_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+")

# Names of time columns in milliseconds: ``Time (ms)``, ``time_ms``, ``ms``.
_MILLISECONDS = re.compile(r"(^|[^a-z])ms\W*$", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Series:
    """Two people's series on one regular grid."""

    # [time, channel]: in the file's own units; NaN where missing.
    a: Array
    b: Array
    rate: float  # samples a second
    # The time of the first sample in seconds; 0 if the file has no time column.
    start_s: float = 0.0


@dataclass(frozen=True)
class _Table:
    """The header of a file, and the requested fields of its rows, with line numbers."""

    path: Path
    names: list[str]
    index: dict[str, int]
    rows: list[tuple[int, list[str]]]
    decimal: str

    def column(self, name: str, most: float = MAX_VALUE) -> Array:
        """Return a column as numbers of at most `most`, NaN where missing, [row]."""
        count = self.names.count(name)
        if count != 1:
            problem = f"has {count} columns {name!r}; rename them" if count else f"has no {name!r}"
            raise SeriesError(f"{self.path} {problem}; its columns are: {_list_names(self.names)}")
        index = self.index[name]
        fields = ((line, row[index].strip()) for line, row in self.rows)
        return np.array([self._number(line, name, field, most) for line, field in fields])

    def _number(self, line: int, name: str, text: str, most: float) -> float:
        if text.lower() in MISSING:
            return math.nan
        try:
            number = float(text.replace(self.decimal, "."))
        except ValueError:
            number = math.nan
        # Python reads 0_5 as 5.
        if not abs(number) <= most or "_" in text:
            raise SeriesError(
                f"{self.path}, line {line}: {reprlib.repr(text)} in column {name!r} is no number; "
                "correct it, or leave it empty where nothing was measured"
            )
        return number


def read_series(
    path: Path,
    columns: tuple[str, str] | tuple[list[str], list[str]],
    *,
    rate: float | None = None,
    time: str | None = None,
) -> Series:
    """Read two people's series from a text file.

    With `rate` alone the rows are the samples. With `time` each column is interpolated linearly
    to a regular grid that starts at the first stamp; gaps longer than 0.25 s and than three median
    steps are NaN.

    Parameters
    ----------
    columns : (str, str) or (list of str, list of str)
        The column of A and that of B, or as many columns of each.
    rate : float, optional
        Samples a second. With `time`, the grid's; by default that of the mean step, without
        skipped samples, rounded to whole Hz from 2 Hz on.
    time : str, optional
        The column of stamps, rising, in seconds, or in milliseconds if its name ends in "ms".

    Returns
    -------
    Series

    Raises
    ------
    SeriesError
        If the file cannot be read, a column is missing, a field is no number, stamps do not rise,
        or neither rate nor time is given.
    """
    if rate is None and time is None:
        raise SeriesError(
            f"{path}: nothing says how fast it was sampled; give its rate in Hz, "
            "or name its column of time stamps"
        )
    if rate is not None:
        rate = to_float(rate)
        if not (math.isfinite(rate) and rate > 0):
            raise SeriesError(f"the rate of {path} is {rate:g} Hz; give one above 0")
    of_a, of_b = ([names] if isinstance(names, str) else list(names) for names in columns)
    if not of_a or len(of_a) != len(of_b):
        raise SeriesError(
            f"{len(of_a)} columns are named for A and {len(of_b)} for B; name as many for each"
        )
    table = _read(Path(path), {*of_a, *of_b} | ({time} if time is not None else set()))
    a, b = (np.stack([table.column(name) for name in names], axis=1) for names in (of_a, of_b))
    if time is None:
        assert rate is not None
        return Series(a, b, float(rate))
    stamps = _stamps(table, time)
    steps = np.diff(stamps)
    median = float(np.median(steps))
    # The mean, as stamps may be rounded: 16.67 ms to 17.
    step = float(steps[steps < _SKIPPED_STEPS * median].mean())
    rate = _grid_rate(table.path, time, step, rate)
    count = math.floor((stamps[-1] - stamps[0]) * rate + 1e-6) + 1
    if count > min(_MAX_SAMPLES, 1_000_000 + _MAX_SAMPLES_PER_ROW * len(stamps)):
        worst = int(steps.argmax()) + 1
        raise SeriesError(
            f"{path}: its stamps leap by {steps.max():g} s after row {worst}; cut the file there"
        )
    grid = stamps[0] + np.arange(count) / rate
    bridged = max(_MAX_BRIDGED_S, _MAX_BRIDGED_STEPS * median)
    a, b = (
        np.stack([_on_grid(grid, stamps, channel, bridged) for channel in channels.T], axis=1)
        for channels in (a, b)
    )
    return Series(a, b, rate, float(stamps[0]))


def _read(path: Path, wanted: Collection[str]) -> _Table:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _parse(path, file, wanted)
    except OSError as error:
        reason = error.strerror or error
        raise SeriesError(f"cannot read {path}: {reason}; give a text file") from None
    except UnicodeDecodeError:
        raise SeriesError(
            f"{path} is no text file in UTF-8; export the series as CSV (UTF-8)"
        ) from None
    except csv.Error as error:
        raise SeriesError(f"{path} is no table: {error}; export the series as CSV") from None


def _parse(path: Path, file: TextIO, wanted: Collection[str]) -> _Table:
    header = file.readline(_MAX_LINE_CHARS)
    if separator := _SEPARATOR.fullmatch(header.rstrip("\r\n")):
        delimiter, header = separator[1], file.readline(_MAX_LINE_CHARS)
    else:
        delimiter = next((mark for mark in "\t;," if mark in header), " ")
    lines = _lines(header, file, strip=delimiter == " ")
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    names = [" ".join(name.split()) for name in next(reader, [])]
    columns = [column for column, name in enumerate(names) if name in wanted]
    rows: list[tuple[int, list[str]]] = []
    skipped = 0
    for row in reader:
        if not any(field.strip() for field in row):
            continue
        if not rows and len(row) == len(names) + 1 and _is_row_name(row[0].strip()):
            skipped = 1
        if len(row) - skipped != len(names):
            raise SeriesError(
                f"{path}, line {reader.line_num}: {len(row)} fields under {len(names)} columns; "
                "correct the line or the header"
            )
        rows.append((reader.line_num, [row[column + skipped] for column in columns]))
    if len(rows) < 2:
        raise SeriesError(f"{path} holds no series; it takes a header and at least two rows")
    index = {names[column]: at for at, column in enumerate(columns)}
    return _Table(path, names, index, rows, _decimal(rows, delimiter))


def _is_row_name(field: str) -> bool:
    """Whether it is the name of a first row in R: its number by default, or a text."""
    return field == "1" or not _IS_NUMBER.fullmatch(field)


def _decimal(rows: list[tuple[int, list[str]]], delimiter: str) -> str:
    """Return the decimal mark: a comma if the fields have any, no point and no thousands."""
    if delimiter == ";":
        return ","
    fields = [field for _, row in rows for field in row]
    commas = [field.strip() for field in fields if "," in field]
    is_decimal = commas and not any("." in field and field.strip() != "." for field in fields)
    return "," if is_decimal and not all(map(_THOUSANDS.fullmatch, commas)) else "."


def _lines(header: str, file: TextIO, *, strip: bool) -> Iterator[str]:
    line = header
    while line:
        if len(line) == _MAX_LINE_CHARS:
            raise csv.Error(f"a line of more than {_MAX_LINE_CHARS - 1} letters")
        yield line.strip() if strip else line
        line = file.readline(_MAX_LINE_CHARS)


def _list_names(names: list[str]) -> str:
    """Join names to a line of at most 300 printable characters."""
    text = ", ".join(names[:100])[:1000]
    clean = "".join(letter if letter.isprintable() else "?" for letter in text)
    return textwrap.shorten(clean, 300, placeholder=" …")


def _stamps(table: _Table, time: str) -> Array:
    """Return the time column in seconds."""
    stamps = table.column(time, sys.float_info.max)
    wrong = np.flatnonzero(~(stamps > np.r_[-np.inf, stamps[:-1]]))  # also NaN
    if wrong.size:
        line, row = table.rows[wrong[0]]
        text = row[table.index[time]].strip() or "missing"
        raise SeriesError(
            f"{table.path}, line {line}: the time {reprlib.repr(text)} in column {time!r} is not "
            "after the one before; sort the rows by time, each once"
        )
    seconds = stamps / 1000 if _MILLISECONDS.search(time) else stamps
    if max(abs(seconds[0]), abs(seconds[-1])) > MAX_TIME_S:
        raise SeriesError(
            f"{table.path}: column {time!r} goes from {seconds[0]:g} s to {seconds[-1]:g} s; "
            "give seconds, or end its name in 'ms' if it is in milliseconds"
        )
    return seconds


def _grid_rate(path: Path, time: str, step: float, rate: float | None) -> float:
    if step < 1 / _MAX_RATE:
        raise SeriesError(
            f"{path}: column {time!r} steps by {step:g} s; {_MAX_RATE:.0f} samples a second are "
            "the most, so it is no time in seconds"
        )
    if rate is None:
        return float(round(1 / step)) if step <= 0.5 else 1 / step
    if rate * step > _MAX_UPSAMPLING:
        raise SeriesError(
            f"{path}: column {time!r} steps by {step:g} s, too slow for {rate:g} Hz; "
            "give its own rate, or end its name in 'ms' if it is in milliseconds"
        )
    return float(rate)


def _on_grid(grid: Array, stamps: Array, values: Array, bridged: float) -> Array:
    """Interpolate one channel to the grid, NaN in gaps and beyond its ends."""
    present = ~np.isnan(values)
    if not present.any():
        return np.full(grid.size, np.nan)
    stamps, values = stamps[present], values[present]
    # A grid point this close to a stamp is that stamp, but for rounding.
    close = 1e-6 * (grid[1] - grid[0]) if grid.size > 1 else 0.0
    after = np.searchsorted(stamps, grid - close)
    before = np.searchsorted(stamps, grid + close, side="right") - 1
    outside = (before < 0) | (after == stamps.size)
    left = stamps[np.maximum(before, 0)]
    right = stamps[np.minimum(after, stamps.size - 1)]
    return np.where(outside | (right - left > bridged), np.nan, np.interp(grid, stamps, values))
