"""What runs on a disk that fails: `python -m tests.support.faulty SCENARIO FOLDER SAMPLE`."""

from __future__ import annotations

import errno
import json
import random
import re
import resource
import shutil
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from mirror import Recording, Score, Settings, Timeline
from mirror.errors import MirrorError
from mirror.events import Event
from mirror.export import export
from mirror.landmarks import Feed, Pose
from mirror.recording import writer
from mirror.recording.anonymize import anonymize
from mirror.recording.database import SIDE_FILE_SUFFIXES
from mirror.recording.edit import add_event, delete_recording
from mirror.recording.rescore import rescore, score_again
from mirror.report.document import Document
from mirror.report.write import compose, write
from mirror.timeline import Span
from tests.support import fakes
from tests.support.faults import arm, calls
from tests.support.recordings import make_recording
from tests.support.reports import draw_once
from tests.support.simulated import SimulatedTime, simulate, steady_plan

QUICK: Final = Settings(window=1.0, band=(1.0, 3.0), rate=10.0)
SECONDS: Final = 1.6

LIMIT: Final = "RLIMIT_FSIZE"
WAYS: Final = {
    "EIO, once": (errno.EIO, False),
    "ENOSPC, once": (errno.ENOSPC, False),
    "ENOSPC, lasting": (errno.ENOSPC, True),
    "EDQUOT, lasting": (errno.EDQUOT, True),
    LIMIT: (0, False),
}
PAGE: Final = 4096
_TIME: Final = re.compile(
    rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d|D:\d{14}Z|[\w+/]{22}=="  # and PDF's, with its ids
)


@dataclass
class Found:
    """What was tried, and what went wrong."""

    calls: int = 0
    tried: int = 0
    hit: int = 0  # faults that ended something
    wrong: list[str] = field(default_factory=list)


@contextmanager
def failing(way: str, number: int) -> Iterator[None]:
    """Let the n-th call fail, or files end at the n-th half page."""
    code, lasting = WAYS[way]
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    if way == LIMIT:
        arm(0)
        resource.setrlimit(resource.RLIMIT_FSIZE, (number * PAGE // 2, hard))
    else:
        arm(number, code, lasting=lasting)
    try:
        yield
    finally:
        arm(0)
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))


def each_fault(
    found: Found, count: int, largest: int, sample: int
) -> Iterator[tuple[str, int, str]]:
    """Yield ways and numbers: all, or a seeded sample of each way."""
    chosen = random.Random(count)
    found.calls += count
    for way in chosen.sample(list(WAYS), 2) if sample == 1 else WAYS:
        numbers = list(range(1, 1 + (2 * largest // PAGE + 1 if way == LIMIT else count)))
        if sample:
            numbers = sorted(chosen.sample(numbers, min(sample, len(numbers))))
        for number in numbers:
            found.tried += 1
            yield way, number, f"{way}, call {number}"


class NotingRecorder(writer.Recorder):
    """A recorder that notes what it has committed."""

    kept = 0

    def add_pose(self, feed: Feed, pose: Pose) -> None:
        super().add_pose(feed, pose)
        self.kept += 1


def session(folder: Path, sample: int) -> Found:
    """Record a live session of which every write is committed at once."""
    patch = pytest.MonkeyPatch()
    patch.setattr(writer, "COMMIT_INTERVAL_S", 0.0)
    patch.setattr(fakes, "Recorder", NotingRecorder)
    clock = SimulatedTime(patch)
    found = Found()

    def run(folder: Path) -> tuple[list[Score], list[str], int]:
        clock.start_again()
        plans = steady_plan(SECONDS, 10.0), steady_plan(SECONDS, 10.0, offset=0.03)
        recorder = fakes.recorder(folder, QUICK)
        live = simulate(clock, plans, settings=QUICK, recorder=recorder)
        live.mark(Event(0.5, "mark", "hello"))
        scores = [score for update in live.run(SECONDS + 0.3) for score in update.scores]
        assert isinstance(recorder, NotingRecorder)
        return scores, live.faults, recorder.kept

    arm(0)
    (folder / "whole").mkdir()
    expected, faults, frames = run(folder / "whole")
    count = calls()
    assert not faults
    path = folder / "whole" / "s.mirror"
    whole = _poses(path)
    for way, number, name in each_fault(found, count, path.stat().st_size, sample):
        place = folder / "s"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        try:
            with failing(way, number):
                scores, faults, kept = run(place)
        except MirrorError as error:  # it does not begin
            found.hit += 1
            if list(place.iterdir()) or "\n" in str(error):
                found.wrong.append(f"{name}: {error} left {list(place.iterdir())}")
            continue
        found.hit += bool(faults)
        if not Timeline.from_scores(scores).equals(Timeline.from_scores(expected)):
            found.wrong.append(f"{name}: the meter stopped")
        if len(faults) > 1 or any("\n" in each or "s.mirror" not in each for each in faults):
            found.wrong.append(f"{name}: said {faults}")
        found.wrong += [f"{name}: {each}" for each in _check(place / "s.mirror", whole, kept)]
        if not faults and kept < frames:
            found.wrong.append(f"{name}: {frames - kept} frames are missing, and nothing was said")
    return found


def _poses(path: Path) -> list[Any]:
    with Recording.open(path) as recording:
        return [
            (feed, pose.time, None if pose.landmarks is None else pose.landmarks.tobytes())
            for feed, pose in recording.poses()
        ]


def _check(path: Path, whole: list[Any], kept: int) -> Iterator[str]:
    """Yield what is wrong with a recording of which `kept` poses were committed."""
    try:
        poses = _poses(path)
        with Recording.open(path) as recording:
            stored = recording.timeline()
            has_poses = recording.pose_count > 0
            again = score_again(recording, QUICK, lambda *_: None) if has_poses else stored
    except MirrorError as error:
        yield f"does not open: {error}"
        return
    if len(poses) < kept or poses != whole[: len(poses)]:
        yield f"{len(poses)} poses instead of {kept}"
    rows = len(stored)
    first = Timeline({name: column[:rows] for name, column in again.columns.items()})
    if not first.equals(stored):
        yield "is not scored to the same rows"


Work = Callable[[Path, Path], object]


def _export(kind: str) -> Work:
    def work(path: Path, out: Path) -> None:
        with Recording.open(path) as recording:
            end = 4.2 if kind == "video" else 6.0
            export(recording, kind, out / "out", start=4.0, end=end)

    return work


def _rescore(path: Path, out: Path) -> None:
    with Recording.open(path) as recording:
        rescore(recording, out / "out", Settings(window=3.0))


def _anonymize(path: Path, out: Path) -> None:
    with Recording.open(path) as recording:
        anonymize(recording, out / "out", lambda *_: None)


def _compose(path: Path) -> Document:
    return compose([path], Span(-1e9, 1e9))


def _report(path: Path, out: Path) -> None:
    write(_compose(path), out / "out")


def _report_pdf(path: Path, out: Path) -> None:
    write(_composed(path), out / "out.pdf")


_composed = cache(_compose)  # the other report reads on a failing disk


OUTPUTS: Final[dict[str, Work]] = {
    **{
        kind: _export(kind)
        for kind in (
            *("csv", "tsv", "json", "parquet", "tsv-bids", "xlsx", "eaf", "vtt", "video"),
            *("landmarks-csv", "landmarks-parquet"),
        )
    },
    "rescore": _rescore,
    "anonymize": _anonymize,
    "report": _report,
    "report-pdf": _report_pdf,
}


def outputs(folder: Path, sample: int) -> Found:
    """Write each output of a recording: whole or not at all, and the recording untouched."""
    found = Found()
    source = make_recording(folder.parent / "s.mirror", seconds=8)
    for name, work in OUTPUTS.items():
        shutil.rmtree(folder)
        (folder / "in").mkdir(parents=True)
        path = Path(shutil.copy2(source, folder / "in"))
        before = _contents(folder / "in")
        for each in ("whole", "again"):
            (folder / each).mkdir()
        whole = _output(work, path, folder / "whole")
        draw_once(pytest.MonkeyPatch())  # again, and not for every fault
        arm(0)
        again = _output(work, path, folder / "again")
        count = calls()
        if whole != again:
            found.wrong.append(f"{name}: not the same when it is written again")
        largest = max(each.stat().st_size for each in (folder / "whole").rglob("*"))
        for way, number, which in each_fault(found, count, largest, sample):
            out = folder / "out"
            shutil.rmtree(out, ignore_errors=True)
            out.mkdir()
            try:
                with failing(way, number):
                    made = _output(work, path, out)
            except MirrorError as error:
                found.hit += 1
                left = _contents(out)
                if left or "\n" in str(error):
                    found.wrong.append(f"{name}, {which}: {error} left {list(left)}")
            else:
                if made != whole:
                    found.wrong.append(f"{name}, {which}: not whole, and nothing was said")
            if _contents(folder / "in") != before:
                found.wrong.append(f"{name}, {which}: the recording is changed")
    return found


def _output(work: Work, path: Path, out: Path) -> dict[str, Any]:
    work(path, out)
    return _contents(out)


def _contents(folder: Path) -> dict[str, Any]:
    """Return what the files of a folder hold, without the time of their making."""
    found: dict[str, Any] = {}
    for path in folder.rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        if data.startswith(b"SQLite format 3"):
            with Recording.open(path) as recording:
                events = [(each.time_s, each.text) for each in recording.events()]
                found[path.name] = (
                    *(recording.timeline().columns["in_phase"].tobytes(), events),
                    *(_poses(path), sorted(recording.session)),
                )
        elif not path.name.endswith(SIDE_FILE_SUFFIXES):
            if data.startswith(b"PK"):
                with zipfile.ZipFile(path) as whole:
                    names = sorted(set(whole.namelist()) - {"docProps/core.xml"})
                    data = b"".join(whole.read(name) for name in names)
            found[str(path.relative_to(folder))] = _TIME.sub(b"", data)
    return found


def edits(folder: Path, sample: int) -> Found:
    """Add an event, and delete the recording: done, or as before."""
    found = Found()
    source = make_recording(folder.parent / "s.mirror", seconds=3)
    path = Path(shutil.copy2(source, folder / "s.mirror"))
    arm(0)
    add_event(path, Event(1.0, "mark", "new"))
    count = calls()
    whole = _poses(path)
    for way, number, name in each_fault(found, count, 2 * path.stat().st_size, sample):
        for each in folder.iterdir():
            each.unlink()
        shutil.copy2(source, path)
        is_said = False
        try:
            with failing(way, number):
                add_event(path, Event(1.0, "mark", "new"))
        except MirrorError:
            is_said = True
            found.hit += 1
        with Recording.open(path) as recording:
            is_added = "new" in [event.text for event in recording.events()]
            recording.timeline()
        if _poses(path) != whole or not (is_added or is_said):
            found.wrong.append(f"{name}: added {is_added}, said {is_said}")
        with failing(way, number):
            delete_recording(path)
        if list(folder.iterdir()):
            found.wrong.append(f"{name}: not deleted: {list(folder.iterdir())}")
    return found


if __name__ == "__main__":
    scenario, folder, sample = sys.argv[1:]
    ignored: list[str] = []  # which would be printed as a traceback
    sys.unraisablehook = lambda each: ignored.append(f"{each.object!r}: {each.exc_value!r}")
    result = {"session": session, "outputs": outputs, "edits": edits}[scenario](
        Path(folder), int(sample)
    )
    result.wrong += ignored
    sys.stdout.write(json.dumps(vars(result)) + "\n")
