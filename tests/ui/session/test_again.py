"""The last seconds of a session, seen again."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from mirror.capture.base import Frame
from mirror.landmarks import FEEDS
from mirror.session.base import Update
from mirror.timeline import Score, State
from tests.support.people import pose
from ui.session import again as module
from ui.session.again import KEPT_S, InstantReplay
from ui.session.view import SessionView

IMAGE = np.full((480, 640, 3), 90, np.uint8)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=clock.monotonic))
    return clock


@pytest.fixture
def view(qtbot: QtBot) -> SessionView:
    view = SessionView()
    qtbot.addWidget(view)
    view.meter.choose("mirroring")
    view.set_full(full=False)
    view.show()
    return view


def run(again: InstantReplay, view: SessionView, start_s: int, end_s: int) -> None:
    """Let a session run, at 30 frames and 10 rows a second; in phase is t / 100."""
    for tick in range(start_s * 30, end_s * 30):
        for feed in FEEDS:
            update = Update(tick / 30, feed, Frame(tick / 30, IMAGE), pose(tick / 30))
            again.add_frame(feed, update, with_image=True)
        if tick % 3 == 0:
            rows = [Score(tick / 30, State.OK, mirroring=tick / 3000)]
            view.timeline.append(rows)
            again.add_scores(rows)


def test_last_seconds_are_shown_at_half_speed_and_repeated(
    qtbot: QtBot, view: SessionView, clock: Clock
) -> None:
    again = InstantReplay(view)
    run(again, view, 0, 40)
    assert not view.timeline.isVisible()
    assert again.begin("R")
    assert view.again_note.text() == (
        "The last 15 s again, at half speed. The session goes on; R returns to it."
    )
    assert view.timeline.isVisible()
    start, end = view.timeline.visible
    assert end - start == pytest.approx(KEPT_S)
    run(again, view, 40, 42)  # the session goes on
    for passed, shown in ((0.0, 25.0), (10.0, 30.0), (29.0, 39.5), (40.0, 30.0)):
        clock.now = 100.0 + passed
        wanted = (f"{shown / 100 + near:.2f}" for near in (-0.001, 0.001))
        either = tuple(wanted)
        qtbot.waitUntil(
            lambda: any(each in view.meters.accessibleDescription() for each in either)  # noqa: B023
        )
    assert view.timeline.visible == (start, end)
    again.end()
    assert not view.timeline.isVisible()
    assert view.timeline.following
    assert again.newest is not None
    assert again.newest.time_s == pytest.approx(41.9)


def test_nothing_more_is_kept_while_it_is_shown(
    qtbot: QtBot, view: SessionView, clock: Clock
) -> None:
    again = InstantReplay(view)
    run(again, view, 0, 20)
    assert again.begin("R")
    kept = {feed: len(moments) for feed, moments in again.moments.items()}
    run(again, view, 20, 60)
    assert {feed: len(moments) for feed, moments in again.moments.items()} == kept
    clock.now += 29.0  # what is shown stays
    qtbot.waitUntil(lambda: "0.19" in view.meters.accessibleDescription())


def test_only_small_images_of_the_last_seconds_are_kept(view: SessionView) -> None:
    again = InstantReplay(view)
    run(again, view, 0, 40)
    kept = [image for moments in again.moments.values() for _, image, _ in moments]
    assert sum(image.nbytes for image in kept if image is not None) < 90e6
    assert {image.shape for image in kept if image is not None} == {(240, 320, 3)}


def test_nothing_is_shown_before_the_first_frame(view: SessionView) -> None:
    again = InstantReplay(view)
    assert not again.begin("R")
    assert view.again_note.isHidden()


def test_frames_are_not_kept_where_only_skeletons_are_shown(view: SessionView) -> None:
    again = InstantReplay(view)
    again.add_frame("a", Update(0.0, "a", Frame(0.0, IMAGE), pose(0.0)), with_image=False)
    assert again.begin("R")
    assert not view.tiles["a"].frame_view.has_frame
