"""A disk that fails: every call that writes, in turn.

MIRROR_FAULTS=all tries every call; otherwise a few of each kind are tried.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.support.faults import run_with_faults

ALL = os.environ.get("MIRROR_FAULTS") == "all"

pytestmark = pytest.mark.timeout(6 * 3600 if ALL else 120)


@pytest.mark.parametrize(("scenario", "few"), [("session", 4), ("outputs", 1), ("edits", 3)])
def test_nothing_is_lost_or_half_written_on_a_failing_disk(
    tmp_path: Path, scenario: str, few: int
) -> None:
    found = run_with_faults(tmp_path, scenario, None if ALL else few)
    sys.stdout.write(
        f"{scenario}: {found['calls']} calls, {found['tried']} faults tried, "
        f"{found['hit']} ended it\n"
    )
    assert found["wrong"] == []
    assert found["hit"] > found["tried"] / 4
