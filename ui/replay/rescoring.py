"""A recording scored again with other settings, and saved as a new one if the user wants it."""

from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QWidget

from mirror.recording.reader import Recording
from mirror.recording.repair import Repair
from mirror.recording.rescore import RecordedMovement, rescore
from mirror.settings import Settings
from mirror.settings_history import SettingsHistory, describe_settings
from mirror.timeline import Score, Timeline
from ui.runtime.background import LatestWork, Progress, Work
from ui.widgets.build import button, horizontal, known
from ui.widgets.labels import ElidedLabel
from ui.widgets.work_bar import WorkBar


def describe_changes(
    settings: Settings, recorded: SettingsHistory, shift_b: float = 0.0, repairs: int = 0
) -> str:
    """Return how settings, B's times and who is who differ from the recorded: "window 10 s"."""
    moved = f"B {abs(shift_b):.3f} s {'later' if shift_b > 0 else 'earlier'}" if shift_b else ""
    last = "the last settings throughout" if recorded.changes else ""
    count = "once" if repairs == 1 else f"{repairs} times"
    repaired = f"who is who corrected {count}" if repairs else ""
    changes = (describe_settings(recorded.last, settings), moved, repaired, last)
    return ", ".join(filter(None, changes))


class Rescorer(QObject):
    """Scores a recording again in the background; newer settings replace older ones.

    The recording's movement is read once, when it is first needed. What is in view is scored first,
    and everything behind it. `bar` shows the progress of computing, `files` of writing.
    """

    outlined = pyqtSignal(object, object, float)  # `Settings`, first scored rows, s between them
    computed = pyqtSignal(object, object)  # a `Settings` and the `Timeline` computed with it
    discarded = pyqtSignal()  # computing with the newest settings was cancelled or failed
    saved = pyqtSignal(object, object)  # what `state` was, and the path of the new recording
    failed = pyqtSignal(str)

    def __init__(self, bar: WorkBar, files: WorkBar, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bar, self._files = bar, files
        self._path: Path | None = None
        self._rate = 0.0
        self.shift_b = 0.0  # seconds by which B is scored later than it is stored
        self.repairs: tuple[Repair, ...] = ()  # who was who, as said by hand
        self.saving: Work | None = None  # of writing a new recording
        self._movement: RecordedMovement | None = None
        self._wanted: tuple[Settings, str, tuple[float, float]] | None = None
        self._reading, self._outlining, self._scoring = (LatestWork(self) for _ in range(3))
        self._reading.finished.connect(self._take_movement)
        self._outlining.finished.connect(self._take_outline)
        self._scoring.finished.connect(self._take_timeline)
        for work in (self._reading, self._outlining, self._scoring):
            work.failed.connect(self._fail)
            work.cancelled.connect(self._discard)

    def load(self, path: Path | None, rate: float = 0.0) -> None:
        """Take another recording, or none; computing for the one before is cancelled."""
        self._path, self._rate = path, rate
        self.repairs = ()
        self.set_shift(0.0)

    def state(self, settings: Settings) -> tuple[object, ...]:
        """Return what scores with these settings depend on."""
        return self._path, settings, self.shift_b, self.repairs

    def set_shift(self, shift_b: float) -> None:
        """Score with B so much later, s, and `repairs` from the next `start` on, anew."""
        self.cancel()
        self._reading.cancel()
        self.shift_b, self._movement = shift_b, None

    def prepare(self) -> None:
        """Read the movement, if that was not begun, before there are settings to score with."""
        path, rate, shift, repairs = self._path, self._rate, self.shift_b, self.repairs
        if path is None or self._movement is not None or self._reading.running:
            return

        def task(progress: Progress) -> RecordedMovement:
            with Recording.open(path) as recording:
                recording.shift_b, recording.repairs = shift, repairs
                return RecordedMovement.read(recording, rate, progress)

        self._bar.start(self._reading.prepare(task), "Reading the movement")

    def start(self, settings: Settings, text: str, visible: tuple[float, float]) -> None:
        """Score with these settings; `text` describes them in the progress bar.

        What is `visible`, from one time to another, s, is scored first.
        """
        self.cancel()
        self._wanted = settings, text, visible
        if (movement := self._movement) is None:
            self.prepare()
            return
        self._outlining.prepare(
            lambda progress: movement.outline(settings, *visible, progress)
        ).start()

    def row_at(self, settings: Settings, time_s: float) -> Score | None:
        """Score the row at a time, while the timeline with these settings is being computed."""
        return None if self._movement is None else self._movement.row_at(settings, time_s)

    def cancel(self) -> None:
        """Stop computing, without a signal."""
        self._wanted = None
        self._outlining.cancel()
        self._scoring.cancel()

    def _take_movement(self, movement: RecordedMovement) -> None:
        self._movement = movement
        if self._wanted is not None:
            self.start(*self._wanted)

    def _take_outline(self, result: tuple[Timeline, float]) -> None:
        movement = known(self._movement)
        settings, text, _ = known(self._wanted)
        self.outlined.emit(settings, *result)
        work = self._scoring.prepare(lambda progress: movement.score(settings, progress))
        self._bar.start(work, f"Scoring again: {text}")

    def _take_timeline(self, timeline: Timeline) -> None:
        settings, *_ = known(self._wanted)
        self._wanted = None
        self.computed.emit(settings, timeline)

    def _fail(self, why: str) -> None:
        if self._wanted is not None:  # else it was read for no settings yet
            self.failed.emit(why)
            self._discard()

    def _discard(self) -> None:
        if self._wanted is not None:
            self._wanted = None
            self.discarded.emit()

    def save(self, settings: Settings, path: Path) -> None:
        """Write scores to a new recording, even while another one is opened; none is replaced."""
        old, shift, repairs = known(self._path), self.shift_b, self.repairs
        state = self.state(settings)

        def task(progress: Progress) -> Path:
            with Recording.open(old) as recording:
                recording.shift_b, recording.repairs = shift, repairs
                return rescore(recording, path, settings, progress)[1]

        work = self.saving = Work(task, self)
        for ended in (work.finished, work.failed, work.cancelled):
            ended.connect(lambda *_: setattr(self, "saving", None))
        work.finished.connect(lambda written: self.saved.emit(state, written))
        work.failed.connect(self.failed)
        self._files.start(work, f"Saving {path.name}")


class RescoredBar(QWidget):
    """Shows whether new scores are saved, with buttons; hidden while recorded ones are shown."""

    score_requested = pyqtSignal()  # score again, as was cancelled
    save_requested = pyqtSignal()  # save the scores as a new recording
    revert_requested = pyqtSignal()  # show the recorded scores
    open_requested = pyqtSignal(object)  # open the recording that the scores were saved to

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._path = Path()
        self._label = ElidedLabel(parent=self)
        self._label.setStyleSheet("font-weight: 600;")
        self.score_button = button("Score now", self, self.score_requested)
        self.save_button = button("Save as new recording…", self, self.save_requested)
        self.open_button = button(
            "Open new recording", self, lambda: self.open_requested.emit(self._path)
        )
        self.revert_button = button("Revert to recorded", self, self.revert_requested)
        buttons = (self.score_button, self.save_button, self.open_button, self.revert_button)
        horizontal((self._label, 1), *buttons, inside=self)
        self.hide()

    @property
    def text(self) -> str:
        return "" if self.isHidden() else self._label.text()

    def show_unsaved(self, changes: str, *, scored: bool = True) -> None:
        """Show that `changes` are in no file, and whether the scores are not yet those of them."""
        self.score_button.setHidden(scored)
        self._show(f"Not saved{'' if scored else ', not scored yet'}: {changes}", saved=False)

    def show_saved(self, changes: str, path: Path) -> None:
        self.score_button.hide()
        self._path = path
        self._show(f"Saved as {path.name}: {changes}", saved=True)

    def _show(self, text: str, *, saved: bool) -> None:
        self._label.setText(text)
        self.save_button.setVisible(not saved)
        self.open_button.setVisible(saved)
        self.show()
