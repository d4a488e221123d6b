from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from mirror.errors import RecordingError
from mirror.recording.library import Entry
from ui.shell.preferences import Preferences
from ui.start.recordings_list import Recent, about
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


class Shelf:
    """A library that holds what the test puts there."""

    def __init__(self, *entries: Entry) -> None:
        self.entries: Sequence[Entry] = entries
        self.fault = ""
        self.folders: list[Path] = []

    def __call__(self, folder: Path) -> Sequence[Entry]:
        self.folders.append(folder)
        if self.fault:
            raise RecordingError(self.fault)
        return self.entries


def shown(qtbot: QtBot, preferences: Preferences, shelf: Shelf) -> Recent:
    recent = Recent(preferences, shelf)
    qtbot.addWidget(recent)
    recent.show()
    recent.refresh()
    assert recent.words.startswith("Looking in")
    qtbot.waitUntil(lambda: not recent.words.startswith("Looking"))
    return recent


def row_words(recent: Recent, row: int) -> list[str]:
    widget = recent.list.itemWidget(recent.list.item(row))
    return [label.text() for label in widget.findChildren(QLabel)]


def test_recordings_are_listed_as_the_library_has_them(
    qtbot: QtBot, preferences: Preferences, tmp_path: Path
) -> None:
    preferences.recordings_folder = tmp_path
    shelf = Shelf(entry("new", condition="seated"), entry("old", started=None, duration_s=65.0))
    recent = shown(qtbot, preferences, shelf)
    assert shelf.folders == [tmp_path]
    assert recent.words == f"In {tmp_path}: 2 recordings."
    assert row_words(recent, 0) == ["23 Nov 2026, 10:15", "12:34  ·  Anna and Ben  ·  seated"]
    assert row_words(recent, 1) == ["old", "1:05  ·  Anna and Ben"]
    line = recent.list.itemWidget(recent.list.item(0)).findChild(Sparkline)
    assert "In-phase up to 1.00" in line.accessibleDescription()


def test_a_session_that_was_cut_off_is_said_to_be(qtbot: QtBot, preferences: Preferences) -> None:
    recent = shown(qtbot, preferences, Shelf(entry("whole"), entry("torn", is_complete=False)))
    assert "ended abruptly" not in row_words(recent, 0)
    assert "ended abruptly" in row_words(recent, 1)
    heard = recent.list.item(1).data(Qt.ItemDataRole.AccessibleTextRole)
    assert heard == "23 November 2026, 10:15, 12:34, Anna and Ben, ended abruptly"


def test_a_recording_without_a_date_is_called_by_its_file() -> None:
    assert about(entry("old", started=None, condition="c")) == "old, 12:34, Anna and Ben, c"


def test_only_the_newest_are_listed(qtbot: QtBot, preferences: Preferences) -> None:
    recent = shown(qtbot, preferences, Shelf(*(entry(f"s{k}") for k in range(60))))
    assert recent.list.count() == 50
    assert "the newest 50 of 60 recordings" in recent.words


def test_an_empty_shelf_and_a_broken_one_are_said(qtbot: QtBot, preferences: Preferences) -> None:
    shelf = Shelf()
    recent = shown(qtbot, preferences, shelf)
    assert recent.words == f"There are no recordings in {preferences.recordings_folder} yet."
    button = next(each for each in recent.findChildren(QPushButton) if each.text() == "Open")
    assert not button.isEnabled()
    shelf.fault = "recordings cannot be read"
    recent.refresh()
    qtbot.waitUntil(lambda: recent.words == "recordings cannot be read")


def test_the_chosen_one_is_opened(qtbot: QtBot, preferences: Preferences) -> None:
    recent = shown(qtbot, preferences, Shelf(entry("new"), entry("old")))
    button = next(each for each in recent.findChildren(QPushButton) if each.text() == "Open")
    with qtbot.waitSignal(recent.chosen) as newest:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert newest.args == [Path("/rec/new.mirror")]
    recent.list.setCurrentRow(1)
    with qtbot.waitSignal(recent.chosen) as second:
        qtbot.keyClick(recent.list, Qt.Key.Key_Return)
    assert second.args == [Path("/rec/old.mirror")]


def test_the_list_is_made_anew_each_time(qtbot: QtBot, preferences: Preferences) -> None:
    shelf = Shelf(entry("new"))
    recent = shown(qtbot, preferences, shelf)
    shelf.entries = [entry("newest"), entry("new")]
    recent.refresh()
    recent.refresh()  # while the first look may still be under way
    qtbot.waitUntil(lambda: recent.list.count() == 2)


@pytest.mark.parametrize("count", [1, 2])
def test_numbers_agree(qtbot: QtBot, preferences: Preferences, count: int) -> None:
    recent = shown(qtbot, preferences, Shelf(*(entry(f"s{k}") for k in range(count))))
    assert recent.words.endswith(["1 recording.", "2 recordings."][count - 1])
