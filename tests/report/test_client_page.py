from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mirror.moments import best_moments, longest_run
from mirror.practice.goal import Goal
from mirror.practice.run import Result
from mirror.report.client_page import client_document, closest_moment
from mirror.report.document import Document, Figure, Paragraph
from mirror.report.facts import SessionFacts
from mirror.settings import Settings
from mirror.settings_history import SettingsHistory
from mirror.summary import summarize
from mirror.timeline import Score, Span, State, Timeline
from mirror.wording import NO_BREAK, describe_lag

JARGON = ("phase", "coherence", "lag", "chance level", "score", "correlation", "p =", "NaN", "nan")


def facts(lag_s: float = 0.6, chance: float = 0.5, **more: Any) -> SessionFacts:
    """A minute: a quarter untracked, a quarter of no mirroring, half of it after `lag_s`."""
    rows = []
    for k in range(600):
        if k < 150:
            rows.append(Score(k / 10, State.NO_PERSON_B))
            continue
        mirroring = 0.9 if k >= 300 else 0.3
        peak = 0.05 if 400 <= k < 460 else 0.0
        rows.append(
            Score(
                k / 10,
                State.OK,
                in_phase=0.1,
                anti_phase=0.1,
                coherence=0.9,
                mirroring=mirroring + peak,
                lag_s=lag_s,
                chance_mirroring=chance,
            )
        )
    timeline = Timeline.from_scores(rows)
    values: dict[str, Any] = {
        "path": Path("talk.mirror"),
        "session": {},
        "duration_s": 60.0,
        "names": ("Anna", "Ben"),
        "condition": "",
        "started": datetime(2026, 11, 23, 10, 15, tzinfo=UTC),
        "span": Span(),
        "origin_s": 0.0,
        "settings_history": SettingsHistory(Settings()),
        "timeline": timeline,
        "events": (),
        "results": (),
        "summary": summarize(timeline),
        "longest": longest_run(timeline),
        "moments": (*best_moments(timeline, 1, kinds=["mirroring"]), *best_moments(timeline)),
    }
    return SessionFacts(**values | more)


def texts(document: Document) -> dict[str, list[str]]:
    return {
        section.title: [part.text for part in section.parts if isinstance(part, Paragraph)]
        for section in document.sections
    }


def page(facts: SessionFacts, **more: Any) -> dict[str, list[str]]:
    return texts(client_document(facts, still=None, progress=None, **more))


def test_three_sentences_say_what_was_seen_without_jargon() -> None:
    document = client_document(facts(), still=None, progress=None)
    seen = texts(document)["What we saw"]
    assert len(seen) == 3
    assert "Anna and Ben moved the same way at the same time for 0\u00a0s" in seen[0]
    assert seen[0].endswith("For 15\u00a0s, nothing could be measured.")
    assert seen[1] == (
        "For 30\u00a0s, the movements of one came back in the other's within 2 seconds; mostly "
        "Anna led, and Ben followed about 0.6 seconds later."
    )
    # 300 of 450 rows; those without a score cannot be compared
    base = "67\u00a0% of the 45\u00a0s that could be compared"
    assert f"for {base}; by chance alone, that is about 5 %" in seen[2]
    said = " ".join([*texts(document), *itertools.chain(*texts(document).values())])
    assert not [word for word in JARGON if word in said]


@pytest.mark.parametrize(
    ("lag_s", "said"),
    [(-0.6, "mostly Ben led, and Anna followed"), (0.0, "neither of the two led")],
)
def test_who_led_is_said(lag_s: float, said: str) -> None:
    assert said in page(facts(lag_s))["What we saw"][1]


def test_lag_between_tiles_of_a_call_names_their_delays() -> None:
    call = {"a": "screen:1#xywh=0,0,9,9", "b": "screen:1#xywh=9,0,9,9&delay=0.1"}
    plain, said = facts().lag_text, facts(session={"sources": call}).lag_text
    assert said.startswith(f"{plain} Both tiles of a call come through a network")


def test_best_moment_is_the_closest_mirroring() -> None:
    moment = closest_moment(facts())
    assert moment is not None
    assert moment.start_s == pytest.approx(40.0, abs=0.15)
    assert moment.kind == "mirroring"
    (text,) = page(facts())["The best moment"]
    assert text.startswith("From 0:40 to 0:46 they mirrored each other most closely")
    assert "Anna ahead and Ben 0.6 seconds later" in text
    assert "at the same time" in page(facts(0.0))["The best moment"][0]


def test_session_with_too_little_to_compare_with_chance_says_so() -> None:
    assert "Too little of the session" in page(facts(chance=np.nan))["What we saw"][2]
    mostly_gone = [Score(k / 10, State.GAP) for k in range(600, 1000)]  # 45 of 100 s are left
    timeline = Timeline.from_scores([*facts().timeline, *mostly_gone])
    seen = page(facts(timeline=timeline, summary=summarize(timeline)))["What we saw"]
    assert seen[2] == "Too little of the session could be compared with chance."


def test_nobody_led_in_a_second_of_mirroring() -> None:
    rows = [each for each in facts().timeline if 28.0 <= each.time_s <= 31.0]
    second = Timeline.from_scores(rows)
    summary = summarize(second)
    seen = page(facts(timeline=second, summary=summary))["What we saw"]
    assert seen[1].startswith("For 1\u00a0s, ")
    assert seen[1].endswith("; that is too little to tell who led.")
    said = "Too little to tell who led: a clear lag for 1\u00a0s only."
    assert describe_lag(summary, ("Anna", "Ben")) == said


def test_session_without_movement_has_no_best_moment() -> None:
    timeline = Timeline.from_scores([Score(k / 10, State.STILL) for k in range(90)])
    still = facts(timeline=timeline, summary=summarize(timeline), moments=())
    assert closest_moment(still) is None
    found = page(still)
    assert "The best moment" not in found
    (said,) = found["What we saw"]
    assert said.startswith("Nothing could be measured")


def test_what_the_trainer_adds_is_there_and_nothing_else() -> None:
    assert not {"Notes", "The goal", "Sessions so far"} & set(page(facts()))
    figure = Figure("t", "m", "a", "<svg/>")
    document = client_document(
        facts(condition="warm-up"),
        still=figure,
        progress=figure,
        notes="One.\n\n Two.\x07 ",
        trainer=" Kim ",
    )
    assert document.subtitle == "23 November 2026, 10:15 · 1:00 · warm-up · with Kim"
    found = texts(document)
    assert found["Notes"] == ["One.", "Two."]
    assert [s.parts for s in document.sections if s.title in ("", "Sessions so far")] == [
        (figure,),
        (figure,),
    ]
    assert "does not say how two people get on" in found["What this does not mean"][0]


def test_goal_and_how_long_it_was_held() -> None:
    goal = Goal("mirroring", hold_s=10.0)
    held = Result("Be my mirror", "Be my mirror", 0.0, 30.0, 3.0, goal, 18.0, 12.0, 0.0, 12.4)
    missed = replace(held, exercise="Swap", round="A leads", longest_s=4.0, met_s=6.0)
    unseen = replace(held, met_s=0.0, missed_s=0.0, undefined_s=30.0, longest_s=0.0)
    goal_text, first, second, third = page(facts(results=(held, missed, unseen)))["The goal"]
    assert goal_text == f"To reach: mirroring above chance, for 10{NO_BREAK}s."
    assert first == (
        "Be my mirror: reached, held for 12 s without a break, "
        "met for 60\u00a0% of the 30\u00a0s that could be measured."
    )
    assert second.startswith("Swap, A leads: not reached this time, held for 4 s without a break")
    assert third == "Be my mirror: there was too little to see."


def test_page_of_a_mirroring_lesson_begins_with_mirroring() -> None:
    goal = Goal("mirroring", hold_s=10.0)
    held = Result("Be my mirror", "Be my mirror", 0.0, 30.0, 3.0, goal, 18.0, 12.0, 0.0, 12.4)
    lesson, other = (page(facts(results=each))["What we saw"] for each in ((held,), ()))
    assert lesson[:2] == other[1::-1]
    assert "came back in the other's" in lesson[0]


def test_share_of_a_goal_is_left_out_where_less_than_half_was_measured() -> None:
    goal = Goal("mirroring", hold_s=8.0)
    brief = Result("Be my mirror", "Round 3", 0.0, 30.0, 2.0, goal, 2.0, 0.0, 26.0, 0.1)
    *_, said = page(facts(results=(brief,)))["The goal"]
    assert said == "Be my mirror, Round 3: not reached this time."
    assert brief.describe().endswith(f"of 8{NO_BREAK}s, not measured for 26{NO_BREAK}s")
