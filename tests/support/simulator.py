"""Short sessions in which everything happens: chosen by a seed, run in simulated time, checked.

Cameras freeze, lose frames, change their size, are unplugged, or send wrong stamps; the computer
sleeps, or tracks slowly; people pause, change settings, mark, and stop the recording; the disk is
full; the process is killed, which is a copy of its files at that moment.
"""

from __future__ import annotations

import random
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import numpy as np
import pytest

from mirror import Recording, Score, Settings, State, Timeline
from mirror.estimator.align import BRIDGE, LONGEST_GAP, PATIENCE
from mirror.events import Event
from mirror.landmarks import FEEDS, Feed, Model, Pose
from mirror.recording import writer
from mirror.recording.provenance import session_metadata
from mirror.recording.rescore import score_again
from tests.support.simulated import (
    Send,
    SimulatedSession,
    SimulatedTime,
    simulate,
)

RATE: Final = 10.0
SETTINGS: Final = [
    Settings(window=1.0, band=(1.0, 3.0), rate=RATE),
    Settings(window=2.0, band=(0.5, 2.0), rate=RATE, hop=0.2, mapping="same-side"),
    Settings(window=1.5, band=(0.7, 4.0), rate=RATE, hop=0.5),
]
UNCOMMITTED_S: Final = writer.COMMIT_INTERVAL_S + 0.3  # and a heartbeat
ENOUGH: Final = 2.1 * max(each.band[1] for each in SETTINGS)  # frames a second
SIZES: Final = [(3, 4), (6, 8), (9, 16), (1, 1)]


@dataclass
class Plan:
    """What happens in a session; it follows from the seed alone."""

    seconds: float
    settings: Settings
    frames: dict[Feed, list[Send]]
    unplugged: dict[Feed, list[tuple[float, float]]]
    commands: list[tuple[float, str, Any]]
    costs: list[tuple[float, float]]  # from when on tracking a frame takes how long, s
    sleep: tuple[float, float] | None = None
    pages: int | None = None  # that the disk has
    kill: float | None = None


def plan(seed: int) -> Plan:
    """Return the plan of a seed."""
    rng = random.Random(seed)
    seconds = rng.uniform(2.0, 8.0)
    made = Plan(
        seconds,
        rng.choice(SETTINGS),
        frames={feed: [] for feed in FEEDS},
        unplugged={feed: [] for feed in FEEDS},
        commands=[],
        costs=[(0.0, rng.choice([0.0, 0.0, 0.02, 0.09, 0.2, 0.6]))],
    )
    for feed in FEEDS:
        _plan_camera(rng, made, feed)
    actions = ["pause", "resume", "change", "mark", "describe", "stop_recording"]
    for _ in range(rng.choice([0, 1, 3, 8])):
        what = rng.choices(actions, [4, 4, 4, 4, 4, 1])[0]
        made.commands.append((rng.uniform(0, seconds), what, rng.choice(SETTINGS)))
    made.commands.sort(key=lambda each: each[0])
    if rng.random() < 0.3:
        made.costs.append((rng.uniform(0, seconds), rng.choice([0.0, 0.05, 0.3])))
    if rng.random() < 0.1:
        made.sleep = rng.uniform(0, seconds), rng.choice([2.0, 30.0, LONGEST_GAP + 50.0])
    if rng.random() < 0.15:
        made.pages = rng.randint(8, 60)
    if rng.random() < 0.4:
        made.kill = rng.uniform(0, seconds)
    return made


def _plan_camera(rng: random.Random, made: Plan, feed: Feed) -> None:
    rate = rng.choice([4.0, RATE, RATE, RATE, 15.0])
    times = np.arange(rng.uniform(0, 0.2), made.seconds + 1, 1 / rate)
    height, width = SIZES[0]
    troubles = [
        (rng.choice(["freeze", "drop", "jump", "back", "stray", "resize", "unplug"]), start)
        for start in sorted(rng.uniform(0, made.seconds) for _ in range(rng.choice([0, 0, 1, 3])))
    ]
    lasting = {start: rng.choice([0.2, 0.5, 3.0]) for _, start in troubles}
    value, offset = 0, 0.0
    for time in times.tolist():
        stamp = time
        image = None
        for kind, start in troubles:
            within = start <= time < start + lasting[start]
            if kind in ("drop", "unplug") and within:
                break
            if kind == "freeze" and within:
                image = value
            if kind in ("jump", "back") and start <= time < start + 1 / rate:
                offset += lasting[start] * (1 if kind == "jump" else -1)
            if kind == "stray" and start <= time < start + 1 / rate:
                stamp += rng.choice([-5.0, 0.4])
            if kind == "resize" and time >= start:
                height, width = SIZES[int(1000 * start) % len(SIZES)]
        else:
            value = value if image is not None else (value + 1) % 251
            pixels = np.full((height, width, 3), value, np.uint8)
            made.frames[feed].append(Send(time, pixels, max(0.0, stamp + offset)))
    made.unplugged[feed] = [
        (start, start + lasting[start]) for kind, start in troubles if kind == "unplug"
    ]


class SmallDisk(writer.Recorder):
    """A recorder on a disk of some pages, which notes what it was given and when."""

    pages: int | None = None

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.given: list[tuple[Feed, float]] = []
        if self.pages is not None:
            (now,) = self._db.execute("PRAGMA page_count").fetchone()
            self._db.execute(f"PRAGMA max_page_count = {now + self.pages}")

    def add_pose(self, feed: Feed, pose: Pose) -> None:
        super().add_pose(feed, pose)
        self.given.append((feed, pose.time))


@dataclass
class Outcome:
    """What a session gave; two runs of one seed give the same."""

    scores: list[Score] = field(default_factory=list)
    events: list[tuple[float, str, str]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    rows_at_kill: int | None = None


def run(seed: int, folder: Path, patch: pytest.MonkeyPatch) -> Outcome:
    """Run and check the session of a seed."""
    made = plan(seed)
    clock = SimulatedTime(patch)
    patch.setattr(writer, "time", SimpleNamespace(monotonic=lambda: clock.time))
    patch.setattr(SmallDisk, "pages", made.pages)
    start = clock.time
    if made.sleep is not None:
        clock.jump(start + made.sleep[0], made.sleep[1])

    def cost(now: float) -> float:
        return [each for since, each in made.costs if start + since <= now][-1]

    metadata = session_metadata(made.settings, ("a", "b"), Model(Path("x.task"), "", "x"))
    recorder = SmallDisk(folder / "s.mirror", metadata)
    session = simulate(
        clock,
        (made.frames["a"], made.frames["b"]),
        cost,
        settings=made.settings,
        recorder=recorder,
        sees_repeats=True,
    )
    before = threading.active_count()
    outcome = _drive(session, made, recorder, folder)
    outcome.texts += session.warnings
    assert threading.active_count() <= before, "a thread is left"
    _check_recording(folder / "s.mirror", session, recorder, outcome)
    return outcome


def _drive(session: SimulatedSession, made: Plan, recorder: SmallDisk, folder: Path) -> Outcome:
    outcome = Outcome()
    commands = iter([*made.commands, (float("inf"), "", None)])
    due, what, settings = next(commands)
    watching = _Watching(session, made)
    committed: list[tuple[float, int]] = []  # when, and how many poses had been given
    kill = made.kill
    seconds = made.seconds + (made.sleep[1] if made.sleep else 0.0)
    for update in session.run(seconds):
        outcome.scores += update.scores
        outcome.events += [(each.time_s, each.kind, each.text) for each in update.events]
        if session.clock.is_ended:
            continue
        watching.check()
        now = session.now()
        committed.append((now, len(recorder.given)))
        while now >= due:
            _do(session, what, settings, due)
            due, what, settings = next(commands)
        if kill is not None and now >= kill and session.recorder is not None:
            kill = None
            safe = max((n for at, n in committed if at <= now - UNCOMMITTED_S), default=0)
            outcome.rows_at_kill = _check_killed(folder, recorder, safe)
    return outcome


def _do(session: SimulatedSession, what: str, settings: Settings, now: float) -> None:
    actions: dict[str, Callable[[], None]] = {
        "pause": session.pause,
        "resume": session.resume,
        "change": lambda: session.change(settings),
        "mark": lambda: session.mark(Event(session.now(), "mark", f"at {now:.3f}")),
        "describe": lambda: session.describe(notes=f"at {now:.3f}"),
        "stop_recording": session.stop_recording,
    }
    actions[what]()


class _Watching:
    """Compares the feeds' status with what the cameras did."""

    def __init__(self, session: SimulatedSession, made: Plan) -> None:
        self._session, self._made = session, made
        self._arrivals: dict[Feed, list[float]] = {}
        self._troubled = dict.fromkeys(FEEDS, float("-inf"))
        for feed in FEEDS:
            last, arrivals = None, []
            for sent in made.frames[feed]:
                if last is None or not np.array_equal(last, sent.image):
                    arrivals.append(sent.time)
                last = sent.image
            self._arrivals[feed] = arrivals

    def check(self) -> None:
        assert self._session.waiting <= 2 + len(self._made.commands), "poses pile up"
        if self._made.sleep is not None:
            return  # frames that were sent meanwhile are read one by one
        now = self._session.now()
        for feed, status in self._session.status().items():
            camera = self._session.camera(feed)
            within = any(start <= now < end for start, end in self._made.unplugged[feed])
            camera.said = "unplugged; waiting for it" if within else None
            if camera.trouble is not None:
                self._troubled[feed] = now
            # Looked for four times a second: what has just come may not be known yet.
            last, known = (
                max((each for each in self._arrivals[feed] if each <= at), default=0.0)
                for at in (now, now - 0.6)
            )
            silence = now - last
            if status.silent:
                is_silent = now - known > 1.5 or now - self._troubled[feed] < 0.6
                assert is_silent, f"{feed} is not silent at {now}"
                assert not status.found
            slowest = max(each for _, each in self._made.costs)
            if silence > 6.0 + slowest and status.ended is None:
                assert status.silent, f"{feed} has been silent for {silence} s at {now}"


def _check_killed(folder: Path, recorder: SmallDisk, safe: int) -> int:
    """Open the files as they are, as after a kill; return how many rows they hold."""
    copy = folder / "killed"
    copy.mkdir()
    for each in folder.glob("s.mirror*"):
        if not each.name.endswith("-shm"):
            shutil.copy2(each, copy)
    with Recording.open(copy / "s.mirror") as recording:
        poses = [(feed, pose.time) for feed, pose in recording.poses()]
        assert len(poses) >= safe, f"{safe - len(poses)} committed poses are lost"
        assert poses == recorder.given[: len(poses)]
        rows = recording.timeline()
        if poses:
            again = score_again(recording, recording.settings_history, lambda *_: None)
            assert _first(again, len(rows)).equals(rows), "killed, it is scored to other rows"
    return len(rows)


def _check_recording(
    path: Path, session: SimulatedSession, recorder: SmallDisk, outcome: Outcome
) -> None:
    live = Timeline.from_scores(outcome.scores)
    if not path.exists():
        assert not recorder.given, "a recording with frames is gone"
        return
    with Recording.open(path) as recording:
        poses = list(recording.poses())
        stored, history = recording.timeline(), recording.settings_history
        recording.events()
        again = score_again(recording, history, lambda *_: None) if poses else stored
    assert [(feed, pose.time) for feed, pose in poses] == recorder.given[: len(poses)]
    if not session.faults:
        assert len(poses) == len(recorder.given), "poses are lost, and nothing was said"
    else:
        assert len(session.faults) == 1, session.faults
        assert "full" in session.faults[0]
    if session.faults or session.was_stopped:
        assert _first(live, len(stored)).equals(stored) or session.was_stopped
    else:
        assert live.equals(stored), "live and stored rows differ"
    if session.faults:
        assert _first(again, len(stored)).equals(stored), "the replay differs"
    else:
        assert again.equals(stored), "the replay differs"
    for lie in _lies(stored, poses):
        raise AssertionError(lie)


def _lies(rows: Timeline, poses: list[tuple[Feed, Pose]]) -> Iterator[str]:
    """Yield rows with scores although frames are missing, or with a gap although none is."""
    longest, shortest = max(SETTINGS, key=_window).window, min(SETTINGS, key=_window).window
    times = {feed: _rising([pose.time for f, pose in poses if f == feed]) for feed in FEEDS}
    in_order = np.array([pose.time for _, pose in poses])
    is_tidy = len({pose.width / pose.height for _, pose in poses}) == 1 and (
        (np.maximum.accumulate(in_order) - in_order).max() < PATIENCE - 0.1
    )
    for time, state in zip(rows.time_s.tolist(), rows["state"].tolist(), strict=True):
        seen = min(_covered(times[feed], time - longest, time)[0] for feed in FEEDS)
        if state == State.OK and seen < 0.5 * shortest - 0.3:
            yield f"scored at {time} from {seen:.2f} s of frames"
        if state == State.GAP and is_tidy:
            both = [_covered(times[feed], time - longest, time) for feed in FEEDS]
            if all(held > longest - 0.01 and count > ENOUGH * longest for held, count in both):
                yield f"a gap at {time} although all frames are there"


def _rising(times: list[float]) -> Any:
    """Return the times that are later than all before: other frames are not used."""
    latest = np.maximum.accumulate([-1.0, *times])
    return np.array(times)[latest[1:] > latest[:-1]]


def _window(settings: Settings) -> float:
    return settings.window


def _covered(times: Any, start: float, end: float) -> tuple[float, int]:
    """Return how many seconds lie between frames that can be bridged, and the frames inside."""
    near = times[(times >= start - BRIDGE) & (times <= end + BRIDGE)]
    steps = np.diff(np.clip(near, start, end))
    held = float(steps[np.diff(near) <= BRIDGE + 1e-6].sum())
    return held, int(((near >= start) & (near <= end)).sum())


def _first(timeline: Timeline, rows: int) -> Timeline:
    return Timeline({name: column[:rows] for name, column in timeline.columns.items()})
