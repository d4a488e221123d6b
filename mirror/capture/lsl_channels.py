"""From the channels of somebody else's motion capture to the landmarks of a pose.

A channel is called after a landmark of MediaPipe and what it holds: ``nose_x``, ``left_wrist_y``,
``left_wrist_z``, ``left_wrist_visibility``; capitals and what stands between the words do not
matter, and ``LeftWrist.Z`` will do.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mirror.capture.address import Up
from mirror.errors import SourceError
from mirror.landmarks import FARTHEST_JOINT, MOST_CHANNELS, Landmark, plain_label

PARTS: Final = ("x", "y", "z", "visibility")
"""What is known of a landmark, in the order of a pose."""

LABELS: Final = tuple(f"{mark.name.lower()}_{part}" for mark in Landmark for part in PARTS)
"""The whole layout: 33 landmarks, in MediaPipe's order, with four channels each."""

METRES: Final = {
    "m": 1.0, "meter": 1.0, "meters": 1.0, "metre": 1.0, "metres": 1.0,
    "cm": 0.01, "centimeter": 0.01, "centimeters": 0.01, "centimetre": 0.01, "centimetres": 0.01,
    "mm": 0.001, "millimeter": 0.001, "millimeters": 0.001, "millimetre": 0.001,
    "millimetres": 0.001,
}  # fmt: skip
"""Units of length that a stream may declare, in metres."""

VIEW_M: Final = 2.4
"""Height and width of the part of a room that a picture of it would show, from the floor up."""

_SHOULDERS: Final = (Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER)


def _joint(mark: Landmark) -> Landmark:
    """Where a landmark is drawn that a stream does not have: at the joint that it belongs to."""
    side, _, part = mark.name.partition("_")
    if "EYE" in mark.name or "MOUTH" in mark.name:
        return Landmark.NOSE
    if part in ("PINKY", "INDEX", "THUMB"):
        return Landmark[f"{side}_WRIST"]
    return Landmark[f"{side}_ANKLE"] if part in ("HEEL", "FOOT_INDEX") else mark


_JOINTS: Final = np.array([_joint(mark) for mark in Landmark])


@dataclass(frozen=True, slots=True, eq=False)
class Channels:
    """Which channel of a sample holds what.

    Attributes
    ----------
    places : ndarray [33, 4]
        For each landmark and each of `PARTS` the channel's index, or −1 where there is none.
    up : {"y", "z"} or None
        The axis that points upwards in a room, where the channels are positions in one; None where
        they are positions in a picture, x to the right and y downwards.
    metres : float
        Length of the unit of a room's positions.
    flip : bool
        Whether left and right of the picture are exchanged.
    """

    places: NDArray[np.intp]
    up: Up | None = None
    metres: float = 1.0
    flip: bool = False

    def landmarks(
        self, sample: Sequence[float], before: NDArray[np.float64] | None
    ) -> NDArray[np.float64] | None:
        """The landmarks of a sample, as a `Pose` of a square or declared picture has them.

        Parameters
        ----------
        sample : sequence of float
            A value a channel.
        before : ndarray [33, 4] or None
            What the sample before gave. A landmark that is missing (NaN, or beyond
            `FARTHEST_JOINT`, which no recording would be believed) stays where it was, with
            visibility 0, so that its return is no movement.

        Returns
        -------
        ndarray [33, 4] or None
            None where a shoulder is missing: everything is measured from the shoulders.
        """
        # A channel that the stream lacks is its last one: NaN.
        found = np.append(np.asarray(sample, dtype=float), np.nan)[self.places]
        if self.up == "z":
            found = found[:, [0, 2, 1, 3]]
        if self.up is not None:
            scale = self.metres / VIEW_M
            found[:, 0] = 0.5 + found[:, 0] * scale
            found[:, 1] = 1.0 - found[:, 1] * scale
            found[:, 2] *= scale
        if self.flip:
            found[:, 0] = 1.0 - found[:, 0]
        found[np.abs(found) > FARTHEST_JOINT] = np.nan
        missing = np.isnan(found[:, :2]).any(axis=1)
        if missing[list(_SHOULDERS)].any():
            return None
        found[np.isnan(found[:, 2]), 2] = 0.0
        found[np.isnan(found[:, 3]), 3] = 1.0
        if missing.any():
            middle = found[list(_SHOULDERS)].mean(axis=0)
            found[missing, :3] = middle[:3] if before is None else before[missing, :3]
            found[missing, 3] = 0.0
            unknown = (self.places[:, [0, _upright(self.up)]] < 0).any(axis=1)
            found[unknown, :3] = found[_JOINTS[unknown], :3]
        return found


def places_of(labels: Sequence[str]) -> NDArray[np.intp]:
    """Where each landmark is among channels of these labels, as `Channels.places`."""
    index = {plain_label(label): place for place, label in reversed(list(enumerate(labels)))}
    found = [index.get(plain_label(label), -1) for label in LABELS]
    return np.array(found, np.intp).reshape(len(Landmark), len(PARTS))


def lacking(places: NDArray[np.intp], up: Up | None) -> list[str]:
    """Labels of channels without which there is no pose: both positions of both shoulders."""
    needed = [(mark, part) for mark in _SHOULDERS for part in (0, _upright(up))]
    return [LABELS[mark * len(PARTS) + part] for mark, part in needed if places[mark, part] < 0]


def chosen_of(
    text: str, labels: Sequence[str], wanted: Sequence[str]
) -> tuple[tuple[str, ...], list[int]]:
    """Names and places of the channels of a plain series.

    Parameters
    ----------
    text : str
        What errors call the stream.
    labels : sequence of str
        Of all of its channels; one without a label is called by its number, from 1.
    wanted : sequence of str
        Labels, or numbers; all channels where there are none.

    Raises
    ------
    SourceError
        Where a channel is not there, is asked for twice, or there are too many.
    """
    names = [label or str(number) for number, label in enumerate(labels, 1)]
    places = [_place(text, names, each) for each in wanted] or list(range(len(names)))
    if len(set(places)) < len(places):
        raise SourceError(f"{text}: name each channel of the series once")
    if not 0 < len(places) <= MOST_CHANNELS:
        raise SourceError(
            f"{text} has {len(places)} channels, and {MOST_CHANNELS} are the most of a series; "
            "name some: #series=NAME,NAME"
        )
    return tuple(names[place] for place in places), places


def _place(text: str, names: Sequence[str], wanted: str) -> int:
    for alike in (str, plain_label):
        found = [place for place, name in enumerate(names) if alike(name) == alike(wanted)]
        if len(found) == 1:
            return found[0]
    if wanted.isdecimal() and 0 < int(wanted[:9]) <= len(names):
        return int(wanted) - 1
    some = textwrap.shorten(", ".join(names[:100]), 300, placeholder=" …")
    raise SourceError(
        f"{text} has {'several channels' if found else 'no channel'} {wanted[:60]!r}; name them by "
        f"label, or by number from 1; its channels are: {some}"
    )


def _upright(up: Up | None) -> int:
    """Which of the parts runs along the picture's height."""
    return PARTS.index("z" if up == "z" else "y")
