"""Durations and repetitions of the measurements, and their progress."""

from __future__ import annotations

import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """Durations and repetitions.

    Attributes
    ----------
    rounds : int
        Number of alternating rounds of each comparison.
    clip_seconds : float
        Length of the two files that are analyzed.
    live_seconds : float
        Length of each live session.
    memory_seconds : float
        Length of the live session whose memory is measured.
    hours : float
        Length of the landmarks scored at once.
    window_seconds : float
        Measured part of each session with and without the window.
    replay_hours : float
        Length of the recording that is replayed.
    clips : int
        Number of rendered clips with two people in one picture.
    """

    rounds: int = 7
    clip_seconds: float = 16.0
    live_seconds: float = 60.0
    memory_seconds: float = 180.0
    hours: float = 1.0
    window_seconds: float = 15.0
    replay_hours: float = 2.0
    clips: int = 12


def log(text: str) -> None:
    """Print a line of progress on stderr."""
    print(f"   {text}", file=sys.stderr, flush=True)
