"""Killed sessions keep their committed rows, which rescoring reproduces.

MIRROR_KILLS sets the number of sessions; ``make soak`` kills a hundred.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from typer.testing import CliRunner

import mirror
from mirror import Recording, Timeline
from mirror.cli import app, run, sessions
from mirror.recording.library import new_abrupt_ends
from mirror.recording.rescore import score_again
from tests.support.recordings import make_recording, make_scores_recording

KILLS = int(os.environ.get("MIRROR_KILLS", "4"))
PARALLEL = 4
MAX_RUN_S = 3.0  # after the first row

pytestmark = pytest.mark.timeout(60 + 5 * KILLS)


class KilledSession:
    """A session in a separate process that is killed some time after its first row."""

    def __init__(self, path: Path, delay_s: float) -> None:
        self.path = path
        self.announced: list[float] = []
        self.committed = Timeline.from_scores([])
        self.killing = threading.Event()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.killed_session", str(path)],
            env=os.environ | {"PYTHONPATH": str(Path(mirror.__file__).parents[1])},
            stdout=subprocess.PIPE,
            text=True,
        )
        self._delay_s = delay_s
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        killer = threading.Timer(self._delay_s, self.kill)
        for line in self._process.stdout:
            if not self.announced:
                killer.start()
            if line.endswith("\n"):
                self.announced.append(float(line))

    def kill(self) -> None:
        with Recording.open(self.path) as recording:
            self.committed = recording.timeline()
        self.killing.set()
        self._process.kill()

    def wait(self) -> None:
        self._thread.join()
        assert self._process.wait() == -9
        assert self._process.stdout is not None
        self._process.stdout.close()


def test_killed_sessions_lose_less_than_a_second(
    tmp_path: Path,
) -> None:
    rng = random.Random(5)
    for first in range(0, KILLS, PARALLEL):
        numbers = range(first, min(KILLS, first + PARALLEL))
        started = [
            KilledSession(tmp_path / f"{number}.mirror", rng.uniform(0, MAX_RUN_S))
            for number in numbers
        ]
        for session in started:
            session.wait()
            with Recording.open(session.path) as recording:
                stored = recording.timeline()
                assert "quality" not in recording.session
                # Nothing is committed in the first half second.
                has_frames = any(frames for frames, _ in recording.counts().values())
                again = (
                    score_again(recording, recording.settings_history, _ignore)
                    if has_frames
                    else stored
                )
            last = stored.time_s[-1] if len(stored) else 0.0
            assert session.announced[-1] - last <= 1.0
            assert len(stored) >= len(session.committed)
            rows = len(session.committed)
            assert _first(stored, rows).equals(session.committed)
            assert _first(again, len(stored)).equals(stored)


def _ignore(_done: int, _total: int) -> None: ...


def _first(timeline: Timeline, rows: int) -> Timeline:
    return Timeline({name: column[:rows] for name, column in timeline.columns.items()})


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    session = KilledSession(tmp_path / "recordings" / "killed.mirror", 0.5)
    session.wait()
    return session.path


def test_abrupt_end_is_reported_once(killed: Path) -> None:
    folder = killed.parent
    make_recording(folder / "whole.mirror", seconds=2)
    make_scores_recording(folder / "series.mirror", [])
    (folder / "text.mirror").write_text("no recording")
    with Recording.open(killed) as reader:  # another reader has it open
        before = reader.timeline()
        assert new_abrupt_ends(folder) == []
    assert new_abrupt_ends(folder) == [killed]
    assert new_abrupt_ends(folder) == []
    with Recording.open(killed) as recording:
        assert recording.timeline().equals(before)
    assert new_abrupt_ends(folder / "nowhere") == []


def test_running_session_is_no_abrupt_end(tmp_path: Path) -> None:
    session = KilledSession(tmp_path / "s.mirror", 1.5)
    results = []
    while not session.killing.wait(0.05):
        if session.announced:
            results.append(new_abrupt_ends(tmp_path))
    session.wait()
    # The last check may have been after the kill.
    assert len(results) > 3
    assert not any(results[:-1])
    assert new_abrupt_ends(tmp_path) == ([] if results[-1] else [session.path])


def test_next_session_reports_abrupt_end(
    killed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(run, "live", lambda start: None)
    monkeypatch.setattr(sessions, "has_display", lambda: False)
    output = CliRunner().invoke(app.app, ["live", "0", "1"]).output
    assert "recordings/killed.mirror ended abruptly" in " ".join(output.split())
    assert "mirror replay recordings/killed.mirror" in " ".join(output.split())
    assert "abruptly" not in CliRunner().invoke(app.app, ["live", "0", "1"]).output
