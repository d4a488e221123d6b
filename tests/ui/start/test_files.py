from __future__ import annotations

from pathlib import Path

import pytest
from PyQt6.QtCore import QMimeData, QPointF, Qt, QUrl
from PyQt6.QtGui import QDropEvent
from PyQt6.QtWidgets import QFileDialog, QLineEdit, QRadioButton
from pytestqt.qtbot import QtBot

from tests.support.fake_cameras import Devices
from ui.shell.preferences import Preferences
from ui.start.files import TwoFiles
from ui.start.preview import Looks


@pytest.fixture
def films(tmp_path: Path) -> list[str]:
    paths = [tmp_path / name for name in ("anna.mp4", "ben.mp4")]
    for path in paths:
        path.touch()
    return [str(path) for path in paths]


@pytest.fixture
def panel(qtbot: QtBot, preferences: Preferences) -> TwoFiles:
    made = TwoFiles(preferences, Looks(Devices()))
    qtbot.addWidget(made)
    made.show()
    made.entered()
    return made


def drop(target: TwoFiles, *paths: str) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(path) for path in paths])
    event = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    target.dropEvent(event)


def test_it_asks_for_one_film_after_the_other(panel: TwoFiles, films: list[str]) -> None:
    assert (panel.problem, panel.pair) == ("Choose the film of A.", None)
    panel.set_names(("Anna", "Ben"))
    panel.fields[0].set_text(films[0])
    assert panel.problem == "Choose the film of Ben."
    panel.fields[1].set_text(films[1])
    assert (panel.problem, panel.pair) == ("", (films[0], films[1]))
    assert panel.halves.isHidden()


def test_each_film_shows_its_first_picture(qtbot: QtBot, panel: TwoFiles, films: list[str]) -> None:
    panel.fields[0].set_text(films[0])
    qtbot.waitUntil(lambda: panel.previews[0].has_picture)
    assert not panel.previews[1].has_picture
    panel.left()
    assert panel.previews[0].text == ""


def test_the_same_film_twice_means_its_halves(panel: TwoFiles, films: list[str]) -> None:
    for field in panel.fields:
        field.set_text(films[0])
    assert panel.halves.isVisible()
    assert panel.pair == (f"{films[0]}#left", f"{films[0]}#right")
    assert [preview.text for preview in panel.previews] == list(panel.pair)
    swapped = next(b for b in panel.findChildren(QRadioButton) if b.text().startswith("B is"))
    swapped.click()
    assert panel.pair == (f"{films[0]}#right", f"{films[0]}#left")
    assert [preview.text for preview in panel.previews] == list(panel.pair)
    panel.fields[1].set_text(films[1])
    assert panel.halves.isHidden()


def test_typed_names_count_when_they_are_done(panel: TwoFiles, qtbot: QtBot) -> None:
    edit = panel.fields[0].findChild(QLineEdit)
    with qtbot.waitSignal(panel.changed):
        qtbot.keyClicks(edit, "room.mp4#t=5,20")
        qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert panel.fields[0].text == "room.mp4#t=5,20"
    with qtbot.waitSignal(panel.changed):  # once the typing pauses
        qtbot.keyClicks(edit, "0")
    assert panel.fields[0].text == "room.mp4#t=5,200"


def test_a_film_can_be_dropped_on_its_field(panel: TwoFiles, films: list[str]) -> None:
    drop(panel.fields[1], films[1])
    assert panel.fields[1].text == films[1]
    assert panel.problem == "Choose the film of A."


def test_films_dropped_on_the_page_find_their_places(panel: TwoFiles, films: list[str]) -> None:
    panel.drop([Path(films[0])])
    assert [field.text for field in panel.fields] == [films[0], ""]
    panel.drop([Path(films[1])])
    assert [field.text for field in panel.fields] == films
    panel.drop([Path(name) for name in reversed(films)])
    assert [field.text for field in panel.fields] == films[::-1]


def test_browsing_remembers_the_folder(
    panel: TwoFiles, preferences: Preferences, films: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def answer(_parent: object, title: str, folder: str, _filter: str) -> tuple[str, str]:
        asked.append((title, folder))
        return films[len(asked) - 1], ""

    monkeypatch.setattr(QFileDialog, "getOpenFileName", answer)
    panel.fields[0].browse()
    panel.fields[1].browse()
    assert panel.pair == tuple(films)
    assert asked == [("Film of A", ""), ("Film of B", str(Path(films[0]).parent))]
