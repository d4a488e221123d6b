from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QInputDialog, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from mirror.errors import RecordingError
from mirror.recording.library import Entry, list_recordings
from mirror.recording.reader import Recording
from tests.support.recordings import make_recording
from ui.shell.messages import Question
from ui.shell.preferences import Preferences
from ui.shell.shortcuts import Keys
from ui.start.recordings_list import RecordingsList, describe
from ui.widgets.sparkline import Sparkline

LINE = np.linspace(0, 1, 60)


def entry(name: str, **more) -> Entry:
    return Entry(
        path=Path(f"/rec/{name}.mirror"),
        started=more.get("started", datetime(2026, 11, 23, 10, 15, tzinfo=UTC)),
        duration_s=more.get("duration_s", 754.0),
        labels=more.get("labels", ("Anna", "Ben")),
        condition=more.get("condition", ""),
        is_complete=more.get("is_complete", True),
        scores=np.stack([LINE, 1 - LINE, LINE / 2]),
        exercises=more.get("exercises", ()),
    )


class Library:
    """A library with the entries that a test puts in."""

    def __init__(self, *entries: Entry) -> None:
        self.entries: Sequence[Entry] = entries
        self.fault = ""
        self.folders: list[Path] = []

    def __call__(self, *folders: Path) -> Sequence[Entry]:
        self.folders += folders
        if self.fault:
            raise RecordingError(self.fault)
        return self.entries


def show_list(qtbot: QtBot, preferences: Preferences, library: Library) -> RecordingsList:
    recordings = RecordingsList(preferences, Keys(preferences), library)
    qtbot.addWidget(recordings)
    recordings.show()
    recordings.refresh()
    assert recordings.summary.text().startswith("Looking in")
    qtbot.waitUntil(lambda: not recordings.summary.text().startswith("Looking"))
    return recordings


def press(qtbot: QtBot, widget: QWidget, key: Qt.Key) -> None:
    widget.activateWindow()
    widget.setFocus()
    qtbot.waitUntil(widget.hasFocus)
    qtbot.keyClick(widget, key)


def row_widget(recordings: RecordingsList, row: int) -> QWidget:
    widget = recordings.list.itemWidget(recordings.list.item(row))
    assert widget is not None
    return widget


def row_texts(recordings: RecordingsList, row: int) -> list[str]:
    return [label.text() for label in row_widget(recordings, row).findChildren(QLabel)]


def test_recordings_are_listed_in_order(
    qtbot: QtBot, preferences: Preferences, tmp_path: Path
) -> None:
    preferences.recordings_folder = tmp_path
    library = Library(
        entry("2026-11-23_10-15-02", condition="seated"),
        entry("named"),
        entry("old", started=None, duration_s=65.0),
    )
    recordings = show_list(qtbot, preferences, library)
    assert library.folders == [tmp_path, tmp_path / "Demo"]
    assert recordings.summary.text() == f"In {tmp_path}: 3 recordings."
    assert row_texts(recordings, 0) == ["23 Nov 2026, 10:15", "12:34  ·  Anna and Ben  ·  seated"]
    assert row_texts(recordings, 1) == [
        "named",
        "23 Nov 2026, 10:15  ·  12:34  ·  Anna and Ben",
    ]
    assert row_texts(recordings, 2) == ["old", "1:05  ·  Anna and Ben"]
    line = row_widget(recordings, 0).findChild(Sparkline)
    assert "In-phase up to 1.00" in line.accessibleDescription()


def test_abrupt_end_is_shown(qtbot: QtBot, preferences: Preferences) -> None:
    recordings = show_list(
        qtbot, preferences, Library(entry("whole"), entry("2026-11-23_10-15-02", is_complete=False))
    )
    assert "recording, or ended abruptly" not in row_texts(recordings, 0)
    assert "recording, or ended abruptly" in row_texts(recordings, 1)
    item = recordings.list.item(1)
    assert item is not None
    text = item.data(Qt.ItemDataRole.AccessibleTextRole)
    assert text == "23 November 2026, 10:15, 12:34, Anna and Ben, recording, or ended abruptly"


def test_recording_without_date_has_file_name() -> None:
    assert describe(entry("old", started=None, condition="c")) == "old, 12:34, Anna and Ben, c"


def test_only_newest_are_listed(qtbot: QtBot, preferences: Preferences) -> None:
    recordings = show_list(qtbot, preferences, Library(*(entry(f"s{k}") for k in range(60))))
    assert recordings.list.count() == 50
    assert "the newest 50 of 60 recordings" in recordings.summary.text()


def test_empty_and_unreadable_folder(qtbot: QtBot, preferences: Preferences) -> None:
    library = Library()
    recordings = show_list(qtbot, preferences, library)
    assert (
        recordings.summary.text()
        == f"There are no recordings in {preferences.recordings_folder} yet."
    )
    button = next(each for each in recordings.findChildren(QPushButton) if each.text() == "Open")
    assert not button.isEnabled()
    library.fault = "recordings cannot be read"
    recordings.refresh()
    qtbot.waitUntil(lambda: recordings.summary.text() == "recordings cannot be read")


def test_chosen_recording_is_opened(qtbot: QtBot, preferences: Preferences) -> None:
    recordings = show_list(qtbot, preferences, Library(entry("new"), entry("old")))
    button = next(each for each in recordings.findChildren(QPushButton) if each.text() == "Open")
    with qtbot.waitSignal(recordings.chosen) as newest:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert newest.args == [Path("/rec/new.mirror")]
    recordings.list.setCurrentRow(1)
    with qtbot.waitSignal(recordings.chosen) as second:
        qtbot.keyClick(recordings.list, Qt.Key.Key_Return)
    assert second.args == [Path("/rec/old.mirror")]


def test_search_finds_all_words_beyond_the_newest(qtbot: QtBot, preferences: Preferences) -> None:
    many = (entry(f"s{k}") for k in range(60))
    last = entry(
        "first try", labels=("Zoë", "Ben"), condition="seated", exercises=("Be my mirror",)
    )
    recordings = show_list(qtbot, preferences, Library(*many, last))
    recordings.search.setText("SEATED zoë")
    assert [row_texts(recordings, row)[0] for row in range(recordings.list.count())] == [
        "first try"
    ]
    assert recordings.summary.text().endswith("1 of 61 recordings match.")
    recordings.search.setText("mirror BE")
    assert row_texts(recordings, 0)[0] == "first try"
    recordings.search.setText("nobody")
    assert not recordings.list.count()
    assert not any(action.isEnabled() for action in recordings.changes.values())
    recordings.search.clear()
    assert recordings.list.count() == 50


@pytest.fixture
def real_list(qtbot: QtBot, preferences: Preferences, tmp_path: Path) -> RecordingsList:
    """A list of two recordings on disk, of which the older one has videos."""
    preferences.recordings_folder = tmp_path / "rec"
    for name, day in (("talk.video", 23), ("later", 24)):
        make_recording(
            tmp_path / "rec" / f"{name}.mirror",
            seconds=1,
            started=f"2026-11-{day}T10:15:02+00:00",
            with_video=day == 23,
        )
    recordings = RecordingsList(preferences, Keys(preferences), list_recordings)
    qtbot.addWidget(recordings)
    recordings.show()
    recordings.refresh()
    qtbot.waitUntil(lambda: recordings.list.count() == 2)
    recordings.list.setCurrentRow(1)
    return recordings


def test_sessions_of_rendered_people_are_found(
    qtbot: QtBot, real_list: RecordingsList, tmp_path: Path
) -> None:
    make_recording(
        tmp_path / "rec" / "Demo" / "x.mirror", seconds=1, started="2026-11-23T22:00:00+00:00"
    )
    real_list.refresh()
    qtbot.waitUntil(lambda: real_list.list.count() == 3)
    assert ["demo" in row_texts(real_list, row)[1] for row in range(3)] == [False, True, False]
    real_list.search.setText("demo")
    assert real_list.list.count() == 1


def files(recordings: RecordingsList, tmp_path: Path) -> list[str]:
    # The list may be reading again by now, which SQLite does with files of its own.
    names = (each.name for each in (tmp_path / "rec").iterdir())
    return sorted(name for name in names if not name.endswith(("-wal", "-shm")))


def test_key_renames_with_videos(qtbot: QtBot, real_list: RecordingsList, tmp_path: Path) -> None:
    with qtbot.waitSignal(real_list.message) as said:
        press(qtbot, real_list.list, Qt.Key.Key_F2)
        dialog = real_list.findChild(QInputDialog)
        assert dialog.textValue() == "talk"
        dialog.setTextValue("Anna and Ben")
        dialog.accept()
    assert said.args == ["Renamed to Anna and Ben.video.mirror.", "notice", None]
    assert files(real_list, tmp_path) == [
        "Anna and Ben.video.a.mp4",
        "Anna and Ben.video.b.mp4",
        "Anna and Ben.video.mirror",
        "later.mirror",
    ]
    qtbot.waitUntil(lambda: row_texts(real_list, 1)[0] == "Anna and Ben")
    assert real_list.list.currentRow() == 1


def test_delete_asks_and_names_all_files(
    qtbot: QtBot, real_list: RecordingsList, tmp_path: Path
) -> None:
    def ask() -> Question:
        press(qtbot, real_list.list, Qt.Key.Key_Delete)
        qtbot.waitUntil(lambda: bool(real_list.findChildren(Question)))
        return real_list.findChildren(Question)[-1]

    question = ask()
    assert "talk.video.mirror\ntalk.video.a.mp4\n" in question.informativeText()
    qtbot.keyClick(question, Qt.Key.Key_Return)  # no
    qtbot.waitUntil(lambda: not real_list.findChildren(Question))
    assert len(files(real_list, tmp_path)) == 4
    with qtbot.waitSignal(real_list.message):
        delete = next(each for each in ask().buttons() if each.text() == "Delete")
        delete.click()
    assert files(real_list, tmp_path) == ["later.mirror"]
    qtbot.waitUntil(lambda: real_list.list.count() == 1)


def test_one_question_at_a_time_and_only_where_it_is_seen(
    qtbot: QtBot, real_list: RecordingsList, tmp_path: Path
) -> None:
    for _ in range(2):
        real_list.changes["delete"].trigger()
    qtbot.waitUntil(lambda: not real_list.working.running)
    (question,) = real_list.findChildren(Question)
    question.reject()
    qtbot.waitUntil(lambda: not real_list.findChildren(Question))
    real_list.changes["delete"].trigger()
    real_list.hide()  # for a recording that is opened
    qtbot.waitUntil(lambda: not real_list.working.running)
    assert not real_list.findChildren(Question)


def test_the_same_name_changes_nothing(qtbot: QtBot, real_list: RecordingsList) -> None:
    real_list.changes["rename"].trigger()
    with qtbot.assertNotEmitted(real_list.message):
        real_list.findChild(QInputDialog).accept()
        assert not real_list.working.running


def test_anonymized_copy_is_listed(qtbot: QtBot, real_list: RecordingsList, tmp_path: Path) -> None:
    for name in ("anonymous.mirror", "anonymous-2.mirror"):
        with qtbot.waitSignal(real_list.message) as said:
            real_list.changes["anonymize"].trigger()
        assert said.args[0].startswith(f"The copy is {name}, without names")
    qtbot.waitUntil(lambda: real_list.list.count() == 4)
    item = real_list.list.currentItem()
    assert item is not None
    assert item.toolTip() == str(tmp_path / "rec" / "anonymous-2.mirror")
    with Recording.open(tmp_path / "rec" / "anonymous.mirror") as copy:
        assert copy.session["labels"] == {"a": "A", "b": "B"}


def test_refused_name_is_reported(qtbot: QtBot, real_list: RecordingsList, tmp_path: Path) -> None:
    with qtbot.waitSignal(real_list.message) as said:
        real_list.changes["rename"].trigger()
        dialog = real_list.findChild(QInputDialog)
        dialog.setTextValue("a/b")
        dialog.accept()
    assert said.args[1] == "error"
    assert "later.mirror" in files(real_list, tmp_path)
    again = [each for each in real_list.findChildren(QInputDialog) if each.isVisible()]
    assert [each.textValue() for each in again] == ["a/b"]  # to be mended
    again[0].setTextValue("ab")
    with qtbot.waitSignal(real_list.message) as said:
        again[0].accept()
    assert said.args[0] == "Renamed to ab.video.mirror."


def test_refused_name_is_asked_for_again_of_the_same_recording(
    qtbot: QtBot, real_list: RecordingsList
) -> None:
    real_list.changes["rename"].trigger()
    dialog = real_list.findChild(QInputDialog)
    with qtbot.waitSignal(real_list.message):
        dialog.textValueSelected.emit("a/b")
        dialog.reject()
        real_list.search.setText("later")  # another one is the current one
    (again,) = (each for each in real_list.findChildren(QInputDialog) if each.isVisible())
    assert "talk.video.mirror" in again.labelText()
    with qtbot.waitSignal(real_list.message):
        again.textValueSelected.emit("c/d")
        again.reject()
        real_list.search.setText("nothing like that")
    (again,) = (each for each in real_list.findChildren(QInputDialog) if each.isVisible())
    with qtbot.waitSignal(real_list.message) as said:
        again.setTextValue("ab")
        again.accept()
    assert said.args[0] == "Renamed to ab.video.mirror."


def test_name_is_not_asked_for_again_where_the_file_is_at_fault(
    qtbot: QtBot, real_list: RecordingsList, tmp_path: Path
) -> None:
    real_list.changes["rename"].trigger()
    for each in (tmp_path / "rec").glob("talk*"):
        each.unlink()
    with qtbot.waitSignal(real_list.message) as said:
        real_list.findChild(QInputDialog).textValueSelected.emit("ab")
        real_list.findChild(QInputDialog).reject()
    assert said.args[1] == "error"
    assert not [each for each in real_list.findChildren(QInputDialog) if each.isVisible()]


def test_keys_of_changes_leave_the_search_alone(
    qtbot: QtBot, real_list: RecordingsList, tmp_path: Path
) -> None:
    press(qtbot, real_list.list, Qt.Key.Key_Slash)
    assert real_list.search.hasFocus()
    press(qtbot, real_list.search, Qt.Key.Key_Delete)
    assert not real_list.findChildren(Question)
    menu = [action.text() for action in real_list.list.actions()]
    assert menu == ["Search", "Rename…", "Delete…", "Anonymize a copy"]


def test_changes_are_in_a_menu_that_is_seen(qtbot: QtBot, real_list: RecordingsList) -> None:
    menu = real_list.more.menu()
    assert menu is not None
    assert menu.actions() == list(real_list.changes.values())


def test_refresh_replaces_rows(qtbot: QtBot, preferences: Preferences) -> None:
    library = Library(entry("new"))
    recordings = show_list(qtbot, preferences, library)
    library.entries = [entry("newest"), entry("new")]
    recordings.refresh()
    recordings.refresh()  # while the first look may still be under way
    qtbot.waitUntil(lambda: recordings.list.count() == 2)


@pytest.mark.parametrize("count", [1, 2])
def test_count_agrees_in_number(qtbot: QtBot, preferences: Preferences, count: int) -> None:
    recordings = show_list(qtbot, preferences, Library(*(entry(f"s{k}") for k in range(count))))
    assert recordings.summary.text().endswith(["1 recording.", "2 recordings."][count - 1])
