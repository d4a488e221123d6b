"""Long sessions need constant memory and release all resources.

MIRROR_SOAK_HOURS sets the simulated length of the session; ``make soak`` simulates eight hours.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from mirror import Recording
from mirror.recording.playback import Replay
from mirror.recording.rescore import score_again
from mirror.recording.writer import BYTES_PER_HOUR
from tests.support.soaking import soak

HOURS = float(os.environ.get("MIRROR_SOAK_HOURS", "0.01"))
MAX_GROWTH_BYTES = 20e6
"""Allowed growth of the memory after it was first measured."""

pytestmark = [
    pytest.mark.timeout(60 + 600 * HOURS),
    pytest.mark.skipif(sys.platform != "linux", reason="memory is measured through /proc"),
]


def _print(line: str) -> None:
    """Print a line for runs with -s."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def test_long_session_uses_no_more_resources(tmp_path: Path) -> None:
    seconds = HOURS * 3600
    done = soak(tmp_path, seconds, min(30.0, seconds / 3), _print)
    assert len(done.memory) >= 2
    assert max(done.memory) - done.memory[0] <= MAX_GROWTH_BYTES
    assert (done.threads, done.files) == (0, 0)
    assert [each.name for each in tmp_path.iterdir()] == ["s.mirror"]
    size = done.path.stat().st_size
    assert 0.8 * BYTES_PER_HOUR < size / HOURS < 1.1 * BYTES_PER_HOUR
    started = time.monotonic()
    with Recording.open(done.path) as recording:
        opened = time.monotonic() - started
        timeline, counts = recording.timeline(), recording.counts()
    started = time.monotonic()
    with Replay.open(done.path) as replay:
        replay.pose("a", seconds / 2)
        looked = time.monotonic() - started
    grown = (max(done.memory) - done.memory[0]) / 1e6
    _print(
        f"{HOURS:.2f} h in {done.took_s:.0f} s: {size / HOURS / 1e6:.0f} MB an hour, "
        f"{grown:.1f} MB grown, opened in {opened * 1e3:.0f} ms, shown in {looked:.2f} s"
    )
    assert min(counts["a"][0], counts["b"][0]) >= seconds * 30 - 2
    # Rescoring eight hours takes as long as the simulation.
    if HOURS < 1:
        with Recording.open(done.path) as recording:
            again = score_again(recording, recording.settings_history, lambda *_: None)
        assert again.equals(timeline)
