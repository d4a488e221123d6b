"""A copy of a recording without what says who, when and where, and with the same timeline.

What is kept is named here; everything else is left out, also what later versions may add.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from mirror.estimator.signals import Signals
from mirror.events import Event
from mirror.landmarks import Landmark, Pose
from mirror.recording.reader import Recording
from mirror.recording.writer import Recorder

FACE: Final = tuple(mark for mark in Landmark if re.search("EYE|MOUTH", mark.name))
"""Landmarks that no score uses, and that tell the most of a face."""

_KINDS: Final = ("pause", "resume", "settings")
_VERSIONS: Final = (
    "mirror-synchrony",
    "mediapipe",
    "opencv-contrib-python",
    "av",
    "numpy",
    "scipy",
)
_COUNTS: Final = ("frames", "with_person", "dropped", "paused", "pictures_dropped")


def anonymize(
    recording: Recording,
    path: Path,
    progress: Callable[[int, int], None],
    *,
    keep_events: bool = False,
    keep_condition: bool = False,
) -> Path:
    """Write a copy that can be passed on, and is scored again to the same rows bit for bit.

    Left out: labels, notes, sources, times of day, the name of the system, consent, warnings,
    pictures, the landmarks of eyes and mouth (zero, and invisible), and every text of people's own.

    Parameters
    ----------
    recording : Recording
    path : Path
        Where to; a name that exists gets a suffix. A name with a date or a name in it tells again.
    progress : callable
        Told how many of how many poses are done; where it raises, no file is left.
    keep_events, keep_condition : bool
        Whether people's own events, or the condition, hold nothing that must not be passed on.

    Returns
    -------
    Path
        Where it is.

    Raises
    ------
    RecordingError
        Where the recording cannot be read, or the copy not be written.
    """
    total = sum(frames for frames, _ in recording.counts().values())
    session = recording.session
    with ExitStack() as undo:
        recorder = Recorder(path, _about(recording, session, condition=keep_condition))
        undo.callback(recorder.discard)  # half a recording would look like a whole one
        for done, (feed, pose) in enumerate(recording.poses()):
            recorder.add_pose(feed, _faceless(pose))
            progress(done, total)
        recorder.add_scores(recording.timeline())
        for event in recording.events():
            if keep_events:
                recorder.add_event(event)
            elif event.kind in _KINDS:
                recorder.add_event(Event(event.time_s, event.kind, ""))
        if "quality" in session:  # last: it says that a recording is complete
            recorder.update_session({"quality": _quality(session["quality"])})
        recorder.close()
        undo.pop_all()
    progress(total, total)
    return recorder.path


def _about(recording: Recording, session: Mapping[str, Any], *, condition: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"labels": {"a": "A", "b": "B"}, "anonymized": True}
    found |= recording.course.to_session()
    for key in ("versions", "rescored_with"):
        known = session.get(key, {})
        found |= {key: {name: known[name] for name in _VERSIONS if name in known}} if known else {}
    if "model" in session:
        # The file of a model that somebody named may tell more than its checksum.
        found["model"] = {"name": "unnamed", "sha256": session["model"].get("sha256", "")}
    if session.get("series") is True:
        found["series"] = True
    found |= _unnamed(recording.signals).to_session()
    if condition:
        found["condition"] = session.get("condition", "")
    return found


def _unnamed(signals: Signals) -> Signals:
    """What is compared, the channels of two series by their numbers alone."""
    if signals.a is None or signals.b is None:
        return signals  # called after the channels of a body
    numbers = tuple(str(number) for number in range(1, len(signals.a) + 1))
    return Signals(numbers, numbers)


def _quality(quality: Mapping[str, Any]) -> dict[str, Any]:
    feeds = {
        feed: {name: counts[name] for name in _COUNTS if name in counts}
        for feed, counts in quality.get("feeds", {}).items()
        if feed in ("a", "b")
    }
    return {"duration_s": quality.get("duration_s", 0.0), "feeds": feeds, "warnings": []}


def _faceless(pose: Pose) -> Pose:
    """The pose without eyes and mouth."""
    landmarks, world = pose.landmarks, pose.world
    if landmarks is not None:
        landmarks = landmarks.copy()
        landmarks[FACE, :] = 0
    if world is not None:
        world = world.copy()
        world[FACE, :] = 0
    return replace(pose, landmarks=landmarks, world=world)
