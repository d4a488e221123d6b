"""Commands of other threads to a live session, and rescoring of the result."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from itertools import chain, repeat
from pathlib import Path

import numpy as np
import pytest

from mirror import Recording, Settings, Timeline
from mirror.errors import SettingsError
from mirror.events import Event
from mirror.recording.rescore import rescore, score_again
from mirror.session.base import Update
from mirror.session.live import LiveSession
from tests.support.fakes import RATE, Camera, Waving, drive, recorder


class Stage:
    """A recorded live session whose cameras the test feeds, one frame of each at a time."""

    def __init__(self, folder: Path, settings: Settings | None = None) -> None:
        self.a, self.b = Camera(), Camera()
        self.settings = settings or Settings(window=2.0, band=(0.5, 3.0))
        self.session = LiveSession(
            self.a, self.b, self.settings, tracker=Waving, recorder=recorder(folder, self.settings)
        )
        self.path = folder / "s.mirror"
        self.sent = 0

    def show(self, start: float, end: float) -> Iterator[bool]:
        """Send frames from `start` to `end` s, each processed before the next."""
        for k in range(round(start * RATE), round(end * RATE)):
            for camera in (self.a, self.b):
                camera.give(stamp=self.session.epoch + (k + 0.5) / RATE)
            self.sent += 1
            while any(each < self.sent for each in self.processed()):
                yield False

    def processed(self) -> list[int]:
        """Return the number of frames of each feed that were processed or dropped."""
        return [each.frames + each.paused + each.dropped for each in self.session.status().values()]

    def run(self, script: Iterator[bool]) -> list[Update]:
        """Run the session until the script ends."""
        return drive(self.session, chain(script, repeat(True)))


def rows(updates: Sequence[Update]) -> Timeline:
    return Timeline.from_scores(score for update in updates for score in update.scores)


def replayed(path: Path) -> Timeline:
    """Assert that rescoring a recording, and its copy, gives the stored rows; return them."""
    with Recording.open(path) as recording:
        stored = recording.timeline()
        again, copy = rescore(recording, path, recording.settings_history, lambda *_: None)
    assert again.equals(stored)
    with Recording.open(copy) as recording:
        assert score_again(recording, recording.settings_history, lambda *_: None).equals(stored)
    return again


def test_commands_of_other_threads_are_recorded(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    session = stage.session
    session.mark(Event(0.0, "mark", "before the run"))
    assert session.now() == 0.0

    def script() -> Iterator[bool]:
        yield from stage.show(0, 1)
        threads = [
            threading.Thread(target=session.mark, args=(Event(0.5, "mark", "from a thread"),)),
            threading.Thread(
                target=session.describe,
                kwargs={"labels": ("Anna", "Ben"), "notes": "late", "condition": "C1"},
            ),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        session.describe(notes="later")

    stage.run(script())
    session.mark(Event(9.0, "mark", "too late"))
    with Recording.open(stage.path) as recording:
        texts = [event.text for event in recording.events()]
        about = recording.session
    assert texts == ["before the run", "from a thread"]
    assert about["labels"] == {"a": "Anna", "b": "Ben"}
    assert (about["condition"], about["notes"]) == ("C1", "later")


def test_last_command_runs_before_the_end(tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    def script() -> Iterator[bool]:
        yield from stage.show(0, 1)
        stage.session.stop()
        stage.session.mark(Event(1.0, "mark", "last"))
        yield False

    stage.run(script())
    with Recording.open(stage.path) as recording:
        assert [event.text for event in recording.events()] == ["last"]


def test_pause_shows_frames_without_scoring_or_recording(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    session = stage.session
    paused: list[bool] = []

    def script() -> Iterator[bool]:
        yield from stage.show(0, 3)
        session.pause()
        session.pause()  # twice is once
        paused.append(session.paused)
        yield from stage.show(3, 5)
        session.mark(Event(4.0, "mark", "meanwhile"))
        session.resume()
        session.resume()
        paused.append(session.paused)
        yield from stage.show(5, 8)

    updates = stage.run(script())
    assert paused == [True, False]
    status = session.status()["a"]
    assert status.paused + status.frames + status.dropped == stage.sent
    assert status.paused >= 50  # a busy machine may drop a few frames
    shown = [each for each in updates if each.pose is not None and 3.1 < each.pose.time < 4.9]
    assert len(shown) >= 100
    assert all(each.frame is not None and not each.scores for each in shown)
    with Recording.open(stage.path) as recording:
        times = [pose.time for _, pose in recording.poses()]
        assert not [each for each in times if 3.1 < each < 4.9]
        assert recording.counts()["a"][0] == status.frames
        kinds = [event.kind for event in recording.events()]
        assert sorted(kinds) == ["mark", "pause", "resume"]
        assert recording.session["quality"]["feeds"]["a"]["paused"] == status.paused
    timeline = replayed(stage.path)
    assert timeline.equals(rows(updates))
    around = (timeline.time_s > 4.2) & (timeline.time_s < 5)
    assert set(timeline.state[around]) == {"gap"}
    assert timeline.state[-1] == "ok"


def test_changed_settings_apply_at_next_tick_without_warm_up(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    longer = Settings(window=4.0, mapping="same-side", hop=0.2)

    def script() -> Iterator[bool]:
        yield from stage.show(0, 5)
        stage.session.change(longer)
        stage.session.change(longer)  # nothing changes
        yield from stage.show(5, 8)

    updates = stage.run(script())
    assert stage.session.settings == longer
    timeline = replayed(stage.path)
    assert timeline.equals(rows(updates))
    assert (timeline.state[timeline.time_s > 2.1] == "ok").all()
    with Recording.open(stage.path) as recording:
        (change,) = recording.settings_history.changes
        whole = score_again(recording, longer, lambda *_: None)
        assert recording.settings == change.settings == longer
        assert recording.settings_history.first == stage.settings
        (event,) = recording.events()
    assert event.kind == "settings"
    assert event.text == "window 4 s, hop 0.2 s, band 0.25–3 Hz, mapping same-side"
    before, after = timeline.time_s <= change.time_s, timeline.time_s > change.time_s
    assert np.diff(timeline.time_s[before]).max() < 0.11
    assert np.diff(timeline.time_s[after]).min() > 0.19
    late = whole.time_s > change.time_s
    for name in ("time_s", "in_phase", "coherence", "lag_s", "posture_match", "tracked_a"):
        assert np.array_equal(timeline[name][after], whole[name][late], equal_nan=True)
    # With other settings, rescoring uses only those, and there is no settings event.
    with Recording.open(stage.path) as recording:
        _, path = rescore(recording, tmp_path / "whole.mirror", longer, lambda *_: None)
    with Recording.open(path) as recording:
        assert recording.settings_history.changes == ()
        assert recording.events() == []
        assert recording.timeline().equals(whole)


def test_change_before_first_frame_sets_initial_settings(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    other = Settings(window=1.5)

    def script() -> Iterator[bool]:
        stage.session.change(other)
        yield from stage.show(0, 2)

    stage.run(script())
    replayed(stage.path)
    with Recording.open(stage.path) as recording:
        assert recording.settings_history.first == other
        assert recording.settings_history.changes == ()
        assert Settings.from_dict(recording.session["settings"]) == other


def test_change_while_paused(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    other = Settings(window=1.5, mapping="same-side")

    def script() -> Iterator[bool]:
        yield from stage.show(0, 3)
        stage.session.pause()
        yield from stage.show(3, 4)
        stage.session.change(other)
        yield from stage.show(4, 5)
        stage.session.resume()
        yield from stage.show(5, 7)

    updates = stage.run(script())
    assert replayed(stage.path).equals(rows(updates))
    with Recording.open(stage.path) as recording:
        (change,) = recording.settings_history.changes
    assert 2.5 < change.time_s < 3.0  # the first tick after the pause


def test_incompatible_settings_are_refused(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    words = "rate stays 30 Hz while a session runs; score the recording again"
    with pytest.raises(SettingsError, match=words):
        stage.session.change(Settings(rate=60.0))
    with pytest.raises(SettingsError, match="holds no frequency"):
        stage.session.change(Settings(window=6.0, band=(1.001, 1.002)))
    stage.run(stage.show(0, 1))
    with Recording.open(stage.path) as recording:
        assert recording.settings_history.changes == ()
        assert recording.settings == stage.settings


def test_stopped_recording_is_complete_and_session_continues(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    session = stage.session
    seen: list[bool] = []

    def script() -> Iterator[bool]:
        yield from stage.show(0, 4)
        session.stop_recording()
        while session.recorder is not None:
            yield False
        with Recording.open(stage.path) as recording:
            seen.append("quality" in recording.session)
        session.mark(Event(4.0, "mark", "not recorded"))
        session.stop_recording()  # no effect: already stopped
        yield from stage.show(4, 7)

    updates = stage.run(script())
    assert seen == [True]
    assert not stage.path.with_name("s.mirror-wal").exists()
    timeline = replayed(stage.path)
    everything = rows(updates)
    assert 3.8 < timeline.time_s[-1] < 4.01
    assert everything.time_s[-1] > 6.8
    assert np.diff(everything.time_s).max() < 0.11  # no row was lost in between
    with Recording.open(stage.path) as recording:
        assert recording.events() == []
        assert recording.counts()["a"][0] <= 120


def test_recording_stopped_before_first_frame_is_deleted(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.session.stop_recording()
    stage.run(stage.show(0, 1))
    assert list(tmp_path.iterdir()) == []
    assert stage.session.status()["a"].frames > 0


def test_pause_event_is_committed_during_the_pause(tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    def script() -> Iterator[bool]:
        yield from stage.show(0, 0.5)
        stage.session.pause()
        while True:
            with Recording.open(stage.path) as recording:
                seen = [event.kind for event in recording.events()]
            yield seen == ["pause"]

    updates = stage.run(script())
    assert updates[-1].time < 15  # it was read while the session ran
