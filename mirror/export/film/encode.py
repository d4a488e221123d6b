"""Writing the film: H.264 in MP4, which every player and presentation program accepts."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Final

import av
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from av.video.stream import VideoStream

from mirror.errors import ExportError
from mirror.export.film.frames import Frames
from mirror.export.film.layout import HEIGHT, WIDTH, TimeAxis
from mirror.recording.playback import Replay

RATE: Final = 30  # frames per second

# The index is at the beginning, so that a browser plays the file while it loads.
_CONTAINER: Final = {"movflags": "+faststart"}
# A key frame every two seconds, for fast seeking.
_ENCODER: Final = {"preset": "veryfast", "crf": "20", "g": str(2 * RATE)}
_BT709: Final = 1  # the number of HD video colours in the standard


def write_film(
    replay: Replay,
    path: Path,
    start: float = -math.inf,
    end: float = math.inf,
    *,
    progress: Callable[[int, int], None],
) -> None:
    """Write a session, or a part of it, s, as a film: a new file, incomplete if writing fails.

    It shows the stored videos, or else the skeletons alone on black. `progress` is called with the
    frames done and their total; it may raise to cancel. Raise ExportError if the recording holds no
    poses, OSError if the file cannot be written.
    """
    if not replay.recording.has_poses:
        raise ExportError(
            f"{replay.recording.path} holds no landmarks and so no film; export its scores, for "
            "example as CSV"
        )
    axis = TimeAxis(max(start, 0.0), min(end, replay.duration))
    total = max(1, round((axis.end - axis.start) * RATE))
    frames = Frames(replay, axis)
    try:
        with av.open(f"file:{path}", "w", format="mp4", options=_CONTAINER) as container:
            stream: VideoStream = container.add_stream("libx264", rate=RATE, options=_ENCODER)
            stream.width, stream.height = WIDTH, HEIGHT
            stream.pix_fmt = "yuv420p"
            context = stream.codec_context
            context.color_range = ColorRange.MPEG
            context.colorspace = context.color_primaries = context.color_trc = _BT709
            reformatter = VideoReformatter()
            for number in range(total):
                progress(number, total)
                frame = reformatter.reformat(
                    VideoFrame.from_ndarray(frames.draw(axis.start + number / RATE), "rgb24"),
                    format="yuv420p",
                    dst_colorspace=Colorspace.ITU709,
                    dst_color_range=ColorRange.MPEG,
                )
                frame.pts = number
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
    except av.FFmpegError as error:
        raise OSError(error.errno, error.strerror or str(error)) from error
    progress(total, total)
