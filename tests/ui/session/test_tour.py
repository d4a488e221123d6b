"""The tour is shown once, over the first demo, and can be skipped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from mirror.practice.library import read_library
from mirror.session.start import SessionRequest
from tests.support.fake_sessions import FakeOpener
from ui.session.page import SessionPage
from ui.shell.preferences import Preferences
from ui.shell.shortcuts import Keys

DEMO = SessionRequest(a="demo:a", b="demo:b")


@pytest.fixture
def opener() -> FakeOpener:
    return FakeOpener()


@pytest.fixture
def page(
    qtbot: QtBot, preferences: Preferences, keys: Keys, opener: FakeOpener
) -> Iterator[SessionPage]:
    page = SessionPage(preferences, keys, opener=opener)
    page.resize(1024, 620)
    page.show()
    yield page
    end(qtbot, page)
    page.close()
    page.deleteLater()


def begin(qtbot: QtBot, page: SessionPage, request: SessionRequest = DEMO) -> None:
    page.begin(request)
    qtbot.waitUntil(page.view.isVisible, timeout=20_000)


def end(qtbot: QtBot, page: SessionPage) -> None:
    page.stop()
    qtbot.waitUntil(lambda: not page.running, timeout=20_000)


def test_tour_is_four_cards_and_never_again(
    qtbot: QtBot, page: SessionPage, preferences: Preferences
) -> None:
    begin(qtbot, page, SessionRequest(a="left", b="right"))
    assert not page.tour.isVisible()
    end(qtbot, page)
    begin(qtbot, page)
    cards, places = 0, set()
    card = page.tour.next.parentWidget()
    assert card is not None
    while page.tour.isVisible():
        cards += 1
        assert page.tour.rect().contains(card.geometry())
        card.grab()  # lays it out
        place = page.tour.next.mapTo(page.tour, page.tour.next.rect().bottomRight())
        places.add((place.x(), place.y()))
        page.tour.next.click()
    assert cards == 4
    assert len(places) == 1  # a hand on the mouse need not move
    assert preferences.tour_seen
    end(qtbot, page)
    begin(qtbot, page)
    assert not page.tour.isVisible()


def test_session_of_a_given_length_has_no_tour(qtbot: QtBot, page: SessionPage) -> None:
    begin(qtbot, page, replace(DEMO, seconds=60.0))  # a script's, for which nobody clicks
    assert not page.tour.isVisible()


def test_exercise_has_no_tour_and_a_demo_is_what_was_asked_for(
    qtbot: QtBot, page: SessionPage, opener: FakeOpener, preferences: Preferences, tmp_path: Path
) -> None:
    exercise = replace(DEMO, exercise=read_library().exercises[0])
    begin(qtbot, page, exercise)
    assert not page.tour.isVisible()  # the exercise's clock would run on below it
    assert not preferences.tour_seen
    end(qtbot, page)
    demo = replace(DEMO, output=tmp_path / "x.mirror")
    begin(qtbot, page, demo)
    assert page.tour.isVisible()
    page.tour.skip.click()
    assert page.running
    assert opener.requests == [exercise, demo]  # recorded as asked, also below the tour


def test_tour_shows_everything_and_goes_back_to_the_simple_view(
    qtbot: QtBot, page: SessionPage, preferences: Preferences
) -> None:
    begin(qtbot, page)
    assert page.view.timeline.isVisible()
    page.tour.skip.click()
    qtbot.waitUntil(page.view.isVisible, timeout=20_000)
    assert not page.view.timeline.isVisible()
    assert not preferences.full_view


def test_tour_is_skipped_by_button_and_key(
    qtbot: QtBot, page: SessionPage, preferences: Preferences
) -> None:
    for skip in (page.tour.skip.click, lambda: qtbot.keyClick(page.tour, Qt.Key.Key_Escape)):
        preferences.tour_seen = False
        begin(qtbot, page)
        assert page.tour.isVisible()
        skip()
        assert not page.tour.isVisible()
        end(qtbot, page)


def test_session_runs_on_below_the_tour(qtbot: QtBot, page: SessionPage) -> None:
    begin(qtbot, page)
    assert page.tour.isVisible()
    assert page.controls.stop.isEnabled()
    end(qtbot, page)
    assert not page.tour.isVisible()
