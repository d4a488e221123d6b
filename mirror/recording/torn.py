"""Read the rows of a torn SQLite file from its pages.

SQLite reads a table from its root, whose children are missing if they were written after the tear.
Its leaves hold whole rows (https://www.sqlite.org/fileformat2.html#b_tree_pages).
"""

import sqlite3
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from mirror.errors import RecordingError

_Value = int | float | str | bytes | None

_LEAF: Final = 13  # of a table
_INTEGER_BYTES: Final = (0, 1, 2, 3, 4, 6, 8, 0, 0, 0)  # by serial type; 8 and 9 are 0 and 1


def copy_whole_rows(
    source: sqlite3.Connection, target: sqlite3.Connection, path: Path
) -> dict[str, float]:
    """Copy the tables of a torn recording; return the last ``time_s`` of each, 0 if it has none.

    `source` is the file at `path`, but at its full length, with empty pages where it is torn;
    `target` is an empty database.
    """
    tables: dict[int, tuple[str, list[str]]] = {}
    find = "SELECT name, sql FROM sqlite_master WHERE type = 'table'"
    for table, sql in source.execute(find).fetchall():
        target.execute(sql)
        if table == "session":  # it has no row ids, and is at the beginning
            with suppress(sqlite3.DatabaseError):
                for row in source.execute("SELECT * FROM session"):
                    target.execute("INSERT INTO session VALUES (?, ?)", row)
        elif table.isidentifier():
            columns = [name for _, name, *_ in source.execute(f"PRAGMA table_info({table})")]
            if not all(name.isidentifier() for name in columns):
                raise RecordingError(f"{path} has columns that mirror never makes")
            tables[len(columns)] = (table, columns)
    ends = dict.fromkeys(("pose", "score"), 0.0)
    (page_bytes,) = source.execute("PRAGMA page_size").fetchone()
    for rowid, values in _rows(path, page_bytes):
        if len(values) in tables:
            table, columns = tables[len(values)]
            row = dict(zip(columns, values, strict=True)) | {"rowid": rowid}
            row.pop("id", None)  # another name of the row id
            names, marks = ", ".join(row), ", ".join("?" * len(row))
            add = f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})"  # noqa: S608  checked
            with suppress(sqlite3.DatabaseError):
                target.execute(add, tuple(row.values()))
                if table in ends and isinstance(time_s := row["time_s"], (int, float)):
                    ends[table] = max(ends[table], float(time_s))
    return ends


def _rows(path: Path, page_bytes: int) -> Iterator[tuple[int, list[_Value]]]:
    """Yield the row ids and values in all leaves that are whole."""
    with path.open("rb") as file:
        while len(page := file.read(page_bytes)) == page_bytes:
            if page[0] == _LEAF:
                # What is no leaf but begins like one, or a row that goes on in other pages
                with suppress(IndexError, struct.error, UnicodeDecodeError, ValueError):
                    yield from _cells(page)


def _cells(page: bytes) -> Iterator[tuple[int, list[_Value]]]:
    (count,) = struct.unpack_from(">H", page, 3)
    for at in struct.unpack_from(f">{count}H", page, 8):
        size, place = _varint(page, at)
        rowid, place = _varint(page, place)
        header, kinds_at = _varint(page, place)
        data, end = place + header, place + size
        values: list[_Value] = []
        while kinds_at < place + header:
            kind, kinds_at = _varint(page, kinds_at)
            length = (kind - 12) // 2 if kind >= 12 else 8 if kind == 7 else _INTEGER_BYTES[kind]
            if data + length > len(page):
                raise ValueError("the row goes on in another page")
            values.append(_value(kind, page[data : data + length]))
            data += length
        if data == end:
            yield rowid, values


def _value(kind: int, data: bytes) -> _Value:
    if kind >= 12:
        return data.decode() if kind % 2 else data
    if kind == 7:
        return float(struct.unpack(">d", data)[0])
    if kind in (8, 9):
        return kind - 8
    return int.from_bytes(data, signed=True) if kind else None


def _varint(page: bytes, at: int) -> tuple[int, int]:
    """Return a number of variable length and where it ends."""
    value = 0
    for place in range(at, at + 8):
        value = value << 7 | page[place] & 0x7F
        if page[place] < 0x80:
            return value, place + 1
    return value << 8 | page[at + 8], at + 9
