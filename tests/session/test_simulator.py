"""Seeded sessions in which everything happens: nothing is lost, and nothing said is wrong.

MIRROR_SESSIONS sets how many are run, and MIRROR_SEED the first one's seed, to run one again.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.support import simulator

SESSIONS = int(os.environ.get("MIRROR_SESSIONS", "12"))
SEED = int(os.environ.get("MIRROR_SEED", "0"))
MAX_GROWTH_BYTES = 30e6
"""Allowed growth of the memory after the first sessions."""

pytestmark = pytest.mark.timeout(120 + 3 * SESSIONS)


def _memory() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def test_sessions_lose_nothing_and_replay_alike(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "mirror")  # pytest keeps every line: the memory would grow
    rows, early = 0, 0
    for seed in range(SEED, SEED + SESSIONS):
        folder = tmp_path / "session"
        folder.mkdir()
        with pytest.MonkeyPatch.context() as patch:
            try:
                rows += len(simulator.run(seed, folder, patch).scores)
            except BaseException as error:
                error.add_note(f"MIRROR_SEED={seed} MIRROR_SESSIONS=1 runs this session again")
                raise
        shutil.rmtree(folder)
        if seed == SEED + 200 and sys.platform == "linux":
            early = _memory()
    sys.stdout.write(f"{SESSIONS} sessions from seed {SEED} on, {rows} rows: all hold\n")
    if early:
        assert _memory() - early < MAX_GROWTH_BYTES


def test_a_session_follows_from_its_seed(tmp_path: Path) -> None:
    outcomes = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        with pytest.MonkeyPatch.context() as patch:
            outcomes.append(simulator.run(8, tmp_path / name, patch))
    assert repr(outcomes[0]).replace("one/", "other/") == repr(outcomes[1])
    assert outcomes[0].scores
