"""Write and read the feeds' videos beside a recording; stored only on request.

H.264 in fragmented MP4: any player shows it, and a killed process loses only the last second.
Frames carry the session's times, as poses do.
"""

import math
import os
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import Final

import av
import numpy as np
from av.container import OutputContainer
from av.video.frame import PictureType, VideoFrame
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray

from mirror._support.closing import Closeable
from mirror._support.threads import BoundedQueue, run_in_thread
from mirror.errors import RecordingError
from mirror.landmarks import MAX_FRAME_PIXELS
from mirror.recording.reader import MAX_AGE_S

_QUEUE_SIZE: Final = 16  # frames waiting for the encoder: half a second, 100 MB in full HD
_TICKS_PER_S: Final = 1000
_KEY_INTERVAL_S: Final = 1.0

# One fragment per key frame, each complete in itself; the first one also says when it begins.
_CONTAINER: Final = {"movflags": "frag_keyframe+delay_moov+default_base_moof", "flush_packets": "1"}
# No lookahead; key frames come by time, not by count.
_ENCODER: Final = {"preset": "superfast", "tune": "zerolatency", "crf": "25", "g": "100000"}

# Decoded frames that are kept for stepping back
_MAX_CACHE_BYTES: Final = 64 * 2**20
_MAX_CACHE_FRAMES: Final = 60

_SAME_SHAPE: Final = 0.01  # relative difference of two aspect ratios
_ROUNDING_S: Final = 0.51 / _TICKS_PER_S  # how much later than the true time a stored one may be

# libav's messages would break the meter and the progress bars.
av.logging.set_level(None)


class VideoWriter(Closeable):
    """Writes one feed's frames on a thread of its own.

    To a new file, which only its owner may read; it is deleted again if no frame is written. To
    write `every` frame, `put` waits for a slow encoder. Raise RecordingError if the file exists or
    cannot be created.
    """

    def __init__(self, path: Path, *, every: bool = False) -> None:
        self.path = path
        self._every = every
        self.error: str | None = None  # why no more frames are stored, in one line
        self._queue: BoundedQueue[tuple[float, NDArray[np.uint8]]] = BoundedQueue(_QUEUE_SIZE)
        self._skipped = 0
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError as error:
            raise RecordingError(f"{path} exists; choose another place") from error
        except OSError as error:
            raise RecordingError(
                f"cannot write {path}: {error.strerror}; choose another place"
            ) from error
        self._work = run_in_thread(self._write, f"video {path.name}")

    @property
    def dropped(self) -> int:
        """Number of frames not stored: encoder too slow, disk full, or time not rising."""
        return self._queue.dropped + self._skipped

    def put(self, time_s: float, image: NDArray[np.uint8]) -> None:
        """Queue a frame; drop it if the queue is full, unless `every`.

        Times are seconds on the session's clock, rising; stored to the millisecond. The image, RGB,
        uint8 [height, width, 3], must not be changed afterwards. It is scaled to the size of the
        first one, and that to even numbers; black fills the rest (see `own_shape`).
        """
        self._queue.put((time_s, image), wait=self._every)

    def close(self) -> None:
        """Write the queued frames and finish the file."""
        self._queue.close()
        self._work.result()

    def discard(self) -> None:
        """Close and delete the file."""
        self.close()
        self.path.unlink(missing_ok=True)

    def _write(self) -> None:
        try:
            if (first := self._queue.take()) is None:
                self.path.unlink(missing_ok=True)
                return
            # Without the protocol, libav would take "10:20.a.mp4" for an address.
            with av.open(f"file:{self.path}", "w", format="mp4", options=_CONTAINER) as container:
                self._encode(container, first)
        except (av.FFmpegError, OSError) as error:
            self.error = (
                f"video {self.path}: {error.strerror or error}; what came before is kept, "
                "free some space or choose another place"
            )
        finally:
            self._queue.close()
            self._skipped += sum(1 for _ in iter(self._queue.take, None))

    def _encode(self, container: OutputContainer, first: tuple[float, NDArray[np.uint8]]) -> None:
        stream = _stream(container, first[1])
        reformatter = VideoReformatter()
        height, width = first[1].shape[:2]
        last, last_key = -math.inf, -math.inf
        for time_s, image in chain([first], iter(self._queue.take, None)):
            tick = round(time_s * _TICKS_PER_S)
            if tick > last:
                frame = reformatter.reformat(
                    VideoFrame.from_ndarray(_letterboxed(image, width, height), "rgb24"),
                    stream.width,
                    stream.height,
                    format="yuv420p",
                    threads=1,
                )
                frame.pts, frame.time_base = tick, Fraction(1, _TICKS_PER_S)
                if tick - last_key >= _KEY_INTERVAL_S * _TICKS_PER_S:
                    frame.pict_type, last_key = PictureType.I, tick
                container.mux(stream.encode(frame))
                last = tick
            else:
                self._skipped += 1
        container.mux(stream.encode())


def own_shape(image: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """Return a stored image without the black bars that were added to a frame of this size."""
    wide, high = _fitted(*_even(width, height), image.shape[1], image.shape[0])
    if (high, wide) == image.shape[:2]:
        return image
    left, top = (image.shape[1] - wide) // 2, (image.shape[0] - high) // 2
    return np.ascontiguousarray(image[top : top + high, left : left + wide])


def _letterboxed(image: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """Add black around an image of another shape than `width` by `height`."""
    high, wide = image.shape[:2]
    inside = _fitted(wide, high, width, height)
    if inside == (width, height):
        return image
    canvas = np.zeros(
        (round(high * height / inside[1]), round(wide * width / inside[0]), 3), np.uint8
    )
    top, left = (canvas.shape[0] - high) // 2, (canvas.shape[1] - wide) // 2
    canvas[top : top + high, left : left + wide] = image
    return canvas


def _fitted(wide: int, high: int, width: int, height: int) -> tuple[int, int]:
    """Return the largest size of a shape within another; that whole if they differ by rounding."""
    if abs(wide * height - width * high) <= _SAME_SHAPE * width * high:
        return width, height
    scale = min(width / wide, height / high)
    return max(1, round(wide * scale)), max(1, round(high * scale))


def _even(width: int, height: int) -> tuple[int, int]:
    return max(2, width & ~1), max(2, height & ~1)


def _stream(container: OutputContainer, image: NDArray[np.uint8]) -> VideoStream:
    stream: VideoStream = container.add_stream("libx264", options=_ENCODER)
    height, width = image.shape[:2]
    stream.width, stream.height = _even(width, height)
    stream.pix_fmt = "yuv420p"
    stream.time_base = stream.codec_context.time_base = Fraction(1, _TICKS_PER_S)
    stream.codec_context.thread_count = 1  # leave the other cores to the pose trackers
    return stream


class VideoReader(Closeable):
    """Reads the frames of a video by time, one after the other or at random.

    It was written by `VideoWriter`, which may have been killed. Raise RecordingError if there is no
    such file, or it holds no video.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._container = av.open(f"file:{path}", metadata_errors="replace")
        except (av.FFmpegError, OSError) as error:
            raise RecordingError(
                f"{path} cannot be shown: {error.strerror or error}; the recording itself is whole"
            ) from error
        if not self._container.streams.video:
            self._container.close()
            raise RecordingError(f"{path} holds no video; the recording itself is whole")
        self._stream = self._container.streams.video[0]
        self._stream.codec_context.thread_count = 1
        self._tick = self._stream.time_base or Fraction(1, _TICKS_PER_S)
        self._reformatter = VideoReformatter()
        self._frames: Iterator[VideoFrame] = iter(())
        self._recent: deque[tuple[float, VideoFrame]] = deque()  # consecutive
        self._at_end = False
        self._image: tuple[float, NDArray[np.uint8]] | None = None

    def at(self, time_s: float) -> NDArray[np.uint8] | None:
        """Return the newest frame at or before a time, RGB [height, width, 3].

        None if it is older than `mirror.recording.reader.MAX_AGE_S`, or cannot be decoded.
        """
        time_s += _ROUNDING_S
        is_after = self._recent and time_s >= self._recent[0][0]
        if not (is_after and (self._at_end or time_s <= self._recent[-1][0] + _KEY_INTERVAL_S)):
            self._seek(time_s)
        while not self._at_end and (not self._recent or self._recent[-1][0] <= time_s):
            self._decode()
        index = bisect_right(self._recent, time_s, key=itemgetter(0)) - 1
        if index < 0:
            return None
        frame_time, frame = self._recent[index]
        if time_s - frame_time > MAX_AGE_S + _ROUNDING_S:
            return None
        if self._image is None or self._image[0] != frame_time:
            rgb = self._reformatter.reformat(frame, format="rgb24", threads=1)
            self._image = (frame_time, np.ascontiguousarray(rgb.to_ndarray(), np.uint8))
        return self._image[1]

    def close(self) -> None:
        self._frames = iter(())
        self._recent.clear()
        self._container.close()

    def _seek(self, time_s: float) -> None:
        self._recent.clear()
        self._at_end = False
        try:
            self._container.seek(int(time_s / self._tick), stream=self._stream)
            self._frames = self._container.decode(self._stream)
        except av.FFmpegError:
            self._frames = iter(())

    def _decode(self) -> None:
        """Decode the next frame, and drop early ones."""
        try:
            frame = next(self._frames, None)
        except av.FFmpegError:  # truncated file
            frame = None
        if frame is None or frame.pts is None or frame.width * frame.height > MAX_FRAME_PIXELS:
            self._at_end = True
            return
        self._recent.append((float(frame.pts * self._tick), frame))
        size = frame.width * frame.height * 3 // 2
        while len(self._recent) > max(2, min(_MAX_CACHE_BYTES // size, _MAX_CACHE_FRAMES)):
            self._recent.popleft()
