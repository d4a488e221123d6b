"""From pixels to scores: rendered people and real video through real MediaPipe."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mirror import Pose, Settings, State, Timeline
from mirror.capture import open_pair, open_source
from mirror.capture.base import FeedSource
from mirror.capture.synthetic.demo import RenderedSource
from mirror.capture.synthetic.looks import Looks
from mirror.capture.synthetic.motion import mirrored, periodic
from mirror.session.offline import OfflineSession
from tests.support.tracked import KnownPoses, Pair, TrackedSource, track

FRAME = 1 / 30


def analyzed(
    a: FeedSource, b: FeedSource, settings: Settings | None = None, **how: Any
) -> Timeline:
    session = OfflineSession(a, b, settings or Settings(), **how)
    rows = [score for update in session.run() for score in update.scores]
    assert session.warnings == []
    return Timeline.from_scores(rows)


def rescored(a: list[Pose], b: list[Pose]) -> Timeline:
    """Score two people who are tracked already."""
    return analyzed(TrackedSource(a), TrackedSource(b), tracker=KnownPoses)


def scored(timeline: Timeline, name: str) -> np.ndarray:
    good = timeline.state == State.OK
    assert good.sum() > 20, f"too few scored rows: {np.unique(timeline.state)}"
    return timeline[name][good]


def test_relative_phase_of_rendered_pairs() -> None:
    rng = np.random.default_rng(11)
    errors = []
    for seed in range(5):
        phase, frequency = rng.uniform(-180, 180), rng.uniform(0.4, 1.1)
        motions = periodic(frequency, seed=seed), mirrored(periodic(frequency, phase, seed=seed))
        people = zip((Looks.random(seed), Looks.random(seed + 1000)), motions, strict=True)
        a, b = (RenderedSource(*each, duration=8, rate=15) for each in people)
        timeline = analyzed(a, b, Settings(window=4.0))
        shown = scored(timeline, "relative_phase_deg")
        turned = np.angle(np.exp(1j * np.radians(shown - phase)).mean(), deg=True)
        errors.append(abs(turned))
        assert scored(timeline, "coherence").mean() > 0.8
    assert np.median(errors) <= 4.0, errors


def test_lag_of_rendered_pairs(tracked_pairs: list[Pair]) -> None:
    for pair in tracked_pairs:
        timeline = rescored(pair.a, pair.b)
        assert abs(np.median(scored(timeline, "lag_s")) - pair.lag_s) <= FRAME, pair.lag_s
        assert np.median(scored(timeline, "mirroring")) > 0.8


def test_unrelated_rendered_pairs(tracked_pairs: list[Pair]) -> None:
    timelines = [
        rescored(one.a, other.b)
        for one in tracked_pairs
        for other in tracked_pairs
        if one is not other
    ]
    for name in ("in_phase", "anti_phase"):
        assert np.mean([scored(timeline, name).mean() for timeline in timelines]) <= 0.15


def test_feeds_of_different_frame_rates(tracked_pairs: list[Pair], slow_poses: list[Pose]) -> None:
    """B is seen at 12.5 instead of 20 frames a second."""
    pair = tracked_pairs[0]
    timeline = rescored(pair.a, slow_poses)
    assert np.median(scored(timeline, "lag_s")) == pytest.approx(pair.lag_s, abs=1 / 12.5)


def test_video_against_itself_started_later(shared: Path) -> None:
    clip = str(shared / "media/sit_tpose.mp4")
    whole = track(open_source(clip))
    for offset in (0.35, 0.9):
        part = track(open_source(f"{clip}#t={offset}"))
        settings = Settings(mapping="same-side")
        timeline = analyzed(TrackedSource(whole), TrackedSource(part), settings, tracker=KnownPoses)
        # B shows what A will do `offset` seconds later: A follows
        assert np.median(scored(timeline, "lag_s")) == pytest.approx(-offset, abs=1 / 20)


def test_one_movement_filmed_from_front_and_back(shared: Path) -> None:
    """Two cameras on opposite sides of one man: right in one frame is left in the other."""
    media = shared / "media"
    a, b = open_pair(str(media / "balance_cam01.mp4"), str(media / "balance_cam03.mp4"))
    timeline = analyzed(a, b, Settings(window=1.2, hop=1 / 60, mapping="same-side", rate=60))
    assert scored(timeline, "in_phase").min() > 0.6
    assert np.abs(scored(timeline, "relative_phase_deg")).max() < 10


def test_two_heads_tilting_together(shared: Path) -> None:
    """Both tilt their heads to the frame's left in the first second, then keep still."""
    clip = str(shared / "media/head_turning_pair.gif")
    a, b = open_pair(f"{clip}#xywh=percent:0,0,48,100", f"{clip}#xywh=percent:48,0,52,100")
    # a single small movement: the floor is lowered to what the landmarks of a photograph jitter by
    chosen = Settings(window=1.0, hop=1 / 30, mapping="same-side", floor=0.01)
    timeline = analyzed(a, b, chosen)
    moving = timeline.state == State.OK
    assert moving[(timeline.time_s > 0.99) & (timeline.time_s < 1.2)].all()
    assert timeline.in_phase_head[moving].min() > 0.6
    assert set(timeline.state[timeline.time_s > 2]) == {"still"}
