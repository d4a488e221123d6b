from __future__ import annotations

from pathlib import Path

import pytest
from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PyQt6.QtGui import QDropEvent
from PyQt6.QtWidgets import QFileDialog, QLineEdit, QRadioButton, QWidget
from pytestqt.qtbot import QtBot

from ui.shell.preferences import Preferences
from ui.start.files import TwoFiles


@pytest.fixture
def videos(tmp_path: Path) -> list[str]:
    paths = [tmp_path / name for name in ("anna.mp4", "ben.mp4")]
    for path in paths:
        path.touch()
    return [str(path) for path in paths]


def drop(target: QWidget, *paths: str) -> None:
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


def test_problem_names_missing_video(panel: TwoFiles, videos: list[str]) -> None:
    assert (panel.problem, panel.pair) == ("Choose the video of A.", None)
    panel.set_names(("Anna", "Ben"))
    panel.fields[0].set_text(videos[0])
    assert panel.problem == "Choose the video of Ben."
    panel.fields[1].set_text(videos[1])
    assert (panel.problem, panel.pair) == ("", (videos[0], videos[1]))
    assert panel.halves.isHidden()


def test_videos_show_first_frame(qtbot: QtBot, panel: TwoFiles, videos: list[str]) -> None:
    panel.fields[0].set_text(videos[0])
    qtbot.waitUntil(lambda: panel.previews[0].has_frame)
    assert not panel.previews[1].has_frame
    panel.deactivate()
    assert panel.previews[0].source == ""


def test_same_video_twice_means_two_people_in_it(panel: TwoFiles, videos: list[str]) -> None:
    for field in panel.fields:
        field.set_text(videos[0])
    assert panel.halves.isVisible()
    assert panel.pair == (f"{videos[0]}#person=1", f"{videos[0]}#person=2")
    panel.halves.fixed.click()
    assert panel.pair == (f"{videos[0]}#left", f"{videos[0]}#right")
    straight, swapped = panel.halves.findChildren(QRadioButton)
    assert (straight.text(), swapped.text()) == ("A on the left", "B on the left")
    assert straight.y() == swapped.y()  # low screens need the height
    swapped.click()
    assert panel.pair == (f"{videos[0]}#right", f"{videos[0]}#left")
    panel.both.click()
    assert panel.problem == "Choose the video of B."
    panel.drop([Path(name) for name in videos])
    assert panel.halves.isHidden()
    assert panel.pair == tuple(videos)


def test_one_video_of_both_is_chosen_once(qtbot: QtBot, panel: TwoFiles, videos: list[str]) -> None:
    assert panel.both.isHidden()
    panel.fields[0].set_text(videos[0])
    panel.both.click()
    assert panel.pair == (f"{videos[0]}#person=1", f"{videos[0]}#person=2")
    assert panel.fields[1].isHidden()
    panel.halves.fixed.click()
    preview = panel.previews[0]
    assert (preview.source, panel.previews[1].source) == (videos[0], "")  # whole, with the line
    qtbot.waitUntil(lambda: preview.has_frame)
    preview.grab()
    where = QPoint(round(preview.width() * 0.5), preview.height() // 2)
    qtbot.mousePress(preview, Qt.MouseButton.LeftButton, pos=where)
    qtbot.mouseMove(preview, where + QPoint(40, 0))
    qtbot.mouseRelease(preview, Qt.MouseButton.LeftButton, pos=where + QPoint(40, 0))
    line = round(100 * preview.split)
    assert 52 < line < 75
    assert panel.pair == (
        f"{videos[0]}#xywh=percent:0,0,{line},100",
        f"{videos[0]}#xywh=percent:{line},0,{100 - line},100",
    )
    qtbot.keyClick(preview, Qt.Key.Key_Left)
    assert f"percent:{line - 1},0," in panel.pair[1]
    panel.both.click()
    assert panel.problem == "Choose the video of B."


def test_typed_name_is_taken_on_enter_and_after_pause(panel: TwoFiles, qtbot: QtBot) -> None:
    edit = panel.fields[0].findChild(QLineEdit)
    with qtbot.waitSignal(panel.changed):
        qtbot.keyClicks(edit, "room.mp4#t=5,20")
        qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert panel.fields[0].text == "room.mp4#t=5,20"
    with qtbot.waitSignal(panel.changed):  # once the typing pauses
        qtbot.keyClicks(edit, "0")
    assert panel.fields[0].text == "room.mp4#t=5,200"


def test_video_can_be_dropped_on_field(panel: TwoFiles, videos: list[str]) -> None:
    drop(panel.fields[1], videos[1])
    assert panel.fields[1].text == videos[1]
    assert panel.problem == "Choose the video of A."


def test_dropped_videos_fill_empty_fields(panel: TwoFiles, videos: list[str]) -> None:
    panel.drop([Path(videos[0])])
    assert [field.text for field in panel.fields] == [videos[0], ""]
    panel.drop([Path(videos[1])])
    assert [field.text for field in panel.fields] == videos
    panel.drop([Path(name) for name in reversed(videos)])
    assert [field.text for field in panel.fields] == videos[::-1]


def test_browsing_remembers_folder(
    panel: TwoFiles, preferences: Preferences, videos: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def answer(_parent: object, title: str, folder: str, _filter: str) -> tuple[str, str]:
        calls.append((title, folder))
        return videos[len(calls) - 1], ""

    monkeypatch.setattr(QFileDialog, "getOpenFileName", answer)
    panel.fields[0].browse()
    panel.fields[1].browse()
    assert panel.pair == tuple(videos)
    assert calls == [("Video of A", ""), ("Video of B", str(Path(videos[0]).parent))]
