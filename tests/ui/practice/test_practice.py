"""The bar, the drawer, the pictures and the sounds of goals and exercises."""

from __future__ import annotations

import math
import sys
import threading
from dataclasses import replace
from traceback import extract_stack
from types import ModuleType
from typing import Any, ClassVar
from unittest.mock import MagicMock

import numpy as np
import pytest
from PyQt6 import sip
from PyQt6.QtCore import (
    QBuffer,
    QCoreApplication,
    QEvent,
    QLocale,
    QObject,
    QThread,
    pyqtSignal,
    pyqtSlot,
)
from PyQt6.QtGui import QPixmap
from pytestqt.qtbot import QtBot

from mirror import Score, Settings, State
from mirror.practice.exercise import Cue, Exercise, Round, session_goal
from mirror.practice.goal import Attempt, Goal
from mirror.practice.library import built_in
from mirror.practice.run import Practice, Status
from mirror.timeline import PostureState
from ui.practice import sound
from ui.practice.bar import PracticeBar
from ui.practice.form import PracticeForm
from ui.practice.pictures import ExercisePicture
from ui.practice.sound import Speaker, samples
from ui.session.view import SessionView
from ui.shell.preferences import Preferences

GOAL = Goal("in_phase", threshold=0.5, hold_s=2.0)
TWO = Exercise(
    "two",
    "Two",
    "Two rounds.",
    (Round("First", 10.0, GOAL, (Cue(0.0, "{a} leads"),)), Round("Second", 6.0, GOAL)),
    rest_s=5.0,
    window_s=2.0,
)


def practice() -> Practice:
    made = Practice(TWO, TWO.settings(Settings()), 0.0)
    made.names = ("Anna", "Ben")
    return made


def rows(start: float, end: float, value: float | None) -> list[Score]:
    times = [k / 10 for k in range(round(10 * start), round(10 * end))]
    if value is None:
        return [Score(time, State.STILL) for time in times]
    return [Score(time, State.OK, in_phase=value) for time in times]


@pytest.fixture
def bar(qtbot: QtBot) -> PracticeBar:
    bar = PracticeBar()
    bar.set_names("Anna", "Ben")
    qtbot.addWidget(bar)
    return bar


def test_bar_follows_an_exercise(bar: PracticeBar) -> None:
    run = practice()
    bar.show_status(None)
    assert bar.isHidden()
    bar.show_status(run.status(1.2))
    assert (bar.cue.text(), bar.time.text()) == ("Anna leads", "2")
    run.add(rows(0.0, 6.5, 0.9))
    bar.show_status(run.status(6.4))
    assert bar.time.text() == "7\u00a0s"
    assert bar.hold.text == "Held 1.4 of 2\u00a0s"
    assert not bar.results.isVisibleTo(bar)
    run.add(rows(6.5, 8.0, 0.9))
    bar.show_status(run.status(8.0))
    assert bar.hold.text.endswith("✓")
    run.add(rows(8.0, 14.0, None))
    bar.show_status(run.status(14.0))
    assert bar.results.isVisibleTo(bar)
    assert bar.results.text().startswith("First: goal held, longest 2.9\u00a0s of 2\u00a0s")
    assert "not measured for 5\u00a0s" in bar.results.text()
    run.add(rows(14.0, 28.0, 0.1))
    bar.show_status(run.status(28.0))
    assert bar.cue.text() == "Goal held in 1 of 2 rounds"
    assert len(bar.results.text().splitlines()) == 2
    assert bar.end.text() == "Close"
    bar.end.click()
    bar.show_status(run.status(28.5))
    assert bar.isHidden()
    bar.show_status(practice().status(0.5))  # another one
    assert not bar.isHidden()


def test_bar_shows_the_picture_to_copy(bar: PracticeBar, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[QPixmap] = []
    monkeypatch.setattr(PracticeBar, "devicePixelRatioF", lambda _: 2.0)
    monkeypatch.setattr(bar.picture, "setPixmap", shown.append)
    image = np.full((300, 400, 3), (200, 10, 10), np.uint8)
    pose = Exercise("x", "X", "", (Round("1", 9.0, Goal("posture_match")),))
    for exercise in (pose, replace(pose.copying("pose.png"), image=image), pose):
        bar.show_status(Practice(exercise, exercise.settings(Settings()), 0.0).status())
        assert bar.picture.isHidden() is not bool(exercise.picture)
    assert [(each.width(), each.devicePixelRatio()) for each in shown] == [(224, 2)]
    assert shown[0].toImage().pixelColor(99, 99).getRgb()[:3] == (200, 10, 10)
    assert bar.picture.accessibleName() == "Pose to copy"


def test_bar_says_that_there_is_no_score(bar: PracticeBar) -> None:
    run = practice()
    run.add(rows(0.0, 6.0, None))
    bar.show_status(run.status(6.0))
    assert bar.hold.text == "No score"
    bar.resize(800, 60)
    assert not bar.grab().isNull()


def test_bar_says_that_a_goal_alone_waits_for_a_chance_level(bar: PracticeBar) -> None:
    run = Practice(session_goal(Goal("in_phase"), Settings()), Settings(), 0.0)
    run.add(rows(0.0, 8.0, 0.9))
    bar.show_status(run.status(8.0))
    assert bar.hold.text == "No chance level yet"
    assert (bar.cue.text(), bar.doing.text()) == ("Goal", "in phase above chance, for 5\u00a0s")


def test_bar_says_when_a_round_begins_to_count(bar: PracticeBar) -> None:
    run = practice()  # from 3, in windows of 2
    run.add(rows(0.0, 3.6, 0.9))
    bar.show_status(run.status(3.6))
    assert bar.hold.text == "Counts in 2\u00a0s"
    assert "own chance level, which moves" in bar.hold.toolTip()
    run.add(rows(3.6, 5.1, 0.9))
    bar.show_status(run.status(5.1))
    assert bar.hold.text.startswith("Held")


def test_bar_says_that_chance_is_as_high_as_can_be(bar: PracticeBar) -> None:
    run = Practice(session_goal(Goal("in_phase"), Settings()), Settings(), 0.0)
    run.add([replace(each, chance_in_phase=1.0) for each in rows(0.0, 8.0, 0.9)])
    bar.show_status(run.status(8.0))
    assert bar.hold.text == "Not judged: chance is 1.00"


def test_bar_waits_for_no_chance_level_while_people_are_still(bar: PracticeBar) -> None:
    run = Practice(session_goal(Goal("in_phase"), Settings()), Settings(), 0.0)
    run.add([replace(each, state=State.STILL) for each in rows(0.0, 8.0, None)])
    bar.show_status(run.status(8.0))
    assert bar.hold.text == "No score"


def test_end_is_asked_for(qtbot: QtBot, bar: PracticeBar) -> None:
    bar.show_status(practice().status(5.0))
    with qtbot.waitSignal(bar.end_clicked):
        bar.end.click()


@pytest.fixture
def form(qtbot: QtBot, preferences: Preferences) -> PracticeForm:
    form = PracticeForm(preferences)
    qtbot.addWidget(form)
    form.set_names("Anna", "Bartholomew the Second")
    form.refresh()
    return form


def test_goals_of_the_form(qtbot: QtBot, form: PracticeForm) -> None:
    assert form.score.itemText(0) == "Bartholomew… follows Anna"
    form.lag.setValue(1.5)
    assert form.goal() == Goal("mirroring", hold_s=8.0, lag=(0.0, 1.5))
    form.score.setCurrentIndex(1)
    assert form.goal().lag == (-1.5, 0.0)
    form.score.setCurrentIndex(4)
    form.by_chance.setChecked(False)
    form.threshold.setValue(0.4)
    form.hold.setValue(5.0)
    with qtbot.waitSignal(form.goal_set) as signal:
        form.set_goal.click()
    assert signal.args == [Goal("anti_phase", 0.4, 5.0)]
    for place in range(form.score.count()):
        form.score.setCurrentIndex(place)
        form.goal()  # every choice is a valid goal


def test_exercise_of_the_form(qtbot: QtBot, form: PracticeForm) -> None:
    form.exercise.setCurrentText("Swap")
    assert "lead" in form.about.text()
    with qtbot.waitSignal(form.exercise_begun) as signal:
        form.begin.click()
    assert signal.args is not None
    assert signal.args[0].name == "swap"
    form.refresh()
    assert form.exercise.currentText() == "Swap"


def test_sounds_are_remembered(form: PracticeForm, preferences: Preferences, qtbot: QtBot) -> None:
    assert form.spoken.isChecked()
    form.spoken.setChecked(False)
    again = PracticeForm(preferences)
    qtbot.addWidget(again)
    assert not again.spoken.isChecked()
    assert again.chimes.isChecked()


def test_pictures_differ_by_what_is_asked_for(qtbot: QtBot) -> None:
    images = []
    for each in built_in():
        picture = ExercisePicture(each)
        qtbot.addWidget(picture)
        images.append(picture.grab().toImage())
        assert each.title in picture.accessibleName()
    different = [a != b for k, a in enumerate(images) for b in images[k + 1 :]]
    # In step and together without a leader ask for the same.
    assert different.count(False) == 1


def test_tones_have_their_frequency_and_fade() -> None:
    wave = np.frombuffer(samples((659.0,)), "<i2").astype(float)
    spectrum = np.abs(np.fft.rfft(wave))
    peak = np.argmax(spectrum) * 44_100 / len(wave)
    assert peak == pytest.approx(659.0, abs=5.0)
    assert abs(wave[0]) < 0.01 * np.abs(wave).max()
    assert abs(wave[-1]) < 0.01 * np.abs(wave).max()


def test_without_voice_and_audio_nothing_happens(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sound, "multimedia", lambda: "no library")
    monkeypatch.setitem(sys.modules, "PyQt6.QtTextToSpeech", None)
    speaker = Speaker()
    speaker.say("A leads")
    speaker.chime()


class Voice(QObject):
    """Fails where PyQt would wait for Qt's list of voices, and hold Python's lock meanwhile."""

    engineChanged = pyqtSignal(str)  # noqa: N815
    localeChanged = pyqtSignal(QLocale)  # noqa: N815
    availableEngines = staticmethod(lambda: ["mock", "speechd"])  # noqa: N815
    found = threading.Event()
    done: ClassVar[list[object]] = []
    languages = ("en",)
    own = "C"

    def __init__(self, engine: str = "") -> None:
        assert engine == "mock"
        super().__init__()
        self._locale = QLocale(self.own)

    def _note(self, what: str) -> None:
        assert sys.platform != "linux" or len(extract_stack()) == 2  # by Qt itself
        self.done.append(what)

    @pyqtSlot(str, "QVariantMap", result="bool")
    def setEngine(self, _engine: str, _params: object) -> bool:  # noqa: N802
        app = QCoreApplication.instance()
        assert app is not None
        self._note(f"engine, waited for: {QThread.currentThread() is app.thread()}")
        assert sys.platform != "linux" or self.found.wait(20)
        self.engineChanged.emit("speechd")
        return True

    @pyqtSlot(QLocale)
    def setLocale(self, locale: QLocale) -> None:  # noqa: N802
        self._note(locale.name())
        self._locale = locale
        self.localeChanged.emit(locale)

    @pyqtSlot(str)
    def say(self, text: str) -> None:
        self._note(text)

    def locale(self) -> QLocale:
        return self._locale

    def availableVoices(self) -> list[str]:  # noqa: N802
        return [each for each in self.languages if self._locale.name().startswith(each)]


@pytest.fixture
def voice(monkeypatch: pytest.MonkeyPatch) -> type[Voice]:
    module: Any = ModuleType("PyQt6.QtTextToSpeech")
    module.QTextToSpeech = Voice
    monkeypatch.setitem(sys.modules, "PyQt6.QtTextToSpeech", module)
    monkeypatch.setattr(Voice, "done", [])
    monkeypatch.setattr(Voice, "found", threading.Event())
    return Voice


@pytest.mark.parametrize(
    ("system", "own", "english"),
    [
        ("linux", "C", True),
        ("linux", "fr_FR", True),
        ("linux", "en_GB", False),
        ("win32", "C", True),
    ],
)
def test_cues_are_said_by_a_voice_of_their_language(
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    voice: type[Voice],
    system: str,
    own: str,
    english: bool,
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(voice, "own", own)
    speaker = Speaker()
    tones: list[object] = []
    monkeypatch.setattr(speaker, "_play", tones.append)
    speaker.say("Swap")  # does not wait for the voice
    assert len(tones) == 1
    qtbot.waitUntil(lambda: bool(voice.done))
    voice.found.set()
    qtbot.waitUntil(lambda: speaker.say("Rejoin") or voice.done[-1] == "Rejoin")
    engine = f"engine, waited for: {system != 'linux'}"
    expected = [engine, *(["en_US"] if english else []), "Rejoin"]
    assert list(dict.fromkeys(voice.done)) == expected
    sip.delete(speaker)  # its thread ends


def test_cues_are_tones_where_no_voice_speaks_or_it_fails(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, voice: type[Voice]
) -> None:
    voice.found.set()
    monkeypatch.setattr(voice, "languages", ())
    speaker = Speaker()
    tones: list[object] = []
    monkeypatch.setattr(speaker, "_play", tones.append)
    speaker.prepare()
    qtbot.waitUntil(lambda: "en_US" in voice.done)
    speaker.say("Swap")
    sip.delete(speaker)
    monkeypatch.setattr(voice, "__init__", MagicMock(side_effect=RuntimeError("no voice")))
    failed = Speaker()
    monkeypatch.setattr(failed, "_play", tones.append)
    failed.say("Swap")
    failed.say("Rejoin")
    assert len(tones) == 3


def test_goal_of_the_meters_is_drawn(qtbot: QtBot) -> None:
    from ui.widgets.meters import Meters

    def status(level: float, met_at_s: float = -math.inf) -> Status:
        held = Attempt(Goal(), 0.0, 1.0, 0.1, level=level, time_s=5.0, met_at_s=met_at_s)
        return Status(built_in()[0], "round", 0, 1.0, "", held, ())

    meters = Meters()
    qtbot.addWidget(meters)
    for size in ((400, 420), (400, 200)):  # side by side, and one above the other
        meters.resize(*size)
        meters.show_practice(None)
        plain = meters.grab().toImage()
        meters.show_practice(status(0.6))
        line = meters.grab().toImage()
        meters.show_practice(status(0.6, 5.0))
        met = meters.grab().toImage()
        meters.show_practice(status(math.nan))
        assert len({id(each) for each in (plain, line, met)}) == 3
        assert plain != line
        assert line != met
        assert meters.grab().toImage() == plain


def test_meters_show_scores_while_the_goal_has_no_chance_level(qtbot: QtBot) -> None:
    view = SessionView()
    qtbot.addWidget(view)
    whole = Round("Round", 20.0, Goal("in_phase", hold_s=2.0))
    attempt = Practice(Exercise("one", "One", "", (whole,), rest_s=0.0), Settings(), 0.0)
    for chance in (math.nan, 0.4):
        time = attempt.status().exercise.schedule(0.0)[0][0] + 8.0 + (not math.isnan(chance))
        attempt.advance(time)
        row = Score(time, State.OK, in_phase=0.9, chance_in_phase=chance)
        attempt.add([row])
        view.show_score(row)
        view.show_practice(attempt.status())
        assert "In phase 0.90" in view.meters.accessibleDescription()


def test_sentence_is_of_posture_where_the_goal_is(qtbot: QtBot) -> None:
    view = SessionView()
    qtbot.addWidget(view)
    goal = Goal("posture_match", threshold=0.6, hold_s=2.0)
    exercise = session_goal(goal, Settings())
    run = Practice(exercise, Settings(), 0.0)
    start = exercise.schedule(0.0)[0][0] + 8.0
    same = Score(start, State.STILL, posture_match=0.9, posture_state=PostureState.OK)
    other = replace(same, time_s=start + 3.0, posture_match=0.1)
    for row, said in (
        (same, "Same"),
        (other, "Different"),
        (Score(start + 6.0, State.STILL), "Too still"),
    ):
        run.add([row])
        view.show_score(row)
        view.show_practice(run.status(row.time_s))
        assert view.verdict.text.startswith(said)


@pytest.mark.parametrize(
    ("goal", "said"),
    [
        (Goal("posture_match", threshold=0.6), "Same posture"),
        (Goal("posture_match", threshold=0.95, below=True), "Different postures"),
        (Goal("take_overs"), "Too still"),
    ],
)
def test_sentence_of_posture_at_the_first_row(qtbot: QtBot, goal: Goal, said: str) -> None:
    view = SessionView()
    qtbot.addWidget(view)
    exercise = session_goal(goal, Settings())
    run = Practice(exercise, Settings(), 0.0)
    start = exercise.schedule(0.0)[0][0] + 1.0
    row = Score(start, State.STILL, posture_match=0.9, posture_state=PostureState.OK)
    run.add([row])
    view.show_score(row)
    view.show_practice(run.status(row.time_s))
    assert view.verdict.text.startswith(said)


def test_each_sound_frees_the_one_before(monkeypatch: pytest.MonkeyPatch) -> None:
    stopped: list[QObject] = []

    class Sink(QObject):
        def __init__(self, _device: object, _form: object, parent: QObject) -> None:
            super().__init__(parent)

        def start(self, buffer: QBuffer) -> None:
            assert buffer.size() > 0

        def stop(self) -> None:
            stopped.append(self)

    qt = MagicMock(QAudioSink=Sink)
    qt.QMediaDevices.defaultAudioOutput().isNull.return_value = False
    monkeypatch.setattr(sound, "multimedia", lambda: qt)
    speaker = Speaker()
    for _ in range(3):
        speaker.chime()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert len(stopped) == 2
    assert len(speaker.findChildren(QBuffer)) == 1
    assert len(speaker.children()) == 2  # the newest sink and its buffer
