from __future__ import annotations

import gc
import weakref
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray
from PyQt6.QtCore import QPoint, QPointF, QRect, QRectF, QSizeF, Qt
from PyQt6.QtGui import QImage, QPainter
from PyQt6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from mirror.capture.base import REPEATED, Source
from mirror.estimator.movement import JOINTS
from mirror.landmarks import Landmark, Pose
from mirror.session.feeds import AT_ITS_END, FeedState, FeedStatus
from mirror.skeleton import WHOLE_FRAME, Extent, find_extent
from mirror.wording import CAMERA_MOVES
from tests.support.people import empty_pose, landmarks, pose, skeleton_shades
from ui.shell.theme import theme
from ui.widgets.feed import FeedTile
from ui.widgets.frame_view import NO_DATA, NO_FRAME, NO_PERSON, SERIES, FrameView
from ui.widgets.labels import ElidedLabel

Pixels = NDArray[np.uint8]
Grab = Callable[[QWidget], Pixels]
FindColour = Callable[[Pixels, str], NDArray[np.bool_]]

RED = "#c81e14"
WELL = FeedStatus("demo:a", 100, 3, True, 93, 29.7, None)


def red(width: int, height: int) -> Pixels:
    image = np.empty((height, width, 3), np.uint8)
    image[:] = (0xC8, 0x1E, 0x14)
    return image


@pytest.fixture
def tile(qtbot: QtBot) -> FeedTile:
    widget = FeedTile()
    qtbot.addWidget(widget)
    widget.resize(420, 400)
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


def where(mask: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """Return left, top, width and height of a mask."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return (
        int(columns[0]),
        int(rows[0]),
        int(columns[-1] - columns[0] + 1),
        int(rows[-1] - rows[0] + 1),
    )


def canvas(tile: FeedTile) -> QRect:
    found = tile.findChild(FrameView)
    assert found is not None
    return found.geometry()


@pytest.mark.parametrize(("width", "height"), [(640, 480), (1280, 720), (90, 160), (33, 21)])
def test_frame_keeps_aspect_ratio_and_is_centred(
    tile: FeedTile, grab: Grab, find_colour: FindColour, width: int, height: int
) -> None:
    tile.show_frame(red(width, height), None)
    left, top, wide, high = where(find_colour(grab(tile), RED))
    assert wide / high == pytest.approx(width / height, rel=0.02)
    room = canvas(tile)
    assert left + wide / 2 == pytest.approx(room.x() + room.width() / 2, abs=1.5)
    assert top + high / 2 == pytest.approx(room.y() + room.height() / 2, abs=1.5)
    assert max(wide / room.width(), high / room.height()) > 0.98


def test_frame_grows_with_tile(tile: FeedTile, grab: Grab, find_colour: FindColour) -> None:
    tile.show_frame(red(640, 480), None)
    before = where(find_colour(grab(tile), RED))
    tile.resize(840, 800)
    after = where(find_colour(grab(tile), RED))
    assert after[2] > 1.9 * before[2]


def test_shows_colours_at_their_places(tile: FeedTile, grab: Grab) -> None:
    image = np.zeros((40, 60, 3), np.uint8)
    image[:20, :30], image[:20, 30:] = (255, 0, 0), (0, 255, 0)
    image[20:, :30], image[20:, 30:] = (0, 0, 255), (255, 255, 0)
    tile.show_frame(image, None)
    seen, room = grab(tile), canvas(tile)
    x, y = room.center().x(), room.center().y()
    assert tuple(seen[y - 40, x - 60]) == (255, 0, 0)
    assert tuple(seen[y - 40, x + 60]) == (0, 255, 0)
    assert tuple(seen[y + 40, x - 60]) == (0, 0, 255)
    assert tuple(seen[y + 40, x + 60]) == (255, 255, 0)


def test_shows_view_of_larger_array(tile: FeedTile, grab: Grab, find_colour: FindColour) -> None:
    room = np.zeros((48, 128, 3), np.uint8)
    room[:, :64] = (0xC8, 0x1E, 0x14)
    tile.show_frame(room[:, :64], None)
    mask = find_colour(grab(tile), RED)
    left, top, wide, high = where(mask)
    assert mask[top : top + high, left : left + wide].all()


def test_shows_newest_frame(tile: FeedTile, grab: Grab, find_colour: FindColour) -> None:
    tile.show_frame(red(64, 48), None)
    assert find_colour(grab(tile), RED).any()
    tile.show_frame(np.zeros((48, 64, 3), np.uint8), None)
    seen = grab(tile)
    assert not find_colour(seen, RED).any()
    assert find_colour(seen, "#000000").mean() > 0.5


def test_skeleton_is_over_the_frame(tile: FeedTile, grab: Grab, find_colour: FindColour) -> None:
    image = red(640, 480)
    tile.show_frame(image, pose(0.0))
    seen = grab(tile)
    _, right, left = (find_colour(seen, each) for each in skeleton_shades(theme().palette.person_a))
    assert find_colour(seen, RED).any()
    # A person who faces the camera has the left side on the right of the frame.
    middle = canvas(tile).center().x()
    assert left[:, middle:].sum() > 5 * left[:, :middle].sum()
    assert right[:, :middle].sum() > 5 * right[:, middle:].sum()


def test_each_person_has_a_colour(qtbot: QtBot, grab: Grab, find_colour: FindColour) -> None:
    tile = FeedTile(feed="b")
    qtbot.addWidget(tile)
    tile.resize(420, 400)
    tile.show_frame(None, pose(0.0))
    seen = grab(tile)
    assert find_colour(seen, theme().palette.person_b).any()
    assert not find_colour(seen, theme().palette.person_a).any()


def test_skeleton_only_shows_and_keeps_no_frame(
    tile: FeedTile, grab: Grab, find_colour: FindColour
) -> None:
    tile.show_frame(red(640, 480), pose(0.0))
    assert tile.frame_view.has_frame
    tile.set_skeleton_only(True)
    assert not tile.frame_view.has_frame
    seen = grab(tile)
    assert not find_colour(seen, RED).any()
    assert find_colour(seen, skeleton_shades(theme().palette.person_a)[2]).any()
    tile.show_frame(red(640, 480), pose(0.1))
    assert not tile.frame_view.has_frame
    assert not find_colour(grab(tile), RED).any()
    tile.set_skeleton_only(False)
    assert not find_colour(grab(tile), RED).any()
    tile.show_frame(red(640, 480), pose(0.2))
    assert find_colour(grab(tile), RED).any()


def test_extent_fills_the_view_without_a_frame(
    tile: FeedTile, grab: Grab, find_colour: FindColour
) -> None:
    shade = skeleton_shades(theme().palette.person_a)[2]
    marks = landmarks(pose(0.0)).copy()
    marks[:, :2] = 0.5 + 0.4 * (marks[:, :2] - 0.5)
    far = Pose(0.0, marks, None, 640, 480)
    tile.frame_view.set_extent(find_extent([far]))
    tile.show_frame(red(640, 480), far)
    small = where(find_colour(grab(tile), shade))[3]
    tile.show_frame(None, far)
    assert where(find_colour(grab(tile), shade))[3] > 1.8 * small


def test_skeleton_only_holds_no_reference_to_frame(tile: FeedTile) -> None:

    class Watched(np.ndarray):  # a plain array takes no weak reference to it
        pass

    tile.set_skeleton_only(True)
    image = red(64, 48).view(Watched)
    gone = weakref.ref(image)
    tile.show_frame(image, pose(0.0))
    del image
    gc.collect()
    assert gone() is None
    widget = tile.findChild(FrameView)
    assert widget is not None
    assert all(each.isNull() for each in vars(widget).values() if isinstance(each, QImage))


def test_skeleton_only_shows_missing_person(tile: FeedTile) -> None:
    tile.set_skeleton_only(True)
    tile.show_frame(red(64, 48), empty_pose(0.0))
    assert tile.message == NO_PERSON
    tile.show_frame(red(64, 48), pose(0.1))
    assert tile.message == ""


def test_skeleton_without_frame_keeps_aspect_ratio(
    tile: FeedTile, grab: Grab, find_colour: FindColour
) -> None:
    shapes = []
    for size in ((640, 480), (480, 640)):
        tile.show_frame(None, pose(0.0, size=size))
        _, _, wide, high = where(
            find_colour(grab(tile), skeleton_shades(theme().palette.person_a)[2])
        )
        shapes.append(wide / high)
    assert shapes[0] / shapes[1] == pytest.approx((640 / 480) ** 2, rel=0.15)


@pytest.mark.parametrize(
    ("seen", "words"), [(None, NO_DATA), (empty_pose(0.0), NO_PERSON), (pose(0.0), "")]
)
def test_shows_why_there_is_no_skeleton(tile: FeedTile, seen: Pose | None, words: str) -> None:
    tile.show_frame(None, seen)
    assert tile.message == words
    assert tile.accessibleDescription() == words


def test_message_replaces_frame(tile: FeedTile, grab: Grab, find_colour: FindColour) -> None:
    assert tile.message == NO_FRAME
    tile.show_frame(red(64, 48), pose(0.0))
    tile.show_message("Opening the camera …")
    assert tile.message == "Opening the camera …"
    assert tile.accessibleDescription() == "Opening the camera …"
    assert not tile.frame_view.has_frame
    seen = grab(tile)
    assert not find_colour(seen, RED).any()
    assert find_colour(seen, theme().palette.dim_text).any()
    tile.show_frame(red(64, 48), pose(0.1))
    assert tile.message == ""


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (WELL, ("Seen", "100\u00a0% of the body", "30 fps", "3 dropped")),
        (replace(WELL, repeated=40), ("3 dropped · 40 repeats left out",)),
        (replace(WELL, found=False), (NO_PERSON,)),
        (replace(WELL, found=False, ended=AT_ITS_END), ("At its end",)),
        (replace(WELL, found=False, ended="camera 0 was unplugged"), ("Lost",)),
        (
            replace(WELL, found=False, trouble="unplugged; waiting for it", silent=True),
            ("No frames",),
        ),
        (replace(WELL, trouble="12 instead of 30 frames/s"), ("Slow",)),
        (replace(WELL, trouble="windows cover it", disturbed=True), ("Problem",)),
        (replace(WELL, frames=0, found_frames=0, rate=0.0), ("– of the body", "0 fps")),
    ],
)
def test_shows_and_announces_status(
    tile: FeedTile, status: FeedStatus, words: tuple[str, ...]
) -> None:
    tile.show_frame(red(64, 48), pose(0.0))
    tile.show_status(status)
    written = " ".join(label.text() for label in tile.findChildren(QLabel) if label.isVisible())
    for word in words:
        assert word in written
        assert word in tile.status_text
        assert word in tile.accessibleDescription()


def test_lost_feed_shows_reason_over_last_frame(
    tile: FeedTile, grab: Grab, find_colour: FindColour
) -> None:
    why = "camera 0 sends no more frames; plug it in again"
    tile.show_frame(red(640, 480), pose(0.0))
    whole = find_colour(grab(tile), RED).sum()
    tile.show_status(replace(WELL, ended=why))
    assert tile.message == why
    assert why in tile.accessibleDescription()
    rest = find_colour(grab(tile), RED).sum()
    assert 0.3 * whole < rest < 0.95 * whole
    tile.show_message("Opening camera 0 again …")
    assert tile.message == "Opening camera 0 again …"
    tile.show_frame(red(640, 480), pose(1.0))
    tile.show_status(WELL)
    assert tile.message == ""


def test_trouble_is_shown_until_it_ends(
    tile: FeedTile, grab: Grab, find_colour: FindColour
) -> None:
    tile.show_frame(red(640, 480), pose(0.0))
    tile.show_status(WELL)
    whole = find_colour(grab(tile), RED).sum()
    tile.show_status(replace(WELL, found=False, trouble="no frames for 4 s", silent=True))
    assert tile.message == "No frames for 4 s"
    assert "No frames for 4 s" in tile.accessibleDescription()
    assert 0.3 * whole < find_colour(grab(tile), RED).sum() < 0.95 * whole
    assert find_colour(grab(tile), theme().palette.warning).any()
    tile.show_status(WELL)
    assert tile.message == ""
    assert find_colour(grab(tile), RED).sum() == whole


def test_share_of_the_body_is_written(tile: FeedTile) -> None:
    # of 25 channels: torso 3; with the head 9
    seen = dict.fromkeys(JOINTS, 0.0)
    for marks, share in (
        ((Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER), "12\u00a0%"),
        ((Landmark.NOSE, Landmark.LEFT_EAR, Landmark.RIGHT_EAR), "36\u00a0%"),
    ):
        seen |= dict.fromkeys(marks, 1.0)
        tile.clear()
        tile.show_frame(None, pose(0.0, visibility=seen))
        tile.show_status(WELL)
        assert f"{share} of the body" in tile.status_text
    tips = " ".join(label.toolTip() for label in tile.findChildren(QLabel))
    assert "93\u00a0% of the frames" in tips


def test_figure_shows_what_is_seen_while_the_session_runs(tile: FeedTile) -> None:
    tile.show_frame(red(640, 480), pose(0.0))
    assert not tile.figure.isVisible()
    tile.show_status(WELL)
    assert tile.figure.isVisible()
    assert tile.figure.accessibleDescription() == "100\u00a0% of the body seen"
    for status in (replace(WELL, series=True), replace(WELL, ended=AT_ITS_END)):
        tile.show_status(status)
        assert not tile.figure.isVisible()


def test_instruction_is_shown_once_it_lasts(
    tile: FeedTile, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr("ui.widgets.feed.steady_clock.now", lambda: now)
    hands = dict.fromkeys((Landmark.LEFT_WRIST, Landmark.RIGHT_WRIST), 0.0)
    tile.show_frame(red(640, 480), pose(0.0, visibility=hands))
    tile.show_status(WELL)
    assert tile.message == ""
    now = 3.5
    tile.show_status(WELL)
    assert tile.message == "The hands are hidden"
    tile.show_status(replace(WELL, trouble="12 instead of 30 frames/s"))
    assert tile.message == "12 instead of 30 frames/s"  # first
    tile.show_frame(red(640, 480), pose(5.0))
    tile.show_status(WELL)
    assert tile.message == ""


class Call(Source):
    """A live source without frames of its own, that counts repeated ones."""

    text, live, rate, duration = "screen:1", True, None, None
    repeated = 0

    @property
    def counts(self) -> Counter[str]:
        return Counter({REPEATED: self.repeated})

    def read(self) -> None: ...

    def close(self) -> None: ...


@pytest.mark.parametrize(
    ("rates", "why"),
    [
        ((28, 8), "the call sends no more"),  # well for long, then it freezes
        ((2, 8), "the call sends no more"),
        ((2, 28), ""),  # it froze for long, and recovers
    ],
)
def test_call_that_repeats_its_frames_is_told_by_the_last_seconds(
    tile: FeedTile, monkeypatch: pytest.MonkeyPatch, rates: tuple[int, int], why: str
) -> None:
    source, now = Call(), 0.0
    monkeypatch.setattr("ui.widgets.feed.steady_clock.now", lambda: now)
    state = FeedState(source)
    for new, seconds in zip(rates, (60, 7), strict=True):  # of 30 looks a second at the screen
        for number in range(30 * seconds):
            now += 1 / 30
            if number * new // 30 == (number + 1) * new // 30:
                source.repeated += 1
                continue
            state.count(pose(now), now)
            if now > 60:
                tile.show_frame(None, pose(now))
                tile.show_status(state.status(now))
    assert tile.message == (f"Only 8 frames a second: {why}" if why else "")


def test_slow_computer_is_not_the_call(tile: FeedTile, monkeypatch: pytest.MonkeyPatch) -> None:
    source, now = Call(), 0.0
    source.repeated = 1000  # a call that froze at first
    monkeypatch.setattr("ui.widgets.feed.steady_clock.now", lambda: now)
    state = FeedState(source)
    for number in range(60):
        now = number / 8
        state.count(pose(now), now)
        tile.show_frame(None, pose(now))
        tile.show_status(state.status(now))
    assert tile.message == "Only 8 frames a second: close other programs, or add light"


def test_no_status_takes_no_space(qtbot: QtBot, tile: FeedTile) -> None:
    tile.show_status(WELL)
    before = canvas(tile).height()
    tile.show_status(None)
    assert tile.status_text == ""
    qtbot.waitUntil(lambda: canvas(tile).height() > before, timeout=10_000)


def test_long_name_is_elided_but_accessible(tile: FeedTile) -> None:
    name = "A participant with a very long name " * 4
    tile.set_name(name)
    tile.show_status(WELL)
    tile.resize(220, 240)
    tile.grab()
    assert tile.width() == 220
    assert any(label.shown_text.endswith("…") for label in tile.findChildren(ElidedLabel))
    assert name in tile.accessibleName()


def test_clear_removes_everything(tile: FeedTile) -> None:
    tile.show_frame(red(64, 48), pose(0.0))
    tile.show_status(replace(WELL, ended="gone"))
    tile.clear()
    assert not tile.frame_view.has_frame
    assert tile.message == NO_FRAME
    assert tile.status_text == ""


def test_follows_theme(tile: FeedTile, grab: Grab, find_colour: FindColour) -> None:
    tile.show_frame(None, empty_pose(0.0))
    for choice in ("dark", "light"):
        theme().choose(choice)
        seen, palette = grab(tile), theme().palette
        assert find_colour(seen, palette.surface).mean() > 0.5
        assert find_colour(seen, palette.dim_text).any()


def test_camera_that_moves_is_a_trouble_with_frames(tile: FeedTile) -> None:
    tile.show_status(replace(WELL, trouble=CAMERA_MOVES))
    assert tile.status_text.startswith("▲ Camera moves")


def test_plain_series_has_values_without_frames(tile: FeedTile) -> None:
    tile.show_frame(None, Pose(0.0, None, None, 1, 1, np.array([1.0])))
    belt = FeedStatus("lsl:belt", 100, 0, True, 93, 500.0, None, series=True)
    tile.show_status(belt)
    assert (tile.message, tile.status_text) == (
        SERIES,
        "● Measured, 93\u00a0% measured, 500 samples/s · 0 dropped",
    )
    tile.show_frame(None, Pose(0.1, None, None, 1, 1))  # a sample that holds nothing
    tile.show_status(replace(belt, found=False))
    assert tile.message == SERIES
    assert tile.status_text.startswith("○ No values")
    tile.show_status(replace(belt, trouble="lsl:belt has sent nothing for 3 s", silent=True))
    assert tile.status_text.startswith("▲ No samples")
    tile.show_status(WELL)
    tile.show_frame(None, pose(0.2))  # another session: a body
    tile.show_frame(None, empty_pose(0.3))
    assert tile.message == NO_PERSON


def test_only_left_clicks_within_the_frame_ask_who_it_is(qtbot: QtBot, tile: FeedTile) -> None:
    tile.frame_view.set_tag("Anna")
    tile.show_frame(red(640, 100), pose(0.0))
    tile.grab()
    frame, asked = tile.frame_view, []
    tile.clicked.connect(lambda x, y: asked.append((x, y)))
    for button in (Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton):
        qtbot.mouseClick(frame, button)
    qtbot.mouseClick(frame, Qt.MouseButton.LeftButton, pos=QPoint(frame.width() // 2, 20))  # above
    assert not asked
    qtbot.mouseClick(frame, Qt.MouseButton.LeftButton)
    assert asked == [(pytest.approx(320, abs=4), pytest.approx(50, abs=4))]


@pytest.mark.parametrize(
    "extent", [None, Extent(-0.5, -0.5, -0.05, -0.1), Extent(1.1, 0, 1.5, 1), Extent(0, -1, 1, 0)]
)
def test_name_tag_lies_within_the_tile(
    tile: FeedTile, monkeypatch: pytest.MonkeyPatch, extent: Extent | None
) -> None:
    tags: list[QRectF] = []

    def note(_painter: QPainter, corner: QPointF, width: float, _name: str, _colour: str) -> None:
        tags.append(QRectF(corner, QSizeF(width, 20)))

    monkeypatch.setattr("ui.widgets.frame_view.paint_tag", note)
    tile.frame_view.set_tag("Somebody with a long name")
    tile.frame_view.set_extent(extent or WHOLE_FRAME)
    for across, down in product((-0.9, 0.0, 0.9), (-0.8, 0.0, 0.9)):
        marks = landmarks(pose(0.0)).copy()
        marks[:, :2] += (across, down)
        tile.show_frame(None if extent else red(640, 480), Pose(0.0, marks, None, 640, 480))
        tags.clear()
        tile.frame_view.grab()
        assert tags
        assert tags[-1].width() > 60
        assert QRectF(tile.frame_view.rect()).contains(tags[-1])


def test_name_that_has_room_is_written_whole(
    tile: FeedTile, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts: list[str] = []
    monkeypatch.setattr("ui.widgets.painting.draw_text", lambda *args: texts.append(args[-1]))
    tile.show_frame(red(640, 480), pose(0.0))
    for size in (8, 9, 10, 11, 12):  # of which fractions of a pixel differ
        font = tile.frame_view.font()
        font.setPointSizeF(size)
        tile.frame_view.setFont(font)
        for name in ("Ben", "Anna", "Ben?", "Mia", "Iris", "William"):
            tile.frame_view.set_tag(name)
            texts.clear()
            tile.frame_view.grab()
            assert texts == [name]
