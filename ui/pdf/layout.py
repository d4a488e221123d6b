"""Lay out a report document as a Qt text document with figures as text objects."""

from __future__ import annotations

from typing import Final

from PyQt6.QtCore import QObject, QRectF, QSizeF, Qt
from PyQt6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QPainter,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextLength,
    QTextListFormat,
    QTextObjectInterface,
    QTextTableCellFormat,
    QTextTableFormat,
)
from PyQt6.QtSvg import QSvgRenderer

from mirror.colours import LIGHT
from mirror.report.document import Document, Facts, Figure, Figures, Listing, Paragraph, Part, Table

_FIGURE_TYPE: Final = QTextFormat.ObjectTypes.UserObject.value + 1
_FIGURE_INDEX: Final = QTextFormat.Property.UserProperty.value + 1

_TEXT_PT: Final = 9.5
_SMALL_PT: Final = 8.0
_TINY_PT: Final = 7.0
_MAX_COLUMNS: Final = 6  # a table with more has smaller text
_MAX_FIGURE_HEIGHT: Final = 0.8  # of the page, which also has the heading and the caption
_GAP: Final = 0.03  # between two figures, as a share of the width


class Layout(QObject, QTextObjectInterface):
    """Writes a document into an empty text document.

    It draws the figures as text objects, which page breaks never cut, and must be kept until then.
    `body` is the page within its margins, in dots; `scale` that of texts, and of figures that leave
    room for it.
    """

    def __init__(
        self, document: Document, text: QTextDocument, body: QSizeF, dpi: float, scale: float
    ) -> None:
        super().__init__(text)
        layout = text.documentLayout()
        assert layout is not None
        layout.registerHandler(_FIGURE_TYPE, self)
        self.groups: list[list[int]] = []
        """Positions of blocks to keep on one page."""
        self._drawings: list[tuple[QSvgRenderer, QSizeF, float]] = []
        self._cursor, self._body, self._dpi, self._scale = QTextCursor(text), body, dpi, scale
        self._after_heading = False
        self._block(document.title, 18.0, bold=True, is_first=True)
        self._block(document.subtitle, _TEXT_PT, above=1.0, colour="dim")
        for section in document.sections:
            if section.title:
                self._block(section.title, 13.0, above=14.0, bold=True)
                self.groups.append([self._cursor.position()])
                self._after_heading = True
            for part in section.parts:
                self._part(part)

    def intrinsicSize(
        self, _document: QTextDocument | None, _position: int, form: QTextFormat
    ) -> QSizeF:
        _, size, gap = self._drawings[form.intProperty(_FIGURE_INDEX)]
        return size + QSizeF(gap, 0.0)

    def drawObject(
        self,
        painter: QPainter | None,
        rect: QRectF,
        _document: QTextDocument | None,
        _position: int,
        form: QTextFormat,
    ) -> None:
        assert painter is not None
        drawing, size, _ = self._drawings[form.intProperty(_FIGURE_INDEX)]
        drawing.render(painter, QRectF(rect.topLeft(), size))

    def _part(self, part: Part) -> None:
        match part:
            case Paragraph(text, kind):
                colour = "dim" if kind else "ink"
                self._block(text, _SMALL_PT if kind else _TEXT_PT, colour=colour)
                self.groups.append([self._cursor.block().position()])
            case Listing(items):
                form = QTextListFormat()
                form.setStyle(QTextListFormat.Style.ListDisc)
                for item in items:
                    self._block(item, _TEXT_PT, above=1.0)
                    self._cursor.createList(form)
            case Facts(items):
                for name, value in items:
                    self._block(f"{name}:  ", _SMALL_PT, above=1.0, bold=True)
                    self._cursor.insertText(value, self._char_format(_SMALL_PT))
            case Figure():
                self._figures((part,), max_width=1.0)
            case Figures(figures):
                for at in range(0, len(figures), 2):
                    self._figures(figures[at : at + 2], max_width=0.499 - _GAP / 2)
            case Table():
                self._table(part)

    def _block(
        self,
        text: str,
        size: float,
        *,
        above: float = 5.0,
        bold: bool = False,
        colour: str = "ink",
        is_first: bool = False,
    ) -> None:
        form = QTextBlockFormat()
        form.setTopMargin(_px(above * self._scale))
        char_format = self._char_format(size, bold=bold, colour=colour)
        if is_first:
            self._cursor.setBlockFormat(form)
        else:
            self._cursor.insertBlock(form, char_format)
        self._cursor.insertText(text, char_format)
        self._join(self._cursor.position())

    def _join(self, position: int) -> None:
        """Keep the first block after a heading on its page."""
        if self._after_heading:
            self.groups[-1].append(position)
            self._after_heading = False

    def _figures(self, figures: tuple[Figure, ...], max_width: float) -> None:
        """Write one figure, or two side by side, with captions below.

        Each takes at most `max_width`, a share of the page's width.
        """
        form = QTextBlockFormat()
        form.setTopMargin(_px(8.0))
        self._cursor.insertBlock(form)
        self._join(self._cursor.position())
        if not self.groups or self.groups[-1][-1] != self._cursor.position():
            self.groups.append([self._cursor.position()])
        wide, high = max_width * self._body.width(), _MAX_FIGURE_HEIGHT * self._body.height()
        for left, figure in zip(range(len(figures) - 1, -1, -1), figures, strict=True):
            drawing = QSvgRenderer(figure.svg.encode())
            size = QSizeF(drawing.viewBoxF().size()) * (self._dpi * self._scale / 72.0)
            size *= min(1.0, wide / size.width(), high / size.height())
            char = QTextCharFormat()
            char.setObjectType(_FIGURE_TYPE)
            char.setProperty(_FIGURE_INDEX, len(self._drawings))
            self._drawings.append((drawing, size, _GAP * self._body.width() if left else 0.0))
            self._cursor.insertText("\ufffc", char)
        sides = ("",) if len(figures) == 1 else ("Left: ", "Right: ")
        for side, figure in zip(sides, figures, strict=True):
            self._block(f"{side}{figure.title}. ", _SMALL_PT, above=2.0, bold=True)
            self._cursor.insertText(figure.meaning, self._char_format(_SMALL_PT))
        self.groups[-1].append(self._cursor.position())

    def _table(self, table: Table) -> None:
        size = _TINY_PT if len(table.head) > _MAX_COLUMNS else _SMALL_PT
        if table.caption:
            self._block(table.caption, _SMALL_PT, colour="dim")
            self.groups.append([self._cursor.position()])
            self._after_heading = True
        form = QTextTableFormat()
        form.setHeaderRowCount(1)
        form.setBorderCollapse(True)
        form.setBorder(0.0)
        form.setCellSpacing(0.0)
        form.setTopMargin(_px(4.0))
        form.setBottomMargin(_px(4.0))
        if len(table.head) > _MAX_COLUMNS:
            form.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100.0))
        qt_table = self._cursor.insertTable(1 + len(table.rows), len(table.head), form)
        assert qt_table is not None
        for row, cells in enumerate((table.head, *table.rows)):
            for column, text in enumerate(cells):
                cell = qt_table.cellAt(row, column)
                cell.setFormat(self._cell(is_head=row == 0))
                cursor = cell.firstCursorPosition()
                if row == min(1, len(table.rows)) and column == 0:
                    self._join(cursor.position())
                side = QTextBlockFormat()
                if column >= table.words:
                    side.setAlignment(Qt.AlignmentFlag.AlignRight)
                cursor.setBlockFormat(side)
                cursor.insertText(text, self._char_format(size, bold=row == 0 or column == 0))
        self._cursor.movePosition(QTextCursor.MoveOperation.End)

    def _cell(self, *, is_head: bool) -> QTextTableCellFormat:
        form = QTextTableCellFormat()
        form.setBottomBorder(_px(0.8 if is_head else 0.4))
        form.setBottomBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
        form.setBottomBorderBrush(QBrush(QColor(LIGHT["ink" if is_head else "line"])))
        form.setTopPadding(_px(1.5))
        form.setBottomPadding(_px(1.5))
        form.setRightPadding(_px(7.0))
        return form

    def _char_format(
        self, size: float, *, bold: bool = False, colour: str = "ink"
    ) -> QTextCharFormat:
        form = QTextCharFormat()
        form.setFontPointSize(size * self._scale)
        form.setFontWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
        form.setForeground(QColor(LIGHT[colour]))
        return form


def _px(points: float) -> float:
    """Convert points to Qt's pixels: 96 per inch on any device."""
    return points * 96.0 / 72.0
