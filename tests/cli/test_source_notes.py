"""Notes on the sources are printed at the end and stored in the recording."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

import mirror
import mirror.session.start
from mirror.landmarks import Model
from tests.support.clips import write_video
from tests.support.commands import run_here
from tests.support.fakes import Waving


@pytest.fixture(autouse=True)
def no_mediapipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirror.session.start, "PoseTracker", Waving)
    model = Model(Path("fake.task"), "", "fake")
    monkeypatch.setattr(mirror.session.start, "provide_model", lambda *_, **__: model)


@pytest.fixture
def videos(tmp_path: Path) -> tuple[str, str]:
    """Return a joined file and a stream without times, 4 s each."""
    part = write_video(tmp_path / "part.ts", [n / 30 for n in range(60)]).read_bytes()
    (tmp_path / "joined.ts").write_bytes(2 * part)
    write_video(tmp_path / "bare.h264", [n / 30 for n in range(120)])
    return "joined.ts", "bare.h264"


JOINED = "joined.ts begins again at 2.00 s"
ASSUMED = "bare.h264 has no times; 30 frames/s are assumed"


def test_notes_are_printed_and_kept(tmp_path: Path, videos: tuple[str, str]) -> None:
    done = run_here("analyze", *videos, "-o", "s.mirror", folder=tmp_path)
    assert done.returncode == 0, done
    lines = [line for line in done.stderr.splitlines() if line.startswith("mirror: note: ")]
    assert len(lines) == 2  # what was known at the start first
    assert ASSUMED in lines[0]
    assert JOINED in lines[1]
    shown = " ".join(run_here("info", "s.mirror", folder=tmp_path).stdout.split())
    assert JOINED in shown
    assert ASSUMED in shown
    with mirror.Recording.open(tmp_path / "s.mirror") as recording:
        assert recording.counts() == {"a": (120, 120), "b": (120, 120)}


def test_a_given_rate_needs_no_note(tmp_path: Path, videos: tuple[str, str]) -> None:
    done = run_here("analyze", videos[1] + "#fps=30", videos[1] + "#fps=30", folder=tmp_path)
    assert done.returncode == 0, done
    assert "note" not in done.stderr


def test_notes_are_part_of_the_result(
    tmp_path: Path, videos: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = mirror.analyze(*videos, tmp_path / "s.mirror")
    assert result.faults == ()
    assert [note.startswith((JOINED, ASSUMED)) for note in result.notes] == [True, True]


@pytest.mark.parametrize(
    ("flags", "count"), [((), 60), (("--all-frames", "--jobs", "3"), 120), (("--rate", "60"), 120)]
)
def test_fast_videos_are_tracked_at_the_rate_of_the_grid(
    tmp_path: Path, flags: tuple[str, ...], count: int
) -> None:
    write_video(tmp_path / "fast.mp4", [n / 60 for n in range(120)], rate=Fraction(60))
    pair = ("fast.mp4#left", "fast.mp4#right")
    done = run_here("analyze", *pair, *flags, "-o", "s.mirror", folder=tmp_path)
    assert done.returncode == 0, done
    assert ("60 were skipped" in done.stderr) == (count == 60)
    with mirror.Recording.open(tmp_path / "s.mirror") as recording:
        assert recording.counts() == {"a": (count, count), "b": (count, count)}
        assert recording.session["quality"]["feeds"]["a"]["dropped"] == 0
