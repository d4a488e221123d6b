"""Sessions that are killed at any moment: what was committed stays, and is scored again the same.

MIRROR_KILLS says how many are; ``make soak`` kills a hundred.
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

KILLS = int(os.environ.get("MIRROR_KILLS", "8"))
AT_ONCE = 4
LONGEST = 3.0  # seconds that a session runs after its first row

pytestmark = pytest.mark.timeout(60 + 5 * KILLS)


class Victim:
    """A session of its own process, which is killed a while after its first row."""

    def __init__(self, path: Path, patience: float) -> None:
        self.path = path
        self.announced: list[float] = []
        self.committed = Timeline.from_scores([])
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.killed_session", str(path)],
            env=os.environ | {"PYTHONPATH": str(Path(mirror.__file__).parents[1])},
            stdout=subprocess.PIPE,
            text=True,
        )
        self._patience = patience
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        killer = threading.Timer(self._patience, self.kill)
        for line in self._process.stdout:
            if not self.announced:
                killer.start()
            if line.endswith("\n"):
                self.announced.append(float(line))

    def kill(self) -> None:
        with Recording.open(self.path) as recording:
            self.committed = recording.timeline()
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
    for first in range(0, KILLS, AT_ONCE):
        numbers = range(first, min(KILLS, first + AT_ONCE))
        victims = [
            Victim(tmp_path / f"{number}.mirror", rng.uniform(0, LONGEST)) for number in numbers
        ]
        for victim in victims:
            victim.wait()
            with Recording.open(victim.path) as recording:
                stored = recording.timeline()
                assert "quality" not in recording.session
                # Killed within the first half second, it has committed nothing yet.
                begun = any(frames for frames, _ in recording.counts().values())
                again = (
                    score_again(recording, recording.settings_history, _quietly)
                    if begun
                    else stored
                )
            last = stored.time_s[-1] if len(stored) else 0.0
            assert victim.announced[-1] - last <= 1.0
            assert len(stored) >= len(victim.committed)
            rows = len(victim.committed)
            assert _first(stored, rows).equals(victim.committed)
            assert _first(again, len(stored)).equals(stored)


def _quietly(_done: int, _total: int) -> None: ...


def _first(timeline: Timeline, rows: int) -> Timeline:
    return Timeline({name: column[:rows] for name, column in timeline.columns.items()})


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    victim = Victim(tmp_path / "recordings" / "killed.mirror", 0.5)
    victim.wait()
    return victim.path


def test_abrupt_end_is_reported_once(killed: Path) -> None:
    folder = killed.parent
    make_recording(folder / "whole.mirror", seconds=2)
    make_scores_recording(folder / "series.mirror", [])
    (folder / "text.mirror").write_text("no recording")
    with Recording.open(killed) as reader:  # somebody looks at it at this moment
        before = reader.timeline()
        assert new_abrupt_ends(folder) == []
    assert new_abrupt_ends(folder) == [killed]
    assert new_abrupt_ends(folder) == []
    with Recording.open(killed) as recording:
        assert recording.timeline().equals(before)
    assert new_abrupt_ends(folder / "nowhere") == []


def test_running_session_is_no_abrupt_end(tmp_path: Path) -> None:
    victim = Victim(tmp_path / "s.mirror", 1.5)
    looks = []
    while victim._process.poll() is None:  # noqa: SLF001
        if victim.announced:
            looks.append(new_abrupt_ends(tmp_path))
    victim.wait()
    # The last look may have come after the end.
    assert len(looks) > 3
    assert not any(looks[:-1])
    assert new_abrupt_ends(tmp_path) == ([] if looks[-1] else [victim.path])


def test_next_session_reports_abrupt_end(
    killed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(run, "live", lambda start: None)
    monkeypatch.setattr(sessions, "has_display", lambda: False)
    said = CliRunner().invoke(app.app, ["live", "0", "1"]).output
    assert "recordings/killed.mirror ended abruptly" in " ".join(said.split())
    assert "mirror replay recordings/killed.mirror" in " ".join(said.split())
    assert "abruptly" not in CliRunner().invoke(app.app, ["live", "0", "1"]).output
