"""Fuzz one target with atheris; any exception but a `MirrorError` ends the process.

    python target.py NAME FOLDER LIBFUZZER-OPTION …

Inputs that reach new code are stored in FOLDER.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import atheris

# Only code instrumented at import guides the fuzzer; instrumenting the rest would take seconds.
READING = (
    *("_support", "capture", "cli.options", "errors", "events", "landmarks", "recording"),
    *("settings", "settings_history", "timeline"),
)
with atheris.instrument_imports(include=[*(f"mirror.{each}" for each in READING), "tomllib"]):
    from mirror.capture import camera
    from mirror.capture.address import parse
    from mirror.capture.series_file import read_series
    from mirror.cli.options import Chosen
    from mirror.errors import MirrorError
    from mirror.recording.reader import Recording
    from mirror.settings import Settings, read_values


def read_recording(data: bytes, file: Path) -> None:
    """Read everything in a recording."""
    file.write_bytes(data)
    with Recording.open(file) as recording:
        for ask in (
            recording.timeline,
            recording.events,
            recording.counts,
            lambda: recording.session,
            lambda: recording.settings_history,
            lambda: recording.duration,
            lambda: recording.pose_at("a", 0.1),
            lambda: recording.pose_times("b"),
            lambda: recording.score_at(0.2),
            lambda: recording.row_times(0.1),
            lambda: recording.sample(2),
            lambda: sum(1 for _ in recording.poses()),
        ):
            call(ask)


def parse_address(data: bytes, _file: Path) -> None:
    """Parse the text of a source."""
    found = parse(data.decode("utf-8", "surrogateescape"))
    assert found.text.isprintable()
    assert found.end is None or 0 <= found.start < found.end
    if found.crop is not None:
        assert min(found.crop.x, found.crop.y) >= 0 < min(found.crop.width, found.crop.height)


def read_toml(data: bytes, file: Path) -> None:
    """Read a settings file; accepted settings survive a round trip."""
    file.write_bytes(data)
    settings = Chosen(read_values(file), file)(Settings())
    assert Settings.from_dict(settings.to_dict()) == settings


def read_table(data: bytes, file: Path) -> None:
    """Read two series from a text file."""
    file.write_bytes(data)
    times, values, rate = read_series(file, ("pat", "th"), time="time")
    assert values.shape == (len(times), 2)
    assert rate > 0


TARGETS: dict[str, Callable[[bytes, Path], None]] = {
    "recording": read_recording,
    "address": parse_address,
    "settings": read_toml,
    "series": read_table,
}


def call(ask: Callable[[], object]) -> None:
    """Call a function; a `MirrorError` of one line is accepted."""
    message = ""
    try:
        ask()
    except MirrorError as error:
        message = str(error)
    assert "\n" not in message, message


def main() -> None:
    """Fuzz the target named on the command line; libFuzzer ends the process."""
    name, *options = sys.argv[1:]
    target = TARGETS[name]
    with (
        tempfile.TemporaryDirectory(prefix="mirror-fuzzing-") as folder,
        # Source texts are compared with the names of this machine's cameras.
        patch.object(camera, "cameras_called", lambda _text: []),
    ):
        file = Path(folder) / "input"
        atheris.Setup([sys.argv[0], *options], lambda data: call(lambda: target(data, file)))
        atheris.Fuzz()


if __name__ == "__main__":
    main()
