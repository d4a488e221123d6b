"""A page as a text document of Qt, with its figures as large letters in it."""

from __future__ import annotations

from dataclasses import dataclass, field
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

_FIGURE: Final = QTextFormat.ObjectTypes.UserObject.value + 1
_WHICH: Final = QTextFormat.Property.UserProperty.value + 1

_TEXT: Final = 9.5  # points
_SMALL: Final = 8.0
_TINY: Final = 7.0
_MANY: Final = 6  # columns, beyond which a table is set small
_HIGHEST: Final = 0.8
"""Of a figure, as a share of the page: its heading and its caption are on that page, too."""
_GAP: Final = 0.03  # between two figures side by side, as a share of the width


@dataclass
class Written:
    """What a text document needs besides itself to be laid out and drawn.

    Attributes
    ----------
    figures : Drawings
        Draws the figures in it.
    groups : list of lists of int
        Positions of blocks that belong on one page.
    """

    figures: Drawings
    groups: list[list[int]] = field(default_factory=list)


class Drawings(QObject, QTextObjectInterface):
    """Figures in a text: each is one letter, as large as the figure, and never cut."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._figures: list[tuple[QSvgRenderer, QSizeF, float]] = []

    def add(self, svg: str, largest: QSizeF, dots: float, gap: float) -> int:
        """Take a figure in, as large as it wants to be and within `largest`; its number.

        Parameters
        ----------
        svg : str
        largest : QSizeF
            In dots.
        dots : float
            An inch.
        gap : float
            To its right, in dots.
        """
        drawing = QSvgRenderer(svg.encode())
        size = QSizeF(drawing.viewBoxF().size()) * (dots / 72.0)
        size *= min(1.0, largest.width() / size.width(), largest.height() / size.height())
        self._figures.append((drawing, size, gap))
        return len(self._figures) - 1

    def intrinsicSize(
        self, _document: QTextDocument | None, _position: int, form: QTextFormat
    ) -> QSizeF:
        _, size, gap = self._figures[form.intProperty(_WHICH)]
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
        drawing, size, _ = self._figures[form.intProperty(_WHICH)]
        drawing.render(painter, QRectF(rect.topLeft(), size))


def write(document: Document, text: QTextDocument, body: QSizeF, dots: float) -> Written:
    """Write a page into an empty text document.

    Parameters
    ----------
    document : Document
    text : QTextDocument
    body : QSizeF
        The paper within its margins, in dots.
    dots : float
        An inch.
    """
    drawings = Drawings(text)
    layout = text.documentLayout()
    assert layout is not None
    layout.registerHandler(_FIGURE, drawings)
    writer = _Writer(QTextCursor(text), Written(drawings), body, dots)
    writer.document(document)
    return writer.written


class _Writer:
    """Writes part after part at a cursor; points become dots by themselves, as in any text."""

    def __init__(self, cursor: QTextCursor, written: Written, body: QSizeF, dots: float) -> None:
        self._cursor = cursor
        self.written = written
        self._body = body
        self._dots = dots
        self._joins = False

    def document(self, document: Document) -> None:
        self._block(document.title, 18.0, bold=True, is_first=True)
        self._block(document.subtitle, _TEXT, above=1.0, colour="dim")
        for section in document.sections:
            self._heading(section.title)
            for part in section.parts:
                self._part(part)

    def _part(self, part: Part) -> None:
        match part:
            case Paragraph(text, kind):
                colour = "dim" if kind else "ink"
                self._block(text, _SMALL if kind else _TEXT, colour=colour)
                self.written.groups.append([self._cursor.block().position()])
            case Listing(items):
                self._listing(items)
            case Facts(items):
                for name, value in items:
                    self._block(f"{name}:  ", _SMALL, above=1.0, bold=True)
                    self._cursor.insertText(value, _letters(_SMALL))
            case Figure():
                self._figures((part,), across=1.0)
            case Figures(figures):
                for at in range(0, len(figures), 2):
                    self._figures(figures[at : at + 2], across=0.499 - _GAP / 2)
            case Table():
                self._table(part)

    def _heading(self, title: str) -> None:
        self._block(title, 13.0, above=14.0, bold=True)
        self.written.groups.append([self._cursor.position()])
        self._joins = True

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
        form.setTopMargin(_px(above))
        letters = _letters(size, bold=bold, colour=colour)
        if is_first:
            self._cursor.setBlockFormat(form)
        else:
            self._cursor.insertBlock(form, letters)
        self._cursor.insertText(text, letters)
        self._join(self._cursor.position())

    def _join(self, position: int) -> None:
        """What comes first after a heading stays with it."""
        if self._joins:
            self.written.groups[-1].append(position)
            self._joins = False

    def _listing(self, items: tuple[str, ...]) -> None:
        form = QTextListFormat()
        form.setStyle(QTextListFormat.Style.ListDisc)
        for item in items:
            self._block(item, _TEXT, above=1.0)
            self._cursor.createList(form)

    def _figures(self, figures: tuple[Figure, ...], across: float) -> None:
        """One figure, or two side by side, with what is said of them below.

        Each takes at most `across` of the paper's width.
        """
        form = QTextBlockFormat()
        form.setTopMargin(_px(8.0))
        self._cursor.insertBlock(form)
        self._join(self._cursor.position())
        if not self.written.groups or self.written.groups[-1][-1] != self._cursor.position():
            self.written.groups.append([self._cursor.position()])
        largest = QSizeF(across * self._body.width(), _HIGHEST * self._body.height())
        for left, figure in zip(range(len(figures) - 1, -1, -1), figures, strict=True):
            gap = _GAP * self._body.width() if left else 0.0
            number = self.written.figures.add(figure.svg, largest, self._dots, gap)
            letter = QTextCharFormat()
            letter.setObjectType(_FIGURE)
            letter.setProperty(_WHICH, number)
            self._cursor.insertText("\ufffc", letter)
        sides = ("",) if len(figures) == 1 else ("Left: ", "Right: ")
        for side, figure in zip(sides, figures, strict=True):
            self._block(f"{side}{figure.title}. ", _SMALL, above=2.0, bold=True)
            self._cursor.insertText(figure.meaning, _letters(_SMALL))
        self.written.groups[-1].append(self._cursor.position())

    def _table(self, table: Table) -> None:
        size = _TINY if len(table.head) > _MANY else _SMALL
        if table.caption:
            self._block(table.caption, _SMALL, colour="dim")
            self.written.groups.append([self._cursor.position()])
            self._joins = True
        form = QTextTableFormat()
        form.setHeaderRowCount(1)
        form.setBorderCollapse(True)
        form.setBorder(0.0)
        form.setCellSpacing(0.0)
        form.setTopMargin(_px(4.0))
        form.setBottomMargin(_px(4.0))
        if len(table.head) > _MANY:
            form.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100.0))
        placed = self._cursor.insertTable(1 + len(table.rows), len(table.head), form)
        assert placed is not None
        for row, cells in enumerate((table.head, *table.rows)):
            for column, words in enumerate(cells):
                cell = placed.cellAt(row, column)
                cell.setFormat(self._cell(is_head=row == 0))
                cursor = cell.firstCursorPosition()
                if row == min(1, len(table.rows)) and column == 0:
                    self._join(cursor.position())
                side = QTextBlockFormat()
                if column >= table.words:
                    side.setAlignment(Qt.AlignmentFlag.AlignRight)
                cursor.setBlockFormat(side)
                cursor.insertText(words, _letters(size, bold=row == 0 or column == 0))
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


def _px(points: float) -> float:
    """A length as Qt takes it: in dots of 96 an inch, whatever the paper has."""
    return points * 96.0 / 72.0


def _letters(size: float, *, bold: bool = False, colour: str = "ink") -> QTextCharFormat:
    form = QTextCharFormat()
    form.setFontPointSize(size)
    form.setFontWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    form.setForeground(QColor(LIGHT[colour]))
    return form
