"""The session page: start a session, show it, and end it."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any, Final

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QStackedWidget, QWidget

from mirror.capture.address import names_person
from mirror.errors import MirrorError, PracticeError, RecordingError, SettingsError
from mirror.events import Event
from mirror.landmarks import FEEDS, Feed
from mirror.practice.exercise import Exercise, session_goal
from mirror.practice.goal import Goal
from mirror.practice.run import CUE
from mirror.session.base import Update
from mirror.session.live import LiveSession
from mirror.session.start import SessionRequest, start_live
from mirror.session.target import with_target
from mirror.settings import Settings
from mirror.timeline import COLUMNS, Score, State
from mirror.wording import EVENTS, event_kind
from ui.practice.bar import PracticeBar
from ui.practice.sound import Speaker
from ui.runtime.background import LatestWork
from ui.session.again import InstantReplay
from ui.session.coaching import Coaching
from ui.session.controls import AGAIN, Controls
from ui.session.details import Drawer
from ui.session.opening_view import OpeningView
from ui.session.runner import FIRST_FRAME, TOO_SLOW, Opener, Poller, Runner
from ui.session.tour import Tour
from ui.session.view import PAUSED, VISIBLE_S, SessionView
from ui.shell.own_windows import stay_unseen
from ui.shell.preferences import Preferences
from ui.shell.shortcuts import Keys
from ui.start.footer import choose_folder
from ui.widgets.build import horizontal, known, vertical
from ui.widgets.standing import StandingChoice

RESUMING: Final = "Resuming…"

_LOGOUT_TIMEOUT_S: Final = 5.0  # desktops kill programs that delay a logout for longer


class SessionPage(QWidget):
    """Runs one session at a time, opened by `opener` on the session's own thread, and shows it."""

    ended = pyqtSignal(object)  # the recording's path, an `Unrecorded`, or None without rows
    back_clicked = pyqtSignal()  # to return to the start page: the session could not be started
    stopped = pyqtSignal()  # what was said of the running session no longer applies
    message = pyqtSignal(str, str)  # a text, and its kind: "error", "warning" or "notice"

    def __init__(
        self, preferences: Preferences, keys: Keys, *, opener: Opener = start_live
    ) -> None:
        super().__init__()
        self._preferences, self._keys = preferences, keys
        self._opener = opener
        self._runner: Runner | None = None
        self.running = False  # whether a session is opening, running or stopping
        self._is_stopping = False
        self._names = ("A", "B")
        self._about: dict[str, Any] = {}  # condition and notes
        self._held = 0  # the round for which success was marked
        self._finding = LatestWork(self)  # of the posture that an exercise asks for
        self.poller = Poller(self)
        self.opening = OpeningView(self)
        self.view = SessionView(self)
        self.again = InstantReplay(self.view)
        self.tour = Tour(self.view)
        self.standing = StandingChoice(self)
        self.practice = PracticeBar(self)
        self.speaker = Speaker(self)
        self.drawer = Drawer(preferences, self)
        self.controls = Controls(
            keys,
            self,
            {
                "pause": self.pause_or_resume,
                "stop": self.stop,
                "mark": self.mark,
                "mark with note": self.mark_with_note,
                "coach view": self.show_coach,
                "again": self.show_again,
                "now": self.show_now,
            },
        )
        for number in range(1, 10):
            keys.action(self, f"tag {number}", partial(self.tag, number))
        self._exchange = keys.action(self, "exchange", self._exchange_people)
        self.coaching = Coaching(preferences, keys, self.controls, self)
        self._lay_out()
        self._wire()

    @property
    def _session(self) -> LiveSession | None:
        return None if self._runner is None else self._runner.session

    @property
    def recorded(self) -> bool:
        """Whether the session is, or was, to be recorded."""
        return self._runner is not None and self._runner.request.output is not None

    def begin(self, request: SessionRequest) -> None:
        """Start a session, once the previous one has released its cameras."""
        self.running, self._is_stopping = True, False
        self._finding.cancel()  # of another session's exercise
        self._prepare_voice(request.exercise)
        self.view.clear()
        self.again.forget()
        self._set_names(request.labels)
        self._about = {"condition": request.condition, "notes": request.notes}
        self.practice.show_status(None)
        self._held = 0
        self.view.set_alone(is_alone(request))
        self.view.set_one_frame(names_person(request.a))
        self._exchange.setEnabled(names_person(request.a))
        self.drawer.settings.set_settings(request.settings)
        self.drawer.details.begin(request)
        self.drawer.details.tags.setText(", ".join(self._preferences.tags))
        for name in request.labels:
            goal = self._preferences.habits.get(name, {}).get("goal")
            if isinstance(goal, dict):
                with suppress(PracticeError):  # of another version
                    self.drawer.practice.show_goal(Goal.from_dict(goal))
        self.controls.close_drawers()
        self.controls.now.hide()
        self.controls.show_paused(paused=False)
        self.controls.show_stopping(stopping=False)
        self.controls.skeleton.setChecked(self._preferences.skeleton_only)
        self.controls.full.setChecked(self._preferences.full_view)
        self.view.meter.choose(self._preferences.meter)
        self.view.set_full(full=self._preferences.full_view)
        self.coaching.show_sound()
        self.opening.show_step("")
        self._set_live(live=False)
        stay_unseen(request.a, request.b)
        self._runner = Runner(request, self._opener, self._runner)
        self.poller.start(self._runner)

    def stop(self) -> None:
        """Ask the session to end; `ended` follows."""
        if self._runner is not None and self.running:
            self._is_stopping = True
            self.drawer.details.flush()
            self.controls.show_stopping(stopping=True)
            self._runner.stop()

    def save(self) -> None:
        """End the session and wait, for a few seconds at most, until its recording is closed."""
        if self._runner is not None and self.running:
            self.stop()
            self._runner.wait(_LOGOUT_TIMEOUT_S)

    def pause_or_resume(self) -> None:
        if self._runner is None or self._session is None:
            return
        if self._session.paused:
            self._session.resume()
            self.view.verdict.show_text(RESUMING)
        else:
            self._session.pause()
            self._runner.scores.clear()
            self._end_again()
            self.view.show_paused()
            self.coaching.pause()
        self.controls.show_paused(paused=self._session.paused)

    def mark(self, kind: str = "mark") -> None:
        if self._session is not None:
            self._session.mark(Event(self._session.now(), kind, ""))

    def tag(self, number: int) -> None:
        """Mark the current time with the tag of a key, or its number without a name of its own."""
        name = next(iter(self._preferences.tags[number - 1 : number]), "")
        if name and event_kind(name) in EVENTS:
            text = f"{name} is an event of mirror's own: rename tag {number} in Details"
            self.message.emit(text, "notice")
            name = ""
        self.mark(name or f"Tag {number}")

    def mark_with_note(self) -> None:
        if self._session is not None:
            self.controls.note.begin(self._session.now())

    def show_now(self) -> None:
        """Let the view follow the newest frames and rows again."""
        self._end_again()
        self.view.timeline.follow(VISIBLE_S)
        self.controls.now.hide()

    def show_again(self) -> None:
        """Show the last seconds again; if they are shown, return to the session."""
        if self.again.running:
            self._end_again()
        elif self.again.begin(self._keys.text("again")):
            self.controls.again.setText("Back")

    def _end_again(self) -> None:
        if not self.again.running:
            return
        self.again.end()
        self.controls.again.setText(AGAIN)
        if self._session is not None and self._session.paused:
            self.view.show_paused()
        else:
            self.view.show_score(self.again.newest)

    def show_coach(self) -> None:
        self.coaching.toggle_view()

    def _exchange_people(self) -> None:
        if self._session is not None:
            self._session.exchange_people()

    def _show_frame(self, feed: Feed, update: Update) -> None:
        if not self._is_live:
            self._set_live(live=True)
            asked = None if self._preferences.tour_seen else known(self._runner).request
            # An exercise would run on below it.
            if asked and asked.a.startswith("demo:") and not (asked.exercise or asked.seconds):
                self._preferences.tour_seen = True
                self.view.set_full(full=True)  # the cards are about all of it
                self.tour.begin()
        self.again.add_frame(feed, update, with_image=not self._preferences.skeleton_only)
        if not self.again.running:
            image = None if update.frame is None else update.frame.image
            self.view.tiles[feed].show_frame(image, update.pose)

    def _end_tour(self) -> None:
        self.setFocus()
        self.view.set_full(full=self._preferences.full_view)

    def _show_scores(self, scores: list[Score]) -> None:
        self.view.timeline.append(scores)
        session = self._session
        if session is None or session.paused:
            return
        row, status, window = scores[-1], session.practice, session.settings.window
        # In a round, everything shows the scores that the goal is judged by; only the timeline,
        # which is of the whole session, has those of its window.
        if status and status.attempt and (own := status.score):
            if status.attempt.goal.is_of_posture:
                row = own
            elif own.state is not State.WARMING_UP:
                row = replace(own, **{k: getattr(row, k) for k in COLUMNS if "posture" in k})
            window = window if row is scores[-1] else status.attempt.window_s
        if row.state is State.GAP and row.time_s < session.resumed_s + window:
            row = replace(row, state=State.WARMING_UP)  # what it lacks was paused
        self.again.add_scores([row])  # as it is shown now
        if not self.again.running:
            self.view.show_score(row)
            feeds = tuple(zip(self._names, session.status().values(), strict=True))
            gone = [name for name, each in feeds if each.ended is not None]
            if row.state is State.GAP and (gone or any(each.slow for _, each in feeds)):
                text = f"No more frames of {gone[0]} come: Stop ends the session" if gone else ""
                self.view.verdict.show_text(text or TOO_SLOW)
        self.coaching.follow(row)
        self._show_practice()

    def _show_practice(self) -> None:
        """Show where the exercise is, and chime once for each goal that is held."""
        status = None if self._session is None else self._session.practice
        self.practice.show_status(status)
        if not self.again.running:
            self.view.show_practice(status)
            if self._session is not None and self._session.paused:  # an exercise's end is queued
                self.view.verdict.show_text(PAUSED)
        self.coaching.show_practice(status)
        attempt = None if status is None else status.attempt
        round_ = 0 if status is None or attempt is None or not attempt.success else id(status.round)
        if round_ and round_ != self._held and self.drawer.practice.chimes.isChecked():
            self.speaker.chime()
        self._held = round_

    def _say_cues(self, events: Sequence[Event]) -> None:
        if self.drawer.practice.spoken.isChecked():
            for event in events:
                if event.kind == CUE:
                    self.speaker.say(event.text)

    def _prepare_voice(self, exercise: Exercise | None) -> None:
        has_cues = exercise is not None and any(each.cues for each in exercise.rounds)
        if has_cues and self.drawer.practice.spoken.isChecked():
            self.speaker.prepare()

    def _practise(self, exercise: Exercise) -> None:
        """Begin an exercise or a goal, once the posture that it asks for is found."""
        self._prepare_voice(exercise)
        if self._runner is not None:
            find = partial(with_target, exercise, self._runner.request.a)
            self._finding.prepare(lambda _progress: find()).start()
            self.controls.close_drawers()

    def _hand_over(self, exercise: Exercise | None) -> None:
        self._finding.cancel()
        if self._session is not None:
            try:
                self._session.practise(exercise)
            except MirrorError as error:
                self.message.emit(error.window_text, "error")

    def _keep_tags(self) -> None:
        self._preferences.tags = self.drawer.details.tags.text().split(",")
        self._preferences.keep_habits(self._names, tags=self._preferences.tags)

    def _set_goal(self, goal: Goal) -> None:
        self._preferences.keep_habits(self._names, goal=goal.to_dict())
        if self._session is not None:
            self._practise(session_goal(goal, self._session.settings))

    def _show_status(self) -> None:
        runner, session = self._runner, self._session
        if runner is None or session is None:
            return
        self._show_practice()
        for each in (self.poller, self.view):
            each.set_sparing(sparing=session.behind)
        stay_unseen(runner.request.a, runner.request.b)
        troubles = []
        for feed, status in session.status().items():
            # What is shown again is not as the feed is now.
            self.view.tiles[feed].show_status(None if self.again.running else status)
            if status.trouble is not None:
                troubles.append(f"{feed.upper()} ({status.text}): {status.trouble}")
        if troubles and not self._is_live:
            self.opening.show_step("\n".join([FIRST_FRAME, *troubles]))
        self.view.mapping = session.settings.mapping
        self.standing.show_mapping(session.settings.mapping, session.better_mapping)
        recorder = session.recorder  # read once: the session may close it meanwhile
        size = None if recorder is None else recorder.size()
        self.controls.show_recording(size, session.now(), paused=session.paused)
        self.drawer.details.show_recording(
            runner.path, on=recorder is not None, video=runner.request.video
        )

    def _end(self) -> None:
        runner = known(self._runner)
        self.running = False
        self.stopped.emit()
        self.tour.end()
        self.controls.show_stopping(stopping=False)
        self.coaching.end()
        self._end_again()
        try:
            path = runner.result()
        except MirrorError as error:
            self._fail(runner, error.window_text, is_recording=isinstance(error, RecordingError))
        except BaseException:
            self._fail(runner, "The session was ended by an internal error.")
            raise
        else:
            if path is None and runner.path is not None and not self._is_stopping:
                self.message.emit("No frames arrived, so nothing was recorded.", "warning")
            labels = dict(zip(FEEDS, self._names, strict=True))
            about = {**self._about, "labels": labels}
            self.ended.emit(path or runner.unrecorded(self.view.events, about))

    def _fail(self, runner: Runner, why: str, *, is_recording: bool = False) -> None:
        """Show why the session failed; if there is a recording, end with it."""
        if runner.recording is not None or self._is_stopping:
            self.message.emit(why, "error")
            self.ended.emit(runner.recording)
        else:
            started = self._is_live
            self._set_live(live=False)
            self.opening.show_failure(why, started=started, recording=is_recording)

    def _cancel(self) -> None:
        """Leave a session that is opening; it releases its cameras on its own thread."""
        known(self._runner).stop()
        self.poller.timer.stop()
        self.running = False
        self.stopped.emit()
        self.ended.emit(None)

    def _try_again(self, **changes: Any) -> None:
        self.begin(replace(known(self._runner).request, **changes))

    def _record_there(self) -> None:
        output = known(known(self._runner).request.output)
        self._try_again(output=self._preferences.recordings_folder / output.name)

    def _change(self, settings: Settings) -> None:
        if self._session is None:
            return
        try:
            self._session.change(settings)
            self._preferences.keep_habits(self._names, mapping=settings.mapping)
        except SettingsError as error:
            self.message.emit(error.window_text, "error")

    def _describe(self, values: dict[str, Any]) -> None:
        if self._runner is None or self._session is None:
            return
        self._session.describe(**values)
        self._about |= {name: text for name, text in values.items() if name in self._about}
        if "labels" in values:
            self._set_names(values["labels"])
            request = self._runner.request
            if not is_alone(request) and not request.b.startswith("demo:"):  # else nobody's names
                self._preferences.labels = values["labels"]

    def _set_names(self, names: tuple[str, str]) -> None:
        self._names = names
        for each in (self.view, self.coaching.view, self.practice, self.drawer.practice):
            each.set_names(*names)

    def _set_skeleton_only(self, only: bool) -> None:
        self._preferences.skeleton_only = only
        if only:
            self._end_again()
            self.again.forget()  # no frame is held in memory
        self.view.set_skeleton_only(only)

    def _set_full(self, full: bool) -> None:
        self._preferences.full_view = full
        self.view.set_full(full=full)

    def _set_live(self, *, live: bool) -> None:
        self._is_live = live
        self._stack.setCurrentWidget(self._live if live else self.opening)
        self.setFocus()

    def _open_drawer(self, name: str) -> None:
        if name == "practice":
            self.drawer.practice.refresh()
        self.drawer.open(name)
        if not name:
            self.setFocus()  # else Qt moves the focus from the hidden drawer to some button

    def _lay_out(self) -> None:
        middle = horizontal((self.view, 1), self.drawer, spacing=12)
        # For these there is no room in the bar.
        controls = self.controls
        others = (controls.again, controls.now, controls.skeleton, controls.full)
        below = horizontal((self.standing, 1), *others)
        self._live = QWidget(self)
        items = (self.practice, (middle, 1), below, self.controls)
        vertical(*items, inside=self._live, margins=(12, 10, 12, 10))
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.opening)
        self._stack.addWidget(self._live)
        vertical(self._stack, inside=self)
        self._set_live(live=False)

    def _wire(self) -> None:
        self.poller.step.connect(self.opening.show_step)
        self.poller.frame.connect(self._show_frame)
        self.view.person_shown.connect(lambda *at: known(self._session).show_person(*at))
        self.poller.scores.connect(self._show_scores)
        self.poller.events.connect(self.view.add_events)
        self.poller.events.connect(self.coaching.show_events)
        self.poller.events.connect(self._say_cues)
        self.practice.end_clicked.connect(lambda: self._hand_over(None))
        self.practice.summary.clicked.connect(self.stop)
        again = self.practice.again
        again.clicked.connect(lambda: self._practise(known(self.practice.status).exercise))
        self.drawer.practice.goal_set.connect(self._set_goal)
        self.drawer.practice.exercise_begun.connect(self._practise)
        spoken = self.drawer.practice.spoken
        spoken.toggled.connect(lambda on: self.speaker.prepare() if on else None)
        self._finding.finished.connect(self._hand_over)
        self._finding.failed.connect(lambda why: self.message.emit(why, "error"))
        self.poller.warned.connect(lambda text: self.message.emit(text, "warning"))
        self.poller.status_due.connect(self._show_status)
        self.poller.finished.connect(self._end)
        self.tour.ended.connect(self._end_tour)
        opening = self.opening
        opening.cancel.clicked.connect(self._cancel)
        opening.retry.clicked.connect(lambda _on: self._try_again())
        opening.folder.clicked.connect(
            lambda: choose_folder(self, self._preferences, self._record_there)
        )
        opening.unrecorded.clicked.connect(lambda: self._try_again(output=None, video=False))
        opening.back.clicked.connect(self.back_clicked)
        self.view.timeline.held.connect(self.controls.now.show)
        self.controls.note.written.connect(lambda event: known(self._session).mark(event))
        self.controls.skeleton_toggled.connect(self._set_skeleton_only)
        self.controls.full.toggled.connect(self._set_full)
        self.view.meter.activated.connect(
            lambda: setattr(self._preferences, "meter", self.view.meter.chosen)
        )
        self.controls.drawer_toggled.connect(self._open_drawer)
        self.drawer.settings.changed.connect(self._change)
        self.standing.chosen.connect(self.drawer.settings.choose_mapping)
        self.drawer.details.described.connect(self._describe)
        self.drawer.details.tags.editingFinished.connect(self._keep_tags)
        self.drawer.details.stop_clicked.connect(lambda: known(self._session).stop_recording())


def is_alone(request: SessionRequest) -> bool:
    """Whether A is a partner who is not there, rendered or in a video, and B a person."""
    is_rendered = [text.startswith("demo:") for text in (request.a, request.b)]
    return request.alone or is_rendered == [True, False]
