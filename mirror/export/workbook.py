"""XLSX: sheets of the timeline, the events, and their metadata.

Numbers have the 16 digits that XlsxWriter writes; an undefined value is an empty cell.
"""

import json
import math
import traceback
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from mirror._support.optional import import_optional
from mirror.columns import EVENTS, TIMELINE
from mirror.errors import ExportError
from mirror.export.base import Format, Selection
from mirror.export.delimited import FORMULA_STARTS

_MAX_ROWS: Final = 1_048_576
_MAX_CELL_CHARS: Final = 32_767


def _write(selection: Selection, path: Path) -> None:
    if len(selection.timeline) >= _MAX_ROWS:
        raise ExportError(
            f"{selection.recording.path} has {len(selection.timeline)} rows, more than a sheet's "
            f"{_MAX_ROWS}; export a part of it, or as CSV"
        )
    xlsxwriter = import_optional("xlsxwriter", "xlsx", "an export to Excel")
    # Rows are buffered in a file next to the export, as the system's own folder may be small.
    options = {"constant_memory": True, "tmpdir": str(path.parent)}
    whole = BytesIO()
    try:
        with xlsxwriter.Workbook(whole, options) as book:
            _Sheets(book).fill(selection)
    except xlsxwriter.exceptions.FileCreateError as error:
        # The library leaves its archive open, which writes its end when it is deleted.
        traceback.clear_frames(error.args[0].__traceback__)
        raise error.args[0] from error
    path.write_bytes(whole.getbuffer())


class _Sheets:
    """Three sheets of one workbook."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._bold = book.add_format({"bold": True})
        self._wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        # Like an apostrophe typed before a text: it stays text when it is edited.
        self._quoted = book.add_format({"text_wrap": True, "valign": "top", "quote_prefix": True})

    def fill(self, selection: Selection) -> None:
        sheet = self._table("timeline", tuple(TIMELINE), 0)
        for number, row in enumerate(selection.rows(), 1):
            for column, name in enumerate(TIMELINE):
                value = getattr(row, name)
                if isinstance(value, str):
                    sheet.write_string(number, column, value)
                elif not math.isnan(value):
                    sheet.write_number(number, column, value)
        sheet = self._table("events", tuple(EVENTS), 60)
        for number, event in enumerate(selection.events(), 1):
            sheet.write_number(number, 0, event.time_s)
            self._text(sheet, number, 1, event.kind)
            self._text(sheet, number, 2, event.text)
        sheet = self._table("about", ("of", "name", "value", "units"), 60)
        for number, texts in enumerate(_metadata(selection), 1):
            for column, text in enumerate(texts):
                self._text(sheet, number, column, text)

    def _table(self, name: str, columns: tuple[str, ...], width: int) -> Any:
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for column, title in enumerate(columns):
            sheet.set_column(column, column, max(len(title) + 2, 12, width * (column == 2)))
            sheet.write_string(0, column, title, self._bold)
        return sheet

    def _text(self, sheet: Any, row: int, column: int, text: str) -> None:
        if len(text) > _MAX_CELL_CHARS:
            raise ExportError(
                f"a text of {len(text)} characters is more than a cell holds ({_MAX_CELL_CHARS}); "
                "export to csv"
            )
        text = text.replace("\r\n", "\n").replace("\r", "\n")  # as in a sheet
        style = self._quoted if text.startswith(FORMULA_STARTS) else self._wrapped
        sheet.write_string(row, column, text, style)


def _metadata(selection: Selection) -> Iterator[tuple[str, str, str, str]]:
    """Yield the rows of the sheet "about": of what, name, value, units."""
    metadata = selection.metadata(undefined="An undefined value is an empty cell, and no zero")
    for name, value in metadata.items():
        for key, each in value.items() if isinstance(value, dict) else [("", value)]:
            text = each if isinstance(each, str) else json.dumps(each, ensure_ascii=False)
            yield (name, str(key), text, "")
    for table, columns in (("timeline", TIMELINE), ("events", EVENTS)):
        for name, column in columns.items():
            levels = "".join(f"; {level}: {words}" for level, words in column.levels)
            range_ = f" ({column.range})" if column.range else ""
            yield (table, name, f"{column.definition}{range_}{levels}", column.units)


_ABOUT: Final = "Workbook for Excel and LibreOffice: timeline, events, about"
XLSX: Final = Format("xlsx", ".xlsx", _ABOUT, _write, extra="xlsx")
