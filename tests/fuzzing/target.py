"""One target, fuzzed by atheris in a process of its own: anything but a `MirrorError` ends it.

    python target.py NAME FOLDER LIBFUZZER-OPTION …

Inputs that lead to new code are kept in FOLDER.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import atheris

# What is not instrumented as it is imported is not steered by: its branches are not seen.
with atheris.instrument_imports(include=["mirror", "tomllib"]):
    from mirror.analysis.series_file import read_series
    from mirror.capture import camera
    from mirror.capture.address import parse
    from mirror.errors import MirrorError
    from mirror.recording.reader import Recording
    from mirror.settings import Settings, read_settings


def read_recording(data: bytes, file: Path) -> None:
    """All that is in a recording. One that is refused at once is not read on, as in the program."""
    file.write_bytes(data)
    with Recording.open(file) as recording:
        for ask in (
            recording.timeline,
            recording.events,
            recording.counts,
            lambda: recording.session,
            lambda: recording.course,
            lambda: recording.duration,
            lambda: recording.pose_at("a", 0.1),
            lambda: recording.pose_times("b"),
            lambda: recording.score_at(0.2),
            lambda: recording.row_times(0.1),
            lambda: recording.sample(2),
            lambda: sum(1 for _ in recording.poses()),
        ):
            complained(ask)


def parse_address(data: bytes, _file: Path) -> None:
    """The text of a source."""
    found = parse(data.decode("utf-8", "surrogateescape"))
    assert found.text.isprintable()
    assert found.end is None or 0 <= found.start < found.end
    if found.crop is not None:
        assert min(found.crop.x, found.crop.y) >= 0 < min(found.crop.width, found.crop.height)


def read_toml(data: bytes, file: Path) -> None:
    """A settings file; what is taken is written and understood again as the same."""
    file.write_bytes(data)
    settings = read_settings(file)
    assert Settings.from_dict(settings.to_dict()) == settings


def read_table(data: bytes, file: Path) -> None:
    """Two series from a text file."""
    file.write_bytes(data)
    series = read_series(file, ("pat", "th"), time="time")
    assert series.a.shape == series.b.shape
    assert series.rate > 0


TARGETS: dict[str, Callable[[bytes, Path], None]] = {
    "recording": read_recording,
    "address": parse_address,
    "settings": read_toml,
    "series": read_table,
}


def complained(ask: Callable[[], object]) -> None:
    """Ask; a `MirrorError` is an answer, if it is of one line."""
    said = ""
    try:
        ask()
    except MirrorError as error:
        said = str(error)
    assert "\n" not in said, said


def main() -> None:
    """Fuzz what the command line names; libFuzzer ends the process itself."""
    name, *options = sys.argv[1:]
    target = TARGETS[name]
    # Texts are looked up among the cameras of this machine, of which there may be any.
    camera.cameras_called = lambda _text: []
    with tempfile.TemporaryDirectory(prefix="mirror-fuzzing-") as folder:
        file = Path(folder) / "input"
        atheris.Setup([sys.argv[0], *options], lambda data: complained(lambda: target(data, file)))
        atheris.Fuzz()


if __name__ == "__main__":
    main()
