"""The sample session, ``recordings/sample.mirror``: ``python docs/sample.py``.

The demo's two rendered people, followed by MediaPipe as any other people would be. To keep it small
enough for the repository, the scenes are shorter, the frame rate is lower, and the landmarks in
space, which no score uses, are left out. Made again, the same poses, scores and events come out;
the moment it was made and the versions of what made it are other ones.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from typing import Final

from rich.progress import track

from mirror.capture.base import Frame
from mirror.capture.pose_model import provide_model
from mirror.capture.synthetic.demo import FADE, LOOKS, SCRIPT, RenderedSource
from mirror.capture.synthetic.joints import Posture
from mirror.capture.synthetic.motion import Motion, between, ease
from mirror.capture.tracker import PoseTracker
from mirror.events import Event
from mirror.landmarks import FEEDS, Feed, Model, Pose
from mirror.recording.provenance import session_metadata
from mirror.recording.writer import Recorder
from mirror.session.offline import OfflineSession
from mirror.settings import Settings

PATH: Final = Path(__file__).parents[1] / "recordings" / "sample.mirror"
RATE: Final = 10.0
"""Frames a second of each feed."""

SCENES: Final = (11.0, 12.0, 11.0, 11.0, 11.0, 8.0, 9.0)
"""Seconds of each scene of the demo's script."""

_STARTS: Final = tuple(accumulate(SCENES, initial=0.0))
SECONDS: Final = _STARTS[-1]


class _FlatTracker(PoseTracker):
    """Keeps no landmarks in space."""

    def track(self, frame: Frame) -> Pose:
        return replace(super().track(frame), world=None)


def performance(feed: Feed) -> Motion:
    """One person's way through the shortened scenes; each fades into the next one."""
    roles = [scene.a if feed == "a" else scene.b for scene in SCRIPT]

    def motion(time: float) -> Posture | None:
        number = max(k for k in range(len(roles)) if _STARTS[k] <= time)
        local = time - _STARTS[number]
        posture = roles[number](local)
        if local >= FADE or number == 0:
            return posture
        before = roles[number - 1](SCENES[number - 1] + local)
        return between(before, posture, ease(local / FADE))

    return motion


def record(path: Path, model: Model) -> Path:
    """Record the sample, from pictures to scores; where it is."""
    about = session_metadata(
        Settings(),
        ("demo:a", "demo:b"),
        model,
        labels={"a": "Anna", "b": "Ben"},
        condition="sample",
        notes="Two computer-drawn people, not real ones; made by docs/sample.py.",
    )
    recorder = Recorder(path, about)
    session = OfflineSession(
        *(
            RenderedSource(
                LOOKS[feed], performance(feed), rate=RATE, duration=SECONDS, text="rendered"
            )
            for feed in FEEDS
        ),
        Settings(),
        tracker=lambda: _FlatTracker(model.path),
        recorder=recorder,
    )
    for scene, start in zip(SCRIPT, _STARTS, strict=False):
        session.mark(Event(start, "truth", scene.text))
    for _ in track(session.run(), "Following two rendered people", total=round(2 * RATE * SECONDS)):
        pass
    return recorder.path


def main() -> None:
    """Record the sample anew: in place of the old one, or where the first argument says."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else PATH
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        new = record(Path(folder) / path.name, provide_model())
        new.chmod(0o644)
        new.replace(path)


if __name__ == "__main__":
    main()
