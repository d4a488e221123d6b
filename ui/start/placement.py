"""The placement check of the start page: what is seen of both people before a session starts."""

import math
import time
from collections.abc import Callable
from contextlib import closing
from typing import Final

from PyQt6.QtWidgets import QGridLayout, QWidget

from mirror._support import steady_clock
from mirror._support.threads import Latest, run_in_thread
from mirror.capture.pose_model import find_model
from mirror.capture.tracker import Landmarker, Landmarks
from mirror.errors import MirrorError
from mirror.landmarks import FEEDS, Feed, Pose
from mirror.session.placement import Placement, PlacementCheck, counting_regions, describe_regions
from ui.start.panels import View
from ui.widgets.body_figure import BodyFigure
from ui.widgets.build import button, horizontal, known, timer
from ui.widgets.labels import ElidedLabel, WrappedLabel

Views = Callable[[], tuple[View | None, View | None]]

_INTERVAL_MS: Final = 1000  # between searches of a frame, of the two in turn, at least
_SHARE: Final = 0.025  # of a core that searching takes: the slower it is, the less often
_LONGEST_S: Final = 5.0  # between two searches, however busy the machine is

_HALVES: Final = "Without hips in the frame, landmarks are steadier in fixed halves"


def make_finder() -> Landmarker | None:
    """Return what finds up to two people; None without a pose model, which a session fetches."""
    try:
        return None if find_model() is None else Landmarker(people=2)
    except MirrorError:  # the session's start says so
        return None


class PlacementTracker:
    """Finds people in frames on a thread; of those asked for meanwhile, only the newest.

    Attributes cross between the threads without a lock: they are written by the thread only.
    """

    def __init__(self) -> None:
        self.placements: dict[Feed, Placement] = {}
        self.due = -math.inf  # when the next search may begin, s on the steady clock
        self._requests: Latest[tuple[dict[Feed, View], float]] = Latest()
        run_in_thread(self._run, "placement check")

    def ask(self, views: dict[Feed, View], rate: float) -> None:
        """Search a feed's newest frame, or the one that both feeds share, at a rate of frames."""
        self._requests.put((views, rate))

    def stop(self) -> None:
        """Let the thread end after the frame it is at."""
        self._requests.close()

    def _run(self) -> None:
        if (finder := make_finder()) is None:
            return
        checks = {feed: PlacementCheck() for feed in FEEDS}
        with closing(finder):
            while (request := self._requests.take()) is not None:
                start = time.process_time()  # the model works on threads of its own
                views, rate = request
                image = next(iter(views.values())).image
                people = [landmarks for landmarks, _ in finder.find(image)]
                tall, wide = image.shape[:2]
                for feed, view in views.items():
                    pose = Pose(steady_clock.now(), _on_side(people, view.side), None, wide, tall)
                    checks[feed].add(pose, image)
                    crowded = view.side is None and len(people) > 1
                    self.placements[feed] = checks[feed].check(rate, crowded=crowded)
                spent = time.process_time() - start
                self.due = steady_clock.now() + min(spent / _SHARE, _LONGEST_S)


def _on_side(people: list[Landmarks], side: int | None) -> Landmarks | None:
    """Return the left or the right one of two people; of one, the half of the frame decides."""
    if side is not None:
        people = sorted(people, key=lambda marks: float(marks[:, 0].mean()))
        if len(people) < 2:
            people = [marks for marks in people if (marks[:, 0].mean() > 0.5) == bool(side)]
    return people[-(side or 0)] if people else None


class PlacementView(QWidget):
    """Both people's figures with one instruction each, and which regions will count.

    `views` returns what is seen of A and of B, `mapping` that of the next session.
    """

    def __init__(
        self, views: Views, mapping: Callable[[], str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._views, self._mapping = views, mapping
        self._tracker: PlacementTracker | None = None
        self._turn = 0
        self._asked: dict[Feed, tuple[float, View]] = {}
        self.figures = {feed: BodyFigure(self) for feed in FEEDS}
        self.texts = {feed: WrappedLabel(parent=self) for feed in FEEDS}
        self.counting = ElidedLabel(parent=self)
        self.halves = button("Both sit: use fixed halves", self, self._use_halves, tip=_HALVES)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        for at, feed in enumerate(FEEDS):
            grid.addWidget(self.figures[feed], 0, 2 * at)
            grid.addWidget(self.texts[feed], 0, 2 * at + 1)
            grid.setColumnStretch(2 * at + 1, 1)
        grid.addLayout(horizontal((self.counting, 1), self.halves), 1, 0, 1, 4)
        self._timer = timer(self, _INTERVAL_MS, self.step)
        self.hide()

    def start(self) -> None:
        """Check from now on, as soon as there are frames."""
        self.stop()
        self._timer.start()

    def stop(self) -> None:
        """Stop checking, and forget what was seen."""
        self._timer.stop()
        if self._tracker is not None:
            self._tracker.stop()
            self._tracker = None
        self._asked = {}
        self._show({})

    def step(self) -> None:
        """Show the newest placements, and ask for the next one."""
        if self._tracker is not None:
            self._show(self._tracker.placements)
            if steady_clock.now() < self._tracker.due:
                return
        self._turn = 1 - self._turn
        feed, views = FEEDS[self._turn], self._views()
        view = views[self._turn]
        before = self._asked.get(feed)
        if view is None or (before is not None and before[1].frames == view.frames):
            return  # nothing new, as of a video, whose first frame is shown
        now = steady_clock.now()
        rate = math.nan
        if before is not None and view.frames > before[1].frames:
            rate = (view.frames - before[1].frames) / (now - before[0])
        # Of one frame with both people, one search finds both.
        pairs = zip(FEEDS, views, strict=True) if view.side is not None else [(feed, view)]
        asked = {each: seen for each, seen in pairs if seen is not None}
        self._asked |= {each: (now, asked[each]) for each in asked}
        if self._tracker is None:
            self._tracker = PlacementTracker()
        self._tracker.ask(asked, rate)

    def _show(self, placements: dict[Feed, Placement]) -> None:
        self.setVisible(bool(placements))
        for feed in FEEDS:
            each = placements.get(feed)
            self.figures[feed].show_placement(each)
            self.texts[feed].setText("" if each is None else each.advice or "Well placed.")
        is_whole = len(placements) == len(FEEDS)
        seated = (
            self._asked[feed][1].use_halves is not None
            and each.seen[:2].all()  # shoulders
            and not each.seen[2:4].any()  # hips
            for feed, each in placements.items()
        )
        self.halves.setVisible(is_whole and all(seated))
        if is_whole:
            a, b = (placements[feed].seen for feed in FEEDS)
            self.counting.setText(describe_regions(*counting_regions(a, b, self._mapping())))
        else:
            self.counting.clear()

    def _use_halves(self) -> None:
        known(self._asked["a"][1].use_halves)()
        self.start()
