"""Small videos of rendered people with few frames, as MediaPipe needs the same time for each."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import av

from mirror.capture import Frame
from mirror.capture.synthetic.demo import RenderedSource
from mirror.capture.synthetic.looks import Looks
from mirror.capture.synthetic.motion import Motion, mirrored, periodic

RATE = 12
"""Frames a second of the videos that are analyzed."""

IN_PHASE = periodic(0.8, seed=1), mirrored(periodic(0.8, seed=1))
ANTI_PHASE = periodic(0.8, seed=1), mirrored(periodic(0.8, 180, seed=1))
LOOKS = Looks.random(3), Looks.random(4)


def person(looks: Looks, motion: Motion, seconds: float, rate: float = RATE) -> RenderedSource:
    """Return a small rendered person."""
    return RenderedSource(looks, motion, rate=rate, duration=seconds, width=320, height=240)


def encode_video(path: Path, frames: Iterable[Frame], rate: int = RATE) -> Path:
    """Encode frames as an H.264 file with its index first and a key frame every 15."""
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as file:
        stream = file.add_stream("libx264", rate=rate, options={"preset": "ultrafast", "g": "15"})
        stream.pix_fmt = "yuv420p"
        for frame in frames:
            if not stream.codec_context.is_open:
                stream.height, stream.width = frame.image.shape[:2]
            file.mux(stream.encode(av.VideoFrame.from_ndarray(frame.image, format="rgb24")))
        file.mux(stream.encode())
    return path


def encode_pair(folder: Path, seconds: float, rate: int = RATE) -> tuple[Path, Path]:
    """Encode a.mp4 and b.mp4 of two people in anti-phase."""
    pairs = zip(("a.mp4", "b.mp4"), LOOKS, ANTI_PHASE, strict=True)
    a, b = (
        encode_video(folder / name, person(looks, motion, seconds, rate), rate)
        for name, looks, motion in pairs
    )
    return a, b
