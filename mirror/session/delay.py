"""Measure the delay between two cameras: ten seconds of one person in view of both."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from mirror.capture.address import is_of_screen, with_parts
from mirror.clocks.cameras import remember_delay, two_cameras
from mirror.clocks.movement import MAX_CALL_ERROR_S, MAX_ERROR_S, MEASURED_S, Delay, measure_delay
from mirror.errors import SourceError
from mirror.landmarks import Feed, Pose
from mirror.session.start import SessionRequest, start_live

TASK: Final = (
    "One person stands where both cameras see them, and moves both arms up and down. In a video "
    "call, a second device that has joined it shows the same person in the other tile."
)


def measure_cameras(
    a: str,
    b: str,
    progress: Callable[[int, int], None],
    *,
    model: Path | None = None,
    announce: Callable[[str], None] = lambda _: None,
) -> Delay:
    """Measure by how much B's camera delivers later than A's, and remember it.

    `progress` is called with the milliseconds done and in all; if it raises, nothing is remembered.
    Model and `announce` are as for `mirror.session.start.start_live`. Raise SourceError if the
    sources are not two cameras, one fails, or the delay cannot be told; the text says why.
    """
    cameras = two_cameras(a, b)
    # A delay that is stated here is not looked up.
    a, b = (with_parts(text, delay="0") for text in (a, b))
    session = start_live(SessionRequest(a=a, b=b, model=model), announce)
    poses: list[tuple[Feed, Pose]] = []
    with closing(session.run(MEASURED_S)) as updates:
        for update in updates:
            if update.feed is not None and update.pose is not None:
                poses.append((update.feed, update.pose))
            progress(round(1e3 * min(update.time, MEASURED_S)), round(1e3 * MEASURED_S))
    if session.faults:
        raise SourceError(session.faults[0])
    delay = measure_delay(poses, MAX_CALL_ERROR_S if is_of_screen(a) else MAX_ERROR_S)
    progress(round(1e3 * MEASURED_S), round(1e3 * MEASURED_S))  # ends here if it was cancelled
    remember_delay(*cameras, delay.seconds)
    return delay
