"""Summaries and sentences: shares add up, and the words fit the numbers."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror import Score, State, Timeline
from mirror.mimicry import regions_of, same_posture
from mirror.summary import SCORED, Tally, follower, sentence, share_of, summarize

BY_CHANCE = "Alike, but no more than by chance"
OK = Score(1.0, State.OK, in_phase=0.0, anti_phase=0.0, coherence=0.1, mirroring=0.1, lag_s=0.0)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"in_phase": 0.8, "coherence": 0.8, "mirroring": 0.8}, "In phase"),
        (
            {"in_phase": 0.8, "coherence": 0.8, "mirroring": 0.9, "lag_s": 0.4},
            "In phase — B follows by 0.4 s",
        ),
        (
            {"coherence": 0.2, "mirroring": 0.9, "lag_s": -0.7},
            "Mirroring — A follows by 0.7 s",
        ),
        (
            {"anti_phase": 0.9, "coherence": 0.9, "mirroring": 0.9, "lag_s": 0.5},
            "In anti-phase — opposite at the same time",
        ),
        (
            {"anti_phase": 0.5, "coherence": 0.6, "mirroring": 0.98, "lag_s": 0.6},
            "Mirroring — B follows by 0.6 s",
        ),
        ({"coherence": 0.7, "relative_phase_deg": 90.0}, "Coordinated, at another phase"),
        ({}, "Moving, but not together"),
    ],
)
def test_sentence(values: dict[str, Any], words: str) -> None:
    assert sentence(replace(OK, **values)) == words


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"mirroring": 0.51, "lag_s": -1.4, "chance_mirroring": 0.62}, BY_CHANCE),
        ({"mirroring": 0.63, "lag_s": -1.4, "chance_mirroring": 0.62}, "Mirroring — A follows by"),
        ({"in_phase": 0.6, "chance_in_phase": 0.6}, BY_CHANCE),
        ({"anti_phase": 0.6, "chance_anti_phase": 1.0}, BY_CHANCE),
        (  # the one is above its level, the other not
            {"in_phase": 0.6, "chance_in_phase": 0.7}
            | {"mirroring": 0.8, "lag_s": 0.3, "chance_mirroring": 0.7},
            "Mirroring — B follows by",
        ),
        (
            {"in_phase": 0.6, "chance_in_phase": 0.5}
            | {"mirroring": 0.65, "lag_s": 0.3, "chance_mirroring": 0.7},
            "In phase",
        ),
        ({"mirroring": 0.44, "lag_s": 0.3, "chance_mirroring": 0.62}, "Moving, but not together"),
    ],
)
def test_sentence_claims_nothing_below_the_chance_level(values: dict[str, Any], words: str) -> None:
    row = replace(OK, **values)
    assert sentence(row).startswith(words)
    assert ("follows" in sentence(row)) is (follower(row) is not None)
    levels: dict[str, Any] = {key: math.nan for key in values if key.startswith("chance")}
    assert share_of(row) == share_of(replace(row, **levels))  # those of a summary are of scores


def test_every_state_has_a_sentence() -> None:
    said = {state: sentence(replace(OK, state=state)) for state in State}
    assert len(set(said.values())) == len(State)
    assert said[State.STILL] == "Too still to tell"
    assert said[State.NO_PERSON_A] == "Too little of A is in the frame"


def test_still_people_have_a_posture() -> None:
    alike: dict[str, Any] = {"posture_match": 0.9, "chance_posture_match": 0.4}
    arms: dict[str, Any] = {
        name: value
        for side in ("left", "right")
        for name, value in (
            (f"posture_match_{side}_arm", 0.8),
            (f"chance_posture_match_{side}_arm", 0.3),
        )
    }
    still = replace(OK, state=State.STILL, **alike, **arms)
    assert sentence(still) == "Same posture: arms"
    head: dict[str, Any] = {"posture_match_head": 0.7, "chance_posture_match_head": 0.6}
    assert sentence(replace(still, **head)) == "Same posture: arms and head"
    assert sentence(replace(still, chance_posture_match=0.95)) == "Too still to tell"
    assert sentence(replace(still, state=State.OK)) == "Moving, but not together"
    one = replace(still, posture_match_right_arm=0.1)
    assert same_posture(one) == ("left_arm",)
    assert regions_of(same_posture(one), "a", "mirror") == {"left_arm"}
    assert regions_of(same_posture(one), "b", "mirror") == {"right_arm"}
    assert regions_of(same_posture(one), "b", "same-side") == {"left_arm"}


def test_sentence_uses_names() -> None:
    names = ("Anna", "Ben {b}")
    late = replace(OK, in_phase=0.8, coherence=0.8, mirroring=0.9, lag_s=0.4)
    assert sentence(late, names) == "In phase — Ben {b} follows by 0.4 s"
    assert sentence(replace(late, lag_s=-0.4), names) == "In phase — Anna follows by 0.4 s"
    gone = {state: sentence(replace(OK, state=state), names) for state in State}
    assert gone[State.NO_PERSON_A] == "Too little of Anna is in the frame"
    assert gone[State.NO_PERSON_B] == "Too little of Ben {b} is in the frame"
    assert gone[State.STILL] == "Too still to tell"


def test_follower_is_known_from_a_clear_lag() -> None:
    late = replace(OK, coherence=0.8, mirroring=0.9, lag_s=0.4)
    assert follower(late, ("Anna", "Ben")) == ("Ben", 0.4)
    assert follower(replace(late, lag_s=-0.4), ("Anna", "Ben")) == ("Anna", 0.4)
    for unclear in (
        replace(late, lag_s=0.05),
        replace(late, mirroring=0.4),
        replace(late, anti_phase=0.8),
    ):
        assert follower(unclear) is None


def test_summary_counts() -> None:
    rows = [
        replace(OK, in_phase=0.9, coherence=0.9, mirroring=0.9, lag_s=0.4),
        replace(OK, in_phase=0.6, coherence=0.6, mirroring=0.9, lag_s=0.2),
        replace(OK, in_phase=0.6, coherence=0.6, mirroring=0.9, lag_s=-0.3),
        replace(OK, anti_phase=0.9, coherence=0.9, mirroring=0.9, lag_s=1.1),
        replace(OK, coherence=0.8),
        OK,
        Score(1.0, State.STILL),
        Score(1.0, State.GAP),
        Score(1.0, State.NO_PERSON_B),
        Score(9.5, State.WARMING_UP),
    ]
    summary = summarize(Timeline.from_scores(rows))
    assert summary.in_phase == pytest.approx(0.3)
    for name in ("anti_phase", "other_phase", "not_together", "still", "warming_up"):
        assert getattr(summary, name) == pytest.approx(0.1)
    assert summary.untracked == pytest.approx(0.2)
    assert summary.lag_s == pytest.approx(0.2)
    assert (summary.a_led, summary.b_led) == pytest.approx((2 / 3, 1 / 3))
    assert (summary.duration_s, summary.rows) == (8.5, 10)
    assert summary.mirroring == pytest.approx(0.3)  # not in anti-phase, where the lag says nothing


def test_a_mirrored_session_is_not_called_not_together() -> None:
    rows = [
        replace(OK, mirroring=0.9, lag_s=0.6),
        replace(OK, mirroring=0.9, lag_s=-0.6, anti_phase=0.6, coherence=0.6),  # half a cycle
        replace(OK, mirroring=0.9, lag_s=0.6, anti_phase=0.8, coherence=0.8),  # nobody leads
        replace(OK, mirroring=0.9, lag_s=0.05),  # no lag
        replace(OK, mirroring=0.4, lag_s=0.6),
    ]
    summary = summarize(Timeline.from_scores(rows))
    assert (summary.following, summary.anti_phase, summary.not_together) == (0.4, 0.2, 0.4)
    tally = Tally()
    for row in rows:
        tally.add(row)
    assert tally.summary().following == 0.4


def test_summary_of_no_rows() -> None:
    summary = summarize(Timeline.from_scores([]))
    assert summary.rows == 0
    assert summary.in_phase == 0.0
    assert math.isnan(summary.lag_s)
    assert math.isnan(summary.a_led)


values = st.floats(0, 1) | st.just(math.nan)


@given(
    st.lists(
        st.builds(
            Score,
            time_s=st.floats(0, 1e5),
            state=st.sampled_from(State),
            in_phase=values,
            anti_phase=values,
            coherence=values,
            mirroring=values,
            lag_s=st.floats(-2, 2),
        ),
        min_size=1,
        max_size=50,
    )
)
def test_shares_add_up_to_one(rows: list[Score]) -> None:
    tally = Tally()
    for row in rows:
        tally.add(row)
        assert sentence(row)
    kinds = (*SCORED, "still", "untracked", "warming_up")
    of_all = summarize(Timeline.from_scores(rows))
    shares = {kind: getattr(tally.summary(), kind) for kind in kinds}
    assert shares == {kind: getattr(of_all, kind) for kind in kinds}
    total = sum(shares.values())
    assert total == pytest.approx(1.0)
