"""`mirror analyze --jobs N`: how much faster a long video is tracked by more processes.

The tracker sleeps for 10 ms a frame instead of computing, so that as many processes as there may be
cores can be tried on any machine; reading the video, handing over and scoring are real.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import av
import numpy as np

from benchmarks.plan import Plan, log
from benchmarks.sessions import recorder, temporary_folder
from benchmarks.tables import Table, load
from mirror import Pose
from mirror.capture import open_pair
from mirror.capture.base import Frame
from mirror.landmarks import Landmark
from mirror.session.chunks import LENGTH_S, RUN_IN_S
from mirror.session.offline import OfflineSession
from mirror.settings import Settings

_RATE = 12  # frames a second; more would only take longer
_CHUNKS = 8  # of each feed
_SIZE = 40, 32  # pixels, too few for the camera's motion to be measured
_FRAME_S = 0.010


class SleepingTracker:
    """Finds a person who stands still, after 10 ms."""

    def track(self, frame: Frame) -> Pose:
        """Return the pose in the next frame."""
        time.sleep(_FRAME_S)
        landmarks = np.full((len(Landmark), 4), 0.5, np.float32)
        return Pose(frame.time, landmarks, None, *frame.image.shape[1::-1])

    def close(self) -> None:
        """Do nothing."""


def measure(plan: Plan) -> list[Table]:
    """Measure each number of processes once."""
    del plan
    seconds = _CHUNKS * LENGTH_S
    rows = []
    alone = 0.0
    with temporary_folder() as folder:
        files = [_clip(folder / f"{feed}.mp4", seconds) for feed in "ab"]
        for jobs in (1, 2, 4, 8, 16):
            began = time.perf_counter()
            _analyze(folder, files, jobs)
            spent = time.perf_counter() - began
            alone = alone or spent
            log(f"jobs: {jobs}: {spent:.0f} s")
            rows.append((str(jobs), f"{spent:.1f}", f"{alone / spent:.2f}", f"{_ideal(jobs):.2f}"))
    note = (
        f"Two videos of {seconds / 60:.0f} min at {_RATE} frames/s, {_CHUNKS} chunks each; 10 ms a "
        "frame. One: a thread a feed, in this process. Expected: the frames of all chunks with "
        f"their run-in, shared evenly, against one thread a feed. {load()}; {os.cpu_count()} cores "
        "read the videos, however many processes there are."
    )
    return [Table("Jobs", ("processes", "s", "× one", "expected"), tuple(rows), note)]


def _ideal(jobs: int) -> float:
    """Speed-up over one thread a feed, without any other cost."""
    run_in = (_CHUNKS - 1) * RUN_IN_S
    return (_CHUNKS * LENGTH_S + run_in) / max(
        (2 * _CHUNKS * LENGTH_S + 2 * run_in) / max(jobs, 2), LENGTH_S + RUN_IN_S
    )


def _analyze(folder: Path, files: list[Path], jobs: int) -> None:
    texts, settings = (str(files[0]), str(files[1])), Settings()
    session = OfflineSession(
        *open_pair(*texts),
        settings,
        tracker=SleepingTracker,
        recorder=recorder(folder, texts, settings),
    )
    session.jobs = jobs
    for _ in session.run():
        pass


def _clip(path: Path, seconds: float) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=_RATE, options={"g": "12"})
        stream.width, stream.height, stream.pix_fmt = *_SIZE, "yuv420p"
        image = np.zeros((*_SIZE[::-1], 3), np.uint8)
        for number in range(round(seconds * _RATE)):
            image[:, :] = number % 256
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode())
    return path
