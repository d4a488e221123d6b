"""Two videos, or two cameras, on one clock: the offset of one, the delay of the other."""

from collections.abc import Callable
from typing import Final

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QDialog, QLabel, QProgressBar, QWidget

from mirror.clocks.cameras import delay_between, describe_delay, remember_delay, source_noun
from mirror.clocks.movement import Delay
from mirror.clocks.sound import Alignment
from mirror.clocks.videos import align_videos, aligned, placed
from mirror.errors import SourceError
from mirror.session.delay import TASK, measure_cameras
from ui.runtime.background import LatestWork, Progress, Work
from ui.shell.own_windows import stay_unseen
from ui.start.source_text import Pair
from ui.widgets.build import button, horizontal, vertical
from ui.widgets.fields import OffsetField
from ui.widgets.labels import WrappedLabel

Aligner = Callable[[str, str, Progress], Alignment]
Measurer = Callable[[str, str, Progress], Delay]

_HINT: Final = "Two videos of one room are put on one clock by their sound."


class VideoOffset(QWidget):
    """By how much the video of B began earlier than that of A: written, nudged, or by sound.

    `frame_s` returns the time from one frame of B to the next, s; `aligner` aligns two videos by
    their sound, on a thread.
    """

    changed = pyqtSignal()

    def __init__(self, frame_s: Callable[[], float], aligner: Aligner = align_videos) -> None:
        super().__init__()
        self._aligner = aligner
        self._videos: Pair = "", ""
        self._found: Alignment | None = None
        self._work = LatestWork(self)
        self._label = QLabel(self)
        self.field = OffsetField("B began earlier by, seconds", frame_s, self)
        self.field.setToolTip("Negative: later. The arrows move by one frame.")
        self._label.setBuddy(self.field)
        self.button = button("Align by &sound", self, self.align)
        self.result = WrappedLabel(parent=self)
        horizontal(self._label, self.field, self.button, (self.result, 1), inside=self)
        self.field.valueChanged.connect(self.changed)
        self._work.finished.connect(self._show)
        self._work.failed.connect(self._fail)

    @property
    def alignment(self) -> Alignment | None:
        """What the sound surely says; None if it was not asked, or the offset is another."""
        found = self._found
        is_used = found is not None and found.is_sure and self.field.shows(found.offset_s)
        return found if is_used else None

    def sources(self) -> Pair:
        """Return both sources, aligned; SourceError if they name parts that cannot be aligned."""
        if (found := self.alignment) is not None:
            return aligned(*self._videos, found)
        offset = self.field.value()
        return placed(*self._videos, offset) if offset else self._videos

    def load(self, a: str, b: str, names: tuple[str, str]) -> None:
        """Take two videos; others than before begin without an offset."""
        self._label.setText(f"{names[1]} began earlier by")
        if (a, b) == self._videos:
            return
        self._videos, self._found = (a, b), None
        self._work.cancel()
        self.field.show_number(0.0)
        self.button.setEnabled(True)
        self.result.setText(_HINT)

    def align(self) -> None:
        """Find the offset from the sound, in the background."""
        self.button.setEnabled(False)
        self.result.setText("Comparing the sound…")
        self._work.prepare(lambda progress: self._aligner(*self._videos, progress)).start()

    def _show(self, found: Alignment) -> None:
        self._found = found
        self.button.setEnabled(True)
        self.field.show_number(found.offset_s)
        sure = "By sound" if found.is_sure else "Unsure, compare both frames"
        drift = found.used_drift_ppm if found.is_sure else 0.0
        clock = f", clock of B {drift:+.0f} ppm" if drift else ""
        agreeing = f"{int(found.agrees.sum())} of {len(found.times)} stretches agree"
        self.result.setText(f"{sure}: {agreeing}{clock}.")
        self.changed.emit()

    def _fail(self, why: str) -> None:
        self.button.setEnabled(True)
        self.result.setText(why)


class CameraDelay(QWidget):
    """By how much one of two cameras is known to deliver later; to be measured, or forgotten."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cameras = "", ""
        self.text = WrappedLabel(parent=self)
        tip = "Ten seconds of one person who is seen in both"
        self.measure = button("Measure delay…", self, tip=tip)
        self.forget = button("Forget", self, self._forget)
        horizontal((self.text, 1), self.forget, self.measure, inside=self)

    def load(self, one: str, other: str) -> None:
        """Show what is known of two cameras, by their identities; hide without two."""
        self._cameras = one, other
        self.setVisible(bool(one and other) and one != other)
        delay = delay_between(one, other)
        self.forget.setVisible(delay is not None)
        known = "" if delay is None else describe_delay(delay, source_noun(one))
        self.text.setText(known and f"{known}; subtracted in sessions with both.")

    def _forget(self) -> None:
        try:
            remember_delay(*self._cameras, None)
        except SourceError as error:
            self.text.setText(error.window_text)
        else:
            self.load(*self._cameras)


class DelayDialog(QDialog):
    """Measures the delay between two cameras; open until it has released them.

    `when_free` calls a function once nothing else has the sources of the pair open; `measurer`
    measures and remembers the delay, on a thread.
    """

    def __init__(
        self,
        pair: Pair,
        when_free: Callable[[Callable[[], object]], object],
        measurer: Measurer = measure_cameras,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._pair, self._noun = pair, source_noun(pair[0])
        self.setWindowTitle(f"Delay between the {self._noun}s")
        self.result_text = WrappedLabel(TASK, self)
        self.bar = QProgressBar(self)
        self.bar.setRange(0, 0)
        self.bar.setAccessibleName("Progress of the measurement")
        self.button = button("Cancel", self, self.reject)
        vertical(self.result_text, self.bar, self.button, inside=self, margins=None, spacing=12)
        self.setFixedWidth(440)
        self._work = Work(lambda progress: measurer(*pair, progress), self)
        self._work.progress.connect(self._show_progress)
        self._work.finished.connect(self._show_delay)
        self._work.failed.connect(self._end)
        self._work.cancelled.connect(self._close)
        self._has_ended = False
        stay_unseen(*pair)
        when_free(self._work.start)

    def done(self, status: int) -> None:
        if self._has_ended:
            super().done(status)
            return
        self._work.cancel()
        self.button.setEnabled(False)
        self.result_text.setText("Stopping…")

    def _close(self) -> None:
        self._has_ended = True
        self.reject()

    def _show_progress(self, done: int, total: int) -> None:
        stay_unseen(*self._pair)  # this dialog, too
        self.bar.setRange(0, total)
        self.bar.setValue(done)

    def _show_delay(self, delay: Delay) -> None:
        about = f"(± {1e3 * delay.error_s:.1f} ms)"
        found = f"{describe_delay(delay.seconds, self._noun)} {about}."
        self._end(f"{found} It is subtracted in sessions with both {self._noun}s.")

    def _end(self, text: str) -> None:
        self.result_text.setText(text)
        self.bar.hide()
        self.button.setText("Close")
        self.button.setEnabled(True)
        self._has_ended = True
