"""Malicious videos, settings and texts: rejected, or read in part."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import cv2
import hypothesis
import numpy as np
import pytest
from hypothesis import strategies

import mirror
from mirror.capture import open_source
from mirror.capture.timestamps import Timestamps
from mirror.cli.console import Terminal, escape_control_chars
from mirror.errors import MirrorError, SettingsError, SourceError
from mirror.events import Event
from tests.support.clips import write_video
from tests.support.commands import error_line, run, run_here
from tests.support.effort import cases
from tests.support.recordings import make_recording
from tests.support.settings_files import read_settings

READ = """
import resource, sys
from pathlib import Path
from mirror.errors import MirrorError
from mirror.recording.video import VideoReader
from mirror.capture import open_source
import cv2, av, numpy
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 700 * 2**20,) * 2)
def films(name):
    with open_source(name) as source:
        for frame in source:
            print(frame.image.shape)
def video(name):
    with VideoReader(Path(name)) as reader:
        print(reader.at(0.0) is None)
for read in films, video:
    try:
        read(sys.argv[1])
    except MirrorError as error:
        print(error)
"""


def gif(width: int, height: int) -> bytes:
    size = width.to_bytes(2, "little") + height.to_bytes(2, "little")
    image = b"\x2c\0\0\0\0" + size + b"\0\x02\x02\x44\x01\0\x3b"
    return b"GIF89a" + size + b"\x80\0\0\0\0\0\xff\xff\xff" + image


def jpeg(width: int, height: int) -> bytes:
    done, coded = cv2.imencode(".jpg", np.zeros((64, 64, 3), np.uint8))
    assert done
    data = bytearray(coded.tobytes())
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    return bytes(data)


def claiming_frames(width: int, height: int) -> bytes:
    """Return an AVI whose header claims two billion frames, with one in it."""
    file = io.BytesIO()
    import av

    with av.open(file, "w", format="avi") as container:
        stream = container.add_stream("mjpeg", rate=30)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuvj420p"
        image = np.zeros((height, width, 3), np.uint8)
        container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode())
    data = bytearray(file.getvalue())
    header = data.index(b"avih") + 8
    data[header + 16 : header + 20] = (2**31 - 1).to_bytes(4, "little")
    stream_header = data.index(b"strh") + 8
    data[stream_header + 32 : stream_header + 36] = (2**31 - 1).to_bytes(4, "little")
    return bytes(data)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited as on Linux")
@pytest.mark.parametrize(
    ("data", "says"),
    [
        (gif(60_000, 60_000), "can be decoded"),
        (gif(8_000, 8_000), "8000 × 8000 pixels, more than 40 million"),
        (jpeg(65_000, 65_000), "can be decoded"),
        (claiming_frames(64, 48), "(48, 64, 3)"),
    ],
)
def test_rejects_videos_with_huge_claims(tmp_path: Path, data: bytes, says: str) -> None:
    path = tmp_path / "film.avi"
    path.write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", READ, str(path)],
        env=os.environ | {"PYTHONPATH": str(Path(mirror.__file__).parents[1])},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert says in done.stdout


def test_gives_up_on_a_video_that_claims_frames_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table of sizes claims frames of one byte each, as many as it likes."""
    path = write_video(tmp_path / "film.mp4", [k / 30 for k in range(30)], tick=Fraction(1, 30))
    data = bytearray(path.read_bytes())
    sizes, chunks = data.index(b"stsz") + 8, data.index(b"stsc") + 16
    data[sizes : sizes + 8] = (1).to_bytes(4) + (50_000).to_bytes(4)
    data[chunks : chunks + 4] = (50_000).to_bytes(4)
    data += bytes(50_000)  # frames end with the file
    path.write_bytes(data)
    decode, tried = Timestamps.decode, []
    monkeypatch.setattr(
        Timestamps, "decode", lambda self, packet: tried.append(1) or decode(self, packet)
    )
    with (
        pytest.raises(SourceError, match="no frame of it can be decoded"),
        open_source(str(path)) as source,
    ):
        list(source)
    assert len(tried) < 25_000


@hypothesis.settings(max_examples=cases(15, 40))
@hypothesis.given(
    strategies.one_of(
        strategies.binary(max_size=200),
        strategies.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")),
        strategies.tuples(
            strategies.sampled_from(["window", "band", "rate", "mapping", "floor", "x"]),
            strategies.one_of(
                strategies.floats(),
                strategies.integers(),
                strategies.lists(strategies.floats(), max_size=3),
                strategies.text(max_size=5),
            ),
        ).map(lambda pair: f"{pair[0]} = {pair[1]!r}".encode("utf-8", "replace")),
    )
)
def test_settings_files_of_any_content_fail_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "settings.toml"
    path.write_bytes(data)
    said = str(path)
    try:
        read_settings(path)
    except SettingsError as error:
        said = str(error)
    assert str(path) in said
    assert "\n" not in said


@pytest.mark.parametrize(
    "text",
    [
        "window = " + "[" * 100_000,
        "a" + ".a" * 3_000 + " = 1",
        "window" + ".a" * 3_000 + " = 1",
        "mapping" + ".a" * 3_000 + " = 1",
        "band" + ".a" * 3_000 + " = 1",
        "'" + "x" * 16_000 + "' = 1",
        "window = " + "9" * 10_000,
        "#" * 3_000_000,
    ],
)
def test_rejects_malicious_settings_files(tmp_path: Path, text: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(text)
    with pytest.raises(SettingsError) as caught:
        read_settings(path)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


def test_rejects_endless_settings_file(tmp_path: Path) -> None:
    with pytest.raises(MirrorError):
        read_settings(Path("/dev/zero"))


def test_escapes_control_characters() -> None:
    assert (
        escape_control_chars("a\x1b]0;title\x07\x9b2J\x7f\u202egnp\tb\n")
        == "a␛]0;title␇�2J␡�gnp\tb\n"
    )


def test_escapes_texts_but_not_own_colours() -> None:
    file = io.StringIO()
    terminal = Terminal(file=file, force_terminal=True, color_system="standard")
    terminal.print("[bold]mirror[/bold] \x1b[2J\x1b]52;c;AAAA\x07", highlight=False)
    drawn = file.getvalue()
    assert "\x1b[1m" in drawn
    assert "␛[2J" in drawn
    assert "\x1b[2J" not in drawn
    assert "\x07" not in drawn


def test_info_escapes_texts_of_a_recording(tmp_path: Path) -> None:
    evil = "\x1b[2J\x1b]0;owned\x07[red]x[/red][link=file:///etc/passwd]y[/link]"
    path = make_recording(
        tmp_path / "s.mirror",
        labels=(evil, "Ben"),
        notes=evil,
        seconds=2,
        events=[Event(1.0, f"mark{evil}", f"{evil}\nmirror: all is well")],
    )
    done = run_here("info", path, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    assert "\x07" not in done.stdout
    assert "[red]x[/red]" in done.stdout
    done = run("info", tmp_path / "\x1b[2Jnone\nmirror: fine", folder=tmp_path)
    assert "␛[2J" in error_line(done)
