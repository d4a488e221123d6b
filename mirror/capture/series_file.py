"""Read plain series from a text file with a header, or a stream of XDF: motion energy and others.

The tables are those of `mirror._support.text_tables`. An empty field, ``.``, ``NA`` and ``NaN`` are
missing values.
"""

import csv
import logging
import math
import re
import reprlib
import struct
import sys
import textwrap
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import numpy as np
from numpy.typing import NDArray

from mirror._support.optional import import_optional
from mirror._support.text_tables import open_text, parse_number, read_table
from mirror.capture.address import Address, escape_name
from mirror.capture.base import PoseSource
from mirror.capture.lsl_channels import select_channels
from mirror.errors import SeriesError, SettingsError
from mirror.landmarks import MAX_TIME_S, MAX_VALUE, SQUARE, Pose

Array = NDArray[np.float64]

_MAX_RATE = 100_000.0  # faster stamps are an error
_SLOWEST_S = 0.25  # between two stamps; longer gaps are not interpolated
_SKIPPED_STEPS = 1.5  # steps of this many median ones have skipped a sample

# Names of time columns in milliseconds: ``Time (ms)``, ``time_ms``, ``ms``.
_MILLISECONDS = re.compile(r"(^|[^a-z])ms\W*$", re.IGNORECASE)
_MISSING = "correct it, or leave it empty where nothing was measured"
_SECONDS = "give seconds, such as 62.5, or milliseconds in a column whose name ends in 'ms'"


class SeriesFileSource(PoseSource):
    """One person's plain series, from columns of a text file, or channels of a stream in XDF.

    The address is ``series:`` and the path; the columns, and their rate in Hz or their column of
    stamps. Raise SeriesError if the file cannot be read, a column is missing, a field is no number,
    or stamps do not rise; SourceError if a channel is missing.
    """

    def __init__(self, address: Address) -> None:
        self.text, self.live, self.series = address.text, False, address.series
        path = Path(address.base.removeprefix("series:"))
        if path.suffix.lower() == ".xdf":
            self.series, times, values, self.rate = _read_stream(path, address)
        else:
            rate, time = address.rate, address.column
            times, values, self.rate = read_series(path, address.series or (), rate=rate, time=time)
        self.duration = float(times[-1])
        self._samples = zip(times, values, strict=True)

    def read(self) -> Pose | None:
        for time, values in self._samples:
            whole = not np.isnan(values).any()
            return Pose(time, None, None, *SQUARE, values if whole else None)
        return None

    def close(self) -> None:
        self._samples = zip((), (), strict=True)


def series_sources(
    path: Path, columns: str, rate: float | None, time: str | None
) -> tuple[str, str, tuple[str, str]]:
    """Return the sources of A and B in one file, and the columns of each as a label.

    `columns` are those of A, then as many of B: ``pat,th``. One that holds a comma is quoted.
    """
    (fields,) = csv.reader([" ".join(columns.split())], skipinitialspace=True) or [[]]
    names = [name.strip() for name in fields if name.strip()]
    if len(names) < 2 or len(names) % 2:
        raise SettingsError(
            f"--columns needs those of A, then as many of B, such as pat,th, not {columns!r}"
        )
    if rate is None and time is None:
        raise SettingsError("--series needs its sampling rate, --rate, or --time with its stamps")
    sampled = f"rate={rate!r}" if time is None else f"time={escape_name(time)}"
    people = names[: len(names) // 2], names[len(names) // 2 :]
    a, b = (
        f"series:{escape_name(str(path))}#columns={','.join(map(escape_name, own))}&{sampled}"
        for own in people
    )
    return a, b, (", ".join(people[0]), ", ".join(people[1]))


@dataclass(frozen=True)
class _Table:
    """The header of a file, and the requested fields of its rows, with line numbers."""

    path: Path
    names: list[str]
    index: dict[str, int]
    rows: list[tuple[int, list[str]]]
    decimal: str

    def column(self, name: str, most: float = MAX_VALUE, fix: str = _MISSING) -> Array:
        """Return a column as numbers of at most `most`, NaN where missing, [row]."""
        count = self.names.count(name)
        if count != 1:
            problem = f"has {count} columns {name!r}; rename them" if count else f"has no {name!r}"
            raise SeriesError(f"{self.path} {problem}; its columns are: {_list_names(self.names)}")
        index = self.index[name]
        fields = ((line, row[index].strip()) for line, row in self.rows)
        return np.array([self._number(line, name, field, most, fix) for line, field in fields])

    def _number(self, line: int, name: str, text: str, most: float, fix: str) -> float:
        try:
            number = parse_number(text, self.decimal)
        except ValueError:
            number = math.inf
        if abs(number) > most:
            raise SeriesError(
                f"{self.path}, line {line}: {reprlib.repr(text)} in column {name!r} is no number; "
                f"{fix}"
            )
        return number


def read_series(
    path: Path, columns: Sequence[str], *, rate: float | None = None, time: str | None = None
) -> tuple[Array, Array, float]:
    """Return times in s [sample], columns [sample, column], NaN where missing, and the rate, Hz.

    Give either `rate`, or `time`, the column of stamps, rising, in seconds, or in milliseconds if
    its name ends in "ms". The rate is then that of the mean step, without skipped samples, rounded
    to whole Hz. Raise as `SeriesFileSource`.
    """
    wanted = {*columns} | ({time} if time is not None else set())
    table = _read(Path(path), wanted, is_sampled=time is None)
    values = np.stack([table.column(name) for name in columns], axis=1)
    if time is None:
        assert rate is not None
        return np.arange(len(values)) / rate, values, rate
    stamps = _stamps(table, time)
    steps = np.diff(stamps)
    median = float(np.median(steps))
    if not 1 / _MAX_RATE <= median <= _SLOWEST_S + 1e-6:
        raise SeriesError(
            f"{path}: column {time!r} steps by {median:g} s, which is no time in seconds, or too "
            f"slow for stamps; {_SECONDS}, or the rate of a regular series"
        )
    # The mean, as stamps may be rounded: 16.67 ms to 17.
    return stamps, values, round(1 / float(steps[steps < _SKIPPED_STEPS * median].mean()))


def read_streams(path: Path) -> tuple[list[dict[str, Any]], float]:
    """Return an XDF file's streams that have samples, as pyxdf has them, and its first stamp, s.

    Stamps are on one clock. Raise ValueError if it is no whole XDF file, OSError if there is none.
    """
    pyxdf = import_optional("pyxdf", "xdf", str(path))
    logging.getLogger("pyxdf.pyxdf").disabled = True  # it logs tracebacks of what it skips
    with path.open("rb") as file:
        try:
            streams, _ = pyxdf.load_xdf(file, verbose=False)
        except (
            *(OSError, ValueError, LookupError, TypeError, AttributeError, MemoryError),
            *(ArithmeticError, RuntimeError, ParseError, struct.error),
        ):
            raise ValueError(f"{path} is no whole XDF file; record it again") from None
    streams = [each for each in streams if len(each["time_stamps"])]
    return streams, min((each["time_stamps"][0] for each in streams), default=0.0)


def about(stream: dict[str, Any], key: str) -> str:
    """Return what a stream of XDF says of itself: its name, its type; empty if nothing."""
    return str((_inside(stream["info"], key) or [""])[0] or "")


def _inside(element: Any, key: str) -> list[Any]:
    """Return the elements of that name in one, which is a text or None if it has no elements."""
    return (element.get(key) if isinstance(element, dict) else None) or []


def _read_stream(path: Path, address: Address) -> tuple[tuple[str, ...], Array, Array, float]:
    """Return names, times from the file's first sample, s, values and rate of a stream of XDF."""
    try:
        streams, start = read_streams(path)
    except (OSError, ValueError) as error:
        raise SeriesError(f"cannot read {path}: {error}") from None
    streams = [each for each in streams if about(each, "channel_format") != "string"]
    names = [about(each, "name") for each in streams]
    if (count := names.count(str(address.who))) != 1:
        known = f"streams of numbers called {address.who!r}; it has: {_list_names(names) or 'none'}"
        raise SeriesError(f"{path} has {count} {known}")
    stream = streams[names.index(str(address.who))]
    values = np.asarray(stream["time_series"], float)
    labels = [
        str((_inside(channel, "label") or [""])[0] or "")
        for about_all in _inside(stream["info"], "desc")[:1]
        for channels in _inside(about_all, "channels")[:1]
        for channel in _inside(channels, "channel")[: values.shape[1]]
    ]
    labels += [""] * (values.shape[1] - len(labels))
    channels, places = select_channels(address.text, labels, address.series or ())
    stamps = np.asarray(stream["time_stamps"], float) - start
    if len(stamps) < 2 or not (np.diff(stamps, prepend=-MAX_TIME_S, append=MAX_TIME_S) > 0).all():
        raise SeriesError(f"{path}: the stamps of {address.who!r} do not rise; record it again")
    values = np.where(np.abs(values) <= MAX_VALUE, values, np.nan)[:, places]
    return channels, stamps, values, 1.0 / float(np.median(np.diff(stamps)))


def _read(path: Path, wanted: Collection[str], *, is_sampled: bool) -> _Table:
    try:
        with open_text(path) as file:
            table = read_table(file, is_sampled=is_sampled)
            at = {name: column for column, name in enumerate(table.names) if name in wanted}
            rows = [(line, [row[column] for column in at.values()]) for line, row in table.rows]
    except OSError as error:
        reason = error.strerror or error
        raise SeriesError(f"cannot read {path}: {reason}; give a text file") from None
    except UnicodeError:
        raise SeriesError(
            f"{path} is no text file in UTF-8; export the series as CSV (UTF-8)"
        ) from None
    except csv.Error as error:
        raise SeriesError(f"{path} is no table: {error}; correct it, or export it as CSV") from None
    if len(rows) < 2:
        raise SeriesError(f"{path} holds no series; it takes a header and at least two rows")
    decimal = table.decimal(field for _, row in rows for field in row)
    return _Table(
        path, table.names, {name: number for number, name in enumerate(at)}, rows, decimal
    )


def _list_names(names: list[str]) -> str:
    """Join names to a line of at most 300 printable characters."""
    text = ", ".join(names[:100])[:1000]
    clean = "".join(letter if letter.isprintable() else "?" for letter in text)
    return textwrap.shorten(clean, 300, placeholder=" …")


def _stamps(table: _Table, time: str) -> Array:
    """Return the time column in seconds."""
    stamps = table.column(time, sys.float_info.max, _SECONDS)
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
            f"{_SECONDS}"
        )
    return seconds
