"""An offline session: every frame of two recorded sources, in order of time.

One thread a feed reads and follows every frame, as fast as the machine allows; nothing is dropped.
"""

from __future__ import annotations

import queue
from collections.abc import Generator
from concurrent.futures import Future
from contextlib import closing, suppress
from functools import partial

from mirror._support.threads import run_in_thread
from mirror.capture.base import Frame, Source
from mirror.errors import CutOffError
from mirror.landmarks import FEEDS, Feed, Pose
from mirror.session.base import Session, Update

# Poses that one feed may be ahead of the other. Their pictures wait with them: few are soon used
# again, while they are still in the cache.
_AHEAD = 4
_ROOM_WITHIN = 0.25  # how often the end makes room for a thread that waits for it, s


class OfflineSession(Session):
    """Every frame of two recorded sources, as fast as the machine allows."""

    _ticks_at_once = 30  # a second of them: ten rows together cost half, and no more can be lost
    _changeable = False

    @property
    def duration(self) -> float | None:
        """Seconds until both sources have ended, where known."""
        lengths = [channel.source.duration for channel in self._channels.values()]
        known = [length for length in lengths if length is not None]
        return max(known) if len(known) == len(lengths) else None

    def run(self) -> Generator[Update]:
        """Run until both sources have ended or the session is stopped; an `Update` for every pose.

        A source that is cut off is scored up to there, with a line in `warnings`.
        """
        waiting: dict[Feed, queue.Queue[tuple[Frame, Pose] | None]] = {
            feed: queue.Queue(maxsize=_AHEAD) for feed in FEEDS
        }
        work = {
            feed: run_in_thread(partial(self._follow, feed, waiting[feed]), f"pose {feed}")
            for feed in FEEDS
        }
        heads: dict[Feed, tuple[Frame, Pose] | None] = {}
        try:
            heads |= {feed: waiting[feed].get() for feed in FEEDS}
            while not self._stopped.is_set():
                for feed in FEEDS:
                    if heads[feed] is None and self._channels[feed].ended is None:
                        self._ended(feed, work[feed])
                present = {feed: head for feed, head in heads.items() if head is not None}
                if not present:
                    break
                feed = min(present, key=lambda each: present[each][1].time)
                yield self._take(feed, *present[feed])
                heads[feed] = waiting[feed].get()
        finally:
            self._stopped.set()
            for channel in self._channels.values():
                channel.source.close()  # first: a thread may wait in one for the other's reader
            for feed, places in waiting.items():
                # a thread that waits for room must come to see the end
                while not work[feed].done():
                    with suppress(queue.Empty):
                        places.get(timeout=_ROOM_WITHIN)
            last = self._finish()
        yield last

    def _follow(self, feed: Feed, out: queue.Queue[tuple[Frame, Pose] | None]) -> None:
        source = self._channels[feed].source
        assert isinstance(source, Source), "poses come live only"
        try:
            with closing(self._make_tracker()) as tracker:
                for frame in source:
                    if self._stopped.is_set():
                        break
                    out.put((frame, tracker.track(frame)))
        finally:
            source.close()  # of a shared one, the other view goes on
            out.put(None)

    def _ended(self, feed: Feed, work: Future[None]) -> None:
        error = work.exception()
        if error is not None and not isinstance(error, CutOffError):
            raise error
        self._feed_ended(feed, None if error is None else str(error))
