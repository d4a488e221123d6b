from __future__ import annotations

from pathlib import Path

import pytest
from PyQt6.QtCore import QMimeData, QPointF, Qt, QUrl
from PyQt6.QtGui import QDropEvent, QKeySequence
from PyQt6.QtWidgets import QComboBox, QFileDialog, QLineEdit, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from mirror.errors import SourceError
from mirror.session.offline import OfflineResult
from mirror.session.start import SessionRequest
from mirror.settings import Settings
from tests.support.fake_cameras import FRONT, SIDE, Devices, Plugs
from ui.runtime.background import Progress
from ui.shell.preferences import Preferences
from ui.shell.shortcuts import Keys
from ui.start.analysis_job import Pace
from ui.start.page import StartPage


class World:
    """All that the page finds: cameras, devices, and what an analysis comes to."""

    def __init__(self) -> None:
        self.plugs = Plugs(FRONT, SIDE)
        self.devices = Devices()
        self.asked: list[SessionRequest] = []
        self.result: OfflineResult | Exception = OfflineResult()

    def analyse(self, start: SessionRequest, _progress: Progress, _pace: Pace) -> OfflineResult:
        self.asked.append(start)
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr("ui.start.cameras.LOOK_EVERY", 0.05)
    return World()


@pytest.fixture
def page(
    qtbot: QtBot, preferences: Preferences, keys: Keys, world: World, tmp_path: Path
) -> StartPage:
    preferences.recordings_folder = tmp_path / "recordings"
    made = StartPage(
        preferences,
        keys,
        lister=world.plugs,
        opener=world.devices,
        library=lambda _folder: [],
        analyser=world.analyse,
    )
    qtbot.addWidget(made)
    made.resize(1100, 700)
    made.show()
    made.entered()
    yield made
    made.left()
    qtbot.waitUntil(lambda: made.looks.free)


def click(qtbot: QtBot, button: QPushButton) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def ready(qtbot: QtBot, page: StartPage) -> None:
    qtbot.waitUntil(page.foot.start.isEnabled)


def pick(page: StartPage, which: int, name: str) -> None:
    box = page.two_cameras.pickers[which].findChild(QComboBox)
    box.setCurrentText(name)
    box.activated.emit(box.currentIndex())


def test_two_cameras_are_one_click_away(qtbot: QtBot, page: StartPage, world: World) -> None:
    ready(qtbot, page)
    a, b = page.two_cameras.previews
    qtbot.waitUntil(lambda: a.has_picture and b.has_picture)
    with qtbot.waitSignal(page.start_session) as asked:
        click(qtbot, page.foot.start)
    (start,) = asked.args
    assert (start.a, start.b, start.labels) == ("Front", "Side", ("A", "B"))
    assert start.output.parent == page.foot._preferences.recordings_folder  # noqa: SLF001
    assert not start.video
    assert not world.devices.open


def test_the_demo_begins_at_one_click(qtbot: QtBot, page: StartPage) -> None:
    with qtbot.waitSignal(page.start_session) as asked:
        click(qtbot, page.ways.demo_tile)
    (start,) = asked.args
    assert (start.a, start.b, start.title) == ("demo:a", "demo:b", "Demo")


def test_the_session_waits_until_the_cameras_are_free(
    qtbot: QtBot, page: StartPage, world: World
) -> None:
    ready(qtbot, page)
    qtbot.waitUntil(lambda: world.devices.open == {"Front", "Side"})
    open_then: list[set[str]] = []
    page.start_session.connect(lambda _start: open_then.append(set(world.devices.open)))
    with qtbot.waitSignal(page.start_session):
        click(qtbot, page.foot.start)
    assert open_then == [set()]


def test_the_same_camera_twice_is_refused_with_a_way_out(
    qtbot: QtBot, page: StartPage, world: World
) -> None:
    ready(qtbot, page)
    pick(page, 1, "Front")
    assert page.foot.problem.startswith("Both people have the same camera.")
    assert "“One camera, two people”" in page.foot.problem
    assert not page.foot.start.isEnabled()
    assert page.two_cameras.previews[1].words.startswith("The same camera as A’s")
    instead = next(
        each for each in page.two_cameras.findChildren(QPushButton) if "one camera" in each.text()
    )
    assert instead.isVisible()
    click(qtbot, instead)
    assert page.ways.tiles["one camera"].isChecked()
    ready(qtbot, page)
    with qtbot.waitSignal(page.start_session) as asked:
        click(qtbot, page.foot.start)
    (start,) = asked.args
    assert (start.a, start.b) == ("Front#left", "Front#right")


def test_plugging_in_and_out_changes_what_can_be_begun(
    qtbot: QtBot, page: StartPage, world: World
) -> None:
    ready(qtbot, page)
    world.plugs.cameras = [FRONT]
    qtbot.waitUntil(lambda: page.foot.problem.startswith("Side is unplugged"))
    assert not page.foot.start.isEnabled()
    world.plugs.cameras = [FRONT, SIDE]
    ready(qtbot, page)
    assert page.two_cameras.pair == ("Front", "Side")


def test_without_cameras_the_page_says_so(qtbot: QtBot, page: StartPage, world: World) -> None:
    world.plugs.cameras = []
    ready(qtbot, page)
    qtbot.waitUntil(lambda: "unplugged" in page.foot.problem)


def test_one_camera_is_shown_split_and_can_be_swapped(
    qtbot: QtBot, page: StartPage, preferences: Preferences
) -> None:
    click(qtbot, page.ways.tiles["one camera"])
    ready(qtbot, page)
    qtbot.waitUntil(lambda: page.one_camera.preview.has_picture)
    assert page.one_camera.preview.text == "Front"
    page.one_camera.halves.set_swapped(True)
    assert page.one_camera.pair == ("Front#right", "Front#left")
    assert preferences.get("halves swapped", default=False) is True


def test_going_from_one_way_to_another_hands_the_camera_over(
    qtbot: QtBot, page: StartPage, world: World
) -> None:
    ready(qtbot, page)
    qtbot.waitUntil(lambda: page.two_cameras.previews[0].has_picture)
    click(qtbot, page.ways.tiles["one camera"])
    qtbot.waitUntil(lambda: page.one_camera.preview.has_picture)
    assert world.devices.open == {"Front"}
    click(qtbot, page.ways.tiles["recordings"])
    qtbot.waitUntil(lambda: not world.devices.open)
    assert not page.foot.isVisible()
    assert page.recent.isVisible()


def test_leaving_lets_go_of_everything_and_stops_looking(
    qtbot: QtBot, page: StartPage, world: World
) -> None:
    ready(qtbot, page)
    qtbot.waitUntil(lambda: world.devices.open == {"Front", "Side"})
    page.left()
    qtbot.waitUntil(lambda: page.looks.free)
    assert not world.devices.open
    page.entered()
    qtbot.waitUntil(lambda: world.devices.open == {"Front", "Side"})


def test_what_is_not_recorded_goes_nowhere(
    qtbot: QtBot, page: StartPage, preferences: Preferences
) -> None:
    ready(qtbot, page)
    assert page.foot.record.isChecked()
    page.foot.video.setChecked(True)
    page.foot.record.setChecked(False)
    assert preferences.record is False
    assert page.foot.folder == "Nothing of a live session is kept."
    assert not page.foot.video.isEnabled()
    with qtbot.waitSignal(page.start_session) as asked:
        click(qtbot, page.foot.start)
    (start,) = asked.args
    assert (start.output, start.video) == (None, False)


def test_pictures_are_kept_only_where_that_is_asked_for(qtbot: QtBot, page: StartPage) -> None:
    ready(qtbot, page)
    assert "not kept" in page.foot.stored
    page.foot.video.setChecked(True)
    assert "sees both people" in page.foot.stored
    with qtbot.waitSignal(page.start_session) as asked:
        click(qtbot, page.foot.start)
    assert asked.args[0].video is True


def test_the_folder_can_be_changed(
    qtbot: QtBot, page: StartPage, preferences: Preferences, tmp_path: Path
) -> None:
    change = next(b for b in page.foot.findChildren(QPushButton) if "folder" in b.text())
    click(qtbot, change)
    dialog = page.foot.findChild(QFileDialog)
    dialog.fileSelected.emit(str(tmp_path / "elsewhere"))
    dialog.close()
    assert preferences.recordings_folder == tmp_path / "elsewhere"
    assert page.foot.folder == f"into {tmp_path / 'elsewhere'}"
    ready(qtbot, page)
    with qtbot.waitSignal(page.start_session) as asked:
        click(qtbot, page.foot.start)
    assert asked.args[0].output.parent == tmp_path / "elsewhere"


def test_labels_condition_notes_and_settings_go_along(
    qtbot: QtBot, page: StartPage, preferences: Preferences
) -> None:
    opens = next(b for b in page.findChildren(QPushButton) if b.text().startswith("Labels"))
    assert not page.more.isVisible()
    click(qtbot, opens)
    assert page.more.isVisible()
    edits = {edit.accessibleName(): edit for edit in page.more.findChildren(QLineEdit)}
    for name, label in (("Label of person A", "Anna"), ("Label of person B", "Ben")):
        edits[name].selectAll()
        qtbot.keyClicks(edits[name], label)
    edits["Condition"].setText("seated")
    page.more.findChild(QPlainTextEdit).setPlainText("second session")
    page.more._settings.changed.emit(Settings(window=8.0))  # noqa: SLF001
    page.more._settings.set_settings(Settings(window=8.0))  # noqa: SLF001
    assert preferences.labels == ("Anna", "Ben")
    assert preferences.settings == Settings(window=8.0)
    ready(qtbot, page)
    with qtbot.waitSignal(page.start_session) as asked:
        click(qtbot, page.foot.start)
    (start,) = asked.args
    assert (start.labels, start.condition) == (("Anna", "Ben"), "seated")
    assert (start.notes, start.settings.window) == ("second session", 8.0)
    assert (page.more.condition, page.more.notes) == ("", "")


def test_the_way_that_was_chosen_last_is_chosen_again(
    qtbot: QtBot, page: StartPage, preferences: Preferences, keys: Keys, world: World
) -> None:
    click(qtbot, page.ways.tiles["two files"])
    other = StartPage(
        preferences, keys, lister=world.plugs, opener=world.devices, library=lambda _folder: []
    )
    qtbot.addWidget(other)
    assert other.ways.tiles["two files"].isChecked()
    preferences.set("way", "nonsense")
    third = StartPage(
        preferences, keys, lister=world.plugs, opener=world.devices, library=lambda _folder: []
    )
    qtbot.addWidget(third)
    assert third.ways.tiles["two cameras"].isChecked()


def with_films(qtbot: QtBot, page: StartPage, tmp_path: Path) -> list[Path]:
    films = [tmp_path / "anna.mp4", tmp_path / "ben.mp4"]
    for film in films:
        film.touch()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(film)) for film in films])
    page.dropEvent(dropped(data))
    assert page.ways.tiles["two files"].isChecked()
    assert page.two_files.pair == tuple(map(str, films))
    return films


def dropped(data: QMimeData) -> QDropEvent:
    return QDropEvent(
        QPointF(300, 300),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )


def messages(page: StartPage) -> list[tuple]:
    said: list[tuple] = []
    page.message.connect(lambda *what: said.append(what))
    return said


def test_dropped_films_can_be_watched_live(qtbot: QtBot, page: StartPage, tmp_path: Path) -> None:
    films = with_films(qtbot, page, tmp_path)
    assert not page.foot.start.isVisible()
    with qtbot.waitSignal(page.start_session) as asked:
        click(qtbot, page.foot.watch_live)
    assert (asked.args[0].a, asked.args[0].b) == tuple(map(str, films))


def test_analysed_films_are_opened_in_replay(
    qtbot: QtBot, page: StartPage, world: World, tmp_path: Path, preferences: Preferences
) -> None:
    preferences.record = False  # an analysis is recorded all the same
    with_films(qtbot, page, tmp_path)
    world.result = OfflineResult(tmp_path / "s.mirror")
    with qtbot.waitSignal(page.open_recording) as opened:
        click(qtbot, page.foot.every_frame)
        assert page.analysing.isVisible()
        assert not page.foot.isVisible()
        assert not page.ways.demo_tile.isEnabled()
    assert opened.args == [tmp_path / "s.mirror"]
    assert world.asked[0].output.parent == preferences.recordings_folder
    assert page.ways.demo_tile.isEnabled()
    assert page.two_files.isVisible()


def test_what_an_analysis_lacks_is_said_and_it_can_be_opened_all_the_same(
    qtbot: QtBot, page: StartPage, world: World, tmp_path: Path
) -> None:
    with_films(qtbot, page, tmp_path)
    world.result = OfflineResult(tmp_path / "s.mirror", faults=("stopped at 1.0 s of 3.0 s",))
    said = messages(page)
    click(qtbot, page.foot.every_frame)
    assert page.running
    qtbot.waitUntil(lambda: len(said) == 2)
    assert not page.running
    assert said[0] == (*world.result.faults, "warning", None)
    _, kind, (words, opens) = said[1]
    assert (kind, words) == ("warning", "Open it")
    with qtbot.waitSignal(page.open_recording) as opened:
        opens()
    assert opened.args == [tmp_path / "s.mirror"]


def test_an_analysis_that_came_to_nothing_is_said(
    qtbot: QtBot, page: StartPage, world: World, tmp_path: Path
) -> None:
    with_films(qtbot, page, tmp_path)
    world.result = SourceError("anna.mp4 is not a video that can be read")
    with qtbot.waitSignal(page.message) as said:
        click(qtbot, page.foot.every_frame)
    assert said.args == ["anna.mp4 is not a video that can be read", "error", None]
    assert page.two_files.isVisible()


def test_an_analysis_that_ends_behind_another_page_does_not_push_itself_forward(
    qtbot: QtBot, page: StartPage, world: World, tmp_path: Path
) -> None:
    with_films(qtbot, page, tmp_path)
    world.result = OfflineResult(tmp_path / "s.mirror")
    opened = []
    page.open_recording.connect(opened.append)
    with qtbot.waitSignal(page.message) as said:
        click(qtbot, page.foot.every_frame)
        page.left()
    assert opened == []
    assert str(tmp_path / "s.mirror") in said.args[0]


def test_a_dropped_recording_is_opened(qtbot: QtBot, page: StartPage, tmp_path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "talk.mirror"))])
    with qtbot.waitSignal(page.open_recording) as opened:
        page.dropEvent(dropped(data))
    assert opened.args == [tmp_path / "talk.mirror"]


def test_a_recording_of_the_list_is_opened(qtbot: QtBot, page: StartPage) -> None:
    with qtbot.waitSignal(page.open_recording) as opened:
        page.recent.chosen.emit(Path("talk.mirror"))
    assert opened.args == [Path("talk.mirror")]


def send_to(page: StartPage, lsl: str, osc: str) -> None:
    for edit in page.more.findChildren(QLineEdit):
        if "Lab Streaming Layer" in edit.accessibleName():
            edit.setText(lsl)
        elif "Open Sound Control" in edit.accessibleName():
            edit.setText(osc)


def test_a_session_is_sent_where_that_is_asked_for(qtbot: QtBot, page: StartPage) -> None:
    ready(qtbot, page)
    for lsl, osc, streams in (
        ("", " ", ()),
        (" synchrony ", "", ("lsl:synchrony",)),
        ("room 2", "127.0.0.1:9000", ("lsl:room 2", "osc:127.0.0.1:9000")),
    ):
        send_to(page, lsl, osc)
        with qtbot.waitSignal(page.start_session) as asked:
            click(qtbot, page.foot.start)
        (start,) = asked.args
        assert start.streams == streams
        page.entered()
        ready(qtbot, page)
    with qtbot.waitSignal(page.start_session) as asked:  # holds for the next session, too
        click(qtbot, page.ways.demo_tile)
    assert asked.args[0].streams == ("lsl:room 2", "osc:127.0.0.1:9000")


def test_what_is_analysed_is_not_sent_as_if_it_happened_now(
    qtbot: QtBot, page: StartPage, world: World, tmp_path: Path
) -> None:
    with_films(qtbot, page, tmp_path)
    send_to(page, "synchrony", "127.0.0.1:9000")
    click(qtbot, page.foot.every_frame)
    qtbot.waitUntil(lambda: not page.running)
    (start,) = world.asked
    assert start.streams == ()


def test_where_to_send_is_asked_anew_when_the_window_opens(
    qtbot: QtBot, page: StartPage, preferences: Preferences, keys: Keys, world: World
) -> None:
    send_to(page, "synchrony", "127.0.0.1:9000")
    again = StartPage(preferences, keys, lister=world.plugs, opener=world.devices)
    qtbot.addWidget(again)
    assert again.more.streams == ()


def test_every_control_has_a_name_and_can_be_reached(qtbot: QtBot, page: StartPage) -> None:
    for kind in (QPushButton, QComboBox, QLineEdit):
        for control in page.findChildren(kind):
            if control.objectName().startswith("qt_"):
                continue  # the inside of one of Qt’s own controls
            named = control.accessibleName() or getattr(control, "text", str)()
            assert named, control
            assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, named


def test_the_hint_follows_the_keys(qtbot: QtBot, page: StartPage, keys: Keys) -> None:
    hint = page.ways._hint  # noqa: SLF001
    assert hint.text() == "Keyboard shortcuts: ?, F1"
    keys.rebind("help", [QKeySequence("F2")])
    assert hint.text() == "Keyboard shortcuts: F2"


def test_a_consent_note_is_agreed_to_before_every_session(
    qtbot: QtBot, page: StartPage, preferences: Preferences
) -> None:
    ready(qtbot, page)
    assert not page.foot.consent.isVisible()
    preferences.consent = "You are <b>filmed</b>."
    page.entered()
    assert page.foot.note == "You are <b>filmed</b>."
    assert page.foot.consent.isVisible()
    assert not page.foot.start.isEnabled()
    assert page.foot.problem == "Both people must agree first"
    page.begin()
    page.foot.consent.click()
    ready(qtbot, page)
    with qtbot.waitSignal(page.start_session) as begun:
        click(qtbot, page.foot.start)
    (start,) = begun.args
    assert start.consent == "You are <b>filmed</b>."
    page.entered()
    assert page.foot.consent_is_missing


def test_a_note_that_is_required_stands_before_the_usual_one(
    qtbot: QtBot, page: StartPage, preferences: Preferences
) -> None:
    preferences.consent = "The usual note."
    page.foot.require_consent("The laboratory's note.")
    page.entered()
    assert page.foot.note == "The laboratory's note."
    assert page.foot.consent_is_missing


def test_the_note_is_written_beside_the_settings(page: StartPage, preferences: Preferences) -> None:
    (note,) = [
        each
        for each in page.more.findChildren(QPlainTextEdit)
        if each.accessibleName() == "Consent note"
    ]
    note.setPlainText("May we film you?")
    assert preferences.consent == "May we film you?"
    assert page.foot.note == "May we film you?"
    note.clear()
    assert not page.foot.consent_is_missing


def test_a_session_that_ended_abruptly_is_offered(
    qtbot: QtBot, preferences: Preferences, keys: Keys, world: World, tmp_path: Path
) -> None:
    preferences.recordings_folder = tmp_path
    asked: list[Path] = []

    def abrupt(folder: Path) -> list[Path]:
        asked.append(folder)
        return [tmp_path / "killed.mirror"] if len(asked) == 1 else []

    page = StartPage(
        preferences,
        keys,
        lister=world.plugs,
        opener=world.devices,
        library=lambda _folder: [],
        abrupt=abrupt,
    )
    qtbot.addWidget(page)
    page.show()
    with qtbot.waitSignal(page.message) as said:
        page.entered()
    assert asked == [tmp_path]
    text, kind, (words, act) = said.args
    assert f"{tmp_path / 'killed.mirror'} ended abruptly" in text
    assert (kind, words) == ("warning", "Open it")
    with qtbot.waitSignal(page.open_recording) as opened:
        act()
    assert opened.args == [tmp_path / "killed.mirror"]
    page.left()
    qtbot.waitUntil(lambda: page.looks.free)
