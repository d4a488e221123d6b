from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from mirror import Recording
from mirror.errors import ModelError, SettingsError
from mirror.events import Event
from mirror.session.disk import DiskMonitor
from mirror.session.start import SessionRequest
from mirror.settings import Settings
from tests.support.fake_sessions import Opening
from ui.session.poller import Watch
from ui.session.runner import Run

SHORT = Settings(window=1.0, band=(1.0, 3.0))


@pytest.fixture
def opening() -> Opening:
    return Opening()


def start(path: Path | None = None, **more) -> SessionRequest:
    return SessionRequest(a=more.pop("a", "left"), b=more.pop("b", "right"), output=path, **more)


def until(qtbot: QtBot, true: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(true()), timeout=20_000)


def test_it_tells_its_steps_and_leaves_the_newest_pictures(qtbot: QtBot, opening: Opening) -> None:
    run = Run(start(), opening)
    until(qtbot, lambda: all(run.newest.values()))
    assert list(run.steps) == [
        "Opening left and right …",
        "Fetching the pose model …",
        "Waiting for the first picture …",
    ]
    first = run.newest["a"]
    until(qtbot, lambda: run.newest["a"] is not first)
    update = run.newest["a"]
    assert (update.feed, update.frame.image.shape) == ("a", (48, 64, 3))
    assert update.pose.landmarks is not None
    run.stop()
    until(qtbot, lambda: run.over)
    assert run.result() is None


def test_rows_come_once_and_in_order(qtbot: QtBot, opening: Opening) -> None:
    run = Run(start(settings=SHORT), opening)
    until(qtbot, lambda: len(run.scores) >= 15)
    times = [score.time_s for score in run.scores]
    assert times == sorted(set(times))
    run.stop()
    until(qtbot, lambda: run.over)


def test_it_ends_with_the_path_of_its_recording(
    qtbot: QtBot, opening: Opening, tmp_path: Path
) -> None:
    run = Run(start(tmp_path / "s.mirror"), opening)
    until(qtbot, lambda: all(run.newest.values()))
    assert run.path == tmp_path / "s.mirror"
    run.stop()
    until(qtbot, lambda: run.over)
    assert run.result() == tmp_path / "s.mirror"
    with Recording.open(run.path) as recording:
        assert "quality" in recording.session


def test_what_keeps_it_from_beginning_is_raised_at_the_end(qtbot: QtBot, opening: Opening) -> None:
    opening.fault = ModelError("no model")
    run = Run(start(), opening)
    until(qtbot, lambda: run.over)
    with pytest.raises(ModelError, match="no model"):
        run.result()


def test_it_can_be_stopped_while_it_opens(qtbot: QtBot, opening: Opening, tmp_path: Path) -> None:
    opening.may_open.clear()
    run = Run(start(tmp_path / "s.mirror"), opening)
    until(qtbot, opening.reached.is_set)
    run.stop()
    opening.may_open.set()
    until(qtbot, lambda: run.over)
    assert run.result() is None
    assert list(tmp_path.glob("*.mirror*")) == []


def test_the_next_run_waits_until_the_one_before_has_let_go(qtbot: QtBot, opening: Opening) -> None:
    opening.may_open.clear()
    first = Run(start(), opening)
    until(qtbot, opening.reached.is_set)
    first.stop()
    second = Run(start(), opening, first)
    until(qtbot, lambda: second.steps)
    assert second.steps[0].startswith("Waiting for the session before")
    assert opening.opened == 1
    opening.may_open.set()
    until(qtbot, lambda: second.newest["a"])
    assert first.over
    assert opening.opened == 2
    second.stop()
    until(qtbot, lambda: second.over)


def test_marks_pauses_and_settings_are_events_here_and_in_the_recording(
    qtbot: QtBot, opening: Opening, tmp_path: Path
) -> None:
    run = Run(start(tmp_path / "s.mirror", settings=SHORT), opening)
    until(qtbot, lambda: run.newest["a"])
    run.mark(Event(0.0, "mark", "they laugh"))
    run.pause()
    run.pause()
    assert run.paused
    run.resume()
    run.resume()
    assert not run.paused
    run.change(SHORT.changed(mapping="same-side"))
    run.describe(condition="seated")
    run.stop()
    until(qtbot, lambda: run.over)
    assert [event.kind for event in run.events] == ["mark", "pause", "resume", "settings"]
    with Recording.open(run.result()) as recording:
        stored = recording.events()
        assert [event.kind for event in stored] == ["mark", "pause", "resume", "settings"]
        assert [event.text for event in stored] == [event.text for event in run.events]
        assert recording.session["condition"] == "seated"


def test_settings_that_cannot_be_taken_up_are_no_event(qtbot: QtBot, opening: Opening) -> None:
    run = Run(start(settings=SHORT), opening)
    until(qtbot, lambda: run.newest["a"])
    with pytest.raises(SettingsError):
        run.change(SHORT.changed(rate=25.0))
    run.change(SHORT)
    assert not run.events
    run.stop()
    until(qtbot, lambda: run.over)


def test_the_recording_can_end_before_the_session(
    qtbot: QtBot, opening: Opening, tmp_path: Path
) -> None:
    run = Run(start(tmp_path / "s.mirror"), opening)
    until(qtbot, lambda: all(run.newest.values()))
    run.stop_recording()
    until(qtbot, lambda: run.session.recorder is None)
    assert not run.over
    run.stop()
    until(qtbot, lambda: run.over)
    assert run.result() == tmp_path / "s.mirror"


def test_the_demo_says_what_is_true(qtbot: QtBot, opening: Opening) -> None:
    run = Run(start(a="demo:a", b="demo:b"), opening)
    until(qtbot, lambda: run.events)
    assert run.events[0] == Event(0.0, "truth", "In phase: relative phase 0°, lag 0 s")
    run.stop()
    until(qtbot, lambda: run.over)


def test_commands_before_the_session_is_open_do_nothing(qtbot: QtBot, opening: Opening) -> None:
    opening.may_open.clear()
    run = Run(start(), opening)
    run.mark(Event(0.0, "mark", ""))
    run.pause()
    run.change(SHORT)
    run.describe(notes="x")
    run.stop_recording()
    assert (run.time, run.paused, list(run.events)) == (0.0, False, [])
    run.stop()
    opening.may_open.set()
    until(qtbot, lambda: run.over)


def test_it_works_on_a_thread_of_its_own(qtbot: QtBot) -> None:
    threads = []

    def opener(_start: SessionRequest, _announce: Callable[[str], None]) -> None:
        threads.append(threading.current_thread())
        raise ModelError("enough")

    run = Run(start(), opener)
    until(qtbot, lambda: run.over)
    assert threads != [threading.current_thread()]
    with pytest.raises(ModelError):
        run.result()


def test_a_disk_that_is_nearly_full_is_said_once(
    qtbot: QtBot, opening: Opening, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DiskMonitor.__init__, "__defaults__", (lambda folder: 90_000_000,))
    run = Run(start(tmp_path / "s.mirror"), opening)
    watch = Watch()
    said: list[str] = []
    watch.warned.connect(said.append)
    watch.start(run)
    until(qtbot, lambda: said)
    run.stop()
    with qtbot.waitSignal(watch.over, timeout=20_000):
        pass
    (words,) = said
    assert f"{tmp_path} has 90 MB left, enough for 30 minutes of this session" in words
