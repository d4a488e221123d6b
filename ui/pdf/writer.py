"""Write a report page as PDF, with searchable text and vector figures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PyQt6.QtCore import QBuffer, QLocale, QMarginsF, QPointF, QRectF, QSizeF, Qt
from PyQt6.QtGui import (
    QColor,
    QFont,
    QGuiApplication,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)

# Before the application: resets the Qt variables that OpenCV sets.
import mirror._support.opencv  # noqa: F401
from mirror.colours import LIGHT
from mirror.report.document import Document
from ui.pdf.layout import Layout

_MARGIN_MM: Final = 16.0
_FOOTER_MM: Final = 8.0  # within the margins
_DPI: Final = 1200
_SCALES: Final = (1.5, 1.4, 1.3, 1.2, 1.1, 1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4)


def print_document(document: Document, path: Path, *, one_page: bool = False) -> None:
    """Write a document to a PDF file; needs no display.

    With `one_page`, it is scaled to the largest of `_SCALES` at which it fits one page. Raise
    OSError if the file cannot be written.
    """
    application = QGuiApplication.instance() or QGuiApplication(
        ["mirror", "-platform", "offscreen"]
    )
    content = QBuffer()
    content.open(QBuffer.OpenModeFlag.WriteOnly)
    _print(document, content, _SCALES if one_page else (1.0,))
    content.close()
    path.write_bytes(content.data().data())
    del application  # kept until here: fonts need it


def _print(document: Document, device: QBuffer, scales: Sequence[float]) -> None:
    writer = QPdfWriter(device)
    writer.setResolution(_DPI)
    writer.setTitle(document.title)
    writer.setCreator("mirror")
    margins = QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM)
    portrait, millimetres = QPageLayout.Orientation.Portrait, QPageLayout.Unit.Millimeter
    american = QLocale.MeasurementSystem.ImperialUSSystem
    is_american = QLocale.system().measurementSystem() == american
    size = QPageSize(QPageSize.PageSizeId.Letter if is_american else QPageSize.PageSizeId.A4)
    writer.setPageLayout(QPageLayout(size, portrait, margins, millimetres))
    paper = QSizeF(writer.width(), writer.height())
    footer = _FOOTER_MM / 25.4 * _DPI
    body = QSizeF(paper.width(), paper.height() - footer)
    for scale in scales:
        text = QTextDocument()
        text.setDocumentMargin(0)
        layout = text.documentLayout()
        assert layout is not None
        layout.setPaintDevice(writer)
        text.setPageSize(body)
        written = Layout(document, text, body, _DPI, scale)
        _keep_together(text, written.groups, body.height())
        if text.pageCount() == 1:
            break
    painter = QPainter(writer)
    for page in range(text.pageCount()):
        if page:
            writer.newPage()
        painter.save()
        painter.translate(0.0, -page * body.height())
        text.drawContents(painter, QRectF(0.0, page * body.height(), body.width(), body.height()))
        painter.restore()
        _draw_footer(painter, paper, f"{document.title} · {page + 1} of {text.pageCount()}")
    painter.end()
    del written  # kept until here: it draws the figures


def _keep_together(text: QTextDocument, groups: Sequence[Sequence[int]], height: float) -> None:
    """Insert page breaks so that each group of blocks, by their positions, stays on one page."""
    layout = text.documentLayout()
    assert layout is not None
    for group in groups:
        first, last = (text.findBlock(group[end]) for end in (0, -1))
        top = layout.blockBoundingRect(first).top()
        bottom = layout.blockBoundingRect(last).bottom() - 1.0
        if int(top // height) != int(bottom // height):
            cursor = QTextCursor(first)
            form = cursor.blockFormat()
            form.setPageBreakPolicy(QTextFormat.PageBreakFlag.PageBreak_AlwaysBefore)
            cursor.setBlockFormat(form)


def _draw_footer(painter: QPainter, paper: QSizeF, line: str) -> None:
    font = QFont()
    font.setPointSizeF(8.0)
    painter.setFont(font)
    painter.setPen(QColor(LIGHT["dim"]))
    alignment = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
    painter.drawText(QRectF(QPointF(), paper), alignment, line)
