from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest
from pytestqt.qtbot import QtBot

from mirror import Recording
from mirror.errors import ModelError, SettingsError
from mirror.events import Event
from mirror.session.disk import DiskMonitor
from mirror.session.start import SessionRequest
from mirror.session.watchdog import ADVICE
from mirror.settings import Settings
from tests.support.fake_sessions import FakeOpener
from ui.session.runner import Poller, Runner

SHORT = Settings(window=1.0, band=(1.0, 3.0))


@pytest.fixture
def opener() -> FakeOpener:
    return FakeOpener()


def start(path: Path | None = None, **more) -> SessionRequest:
    return SessionRequest(a=more.pop("a", "left"), b=more.pop("b", "right"), output=path, **more)


def until(qtbot: QtBot, true: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(true()), timeout=20_000)


def test_steps_and_newest_frames(qtbot: QtBot, opener: FakeOpener) -> None:
    runner = Runner(start(), opener)
    until(qtbot, lambda: all(runner.newest.values()))
    assert list(runner.steps) == [
        "Opening left and right…",
        "Fetching the pose model…",
        "Waiting for the first frame…",
    ]
    first = runner.newest["a"]
    until(qtbot, lambda: runner.newest["a"] is not first)
    update = runner.newest["a"]
    assert update is not None
    assert update.frame is not None
    assert update.pose is not None
    assert (update.feed, update.frame.image.shape) == ("a", (48, 64, 3))
    assert update.pose.landmarks is not None
    runner.stop()
    until(qtbot, lambda: runner.finished)
    assert runner.result() is None


def test_rows_come_once_and_in_order(qtbot: QtBot, opener: FakeOpener) -> None:
    runner = Runner(start(settings=SHORT), opener)
    until(qtbot, lambda: len(runner.scores) >= 15)
    times = [score.time_s for score in runner.scores]
    assert times == sorted(set(times))
    runner.stop()
    until(qtbot, lambda: runner.finished)


def test_result_is_recording(qtbot: QtBot, opener: FakeOpener, tmp_path: Path) -> None:
    runner = Runner(start(tmp_path / "s.mirror"), opener)
    until(qtbot, lambda: all(runner.newest.values()))
    assert runner.path == tmp_path / "s.mirror"
    runner.stop()
    until(qtbot, lambda: runner.finished)
    assert runner.result() == tmp_path / "s.mirror"
    with Recording.open(runner.path) as recording:
        assert "quality" in recording.session


def test_failed_start_is_raised_by_result(qtbot: QtBot, opener: FakeOpener) -> None:
    opener.fault = ModelError("no model")
    runner = Runner(start(), opener)
    until(qtbot, lambda: runner.finished)
    with pytest.raises(ModelError, match="no model"):
        runner.result()


def test_stop_while_opening(qtbot: QtBot, opener: FakeOpener, tmp_path: Path) -> None:
    opener.may_open.clear()
    runner = Runner(start(tmp_path / "s.mirror"), opener)
    until(qtbot, opener.reached.is_set)
    runner.stop()
    opener.may_open.set()
    until(qtbot, lambda: runner.finished)
    assert runner.result() is None
    assert list(tmp_path.glob("*.mirror*")) == []


def test_next_runner_waits_for_previous(qtbot: QtBot, opener: FakeOpener) -> None:
    opener.may_open.clear()
    first = Runner(start(), opener)
    until(qtbot, opener.reached.is_set)
    first.stop()
    second = Runner(start(), opener, first)
    until(qtbot, lambda: second.steps)
    assert second.steps[0].startswith("Waiting for the previous session")
    assert opener.opened == 1
    opener.may_open.set()
    until(qtbot, lambda: second.newest["a"])
    assert first.finished
    assert opener.opened == 2
    second.stop()
    until(qtbot, lambda: second.finished)


def test_marks_pauses_and_settings_are_events(
    qtbot: QtBot, opener: FakeOpener, tmp_path: Path
) -> None:
    runner = Runner(start(tmp_path / "s.mirror", settings=SHORT), opener)
    until(qtbot, lambda: runner.newest["a"])
    session = runner.session
    assert session is not None
    session.mark(Event(0.0, "mark", "they laugh"))
    session.pause()
    session.pause()
    assert session.paused
    session.resume()
    session.resume()
    assert not session.paused
    session.change(SHORT.changed(mapping="same-side"))
    session.describe(condition="seated")
    runner.stop()
    until(qtbot, lambda: runner.finished)
    assert [event.kind for event in runner.events] == ["mark", "pause", "resume", "settings"]
    with Recording.open(runner.result()) as recording:
        stored = recording.events()
        assert [event.kind for event in stored] == ["mark", "pause", "resume", "settings"]
        assert stored == list(runner.events)
        assert recording.session["condition"] == "seated"


def test_unsupported_settings_are_no_event(qtbot: QtBot, opener: FakeOpener) -> None:
    runner = Runner(start(settings=SHORT), opener)
    until(qtbot, lambda: runner.newest["a"])
    assert runner.session is not None
    with pytest.raises(SettingsError):
        runner.session.change(SHORT.changed(rate=25.0))
    runner.session.change(SHORT)
    runner.stop()
    until(qtbot, lambda: runner.finished)
    assert not runner.events


def test_recording_can_stop_before_session(
    qtbot: QtBot, opener: FakeOpener, tmp_path: Path
) -> None:
    runner = Runner(start(tmp_path / "s.mirror"), opener)
    until(qtbot, lambda: all(runner.newest.values()))
    session = runner.session
    assert session is not None
    session.stop_recording()
    until(qtbot, lambda: session.recorder is None)
    assert not runner.finished
    runner.stop()
    until(qtbot, lambda: runner.finished)
    assert runner.result() == tmp_path / "s.mirror"


def test_demo_scene_is_event(qtbot: QtBot, opener: FakeOpener) -> None:
    runner = Runner(start(a="demo:a", b="demo:b"), opener)
    until(qtbot, lambda: runner.events)
    assert runner.events[0] == Event(0.0, "truth", "In phase: the same at the same time")
    runner.stop()
    until(qtbot, lambda: runner.finished)


def test_session_has_own_thread(qtbot: QtBot) -> None:
    threads = []

    def opener(_start: SessionRequest, _announce: Callable[[str], None]) -> NoReturn:
        threads.append(threading.current_thread())
        raise ModelError("enough")

    runner = Runner(start(), opener)
    until(qtbot, lambda: runner.finished)
    assert threads != [threading.current_thread()]
    with pytest.raises(ModelError):
        runner.result()


def test_full_disk_warns_once(
    qtbot: QtBot, opener: FakeOpener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DiskMonitor.__init__, "__defaults__", (lambda folder: 90_000_000,))
    runner = Runner(start(tmp_path / "s.mirror"), opener)
    poller = Poller()
    warnings: list[str] = []
    poller.warned.connect(warnings.append)
    poller.start(runner)
    until(qtbot, lambda: warnings)
    runner.stop()
    with qtbot.waitSignal(poller.finished, timeout=20_000):
        pass
    (text,) = warnings
    assert f"{tmp_path} has 90 MB left, enough for 30 minutes of this session" in text


def test_warnings_name_people_and_what_the_window_can_change(
    qtbot: QtBot, opener: FakeOpener
) -> None:
    runner = Runner(replace(start(), labels=("Anna", "Ben")), opener)
    poller = Poller()
    poller.start(runner)
    until(qtbot, lambda: all(runner.newest.values()))
    assert runner.session is not None
    with qtbot.waitSignal(poller.warned) as warned:
        runner.session.warnings.append(f"right: follows 4 of 30 frames/s; {ADVICE}")
    assert warned.args == ["Ben: follows 4 of 30 frames/s; fewer programs help"]
    runner.stop()
    with qtbot.waitSignal(poller.finished, timeout=20_000):
        pass
