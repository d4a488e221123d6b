"""The two feeds of a session: what is kept about each, and how it is doing."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from mirror._support.threads import Latest
from mirror.capture.base import FeedSource, Frame
from mirror.landmarks import Pose
from mirror.session.watchdog import Watchdog

AT_ITS_END = "at its end"
_LOOK_BACK = 2.0  # frame rates are those of the last seconds


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """How one feed is doing.

    Attributes
    ----------
    text : str
        The source, as the user wrote it.
    frames : int
        Pictures that were followed and scored.
    dropped : int
        Pictures that were passed over because a newer one was there.
    found : bool
        Whether somebody was in the last picture.
    found_frames : int
        Pictures that were scored with somebody in them.
    rate : float
        Pictures followed per second, over the last two seconds.
    ended : str or None
        Why there will be no more pictures: `AT_ITS_END`, or what went wrong; None while there may
        be.
    paused : int
        Pictures that were followed while the session was paused: shown, and not scored.
    trouble : str or None
        What is wrong with the feed at present, in words; None where all is well, and at its end.
    silent : bool
        Whether the trouble is that no pictures come.
    series : bool
        Whether it gives a plain series: for pictures, read samples, and for somebody, values.
    """

    text: str
    frames: int
    dropped: int
    found: bool
    found_frames: int
    rate: float
    ended: str | None
    paused: int = 0
    trouble: str | None = None
    silent: bool = False
    series: bool = False


@dataclass(slots=True)
class FeedState:
    """What a session keeps about one feed.

    Attributes
    ----------
    source : Source or PoseSource
    latest : Latest of Frame
        The picture that waits to be followed; live only.
    watch : Watchdog
        Of its pictures' coming; live only.
    ended : str or None
        As in `FeedStatus`.
    """

    source: FeedSource
    latest: Latest[Frame] = field(default_factory=Latest)
    watch: Watchdog = field(default_factory=Watchdog)
    frames: int = 0
    paused: int = 0
    found_frames: int = 0
    found: bool = False
    recent: deque[float] = field(default_factory=deque)
    ended: str | None = None

    @property
    def dropped(self) -> int:
        """Pictures passed over here, or by a source that two people share."""
        return self.latest.dropped + self.source.dropped

    def note(self, pose: Pose, now: float, *, paused: bool = False) -> None:
        """Count a picture that was followed, at `now` on the machine's steady clock."""
        self.found = pose.found
        if paused:
            self.paused += 1
        else:
            self.frames += 1
            self.found_frames += self.found
        self.recent.append(now)
        while self.recent[0] < now - _LOOK_BACK:
            self.recent.popleft()

    def look(self, now: float) -> list[str]:
        """Return what is new, as in `mirror.session.watchdog.Watchdog.look`."""
        if self.ended is not None:
            return []
        rate = self.source.rate if self.source.live else None
        return self.watch.look(now, known=self.source.trouble, rate=rate)

    def status(self, now: float) -> FeedStatus:
        """How the feed is doing; may be called from any thread."""
        trouble = self.watch.trouble if self.ended is None else None
        silent = trouble is not None and trouble.silent
        within = [moment for moment in self.recent.copy() if moment >= now - _LOOK_BACK]
        rate = (len(within) - 1) / (within[-1] - within[0]) if len(within) > 2 else 0.0
        return FeedStatus(
            self.source.text,
            self.frames,
            self.dropped,
            self.found and self.ended is None and not silent,
            self.found_frames,
            rate,
            self.ended,
            self.paused,
            None if trouble is None else trouble.text,
            silent,
            self.source.series is not None,
        )
