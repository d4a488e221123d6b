"""Mapping the channels of a motion-capture stream to the landmarks of a pose.

A channel is labelled with a landmark of MediaPipe and what it holds: ``nose_x``, ``left_wrist_y``,
``left_wrist_z``, ``left_wrist_visibility``. Case and separators do not matter: ``LeftWrist.Z`` is
the same.
"""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mirror.capture.address import Up
from mirror.errors import SourceError
from mirror.landmarks import MAX_CHANNELS, MAX_DISTANCE, Landmark, plain_label

PARTS: Final = ("x", "y", "z", "visibility")  # the values of a landmark, in the order of a pose

# The full layout: 33 landmarks, in MediaPipe's order, with four channels each.
LABELS: Final = tuple(f"{mark.name.lower()}_{part}" for mark in Landmark for part in PARTS)
METRES: Final = {  # units of length that a stream may declare, in metres
    "m": 1.0, "meter": 1.0, "meters": 1.0, "metre": 1.0, "metres": 1.0,
    "cm": 0.01, "centimeter": 0.01, "centimeters": 0.01, "centimetre": 0.01, "centimetres": 0.01,
    "mm": 0.001, "millimeter": 0.001, "millimeters": 0.001, "millimetre": 0.001,
    "millimetres": 0.001,
}  # fmt: skip

VIEW_M: Final = 2.4  # height and width of what the virtual frame shows, from the floor up

_SHOULDERS: Final = (Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER)


def _joint(mark: Landmark) -> Landmark:
    """Return the joint at which to draw a landmark that a stream lacks."""
    side, _, part = mark.name.partition("_")
    if "EYE" in mark.name or "MOUTH" in mark.name:
        return Landmark.NOSE
    if part in ("PINKY", "INDEX", "THUMB"):
        return Landmark[f"{side}_WRIST"]
    return Landmark[f"{side}_ANKLE"] if part in ("HEEL", "FOOT_INDEX") else mark


_JOINTS: Final = np.array([_joint(mark) for mark in Landmark])


@dataclass(frozen=True, slots=True, eq=False)
class ChannelMap:
    """The channels of a sample that hold landmarks, and their units and axes."""

    # [33, 4]: for each landmark and each of `PARTS` the channel's index, or −1 if there is none.
    places: NDArray[np.intp]
    # The axis of a room that points upwards; None in a frame, x to the right and y downwards.
    up: Up | None = None
    metres: float = 1.0  # length of the unit of a room's positions
    flip: bool = False  # whether left and right are exchanged

    def landmarks(
        self, sample: Sequence[float], before: NDArray[np.float64] | None
    ) -> NDArray[np.float64] | None:
        """Return the landmarks [33, 4] of a sample, in the coordinates of a `Pose`.

        A sample has a value per channel. None if a shoulder is missing: all measures are relative
        to the shoulders. Another missing landmark (NaN, or beyond `MAX_DISTANCE`, which recordings
        refuse) keeps its position in the result `before` with visibility 0, so that its return is
        no movement.
        """
        # Index −1, a channel that the stream lacks, is the appended NaN.
        marks = np.append(np.asarray(sample, dtype=float), np.nan)[self.places]
        if self.up == "z":
            marks = marks[:, [0, 2, 1, 3]]
        if self.up is not None:
            scale = self.metres / VIEW_M
            marks[:, 0] = 0.5 + marks[:, 0] * scale
            marks[:, 1] = 1.0 - marks[:, 1] * scale
            marks[:, 2] *= scale
        if self.flip:
            marks[:, 0] = 1.0 - marks[:, 0]
        marks[np.abs(marks) > MAX_DISTANCE] = np.nan
        missing = np.isnan(marks[:, :2]).any(axis=1)
        if missing[list(_SHOULDERS)].any():
            return None
        marks[np.isnan(marks[:, 2]), 2] = 0.0
        marks[np.isnan(marks[:, 3]), 3] = 1.0
        if missing.any():
            middle = marks[list(_SHOULDERS)].mean(axis=0)
            marks[missing, :3] = middle[:3] if before is None else before[missing, :3]
            marks[missing, 3] = 0.0
            unknown = (self.places[:, [0, _upright(self.up)]] < 0).any(axis=1)
            marks[unknown, :3] = marks[_JOINTS[unknown], :3]
        return marks


def find_landmarks(labels: Sequence[str]) -> NDArray[np.intp]:
    """Return the channel of each part of each landmark, as `ChannelMap.places`."""
    index = {plain_label(label): place for place, label in reversed(list(enumerate(labels)))}
    places = [index.get(plain_label(label), -1) for label in LABELS]
    return np.array(places, np.intp).reshape(len(Landmark), len(PARTS))


def missing_labels(places: NDArray[np.intp], up: Up | None) -> list[str]:
    """Return the missing ones of the channels every pose needs: two axes of both shoulders."""
    needed = [(mark, part) for mark in _SHOULDERS for part in (0, _upright(up))]
    return [LABELS[mark * len(PARTS) + part] for mark, part in needed if places[mark, part] < 0]


def select_channels(
    text: str, labels: Sequence[str], wanted: Sequence[str]
) -> tuple[tuple[str, ...], list[int]]:
    """Return the names and indices of the channels of a plain series.

    A channel without a label is named by its number, from 1. The wanted ones are labels or numbers;
    none means all. Raise SourceError if a channel does not exist or is named twice, or if there are
    too many.
    """
    names = [label or str(number) for number, label in enumerate(labels, 1)]
    places = [_place(text, names, each) for each in wanted] or list(range(len(names)))
    if len(set(places)) < len(places):
        raise SourceError(f"{text}: name each channel of the series once")
    if not 0 < len(places) <= MAX_CHANNELS:
        raise SourceError(
            f"{text} has {len(places)} channels, and {MAX_CHANNELS} are the most of a series; "
            "name some: #series=NAME,NAME"
        )
    return tuple(names[place] for place in places), places


def _place(text: str, names: Sequence[str], wanted: str) -> int:
    for form in (str, plain_label):
        places = [place for place, name in enumerate(names) if form(name) == form(wanted)]
        if len(places) == 1:
            return places[0]
    if wanted.isdecimal() and 0 < int(wanted[:9]) <= len(names):
        return int(wanted) - 1
    some = textwrap.shorten(", ".join(names[:100]), 300, placeholder=" …")
    raise SourceError(
        f"{text} has {'several channels' if places else 'no channel'} {wanted[:60]!r}; "
        f"name them by label, or by number from 1; its channels are: {some}"
    )


def _upright(up: Up | None) -> int:
    """Return the index of the part that is vertical."""
    return PARTS.index("z" if up == "z" else "y")
