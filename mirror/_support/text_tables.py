"""Read text tables with a header, as Excel, R and other programs write them.

Columns are separated by tabs, semicolons, commas, bars or blanks, as in the header, or as Excel's
line ``sep=;`` before it says. A decimal comma is accepted where no number has a point. R's row
names, a column without a header, are skipped, as are separators at the end of lines.
"""

import codecs
import csv
import math
import re
from collections.abc import Iterable, Iterator
from io import TextIOWrapper
from itertools import chain
from pathlib import Path
from typing import NamedTuple, TextIO

_MISSING = frozenset(
    ("", ".", "na", "n/a", "nan", "-nan", "null", "none", "<na>", "#n/a", "#num!", "#div/0!")
)
_MAX_LINE_CHARS = 4 * 2**20  # about a hundred thousand columns
_SEPARATOR = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)  # Excel's line before a header
_IS_NUMBER = re.compile(r"[+-]?[0-9.,]+(e[+-]?[0-9]+)?", re.IGNORECASE)
_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+")


class TextTable(NamedTuple):
    """The header of a table, and its rows, as long as that, with the numbers of their lines."""

    names: list[str]
    rows: Iterator[tuple[int, list[str]]]
    delimiter: str

    def decimal(self, fields: Iterable[str]) -> str:
        """Return the decimal mark of fields: a comma if any have one, no point, no thousands."""
        if self.delimiter == ";":
            return ","
        numbers = [field for each in fields if _IS_NUMBER.fullmatch(field := each.strip())]
        commas = [field for field in numbers if "," in field]
        is_decimal = commas and not any("." in field and field != "." for field in numbers)
        return "," if is_decimal and not all(map(_THOUSANDS.fullmatch, commas)) else "."


def open_text(path: Path) -> TextIO:
    """Open a text in UTF-8, or in UTF-16 if it begins with the mark of that; ends of lines stay."""
    file = path.open("rb")
    is_utf16 = file.peek(2)[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    return TextIOWrapper(file, "utf-16" if is_utf16 else "utf-8-sig", newline="")


def read_table(file: TextIO, *, is_sampled: bool = False) -> TextTable:
    """Read a header, and rows while they are taken; without values only inside what `is_sampled`.

    Raise csv.Error, which names the line, and UnicodeDecodeError if it is no such table.
    """
    lines = _lines(file)
    header = next((line for line in lines if not line.isspace()), "")
    if separator := _SEPARATOR.fullmatch(header.rstrip("\r\n")):
        delimiter, header = separator[1], next(lines, "")
    else:
        delimiter = next((mark for mark in "\t;,|" if mark in header), " ")
    lines = (line.strip() if delimiter == " " else line for line in chain([header], lines))
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    names = [" ".join(name.split()) for name in next(reader, [])]

    def rows() -> Iterator[tuple[int, list[str]]]:
        width, skipped, missing = len(names), None, list[tuple[int, list[str]]]()
        for row in reader:
            if not any(field.strip() for field in row):
                missing += [(reader.line_num, [""] * width)] if is_sampled and row else []
                continue
            yield from missing
            missing.clear()
            if skipped is None:
                # In R, the name of a first row is its number by default, or a text.
                is_name = row[0].strip() == "1" or not _IS_NUMBER.fullmatch(row[0].strip())
                skipped = 1 if is_name and len(row) == width + 1 and row[-1].strip() else 0
            fields = row[skipped:]
            if len(fields) < width or any(field.strip() for field in fields[width:]):
                raise csv.Error(f"line {reader.line_num}: {len(row)} fields under {width} columns")
            yield reader.line_num, fields[:width]

    return TextTable(names, rows(), delimiter)


def is_missing(cell: str) -> bool:
    """Whether a cell of a table holds no value: nothing, ``.``, ``NA``, ``NaN``, null or none."""
    return cell.strip().lower() in _MISSING


def parse_number(cell: str, decimal: str = ".") -> float:
    """Return the number in a cell, NaN if it is missing; raise ValueError if it is none."""
    if is_missing(cell):
        return math.nan
    try:
        return float(cell.replace("_", "?").replace(decimal, "."))  # Python reads 0_5 as 5
    except ValueError:
        raise ValueError(f"{cell!r} is no number") from None


def _lines(file: TextIO) -> Iterator[str]:
    while line := file.readline(_MAX_LINE_CHARS):
        if len(line) == _MAX_LINE_CHARS:
            raise csv.Error(f"a line of more than {_MAX_LINE_CHARS - 1} letters")
        yield line
