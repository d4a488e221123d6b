"""The posture of a picture, copied by rendered people who do it, and who do not."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest

from mirror.capture import open_pair
from mirror.capture.base import Frame, Source
from mirror.capture.synthetic.demo import LOOKS
from mirror.capture.synthetic.joints import Posture
from mirror.capture.synthetic.postures import POSTURES
from mirror.capture.synthetic.render import render
from mirror.capture.tracker import PoseTracker
from mirror.errors import MirrorError, PracticeError, SourceError
from mirror.estimator.signals import TWO_BODIES
from mirror.landmarks import FEEDS, Landmark
from mirror.practice.exercise import COPIED, Exercise, Round
from mirror.practice.goal import Goal
from mirror.practice.library import find_exercise
from mirror.practice.run import Result
from mirror.session.base import Practising
from mirror.session.start import SessionRequest, start_live
from mirror.session.target import with_target
from mirror.settings import Settings
from mirror.timeline import PostureState
from tests.support.people import pose
from tests.support.performers import SIZE

ARM_OUT = POSTURES[7]  # the right one
HOLD = Goal("posture_match", hold_s=0.6)
SHORT = Exercise("short", "Short", "", tuple(Round(str(k), 2.5, HOLD) for k in range(3)), 0.0, 1.0)


def picture_of(path: Path, *people: Posture) -> str:
    """Write a picture of people side by side, each looking like A."""
    images = [render(LOOKS["a"], each, *SIZE) for each in people]
    cv2.imwrite(str(path), np.concatenate(images, axis=1)[..., ::-1])
    return str(path)


def test_who_copies_the_picture_holds_the_goal(tmp_path: Path) -> None:
    """B stands upright, lifts the wrong arm, then the one that mirrors the picture."""
    picture = picture_of(tmp_path / "pose.png", ARM_OUT)
    a, b = open_pair(picture, "demo:b", loop=True)
    assert isinstance(a, Source)
    with a, b:
        frames = list(islice(a, 3))
    assert [frame.time for frame in frames] == pytest.approx([0.0, 1 / 30, 2 / 30])
    exercise = with_target(SHORT, picture)
    assert exercise.target is not None
    assert np.shape(exercise.to_dict()["target"]) == (33, 4)  # so that a recording has it
    practising = Practising(exercise, Settings(), TWO_BODIES, 0.0)
    results: list[Result] = []
    rate, rows = 5.0, []
    with PoseTracker() as tracker:
        for tick in range(round(3.0 * rate), round(10.5 * rate) + 1):
            time = tick / rate
            did = (Posture(), ARM_OUT, ARM_OUT.mirrored())[min(2, int((time - 3.0) / 2.5))]
            copy = tracker.track(Frame(time, render(LOOKS["b"], did, *SIZE)))
            for feed, seen in (("a", replace(exercise.target, time=time)), ("b", copy)):
                new, ended = practising.push(feed, seen)  # type: ignore[arg-type]
                rows += new
                results += ended
    results += practising.finish(10.5)[1]
    assert [each.success for each in results] == [False, False, True]
    last = rows[-1]
    assert last.posture_match > 0.9
    assert np.isnan(last.chance_posture_match)


def test_missing_camera_is_said_before_the_picture_is_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mirror.session.start.with_target", lambda *_: pytest.fail("too early"))
    request = SessionRequest(a="demo:a", b=str(tmp_path / "none.mp4"), exercise=SHORT)
    with pytest.raises(SourceError, match=r"none\.mp4"):
        start_live(request, print)


@pytest.mark.untraced
def test_part_of_a_picture_is_what_is_shown_and_copied(tmp_path: Path) -> None:
    two = picture_of(tmp_path / "two #1.png", Posture(), ARM_OUT)
    whole = cv2.imread(two)
    assert whole is not None
    cv2.imwrite(str(tmp_path / "one.png"), whole[:, SIZE[0] :][:, ::-1])
    expected = with_target(SHORT, str(tmp_path / "one.png")).target
    part = f"{two}#right&flip"
    found = with_target(SHORT, part)
    assert found.target is not None
    assert expected is not None
    np.testing.assert_array_equal(found.target.landmarks, expected.landmarks)
    a, b = open_pair(part, "demo:b", loop=True)
    assert isinstance(a, Source)
    with a, b:
        frame = a.read()
    assert frame is not None
    np.testing.assert_array_equal(found.image, frame.image)
    assert found.to_dict()["picture"] == "two #1.png#right&flip"
    with pytest.raises(PracticeError, match="#left: no posture"):
        with_target(SHORT, f"{two}#left")


def test_single_frame_after_a_freeze_is_no_held_posture() -> None:
    """B is upright, the feed stops for .9 s, and the next frame shows the posture."""
    raised = {Landmark.LEFT_ELBOW: (0.1, -0.2), Landmark.LEFT_WRIST: (0.2, -0.5)}
    exercise = replace(SHORT.copying("pose.png"), target=pose(0.0, raised))
    practising = Practising(exercise, Settings(mapping="same-side"), TWO_BODIES, 0.0)
    rows = []
    for time in (*np.arange(1, 89) / 30, *np.arange(115, 161) / 30):
        for feed in FEEDS:
            rows += practising.push(feed, pose(float(time), raised if time > 3.0 else {}))[0]
    rows += practising.finish(160 / 30)[0]
    for start, end, is_right in (
        (45, 88, lambda match: match < COPIED),
        (115, 129, np.isnan),  # of less than half a second
        (131, 160, lambda match: match > 0.99),
    ):
        matches = [row.posture_match for row in rows if start <= 30 * row.time_s <= end]
        assert len(matches) > 2
        assert all(map(is_right, matches))


def test_posture_of_who_was_b_before_an_exchange_does_not_count() -> None:
    """In one picture, who copies it is B, then A, and B again; the other one stands upright."""
    raised = {Landmark.LEFT_ELBOW: (0.1, -0.2), Landmark.LEFT_WRIST: (0.2, -0.5)}
    exercise = replace(SHORT.copying("pose.png"), target=pose(0.0, raised))
    practising = Practising(exercise, Settings(mapping="same-side"), TWO_BODIES, 0.0)
    rows = []
    for frame in range(1, 181):
        copies = "a" if 60 <= frame < 120 else "b"
        for feed in FEEDS:
            seen = pose(frame / 30, raised if feed == copies else {})
            seen = replace(seen, exchanged=frame in (60, 120))
            rows += practising.push(feed, seen)[0]
    for start, end, is_right in (
        (30, 59, lambda match: match > 0.99),
        (60, 74, np.isnan),  # of less than half a second
        (77, 119, lambda match: match < COPIED),
        (120, 134, np.isnan),
        (137, 175, lambda match: match > 0.99),
    ):
        found = [row for row in rows if start - 0.1 <= 30 * row.time_s <= end + 0.1]
        assert len(found) > 2
        assert all(is_right(row.posture_match) for row in found)
    states = {row.posture_state for row in rows if 60 <= round(30 * row.time_s) <= 74}
    assert states == {PostureState.UNSURE}


@pytest.mark.untraced
def test_nobody_there_has_no_score(tmp_path: Path) -> None:
    exercise = with_target(SHORT, picture_of(tmp_path / "pose.png", ARM_OUT))
    assert exercise.target is not None
    practising = Practising(exercise, Settings(), TWO_BODIES, 0.0)
    for tick in range(20, 56):
        seen = replace(exercise.target, time=tick / 10)
        practising.push("a", seen)
        practising.push("b", replace(seen, landmarks=None, world=None))
    assert practising.finish(5.6)[1][0].success is None


@pytest.mark.parametrize(
    ("people", "message"),
    [
        ((Posture(),), "pose.png: no posture to copy is seen in it; show head"),
        ((ARM_OUT, ARM_OUT), "pose.png: more than one person is in it; crop it to one"),
        ((), "pose.png: nobody is found in it"),
        (None, "pose.png cannot be read as a picture; choose another"),
    ],
)
def test_unfit_picture_is_refused_in_one_line(
    tmp_path: Path, people: tuple[Posture, ...] | None, message: str
) -> None:
    path = tmp_path / "pose.png"
    if people:
        picture_of(path, *people)
    elif people is not None:
        cv2.imwrite(str(path), np.zeros((480, 640, 3), np.uint8))
    else:
        path.write_text("not a picture")
    with pytest.raises(MirrorError) as caught:
        with_target(find_exercise("copy-the-pose").copying(str(path)), "0")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_other_exercises_take_no_posture_from_a_picture() -> None:
    for name in ("be-my-mirror", "take-over"):
        assert with_target(find_exercise(name), "pose.png").target is None
    with pytest.raises(PracticeError, match="posture-match"):
        find_exercise("take-over").copying("pose.png")
