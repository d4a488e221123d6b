"""From pixels to scores: real video through real MediaPipe.

Rendered people, with known phase and lag, are in tests/validation/test_quick.py.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mirror import Settings, State, Timeline
from mirror.capture import open_pair
from mirror.capture.base import FeedSource
from mirror.session.offline import OfflineSession


def analyzed(a: FeedSource, b: FeedSource, settings: Settings, *, skips: bool = False) -> Timeline:
    """Return the scores; where the sources skip frames, no more than that may be warned of."""
    session = OfflineSession(a, b, settings)
    rows = [score for update in session.run() for score in update.scores]
    of_rate = ["than the time grid needs" in each for each in session.warnings]
    assert all(of_rate), session.warnings
    assert any(of_rate) is skips
    return Timeline.from_scores(rows)


def scored(timeline: Timeline, name: str) -> np.ndarray:
    good = timeline.state == State.OK
    assert good.sum() > 10, f"too few scored rows: {np.unique(timeline.state)}"
    return timeline[name][good]


def test_video_against_itself_started_later(shared: Path) -> None:
    clip = str(shared / "media/sit_tpose.mp4")
    a, b = open_pair(f"{clip}#t=0,5.5", f"{clip}#t=0.9,6.4", grid_rate=10)
    timeline = analyzed(a, b, Settings(window=4.0, mapping="same-side", rate=10), skips=True)
    # B shows what A will do 0.9 s later: A follows
    assert np.median(scored(timeline, "lag_s")) == pytest.approx(-0.9, abs=1 / 20)


def test_one_movement_filmed_from_front_and_back(shared: Path) -> None:
    """Two cameras on opposite sides of one man: right in one frame is left in the other."""
    media = shared / "media"
    videos = (str(media / f"balance_cam{number}.mp4") for number in ("01", "03"))
    a, b = open_pair(*videos, grid_rate=30)
    chosen = Settings(window=1.2, hop=1 / 30, mapping="same-side")
    timeline = analyzed(a, b, chosen, skips=True)
    assert scored(timeline, "in_phase").min() > 0.6
    assert np.abs(scored(timeline, "relative_phase_deg")).max() < 10


def test_two_heads_tilting_together(shared: Path) -> None:
    """Both tilt their heads to the frame's left in the first second, then keep still."""
    clip = str(shared / "media/head_turning_pair.gif")
    parts = (f"{clip}#xywh=percent:{x},100&t=,3.2" for x in ("0,0,48", "48,0,52"))
    a, b = open_pair(*parts)
    chosen = Settings(window=1.0, hop=1 / 30, mapping="same-side")
    timeline = analyzed(a, b, chosen)
    moving = (timeline.time_s > 0.99) & (timeline.time_s < 1.2)
    assert set(timeline.state[moving]) == {"ok"}
    assert timeline.in_phase_head[moving].min() > 0.7
    assert (timeline.state[timeline.time_s > 2] == "still").mean() > 0.85
