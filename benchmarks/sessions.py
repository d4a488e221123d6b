"""Model, folder and live demo for the measurements of whole sessions."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rich.console import Console

from mirror.capture import open_pair
from mirror.capture.pose_model import provide_model
from mirror.capture.tracker import PoseTracker
from mirror.cli.meter import TerminalMeter
from mirror.landmarks import Model
from mirror.recording.provenance import session_metadata
from mirror.recording.writer import Recorder
from mirror.session.base import Update
from mirror.session.live import LiveSession
from mirror.settings import Settings


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Create a folder for clips and recordings; remove it afterwards."""
    with tempfile.TemporaryDirectory(prefix="mirror-bench-") as name:
        yield Path(name)


def model() -> Model:
    """Return the pose model of the commands."""
    return provide_model()


def recorder(folder: Path, texts: tuple[str, str], settings: Settings) -> Recorder:
    """Create a recording as the commands do."""
    return Recorder(folder / "session.mirror", session_metadata(settings, texts, model()))


def live_demo(
    folder: Path, seconds: float, *, meter: bool
) -> Iterator[tuple[LiveSession, Update, TerminalMeter | None]]:
    """Yield the updates of a recorded live session of the two rendered people.

    With `meter`, the terminal meter draws it to the null device.
    """
    texts, settings = ("demo:a", "demo:b"), Settings()
    a, b = open_pair(*texts, loop=True)
    path = model().path
    session = LiveSession(
        a,
        b,
        settings,
        tracker=lambda: PoseTracker(path),
        recorder=recorder(folder, texts, settings),
    )
    with ExitStack() as stack:
        shown = None
        if meter:
            nowhere = stack.enter_context(Path(os.devnull).open("w", encoding="utf-8"))
            console = Console(file=nowhere, force_terminal=True, width=100, height=40)
            shown = stack.enter_context(TerminalMeter(console, "demo", lambda: "Recording"))
        for update in session.run(seconds):
            yield session, update, shown
            if shown is not None:
                shown.show(update, session.status(), session.warnings)
