"""The two feeds' pictures beside a recording: stored only where that was asked for.

H.264 in fragmented MP4, which any player shows and which a killed process leaves readable up to its
last second. Pictures carry the session's own times, as the poses do.
"""

from __future__ import annotations

import math
import os
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator
from fractions import Fraction
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
from mirror.landmarks import Feed
from mirror.recording.reader import MAX_AGE_S

_ROOM: Final = 16  # pictures that may wait for the encoder: half a second, 100 MB in full HD
_TICKS: Final = 1000  # a second
_KEY_EVERY: Final = 1.0  # seconds between pictures that stand for themselves

# A fragment a key frame, each whole in itself; the first one also says when it begins.
_CONTAINER: Final = {
    "movflags": "frag_keyframe+delay_moov+default_base_moof",
    "flush_packets": "1",
}
# Nothing is held back for later pictures; key frames come by time, not by count.
_ENCODER: Final = {"preset": "superfast", "tune": "zerolatency", "crf": "25", "g": "100000"}

# Decoded pictures that are kept, so that to go back is no new start: bytes and number, at most
_KEPT: Final = 64 * 2**20
_MOST: Final = 60
_MOST_PIXELS: Final = 40_000_000  # of a picture; a file may claim more than any camera has

_ROUNDING: Final = 0.51 / _TICKS  # seconds that a stored time may be later than the true one

# libav's own messages would run through the meter and the progress bars.
av.logging.set_level(None)


def video_paths(recording: Path) -> dict[Feed, Path]:
    """Where a recording's pictures are kept: beside it, ``talk.a.mp4`` for ``talk.mirror``."""
    return {
        "a": recording.with_name(f"{recording.stem}.a.mp4"),
        "b": recording.with_name(f"{recording.stem}.b.mp4"),
    }


class VideoWriter(Closeable):
    """Writes one feed's pictures on a thread of its own.

    Parameters
    ----------
    path : Path
        A new file, readable by its owner only. Without a single picture it is removed again.
    every : bool
        Whether `put` waits for an encoder that is behind, so that no picture is lost: for films.
        Live it never does, as a picture less is better than movement that is not seen.

    Raises
    ------
    RecordingError
        Where the file exists or cannot be made. Whatever fails later is said in `error`.
    """

    def __init__(self, path: Path, *, every: bool = False) -> None:
        self.path = path
        self._every = every
        self.error: str | None = None
        """Why no more pictures are stored, in one line; None while all is well."""
        self._waiting: BoundedQueue[tuple[float, NDArray[np.uint8]]] = BoundedQueue(_ROOM)
        self._passed_over = 0
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError as error:
            raise RecordingError(f"{path} exists; choose another place") from error
        except OSError as error:
            raise RecordingError(
                f"cannot write {path}: {error.strerror}; choose another place"
            ) from error
        self._work = run_in_thread(self._write, f"pictures {path.name}")

    @property
    def dropped(self) -> int:
        """Pictures that are not stored: the encoder was behind, the disk full, or time stood."""
        return self._waiting.dropped + self._passed_over

    def put(self, time_s: float, image: NDArray[np.uint8]) -> None:
        """Store a picture soon, if there is room or `every` one is wanted.

        Parameters
        ----------
        time_s : float
            Seconds on the session's clock, rising; kept to the millisecond.
        image : ndarray, uint8 [height, width, 3]
            RGB; nobody may write into it afterwards. Every picture is scaled to the size of the
            first, and that to even numbers.
        """
        self._waiting.put((time_s, image), wait=self._every)

    def close(self) -> None:
        """Store what is waiting, and finish the file."""
        self._waiting.close()
        self._work.result()

    def discard(self) -> None:
        """Close, and remove the file: for a session that is not kept."""
        self.close()
        self.path.unlink(missing_ok=True)

    def _write(self) -> None:
        try:
            first = self._waiting.take()
            if first is None:
                self.path.unlink(missing_ok=True)
                return
            with av.open(str(self.path), "w", format="mp4", options=_CONTAINER) as container:
                self._encode(container, *first)
        except (av.FFmpegError, OSError) as error:
            self.error = (
                f"pictures {self.path}: {error.strerror or error}; what came before is kept, "
                "free some space or choose another place"
            )
        finally:
            self._waiting.close()
            while self._waiting.take() is not None:
                self._passed_over += 1

    def _encode(self, container: OutputContainer, time_s: float, image: NDArray[np.uint8]) -> None:
        stream = _stream(container, image)
        reformatter = VideoReformatter()
        last, last_key = -math.inf, -math.inf
        waiting: tuple[float, NDArray[np.uint8]] | None = (time_s, image)
        while waiting is not None:
            time_s, image = waiting
            tick = round(time_s * _TICKS)
            if tick > last:
                picture = reformatter.reformat(
                    VideoFrame.from_ndarray(image, "rgb24"),
                    stream.width,
                    stream.height,
                    format="yuv420p",
                    threads=1,
                )
                picture.pts, picture.time_base = tick, Fraction(1, _TICKS)
                if tick - last_key >= _KEY_EVERY * _TICKS:
                    picture.pict_type, last_key = PictureType.I, tick
                container.mux(stream.encode(picture))
                last = tick
            else:
                self._passed_over += 1
            waiting = self._waiting.take()
        container.mux(stream.encode())


def _stream(container: OutputContainer, image: NDArray[np.uint8]) -> VideoStream:
    stream: VideoStream = container.add_stream("libx264", options=_ENCODER)
    height, width = image.shape[:2]
    stream.width, stream.height = max(2, width & ~1), max(2, height & ~1)
    stream.pix_fmt = "yuv420p"
    stream.time_base = stream.codec_context.time_base = Fraction(1, _TICKS)
    stream.codec_context.thread_count = 1  # the other cores belong to the pose trackers
    return stream


class VideoReader(Closeable):
    """Shows stored pictures by time, one after the other or at random.

    Parameters
    ----------
    path : Path
        A file of `VideoWriter`, also where its writer was killed.

    Raises
    ------
    RecordingError
        Where there is no such file, or no pictures are in it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._container = av.open(str(path))
        except (av.FFmpegError, OSError) as error:
            raise RecordingError(
                f"{path} cannot be shown: {error.strerror or error}; the recording without "
                "pictures is whole"
            ) from error
        if not self._container.streams.video:
            self._container.close()
            raise RecordingError(f"{path} holds no pictures; the recording itself is whole")
        self._stream = self._container.streams.video[0]
        self._stream.codec_context.thread_count = 1
        self._tick = self._stream.time_base or Fraction(1, _TICKS)
        self._reformatter = VideoReformatter()
        self._frames: Iterator[VideoFrame] = iter(())
        self._recent: deque[tuple[float, VideoFrame]] = deque()  # one after the other
        self._at_end = False
        self._image: tuple[float, NDArray[np.uint8]] | None = None

    def at(self, time_s: float) -> NDArray[np.uint8] | None:
        """The newest picture at a moment, RGB [height, width, 3].

        None where it is more than `mirror.recording.reader.MAX_AGE_S` seconds old, or cannot be
        decoded.
        """
        time_s += _ROUNDING
        if not self._is_near(time_s):
            self._seek(time_s)
        while not self._at_end and (not self._recent or self._recent[-1][0] <= time_s):
            self._decode()
        index = bisect_right(self._recent, time_s, key=itemgetter(0)) - 1
        if index < 0:
            return None
        found, frame = self._recent[index]
        if time_s - found > MAX_AGE_S + _ROUNDING:
            return None
        if self._image is None or self._image[0] != found:
            rgb = self._reformatter.reformat(frame, format="rgb24", threads=1)
            self._image = (found, np.ascontiguousarray(rgb.to_ndarray(), np.uint8))
        return self._image[1]

    def close(self) -> None:
        self._frames = iter(())
        self._recent.clear()
        self._container.close()

    def _is_near(self, time_s: float) -> bool:
        """Whether the picture is among the last ones, or soon comes after them."""
        if not self._recent or time_s < self._recent[0][0]:
            return False
        return self._at_end or time_s <= self._recent[-1][0] + _KEY_EVERY

    def _seek(self, time_s: float) -> None:
        """Go to the key frame at or before a moment."""
        self._recent.clear()
        self._at_end = False
        try:
            self._container.seek(int(time_s / self._tick), stream=self._stream)
            self._frames = self._container.decode(self._stream)
        except av.FFmpegError:
            self._frames = iter(())

    def _decode(self) -> None:
        """Decode the next picture, and forget early ones."""
        try:
            frame = next(self._frames, None)
        except av.FFmpegError:  # cut off here
            frame = None
        if frame is None or frame.pts is None or frame.width * frame.height > _MOST_PIXELS:
            self._at_end = True
            return
        self._recent.append((float(frame.pts * self._tick), frame))
        size = frame.width * frame.height * 3 // 2
        while len(self._recent) > max(2, min(_KEPT // size, _MOST)):
            self._recent.popleft()
