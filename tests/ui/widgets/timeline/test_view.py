"""The painted timeline: heights, shades, chance, flags and time labels."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QPoint, Qt, QTimer
from PyQt6.QtGui import QFont, QHelpEvent
from PyQt6.QtWidgets import QApplication, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from mirror.events import Event
from mirror.timeline import Score, State, Timeline
from mirror.timeline_bins import axis_step, axis_ticks
from mirror.wording import clock_time
from ui.shell.palette import DARK, LIGHT
from ui.shell.theme import theme
from ui.widgets.timeline import paint
from ui.widgets.timeline.overview import Overview
from ui.widgets.timeline.paint import paint_scores
from ui.widgets.timeline.view import TimelineView

Pixels = NDArray[np.uint8]
Grab = Callable[[QWidget], Pixels]
FindColour = Callable[[Pixels, str], NDArray[np.bool_]]
NAN = math.nan


def rows(
    *parts: tuple[float, float, float, State], start: float = 0.0, chance: float = NAN
) -> list[Score]:
    """Return rows 0.1 s apart from parts (seconds, in_phase, anti_phase, state)."""
    scores: list[Score] = []
    for seconds, in_phase, anti_phase, state in parts:
        for _ in range(round(seconds * 10)):
            scores.append(
                Score(
                    start + len(scores) / 10,
                    state,
                    in_phase=in_phase,
                    anti_phase=anti_phase,
                    chance_in_phase=chance,
                    chance_anti_phase=chance / 2,
                )
            )
    return scores


def timeline(scores: Iterable[Score]) -> Timeline:
    return Timeline.from_scores(scores)


@pytest.fixture
def view(qtbot: QtBot) -> TimelineView:
    widget = TimelineView()
    widget.resize(900, 240)
    qtbot.addWidget(widget)
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


def high(where: NDArray[np.bool_], x: float) -> int:
    """Return the number of pixels of a column with a colour."""
    return int(where[:, round(x)].sum())


def test_curve_heights_are_scores(view: TimelineView, grab: Grab, find_colour: FindColour) -> None:
    view.set_timeline(
        timeline(
            rows(
                (20, 1.0, 0.0, State.OK),
                (20, 0.5, 0.0, State.OK),
                (20, 0.0, 1.0, State.OK),
                (20, 0.0, 0.25, State.OK),
                (20, NAN, NAN, State.STILL),
            )
        )
    )
    image = grab(view)
    blue, orange = find_colour(image, LIGHT.in_phase), find_colour(image, LIGHT.anti_phase)
    whole = high(blue, view.x_of(10))
    assert whole > 60
    assert high(blue, view.x_of(30)) == pytest.approx(whole / 2, abs=2)
    assert high(orange, view.x_of(50)) == pytest.approx(whole, abs=2)
    assert high(orange, view.x_of(70)) == pytest.approx(whole / 4, abs=2)
    axis = np.flatnonzero(blue[:, round(view.x_of(10))]).max()
    assert np.flatnonzero(orange[:, round(view.x_of(50))]).min() >= axis
    for time_s in (10, 30, 90):
        assert high(orange, view.x_of(time_s)) == 0
    for time_s in (50, 70, 90):
        assert high(blue, view.x_of(time_s)) == 0


def test_single_row_in_two_hours_is_visible(
    view: TimelineView, grab: Grab, find_colour: FindColour
) -> None:
    scores = rows((7200, NAN, NAN, State.STILL))
    scores[40000] = Score(4000.0, State.OK, in_phase=0.9, anti_phase=0.0)
    view.set_timeline(timeline(scores))
    blue = find_colour(grab(view), LIGHT.in_phase)
    columns = np.flatnonzero(blue[: view.height() // 2].any(axis=0))
    assert 1 <= len(columns) <= 2
    assert columns.mean() == pytest.approx(view.x_of(4000), abs=1.5)


def test_reasons_without_score_look_different(view: TimelineView, grab: Grab) -> None:
    looks = {}
    for state in State:
        view.set_timeline(timeline(rows((100, NAN, NAN, state))))
        image = grab(view)
        # Away from the words in the middle.
        looks[state] = image[20:200, 100:200]
    plain = looks.pop(State.OK)
    for state, look in looks.items():
        assert not np.array_equal(look, plain)
        for other, other_look in looks.items():
            assert state == other or not np.array_equal(look, other_look)
    # Told apart by a pattern, also without colours.
    for state in (State.NO_PERSON_A, State.NO_PERSON_B, State.GAP, State.STILL):
        assert len(np.unique(looks[state].sum(axis=2)[60:80])) > 1


def test_reason_is_written_if_it_fits(view: TimelineView, grab: Grab) -> None:
    view.set_timeline(timeline(rows((50, NAN, NAN, State.NO_PERSON_A), (50, 0.0, 0.0, State.OK))))
    before = grab(view)
    view.set_names("Anna", "Ben")
    changed = np.flatnonzero((grab(view) != before).any(axis=(0, 2)))
    assert view.x_of(0) < changed.min()
    assert changed.max() < view.x_of(50)
    assert "Anna not seen" in view.describe_time(25)
    view.set_timeline(timeline(rows((1, NAN, NAN, State.NO_PERSON_A), (99, 0.0, 0.0, State.OK))))
    before = grab(view)
    view.set_names("Clara", "Ben")
    assert np.array_equal(grab(view), before)


def test_chance_lines_on_both_sides(
    view: TimelineView, grab: Grab, find_colour: FindColour
) -> None:
    without = rows((50, 0.0, 0.0, State.OK))
    given = rows((50, 0.0, 0.0, State.OK), start=50, chance=0.6)
    view.set_timeline(timeline([*without, *given]))
    line = find_colour(grab(view), LIGHT.chance)
    assert high(line, view.x_of(25)) == 0
    heights = np.flatnonzero(line[:, round(view.x_of(75))])
    view.set_timeline(timeline(rows((100, 1.0, 0.0, State.OK))))
    blue = np.flatnonzero(find_colour(grab(view), LIGHT.in_phase)[:, round(view.x_of(75))])
    middle, half = blue.max() + 1, len(blue)
    assert len(heights) == 2
    assert middle - heights[0] == pytest.approx(0.6 * half, abs=2)
    assert heights[1] - middle == pytest.approx(0.3 * half, abs=2)


def test_mirroring_has_a_lane_below_with_its_chance(
    view: TimelineView, grab: Grab, find_colour: FindColour
) -> None:
    scores = [
        Score(k / 10, State.OK, 0.0, 0.0, mirroring=level, lag_s=0.6, chance_mirroring=chance)
        for k, (level, chance) in enumerate([(1.0, 0.4)] * 500 + [(0.5, NAN)] * 500)
    ]
    view.set_timeline(timeline(scores))
    view.set_names("Anna", "Ben")
    image = grab(view)
    plum, line = find_colour(image, LIGHT.mirroring), find_colour(image, LIGHT.chance)
    whole = high(plum, view.x_of(25)) + 1  # less the line of chance
    assert whole > 20
    assert high(plum, view.x_of(75)) == pytest.approx(whole / 2, abs=2)
    floor = np.flatnonzero(plum[:, round(view.x_of(25))]).max() + 1
    (chance,) = np.flatnonzero(line[:, round(view.x_of(25))])
    assert floor - chance == pytest.approx(0.4 * whole, abs=2)
    blue = find_colour(image, LIGHT.in_phase)
    assert not blue.any()
    said = view.describe_time(25)
    assert "mirroring 1.00 (chance 0.40), Ben follows by 0.6 s" in said


def test_time_may_start_anywhere(view: TimelineView, grab: Grab, find_colour: FindColour) -> None:
    view.set_timeline(
        timeline(rows((50, 0.0, 0.0, State.OK), (50, 1.0, 0.0, State.OK), start=3600))
    )
    assert view.visible == pytest.approx((3599.95, 3699.95))
    columns = np.flatnonzero(find_colour(grab(view), LIGHT.in_phase)[:120].any(axis=0))
    assert columns.min() == pytest.approx(view.x_of(3650), abs=2)
    assert view.accessibleDescription().startswith("Shows 1:00:00 to 1:01:40 of 1:40")


def test_shows_note_without_rows(view: TimelineView, grab: Grab) -> None:
    empty = grab(view)
    assert view.visible == (0, 60)
    view.set_timeline(timeline([]))
    assert np.array_equal(grab(view), empty)
    view.set_timeline(timeline(rows((60, 0.5, 0.0, State.OK))))
    view.set_events([Event(1.0, "mark", "here")])
    view.set_cursor(5)
    view.set_selection((1, 2))
    view.zoom(0.5)
    assert not np.array_equal(grab(view), empty)
    view.clear()
    assert np.array_equal(grab(view), empty)
    view.set_timeline(timeline(rows((60, 0.5, 0.0, State.OK))))
    assert view.visible == pytest.approx((-0.05, 59.95))


def test_following_shows_last_seconds(
    view: TimelineView, grab: Grab, find_colour: FindColour
) -> None:
    view.follow(60)
    assert view.following
    scores = rows((10, 0.0, 0.0, State.OK), (300, 0.5, 0.0, State.OK), (5, 1.0, 0.0, State.OK))
    view.append(scores[:100])
    assert view.visible == pytest.approx((-0.05, 59.95))
    for place in range(100, len(scores), 7):
        view.append(scores[place : place + 7])
    assert view.visible == pytest.approx((254.95, 314.95))
    blue = find_colour(grab(view), LIGHT.in_phase)
    assert high(blue, view.x_of(312)) == pytest.approx(2 * high(blue, view.x_of(300)), abs=3)
    view.append([])
    assert view.visible == pytest.approx((254.95, 314.95))
    view.follow(None)
    assert not view.following
    assert view.visible == pytest.approx((-0.05, 314.95))
    with pytest.raises(ValueError, match="cannot follow"):
        view.follow(0)


def test_appended_rows_look_like_loaded_rows(view: TimelineView, grab: Grab) -> None:
    generator = np.random.default_rng(3)
    scores = [
        Score(place / 10, State.OK, in_phase=value, anti_phase=0.0)
        for place, value in enumerate(generator.random(3000))
    ]
    view.set_timeline(timeline(scores))
    loaded = grab(view)
    view.clear()
    for score in scores:
        view.append([score])
    assert np.array_equal(grab(view), loaded)


def test_new_rows_are_shown_unless_zoomed(view: TimelineView) -> None:
    scores = rows((200, 0.5, 0.0, State.OK))
    view.set_timeline(timeline(scores[:1000]))
    view.append(scores[1000:1500])
    assert view.visible[1] == pytest.approx(149.95)
    view.zoom(0.5, 50)
    zoomed = view.visible
    view.append(scores[1500:])
    assert view.visible == zoomed
    view.show_all()
    assert view.visible == pytest.approx((-0.05, 199.95))


def test_new_timeline_keeps_zoom(view: TimelineView) -> None:
    view.set_timeline(timeline(rows((100, 0.5, 0.0, State.OK))))
    view.zoom(0.1, 50)
    zoomed = view.visible
    view.set_timeline(timeline(rows((100, 0.0, 0.5, State.OK))))
    assert view.visible == zoomed
    view.set_timeline(timeline(rows((20, 0.0, 0.5, State.OK))))
    assert view.visible == pytest.approx((9.95, 19.95), abs=0.1)


def test_moving_cursor_does_not_repaint_curves(
    view: TimelineView, monkeypatch: pytest.MonkeyPatch, grab: Grab
) -> None:
    view.set_timeline(timeline(rows((100, 0.5, 0.0, State.OK))))
    drawn = []
    monkeypatch.setattr(
        paint, "paint_scores", lambda *given: (drawn.append(given), paint_scores(*given))
    )
    view.set_cursor(10)
    first = grab(view)
    drawn.clear()
    view.set_cursor(20)
    second = grab(view)
    view.set_selection((30, 40))
    third = grab(view)
    assert drawn == []
    assert (first != second)[:, round(view.x_of(20))].any()
    assert (first != second)[:, round(view.x_of(10))].any()
    assert (second != third)[:, round(view.x_of(35))].any()
    assert not (second != third)[:, round(view.x_of(50))].any()
    view.append(rows((1, 0.5, 0.0, State.OK), start=100))
    grab(view)
    assert len(drawn) == 1


def test_page_turns_when_cursor_leaves_view(view: TimelineView) -> None:
    view.set_timeline(timeline(rows((100, 0.5, 0.0, State.OK))))
    view.set_cursor(15)
    view.zoom(0.2, 15)
    start, end = view.visible
    assert start < 15 < end < 40
    view.set_cursor(end + 1)
    turned = view.visible
    assert turned[0] < end + 1 < turned[1]
    assert turned[1] - turned[0] == pytest.approx(end - start)
    # Who has moved elsewhere is left there.
    view.zoom(1, 50)
    view.reveal(90)
    elsewhere = view.visible
    view.set_cursor(end + 2)
    assert view.visible == elsewhere
    view.reveal(91)
    assert view.visible == elsewhere
    view.reveal(5)
    assert view.visible[0] <= 5 <= view.visible[1]


def test_follows_theme_and_font(view: TimelineView, grab: Grab) -> None:
    view.set_timeline(timeline(rows((100, 0.5, 0.0, State.OK))))
    light = grab(view)
    theme().choose("dark")
    dark = grab(view)
    assert tuple(light[5, 5]) == tuple(bytes.fromhex(LIGHT.surface[1:]))
    assert tuple(dark[5, 5]) == tuple(bytes.fromhex(DARK.surface[1:]))
    before = view.x_of(0)
    font = QFont(view.font())
    font.setPointSizeF(1.5 * font.pointSizeF())
    view.setFont(font)
    assert view.x_of(0) > before
    assert not np.array_equal(grab(view), dark)


def test_accessible_description(view: TimelineView) -> None:
    assert view.accessibleName() == "Synchrony timeline"
    view.set_timeline(timeline(rows((60, 0.5, 0.0, State.OK), (60, NAN, NAN, State.STILL))))
    view.set_cursor(30.02)
    view.set_selection((20, 10))
    view.set_events([Event(1, "mark", ""), Event(2, "mark", "")])
    told = view.accessibleDescription()
    assert "of 2:00" in told
    assert "Cursor at 0:30.0  in phase 0.50, anti-phase 0.00" in told
    assert "Selected 0:10 to 0:20" in told
    assert "2 events" in told
    view.set_cursor(100)
    assert "still" in view.accessibleDescription()


def test_overview_of_long_sessions_moves_view(view: TimelineView, qtbot: QtBot) -> None:
    overview = view.findChild(Overview)
    assert overview is not None
    view.set_timeline(timeline(rows((100, 0.5, 0.0, State.OK))))
    assert not overview.isVisible()
    small = view.sizeHint().height()
    view.set_timeline(timeline(rows((1000, 0.5, 0.0, State.OK))))
    assert overview.isVisible()
    assert view.sizeHint().height() > small
    view.zoom(0.1, 100)
    wide = view.visible[1] - view.visible[0]

    def at(time_s: float) -> QPoint:
        return QPoint(round(time_s / 1000 * overview.width()), overview.height() // 2)

    qtbot.mousePress(overview, Qt.MouseButton.LeftButton, pos=at(700))
    assert sum(view.visible) / 2 == pytest.approx(700, abs=3)
    qtbot.mouseMove(overview, at(500))
    assert sum(view.visible) / 2 == pytest.approx(500, abs=5)
    qtbot.mouseRelease(overview, Qt.MouseButton.LeftButton, pos=at(500))
    left = view.visible
    qtbot.mousePress(overview, Qt.MouseButton.RightButton, pos=at(500))
    qtbot.mouseMove(overview, at(300))
    qtbot.mouseRelease(overview, Qt.MouseButton.RightButton, pos=at(300))
    assert view.visible == left
    assert left[1] - left[0] == pytest.approx(wide)
    view.follow(60)
    assert not overview.isVisible()


@pytest.mark.parametrize(
    ("start", "end", "most", "texts"),
    [
        (0, 60, 12, ["0:00", "0:05", "0:10"]),
        (0, 7200, 8, ["0:00", "15:00", "30:00", "45:00", "1:00:00"]),
        (58.2, 60.2, 10, ["0:58.2", "0:58.4"]),
        (-5, 25, 3, ["0:00", "0:10", "0:20"]),
        (100000, 200000, 5, ["30:00:00", "36:00:00"]),
    ],
)
def test_time_labels_are_round(start: float, end: float, most: int, texts: list[str]) -> None:
    step = axis_step(end - start, most)
    found = axis_ticks(start, end, step)
    assert len(found) <= most + 1
    assert all(start - 1e-6 <= each <= end + 1e-6 for each in found)
    assert [clock_time(each, tenths=step < 1) for each in found][: len(texts)] == texts


def test_postures_taken_over_are_arcs_to_the_follower(
    qtbot: QtBot, view: TimelineView, grab: Grab, find_colour: FindColour
) -> None:
    view.set_names("Anna", "Ben")
    still = rows((60.0, NAN, NAN, State.STILL))
    view.set_timeline(timeline(still))
    gold = LIGHT.posture_match
    assert not find_colour(grab(view), gold).any()
    taken: dict[str, Any] = {"mimicry_ago_s": 2.0, "mimicry_likeness": 0.9, "mimicry_regions": 12.0}
    forth = replace(still[300], mimicry_latency_s=8.0, **taken)
    view.set_timeline(timeline([*still[:300], forth, *still[301:]]))
    arc = find_colour(grab(view), gold)
    assert "1 posture taken over." in view.accessibleDescription()
    places = np.nonzero(arc)
    start, end = view.x_of(20.0), view.x_of(28.0)
    assert abs(places[1].min() - start) <= 3
    assert abs(places[1].max() - end) <= 5
    lower = places[0][places[1] >= end - 4]  # the dot is in Ben's lane, which is the lower one
    assert lower.mean() > places[0].mean()
    with qtbot.waitSignal(view.moved) as moved:
        on_arc = QPoint(round(view.x_of(22.0)), round(places[0].mean()))
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=on_arc)
    assert moved.args == [pytest.approx(28.0)]
    place = QPoint(round(view.x_of(24.0)), round(places[0].mean()))
    QApplication.sendEvent(view, QHelpEvent(QEvent.Type.ToolTip, place, view.mapToGlobal(place)))
    assert QToolTip.text() == "0:28  Ben mirrored Anna after 8.0 s: arms"
    back = replace(still[500], mimicry_latency_s=-8.0, **taken)
    view.append([replace(back, time_s=60.5)])
    both = find_colour(grab(view), gold)
    late = np.nonzero(both[:, round(view.x_of(58.5)) - 4 : round(view.x_of(58.5)) + 5])
    assert late[0].mean() < places[0].mean()
    view.set_timeline(timeline(still[::10]), 1.0, "")  # scored again: others may be taken over
    assert not find_colour(grab(view), gold).any()


def test_rows_that_were_put_off_are_painted_if_no_more_come(
    qtbot: QtBot, view: TimelineView
) -> None:
    scores = rows((10, 0.9, 0.0, State.OK))
    view.append(scores[:50])
    view.sparing = True
    before, end = view.background_key(), view.visible[1]
    view.append(scores[50:60])
    assert view.background_key() == before  # put off
    qtbot.waitUntil(lambda: view.background_key() > before)
    assert view.visible[1] == pytest.approx(end + 1.0)
    view.append(scores[60:70])
    view.clear()
    assert not any(timer.isActive() for timer in view.findChildren(QTimer))
    before = view.background_key()
    view.append(scores[70:80])
    view.append(scores[80:])
    assert view.background_key() == before  # put off anew, together
    qtbot.waitUntil(lambda: view.background_key() == before + 1)
