from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QColor, QFont, QImage, QPainter
from PyQt6.QtWidgets import QApplication

from mirror.summary import Level
from ui.shell.palette import DARK, LIGHT, Palette
from ui.widgets.progress_chart import Point, paint_progress

START = datetime(2026, 11, 1, tzinfo=UTC)
ROOM = QRectF(0, 0, 400, 160)


def points(*levels: tuple[int, float, float]) -> list[Point]:
    return [Point(START + timedelta(days=day), Level(*level)) for day, *level in levels]


def paint(found: list[Point], palette: Palette = LIGHT) -> QImage:
    image = QImage(400, 160, QImage.Format.Format_RGB32)
    image.fill(QColor(palette.surface))
    painter = QPainter(image)
    paint_progress(painter, ROOM, found, "mirroring", palette, QFont())
    painter.end()
    return image


def dots(image: QImage, palette: Palette = LIGHT) -> list[tuple[int, int]]:
    """Return where a whole dot is around: five pixels in the score's colour each way."""
    colour = QColor(palette.mirroring)
    return [
        (x, y)
        for y in range(4, 156)
        for x in range(4, 334)
        if all(
            image.pixelColor(x + dx, y + dy) == colour
            for dx, dy in ((-2, 0), (2, 0), (0, -2), (0, 2))
        )
    ]


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=lambda each: each.name)
def test_dots_lie_by_date_and_height(qapp: QApplication, palette: Palette) -> None:
    image = paint(points((0, 0.2, 0.1), (9, 0.8, 0.1), (10, 0.2, 0.1)), palette)
    found = dots(image, palette)
    columns = sorted({x for x, _ in found})
    assert columns[-1] - columns[0] > 200
    # the second session is nine tenths of the way
    middle = [x for x in columns if columns[0] + 20 < x < columns[-1] - 12]
    assert middle
    share = (sum(middle) / len(middle) - columns[0]) / (columns[-1] - columns[0])
    assert share == pytest.approx(0.9, abs=0.03)
    first = min(y for x, y in found if x == columns[0])
    second = min(y for x, y in found if x in middle)
    assert first > second  # higher scores are higher up


def test_undefined_sessions_have_no_dot(qapp: QApplication) -> None:
    assert not dots(paint(points((0, math.nan, math.nan))))
    assert not dots(paint([]))
    one = dots(paint(points((0, 0.5, 0.4), (5, math.nan, 0.4))))
    assert one
    assert max(x for x, _ in one) - min(x for x, _ in one) < 8
