"""A session to be killed, with fake cameras and poses; prints the time of each row, s."""

from __future__ import annotations

import sys
from pathlib import Path

from mirror.landmarks import Model
from mirror.recording.provenance import session_metadata
from mirror.recording.writer import Recorder
from mirror.session.live import LiveSession
from mirror.settings import Settings
from tests.support.fake_sessions import FakeCamera
from tests.support.fakes import Waving


def main(path: Path) -> None:
    settings = Settings(window=1.0, band=(1.0, 3.0))
    about = session_metadata(settings, ("a", "b"), Model(Path("fake.task"), "", "fake"))
    recorder = Recorder(path, about)
    session = LiveSession(
        FakeCamera("a"), FakeCamera("b"), settings, tracker=Waving, recorder=recorder
    )
    for update in session.run():
        for score in update.scores:
            sys.stdout.write(f"{score.time_s}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
