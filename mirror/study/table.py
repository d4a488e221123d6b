"""A study's table: a row a dyad, with its sources and whatever else is known of it."""

import csv
import math
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

from mirror._support import text_tables
from mirror._support.optional import import_optional
from mirror._support.text_tables import open_text, parse_number
from mirror.capture.address import both_people
from mirror.clocks.videos import placed
from mirror.errors import MirrorError, MissingLibraryError, StudyError
from mirror.practice.run import RESULT_KEYS
from mirror.recording.database import SUFFIX
from mirror.settings import Settings
from mirror.summary import SCORED
from mirror.timeline import COLUMNS

EXTRA: Final = "study"  # of this package
STUDY_FILE: Final = "study.json"  # of the folder of a study that was run
Cell = str | float
SHARES: Final = (*SCORED, "still", "untracked")
SUMMARY: Final = ("duration_s", "lag_s", "a_led", "b_led", "mimicry_by_a", "mimicry_by_b")
_OF_PERSON: Final = ("person", "feed", "led", "mimicry", "tracked", "energy")
_TAKEN: Final = {"windows", "scored", *COLUMNS, *SUMMARY, *_OF_PERSON, *RESULT_KEYS}
_TEXTS: Final = ("person_a", "person_b", "role_a", "role_b")  # a code is no number
_READERS: Final[dict[str, tuple[str, str, dict[str, Any]]]] = {
    ".parquet": ("pyarrow", "read_parquet", {}),
    ".xlsx": ("openpyxl", "read_excel", {"dtype": str, "keep_default_na": False}),
}
_KINDS: Final = (".csv", ".tsv", *_READERS)
_SETTINGS: Final = {
    name: each.name.replace("_", "-")
    for each in fields(Settings)
    for name in (each.name, each.name.replace("_", "-"))
}
_NO_FILE: Final = re.compile(r"(demo|lsl):|[a-z]{3,5}://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Dyad:
    """A row of the table."""

    id: str
    a: str  # a source, as on the command line, from the table's folder; or a recording
    b: str  # empty if `a` is a recording
    offset: float  # when A's video begins on B's clock, s; NaN if unknown
    settings: Mapping[str, Any]  # by public name, in place of the study's
    about: Mapping[str, Cell]  # the other columns

    def sources(self) -> tuple[str, str]:
        """Return both sources, with the offset applied; raise SourceError if it cannot be."""
        return (self.a, self.b) if math.isnan(self.offset) else placed(self.a, self.b, self.offset)


@dataclass(frozen=True, slots=True)
class Study:
    """The rows of a table that can be used, and of the others, which and why not."""

    path: Path  # of the table
    dyads: tuple[Dyad, ...]
    problems: tuple[tuple[str, str], ...]


def is_study(path: Path) -> bool:
    """Whether a path is a study's folder, its ``study.json``, or may be its table."""
    is_folder = path.name == STUDY_FILE or os.path.exists(path / STUDY_FILE)  # noqa: PTH110
    return is_folder or path.suffix.lower() in _KINDS  # a path that is too long is neither


def read_table(path: Path) -> Study:
    """Read a study's table; raise StudyError if it cannot be read, or lacks a needed column.

    Give an absolute path if sources are opened by processes that work in other folders.
    """
    try:
        pandas: Any = import_optional("pandas", EXTRA, "a study")
    except MissingLibraryError as error:
        raise StudyError(str(error)) from error  # so that the window says what to install
    kind = path.suffix.lower()
    if kind not in _KINDS:
        raise StudyError(f"{path} is no table: give a .csv, .tsv, .parquet or .xlsx file")
    decimal = "."
    try:
        if kind in _READERS:
            engine, name, options = _READERS[kind]
            import_optional(engine, kind[1:], f"a table in {kind}")
            frame = getattr(pandas, name)(path, **options)
            columns = [(str(each).strip(), frame[each].tolist()) for each in frame.columns]
        else:
            with open_text(path) as file:
                text = text_tables.read_table(file)
                rows = [row for _, row in text.rows]
            decimal = text.decimal(chain.from_iterable(rows))
            columns = [(each, [row[at] for row in rows]) for at, each in enumerate(text.names)]
    except OSError as error:
        raise StudyError(f"{path} cannot be read: {error.strerror or error}") from error
    except (ValueError, BadZipFile, csv.Error) as error:
        reason = (str(error).splitlines() or ["it is damaged"])[0]
        raise StudyError(f"{path} is no {kind} table that can be read: {reason}") from error
    table = {each: cells for each, cells in columns if each}  # without R's names of rows
    if len(table) < sum(bool(each) for each, _ in columns):
        raise StudyError(f"{path} has two columns of one name; rename one")
    return _study(path, table, partial(_parse, decimal=decimal))


def _study(path: Path, table: dict[str, list[Any]], parse: Callable[[str], Cell]) -> Study:
    missing = [name for name in ("id", "a") if name not in table]
    if missing:
        raise StudyError(
            f"{path} has no column {missing[0]!r}, but {', '.join(map(repr, table)) or 'none'}; "
            "a study has a row a dyad with the columns id, a and b"
        )
    if taken := sorted((_TAKEN | {f"share_{each}" for each in SHARES}) & {*table}):
        raise StudyError(
            f"{path}: column {taken[0]!r} has the name of one that mirror writes; rename it"
        )
    columns = {name: [_text(each) for each in values] for name, values in table.items()}
    ids, a, b = columns.pop("id"), columns.pop("a"), columns.pop("b", [""] * len(table["a"]))
    of_settings = {name: columns.pop(name) for name in list(columns) if name in _SETTINGS}
    offset = columns.pop("offset", [""] * len(ids))
    parsed = {name: list(map(parse, values)) for name, values in columns.items()}
    about = {
        name: values if any(isinstance(each, str) for each in parsed[name]) else parsed[name]
        for name, values in columns.items()
    } | {name: columns[name] for name in _TEXTS if name in columns}
    dyads: dict[str, Dyad] = {}
    problems: list[tuple[str, str]] = []
    for row, dyad_id in enumerate(ids):
        try:
            if not dyad_id:
                raise StudyError("it has no id; every dyad needs one")
            if dyad_id in dyads:
                raise StudyError(f"its id is that of row {ids.index(dyad_id) + 1}; ids are unique")
            given = _settings({name: values[row] for name, values in of_settings.items()})
            if isinstance(begin := parse(offset[row]), str):
                raise StudyError(f"offset must be seconds, not {begin!r}")
            places = _sources(path.parent, a[row], b[row])
            own = {name: values[row] for name, values in about.items()}
            dyads[dyad_id] = Dyad(dyad_id, *places, begin, given, own)
        except MirrorError as error:
            problems.append((f"row {row + 1}" + (f" ({dyad_id})" if dyad_id else ""), str(error)))
    if not dyads and not problems:
        raise StudyError(f"{path} has no rows; write one for each dyad")
    return Study(path, tuple(dyads.values()), tuple(problems))


def _settings(texts: dict[str, str]) -> dict[str, Any]:
    parts = {name: tuple(map(_parse, text.split(","))) for name, text in texts.items() if text}
    given = {_SETTINGS[name]: each if each[1:] else each[0] for name, each in parts.items()}
    Settings.from_dict(given)  # raises if they cannot be used
    return given


def _sources(folder: Path, a: str, b: str) -> tuple[str, str]:
    if not a:
        raise StudyError("it has no source a; give a source, or a recording")
    if not b and (both := both_people(_located(folder, a))):
        return both
    if not b and not a.endswith(SUFFIX):
        raise StudyError(f"it has no source b, and a is no recording (named *{SUFFIX})")
    if b and SUFFIX in (Path(a).suffix, Path(b).suffix):
        raise StudyError("a recording holds both people: name it in a, and leave b empty")
    return _located(folder, a), _located(folder, b) if b else ""


def _located(folder: Path, text: str) -> str:
    """Return the text of a source, with a file's path from the table's folder."""
    if _NO_FILE.match(text):
        return text
    prefix, path = ("series:", text[7:]) if text.startswith("series:") else ("", text)
    return f"{prefix}{folder / path}"


def _text(cell: Any) -> str:
    if cell is None or cell != cell:  # noqa: PLR0124 (NaN, of any library)
        return ""
    return f"{cell:.15g}" if isinstance(cell, float) else str(cell).strip()


def _parse(text: str, decimal: str = ".") -> Cell:
    """Return a number, NaN if it is missing, or the text."""
    try:
        return parse_number(text, decimal)
    except ValueError:
        return text
