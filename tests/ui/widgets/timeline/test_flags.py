"""Flags do not overlap, their texts fit, and every kind has its own symbol."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtGui import QFont, QFontMetricsF, QImage, QPainter
from PyQt6.QtWidgets import QApplication

from mirror.events import Event
from ui.widgets.timeline.flags import SYMBOL, describe_event, flag_at, layout_flags, paint_symbol
from ui.widgets.timeline.paint import Plot

PLOT = Plot(left=80, right=880, top=20, bottom=200, start_s=0, end_s=100)
KINDS = ("mark", "truth", "pause", "resume", "warning", "settings", "anything")


@pytest.fixture(scope="session")
def metrics(qapp: QApplication) -> QFontMetricsF:
    return QFontMetricsF(QFont())


@given(
    times=st.lists(st.floats(-20, 120), max_size=60),
    text=st.text(st.characters(codec="ascii", exclude_categories=["C"]), max_size=80),
)
def test_symbols_and_texts_do_not_overlap(
    metrics: QFontMetricsF, times: list[float], text: str
) -> None:
    found = layout_flags([Event(time_s, "mark", text) for time_s in times], PLOT, metrics)
    assert sorted(flag.index for flag in found) == [
        index for index, time_s in enumerate(times) if 0 <= time_s <= 100
    ]
    shown = [flag for flag in found if flag.symbol]
    assert bool(shown) == bool(found)
    for flag, following in pairwise(shown):
        assert flag.right <= following.x - SYMBOL / 2 + 1e-6
    for flag in shown:
        assert flag.right <= max(PLOT.right, flag.x + SYMBOL / 2)
        if flag.text:
            assert metrics.horizontalAdvance(flag.text) <= flag.right - flag.x


@given(
    marks=st.lists(st.floats(0, 100), min_size=1, max_size=20),
    script=st.lists(st.floats(0, 100), max_size=20),
)
def test_what_a_person_marked_wins_over_the_script(
    metrics: QFontMetricsF, marks: list[float], script: list[float]
) -> None:
    own = [Event(time_s, "smile", "") for time_s in marks]
    others = [Event(time_s, "truth", "x") for time_s in script]
    for flag in layout_flags([*own, *others], PLOT, metrics):
        if flag.symbol and flag.event.kind == "truth":
            later = [PLOT.x(each) for each in marks if each >= flag.event.time_s]
            assert all(x - flag.x >= SYMBOL for x in later)


def test_tag_is_shown_by_its_name(metrics: QFontMetricsF) -> None:
    tag, mark = layout_flags([Event(10, "smile", ""), Event(50, "mark", "")], PLOT, metrics)
    assert (tag.text, mark.text) == ("smile", "")


def test_long_text_is_elided_before_next_flag(metrics: QFontMetricsF) -> None:
    long = "one two three four five six seven eight nine ten"
    events = [Event(10, "mark", long), Event(30, "mark", "short"), Event(31, "mark", "no room")]
    events.append(Event(60, "mark", "two\nlines"))
    first, second, third, fourth = layout_flags(events, PLOT, metrics)
    assert first.text.startswith("one two")
    assert first.text.endswith("…")
    assert second.text == ""
    assert third.text == "" or third.x - second.x >= SYMBOL
    assert fourth.text == "two lines"
    assert describe_event(events[0]) == f"0:10.0  Mark: {long}"
    assert describe_event(Event(5, "pause", "")) == "0:05.0  Pause"


def test_flag_at_finds_pole_and_text(metrics: QFontMetricsF) -> None:
    found = layout_flags([Event(10, "mark", "some words"), Event(50, "mark", "")], PLOT, metrics)
    first, second = found
    assert flag_at(found, first.x) is first
    assert flag_at(found, first.right - 2) is first
    assert flag_at(found, second.x - 4) is second
    assert flag_at(found, 700) is None
    assert flag_at([], 100) is None


def test_symbols_of_kinds_differ(qapp: QApplication) -> None:
    shapes = []
    for kind in KINDS:
        image = QImage(20, 20, QImage.Format.Format_RGB32)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        paint_symbol(painter, kind, QPointF(10, 10))
        painter.end()
        # By its outline alone, whatever the colour.
        shapes.append(
            frozenset(
                (x, y)
                for x in range(20)
                for y in range(20)
                if image.pixelColor(x, y).lightness() < 128
            )
        )
    assert all(shapes)
    for place, shape in enumerate(shapes):
        for other in shapes[place + 1 :]:
            assert len(shape ^ other) > 12
