from __future__ import annotations

import threading

import pytest
from pytestqt.qtbot import QtBot

from mirror.errors import MirrorError
from ui.runtime.background import LatestWork, Progress

WAIT = 10_000


@pytest.fixture
def latest(qtbot: QtBot) -> LatestWork:
    return LatestWork()


def test_reports_result(qtbot: QtBot, latest: LatestWork) -> None:
    with qtbot.waitSignal(latest.finished, timeout=WAIT) as finished:
        latest.prepare(lambda _progress: 42).start()
        assert latest.running
    assert finished.args == [42]
    assert not latest.running


def test_reports_failure(qtbot: QtBot, latest: LatestWork) -> None:
    def fail(_progress: Progress) -> None:
        raise MirrorError("no disk")

    with qtbot.waitSignal(latest.failed, timeout=WAIT) as failed:
        latest.prepare(fail).start()
    assert failed.args == ["no disk"]


def test_reports_cancelled_work(qtbot: QtBot, latest: LatestWork) -> None:
    def endless(progress: Progress) -> None:
        while True:
            progress(1, 2)

    work = latest.prepare(endless)
    with qtbot.waitSignal(latest.cancelled, timeout=WAIT):
        work.start()
        work.cancel()
    assert not latest.running


def test_reports_only_the_newest_work(qtbot: QtBot, latest: LatestWork) -> None:
    release = threading.Event()
    results: list[object] = []
    latest.finished.connect(results.append)
    with qtbot.waitSignal(latest.superseded, timeout=WAIT) as superseded:
        latest.prepare(lambda _progress: release.wait(10) and "old").start()
        latest.prepare(lambda _progress: "new").start()
        qtbot.waitUntil(lambda: results == ["new"], timeout=WAIT)
        release.set()
    assert superseded.args == ["old"]
    assert results == ["new"]


def test_cancel_is_silent(qtbot: QtBot, latest: LatestWork) -> None:
    latest.cancelled.connect(lambda: pytest.fail("emitted"))
    with qtbot.waitSignal(latest.superseded, timeout=WAIT):
        latest.prepare(lambda _progress: None).start()
        latest.cancel()
    assert not latest.running
