"""What is compared: two bodies, or plain series of one person or of both.

A series of one person beside the body of the other is compared with the channels of that body that
its own are called after. Between two series, the first channel goes with the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror.clock import Tick
from mirror.errors import SourceError
from mirror.landmarks import MOST_CHANNELS, Pose
from mirror.movement import (
    BODY,
    CHANNELS,
    JOINTS,
    MIRROR_CHANNELS,
    MIRROR_SIGNS,
    Layout,
    Movement,
    from_poses,
    from_series,
    series_layout,
)
from mirror.settings import Settings

Names = tuple[str, ...]


@dataclass(frozen=True)
class Signals:
    """What is known of each person.

    Attributes
    ----------
    a, b : tuple of str or None
        The channels of a plain series; None where the person's body is followed.

    Raises
    ------
    SourceError
        Where the two cannot be compared.
    """

    a: Names | None = None
    b: Names | None = None

    def __post_init__(self) -> None:
        if self.a is not None and self.b is not None:
            if len(self.a) != len(self.b):
                raise SourceError(
                    f"A's series has {len(self.a)} channels and B's {len(self.b)}; "
                    "as many are needed of both: name some with #series=NAME,NAME"
                )
            return
        for name in self.a or self.b or ():
            if name not in CHANNELS:
                raise SourceError(
                    f"a channel called {name[:60]!r} says nothing about whom a camera follows; "
                    f"name channels with #series=, labelled after a body's: {CHANNELS[0]} … "
                    f"{CHANNELS[-1]} (docs/streams.md), or give a series for both"
                )

    @classmethod
    def from_session(cls, session: dict[str, Any]) -> Signals:
        """What a recording's ``session`` table says; raises SourceError where it is damaged."""
        stored = session.get("signals", {})
        if not isinstance(stored, dict):
            raise SourceError("its signals are none")
        return cls(*(_names(stored.get(feed)) for feed in ("a", "b")))

    def to_session(self) -> dict[str, Any]:
        """What `from_session` takes; nothing for two bodies."""
        if self == TWO_BODIES:
            return {}
        return {"signals": {"a": self.a, "b": self.b}}

    @property
    def layout(self) -> Layout:
        """Which channels the movement of both has."""
        if self.a is not None and self.b is not None:
            return series_layout(len(self.a))
        if (names := self.a or self.b) is None:
            return BODY
        chosen = [CHANNELS.index(name) for name in names]
        return Layout({}, BODY.needs[chosen], BODY.sideways[chosen])

    def movement(
        self, ticks: Sequence[Tick], settings: Settings
    ) -> tuple[NDArray[np.float64], Movement, Movement]:
        """Times [tick] and both people's movement, B's mapped onto A's as the settings say.

        The mapping does not apply between two series, which are compared as they are.
        """
        times = np.array([tick.time for tick in ticks], dtype=float)
        mirrored = settings.mapping == "mirror"
        of_a, of_b = [tick.a for tick in ticks], [tick.b for tick in ticks]
        if self.a is None and self.b is None:
            return times, from_poses(of_a, mirrored=False), from_poses(of_b, mirrored=mirrored)
        if self.a is not None and self.b is not None:
            return times, _series(of_a, len(self.a)), _series(of_b, len(self.b))
        if self.a is not None:
            chosen = [CHANNELS.index(name) for name in self.a]
            a, b = _beside(_series(of_a, len(chosen))), from_poses(of_b, mirrored=mirrored)
            return times, a, _chosen(b, chosen)
        # B's own left is A's right in the mirror.
        chosen = [CHANNELS.index(name) for name in self.b or ()]
        places = MIRROR_CHANNELS[chosen] if mirrored else np.array(chosen, np.intp)
        b = _beside(_series(of_b, len(chosen)))
        if mirrored:
            b = replace(b, channels=b.channels * MIRROR_SIGNS[chosen])
        return times, _chosen(from_poses(of_a, mirrored=False), places), b


TWO_BODIES = Signals()


def _series(poses: Sequence[Pose | None], count: int) -> Movement:
    values = np.full((len(poses), count), np.nan)
    for tick, pose in enumerate(poses):
        if pose is not None and pose.series is not None:
            values[tick] = pose.series
    return from_series(values, np.array([pose is not None for pose in poses], bool))


def _beside(series: Movement) -> Movement:
    """A series as a body's movement, all of it seen."""
    seen = np.repeat(series.present[:, None].astype(float), len(JOINTS), axis=1)
    return replace(series, visibility=seen)


def _chosen(body: Movement, channels: Sequence[int] | NDArray[np.intp]) -> Movement:
    """Some channels of a body, without the limbs, which a series has none to match with."""
    return replace(body, channels=body.channels[:, channels], limbs=body.limbs[:, :0])


def _names(stored: object) -> Names | None:
    if stored is None:
        return None
    if (
        not isinstance(stored, list)
        or not 0 < len(stored) <= MOST_CHANNELS
        or not all(isinstance(name, str) for name in stored)
    ):
        raise SourceError("its signals are none")
    return tuple(stored)
