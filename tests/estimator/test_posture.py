"""Postures: alike above chance where one takes over the other's, and not otherwise."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from mirror import Estimator, Landmark, Settings, Tick, Timeline
from mirror.capture.synthetic.joints import Posture
from mirror.capture.synthetic.postures import POSTURES, Held, hold, take_over
from mirror.estimator.estimator import score_ticks
from mirror.estimator.movement import BODY, from_poses
from mirror.estimator.posture import Postures
from mirror.estimator.spectrum import Plan
from mirror.landmarks import Pose
from mirror.timeline import COLUMNS, REGIONS, PostureState
from tests.support.people import empty_pose
from tests.support.postures import LOWER_BODY, RATE, mirrored_rows, people, score, still

SECONDS = 160.0
ONE_SIDED = POSTURES[:24]
OTHERS = hold(7, SECONDS)
LEADER = hold(1, SECONDS)
FOLLOWER = take_over(LEADER, 2, (0.5, 3.0))


@cache
def leader() -> list[Pose]:
    return people(LEADER, SECONDS)


@cache
def follower() -> list[Pose]:
    return people(FOLLOWER, SECONDS, feed="b")


@cache
def together() -> Timeline:
    return score(leader(), follower())


def above(timeline: Timeline, region: str = "") -> NDArray[np.bool_]:
    match, chance = timeline[f"posture_match{region}"], timeline[f"chance_posture_match{region}"]
    return np.asarray(match > chance)


def is_ok(timeline: Timeline) -> NDArray[np.bool_]:
    return np.asarray(timeline.posture_state == "ok")


@pytest.mark.parametrize(
    "seen",
    [
        {},
        {"size": 0.6, "shift": 0.1},
        {"size": 1.2},
        {"roll_deg": 7.0},
        {"hidden": LOWER_BODY},
    ],
    ids=str,
)
def test_mirrored_postures_match_above_chance(seen: dict[str, float]) -> None:
    others = people(FOLLOWER, SECONDS, feed="b", **seen) if seen else []  # type: ignore[arg-type]
    timeline = score(leader(), others) if seen else together()
    rows = is_ok(timeline) & mirrored_rows(timeline, LEADER, FOLLOWER)
    assert rows.sum() > 250
    assert above(timeline)[rows].mean() >= 0.95
    assert np.median(timeline.posture_match[rows]) > 0.85


def test_unrelated_postures_hardly_exceed_chance() -> None:
    shares = []
    for seed in (11, 12):
        timeline = score(leader(), people(hold(seed, SECONDS), SECONDS, feed="b"))
        shares.append(above(timeline)[is_ok(timeline)].mean())
    assert np.mean(shares) <= 0.05


def test_same_side_compares_what_is_not_mirrored() -> None:
    same = [Held(each.start, each.posture.mirrored()) for each in FOLLOWER]
    rows = is_ok(together()) & mirrored_rows(together(), LEADER, FOLLOWER)
    straight = score(leader(), people(same, SECONDS, feed="b"), mapping="same-side")
    assert above(straight)[rows].mean() >= 0.95
    # A posture with a side is its own mirror image in nothing that counts.
    sided = [each.posture in ONE_SIDED for each in LEADER]
    number = np.searchsorted([each.start for each in LEADER], together().time_s, side="right") - 1
    rows &= np.array(sided)[np.maximum(number, 0)]
    wrong = score(leader(), people(same, SECONDS, feed="b"))
    assert (together().posture_match > wrong.posture_match)[rows].mean() >= 0.95
    assert above(wrong)[rows].mean() <= 0.1


def test_match_is_by_region() -> None:
    """Only the arms of the second person follow; the head does something else."""
    arms = [
        Held(mine.start, Posture(mine.posture.left, mine.posture.right, tilt=theirs.posture.tilt))
        for mine, theirs in zip(FOLLOWER, OTHERS, strict=False)
    ]
    timeline = score(leader(), people(arms, SECONDS, feed="b"))
    rows = is_ok(timeline) & mirrored_rows(timeline, LEADER, FOLLOWER)
    for region in ("_left_arm", "_right_arm"):
        assert np.median(timeline[f"posture_match{region}"][rows]) > 0.7
    assert np.median(timeline.posture_match_head[rows]) < 0.2
    assert np.isnan(timeline.posture_match_legs).all()  # nobody moved them


def test_constant_postures_are_undefined_however_alike() -> None:
    for a, b in (
        (still(Posture()), still(Posture())),
        (still(POSTURES[24]), still(POSTURES[24].mirrored())),
    ):
        timeline = score(people(a, 90.0), people(b, 90.0, feed="b"))
        assert set(timeline.posture_state[timeline.time_s > 2]) == {"one_posture"}
        assert np.isnan(timeline.posture_match).all()
        assert np.isnan(timeline.chance_posture_match).all()


def test_one_person_alone_does_not_match() -> None:
    timeline = score(leader(), people(still(Posture()), SECONDS, feed="b"))
    rows = is_ok(timeline)
    assert rows.sum() > 700
    assert above(timeline)[rows].mean() <= 0.1


def test_head_and_shoulders_give_head_and_trunk() -> None:
    below = (*LOWER_BODY, *(mark for mark in Landmark if 13 <= mark <= 22))
    cycle = (POSTURES[9], POSTURES[23], Posture(), POSTURES[21], POSTURES[11])
    tilting = [Held(7.0 * k, cycle[k % 5]) for k in range(20)]
    after = take_over(tilting, 4, (0.5, 3.0))
    timeline = score(*(people(each, SECONDS, hidden=below) for each in (tilting, after)))
    rows = is_ok(timeline) & mirrored_rows(timeline, tilting, after)
    assert np.quantile(timeline.posture_match[rows], 0.7) > 0.8  # but for upright ones
    late = timeline.time_s > 130
    assert set(timeline.posture_state[late]) == {"ok"}
    for region in REGIONS:
        known = ~np.isnan(timeline[f"posture_match_{region}"][late])
        assert known.all() if region in ("head", "torso") else not known.any()


def test_hidden_arm_is_not_guessed() -> None:
    arm = (Landmark.RIGHT_WRIST, Landmark.RIGHT_ELBOW)
    timeline = score(leader(), people(FOLLOWER, SECONDS, feed="b", hidden=arm))
    late = timeline.time_s > 130
    assert np.isnan(timeline.posture_match_left_arm).all()  # B's right one, mirrored
    assert not np.isnan(timeline.posture_match_right_arm[late]).any()


def test_a_person_seen_from_behind_matches_like_one_seen_from_the_front() -> None:
    """Their left is on the left of the frame; where the face looks is not known."""
    turned = []
    for pose in people([Held(e.start, e.posture.mirrored()) for e in FOLLOWER], SECONDS, feed="b"):
        assert pose.landmarks is not None
        swapped = pose.landmarks.copy()
        swapped[:, 0] = 1.0 - swapped[:, 0]
        turned.append(Pose(pose.time, swapped, None, 640, 480))
    timeline = score(leader(), turned, mapping="same-side")
    rows = is_ok(timeline) & mirrored_rows(timeline, LEADER, FOLLOWER)
    assert above(timeline)[rows].mean() >= 0.95


def test_a_person_who_leaves_and_a_feed_that_stops_are_named() -> None:
    gone, lost = slice(1000, 1100), slice(1300, 1400)
    b: list[Pose | None] = list(follower())
    b[gone] = [empty_pose(k / RATE) for k in range(gone.start, gone.stop)]
    b[lost] = [None] * 100
    timeline = score(leader(), b)
    for part, state in ((gone, "no_person_b"), (lost, "gap")):
        within = timeline.between((part.start + 6) / RATE, (part.stop - 1) / RATE)
        assert set(within.posture_state) == {state}
        assert np.isnan(within.posture_match).all()
        after = timeline.between((part.stop + 10) / RATE, (part.stop + 12) / RATE)
        assert set(after.posture_state) == {"ok"}


def test_match_needs_postures_to_compare_with() -> None:
    timeline = together()
    first = int(np.flatnonzero(is_ok(timeline))[0])
    assert 60 < timeline.time_s[first] < 80
    assert set(timeline.posture_state[:first]) == {
        str(PostureState.WARMING_UP),
        str(PostureState.ONE_POSTURE),
    }
    ok = is_ok(timeline)
    assert not np.isnan(timeline.chance_posture_match[ok]).any()
    assert np.isnan(timeline.posture_match[~ok]).all()


def test_windows_longer_than_what_counts_as_apart_have_no_level_at_first() -> None:
    """There all postures kept are compared with, and at first these are too few."""
    timeline = score(leader(), follower(), window=20.0, hop=1.0)
    assert "one_posture" in timeline.posture_state
    assert not is_ok(timeline).any()
    assert np.isnan(timeline.chance_posture_match).all()


def test_what_is_usual_is_not_about_a_posture_of_which_little_is_seen() -> None:
    """An arm hangs in 45 %; it is at the chin, folded with a hidden wrist, or out in the rest."""
    rng, length = np.random.default_rng(1), round(6 * RATE)
    poses = []
    for kind in rng.permutation(np.repeat(np.arange(4), (18, 8, 8, 6))).tolist():
        start = rng.integers(300 - length)
        for pose in people(still(POSTURES[20] if kind == 3 else Posture()), 30.0)[start:][:length]:
            assert pose.landmarks is not None
            marks = pose.landmarks.copy()
            if kind == 1:
                marks[Landmark.LEFT_WRIST] = marks[Landmark.NOSE] + np.array(
                    [0, 0.05, 0, 0], np.float32
                )
            if kind == 2:
                marks[Landmark.LEFT_WRIST, 3] = 0.1
            poses.append(Pose(pose.time, marks, None, 640, 480))
    person = from_poses(poses, mirrored=False)
    postures = Postures(Plan.of(Settings(rate=RATE), BODY))
    postures.take(person, person)
    ends = np.arange(length, len(poses) + 1, length) - 1
    rows = np.empty((len(ends), len(COLUMNS)))
    _, held, usual = postures.score(rows, ends / RATE, ends[-1] - ends)
    arm = REGIONS.index("left_arm")
    where = np.abs(held[:, 0, arm] - usual[-1, 0, arm]).max(axis=-1)
    assert (where < 0.3).sum() == 18


@pytest.mark.parametrize("window", [6.0, 2.0])
def test_what_is_usual_stays_when_old_postures_are_let_go(window: float) -> None:
    """Of two postures, each in every other window, for more than the five minutes kept."""
    poses = [people(still(posture), 30.0) for posture in (POSTURES[7], POSTURES[28])]
    length, rng = round(window * RATE), np.random.default_rng(1)
    windows = [(k % 2, rng.integers(300 - length)) for k in range(round(360 / window))]
    person = from_poses(
        [pose for which, at in windows for pose in poses[which][at : at + length]], mirrored=False
    )
    postures = Postures(Plan.of(Settings(rate=RATE, window=window), BODY))
    postures.take(person, person)
    ends = np.arange(1, len(windows) + 1) * length - 1
    rows = np.empty((len(ends), len(COLUMNS)))
    _, held, usual = postures.score(rows, ends / RATE, ends[-1] - ends)
    arm = REGIONS.index("left_arm")
    apart = np.abs(held[1:, 0, arm] - held[:-1, 0, arm]).max()
    jumps = np.abs(np.diff(usual[:, 0, arm], axis=0)).max(axis=-1) > 0.5 * apart
    assert apart > 1.0
    assert jumps[len(jumps) // 2 :].mean() < 0.1


def test_rows_do_not_depend_on_how_many_are_scored_together() -> None:
    """One by one, in blocks and at once; also if a region or a person is seen now and then."""
    rng = np.random.default_rng(3)
    arm = [Landmark.RIGHT_WRIST, Landmark.RIGHT_ELBOW]
    b = people(FOLLOWER, SECONDS, feed="b")[:1000]
    for start in range(0, 1000, 7):
        for pose in b[start : start + 7] if rng.random() < 0.5 else ():
            assert pose.landmarks is not None
            pose.landmarks[arm, 3] = 0.1
    for start in (750, 830, 910):
        b[start : start + 12] = [empty_pose(k / RATE) for k in range(start, start + 12)]
    settings = Settings(rate=RATE, window=2.0, band=(0.5, 3.0))
    ticks = [Tick(k / RATE, *both) for k, both in enumerate(zip(leader()[:1000], b, strict=True))]
    estimator = Estimator(settings)
    rows = [estimator.update(*tick) for tick in ticks]
    one = Timeline.from_scores([row for row in rows if row is not None])
    estimator = Estimator(settings)
    found = [estimator.update_all(ticks[at : at + 23]) for at in range(0, len(ticks), 23)]
    assert Timeline.from_scores([row for rows in found for row in rows]).equals(one)
    assert score_ticks(ticks, settings).equals(one)
    assert is_ok(one).sum() > 300
    assert 50 < np.isnan(one.posture_match_left_arm[is_ok(one)]).sum() < is_ok(one).sum() - 50


def test_match_is_there_again_as_soon_as_the_person_is() -> None:
    """Rows without a person have no chance level that the rows after them could keep."""
    b = list(follower())
    for start, length in ((900, 30), (1000, 31), (1100, 32), (1200, 33), (1300, 34)):
        b[start : start + length] = [empty_pose(k / RATE) for k in range(start, start + length)]
    after = score(leader(), b).between(85.0, SECONDS).posture_state
    assert set(after) == {"ok", "no_person_b"}


def test_what_has_changed_but_is_hidden_is_not_called_unchanged() -> None:
    """Only arms move, and B's are out of the frame for a while."""
    cycle = (POSTURES[0], POSTURES[5], POSTURES[7], POSTURES[28])
    moves = [Held(7.0 * k, cycle[k % 4]) for k in range(16)]
    b = people(take_over(moves, 4, (0.5, 3.0)), 110.0, feed="b")
    for pose in b[900:]:
        assert pose.landmarks is not None
        pose.landmarks[13:23, 3] = 0.1
    timeline = score(people(moves, 110.0), b)
    assert set(timeline.between(80.0, 90.0).posture_state) == {"ok"}
    late = timeline.between(92.0, 110.0)
    assert set(late.posture_state) == {"hidden"}
    assert np.isnan(late.posture_match).all()


def test_a_limb_hidden_in_its_posture_is_undefined_and_not_called_different() -> None:
    """B's arm is not seen while it is half out as A's is."""
    out = POSTURES[8]
    a = [each for each in LEADER if each.start < 125.0]
    b = [each for each in FOLLOWER if each.start < 128.0]
    a += [Held(130.0, Posture()), Held(140.0, out), Held(150.0, Posture())]
    b += [Held(130.0, Posture()), Held(141.0, out.mirrored()), Held(150.5, Posture())]
    shown = people(b, SECONDS, feed="b")
    covered = []
    for pose in shown:
        assert pose.landmarks is not None
        marks = pose.landmarks.copy()
        if 140.0 < pose.time < 151.5:
            marks[[Landmark.LEFT_WRIST, Landmark.LEFT_ELBOW], 3] = 0.1
        covered.append(Pose(pose.time, marks, None, 640, 480))
    seen, hidden = (score(people(a, SECONDS), each) for each in (shown, covered))
    held = (seen.time_s > 143.0) & (seen.time_s < 149.5)
    assert above(seen)[held].mean() > 0.9
    assert set(hidden.posture_state[held]) == {"hidden"}
    assert np.isnan(hidden.posture_match[held]).all()
    assert np.isnan(hidden.posture_match_right_arm[held]).all()  # A's, which B mirrors
    apart = (seen.time_s > 153.0) & (seen.time_s < 158.0)  # both hang, and all is seen
    assert set(hidden.posture_state[apart]) == {"ok"}
