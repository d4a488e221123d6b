"""Copy a recording without what identifies people, dates and places, with the same timeline.

Only what is listed here is copied; anything that later versions add is left out.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from mirror.estimator.signals import MEASURED, Signals
from mirror.landmarks import Landmark, Pose
from mirror.mimicry import MIMICRY
from mirror.practice.run import CUE
from mirror.recording.checks import FEED_COUNTS
from mirror.recording.provenance import PACKAGES
from mirror.recording.reader import Progress, Recording
from mirror.recording.writer import complete_recording

# Landmarks of the face that no score uses.
FACE: Final = tuple(mark for mark in Landmark if re.search("EYE|MOUTH", mark.name))
_KINDS: Final = ("pause", "resume", "settings", MIMICRY)


def anonymize(
    recording: Recording,
    path: Path,
    progress: Progress,
    *,
    keep_events: bool = False,
    keep_condition: bool = False,
) -> Path:
    """Write a copy that can be passed on and rescores to the same rows; return its path.

    Left out: labels, notes, sources, times of day, the name of the system, consent, warnings,
    video, the landmarks of eyes and mouth (zero, and invisible), and all texts that people wrote.

    An existing file name gets a number; a name or date in it would identify people. Of people's own
    events, cues are copied without their texts. `progress` is called with the poses done and the
    total; if it raises, no file is left. Raise RecordingError if the recording cannot be read, or
    the copy not be written.
    """
    total = recording.pose_count
    session = recording.session
    with complete_recording(path, _session(recording, session, keep_condition)) as recorder:
        for done, (feed, pose) in enumerate(recording.poses()):
            recorder.add_pose(feed, _without_face(pose))
            progress(done, total)
        recorder.add_scores(recording.timeline())
        for event in recording.events():
            if keep_events or event.kind in _KINDS:
                has_text = keep_events and event.kind != CUE  # which calls people by their names
                recorder.add_event(event if has_text else replace(event, text=""))
        for result in recording.results():
            recorder.add_result(result if keep_events else replace(result, exercise="", round=""))
        recorder.add_exercise_scores(recording.exercise_timeline())
        if "quality" in session:  # last, as it marks a recording as complete
            recorder.update_session({"quality": _quality(session["quality"])})
    progress(total, total)
    return recorder.path


def _session(
    recording: Recording, session: Mapping[str, Any], keep_condition: bool
) -> dict[str, Any]:
    copy: dict[str, Any] = {"labels": {"a": "A", "b": "B"}, "anonymized": True}
    copy |= recording.settings_history.to_session()
    for key in ("versions", "rescored_with"):
        if session.get(key):
            copy[key] = {name: session[key][name] for name in PACKAGES if name in session[key]}
    if "model" in session:
        # The file name of a user's own model may identify them.
        known = {key: session["model"].get(key, "") for key in ("sha256", "smoothing")}
        copy["model"] = {"name": "unnamed"} | {key: text for key, text in known.items() if text}
    if recording.signals.has_noise:
        copy["noise"] = MEASURED
    if (unsure := recording.unsure).spans:
        copy |= unsure.to_session()
    if session.get("series") is True:
        copy["series"] = True
    copy |= _without_names(recording.signals).to_session()
    if keep_condition:
        copy["condition"] = session.get("condition", "")
    return copy


def _without_names(signals: Signals) -> Signals:
    """Return the signals with the channels of two series numbered."""
    if signals.a is None or signals.b is None:
        return signals  # has the names of a body's channels
    numbers = tuple(str(number) for number in range(1, len(signals.a) + 1))
    return Signals(numbers, numbers)


def _quality(quality: Mapping[str, Any]) -> dict[str, Any]:
    feeds = {
        feed: {name: counts[name] for name in FEED_COUNTS if name in counts}
        for feed, counts in quality.get("feeds", {}).items()
        if feed in ("a", "b")
    }
    return {"duration_s": quality.get("duration_s", 0.0), "feeds": feeds, "warnings": []}


def _without_face(pose: Pose) -> Pose:
    landmarks, world = pose.landmarks, pose.world
    if landmarks is not None:
        landmarks = landmarks.copy()
        landmarks[FACE, :] = 0
    if world is not None:
        world = world.copy()
        world[FACE, :] = 0
    return replace(pose, landmarks=landmarks, world=world)
