"""Run a function on a thread and report its progress and result as Qt signals."""

from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Final, Generic, TypeVar

from PyQt6.QtCore import QCoreApplication, QObject, pyqtSignal

from mirror._support.threads import run_in_thread
from mirror.errors import MirrorError
from ui.widgets.build import known, timer

T = TypeVar("T")
Progress = Callable[[int, int], None]

_POLL_MS: Final = 30
_CLOSE_TIMEOUT_S: Final = 3.0  # how long the program waits at exit for cancelled work to end


class Cancelled(Exception):  # noqa: N818  not an error
    """Raised by ``progress`` inside work that was cancelled."""


class Work(QObject):
    """A function that runs once on a daemon thread.

    Signals are emitted on the thread that created the object; each run ends with exactly one of
    `finished`, `failed` and `cancelled`.

    The task is called with ``progress(done, total)``, which it should call often; ``total`` is 0 if
    unknown. That call raises `Cancelled` after `cancel`; the task must not catch it. The work is
    cancelled when the parent is destroyed.
    """

    progress = pyqtSignal(int, int)  # done and total; the newest, at most about 30 a second

    finished = pyqtSignal(object)
    """The return value, also if the task returned before it noticed a cancellation."""

    failed = pyqtSignal(str)  # the message of the `MirrorError` that the task raised
    cancelled = pyqtSignal()  # no result: cancelled, or ended by a bug, re-raised on this thread

    def __init__(self, task: Callable[[Progress], object], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run = _Run(task)
        self._future: Future[object] | None = None
        self._shown: tuple[int, int] | None = None
        self.error: MirrorError | None = None  # that it failed with
        # The thread must not touch a QObject, which may already be deleted: poll from here.
        self._timer = timer(self, _POLL_MS, self._poll)
        self.destroyed.connect(self._run.cancel)

    @property
    def running(self) -> bool:
        """Whether it was started and its end was not signalled yet."""
        return self._timer.isActive()

    def start(self) -> None:
        """Start the thread; may be called only once."""
        if self._future is not None:
            raise RuntimeError("Work can be started only once")
        self._future = run_in_thread(self._run, "background work")
        self._timer.start()
        known(QCoreApplication.instance()).aboutToQuit.connect(self._wait)

    def cancel(self) -> None:
        """Ask the task to end at its next ``progress`` call; may be called at any time."""
        self._run.cancel()

    def _poll(self) -> None:
        assert self._future is not None
        is_done = self._future.done()
        if self._run.reached is not None and self._run.reached != self._shown:
            self._shown = self._run.reached
            self.progress.emit(*self._shown)
        if not is_done:
            return
        self._timer.stop()
        try:
            result = self._future.result()
        except Cancelled:
            self.cancelled.emit()
        except MirrorError as error:
            self.error = error
            self.failed.emit(error.window_text)
        except BaseException:
            self.cancelled.emit()
            raise
        else:
            self.finished.emit(result)

    def _wait(self) -> None:
        """Let the task clean up half-written files before the program exits."""
        if self._future is not None:
            self.cancel()
            wait([self._future], timeout=_CLOSE_TIMEOUT_S)


class LatestWork(QObject):
    """Runs one piece of `Work` at a time; new work cancels the one before, which then is silent."""

    finished = pyqtSignal(object)
    failed = pyqtSignal(str)
    cancelled = pyqtSignal()
    superseded = pyqtSignal(object)  # what a task returned after newer work or `cancel`

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work: Work | None = None

    @property
    def running(self) -> bool:
        return self._work is not None

    def prepare(self, task: Callable[[Progress], object]) -> Work:
        """Return work for a task, to be started by the caller."""
        self.cancel()
        work = self._work = Work(task, self)
        work.finished.connect(lambda result: self._finish(work, result))
        work.failed.connect(lambda why: self._fail(work, why))
        work.cancelled.connect(lambda: self._fail(work, ""))
        return work

    def cancel(self) -> None:
        """Cancel the work, without a signal."""
        work, self._work = self._work, None
        if work is not None:
            work.cancel()

    def _finish(self, work: Work, result: object) -> None:
        (self.finished if self._end(work) else self.superseded).emit(result)

    def _fail(self, work: Work, why: str) -> None:
        if not self._end(work):
            return
        if why:
            self.failed.emit(why)
        else:
            self.cancelled.emit()

    def _end(self, work: Work) -> bool:
        """Forget work that has ended; return whether it was the newest."""
        work.deleteLater()
        if work is not self._work:
            return False
        self._work = None
        return True


class _Run(Generic[T]):
    """The thread's side; each attribute is written by one thread only, so no lock is needed."""

    def __init__(self, task: Callable[[Progress], T]) -> None:
        self._task = task
        self._is_cancelled = False
        self.reached: tuple[int, int] | None = None

    def __call__(self) -> T:
        if self._is_cancelled:  # before it was started
            raise Cancelled
        return self._task(self._report)

    def cancel(self) -> None:
        self._is_cancelled = True

    def _report(self, done: int, total: int) -> None:
        if self._is_cancelled:
            raise Cancelled
        self.reached = (done, total)
