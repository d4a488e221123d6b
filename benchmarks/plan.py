"""How long and how often everything is measured, and saying how far it is."""

from __future__ import annotations

import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """How long and how often.

    Attributes
    ----------
    rounds : int
        How often what is compared takes its turn.
    clip_seconds : float
        Length of the two files that are analyzed.
    live_seconds : float
        Length of each live session.
    memory_seconds : float
        Length of the live session whose memory is watched.
    hours : float
        Length of the landmarks that the array form takes at once.
    window_seconds : float
        Length of what is measured of each session with and without the window.
    replay_hours : float
        Length of the recording that is replayed.
    """

    rounds: int = 7
    clip_seconds: float = 16.0
    live_seconds: float = 60.0
    memory_seconds: float = 180.0
    hours: float = 1.0
    window_seconds: float = 15.0
    replay_hours: float = 2.0


def say(text: str) -> None:
    """Say on stderr what is being done."""
    print(f"   {text}", file=sys.stderr, flush=True)
