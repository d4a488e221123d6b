"""Video: both people with their skeletons, the dial, the timeline and the sentence, as a film."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from mirror.export.base import Format
from mirror.export.part import Part
from mirror.recording.playback import Replay


def _write(part: Part, path: Path) -> None:
    # The drawing takes a while to import, and no other format needs it.
    from mirror.export.film.encode import write_film

    with Replay.open(part.recording.path) as replay:
        write_film(replay, path, part.start, part.end, progress=part.progress)


VIDEO: Final = Format(
    "video", ".mp4", "Film of both people, the dial and the timeline, for any player", _write
)
