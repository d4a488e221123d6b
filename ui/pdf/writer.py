"""Pages on paper: a PDF by Qt's own printer, with text that can be searched and drawn figures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PyQt6.QtCore import QBuffer, QLocale, QMarginsF, QRectF, QSizeF, Qt
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

# Before the application: it takes back what OpenCV does to Qt's variables.
import mirror._support.opencv  # noqa: F401
from mirror.colours import LIGHT
from mirror.report.document import Document
from ui.pdf.layout import write

_MARGIN: Final = 16.0  # mm
_FOOT: Final = 8.0  # mm, at the lower end of what is within the margins
_DOTS: Final = 1200  # an inch


def print_document(document: Document, path: Path) -> None:
    """Write a page to a PDF file; no window and no display are needed.

    Parameters
    ----------
    document : Document
    path : Path

    Raises
    ------
    OSError
        Where the file cannot be written.
    """
    application = QGuiApplication.instance() or QGuiApplication(
        ["mirror", "-platform", "offscreen"]
    )
    content = QBuffer()
    content.open(QBuffer.OpenModeFlag.WriteOnly)
    _print(document, content)
    content.close()
    path.write_bytes(content.data().data())
    del application  # it had to live as long as there are fonts


def _print(document: Document, device: QBuffer) -> None:
    writer = QPdfWriter(device)
    writer.setResolution(_DOTS)
    writer.setTitle(document.title)
    writer.setCreator("mirror")
    writer.setPageLayout(
        QPageLayout(
            QPageSize(_paper()),
            QPageLayout.Orientation.Portrait,
            QMarginsF(_MARGIN, _MARGIN, _MARGIN, _MARGIN),
            QPageLayout.Unit.Millimeter,
        )
    )
    whole = QSizeF(writer.width(), writer.height())
    foot = _FOOT / 25.4 * _DOTS
    text = QTextDocument()
    text.setDocumentMargin(0)
    layout = text.documentLayout()
    assert layout is not None
    layout.setPaintDevice(writer)
    body = QSizeF(whole.width(), whole.height() - foot)
    text.setPageSize(body)
    written = write(document, text, body, _DOTS)
    _keep_together(text, written.groups, body.height())
    painter = QPainter(writer)
    for page in range(text.pageCount()):
        if page:
            writer.newPage()
        painter.save()
        painter.translate(0.0, -page * body.height())
        text.drawContents(painter, QRectF(0.0, page * body.height(), body.width(), body.height()))
        painter.restore()
        _draw_foot(painter, whole, f"{document.title} · {page + 1} of {text.pageCount()}")
    painter.end()
    del written  # it draws the figures, up to here


def _paper() -> QPageSize.PageSizeId:
    american = QLocale.MeasurementSystem.ImperialUSSystem
    is_american = QLocale.system().measurementSystem() == american
    return QPageSize.PageSizeId.Letter if is_american else QPageSize.PageSizeId.A4


def _keep_together(text: QTextDocument, groups: Sequence[Sequence[int]], height: float) -> None:
    """Begin a page before what would otherwise be torn from what it belongs to.

    Parameters
    ----------
    text : QTextDocument
    groups : sequence of sequences of int
        Positions of blocks that stay on one page, group by group in their order.
    height : float
        Of a page.
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


def _draw_foot(painter: QPainter, whole: QSizeF, words: str) -> None:
    font = QFont()
    font.setPointSizeF(8.0)
    painter.setFont(font)
    painter.setPen(QColor(LIGHT["dim"]))
    at = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
    painter.drawText(QRectF(0.0, 0.0, whole.width(), whole.height()), at, words)
