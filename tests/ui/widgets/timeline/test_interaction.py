"""Mouse and keys on the timeline: cursor, selection, zoom, scrolling, events."""

from __future__ import annotations

import math

import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QHelpEvent, QWheelEvent
from PyQt6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from mirror.events import Event
from mirror.timeline import Score, State, Timeline
from ui.widgets.timeline.view import TimelineView

LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
NONE = Qt.KeyboardModifier.NoModifier
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
Key = Qt.Key

EVENTS = [
    Event(70.0, "warning", "Camera of A delivers nothing: look at its cable, then at its plug"),
    Event(30.0, "mark", "They laugh"),
    Event(31.0, "truth", ""),
]


def scores(count: int = 1001) -> list[Score]:
    return [
        Score(place / 10, State.OK, in_phase=0.25, anti_phase=0.0, chance_in_phase=math.nan)
        for place in range(count)
    ]


@pytest.fixture
def view(qtbot: QtBot) -> TimelineView:
    widget = TimelineView()
    widget.resize(900, 240)
    qtbot.addWidget(widget)
    with qtbot.waitExposed(widget):
        widget.show()
    widget.set_timeline(Timeline.from_scores(scores()))
    widget.set_events(EVENTS)
    widget.grab()
    return widget


@pytest.fixture
def moves(view: TimelineView) -> list[float]:
    found: list[float] = []
    view.moved.connect(found.append)
    return found


@pytest.fixture
def parts(view: TimelineView) -> list[object]:
    found: list[object] = []
    view.selected.connect(found.append)
    return found


def at(view: TimelineView, time_s: float, y: int = 120) -> QPoint:
    return QPoint(round(view.x_of(time_s)), y)


def drag(
    qtbot: QtBot,
    view: TimelineView,
    start_s: float,
    *ends: float,
    button: Qt.MouseButton = LEFT,
    keys: Qt.KeyboardModifier = NONE,
) -> None:
    places = [at(view, each) for each in (start_s, *ends)]
    qtbot.mousePress(view, button, keys, places[0])
    for place in places[1:]:
        qtbot.mouseMove(view, place)
    qtbot.mouseRelease(view, button, keys, places[-1])


def turn(view: TimelineView, time_s: float, x: int, y: int) -> bool:
    place = QPointF(at(view, time_s))
    event = QWheelEvent(
        place,
        view.mapToGlobal(place),
        QPoint(),
        QPoint(x, y),
        Qt.MouseButton.NoButton,
        NONE,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)
    return event.isAccepted()


def near(view: TimelineView) -> float:
    """Return 1.5 pixels in seconds."""
    start, end = view.visible
    return 1.5 * (end - start) / (view.x_of(end) - view.x_of(start))


def test_click_moves_cursor(
    view: TimelineView, qtbot: QtBot, moves: list[float], parts: list[object]
) -> None:
    qtbot.mouseClick(view, LEFT, NONE, at(view, 42))
    assert moves == [pytest.approx(42, abs=near(view))]
    assert "Cursor at 0:42.0" in view.accessibleDescription()
    assert parts == []
    view.set_cursor(50)
    assert len(moves) == 1


def test_drag_moves_cursor_within_rows(
    view: TimelineView, qtbot: QtBot, moves: list[float]
) -> None:
    drag(qtbot, view, 20, 40, 60, 200)
    assert moves == [pytest.approx(each, abs=near(view)) for each in (20, 40, 60, 100)]
    assert moves[-1] == 100
    qtbot.mouseMove(view, at(view, 10))
    assert len(moves) == 4
    qtbot.mouseClick(view, LEFT, NONE, QPoint(2, 120))
    assert moves[-1] == 0


def test_dragged_cursor_is_not_moved_by_others(
    view: TimelineView, qtbot: QtBot, moves: list[float]
) -> None:
    qtbot.mousePress(view, LEFT, NONE, at(view, 20))
    view.set_cursor(80)
    assert "Cursor at 0:20.0" in view.accessibleDescription()
    qtbot.mouseRelease(view, LEFT, NONE, at(view, 20))
    view.set_cursor(80)
    assert "Cursor at 1:20.0" in view.accessibleDescription()


@pytest.mark.parametrize(("button", "keys"), [(MIDDLE, NONE), (LEFT, SHIFT)])
def test_shift_and_middle_button_scroll(
    view: TimelineView,
    qtbot: QtBot,
    moves: list[float],
    button: Qt.MouseButton,
    keys: Qt.KeyboardModifier,
) -> None:
    view.zoom(0.5, 50)
    start, end = view.visible
    drag(qtbot, view, 50, 45, 40, button=button, keys=keys)
    assert view.visible == pytest.approx((start + 10, end + 10), abs=2 * near(view))
    drag(qtbot, view, 50, 1000, button=button, keys=keys)
    assert view.visible[0] == pytest.approx(-0.05)
    assert view.visible[1] - view.visible[0] == pytest.approx(end - start)
    assert moves == []


def test_wheel_zooms_about_pointer(view: TimelineView) -> None:
    before = at(view, 30)
    assert turn(view, 30, 0, 120)
    start, end = view.visible
    assert end - start == pytest.approx(0.8 * 100.1)
    assert view.x_of(30) == pytest.approx(before.x(), abs=1)
    for _ in range(40):
        turn(view, 30, 0, 120)
    assert view.visible[1] - view.visible[0] == pytest.approx(2)
    for _ in range(60):
        turn(view, 30, 0, -120)
    assert view.visible == pytest.approx((-0.05, 100.05))


def test_horizontal_wheel_scrolls(view: TimelineView) -> None:
    view.zoom(0.5, 50)
    start, end = view.visible
    assert turn(view, 50, -120, 0)
    assert view.visible == pytest.approx((start + 5.005, end + 5.005))
    turn(view, 50, 120, 10)
    assert view.visible == pytest.approx((start, end))


def test_keys_zoom_and_scroll(view: TimelineView, qtbot: QtBot, moves: list[float]) -> None:
    view.set_cursor(20)
    cursor = view.x_of(20)
    qtbot.keyClick(view, Key.Key_Plus)
    assert view.visible[1] - view.visible[0] == pytest.approx(50.05)
    assert view.x_of(20) == pytest.approx(cursor)
    qtbot.keyClick(view, Key.Key_Equal, CTRL)
    assert view.visible[1] - view.visible[0] == pytest.approx(25.025)
    qtbot.keyClick(view, Key.Key_Minus)
    assert view.visible[1] - view.visible[0] == pytest.approx(50.05)
    start = view.visible[0]
    qtbot.keyClick(view, Key.Key_Right, CTRL)
    assert view.visible[0] == pytest.approx(start + 0.2 * 50.05)
    qtbot.keyClick(view, Key.Key_Left, CTRL)
    assert view.visible[0] == pytest.approx(start)
    qtbot.keyClick(view, Key.Key_End)
    assert moves == [100]
    assert view.visible[1] == pytest.approx(100.05)
    qtbot.keyClick(view, Key.Key_Home)
    assert moves == [100, 0]
    assert view.visible[0] == pytest.approx(-0.05)
    view.reveal(90)
    assert view.visible[0] > 0
    qtbot.keyClick(view, Key.Key_Home)
    assert view.visible[0] == pytest.approx(-0.05)
    qtbot.keyClick(view, Key.Key_0)
    assert view.visible == pytest.approx((-0.05, 100.05))


def test_ctrl_drag_selects(
    view: TimelineView, qtbot: QtBot, parts: list[object], moves: list[float]
) -> None:
    drag(qtbot, view, 60, 50, 40, keys=CTRL)
    assert parts == [pytest.approx((40, 60), abs=near(view))]
    assert "Selected 0:40 to 1:00" in view.accessibleDescription()
    drag(qtbot, view, 70, 70, keys=CTRL)
    assert parts[1:] == [None]
    assert "Selected" not in view.accessibleDescription()
    assert moves == []


def test_drags_selection_edges(
    view: TimelineView, qtbot: QtBot, parts: list[object], moves: list[float]
) -> None:
    view.set_selection((20, 60))
    assert parts == []
    drag(qtbot, view, 60, 70, 80)
    assert parts == [pytest.approx((20, 80), abs=near(view))]
    drag(qtbot, view, 20, 90)
    assert parts[1] == pytest.approx((80, 90), abs=near(view))
    assert moves == []
    # Between the edges, the cursor is moved.
    drag(qtbot, view, 85, 86)
    assert len(moves) == 2
    assert len(parts) == 2


def test_escape_clears_selection(view: TimelineView, qtbot: QtBot, parts: list[object]) -> None:
    qtbot.keyClick(view, Key.Key_Escape)
    assert parts == []
    view.set_selection((20, 60))
    qtbot.keyClick(view, Key.Key_Escape)
    assert parts == [None]
    assert "Selected" not in view.accessibleDescription()


def test_double_click_activates_event(view: TimelineView, qtbot: QtBot, moves: list[float]) -> None:
    opened: list[int] = []
    view.event_activated.connect(opened.append)
    for time_s, y in ((30, 8), (70, 8), (70, 120), (31, 8)):
        place = at(view, time_s, y)
        qtbot.mouseClick(view, LEFT, NONE, place)
        qtbot.mouseDClick(view, LEFT, NONE, place)
        qtbot.mouseRelease(view, LEFT, NONE, place)
    assert opened == [1, 0, 0, 2]
    assert moves[0] == 30
    opened.clear()
    qtbot.mouseDClick(view, LEFT, NONE, at(view, 50))
    assert opened == []
    assert moves[-1] == pytest.approx(50, abs=near(view))


def test_click_on_flag_moves_cursor_to_it(
    view: TimelineView, qtbot: QtBot, moves: list[float]
) -> None:
    qtbot.mouseClick(view, LEFT, NONE, at(view, 70, 8) + QPoint(40, 0))
    qtbot.mouseClick(view, LEFT, NONE, at(view, 70, 120) + QPoint(40, 0))
    assert moves[0] == 70
    assert moves[1] > 73


@pytest.mark.parametrize(
    ("time_s", "y", "said"),
    [
        (70, 8, "1:10.0  Warning: Camera of A delivers nothing: look at its cable, then at its"),
        (30, 120, "0:30.0  Mark: They laugh"),
        (31, 8, "0:31.0  Script"),
        (50, 120, "in phase 0.25, anti-phase 0.00"),
        (50, 235, ""),
    ],
)
def test_tool_tip_describes_position(view: TimelineView, time_s: float, y: int, said: str) -> None:
    QToolTip.hideText()
    place = at(view, time_s, y)
    QApplication.sendEvent(view, QHelpEvent(QEvent.Type.ToolTip, place, view.mapToGlobal(place)))
    assert said in QToolTip.text()
    assert bool(said) == bool(QToolTip.text())


def test_pointer_shape_shows_action(view: TimelineView, qtbot: QtBot) -> None:
    view.set_selection((20, 60))
    shapes = []
    for time_s, y in ((60, 120), (70, 8), (45, 120)):
        qtbot.mouseMove(view, at(view, time_s, y))
        shapes.append(view.cursor().shape())
    shape = Qt.CursorShape
    assert shapes == [shape.SplitHCursor, shape.PointingHandCursor, shape.ArrowCursor]


def test_keys_and_clicks_do_nothing_while_following(
    view: TimelineView, qtbot: QtBot, moves: list[float], parts: list[object]
) -> None:
    view.follow(60)
    before = view.visible
    qtbot.mouseClick(view, LEFT, NONE, at(view, 60))
    for key in (Key.Key_Plus, Key.Key_Home, Key.Key_0):
        qtbot.keyClick(view, key)
    view.zoom(0.5)
    assert view.visible == before
    assert view.following
    assert moves == parts == []
    opened: list[int] = []
    view.event_activated.connect(opened.append)
    view.grab()
    qtbot.mouseDClick(view, LEFT, NONE, at(view, 70, 8))
    assert opened == [0]


def test_wheel_and_drag_hold_a_timeline_that_follows(
    view: TimelineView, qtbot: QtBot, moves: list[float]
) -> None:
    view.follow(60)
    newest = view.visible
    with qtbot.waitSignal(view.held):
        drag(qtbot, view, 60, 70)
    start, end = view.visible
    assert start == pytest.approx(newest[0] - 10, abs=0.2)
    assert end - start == pytest.approx(60)
    view.append([Score(101.0, State.OK, in_phase=0.5)])
    assert view.visible == (start, end)  # stays where it is
    with qtbot.assertNotEmitted(view.held):
        drag(qtbot, view, 60, 50)  # scrolls again, and moves no cursor
    assert view.visible[0] == pytest.approx(40, abs=0.4)
    assert moves == []
    view.follow(60)
    assert view.visible[1] == pytest.approx(newest[1] + 1)
    with qtbot.waitSignal(view.held):
        assert turn(view, 80, 0, 120)
    assert view.visible[1] - view.visible[0] == pytest.approx(48)


def test_no_interaction_without_rows(
    view: TimelineView, qtbot: QtBot, moves: list[float], parts: list[object]
) -> None:
    view.clear()
    drag(qtbot, view, 10, 20)
    drag(qtbot, view, 10, 20, keys=CTRL)
    qtbot.keyClick(view, Key.Key_End)
    assert not turn(view, 10, 0, 120)
    assert view.visible == (0, 60)
    assert moves == parts == []


def test_focus_ring_only_for_keyboard(view: TimelineView, qtbot: QtBot) -> None:
    view.clearFocus()
    plain = view.grab().toImage()
    view.setFocus(Qt.FocusReason.TabFocusReason)
    assert view.hasFocus()
    assert view.grab().toImage() != plain
    view.clearFocus()
    assert view.grab().toImage() == plain
    view.setFocus(Qt.FocusReason.MouseFocusReason)
    assert view.hasFocus()
    assert view.grab().toImage() == plain
