"""Two films, followed in every frame, with progress that the window can show and stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mirror.session.offline import OfflineResult
from ui.runtime.background import Cancelled, Progress

if TYPE_CHECKING:
    from mirror.session.start import SessionRequest

MS: Final = 1000
"""Progress is counted in milliseconds of the films: whole numbers, for Qt's progress bar."""


@dataclass
class Pace:
    """How fast an analysis is, counted on its own thread and read on the window's.

    Attributes
    ----------
    step : str
        What is being done before the first picture.
    frames : int
        Pictures of both films that were followed so far.
    """

    step: str = ""
    frames: int = 0

    def announce(self, step: str) -> None:
        """Keep what is being done now."""
        self.step = step


Analyser = Callable[["SessionRequest", Progress, Pace], OfflineResult]


def analysed(start: SessionRequest, progress: Progress, pace: Pace) -> OfflineResult:
    """Follow both people in every frame of two films.

    Where it is cancelled, or a film turns out to be cut off, what came before is kept.

    Parameters
    ----------
    start : SessionRequest
        With an `output`.
    progress : callable
        Given milliseconds of the films; may raise `Cancelled`.
    pace : Pace
        Counts along.

    Raises
    ------
    MirrorError
        Where nothing could be analysed.
    """
    from mirror.session.start import start_offline

    progress(0, 0)
    session = start_offline(start, pace.announce)
    total = round(MS * (session.duration or 0))
    for update in session.run():
        pace.frames = session.frames
        try:
            progress(round(MS * update.time), total)
        except Cancelled:
            session.stop()
    assert session.result is not None, "it has come to its end"
    return session.result
