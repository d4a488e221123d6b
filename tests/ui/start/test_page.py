from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import QMimeData, QPointF, Qt, QUrl
from PyQt6.QtGui import QDropEvent
from PyQt6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from mirror.errors import RecordingError, SourceError
from mirror.practice.library import own_folder
from mirror.session.offline import OfflineResult
from mirror.session.start import SessionRequest
from mirror.settings import Settings
from tests.support.fake_cameras import FRONT, SIDE, FakeDevices, FakeLister
from ui.runtime.background import Progress
from ui.session.page import is_alone
from ui.shell.preferences import Preferences
from ui.shell.shortcuts import Keys
from ui.start.analysis_panel import AnalysisStatus
from ui.start.modes import Tile
from ui.start.page import StartPage
from ui.widgets.build import known
from ui.widgets.settings import SettingsPanel


class World:
    """The cameras, the devices and the analyser of a page."""

    def __init__(self) -> None:
        self.lister = FakeLister(FRONT, SIDE)
        self.devices = FakeDevices()
        self.requests: list[SessionRequest] = []
        self.result: OfflineResult | Exception = OfflineResult()

    def analyse(
        self, request: SessionRequest, _progress: Progress, _status: AnalysisStatus
    ) -> OfflineResult:
        self.requests.append(request)
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr("ui.start.cameras.SCAN_INTERVAL_S", 0.05)
    return World()


@pytest.fixture
def page(
    qtbot: QtBot, preferences: Preferences, keys: Keys, world: World, tmp_path: Path
) -> Iterator[StartPage]:
    preferences.recordings_folder = tmp_path / "recordings"
    page = StartPage(
        preferences,
        keys,
        lister=world.lister,
        opener=world.devices,
        library=lambda *_folders: [],
        analyser=world.analyse,
    )
    qtbot.addWidget(page)
    page.resize(1100, 700)
    page.show()
    page.activate()
    yield page
    page.deactivate()
    qtbot.waitUntil(lambda: page.preview_readers.free)


def click(qtbot: QtBot, button: QPushButton) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def wait_ready(qtbot: QtBot, page: StartPage) -> None:
    qtbot.waitUntil(page.footer.start.isEnabled)


def pick(page: StartPage, which: int, name: str) -> None:
    box = page.two_cameras.pickers[which].findChild(QComboBox)
    box.setCurrentText(name)
    box.activated.emit(box.currentIndex())


def test_two_cameras_start_with_one_click(
    qtbot: QtBot, page: StartPage, world: World, preferences: Preferences
) -> None:
    wait_ready(qtbot, page)
    a, b = page.two_cameras.previews
    qtbot.waitUntil(lambda: a.has_frame and b.has_frame)
    with qtbot.waitSignal(page.session_requested) as signal:
        click(qtbot, page.footer.start)
    (request,) = signal.args
    assert (request.a, request.b, request.labels) == ("Front", "Side", ("A", "B"))
    assert request.output.parent == preferences.recordings_folder
    assert not request.video
    assert not world.devices.open


def test_names_are_picked_from_those_of_earlier_sessions(
    qtbot: QtBot, page: StartPage, preferences: Preferences
) -> None:
    preferences.people, preferences.tags = ["Cid", "Dora"], ["laugh"]
    preferences.keep_habits(("Cid",), mapping="same-side", exercise="swap", tags=["smile"])
    page.details.form.a.setText("Dora")
    page.details.form.a.textEdited.emit("Dora")
    page.details.form.b.setText("Ben")
    page.details.form.b.textEdited.emit("Ben")
    wait_ready(qtbot, page)
    with qtbot.waitSignal(page.session_requested):
        click(qtbot, page.footer.start)
    assert preferences.people == ["Dora", "Ben", "Cid"]
    page.activate()
    completer = page.details.form.a.completer()
    assert completer is not None
    completer.setCompletionPrefix("i")
    assert completer.completionCount() == 1
    assert completer.currentCompletion() == "Cid"
    page.details.form.a.setText("Cid")
    with qtbot.waitSignal(page.message) as said:
        completer.activated.emit("Cid")
    assert said.args[0] == "As in Cid’s last session: side by side, Swap, tags smile."
    assert preferences.labels == ("Cid", "Ben")
    assert page.details.settings.mapping == "same-side"
    chosen = page.exercises.exercise
    assert chosen is not None
    assert chosen.name == "swap"
    assert preferences.tags == ["smile"]
    label, undo = said.args[2]
    assert label == "Undo"
    undo()
    assert {page.details.settings.mapping} == {"mirror"}
    assert preferences.tags == ["laugh"]
    preferences.keep_habits(("Cid",), tags=[""])
    completer.activated.emit("Cid")
    assert preferences.tags == ["laugh"]
    preferences.tags = ["nod", "", "laugh", " ", ""]
    assert preferences.tags == ["nod", "", "laugh"]
    assert preferences.habits["Ben"] == {"mapping": "mirror"}  # of the session above


def test_nameless_sessions_are_not_remembered(
    qtbot: QtBot, page: StartPage, preferences: Preferences
) -> None:
    with qtbot.waitSignal(page.session_requested):
        click(qtbot, page.modes.demo_tile)
    assert preferences.people == []


def test_how_they_stand_is_the_mapping(
    qtbot: QtBot, page: StartPage, world: World, preferences: Preferences
) -> None:
    wait_ready(qtbot, page)
    assert page.standing.buttons["mirror"].isChecked()
    click(qtbot, page.standing.buttons["same-side"])
    assert preferences.settings.mapping == "same-side"
    page.details.use_defaults()
    assert page.standing.buttons["mirror"].isChecked()
    click(qtbot, page.standing.buttons["same-side"])
    with qtbot.waitSignal(page.session_requested) as signal:
        click(qtbot, page.footer.start)
    (request,) = signal.args
    assert request.settings.mapping == "same-side"


def test_demo_starts_with_one_click(
    qtbot: QtBot, page: StartPage, preferences: Preferences
) -> None:
    with qtbot.waitSignal(page.session_requested) as signal:
        click(qtbot, page.modes.demo_tile)
    (request,) = signal.args
    assert (request.a, request.b, request.title) == ("demo:a", "demo:b", "Demo")
    assert request.output.parent == preferences.recordings_folder / "Demo"


def test_session_waits_until_cameras_are_free(qtbot: QtBot, page: StartPage, world: World) -> None:
    wait_ready(qtbot, page)
    qtbot.waitUntil(lambda: world.devices.open == {"Front", "Side"})
    open_then: list[set[str]] = []
    page.session_requested.connect(lambda _start: open_then.append(set(world.devices.open)))
    with qtbot.waitSignal(page.session_requested):
        click(qtbot, page.footer.start)
    assert open_then == [set()]


def test_same_camera_twice_offers_one_camera_mode(
    qtbot: QtBot, page: StartPage, world: World
) -> None:
    wait_ready(qtbot, page)
    pick(page, 1, "Front")
    assert page.footer.problem.text().startswith("Both people have the same camera.")
    assert "“One camera, two people”" in page.footer.problem.text()
    assert not page.footer.start.isEnabled()
    assert page.two_cameras.previews[1].message.startswith("The same camera as A’s")
    assert page.two_cameras.one_camera_button.isVisible()
    click(qtbot, page.two_cameras.one_camera_button)
    assert page.modes.tiles["one camera"].isChecked()
    wait_ready(qtbot, page)
    with qtbot.waitSignal(page.session_requested) as signal:
        click(qtbot, page.footer.start)
    (request,) = signal.args
    assert (request.a, request.b) == ("Front#person=1", "Front#person=2")


def test_plugging_in_and_out_enables_and_disables_start(
    qtbot: QtBot, page: StartPage, world: World
) -> None:
    wait_ready(qtbot, page)
    world.lister.cameras = [FRONT]
    qtbot.waitUntil(lambda: page.footer.problem.text().startswith("Side is unplugged"))
    assert not page.footer.start.isEnabled()
    world.lister.cameras = [FRONT, SIDE]
    wait_ready(qtbot, page)
    assert page.two_cameras.pair == ("Front", "Side")


def test_missing_cameras_are_reported(qtbot: QtBot, page: StartPage, world: World) -> None:
    world.lister.cameras = []
    wait_ready(qtbot, page)
    qtbot.waitUntil(lambda: "unplugged" in page.footer.problem.text())


def test_one_camera_follows_two_people_or_is_split_and_can_be_swapped(
    qtbot: QtBot, page: StartPage, preferences: Preferences
) -> None:
    click(qtbot, page.modes.tiles["one camera"])
    wait_ready(qtbot, page)
    qtbot.waitUntil(lambda: page.one_camera.preview.has_frame)
    assert page.one_camera.preview.source == "Front"
    assert page.one_camera.pair == ("Front#person=1", "Front#person=2")
    page.one_camera.halves.set_swapped(True)
    assert page.one_camera.pair == ("Front#person=2", "Front#person=1")
    page.one_camera.halves.fixed.click()
    assert page.one_camera.pair == ("Front#right", "Front#left")
    assert preferences.get("fixed halves", default=False) is True
    assert preferences.get("halves swapped", default=False) is True


def test_changing_mode_hands_camera_over(qtbot: QtBot, page: StartPage, world: World) -> None:
    wait_ready(qtbot, page)
    qtbot.waitUntil(lambda: page.two_cameras.previews[0].has_frame)
    click(qtbot, page.modes.tiles["one camera"])
    qtbot.waitUntil(lambda: page.one_camera.preview.has_frame)
    assert world.devices.open == {"Front"}
    click(qtbot, page.modes.tiles["recordings"])
    qtbot.waitUntil(lambda: not world.devices.open)
    assert not page.footer.isVisible()
    assert page.recordings.isVisible()


def test_deactivate_releases_cameras(qtbot: QtBot, page: StartPage, world: World) -> None:
    wait_ready(qtbot, page)
    qtbot.waitUntil(lambda: world.devices.open == {"Front", "Side"})
    page.deactivate()
    qtbot.waitUntil(lambda: page.preview_readers.free)
    assert not world.devices.open
    page.activate()
    qtbot.waitUntil(lambda: world.devices.open == {"Front", "Side"})


def test_session_without_recording_has_no_output(
    qtbot: QtBot, page: StartPage, preferences: Preferences
) -> None:
    wait_ready(qtbot, page)
    assert page.footer.record.isChecked()
    page.footer.video.setChecked(True)
    page.footer.record.setChecked(False)
    assert preferences.record is False
    assert page.footer.folder.text() == "Live sessions are not recorded."
    assert not page.footer.video.isEnabled()
    with qtbot.waitSignal(page.session_requested) as signal:
        click(qtbot, page.footer.start)
    (request,) = signal.args
    assert (request.output, request.video) == (None, False)


def test_video_is_stored_only_if_chosen(qtbot: QtBot, page: StartPage) -> None:
    wait_ready(qtbot, page)
    assert "not stored" in page.footer.stored.text()
    page.footer.video.setChecked(True)
    assert "sees both people" in page.footer.stored.text()
    with qtbot.waitSignal(page.session_requested) as signal:
        click(qtbot, page.footer.start)
    assert signal.args[0].video is True


def test_folder_can_be_changed(
    qtbot: QtBot, page: StartPage, preferences: Preferences, tmp_path: Path
) -> None:
    change = next(b for b in page.footer.findChildren(QPushButton) if "folder" in b.text())
    click(qtbot, change)
    dialog = page.footer.findChild(QFileDialog)
    dialog.fileSelected.emit(str(tmp_path / "elsewhere"))
    dialog.close()
    assert preferences.recordings_folder == tmp_path / "elsewhere"
    assert page.footer.folder.text() == f"to {tmp_path / 'elsewhere'}"
    wait_ready(qtbot, page)
    with qtbot.waitSignal(page.session_requested) as signal:
        click(qtbot, page.footer.start)
    assert signal.args[0].output.parent == tmp_path / "elsewhere"


def test_labels_condition_notes_and_settings_are_requested(
    qtbot: QtBot, page: StartPage, preferences: Preferences
) -> None:
    opens = next(b for b in page.findChildren(QPushButton) if b.text().startswith("Names"))
    assert not page.details.isVisible()
    click(qtbot, opens)
    assert page.details.isVisible()
    edits = {edit.accessibleName(): edit for edit in page.details.findChildren(QLineEdit)}
    for name, label in (("Label of person A", "Anna"), ("Label of person B", "Ben")):
        edits[name].selectAll()
        qtbot.keyClicks(edits[name], label)
    edits["Condition"].setText("seated")
    page.details.form.notes.setPlainText("second session")
    page.details.findChild(SettingsPanel).window_length.setValue(8.0)
    qtbot.waitUntil(lambda: page.details.settings.window == 8.0)
    assert preferences.labels == ("Anna", "Ben")
    assert preferences.settings == Settings(window=8.0)
    wait_ready(qtbot, page)
    with qtbot.waitSignal(page.session_requested) as signal:
        click(qtbot, page.footer.start)
    (request,) = signal.args
    assert (request.labels, request.condition) == (("Anna", "Ben"), "seated")
    assert (request.notes, request.settings.window) == ("second session", 8.0)
    assert (page.details.form.condition.text(), page.details.form.notes.toPlainText()) == ("", "")


def test_other_settings_are_shown_and_restored_with_one_click(
    qtbot: QtBot, page: StartPage, preferences: Preferences
) -> None:
    defaults = next(b for b in page.findChildren(QPushButton) if b.text() == "Use defaults")
    assert not defaults.isVisible()
    page.details.findChild(SettingsPanel).window_length.setValue(8.0)
    qtbot.waitUntil(defaults.isVisible)
    shown = [label.text() for label in page.findChildren(QLabel) if label.isVisible()]
    assert "Settings other than the defaults: window 8 s" in shown
    click(qtbot, defaults)
    assert not defaults.isVisible()
    assert preferences.settings == page.details.settings == Settings()


def test_mode_is_remembered(
    qtbot: QtBot, page: StartPage, preferences: Preferences, keys: Keys, world: World
) -> None:
    click(qtbot, page.modes.tiles["two files"])
    other = StartPage(
        preferences, keys, lister=world.lister, opener=world.devices, library=lambda *_folders: []
    )
    qtbot.addWidget(other)
    assert other.modes.tiles["two files"].isChecked()
    preferences.set("way", "nonsense")
    third = StartPage(
        preferences, keys, lister=world.lister, opener=world.devices, library=lambda *_folders: []
    )
    qtbot.addWidget(third)
    assert third.modes.tiles["two cameras"].isChecked()


def drop_videos(qtbot: QtBot, page: StartPage, tmp_path: Path) -> list[Path]:
    videos = [tmp_path / "anna.mp4", tmp_path / "ben.mp4"]
    for video in videos:
        video.touch()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(video)) for video in videos])
    page.dropEvent(drop_event(data))
    assert page.modes.tiles["two files"].isChecked()
    assert page.two_files.pair == tuple(map(str, videos))
    return videos


def drop_event(data: QMimeData) -> QDropEvent:
    return QDropEvent(
        QPointF(300, 300),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )


def record_messages(page: StartPage) -> list[tuple]:
    shown: list[tuple] = []
    page.message.connect(lambda *what: shown.append(what))
    return shown


def test_dropped_videos_can_be_watched_live(qtbot: QtBot, page: StartPage, tmp_path: Path) -> None:
    videos = drop_videos(qtbot, page, tmp_path)
    assert not page.footer.start.isVisible()
    with qtbot.waitSignal(page.session_requested) as signal:
        click(qtbot, page.footer.watch_live)
    assert (signal.args[0].a, signal.args[0].b) == tuple(map(str, videos))


def test_finished_analysis_is_opened(
    qtbot: QtBot, page: StartPage, world: World, tmp_path: Path, preferences: Preferences
) -> None:
    preferences.record = False  # an analysis is recorded all the same
    drop_videos(qtbot, page, tmp_path)
    world.result = OfflineResult(tmp_path / "s.mirror")
    with qtbot.waitSignal(page.recording_chosen) as signal:
        click(qtbot, page.footer.analyse)
        assert page.analysis.isVisible()
        assert not page.footer.isVisible()
        assert not page.modes.demo_tile.isEnabled()
    assert signal.args == [tmp_path / "s.mirror"]
    output = world.requests[0].output
    assert output is not None
    assert output.parent == preferences.recordings_folder
    assert page.modes.demo_tile.isEnabled()
    assert page.two_files.isVisible()


def test_incomplete_analysis_is_reported_and_can_be_opened(
    qtbot: QtBot, page: StartPage, world: World, tmp_path: Path
) -> None:
    drop_videos(qtbot, page, tmp_path)
    world.result = OfflineResult(tmp_path / "s.mirror", faults=("stopped at 1.0 s of 3.0 s",))
    shown = record_messages(page)
    click(qtbot, page.footer.analyse)
    assert page.running
    qtbot.waitUntil(lambda: len(shown) == 2)
    assert not page.running
    assert shown[0] == (*world.result.faults, "warning", None)
    _, kind, (label, action) = shown[1]
    assert (kind, label) == ("warning", "Open")
    with qtbot.waitSignal(page.recording_chosen) as signal:
        action()
    assert signal.args == [tmp_path / "s.mirror"]


def test_failed_analysis_is_reported(
    qtbot: QtBot, page: StartPage, world: World, tmp_path: Path
) -> None:
    drop_videos(qtbot, page, tmp_path)
    world.result = SourceError("anna.mp4 is not a video that can be read")
    with qtbot.waitSignal(page.message) as signal:
        click(qtbot, page.footer.analyse)
    assert signal.args == ["anna.mp4 is not a video that can be read", "error", None]
    assert page.two_files.isVisible()
    world.result = RecordingError("cannot write /nowhere/s.mirror: Permission denied")
    with qtbot.waitSignal(page.message) as signal:
        click(qtbot, page.footer.analyse)
    label, mend = signal.args[2]
    assert label == "Choose folder…"
    mend()
    dialog = page.findChild(QFileDialog)
    assert dialog is not None
    dialog.reject()


def test_analysis_ending_in_background_is_not_opened(
    qtbot: QtBot, page: StartPage, world: World, tmp_path: Path
) -> None:
    drop_videos(qtbot, page, tmp_path)
    world.result = OfflineResult(tmp_path / "s.mirror")
    opened: list[Path] = []
    page.recording_chosen.connect(opened.append)
    with qtbot.waitSignal(page.message) as signal:
        click(qtbot, page.footer.analyse)
        page.deactivate()
    assert opened == []
    assert str(tmp_path / "s.mirror") in signal.args[0]


def test_dropped_recording_is_opened(qtbot: QtBot, page: StartPage, tmp_path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "talk.mirror"))])
    with qtbot.waitSignal(page.recording_chosen) as signal:
        page.dropEvent(drop_event(data))
    assert signal.args == [tmp_path / "talk.mirror"]


def test_listed_recording_is_opened(qtbot: QtBot, page: StartPage) -> None:
    with qtbot.waitSignal(page.recording_chosen) as signal:
        page.recordings.chosen.emit(Path("talk.mirror"))
    assert signal.args == [Path("talk.mirror")]


def send_to(page: StartPage, lsl: str, osc: str) -> None:
    for edit in page.details.findChildren(QLineEdit):
        if "Lab Streaming Layer" in edit.accessibleName():
            edit.setText(lsl)
        elif "Open Sound Control" in edit.accessibleName():
            edit.setText(osc)


def test_live_outputs_are_requested(qtbot: QtBot, page: StartPage) -> None:
    wait_ready(qtbot, page)
    for lsl, osc, streams in (
        ("", " ", ()),
        (" synchrony ", "", ("lsl:synchrony",)),
        ("room 2", "127.0.0.1:9000", ("lsl:room 2", "osc:127.0.0.1:9000")),
    ):
        send_to(page, lsl, osc)
        with qtbot.waitSignal(page.session_requested) as signal:
            click(qtbot, page.footer.start)
        (request,) = signal.args
        assert request.streams == streams
        page.activate()
        wait_ready(qtbot, page)
    with qtbot.waitSignal(page.session_requested) as signal:  # holds for the next session, too
        click(qtbot, page.modes.demo_tile)
    assert signal.args[0].streams == ("lsl:room 2", "osc:127.0.0.1:9000")


def test_analysis_takes_the_offset_of_the_videos(
    qtbot: QtBot, page: StartPage, world: World, tmp_path: Path
) -> None:
    drop_videos(qtbot, page, tmp_path)
    a, b = (field.text for field in page.two_files.fields)
    page.two_files.offset.field.stepBy(3)
    click(qtbot, page.footer.analyse)
    qtbot.waitUntil(lambda: not page.running)
    (request,) = world.requests
    assert (request.a, request.b) == (a, f"{b}#t=0.1")
    assert request.alignment is None  # written by hand: the address tells it


def test_analysis_has_no_live_outputs(
    qtbot: QtBot, page: StartPage, world: World, tmp_path: Path
) -> None:
    drop_videos(qtbot, page, tmp_path)
    send_to(page, "synchrony", "127.0.0.1:9000")
    click(qtbot, page.footer.analyse)
    qtbot.waitUntil(lambda: not page.running)
    (request,) = world.requests
    assert request.streams == ()


def test_live_outputs_are_not_remembered(
    qtbot: QtBot, page: StartPage, preferences: Preferences, keys: Keys, world: World
) -> None:
    send_to(page, "synchrony", "127.0.0.1:9000")
    again = StartPage(preferences, keys, lister=world.lister, opener=world.devices)
    qtbot.addWidget(again)
    assert again.details.streams == ()


def test_controls_have_names_and_tab_focus(qtbot: QtBot, page: StartPage) -> None:
    for kind in (QPushButton, QComboBox, QLineEdit):
        for control in page.findChildren(kind):
            if control.objectName().startswith("qt_"):
                continue  # part of a Qt control
            named = control.accessibleName() or getattr(control, "text", str)()
            assert named, control
            assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, named


def test_consent_is_required_before_every_session(
    qtbot: QtBot, page: StartPage, preferences: Preferences
) -> None:
    wait_ready(qtbot, page)
    assert not page.footer.consent.isVisible()
    preferences.consent = "You are <b>filmed</b>."
    page.activate()
    assert page.footer.note.text() == "You are <b>filmed</b>."
    assert page.footer.consent.isVisible()
    assert not page.footer.start.isEnabled()
    assert page.footer.problem.text() == "Both people must agree first."
    page.begin()
    page.footer.consent.click()
    wait_ready(qtbot, page)
    with qtbot.waitSignal(page.session_requested) as signal:
        click(qtbot, page.footer.start)
    (request,) = signal.args
    assert request.consent == "You are <b>filmed</b>."
    page.activate()
    assert page.footer.needs_consent


def test_required_note_replaces_preferred_one(
    qtbot: QtBot, page: StartPage, preferences: Preferences
) -> None:
    preferences.consent = "The usual note."
    page.footer.require_consent("The laboratory's note.")
    page.activate()
    assert page.footer.note.text() == "The laboratory's note."
    assert page.footer.needs_consent


def test_consent_note_is_edited_in_details(page: StartPage, preferences: Preferences) -> None:
    (note,) = [
        each
        for each in page.details.findChildren(QPlainTextEdit)
        if each.accessibleName() == "Consent note"
    ]
    note.setPlainText("May we video you?")
    assert preferences.consent == "May we video you?"
    assert page.footer.note.text() == "May we video you?"
    note.clear()
    assert not page.footer.needs_consent


def test_abrupt_recording_is_offered(
    qtbot: QtBot, preferences: Preferences, keys: Keys, world: World, tmp_path: Path
) -> None:
    preferences.recordings_folder = tmp_path
    requests: list[Path] = []

    def abrupt(folder: Path) -> list[Path]:
        requests.append(folder)
        return [tmp_path / "killed.mirror"] if len(requests) == 1 else []

    page = StartPage(
        preferences,
        keys,
        lister=world.lister,
        opener=world.devices,
        library=lambda *_folders: [],
        abrupt=abrupt,
    )
    qtbot.addWidget(page)
    page.show()
    with qtbot.waitSignal(page.message) as signal:
        page.activate()
    assert requests == [tmp_path]
    text, kind, (label, action) = signal.args
    assert f"{tmp_path / 'killed.mirror'} ended abruptly" in text
    assert (kind, label) == ("warning", "Open")
    with qtbot.waitSignal(page.recording_chosen) as signal:
        action()
    assert signal.args == [tmp_path / "killed.mirror"]
    page.deactivate()
    qtbot.waitUntil(lambda: page.preview_readers.free)


def test_exercise_with_rendered_people(qtbot: QtBot, page: StartPage) -> None:
    page.choose("exercises")
    page.exercises.company.setCurrentIndex(page.exercises.company.findData("demo"))
    (swap,) = (tile for tile in page.exercises.tiles if tile.exercise.name == "swap")
    swap.click()
    page.details.form.a.setText("Anna")  # of an earlier session
    page.details.form.a.textEdited.emit("Anna")
    # What is asked for, and where it will be kept, in the words of the running exercise.
    assert swap.exercise.rounds[0].goal.describe(("A", "B")) in page.exercises.goal.text()
    assert page.footer.folder.toolTip().endswith("Demo")
    with qtbot.waitSignal(page.session_requested) as signal:
        page.footer.start.click()
    (request,) = signal.args or [None]
    assert isinstance(request, SessionRequest)
    assert request.labels == ("A", "B")
    assert (request.a, request.b) == ("demo:a#exercise=swap", "demo:b#exercise=swap")
    assert request.exercise is not None
    assert request.exercise.name == "swap"
    assert request.output is None or request.output.parent.name == "Demo"
    with qtbot.waitSignal(page.session_requested) as signal:
        page.modes.demo_tile.click()
    assert signal.args is not None
    assert signal.args[0].exercise is None
    assert signal.args[0].labels == ("A", "B")
    page.choose("two cameras")
    assert not page.footer.folder.toolTip().endswith("Demo")


def test_who_is_alone_is_never_the_last_client(
    qtbot: QtBot, page: StartPage, preferences: Preferences
) -> None:
    preferences.labels, preferences.people = ("Anna", "Ben"), ["Ben", "Dora"]
    preferences.keep_habits(("Dora",), exercise="swap")
    page.activate()
    page.choose("exercises")
    exercises, form = page.exercises, page.details.form

    def choose(company: str, trainee: str) -> tuple[str, str]:
        for box, data in ((exercises.company, company), (exercises.trainee, trainee)):
            box.setCurrentIndex(box.findData(data))
            box.activated.emit(box.currentIndex())
        assert form.b.isEnabled() is exercises.has_both  # the names there are not used
        return exercises.labels(form.labels)

    assert choose("alone", "camera") == ("Partner", "B")
    assert exercises.name.isVisibleTo(page)
    completer = exercises.name.completer()
    assert completer is not None
    exercises.name.setText("Dora")
    completer.activated.emit("Dora")
    assert exercises.exercise is not None
    assert exercises.exercise.name == "swap"  # as in her last session
    assert choose("video", "video") == ("Partner", "Dora")
    assert "Dora follows" in exercises.goal.text()
    assert choose("alone", "drawn") == ("Partner", "B")  # nobody's name
    assert not exercises.name.isVisibleTo(page)
    assert choose("demo", "camera") == ("A", "B")
    assert choose("two cameras", "camera") == ("Anna", "Ben")
    choose("alone", "camera")
    qtbot.waitUntil(lambda: bool(exercises.picker.source))
    with qtbot.waitSignal(page.session_requested) as signal:
        page.footer.start.click()
    assert signal.args[0].labels == ("Partner", "Dora")
    assert preferences.people == ["Dora", "Ben"]  # no "Partner"
    assert preferences.labels == ("Anna", "Ben")
    page.activate()
    assert exercises.labels(form.labels) == ("Partner", "B")  # the next may be somebody else


@pytest.mark.parametrize(
    ("company", "trainee", "asked"),
    [
        ("alone", "camera", ["How difficult", "Who practises", "Name of who", "Camera of your"]),
        ("video", "video", ["Video of the", "Browse", "Who practises", "Name of who", "Video of"]),
    ],
)
def test_tab_goes_through_an_exercise_as_it_is_read(
    page: StartPage, company: str, trainee: str, asked: list[str]
) -> None:
    page.choose("exercises")
    first = page.exercises.company
    for box, data in ((first, company), (page.exercises.trainee, trainee)):
        box.setCurrentIndex(box.findData(data))
        box.activated.emit(box.currentIndex())
    control: QWidget = first
    for name in asked:
        control = known(control.nextInFocusChain())
        while not (control.isVisible() and control.focusPolicy() & Qt.FocusPolicy.TabFocus):
            control = known(control.nextInFocusChain())
        assert (control.accessibleName() or control.property("text")).startswith(name)


def test_exercise_alone_and_with_two_cameras(qtbot: QtBot, page: StartPage) -> None:
    page.activate()
    page.choose("exercises")
    company, picker = page.exercises.company, page.exercises.picker
    company.setCurrentIndex(company.findData("alone"))
    company.activated.emit(company.currentIndex())
    qtbot.waitUntil(lambda: bool(picker.source))
    assert picker.isVisibleTo(page.exercises)
    (chosen,) = (tile for tile in page.exercises.tiles if tile.isChecked())
    page.exercises.level.setCurrentIndex(2)
    partner = f"demo:a#exercise={chosen.exercise.name}&level=hard"
    assert page.exercises.pair == (partner, picker.source)
    with qtbot.waitSignal(page.session_requested) as signal:
        page.footer.start.click()
    assert signal.args is not None
    assert signal.args[0].labels[0] == "Partner"
    assert is_alone(signal.args[0])
    company.setCurrentIndex(company.findData("video"))
    company.activated.emit(company.currentIndex())
    assert "video" in page.exercises.problem
    page.exercises.video.set_text("model.mp4")
    assert page.exercises.pair == ("model.mp4", picker.source)
    with qtbot.waitSignal(page.session_requested) as signal:
        page.footer.start.click()
    assert signal.args is not None
    assert is_alone(signal.args[0])
    (folder := own_folder()).mkdir(parents=True)
    (folder / "pose.png").write_bytes(b"")
    (folder / "mine.toml").write_text(
        'picture = "pose.png"\n[[rounds]]\nseconds = 9\n'
        'goal = { score = "posture-match", hold = 3 }'
    )
    page.exercises.refresh()
    assert page.exercises.choose("mine") == "mine"
    page.exercises.video.set_text("")
    assert page.exercises.pair == (str(folder / "pose.png"), picker.source)
    company.setCurrentIndex(company.findData("two cameras"))
    company.activated.emit(company.currentIndex())
    assert not picker.isVisibleTo(page.exercises)
    assert page.exercises.pair == page.two_cameras.pair
    page.deactivate()


def test_exercise_alone_without_a_camera(qtbot: QtBot, page: StartPage) -> None:
    exercises = page.exercises
    page.choose("exercises")
    (partner,) = {tile.exercise.name for tile in exercises.tiles if tile.isChecked()}

    def pick(box: QComboBox, name: str) -> None:
        box.setCurrentIndex(box.findData(name))
        box.activated.emit(box.currentIndex())

    pick(exercises.company, "alone")
    assert exercises.picker.isVisibleTo(page)
    pick(exercises.trainee, "video")
    assert exercises.own_video.isVisibleTo(page)
    assert not exercises.picker.isVisibleTo(page)
    assert exercises.problem
    exercises.own_video.set_text("me.mp4")
    assert exercises.pair == (f"demo:a#exercise={partner}&level=usual", "me.mp4")
    assert not page.footer.folder.toolTip().endswith("Demo")
    pick(exercises.trainee, "drawn")
    assert page.footer.folder.toolTip().endswith("Demo")  # nobody real is in it
    with qtbot.waitSignal(page.session_requested) as signal:
        page.footer.start.click()
    assert signal.args is not None
    assert signal.args[0].b == f"demo:b#exercise={partner}&level=usual"
    assert is_alone(signal.args[0])
    pick(exercises.company, "video")
    exercises.video.set_text("model.mp4")
    assert "computer-drawn partner only" in exercises.problem  # it knows no other one's movement


def test_wrong_exercise_is_named_on_its_page(qtbot: QtBot, page: StartPage) -> None:
    folder = own_folder()
    folder.mkdir(parents=True)
    (folder / "mine.toml").write_text("title = 1")
    page.exercises.refresh()
    assert "mine.toml: rounds: is missing" in page.exercises.faults.text()
    (folder / "mine.toml").unlink()
    page.exercises.refresh()
    assert page.exercises.faults.isHidden()


def test_text_of_a_high_tile_is_right_below_its_title(qtbot: QtBot) -> None:
    tile = Tile("Title", "One line")
    qtbot.addWidget(tile)
    tile.resize(400, 140)
    tile.show()
    title, text = tile.findChildren(QLabel)
    assert text.y() <= title.y() + title.sizeHint().height() + 4
    assert text.alignment() & Qt.AlignmentFlag.AlignTop
