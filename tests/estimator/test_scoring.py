"""From poses to rows through changes of settings: what is live comes out again bit for bit."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from mirror import Landmark, Pose, Settings, State, Timeline
from mirror.capture.base import Frame
from mirror.errors import SettingsError
from mirror.estimator.align import LONGEST_GAP
from mirror.estimator.scoring import Scoring
from mirror.landmarks import FEEDS, Feed
from mirror.settings_history import SettingsHistory
from mirror.timeline import COLUMNS, LEVELS
from tests.support.effort import cases
from tests.support.fakes import BLANK_IMAGE, Waving
from tests.support.people import empty_pose, filmed, pose

RATE = 30.0
BASE = Settings(window=1.5)

Poses = Sequence[tuple[Feed, Pose]]

KINDS = (
    {"window": 2.5},
    {"window": 1.0},
    {"window": 4.0, "taper": "hann"},
    {"band": (1.0, 2.5)},
    {"mapping": "same-side"},
    {"max_lag": 0.5},
    {"hop": 0.2},
    {"hop": 1 / 30},
    {"hop": 0.07},
    {"floor": 0.2},
)


def moving(seed: int, seconds: float, *, silent: tuple[float, float], jump: float) -> Poses:
    """Two irregular feeds, out of step with each other; nothing comes in between `silent`.

    Where `jump` is not 0, time leaps by so much in the middle.
    """
    rng = np.random.default_rng(seed)
    poses: list[tuple[float, Feed, Pose]] = []
    for feed, rate in zip(FEEDS, (30.0, 24.0), strict=True):
        times = np.cumsum(rng.uniform(0.6, 1.4, int(seconds * rate)) / rate)
        times = times[(times < silent[0]) | (times > silent[1])]
        wander = np.cumsum(rng.normal(0, 0.01, len(times)))
        for time, x in zip(times.tolist(), wander.tolist(), strict=True):
            late = time + (jump if time > seconds / 2 else 0.0)
            swing = 0.08 * math.sin(2 * math.pi * 0.9 * time) + x
            marks = {Landmark.LEFT_WRIST: (swing, 0.0), Landmark.RIGHT_WRIST: (-x, swing)}
            seen = empty_pose(late) if rng.random() < 0.02 else pose(late, marks)
            if feed == "b" and seen.found and time > seconds / 3:
                seen = filmed(seen, (1.0, 0.02 * swing, x, swing))
            poses.append((late, feed, seen))
    return [(feed, seen) for _, feed, seen in sorted(poses, key=lambda each: each[0])]


def stream(
    poses: Poses, changes: dict[int, list[Settings]], base: Settings = BASE
) -> tuple[Timeline, SettingsHistory]:
    """As a live session: pose by pose, with changes before some of them."""
    scoring, rows = Scoring(SettingsHistory(base)), []
    for index, (feed, each) in enumerate(poses):
        for settings in changes.get(index, []):
            scoring.change(settings)
        rows += scoring.push(feed, each)
    rows += scoring.finish()
    return Timeline.from_scores(rows), scoring.settings_history


def replay(poses: Poses, history: SettingsHistory, ticks_at_once: int) -> Timeline:
    """As a recording that is scored again: its history has been through JSON."""
    kept = SettingsHistory.from_session(json.loads(json.dumps(history.to_session())))
    scoring, rows = Scoring(kept, ticks_at_once=ticks_at_once), []
    for feed, each in poses:
        rows += scoring.push(feed, each)
    return Timeline.from_scores(rows + scoring.finish())


@pytest.mark.untraced
@examples(max_examples=cases(5, 12))
@given(
    seed=st.integers(0, 1000),
    orders=st.lists(st.tuples(st.integers(0, 360), st.sampled_from(KINDS)), min_size=1, max_size=5),
    silence=st.tuples(st.floats(0, 6), st.floats(0, 3)),
    jump=st.sampled_from([0.0, 0.0, LONGEST_GAP - 590.0, LONGEST_GAP + 1.0]),
    ticks_at_once=st.sampled_from([1, 7, 30, 300]),
)
def test_changes_at_any_time_are_replayed_bit_for_bit(
    seed: int,
    orders: list[tuple[int, dict[str, object]]],
    silence: tuple[float, float],
    jump: float,
    ticks_at_once: int,
) -> None:
    poses = moving(seed, 7.0, silent=(silence[0], sum(silence)), jump=jump)
    changes: dict[int, list[Settings]] = {}
    for index, kind in orders:
        changes.setdefault(index, []).append(BASE.changed(**kind))
    live, history = stream(poses, changes)
    assert replay(poses, history, ticks_at_once).equals(live)
    times = [each.time_s for each in history.changes]
    assert times == sorted(set(times))


@pytest.mark.untraced
@examples(max_examples=cases(4, 8))
@given(
    seed=st.integers(0, 1000),
    index=st.integers(0, 360),
    kind=st.sampled_from(KINDS),
    silence=st.tuples(st.floats(0, 6), st.floats(0, 3)),
    jump=st.sampled_from([0.0, LONGEST_GAP + 1.0]),
)
def test_rows_after_a_change_equal_those_of_the_new_settings(
    seed: int, index: int, kind: dict[str, object], silence: tuple[float, float], jump: float
) -> None:
    poses = moving(seed, 7.0, silent=(silence[0], sum(silence)), jump=jump)
    other = BASE.changed(**kind)
    live, history = stream(poses, {min(index, len(poses) - 1): [other]})
    assert history.last == other
    whole = replay(poses, SettingsHistory(other), 30)
    since = history.changes[0].time_s if history.changes else -math.inf
    new, same = live.time_s > since, whole.time_s > since
    for name in COLUMNS:
        if not name.startswith("chance") and "posture" not in name:
            exact = np.array_equal(live[name][new], whole[name][same], equal_nan=name not in LEVELS)
            assert exact, name
    before = replay(poses, SettingsHistory(BASE), 30)
    for name in COLUMNS:
        old, first = live.time_s <= since, before.time_s <= since
        assert np.array_equal(live[name][old], before[name][first], equal_nan=name not in LEVELS)


@pytest.mark.untraced
def test_longer_window_is_full_at_once_in_an_old_session() -> None:
    poses = moving(3, 12.0, silent=(99, 99), jump=0.0)
    live, history = stream(poses, {500: [BASE.changed(window=6.0)]})
    (change,) = history.changes
    assert change.time_s > 8
    assert (live.state[live.time_s > change.time_s] == "ok").all()


def test_window_longer_than_the_session_warms_up() -> None:
    poses = moving(3, 9.0, silent=(99, 99), jump=0.0)
    live, history = stream(poses, {150: [BASE.changed(window=6.0)]})
    since = history.changes[0].time_s
    states = live.state[live.time_s > since]
    warm = np.flatnonzero(states == "ok")[0]
    assert set(states[:warm]) == {"warming_up"}
    assert 5.9 < live.time_s[live.time_s > since][warm] < 6.2


@pytest.mark.untraced
def test_window_longer_than_the_history_warms_up() -> None:
    rate = 10.0
    scoring, rows = Scoring(SettingsHistory(BASE.changed(hop=0.5))), []
    for k in range(round(140 * rate)):
        if k == round(130 * rate):
            scoring.change(Settings(window=125.0, hop=0.5))
        here = pose(k / rate, {Landmark.LEFT_WRIST: (0.08 * math.sin(4 * k / rate), 0.0)})
        for feed in ("a", "b"):
            rows += scoring.push(feed, here)
    later = {row.time_s: row.state for row in rows if row.time_s > 130.1}
    known = [state for time_s, state in later.items() if time_s < 134.5]  # 120 s and what came
    assert set(known) == {State.WARMING_UP}
    assert {state for time_s, state in later.items() if time_s > 135.5} == {State.OK}


@pytest.mark.untraced
def test_chance_levels_restart_after_a_change() -> None:
    poses = moving(5, 40.0, silent=(99, 99), jump=0.0)
    live, history = stream(poses, {1600: [BASE.changed(window=1.4)]})
    since = history.changes[0].time_s
    known = np.isfinite(live.chance_in_phase)
    assert known[live.time_s <= since][-1]
    assert not known[live.time_s > since][:10].any()


def test_change_at_a_break_in_time_starts_without_history() -> None:
    starts = (0.0, LONGEST_GAP + 10.0)
    times = [start + k / RATE for start in starts for k in range(round(3 * RATE))]
    poses = [(feed, pose(time, {})) for time in times for feed in FEEDS]
    other = BASE.changed(window=2.0)
    live, history = stream(poses, {len(poses) // 2: [other]})
    (change,) = history.changes
    assert change.time_s == pytest.approx(3.0 - 1 / RATE)
    after = live.between(starts[1], math.inf)
    assert after.state[0] == State.WARMING_UP
    assert replay(poses, history, 30).equals(live)
    assert after.equals(replay(poses, SettingsHistory(other), 30).between(starts[1], math.inf))


def test_last_of_changes_between_two_ticks_counts() -> None:
    poses = moving(1, 4.0, silent=(99, 99), jump=0.0)
    orders = [BASE.changed(window=3.0), BASE.changed(mapping="same-side")]
    _, history = stream(poses, {100: orders})
    assert [each.settings for each in history.changes] == orders[1:]


def test_change_before_the_first_tick_replaces_the_first_settings() -> None:
    poses = moving(1, 4.0, silent=(99, 99), jump=0.0)
    other = BASE.changed(window=2.0)
    live, history = stream(poses, {0: [other]})
    assert history == SettingsHistory(other)
    assert live.equals(replay(poses, SettingsHistory(other), 1))


def test_rejects_invalid_change_and_keeps_settings() -> None:
    scoring = Scoring(SettingsHistory(BASE))
    for bad in (BASE.changed(rate=60.0), Settings(band=(1.001, 1.002))):
        with pytest.raises(SettingsError):
            scoring.check(bad)
        with pytest.raises(SettingsError):
            scoring.change(bad)
    assert scoring.settings_history == SettingsHistory(BASE)


@pytest.mark.untraced
@pytest.mark.parametrize(
    ("steps", "state"),
    [
        ((0.1,), State.OK),
        ((1 / 15, 2 / 15), State.OK),  # ticks of the grid are in the long steps alone
        ((0.2,), State.GAP),
    ],
)
def test_a_band_needs_two_frames_in_a_cycle(steps: tuple[float, ...], state: State) -> None:
    settings = Settings(window=2.0, band=(0.7, 4.0), rate=10.0)
    scoring, scores = Scoring(SettingsHistory(settings)), []
    time = 0.02
    for step in steps * round(8 / sum(steps)):
        time += step
        for feed in FEEDS:
            scores += scoring.push(feed, Waving().track(Frame(time, BLANK_IMAGE)))
    assert {score.state for score in scores if score.time_s > 2.5} == {state}
