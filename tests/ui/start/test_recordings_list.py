from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from mirror.errors import RecordingError
from mirror.recording.library import Entry
from ui.shell.preferences import Preferences
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
        in_phase=LINE,
        anti_phase=1 - LINE,
    )


class Library:
    """A library with the entries that a test puts in."""

    def __init__(self, *entries: Entry) -> None:
        self.entries: Sequence[Entry] = entries
        self.fault = ""
        self.folders: list[Path] = []

    def __call__(self, folder: Path) -> Sequence[Entry]:
        self.folders.append(folder)
        if self.fault:
            raise RecordingError(self.fault)
        return self.entries


def show_list(qtbot: QtBot, preferences: Preferences, library: Library) -> RecordingsList:
    recordings = RecordingsList(preferences, library)
    qtbot.addWidget(recordings)
    recordings.show()
    recordings.refresh()
    assert recordings.summary.text().startswith("Looking in")
    qtbot.waitUntil(lambda: not recordings.summary.text().startswith("Looking"))
    return recordings


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
    library = Library(entry("new", condition="seated"), entry("old", started=None, duration_s=65.0))
    recordings = show_list(qtbot, preferences, library)
    assert library.folders == [tmp_path]
    assert recordings.summary.text() == f"In {tmp_path}: 2 recordings."
    assert row_texts(recordings, 0) == ["23 Nov 2026, 10:15", "12:34  ·  Anna and Ben  ·  seated"]
    assert row_texts(recordings, 1) == ["old", "1:05  ·  Anna and Ben"]
    line = row_widget(recordings, 0).findChild(Sparkline)
    assert "In-phase up to 1.00" in line.accessibleDescription()


def test_abrupt_end_is_shown(qtbot: QtBot, preferences: Preferences) -> None:
    recordings = show_list(
        qtbot, preferences, Library(entry("whole"), entry("cut", is_complete=False))
    )
    assert "ended abruptly" not in row_texts(recordings, 0)
    assert "ended abruptly" in row_texts(recordings, 1)
    item = recordings.list.item(1)
    assert item is not None
    text = item.data(Qt.ItemDataRole.AccessibleTextRole)
    assert text == "23 November 2026, 10:15, 12:34, Anna and Ben, ended abruptly"


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
