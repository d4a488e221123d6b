"""The sentence is right and complete at any size."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from pytestqt.qtbot import QtBot

from mirror.timeline import Score, State
from ui.shell.theme import theme
from ui.widgets.verdict import Verdict

Pixels = NDArray[np.uint8]
FindColour = Callable[[Pixels, str], NDArray[np.bool_]]
LONG = "Bartholomäus-Maximilian von Hohenlohe"


@pytest.fixture
def verdict(qtbot: QtBot) -> Verdict:
    widget = Verdict()
    qtbot.addWidget(widget)
    widget.resize(500, 50)
    return widget


def test_shows_sentence_of_score(verdict: Verdict, score: Callable[..., Score]) -> None:
    assert verdict.text == ""
    verdict.set_names("Anna", "Ben")
    verdict.show_score(score(0.9, lag_s=0.4))
    assert verdict.text == "In phase — Ben follows by 0.4 s"
    assert verdict.accessibleDescription() == verdict.text
    verdict.set_names("Anna", "")
    assert verdict.text == "In phase — B follows by 0.4 s"
    verdict.show_score(Score(1.0, State.NO_PERSON_A))
    assert verdict.text == "Too little of Anna is in the frame"
    verdict.show_score(None)
    assert verdict.text == ""
    assert verdict.accessibleDescription() == ""


def test_other_text_stays_when_names_change(verdict: Verdict, score: Callable[..., Score]) -> None:
    verdict.show_score(score(0.9))
    verdict.show_text("Paused")
    verdict.set_names("Anna", "Ben")
    assert verdict.text == "Paused"


@pytest.mark.parametrize("size", [(600, 60), (300, 50), (160, 60), (120, 120), (120, 30)])
def test_text_is_not_cut(
    verdict: Verdict,
    grab: Callable[[Verdict], Pixels],
    score: Callable[..., Score],
    size: tuple[int, int],
) -> None:
    verdict.resize(*size)
    empty = grab(verdict)
    verdict.set_names(LONG, LONG)
    verdict.show_score(score(0.9, lag_s=0.4))
    ink = (grab(verdict) != empty).any(axis=-1)
    assert ink.sum() > 200
    for edge in (ink[0], ink[-1], ink[:, 0], ink[:, -1]):
        assert not edge.any()


def test_wraps_and_shrinks_to_fit(verdict: Verdict, grab: Callable[[Verdict], Pixels]) -> None:
    def lines(width: int, height: int) -> tuple[int, int]:
        """Return the number of lines of text and their width in pixels."""
        verdict.resize(width, height)
        verdict.show_text("")
        empty = grab(verdict)
        verdict.show_text("moon moon moon moon")  # no letter leaves a gap above another
        ink = (grab(verdict) != empty).any(axis=2)
        rows = np.diff(ink.any(axis=1).astype(int), prepend=0)
        return int((rows == 1).sum()), int(np.ptp(np.flatnonzero(ink.any(axis=0))))

    wide, narrow, low = lines(600, 100), lines(150, 100), lines(600, 14)
    assert wide[0] == 1
    assert narrow[0] > 1
    assert low[0] == 1
    assert low[1] < 0.7 * wide[1]


@pytest.mark.parametrize(
    ("state", "colour", "other"), [("ok", "text", "dim_text"), ("still", "dim_text", "text")]
)
def test_score_is_bold_and_reason_dim(
    verdict: Verdict,
    grab: Callable[[Verdict], Pixels],
    find_colour: FindColour,
    score: Callable[..., Score],
    state: str,
    colour: str,
    other: str,
) -> None:
    for choice in ("light", "dark"):
        theme().choose("light" if choice == "light" else "dark")
        verdict.show_score(score(0.9) if state == "ok" else Score(1.0, State(state)))
        shown = grab(verdict)
        assert find_colour(shown, getattr(theme().palette, colour)).sum() > 20
        assert not find_colour(shown, getattr(theme().palette, other)).sum() > 20
