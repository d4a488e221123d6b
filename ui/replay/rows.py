"""The row of a timeline that holds at a moment."""

from __future__ import annotations

from typing import Final

import numpy as np

from mirror.recording import REACH
from mirror.timeline import Score, Timeline

_SLACK: Final = 1e-6  # s; a row and the frame that completed it are at the same moment


def row_at(timeline: Timeline, time_s: float, hop: float) -> Score | None:
    """The newest row at or before a moment.

    Parameters
    ----------
    timeline : Timeline
    time_s : float
        Seconds on the session's clock.
    hop : float
        Time between two rows, s.

    Returns
    -------
    Score or None
        None before the first row, and where the newest is older than a hop and `REACH`.
    """
    row = int(np.searchsorted(timeline.time_s, time_s + _SLACK, side="right")) - 1
    if row < 0 or time_s - timeline.time_s[row] > max(hop, REACH):
        return None
    (score,) = Timeline({name: column[row : row + 1] for name, column in timeline.columns.items()})
    return score
