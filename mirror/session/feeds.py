"""The state of a session's two feeds."""

import math
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from mirror.capture.base import LOST, REPEATED, FeedSource, Source, count_notes
from mirror.landmarks import Pose
from mirror.session.watchdog import ADVICE, Watchdog, follows
from mirror.wording import CAMERA_MOVES

if TYPE_CHECKING:
    from mirror.capture.camera_motion import CameraMotion

AT_ITS_END: Final = "at its end"
CAMERA_COUNTS: Final = ("moved", "unknown", "troubles")  # of `CameraMotion`
_RATE_SPAN_S: Final = 2.0
_NOTED: Final = 0.05  # share of the frames
_LOST, _FEWEST_LOST = 0.1, 15  # share of the frames; frames


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """The status of one feed at a moment."""

    text: str  # the source, as the user wrote it
    frames: int  # frames that were tracked and scored
    dropped: int  # frames that were skipped because a newer one was there
    found: bool  # whether a person was in the last frame
    found_frames: int  # scored frames with a person
    rate: float  # frames tracked per second, over the last two seconds
    # Why no more frames will come: `AT_ITS_END`, or the error; None while the feed runs.
    ended: str | None
    paused: int = 0  # frames that were tracked while the session was paused, and not scored
    repeated: int = 0  # frames of the screen in which nothing had changed, and that were left out
    repeats: bool = False  # whether there were more of these than tracked ones, over two seconds
    # What is wrong with the feed at present, in words; None if nothing is, and at its end.
    trouble: str | None = None
    silent: bool = False  # whether the trouble is that no frames come
    disturbed: bool = False  # whether frames come, but the source knows that something is wrong
    slow: bool = False  # whether it is that the computer is too slow to score them
    # Whether it is a plain series: read "samples" for frames, and "values" for a person.
    series: bool = False


@dataclass(slots=True)
class FeedState:
    """A feed's source, camera, counts and, in a live session, its watchdog.

    The camera's motion is measured from the first frame on; a source of poses has none. `nominal`
    is the frame rate of a recorded source that is played in real time, Hz; `skipped` counts frames
    that were not tracked because the computer is too slow; `counts` are those of its chunks.
    """

    source: FeedSource
    camera: "CameraMotion | None" = None
    nominal: float | None = None
    skipped: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    watchdog: Watchdog = field(default_factory=Watchdog)
    frames: int = 0
    paused: int = 0
    found_frames: int = 0
    found: bool = False
    ended: str | None = None
    _times: deque[tuple[float, int]] = field(default_factory=deque)  # and repeats until then
    _dropped_first: int = 0  # until the first frame was tracked, at:
    _first: float = math.inf

    def notes(self) -> tuple[str, ...]:
        """Return the source's notes, and what was wrong with the feed for long."""
        notes = self.source.notes + count_notes(self.source.text, self.counts)
        tracked = self.frames + self.paused
        if self.camera is not None and self.camera.troubles > _NOTED * tracked:
            notes += (f"{self.source.text}: {CAMERA_MOVES} more than can be taken out",)
        lost = self.dropped - self._dropped_first
        offered = self.offered()
        if self.source.live and offered and lost > max(_FEWEST_LOST, _LOST * (tracked + lost)):
            followed = offered * tracked / (tracked + lost)
            notes += (f"{self.source.text}: {follows('followed', followed, offered)}; {ADVICE}",)
        return notes

    @property
    def dropped(self) -> int:
        """Frames that were not tracked."""
        return self.source.dropped + self.skipped + sum(self.counts[why] for why in LOST)

    def add(self, counts: Counter[str]) -> None:
        """Count what was found in a chunk of the source that was tracked by itself."""
        from mirror.capture.camera_motion import CameraMotion

        self.camera = self.camera or CameraMotion()
        for name in CAMERA_COUNTS:
            setattr(self.camera, name, getattr(self.camera, name) + counts.pop(name, 0))
        self.counts.update(counts)

    def offered(self) -> float | None:
        """Return how many frames per second the source sends; None if that is not known."""
        if not isinstance(self.source, Source):
            return None
        return self.nominal or self.watchdog.rate() or self.source.rate

    def count(self, pose: Pose, now: float, *, paused: bool = False) -> None:
        """Count a frame that was tracked, at `now` on the steady clock."""
        if not self.frames + self.paused:
            self._dropped_first, self._first = self.dropped, now
        self.found = pose.found
        if paused:
            self.paused += 1
        else:
            self.frames += 1
            self.found_frames += self.found
        self._times.append((now, self.source.counts[REPEATED]))
        while self._times[0][0] < now - _RATE_SPAN_S:
            self._times.popleft()

    def check(self, now: float, needed: float) -> list[str]:
        """Return what the watchdog has to report; `needed` as in `Watchdog.check`."""
        if self.ended is not None:
            return []
        rate = self.source.rate if self.source.live else None
        moves = self.camera is not None and self.camera.troubled
        offered, followed = self.offered(), None
        if offered is not None and self.watchdog.rate() and now - self._first >= _RATE_SPAN_S:
            latest = sum(each >= now - _RATE_SPAN_S for each, _ in self._times.copy())
            followed = min(offered, latest / _RATE_SPAN_S)
        return self.watchdog.check(
            now,
            known=self.source.trouble,
            rate=rate,
            offered=offered,
            followed=followed,
            needed=needed,
            is_played=self.nominal is not None,
            camera_moves=moves,
            unit="frames" if isinstance(self.source, Source) else "samples",
        )

    def status(self, now: float) -> FeedStatus:
        """Return the status; may be called from any thread."""
        trouble = self.watchdog.trouble if self.ended is None else None
        silent = trouble is not None and trouble.silent
        recent = [each for each in self._times.copy() if each[0] >= now - _RATE_SPAN_S]
        return FeedStatus(
            text=self.source.text,
            frames=self.frames,
            dropped=self.dropped,
            found=self.found and self.ended is None and not silent,
            found_frames=self.found_frames,
            rate=(len(recent) - 1) / (recent[-1][0] - recent[0][0]) if len(recent) > 2 else 0.0,
            ended=self.ended,
            paused=self.paused,
            repeated=self.source.counts[REPEATED],
            repeats=bool(recent) and self.source.counts[REPEATED] - recent[0][1] > len(recent),
            trouble=None if trouble is None else trouble.text,
            silent=silent,
            disturbed=trouble is not None and trouble.kind == "source" and not silent,
            slow=trouble is not None and trouble.kind == "computer" and trouble.unscored,
            series=self.source.series is not None,
        )
