"""What is compared: two bodies, or plain series of one person or of both.

A series of one person beside the body of the other is compared with the channels of that body that
its own are called after. Between two series, the first channel goes with the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mirror.errors import SourceError
from mirror.estimator.align import Tick
from mirror.estimator.movement import (
    BODY,
    CHANNELS,
    JOINTS,
    Layout,
    Movement,
    from_poses,
    from_series,
    series_layout,
)
from mirror.landmarks import MOST_CHANNELS, Feed, Pose, plain_label
from mirror.settings import Settings

Names = tuple[str, ...]

_PLACES: Final = {plain_label(name): place for place, name in enumerate(CHANNELS)}


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
        if self.a is None or self.b is None:
            self._places()  # refuses what is no channel of a body
        elif len(self.a) != len(self.b):
            raise SourceError(
                f"A's series has {len(self.a)} channels and B's {len(self.b)}; "
                "as many are needed of both: name some with #series=NAME,NAME"
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

    def of(self, feed: Feed) -> Names | None:
        """The channels of one person's series; None where the body is followed."""
        return self.a if feed == "a" else self.b

    @property
    def layout(self) -> Layout:
        """Which channels the movement of both has."""
        if self.a is not None and self.b is not None:
            return series_layout(len(self.a))
        if self == TWO_BODIES:
            return BODY
        places = self._places()
        return Layout({}, BODY.needs[places], BODY.sideways[places])

    def movement(
        self, ticks: Sequence[Tick], settings: Settings
    ) -> tuple[NDArray[np.float64], Movement, Movement]:
        """Times [tick] and both people's movement, one mapped onto the other as the settings say.

        Two series are compared as they are. Beside a series it is the body that is turned, whoever
        of the two is B: it makes no difference which of them looks into the mirror.
        """
        times = np.array([tick.time for tick in ticks], dtype=float)
        mirrored = settings.mapping == "mirror"
        a = self._person(self.a, [tick.a for tick in ticks], mirrored and self.b is not None)
        b = self._person(self.b, [tick.b for tick in ticks], mirrored)
        return times, a, b

    def _person(
        self, names: Names | None, poses: Sequence[Pose | None], mirrored: bool
    ) -> Movement:
        if names is not None:
            beside_a_body = None in (self.a, self.b)
            return _series(poses, len(names), joints=len(JOINTS) if beside_a_body else 0)
        body = from_poses(poses, mirrored=mirrored)
        if self == TWO_BODIES:
            return body
        # A series has no limbs to match with.
        return replace(body, channels=body.channels[:, self._places()], limbs=body.limbs[:, :0])

    def _places(self) -> list[int]:
        """Where the channels of the one series stand among a body's."""
        found = []
        for name in self.a or self.b or ():
            place = _PLACES.get(plain_label(name))
            if place is None:
                raise SourceError(
                    f"a channel called {name[:60]!r} says nothing about whom a camera follows; "
                    f"name channels with #series=, labelled after a body's: {CHANNELS[0]} … "
                    f"{CHANNELS[-1]} (docs/streams.md), or give a series for both"
                )
            found.append(place)
        return found


TWO_BODIES = Signals()


def _series(poses: Sequence[Pose | None], count: int, joints: int) -> Movement:
    values = np.full((len(poses), count), np.nan)
    for tick, pose in enumerate(poses):
        if pose is not None and pose.series is not None:
            values[tick] = pose.series
    found = from_series(values, np.array([pose is not None for pose in poses], bool))
    seen = np.repeat(found.present[:, None].astype(float), joints, axis=1)
    return replace(found, visibility=seen)


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
