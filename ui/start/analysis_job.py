"""Two films, followed in every frame, with progress that the window can show and stop."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mirror.capture.synthetic.script import Script
from mirror.errors import SourceError
from ui.runtime.background import Cancelled, Progress
from ui.words import elapsed

if TYPE_CHECKING:
    from mirror.session.offline import OfflineSession
    from mirror.session.start import SessionRequest

MS: Final = 1000
"""Progress is counted in milliseconds of the films: whole numbers, for Qt's progress bar."""


@dataclass(frozen=True)
class Analysed:
    """What an analysis came to.

    Attributes
    ----------
    path : Path or None
        The recording; None where nothing came to be recorded.
    faults : tuple of str
        What it lacks, a line each; empty where it is whole.
    """

    path: Path | None
    faults: tuple[str, ...] = ()


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


Analyser = Callable[["SessionRequest", Progress, Pace], Analysed]


def analysed(start: SessionRequest, progress: Progress, pace: Pace) -> Analysed:
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
    assert session.recorder is not None, "an analysis is for its recording"
    path = session.recorder.path
    try:
        fault = _to_the_end(session, Script(start.a, start.b), progress, pace)
    except SourceError as error:
        if not path.exists():
            raise
        fault = str(error)
    faults = [*session.warnings, fault] if fault else session.warnings
    return Analysed(path if path.exists() else None, tuple(faults))


def _to_the_end(session: OfflineSession, script: Script, progress: Progress, pace: Pace) -> str:
    """Run the session; what the recording lacks, in words."""
    total = round(MS * (session.duration or 0))
    reached = 0.0
    with closing(session.run()) as updates:
        for update in updates:
            script.mark(session, update.time)
            reached = update.time
            pace.frames += update.pose is not None
            try:
                progress(round(MS * reached), total)
            except Cancelled:
                whole = f" of {elapsed(total / MS)}" if total else ""
                return f"Stopped at {elapsed(reached)}{whole}; what came before is kept."
            if session.recorder is None:
                return ""  # the disk failed, and the session's warnings say so
    empty = [each.text for each in session.status().values() if not each.found_frames]
    if empty:
        return (
            f"Nobody was found in {' and '.join(empty)}. Check that one person is in the picture "
            "from the head to the hips."
        )
    return ""
