"""How much the tests try: a part in each run, all of it with MIRROR_CASES=all (`make soak`)."""

from __future__ import annotations

import os

ALL = os.environ.get("MIRROR_CASES") == "all"


def cases(few: int, whole: int) -> int:
    """Return how many random cases to try."""
    return whole if ALL else few
