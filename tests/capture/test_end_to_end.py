"""From pixels to scores: rendered people and real video through real MediaPipe."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mirror import Settings, State, Timeline
from mirror.capture import open_pair
from mirror.capture.base import Source
from mirror.capture.synthetic.demo import RenderedSource
from mirror.capture.synthetic.looks import Looks
from mirror.capture.synthetic.motion import Motion, aperiodic, mirrored, periodic
from mirror.session.offline import OfflineSession

FRAME = 1 / 30


def analyzed(a: Source, b: Source, settings: Settings | None = None) -> Timeline:
    session = OfflineSession(a, b, settings or Settings())
    rows = [score for update in session.run() for score in update.scores]
    assert session.warnings == []
    return Timeline.from_scores(rows)


def scored(timeline: Timeline, name: str) -> np.ndarray:
    good = timeline.state == State.OK
    assert good.sum() > 20, f"too few scored rows: {np.unique(timeline.state)}"
    return timeline[name][good]


def rendered(
    seed: int, a: Motion, b: Motion, seconds: float, rates: tuple[float, float] = (30.0, 30.0)
) -> Timeline:
    """Two people of random looks, sizes and places; `b` is mirrored to face A."""
    rate_a, rate_b = rates
    return analyzed(
        RenderedSource(Looks.random(seed), a, duration=seconds, rate=rate_a),
        RenderedSource(Looks.random(seed + 1000), mirrored(b), duration=seconds, rate=rate_b),
    )


def test_relative_phase_of_rendered_pairs() -> None:
    rng = np.random.default_rng(11)
    errors = []
    for seed in range(5):
        phase, frequency = rng.uniform(-180, 180), rng.uniform(0.4, 1.1)
        timeline = rendered(
            seed,
            periodic(frequency, seed=seed),
            periodic(frequency, phase, seed=seed),
            10,
            rates=(15, 15),
        )
        shown = scored(timeline, "relative_phase_deg")
        turned = np.angle(np.exp(1j * np.radians(shown - phase)).mean(), deg=True)
        errors.append(abs(turned))
        assert scored(timeline, "coherence").mean() > 0.8
    assert np.median(errors) <= 4.0, errors


def test_lag_of_rendered_pairs() -> None:
    rng = np.random.default_rng(12)
    for seed in range(20, 23):
        lag = rng.uniform(-1.5, 1.5)
        leader, follower = aperiodic(seed), aperiodic(seed, lag_s=abs(lag))
        pair = (leader, follower) if lag > 0 else (follower, leader)
        timeline = rendered(seed, *pair, 13)
        assert abs(np.median(scored(timeline, "lag_s")) - lag) <= FRAME, lag
        assert np.median(scored(timeline, "mirroring")) > 0.8


def test_unrelated_rendered_pairs() -> None:
    in_phase, anti_phase = [], []
    for seed in range(40, 43):
        timeline = rendered(seed, aperiodic(seed), aperiodic(seed + 500), 16, rates=(15, 15))
        in_phase.append(scored(timeline, "in_phase").mean())
        anti_phase.append(scored(timeline, "anti_phase").mean())
    assert np.mean(in_phase) <= 0.15
    assert np.mean(anti_phase) <= 0.15


def test_feeds_of_different_frame_rates() -> None:
    timeline = rendered(60, aperiodic(60), aperiodic(60, lag_s=0.5), 12, rates=(30, 12.5))
    assert np.median(scored(timeline, "lag_s")) == pytest.approx(0.5, abs=1 / 12.5)


def test_a_film_against_itself_started_later(shared: Path) -> None:
    clip = str(shared / "media/sit_tpose.mp4")
    for offset in (0.35, 0.9):
        a, b = open_pair(clip, f"{clip}#t={offset}")
        timeline = analyzed(a, b, Settings(mapping="same-side"))
        # B shows what A will do `offset` seconds later: A follows
        assert np.median(scored(timeline, "lag_s")) == pytest.approx(-offset, abs=1 / 20)


def test_one_movement_filmed_from_before_and_from_behind(shared: Path) -> None:
    """Two cameras on opposite sides of one man: what goes right in one picture goes left in the
    other."""
    media = shared / "media"
    a, b = open_pair(str(media / "balance_cam01.mp4"), str(media / "balance_cam03.mp4"))
    timeline = analyzed(a, b, Settings(window=1.2, hop=1 / 60, mapping="same-side", rate=60))
    assert scored(timeline, "in_phase").min() > 0.6
    assert np.abs(scored(timeline, "relative_phase_deg")).max() < 10


def test_two_heads_that_tilt_together(shared: Path) -> None:
    """Both tilt their heads to the picture's left in the first second, and then keep still."""
    clip = str(shared / "media/head_turning_pair.gif")
    a, b = open_pair(f"{clip}#xywh=percent:0,0,48,100", f"{clip}#xywh=percent:48,0,52,100")
    # a single small movement: the floor is lowered to what the landmarks of a photograph jitter by
    chosen = Settings(window=1.0, hop=1 / 30, mapping="same-side", floor=0.01)
    timeline = analyzed(a, b, chosen)
    moving = timeline.state == State.OK
    assert moving[(timeline.time_s > 0.99) & (timeline.time_s < 1.2)].all()
    assert timeline.in_phase_head[moving].min() > 0.6
    assert set(timeline.state[timeline.time_s > 2]) == {"still"}
