"""What a trainer sees beside the scores of the engine: CPU time, and how postures are copied."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from itertools import count, cycle
from pathlib import Path

import numpy as np
from PyQt6.QtCore import QEventLoop, QTimer

from benchmarks.people import script_ticks
from benchmarks.plan import Plan, log
from benchmarks.repaint import scored_rows
from benchmarks.sessions import temporary_folder
from benchmarks.tables import Table, load
from benchmarks.timed_window import TimedWindow, application, preferences, screen
from mirror.capture.synthetic.demo import LOOKS, demo_source
from mirror.capture.synthetic.joints import Posture, joints
from mirror.capture.synthetic.postures import POSTURES
from mirror.capture.synthetic.render import render
from mirror.capture.tracker import Landmarker
from mirror.estimator.posture import copied, deviations
from mirror.landmarks import FEEDS, Landmark, Pose
from mirror.practice.exercise import COPIED
from mirror.session.base import Update
from ui.session.page import SessionPage
from ui.shell.shortcuts import Keys
from ui.start.panels import View
from ui.start.placement import PlacementView
from ui.widgets.meters import METERS

_TIMES = 300
_COPIES = 10  # of each posture, by people of other builds
_OFF = 0.12  # how far their hands are off, shoulder widths
_BUILD = 0.06  # standard deviation of the lengths of their arms, trunk and head, of the usual ones
_ROLL_DEG = 2.0  # standard deviation of the roll of their cameras
_JITTER = 0.01  # of each coordinate of a landmark, shoulder widths
_SIZE = (640, 480)
_SIDED = 24  # of the postures, the first ones have a side
_HEAD = tuple(mark for mark in Landmark if mark < Landmark.LEFT_SHOULDER)
_LEGS = tuple(mark for mark in Landmark if mark >= Landmark.LEFT_HIP)
_ARMS = tuple(
    (Landmark[f"{side}_SHOULDER"], [Landmark[f"{side}_{end}"] for end in ("ELBOW", "WRIST")])
    for side in ("LEFT", "RIGHT")
)
_ROWS_A_SECOND, _FRAMES_A_SECOND, _STATUS_A_SECOND = 10, 60, 8  # of both feeds


def measure(plan: Plan) -> list[Table]:
    """Measure the share of a core that each takes, and the matches of copied postures."""
    shown = application()
    with temporary_folder() as folder:
        rows = (*_session(folder), *_start_page(plan.window_seconds * 2))
    shown.quit()
    note = (
        f"CPU time of the process. In a session: of {_TIMES} calls, times how many there are in a "
        f"second; on the start page: of the placement check alone, with frames of one person, or "
        f"of two, in each of two feeds. {screen()}. {load()}."
    )
    beside = Table("Beside the scores", ("what", "ms a call", "% of a core"), rows, note)
    return [beside, _copied_landmarks(), _copied_frames()]


def _copied_landmarks() -> Table:
    """Return how often simulated people of other builds hold a goal, by what they copy."""
    log("coaching: copied postures, of landmarks")
    rng = np.random.default_rng(1)
    targets = [deviations([_simulated(each, rng)], mirrored=False) for each in POSTURES]
    fit = [k for k, each in enumerate(targets) if not np.isnan(copied(each, each))]
    held = np.zeros((len(fit), len(POSTURES)))
    for asked, target in enumerate(fit):
        for done, posture in enumerate(POSTURES):
            for _ in range(_COPIES):
                poses = _copier(posture.mirrored(), rng)
                match = copied(targets[target], deviations(poses, mirrored=True))
                held[asked, done] += match > COPIED
    held /= _COPIES
    is_same = np.arange(len(POSTURES)) == np.array(fit)[:, None]
    often = [(fit[k], done) for k, done in np.argwhere((held > 0.5) & ~is_same).tolist()]
    rows = (
        ("the posture", str(is_same.sum()), f"{100 * held[is_same].mean():.1f}"),
        ("another posture", str((~is_same).sum()), f"{100 * held[~is_same].mean():.1f}"),
    )
    note = (
        f"{len(fit)} of {len(POSTURES)} postures can be targets; each copied {_COPIES} times with "
        f"the hands {_OFF:g} shoulder widths off, in any direction, by people whose arms, trunk "
        f"and head are longer or shorter by {_BUILD:.0%} (standard deviation), with cameras rolled "
        f"by {_ROLL_DEG:g}° (likewise). Others that are above it more often than not, by "
        "their numbers in POSTURES: " + ", ".join(f"{done} for {asked}" for asked, done in often)
    )
    return Table(
        "Copied postures, of landmarks", ("who does", "pairs", f"% > {COPIED}"), rows, note
    )


def _copied_frames() -> Table:
    """Return the matches of rendered people who copy a rendered picture, or its mirror image."""
    log("coaching: copied postures, of frames")
    rows: list[tuple[str, ...]] = []
    refused: list[str] = []
    with Landmarker(people=1) as finder:

        def seen(feed: str, posture: Posture) -> Pose | None:
            found = finder.find(render(LOOKS[feed], posture, *_SIZE))  # type: ignore[index]
            return Pose(0.0, *found[0], *_SIZE) if found else None

        for number, posture in enumerate(POSTURES):
            picture = seen("a", posture)
            target = None if picture is None else deviations([picture], mirrored=False)
            if target is None or np.isnan(copied(target, target)):
                refused.append(str(number))
                continue
            matches = []
            has_side = number < _SIDED
            for did in (posture.mirrored(), *[posture] * has_side):
                pose = seen("b", did)
                match = (
                    np.nan if pose is None else copied(target, deviations([pose], mirrored=True))
                )
                matches.append("–" if np.isnan(match) else f"{match:.2f}")
            rows.append((str(number), *matches, *["–"] * (not has_side)))
    note = f"MediaPipe's landmarks of single frames. Refused as pictures: {', '.join(refused)}."
    return Table(
        "Copied postures, of frames", ("posture", "copied", "mirror image"), tuple(rows), note
    )


def _simulated(posture: Posture, rng: np.random.Generator, *, is_usual: bool = True) -> Pose:
    """Return the pose of a person of the usual build, or of another."""
    places = np.zeros((len(Landmark), 2))
    for mark, place in joints(LOOKS["a"], posture, *_SIZE).items():
        places[mark] = place
    shoulders = places[[Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER]]
    middle, unit = shoulders.mean(axis=0), float(np.hypot(*(shoulders[0] - shoulders[1])))
    places -= middle
    if not is_usual:
        arms, trunk, head = 1.0 + _BUILD * rng.normal(size=3)
        for shoulder, ends in _ARMS:
            places[ends] = places[shoulder] + arms * (places[ends] - places[shoulder])
        places[list(_LEGS), 1] *= trunk
        places[list(_HEAD)] *= head
        roll = np.radians(_ROLL_DEG * rng.normal())
        places @= np.array([[np.cos(roll), np.sin(roll)], [-np.sin(roll), np.cos(roll)]])
    places += middle + _JITTER * unit * rng.normal(size=places.shape)
    marks = np.ones((len(Landmark), 4), np.float32)
    marks[:, :2] = places / _SIZE
    return Pose(0.0, marks, None, *_SIZE)


def _copier(posture: Posture, rng: np.random.Generator) -> list[Pose]:
    """Return a pose of somebody of another build, with the hands off."""
    turns = rng.uniform(0.0, 2.0 * np.pi, 2)
    (left, right) = (
        (x + _OFF * float(np.cos(turn)), y + _OFF * float(np.sin(turn)))
        for (x, y), turn in zip((posture.left, posture.right), turns, strict=True)
    )
    return [_simulated(replace(posture, left=left, right=right), rng, is_usual=False)]


def _session(folder: Path) -> list[tuple[str, ...]]:
    chosen = preferences(folder)
    page = SessionPage(chosen, Keys(chosen))
    window = TimedWindow(page)
    meters, tile = page.view.meters, page.view.tiles["a"]
    new = scored_rows()
    ticks = script_ticks(30)
    with demo_source("a") as source:
        frames = [frame for frame, _ in zip(source, ticks, strict=False)]
    page.poller.frame.emit("a", Update(0.0, "a", frames[0], ticks[0].a))  # shows the session

    def paint_meters() -> None:
        meters.show_score(next(new))
        meters.repaint()

    moments = cycle(list(zip(frames, ticks, strict=True)))

    def take_pose() -> None:
        frame, tick = next(moments)
        tile._check.add(tick.a, frame.image)  # noqa: SLF001  without painting the frame

    def check() -> None:
        tile.figure.show_placement(tile._check.check(30.0))  # noqa: SLF001
        tile.figure.repaint()

    found = {}
    for name, kinds in (("both", tuple(METERS)[:2]), ("all", tuple(METERS))):
        meters.show_kinds(*kinds)
        found[name] = _milliseconds(paint_meters)
    more = found["all"] - found["both"]
    adding, checking = _milliseconds(take_pose), _milliseconds(check)
    window.remove()
    return [
        _row("third and posture meter, a new row", more, _ROWS_A_SECOND),
        _row("placement in a session, a pose", adding, _FRAMES_A_SECOND),
        _row("placement in a session, a check with its figure", checking, _STATUS_A_SECOND),
    ]


def _start_page(seconds: float) -> list[tuple[str, ...]]:
    images = []
    for feed in FEEDS:
        with demo_source(feed) as source:
            frame = source.read()
            assert frame is not None
            images.append(frame.image)
    side_by_side = np.concatenate(images, axis=1)
    rows: list[tuple[str, ...]] = []
    for name, seen in (("one person", images), ("two people", [side_by_side] * 2)):
        log(f"coaching: {seconds:.0f} s of the start page's check, {name}")
        numbers = count(1)

        def views(seen: list[np.ndarray] = seen, numbers: count[int] = numbers) -> tuple[View, ...]:
            number = next(numbers)
            return tuple(View(image, number) for image in seen)

        view = PlacementView(views, lambda: "mirror")  # type: ignore[arg-type]
        view.start()
        _wait(5.0)  # until the networks are loaded
        used = time.process_time()
        _wait(seconds)
        share = (time.process_time() - used) / seconds
        view.stop()
        rows.append((f"placement on the start page, {name}", "", f"{100 * share:.1f}"))
    return rows


def _milliseconds(act: Callable[[], None]) -> float:
    act()
    began = time.process_time()
    for _ in range(_TIMES):
        act()
    return 1e3 * (time.process_time() - began) / _TIMES


def _row(name: str, milliseconds: float, a_second: float) -> tuple[str, ...]:
    return name, f"{milliseconds:.3f}", f"{0.1 * milliseconds * a_second:.2f}"


def _wait(seconds: float) -> None:
    loop = QEventLoop()
    QTimer.singleShot(round(1e3 * seconds), loop.quit)
    loop.exec()
