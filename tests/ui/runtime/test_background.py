from __future__ import annotations

import gc
import threading
from collections.abc import Callable

import pytest
from PyQt6.QtCore import QCoreApplication, QObject, QThread
from pytestqt.qtbot import QtBot

from mirror.errors import RecordingError
from ui.runtime.background import Cancelled, Progress, Work

WAIT = 10_000


def endless(started: threading.Event) -> Callable[[Progress], None]:
    """Return a task that runs until it is cancelled."""

    def task(progress: Progress) -> None:
        while True:
            progress(1, 0)
            started.set()

    return task


def test_result_is_signalled_on_main_thread(qtbot: QtBot) -> None:
    threads = []

    def task(progress: Progress) -> int:
        threads.append(threading.current_thread())
        return 42

    work = Work(task)
    results: list[object] = []
    work.finished.connect(results.append)
    work.finished.connect(lambda _: threads.append(threading.current_thread()))
    assert not work.running
    with qtbot.waitSignal(work.finished, timeout=WAIT):
        work.start()
        assert work.running
    assert results == [42]
    assert not work.running
    assert threads[0] is not threading.main_thread()
    assert threads[1] is threading.main_thread()
    assert QThread.currentThread() is work.thread()


def test_progress_ends_with_last_value(qtbot: QtBot) -> None:
    def task(progress: Progress) -> None:
        for done in range(1001):
            progress(done, 1000)

    work = Work(task)
    values: list[tuple[int, int]] = []
    work.progress.connect(lambda done, total: values.append((done, total)))
    with qtbot.waitSignal(work.finished, timeout=WAIT):
        work.start()
    assert values[-1] == (1000, 1000)
    assert values == sorted(set(values))


def test_cancel_ends_task_at_next_progress(qtbot: QtBot) -> None:
    started, cancelled = threading.Event(), threading.Event()

    def task(progress: Progress) -> None:
        try:
            endless(started)(progress)
        except Cancelled:
            cancelled.set()
            raise

    work = Work(task)
    work.finished.connect(lambda _: pytest.fail("it was cancelled"))
    work.start()
    assert started.wait(10)
    with qtbot.waitSignal(work.cancelled, timeout=WAIT):
        work.cancel()
    assert cancelled.is_set()
    assert not work.running


def test_result_survives_late_cancel(qtbot: QtBot) -> None:
    go_on = threading.Event()

    def task(progress: Progress) -> str:
        go_on.wait(10)
        return "opened"

    work = Work(task)
    work.start()
    work.cancel()
    with qtbot.waitSignal(work.finished, timeout=WAIT) as signal:
        go_on.set()
    assert signal.args == ["opened"]


def test_mirror_error_is_signalled_as_failed(qtbot: QtBot) -> None:
    def task(progress: Progress) -> None:
        raise RecordingError("talk.mirror is not a recording; choose another file")

    work = Work(task)
    with qtbot.waitSignal(work.failed, timeout=WAIT) as signal:
        work.start()
    assert signal.args == ["talk.mirror is not a recording; choose another file"]
    assert not work.running


def test_bug_is_raised_on_main_thread_and_ends_work(qtbot: QtBot) -> None:
    def task(progress: Progress) -> None:
        raise ZeroDivisionError("a bug")

    work = Work(task)
    with qtbot.captureExceptions() as caught, qtbot.waitSignal(work.cancelled, timeout=WAIT):
        work.start()
    assert [kind for kind, *_ in caught] == [ZeroDivisionError]
    assert not work.running


def test_start_twice_is_an_error(qtbot: QtBot) -> None:
    work = Work(lambda progress: None)
    with qtbot.waitSignal(work.finished, timeout=WAIT):
        work.start()
    with pytest.raises(RuntimeError, match="once"):
        work.start()


def test_work_ends_with_parent(qtbot: QtBot) -> None:
    started, ended = threading.Event(), threading.Event()

    def task(progress: Progress) -> None:
        try:
            endless(started)(progress)
        finally:
            ended.set()

    parent = QObject()
    Work(task, parent).start()
    assert started.wait(10)
    parent.deleteLater()
    del parent
    qtbot.waitUntil(ended.is_set, timeout=WAIT)
    gc.collect()


def test_quit_waits_for_cleanup(qtbot: QtBot) -> None:
    started, cleaned_up = threading.Event(), threading.Event()

    def task(progress: Progress) -> None:
        try:
            endless(started)(progress)
        finally:
            cleaned_up.set()

    work = Work(task)
    work.start()
    assert started.wait(10)
    application = QCoreApplication.instance()
    assert application is not None
    application.aboutToQuit.emit()
    assert cleaned_up.is_set()
    qtbot.waitUntil(lambda: not work.running, timeout=WAIT)
