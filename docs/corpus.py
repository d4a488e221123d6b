"""The corpus of docs/studies.md, simulated: ``python docs/corpus.py FOLDER [DYADS] [SECONDS]``.

After Drolet and Morris (2000): pairs who cannot see each other, who only imagine each other's face,
and who talk face to face. What one does, the other follows half a second later, the more the better
they see each other; and the more they follow, the better they cooperate. All of it is known here:
landmarks are simulated, so that no video is needed and the effects can be compared with the truth.
"""

from __future__ import annotations

import csv
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mirror.estimator.movement import CHANNELS, MIRROR_CHANNELS, MIRROR_SIGNS
from mirror.landmarks import FEEDS, Landmark, Pose
from mirror.recording.provenance import session_metadata
from mirror.recording.writer import complete_recording
from mirror.settings import Settings
from mirror.validation.simulated import RATE, follower, gestures, to_movement

Array = NDArray[np.float64]

COUPLING: Final = {"no visual access": 0.10, "imagined": 0.25, "face to face": 0.60}
"""Mean correlation of the follower's movement with the leader's, by condition."""

SPREAD: Final = 0.12
"""Standard deviation of the coupling between dyads of one condition."""

LAG_S: Final = 0.5
PER_COUPLING: Final = 6.0
"""Points of cooperation for a coupling of 1; their residual standard deviation is 1."""

_EVERY: Final = 3  # ticks a frame: 10 frames a second
_HEIGHT, _WIDTH = 480, 640
_SHOULDERS: Final = 0.2  # their width, in frame heights
_PLACES: Final = {
    Landmark.NOSE: (0.0, -0.8),
    Landmark.LEFT_EAR: (0.25, -0.75),
    Landmark.LEFT_ELBOW: (0.7, 0.8),
    Landmark.LEFT_WRIST: (0.6, 1.4),
    Landmark.LEFT_HIP: (0.27, 1.42),
    Landmark.LEFT_KNEE: (0.3, 2.0),
    Landmark.LEFT_ANKLE: (0.3, 2.8),
}
"""Of a person at rest, from the midpoint of the shoulders, in shoulder widths."""


@dataclass(frozen=True)
class Truth:
    """What is true of a dyad, and none of the tests may see."""

    id: str
    condition: str
    coupling: float
    cooperation: float


def landmarks(channels: Array) -> NDArray[np.float32]:
    """Return landmarks [frame, 33, 4] that move as the channels say [frame, channel]."""
    at = dict(zip(CHANNELS, channels.T, strict=True))
    torso = np.stack([at["torso_x"], at["torso_y"]], axis=1)
    places = np.zeros((len(channels), len(Landmark), 2))
    for mark, rest in _PLACES.items():
        for side, sign in (("left", 1.0), ("right", -1.0)):
            name = mark.name.lower().replace("left", side)
            moved = np.stack([at.get(f"{name}_{axis}", np.zeros(len(torso))) for axis in "xy"], 1)
            places[:, Landmark[name.upper()]] = torso + np.array([sign * rest[0], rest[1]]) + moved
    for end, half in ((Landmark.LEFT_SHOULDER, 0.5), (Landmark.RIGHT_SHOULDER, -0.5)):
        places[:, end] = torso + np.stack([np.full(len(torso), half), half * at["torso_tilt"]], 1)
    found = np.ones((len(channels), len(Landmark), 4), np.float32)
    found[..., 0] = 0.5 + _SHOULDERS * places[..., 0] * _HEIGHT / _WIDTH
    found[..., 1] = 0.3 + _SHOULDERS * places[..., 1]
    return found


def record(path: Path, a: Array, b: Array, **about: object) -> None:
    """Write a recording of two people who face each other, from their channels at 30 Hz."""
    facing = b[:, MIRROR_CHANNELS] * MIRROR_SIGNS
    session = session_metadata(Settings(), ("simulated", "simulated"), None, **about)
    both = [landmarks(each[::_EVERY]) for each in (a, facing)]
    with complete_recording(path, session) as recorder:
        for frame, pair in enumerate(zip(*both, strict=True)):
            for feed, marks in zip(FEEDS, pair, strict=True):
                pose = Pose(frame * _EVERY / RATE, marks, None, _WIDTH, _HEIGHT)
                recorder.add_pose(feed, pose)
        recorder.update_session({"quality": {"duration_s": len(a) / RATE, "feeds": {}}})


def write_corpus(
    folder: Path, dyads: int = 42, seconds: float = 180.0, seed: int = 0
) -> list[Truth]:
    """Write recordings and ``study.csv`` into a folder; return what is true of them."""
    folder.mkdir(parents=True, exist_ok=True)
    lag, found = round(LAG_S * RATE), []
    for number in range(dyads):
        rng = np.random.default_rng((seed, number))
        condition = list(COUPLING)[number % len(COUPLING)]
        coupling = float(np.clip(rng.normal(COUPLING[condition], SPREAD), 0.0, 0.95))
        leader = gestures(round(seconds * RATE) + lag, rng)
        a, b = leader[lag:], follower(leader, lag, coupling, rng)
        a, b = (to_movement(each, rng).channels for each in (a, b))
        truth = Truth(
            f"d{number + 1:02d}", condition, coupling, 4.0 + PER_COUPLING * coupling + rng.normal()
        )
        record(folder / f"{truth.id}.mirror", a, b, condition=condition)
        found.append(truth)
    with (folder / "study.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(("id", "a", "b", "condition", "cooperation"))
        for each in found:
            row = f"{each.id}.mirror", "", each.condition, f"{each.cooperation:.1f}"
            table.writerow((each.id, *row))
    return found


if __name__ == "__main__":
    write_corpus(Path(sys.argv[1]), *map(int, sys.argv[2:4]))
