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
from ui.pdf.layout import write

_MARGIN_MM: Final = 16.0
_FOOTER_MM: Final = 8.0  # within the margins
_DPI: Final = 1200


def print_document(document: Document, path: Path) -> None:
    """Write a document to a PDF file; needs no display.

    Parameters
    ----------
    document : Document
    path : Path

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    application = QGuiApplication.instance() or QGuiApplication(
        ["mirror", "-platform", "offscreen"]
    )
    content = QBuffer()
    content.open(QBuffer.OpenModeFlag.WriteOnly)
    _print(document, content)
    content.close()
    path.write_bytes(content.data().data())
    del application  # kept until here: fonts need it


def _print(document: Document, device: QBuffer) -> None:
    writer = QPdfWriter(device)
    writer.setResolution(_DPI)
    writer.setTitle(document.title)
    writer.setCreator("mirror")
    writer.setPageLayout(
        QPageLayout(
            QPageSize(_paper()),
            QPageLayout.Orientation.Portrait,
            QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM),
            QPageLayout.Unit.Millimeter,
        )
    )
    paper = QSizeF(writer.width(), writer.height())
    footer = _FOOTER_MM / 25.4 * _DPI
    text = QTextDocument()
    text.setDocumentMargin(0)
    layout = text.documentLayout()
    assert layout is not None
    layout.setPaintDevice(writer)
    body = QSizeF(paper.width(), paper.height() - footer)
    text.setPageSize(body)
    content = write(document, text, body, _DPI)
    _keep_together(text, content.groups, body.height())
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
    del content  # kept until here: it draws the figures


def _paper() -> QPageSize.PageSizeId:
    american = QLocale.MeasurementSystem.ImperialUSSystem
    is_american = QLocale.system().measurementSystem() == american
    return QPageSize.PageSizeId.Letter if is_american else QPageSize.PageSizeId.A4


def _keep_together(text: QTextDocument, groups: Sequence[Sequence[int]], height: float) -> None:
    """Insert page breaks so that each group of blocks stays on one page.

    Parameters
    ----------
    text : QTextDocument
    groups : sequence of sequences of int
        Positions of blocks, in their order.
    height : float
        Height of a page.
    """
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
