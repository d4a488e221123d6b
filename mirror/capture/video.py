"""Video files, animated images and network streams, decoded by libav through PyAV."""

from __future__ import annotations

import itertools
import math
import threading
from collections.abc import Iterator
from fractions import Fraction
from typing import Final

import av
import numpy as np
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from mirror._support import steady_clock
from mirror.capture import container
from mirror.capture.base import Frame, Source
from mirror.capture.container import (
    Length,
    length_of,
    open_address,
    open_file,
    reason,
    square_pixels,
)
from mirror.capture.frozen import FrozenFilter
from mirror.capture.reconnect import Reconnection
from mirror.errors import CutOffError, SourceError

_MAX_MISSING_S: Final = 0.5  # by which a whole file may stop short of its stated length …
_MAX_MISSING_SHARE: Final = 0.02  # … and as a share of that length

_MAX_ERRORS: Final = 32  # in a row, after which no more packets are expected
MAX_PIXELS: Final = 40_000_000
"""Pixels of a frame, at most: somewhat more than 8K, in 120 MB."""

_THREADED_PIXELS: Final = 1_000_000  # of a frame, above which decoding on several threads pays
_SEEK_MARGIN_S: Final = 1.0  # before the wanted frame, at first


class VideoSource(Source):
    """The frames of a file or network stream.

    Presentation times are those of the file, relative to its first frame. Rotation is applied, and
    frames are scaled to square pixels.

    Parameters
    ----------
    place : str
        A path; with `network`, an address.
    text : str, optional
        Its name in errors; `place` by default.
    start : float
        Seconds; earlier frames are skipped by seeking. Times are not shifted by it.
    network : bool
        Whether `place` is an ``rtsp://`` or ``http://`` address. Its reads may block for seconds,
        and `close` waits for them: use a thread (`mirror.capture.fanout.share`).

    Raises
    ------
    SourceError
        If it cannot be opened, or contains no video.
    """

    def __init__(
        self, place: str, *, text: str = "", start: float = 0.0, network: bool = False
    ) -> None:
        self.text = text or place
        self._network = network
        self._start = start
        self._lock = threading.Lock()
        self._closed = False
        self._open(place)
        # An rtsp server sets the pace itself, even where it plays a file.
        self.live = network and (
            self._container.duration is None or self._container.format.name == "rtsp"
        )
        # libav's guess of a live stream's rate does not tell how many frames it should send.
        rate = self._stream.average_rate or (None if self.live else self._stream.guessed_rate)
        self.rate = float(rate) if rate else None
        self._time_base = self._stream.time_base or Fraction(1, av.time_base)
        self._origin = self._stream.start_time
        length = Length(None) if self.live else length_of(self._container, self._stream)
        self.duration = length.seconds
        self._stated_length = length.seconds if length.is_stated else None
        self._watches_sound = length.is_shared
        self._reformatter = VideoReformatter()
        self._size: tuple[int, int] | None = None
        self._coded_size: tuple[int, int] | None = None  # that `_size` was computed from
        # In MJPEG, an identical frame was sent by the camera. In other codecs it only means that
        # nothing moved.
        mjpeg = self.live and self._stream.codec_context.name == "mjpeg"
        self._frozen = FrozenFilter() if mjpeg else None
        self._last_time = -math.inf
        self._last_end = 0.0
        self._longest = 0.0  # seconds between two frames
        self._sound_end = 0.0  # seconds, if it is watched
        self._decoded: Iterator[VideoFrame] = self._decode()
        if start > 0 and not self.live:
            self._seek(place, start)

    @property
    def trouble(self) -> str | None:
        return None if self._frozen is None else self._frozen.trouble

    def read(self) -> Frame | None:
        with self._lock:
            if self._closed:
                return None
            try:
                for decoded in self._decoded:
                    frame = self._frame(decoded)
                    if frame is not None or self._closed:
                        return frame
                self._check_length()
            except SourceError:
                self._closed = True
                raise
            self._closed = True
            return None

    def interrupt(self) -> None:
        self._closed = True

    def close(self) -> None:
        self._closed = True
        with self._lock:
            self._container.close()

    def _open(self, place: str) -> None:
        opened = open_address(place, self.text) if self._network else open_file(place, self.text)
        self._container, self._stream, self._torn = opened
        decoder = self._stream.codec_context
        if not self._network and decoder.width * decoder.height > _THREADED_PIXELS:
            decoder.thread_type = "AUTO"
            decoder.thread_count = 4
        else:
            # Threads cost a fifth more CPU, which the pose trackers need, and delay frames, which
            # a live feed must not.
            decoder.thread_count = 1

    def _seek(self, place: str, start: float) -> None:
        """Go to a key frame before `start`, where the container can; decoding skips the rest."""
        # Later frames of a GIF are drawn over earlier ones, though all are marked as key frames.
        if self._origin is None or self._container.format.name == "gif":
            return
        margin = _SEEK_MARGIN_S
        while start > margin:
            target = self._origin + int((start - margin) / self._time_base)
            try:
                self._container.seek(target, stream=self._stream)
            except av.FFmpegError:
                break
            self._decoded = self._decode()
            first = next(self._decoded, None)
            if first is not None and self._time(first) <= start:
                self._decoded = itertools.chain([first], self._decoded)
                return
            margin *= 4  # seeking goes by decoding time, which runs ahead
        if margin > _SEEK_MARGIN_S:  # not every container can seek back to its beginning
            self._container.close()
            self._open(place)
            self._decoded = self._decode()

    def _decode(self) -> Iterator[VideoFrame]:
        for packet in self._packets():
            try:
                frames = packet.decode()
            except av.FFmpegError:
                continue  # damaged: decoding resumes at the next key frame
            for frame in frames:
                if isinstance(frame, VideoFrame):
                    yield frame

    def _packets(self) -> Iterator[Packet[Stream]]:
        # A length that includes the sound is compared with the end of both.
        watched = tuple(self._container.streams) if self._watches_sound else (self._stream,)
        failures = 0
        while failures < _MAX_ERRORS:
            try:
                for packet in self._container.demux(*watched):
                    failures = 0
                    # Not by packet.stream_index, which the last, empty packet does not have.
                    if packet.stream.index == self._stream.index:
                        yield packet
                    elif packet.pts is not None:
                        end = (packet.pts + (packet.duration or 0)) * packet.time_base
                        self._sound_end = max(self._sound_end, float(end))
                return
            except av.ExitError:
                if self._stated_length is not None:
                    break  # a recording that stalls is cut off
                raise SourceError(
                    f"{self.text} has sent nothing for {container.READ_TIMEOUT_S:.0f} s; "
                    "check the network and start again"
                ) from None
            except av.FFmpegError as error:
                if self.live:
                    raise SourceError(
                        f"{self.text} broke off ({reason(error)}); "
                        "check the network and start again"
                    ) from error
                failures += 1
        end_of_stream: Packet[Stream] = Packet()  # flushes the decoder
        end_of_stream.stream = self._stream
        yield end_of_stream

    def _time(self, frame: VideoFrame) -> float:
        if frame.pts is None:  # raw streams have no times
            interval = 1 / (self.rate or 25.0)
            return max(0.0, self._last_time + interval)
        is_first = self._last_time == -math.inf
        if self._origin is None or (is_first and frame.pts < self._origin):
            self._origin = frame.pts
        return float((frame.pts - self._origin) * self._time_base)

    def _frame(self, decoded: VideoFrame) -> Frame | None:
        """Return the frame with its time; None if it is early, out of order or repeated."""
        if self.live:
            now = steady_clock.now()
            image = self._image(decoded)
            if self._frozen is not None and not self._frozen.is_new(image, now):
                return None
            self._last_time = max(now, math.nextafter(self._last_time, math.inf))
            return Frame(self._last_time, image)
        time = self._time(decoded)
        if time <= self._last_time:
            return None  # times must rise
        if self._last_time >= 0:
            self._longest = max(self._longest, time - self._last_time)
        self._last_time = time
        self._last_end = time + float(decoded.duration * self._time_base)
        return Frame(time, self._image(decoded)) if time >= self._start else None

    def _image(self, frame: VideoFrame) -> NDArray[np.uint8]:
        coded_size = frame.width, frame.height
        if frame.width * frame.height > MAX_PIXELS:
            raise SourceError(
                f"{self.text} has frames of {frame.width} × {frame.height} pixels, more than "
                f"{MAX_PIXELS / 1e6:.0f} million; make a smaller copy of it"
            )
        # A file that changes size midway keeps the first; a camera's new size is its new view.
        if self._size is None or (self.live and coded_size != self._coded_size):
            self._size = square_pixels(frame, self._stream.sample_aspect_ratio)
            self._coded_size = coded_size
        width, height = self._size
        try:
            # One thread: by default, PyAV starts one per core for every frame.
            rgb = self._reformatter.reformat(frame, width, height, format="rgb24", threads=1)
        except av.FFmpegError as error:
            raise SourceError(
                f"{self.text} has frames of the kind {frame.format.name}, which cannot be "
                f"made RGB ({reason(error)}); convert it to H.264 in .mp4"
            ) from error
        turned = np.rot90(rgb.to_ndarray(), round(frame.rotation / 90))
        return np.ascontiguousarray(turned, np.uint8)

    def _check_length(self) -> None:
        if self._last_time == -math.inf and not self.live:
            raise SourceError(
                f"{self.text} holds video, but no frame of it can be decoded; "
                "copy it again, or convert it to H.264 in .mp4"
            )
        stated = self._stated_length or 0.0
        missing = stated - max(self._last_end, self._sound_end)
        if self._torn or missing > max(_MAX_MISSING_S, _MAX_MISSING_SHARE * stated, self._longest):
            whole = f" of {stated:.1f} s" if stated and not self._torn else ""
            raise CutOffError(
                f"{self.text} is cut off at {self._last_end:.1f} s{whole}; "
                "what came before was read; copy the file again if the original is whole"
            )


def network_reconnection(place: str, text: str) -> Reconnection:
    """Return how to reconnect to a lost stream: at once, then less and less often."""
    return Reconnection(
        open=lambda: VideoSource(place, text=text, network=True),
        lost_text="connection lost; trying again",
        delays=(0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0),
        # libav has timeouts of its own; these are for what it cannot interrupt, such as a DNS query
        first_within=3 * container.OPEN_TIMEOUT_S,
        next_within=3 * container.READ_TIMEOUT_S,
    )
