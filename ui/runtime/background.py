"""Long work on a thread of its own, told to the window as Qt signals."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Final, Generic, TypeVar

from PyQt6.QtCore import QCoreApplication, QObject, QTimer, pyqtSignal

from mirror._support.threads import in_thread
from mirror.errors import MirrorError

T = TypeVar("T")
Progress = Callable[[int, int], None]

_LOOK_MS: Final = 30
_PARTING_S: Final = 3.0
"""How long the end of the program waits for work to notice that it is cancelled."""


class Cancelled(Exception):  # noqa: N818  nothing went wrong
    """Raised by ``progress`` inside the work, once nobody wants its result any more."""


class Work(QObject):
    """One piece of work, run once on a daemon thread.

    Its signals are emitted on the thread that made it, exactly one of `finished`, `failed` and
    `cancelled` for a start.

    Parameters
    ----------
    task : callable
        The work. It is given ``progress(done, total)`` to call often, where ``total`` 0 means that
        nobody knows it; that call raises `Cancelled` once the work is not wanted any more, and the
        task lets it through.
    parent : QObject, optional
        With it, the work ends.
    """

    progress = pyqtSignal(int, int)
    """Done and total; the newest only, at most thirty times a second."""

    finished = pyqtSignal(object)
    """What the task returned, also where it did so before it noticed that it was cancelled."""

    failed = pyqtSignal(str)
    """The line of the `MirrorError` that the task raised."""

    cancelled = pyqtSignal()
    """It ended without a result, on request or by a bug, which is raised here afterwards."""

    def __init__(self, task: Callable[[Progress], object], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run = _Run(task)
        self._outcome: Future[object] | None = None
        self._shown: tuple[int, int] | None = None
        # The thread never touches a QObject, which may be gone by then: the window looks.
        self._look = QTimer(self)
        self._look.setInterval(_LOOK_MS)
        self._look.timeout.connect(self._tell)
        self.destroyed.connect(self._run.cancel)

    @property
    def running(self) -> bool:
        """Whether it was started and its end has not been told yet."""
        return self._look.isActive()

    def start(self) -> None:
        """Begin; only once."""
        if self._outcome is not None:
            raise RuntimeError("work is started once")
        self._outcome = in_thread(self._run, "window's work")
        self._look.start()
        application = QCoreApplication.instance()
        assert application is not None
        application.aboutToQuit.connect(self._part)

    def cancel(self) -> None:
        """Ask it to end at its next ``progress``; may be called at any time."""
        self._run.cancel()

    def _tell(self) -> None:
        assert self._outcome is not None
        ended = self._outcome.done()
        if self._run.reached is not None and self._run.reached != self._shown:
            self._shown = self._run.reached
            self.progress.emit(*self._shown)
        if not ended:
            return
        self._look.stop()
        try:
            result = self._outcome.result()
        except Cancelled:
            self.cancelled.emit()
        except MirrorError as error:
            self.failed.emit(str(error))
        except BaseException:
            self.cancelled.emit()
            raise
        else:
            self.finished.emit(result)

    def _part(self) -> None:
        """At the program's end: what is half written should not stay so."""
        if self._outcome is not None:
            self.cancel()
            wait([self._outcome], timeout=_PARTING_S)


class _Run(Generic[T]):
    """The thread's side. Single values, each written by one side only, need no lock."""

    def __init__(self, task: Callable[[Progress], T]) -> None:
        self._task = task
        self._unwanted = False
        self.reached: tuple[int, int] | None = None

    def __call__(self) -> T:
        return self._task(self._report)

    def cancel(self) -> None:
        self._unwanted = True

    def _report(self, done: int, total: int) -> None:
        if self._unwanted:
            raise Cancelled
        self.reached = (done, total)
