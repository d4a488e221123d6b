"""`mirror analyze` against a bare loop of two landmarkers on two threads, same frames.

The bare loop runs once with frames decoded from the files, and once with frames in memory.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import av
import mediapipe
import numpy as np
from mediapipe.tasks import python as tasks
from mediapipe.tasks.python import vision
from numpy.typing import NDArray

from benchmarks.plan import Plan, log
from benchmarks.sessions import model, recorder, temporary_folder
from benchmarks.tables import Table, load, ratios, spread
from mirror.capture import Source, open_pair
from mirror.capture.base import FeedSource
from mirror.capture.synthetic.demo import demo_source
from mirror.capture.tracker import PoseTracker
from mirror.session.offline import OfflineSession
from mirror.settings import Settings

_RATE = 30
_MIRROR = "mirror analyze"

Image = NDArray[np.uint8]
Cost = tuple[float, float]  # frames a second, and milliseconds of CPU a frame
Stamp = Callable[[], None]  # to be called after every picture


def measure(plan: Plan) -> list[Table]:
    """Measure the session and both bare loops in alternating rounds."""
    costs: dict[str, list[Cost]] = {}
    with temporary_folder() as folder:
        log(f"analyze: rendering two files of {plan.clip_seconds:.0f} s")
        files = [_clip(folder, feed, plan.clip_seconds) for feed in ("a", "b")]
        frames = [list(pictures) for pictures in _decoded(files)]
        sides: dict[str, Callable[[Stamp], None]] = {
            _MIRROR: lambda stamp: _session(folder, files, stamp),
            "bare, decoding": lambda stamp: _bare(_decoded(files), stamp),
            "bare, decoded before": lambda stamp: _bare(frames, stamp),
        }
        first_window = round(2 * Settings().window * _RATE)
        for turn in range(plan.rounds):
            # Each side begins a round as often as the others: what drifts, drifts for all.
            names = list(sides)[turn % len(sides) :] + list(sides)[: turn % len(sides)]
            for name in names:
                costs.setdefault(name, []).append(_cost(sides[name], first_window))
                speed, cpu = costs[name][-1]
                log(f"analyze: round {turn + 1}, {name}: {speed:.1f} frames/s, {cpu:.2f} ms CPU")
    speeds = {name: [cost[0] for cost in costs[name]] for name in sides}
    work = {name: [cost[1] for cost in costs[name]] for name in sides}
    rows = tuple(
        (
            name,
            spread(speeds[name]),
            *([""] * 3 if name == _MIRROR else _compared(speeds[_MIRROR], speeds[name])),
            spread(work[name], 2),
        )
        for name in sides
    )
    columns = (
        "side",
        "frames/s",
        "mirror ÷ it, by round",
        "of medians",
        "of bests",
        "CPU ms/frame",
    )
    note = (
        f"Two 640×480 H.264 files of {plan.clip_seconds:.0f} s at {_RATE}/s, every frame, counted "
        f"from the end of the first window. Median (lowest–highest) of {plan.rounds} rounds, in "
        f"which each side takes its turn. {load()}. Other work on the machine disturbs frames/s, "
        "the best ones least; it hardly disturbs CPU time."
    )
    return [Table("Analyze", columns, rows, note)]


def _compared(ours: list[float], theirs: list[float]) -> list[str]:
    medians = statistics.median(ours) / statistics.median(theirs)
    return [
        spread(ratios(ours, theirs), 3),
        f"{medians:.3f}",
        f"{max(ours) / max(theirs):.3f}",
    ]


def _cost(work: Callable[[Stamp], None], leave_out: int) -> Cost:
    """Cost of the frames of both feeds after the first window."""
    walls: list[float] = []
    used: list[float] = []

    def stamp() -> None:
        walls.append(time.perf_counter())
        used.append(time.process_time())

    work(stamp)
    frames = len(walls) - 1 - leave_out
    return (
        frames / (walls[-1] - walls[leave_out]),
        1e3 * (used[-1] - used[leave_out]) / frames,
    )


def _session(folder: Path, files: list[Path], stamp: Stamp) -> None:
    """Do what the command does, without its progress bar."""
    texts, settings = (str(files[0]), str(files[1])), Settings()
    a, b = open_pair(*texts)
    path = model().path
    session = OfflineSession(
        a,
        b,
        settings,
        tracker=lambda: PoseTracker(path),
        recorder=recorder(folder, texts, settings),
    )
    for update in session.run():
        if update.pose is not None:
            stamp()


def _bare(feeds: Iterable[Iterable[Image]], stamp: Stamp) -> None:
    """Run two landmarkers on two threads."""
    path = str(model().path)
    threads = [threading.Thread(target=_landmark, args=(path, feed, stamp)) for feed in feeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _landmark(path: str, images: Iterable[Image], stamp: Stamp) -> None:
    options = vision.PoseLandmarkerOptions(
        base_options=tasks.BaseOptions(model_asset_path=path),
        running_mode=vision.RunningMode.VIDEO,
    )
    with vision.PoseLandmarker.create_from_options(options) as landmarker:
        for number, image in enumerate(images):
            picture = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=image)
            landmarker.detect_for_video(picture, number * 1000 // _RATE)
            stamp()


def _decoded(files: list[Path]) -> list[Iterator[Image]]:
    return [_images(source) for source in open_pair(str(files[0]), str(files[1]))]


def _images(source: FeedSource) -> Iterator[Image]:
    assert isinstance(source, Source)
    with source:
        for frame in source:
            yield frame.image


def _clip(folder: Path, feed: str, seconds: float) -> Path:
    """Write the beginning of the demo's script as a video."""
    path = folder / f"{feed}.mp4"
    with av.open(str(path), "w") as container, demo_source("a" if feed == "a" else "b") as source:
        stream = container.add_stream("libx264", rate=_RATE)
        stream.width, stream.height, stream.pix_fmt = 640, 480, "yuv420p"
        for frame in source:
            if frame.time >= seconds:
                break
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame.image, format="rgb24")))
        container.mux(stream.encode())
    return path
