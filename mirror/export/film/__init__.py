"""The film: both people with their skeletons, the dial, the timeline and the sentence, as MP4.

`layout` holds positions and colours, `background` draws what stays the same, `frames` and
`skeleton` what moves, `lettering` text, and `encode` writes the file.
"""

from pathlib import Path
from typing import Final

from mirror.export.base import Format, Selection
from mirror.recording.playback import Replay


def _write(selection: Selection, path: Path) -> None:
    # Only this format needs the drawing, which takes a while to import.
    from mirror.export.film.encode import write_film

    with Replay.open(selection.recording.path) as replay:
        part = selection.span.start, selection.span.end
        write_film(replay, path, *part, progress=selection.progress)


VIDEO: Final = Format(
    "video", ".mp4", "Film of both people, the dial and the timeline, for any player", _write
)
