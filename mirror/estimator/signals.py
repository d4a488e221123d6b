"""The signals compared: two bodies, or plain series of one person or of both.

A series is compared with the channels of the same names of the other person's body; two series are
compared channel by channel.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
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
from mirror.landmarks import MAX_CHANNELS, Feed, Pose, plain_label
from mirror.settings import Settings

Names = tuple[str, ...]

# The key ``noise`` of recordings of which the noise of landmarks is measured.
MEASURED: Final = "measured"
_INDEX: Final = {plain_label(name): index for index, name in enumerate(CHANNELS)}


@dataclass(frozen=True)
class Signals:
    """The signals of both people; raise SourceError if the two cannot be compared."""

    # The channels of a plain series; None for the landmarks of a body.
    a: Names | None = None
    b: Names | None = None
    # Whether the noise of two bodies' landmarks is measured. Recordings of version 0.1.0 are scored
    # without it, as their landmarks were smoothed.
    has_noise: bool = field(default=True, compare=False, kw_only=True)

    def __post_init__(self) -> None:
        if self.a is None or self.b is None:
            self._body_channels()
        elif len(self.a) != len(self.b):
            raise SourceError(
                f"A's series has {len(self.a)} channels and B's {len(self.b)}; "
                "as many are needed of both: name some with #series=NAME,NAME"
            )

    @classmethod
    def from_session(cls, session: dict[str, Any]) -> "Signals":
        """Parse a recording's ``session`` table; raise SourceError if it is damaged."""
        stored = session.get("signals", {})
        if not isinstance(stored, dict):
            raise SourceError("its signals are damaged")
        names = (_names(stored.get(feed)) for feed in ("a", "b"))
        return cls(*names, has_noise=session.get("noise") == MEASURED)

    def to_session(self) -> dict[str, Any]:
        """Return what `from_session` parses; nothing for two bodies."""
        return {} if self == TWO_BODIES else {"signals": {"a": self.a, "b": self.b}}

    def of(self, feed: Feed) -> Names | None:
        """Return the channels of one person's series; None for a body."""
        return self.a if feed == "a" else self.b

    @property
    def layout(self) -> Layout:
        """The channels of both people's movement."""
        if self.a is not None and self.b is not None:
            return series_layout(len(self.a))
        if self == TWO_BODIES:
            return replace(BODY, has_noise=self.has_noise)
        channels = self._body_channels()
        return Layout({}, BODY.needs[channels], BODY.sideways[channels])

    def movement(
        self, ticks: Sequence[Tick], settings: Settings
    ) -> tuple[NDArray[np.float64], Movement, Movement]:
        """Return times [tick] and both people's movement, mapped onto each other.

        Of two bodies, B's is mapped; of a body and a series, the body; of two series, neither.
        """
        times = np.array([tick.time for tick in ticks], dtype=float)
        mirrored = settings.mapping == "mirror"
        poses_a, poses_b = [tick.a for tick in ticks], [tick.b for tick in ticks]
        if self == TWO_BODIES:
            count = len(ticks)
            both = from_poses(
                poses_a + poses_b, mirrored=slice(count if mirrored else 2 * count, None)
            )
            return times, both.cut(slice(count)), both.cut(slice(count, None))
        a = self._person(self.a, poses_a, mirrored and self.b is not None)
        return times, a, self._person(self.b, poses_b, mirrored)

    def _person(
        self, names: Names | None, poses: Sequence[Pose | None], mirrored: bool
    ) -> Movement:
        if names is not None:
            return _series(poses, len(names), joints=len(JOINTS) if None in (self.a, self.b) else 0)
        body = from_poses(poses, mirrored=mirrored)
        return body._replace(channels=body.channels[:, self._body_channels()])

    def _body_channels(self) -> list[int]:
        """Return the channels of a body that those of the one series are named after."""
        channels = []
        for name in self.a or self.b or ():
            index = _INDEX.get(plain_label(name))
            if index is None:
                raise SourceError(
                    f"channel {name[:60]!r} cannot be compared with a body; "
                    f"name channels with #series=, labelled after a body's: {CHANNELS[0]} … "
                    f"{CHANNELS[-1]} (docs/streams.md), or give a series for both"
                )
            channels.append(index)
        return channels


TWO_BODIES = Signals()


def _series(poses: Sequence[Pose | None], count: int, joints: int) -> Movement:
    values = np.full((len(poses), count), np.nan)
    for tick, pose in enumerate(poses):
        if pose is not None and pose.series is not None:
            values[tick] = pose.series
    series = from_series(values, np.array([pose is not None for pose in poses], bool))
    seen = np.repeat(series.present[:, None].astype(float), joints, axis=1)
    return series._replace(visibility=seen)


def _names(stored: object) -> Names | None:
    if stored is None:
        return None
    if (
        not isinstance(stored, list)
        or not 0 < len(stored) <= MAX_CHANNELS
        or not all(isinstance(name, str) for name in stored)
    ):
        raise SourceError("its signals are damaged")
    return tuple(stored)
