"""Making the film's file: H.264 in MP4, as every player and every slide takes it."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Final

import av
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from av.video.stream import VideoStream

from mirror.errors import ExportError
from mirror.export.film.frames import Frames
from mirror.export.film.layout import HEIGHT, WIDTH, Span
from mirror.recording.playback import Replay

RATE: Final = 30
"""Frames a second."""

# What is needed to start lies at the beginning, so that a browser shows it while it loads.
_CONTAINER: Final = {"movflags": "+faststart"}
# A key frame every two seconds: players jump to any moment at once.
_ENCODER: Final = {"preset": "veryfast", "crf": "20", "g": str(2 * RATE)}
_BT709: Final = 1  # the colours of HD video, by their number in the standard


def write_film(
    replay: Replay,
    path: Path,
    start: float = -math.inf,
    end: float = math.inf,
    *,
    progress: Callable[[int, int], None],
) -> None:
    """Write a session, or a part of it, as a film.

    Where pictures were stored they are shown, else the skeletons alone on black.

    Parameters
    ----------
    replay : Replay
    path : Path
        A new file. Where anything fails, what is there of it is no film.
    start, end : float
        s on the session's clock; by default the whole session.
    progress : callable
        Told how many of how many frames are done; it may raise to cancel.

    Raises
    ------
    ExportError
        Where the recording holds no poses.
    OSError
        Where the file cannot be written.
    """
    if not any(frames for frames, _ in replay.recording.counts().values()):
        raise ExportError(
            f"{replay.recording.path} holds no landmarks and so no film; export its scores, such "
            "as with --to csv"
        )
    span = Span(max(start, 0.0), min(end, replay.duration))
    total = max(1, round((span.end - span.start) * RATE))
    frames = Frames(replay, span)
    try:
        with av.open(str(path), "w", format="mp4", options=_CONTAINER) as container:
            stream = _stream(container)
            reformatter = VideoReformatter()
            for number in range(total):
                progress(number, total)
                image = frames.at(span.start + number / RATE)
                picture = reformatter.reformat(
                    VideoFrame.from_ndarray(image, "rgb24"),
                    format="yuv420p",
                    dst_colorspace=Colorspace.ITU709,
                    dst_color_range=ColorRange.MPEG,
                )
                picture.pts = number
                container.mux(stream.encode(picture))
            container.mux(stream.encode())
    except av.FFmpegError as error:
        raise OSError(error.errno, error.strerror or str(error)) from error
    progress(total, total)


def _stream(container: OutputContainer) -> VideoStream:
    stream: VideoStream = container.add_stream("libx264", rate=RATE, options=_ENCODER)
    stream.width, stream.height = WIDTH, HEIGHT
    stream.pix_fmt = "yuv420p"
    context = stream.codec_context
    context.color_range = ColorRange.MPEG
    context.colorspace = context.color_primaries = context.color_trc = _BT709
    return stream
