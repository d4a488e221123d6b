from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from mirror.summary import Summary
from mirror.wording import NO_BREAK, SHARES
from ui.shell.palette import LIGHT
from ui.shell.theme import theme
from ui.summary.overview import ShareBar, fill

SUMMARY = Summary(0.4, 0.1, 0.1, 0.2, 0.1, 0.05, 0.05, 0.4, 0.6, 0.1, 92.0, 920)


@pytest.fixture
def bar(qtbot: QtBot) -> ShareBar:
    theme().choose("light")
    bar = ShareBar()
    qtbot.addWidget(bar)
    bar.resize(1000, 100)
    bar.show()
    return bar


def test_every_share_has_its_words_and_percentage(bar: ShareBar) -> None:
    bar.show_summary(SUMMARY)
    texts = [label.text().replace(NO_BREAK, " ") for label in bar.labels.values()]
    assert texts == [
        "In phase  40 %",
        "Mirroring with a lag  0 %",
        "Anti-phase  10 %",
        "At another phase  10 %",
        "Not together  20 %",
        "Still  10 %",
        "Not seen or few frames  5 %",
        "Warming up  5 %",
    ]
    assert bar.bar.accessibleDescription().startswith(
        f"In phase 40{NO_BREAK}%; Mirroring with a lag 0{NO_BREAK}%; Anti-phase 10{NO_BREAK}%"
    )


def test_parts_are_as_long_as_their_shares(bar: ShareBar) -> None:
    bar.show_summary(SUMMARY)
    image = bar.bar.grab().toImage()
    row = [image.pixelColor(x, 4).name() for x in range(image.width())]
    blue = [x for x, colour in enumerate(row) if colour == LIGHT.in_phase]
    orange = [x for x, colour in enumerate(row) if colour == LIGHT.anti_phase]
    assert len(blue) == pytest.approx(0.4 * len(row), abs=3)
    assert blue[0] < 3
    assert min(orange) > max(blue)
    assert max(orange) < 0.5 * len(row) + 3


def test_shares_of_nothing_are_an_empty_bar(bar: ShareBar) -> None:
    nan = math.nan
    bar.show_summary(Summary(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, nan, nan, nan, 0.0, 0))
    image = bar.bar.grab().toImage()
    colours = {image.pixelColor(x, 18).name() for x in range(2, image.width() - 2)}
    assert colours == {LIGHT.surface}


def test_kinds_differ_by_more_than_colour(bar: ShareBar) -> None:
    patterns = {}
    for kind in SHARES:
        image = QImage(64, 32, QImage.Format.Format_RGB32)
        image.fill(QColor(LIGHT.surface))
        painter = QPainter(image)
        fill(painter, QRectF(0, 0, 64, 32), kind)
        painter.end()
        grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
        rows = [[grey.pixelColor(x, y).lightness() for x in range(64)] for y in range(32)]
        # Which pixels stand out, whatever their colour.
        patterns[kind] = np.abs(np.array(rows) - rows[0][0]) > 8
    # Solid blue and plain ground are told apart by lightness: one dark, one light.
    del patterns["not_together"]
    for one, other in itertools.combinations(patterns, 2):
        assert (patterns[one] != patterns[other]).mean() > 0.1, (one, other)
