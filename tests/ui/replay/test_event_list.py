from __future__ import annotations

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from mirror.events import Event
from ui.replay.event_list import EventList, parse_time

ENTRIES = [(7, Event(2.04, "mark", "hello")), (3, Event(83.4, "truth", "opposite"))]


@pytest.fixture
def events(qtbot: QtBot) -> EventList:
    events = EventList()
    qtbot.addWidget(events)
    events.set_entries(ENTRIES)
    events.resize(320, 400)
    events.show()
    return events


def written(events: EventList, row: int, column: int) -> str:
    item = events.table.item(row, column)
    assert item is not None
    return item.text()


def write(events: EventList, row: int, column: int, text: str) -> None:
    item = events.table.item(row, column)
    assert item is not None
    item.setText(text)


@pytest.mark.parametrize(
    ("label", "kind"), [("script", "truth"), (" Mark ", "mark"), ("Laugh", "Laugh")]
)
def test_kind_is_written_as_it_is_shown(
    qtbot: QtBot, events: EventList, label: str, kind: str
) -> None:
    item = events.table.item(0, 1)
    assert item is not None
    edited = []
    events.edited.connect(lambda number, event: edited.append((number, event.kind)))
    item.setText(label)
    assert edited == ([] if kind == "mark" else [(7, kind)])


def test_shows_time_kind_and_text(events: EventList) -> None:
    assert [written(events, 0, column) for column in range(3)] == ["0:02.0", "Mark", "hello"]
    assert [written(events, 1, column) for column in range(3)] == ["1:23.4", "Script", "opposite"]
    assert not events.empty.isVisible()


def test_empty_list_shows_how_to_add(events: EventList) -> None:
    events.set_keys("M")
    events.set_entries([])
    assert events.empty.isVisible()
    assert events.empty.text().startswith("No events yet. M adds one")


def test_buttons_need_a_selection(qtbot: QtBot, events: EventList) -> None:
    assert events.selected is None
    assert not events.edit_button.isEnabled()
    assert not events.delete_button.isEnabled()
    with qtbot.waitSignal(events.selection_changed):
        events.select(3)
    assert events.selected == 3
    assert events.edit_button.isEnabled()
    for button, signal in (
        (events.delete_button, events.delete_requested),
        (events.add_button, events.add_requested),
    ):
        with qtbot.waitSignal(signal):
            qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_selection_follows_its_event(events: EventList) -> None:
    events.select(3)
    events.set_entries([ENTRIES[1]])
    assert events.selected == 3
    events.set_entries([ENTRIES[0]])
    assert events.selected is None


@pytest.mark.parametrize("how", ["double click", "Enter"])
def test_activating_an_event_emits_its_time(qtbot: QtBot, events: EventList, how: str) -> None:
    item = events.table.item(1, 2)
    assert item is not None
    place = events.table.visualItemRect(item).center()
    viewport = events.table.viewport()
    with qtbot.waitSignal(events.activated) as activated:
        qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=place)
        if how == "Enter":
            qtbot.keyClick(events.table, Qt.Key.Key_Return)
        else:
            qtbot.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=place)
    assert activated.args == [83.4]


def test_edits_text_in_place(qtbot: QtBot, events: EventList) -> None:
    events.edit(7)
    field = events.table.findChild(QLineEdit)
    assert field is not None
    field.selectAll()
    qtbot.keyClicks(field, "they laugh")
    with qtbot.waitSignal(events.edited) as edited:
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert edited.args == [7, Event(2.04, "mark", "they laugh")]


def test_focus_returns_after_editing(qtbot: QtBot, events: EventList) -> None:
    events.add_button.setFocus()
    qtbot.waitUntil(events.add_button.hasFocus)
    events.edit(7)
    field = events.table.findChild(QLineEdit)
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert events.add_button.hasFocus()
    assert written(events, 0, 2) == "hello"


@pytest.mark.parametrize(
    ("column", "text", "event"),
    [
        (0, "1:02", Event(62.0, "mark", "hello")),
        (1, "note", Event(2.04, "note", "hello")),
        (2, " two\nlines ", Event(2.04, "mark", "two lines")),
        (2, "", Event(2.04, "mark", "")),
    ],
)
def test_emits_edits_of_every_column(
    qtbot: QtBot, events: EventList, column: int, text: str, event: Event
) -> None:
    with qtbot.waitSignal(events.edited) as edited:
        write(events, 0, column, text)
    assert edited.args == [7, event]
    # until it is on disk, the list shows what is there
    assert written(events, 0, column) != text


@pytest.mark.parametrize(("column", "text"), [(0, "soon"), (0, "1:2:3:4"), (0, "-3"), (1, " ")])
def test_rejects_invalid_texts(qtbot: QtBot, events: EventList, column: int, text: str) -> None:
    events.edited.connect(lambda *_: pytest.fail("edit was emitted"))
    before = written(events, 0, column)
    with qtbot.waitSignal(events.rejected) as rejected:
        write(events, 0, column, text)
    assert rejected.args is not None
    assert text.strip() in rejected.args[0]
    assert written(events, 0, column) == before


def test_unchanged_rounded_time_is_no_edit(events: EventList) -> None:
    events.edited.connect(lambda *_: pytest.fail("edit was emitted"))
    write(events, 0, 0, "0:02.0 ")
    assert written(events, 0, 0) == "0:02.0"


@pytest.mark.parametrize(
    ("text", "moment"),
    [("83.4", 83.4), ("1:23.4", 83.4), ("1:02:03", 3723.0), (" 0:07,5 ", 7.5), ("2.", 2.0)],
)
def test_parses_times(text: str, moment: float) -> None:
    assert parse_time(text) == pytest.approx(moment)


@pytest.mark.parametrize("text", ["", "soon", "1:", ":3", "1e9", "nan", "−3"])
def test_invalid_time_is_none(text: str) -> None:
    assert parse_time(text) is None


def test_people_have_their_names_and_the_event_stays(events: EventList) -> None:
    edited = []
    events.edited.connect(lambda number, event: edited.append((number, event.text)))
    events.names = ("Anna", "Ben")
    events.set_entries([(1, Event(1.0, "lost", "B is lost")), (2, Event(2.0, "mark", "A smiles"))])
    assert [written(events, row, 2) for row in (0, 1)] == ["Ben is lost", "A smiles"]
    write(events, 0, 2, "Ben is  lost")
    assert not edited
    write(events, 1, 2, "Anna smiles")
    assert edited == [(2, "Anna smiles")]
