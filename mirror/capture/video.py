"""Files, animated pictures and network streams, decoded by libav through PyAV."""

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

_MISSING_SECONDS: Final = 0.5  # how far a whole file may stop short of its stated length …
_MISSING_SHARE: Final = 0.02  # … and as a share of that length

_ERRORS_IN_A_ROW: Final = 32  # after so many failures to get at a packet, there is none to come
MOST_PIXELS: Final = 40_000_000
"""Pixels of a picture, at most: somewhat more than 8K, in 120 MB."""

_LARGE: Final = 1_000_000  # pixels a picture, from which decoding on several threads pays
_SEEK_MARGIN: Final = 1.0  # seconds before the wanted picture, at first


class VideoSource(Source):
    """The pictures of a file or network stream.

    Presentation times are the ones in the file, counted from its first picture's, and rotation is
    applied, so that pictures come upright. Pixels that are not square are made so.

    Parameters
    ----------
    place : str
        A path; with `network`, an address.
    text : str, optional
        What errors call it; `place` where left out.
    start : float
        Seconds; earlier pictures are left out, cheaply. Times are not shifted by it.
    network : bool
        Whether `place` is an ``rtsp://`` or ``http://`` address. Its reads may block for seconds,
        and `close` waits for them: put it on a thread of its own (`mirror.capture.fanout.share`).

    Raises
    ------
    SourceError
        Where it cannot be opened, or holds no video.
    """

    def __init__(
        self, place: str, *, text: str = "", start: float = 0.0, network: bool = False
    ) -> None:
        self.text = text or place
        self._network = network
        self._start = start
        self._lock = threading.Lock()
        self._over = False
        self._open(place)
        # An rtsp server sets the pace itself, even where it plays a file.
        self.live = network and (
            self._container.duration is None or self._container.format.name == "rtsp"
        )
        # What libav guesses of a stream that does not say is no measure of what it should send.
        rate = self._stream.average_rate or (None if self.live else self._stream.guessed_rate)
        self.rate = float(rate) if rate else None
        self._time_base = self._stream.time_base or Fraction(1, av.time_base)
        self._origin = self._stream.start_time
        length = Length(None) if self.live else length_of(self._container, self._stream)
        self.duration = length.seconds
        self._stated = length.seconds if length.is_stated else None
        self._watches_sound = length.is_shared
        self._reformatter = VideoReformatter()
        self._size: tuple[int, int] | None = None
        self._coded: tuple[int, int] | None = None  # what that size was made from
        # Where every picture is coded by itself, a repeated one is the camera's own. Elsewhere it
        # is how an encoder says that nothing moved.
        alone = self.live and self._stream.codec_context.name == "mjpeg"
        self._repeats = FrozenFilter() if alone else None
        self._last_time = -math.inf
        self._last_end = 0.0
        self._longest = 0.0  # seconds between two pictures
        self._sound_end = 0.0  # seconds, where it is watched
        self._frames: Iterator[VideoFrame] = self._decoded()
        if start > 0 and not self.live:
            self._seek(place, start)

    @property
    def trouble(self) -> str | None:
        return None if self._repeats is None else self._repeats.trouble

    def read(self) -> Frame | None:
        with self._lock:
            if self._over:
                return None
            try:
                for picture in self._frames:
                    frame = self._frame(picture)
                    if frame is not None or self._over:
                        return frame
                self._check_whole()
            except SourceError:
                self._over = True
                raise
            self._over = True
            return None

    def interrupt(self) -> None:
        self._over = True

    def close(self) -> None:
        self._over = True
        with self._lock:
            self._container.close()

    def _open(self, place: str) -> None:
        opened = open_address(place, self.text) if self._network else open_file(place, self.text)
        self._container, self._stream, self._torn = opened
        decoder = self._stream.codec_context
        if not self._network and decoder.width * decoder.height > _LARGE:
            decoder.thread_type = "AUTO"
            decoder.thread_count = 4
        else:
            # Threads cost a fifth more in total, which the pose trackers need, and hold pictures
            # back, which a live feed must not.
            decoder.thread_count = 1

    def _seek(self, place: str, start: float) -> None:
        """Go to a key frame before `start`, where the container can; decoding skips the rest."""
        # Later pictures of a GIF are drawn over earlier ones, though all call themselves whole.
        if self._origin is None or self._container.format.name == "gif":
            return
        margin = _SEEK_MARGIN
        while start > margin:
            target = self._origin + int((start - margin) / self._time_base)
            try:
                self._container.seek(target, stream=self._stream)
            except av.FFmpegError:
                break
            self._frames = self._decoded()
            first = next(self._frames, None)
            if first is not None and self._time(first) <= start:
                self._frames = itertools.chain([first], self._frames)
                return
            margin *= 4  # containers are searched by decoding time, which runs ahead
        if margin > _SEEK_MARGIN:  # not every container finds its own beginning again
            self._container.close()
            self._open(place)
            self._frames = self._decoded()

    # Reading

    def _decoded(self) -> Iterator[VideoFrame]:
        for packet in self._packets():
            try:
                pictures = packet.decode()
            except av.FFmpegError:
                continue  # damaged: pictures come again from the next key frame on
            for picture in pictures:
                if isinstance(picture, VideoFrame):
                    yield picture

    def _packets(self) -> Iterator[Packet[Stream]]:
        # A length that is the sound's as well is held against both.
        watched = tuple(self._container.streams) if self._watches_sound else (self._stream,)
        failures = 0
        while failures < _ERRORS_IN_A_ROW:
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
                if self._stated is not None:
                    break  # a recording that stalls is cut off
                raise SourceError(
                    f"{self.text} has sent nothing for {container.READ_TIMEOUT:.0f} s; "
                    "check the network and start again"
                ) from None
            except av.FFmpegError as error:
                if self.live:
                    raise SourceError(
                        f"{self.text} broke off ({reason(error)}); "
                        "check the network and start again"
                    ) from error
                failures += 1
        end_of_stream: Packet[Stream] = Packet()  # gets the last pictures out of the decoder
        end_of_stream.stream = self._stream
        yield end_of_stream

    def _time(self, picture: VideoFrame) -> float:
        if picture.pts is None:  # bare streams have no times at all
            interval = 1 / (self.rate or 25.0)
            return max(0.0, self._last_time + interval)
        is_first = self._last_time == -math.inf
        if self._origin is None or (is_first and picture.pts < self._origin):
            self._origin = picture.pts
        return float((picture.pts - self._origin) * self._time_base)

    def _frame(self, picture: VideoFrame) -> Frame | None:
        """The picture with its time, or None where it is not wanted."""
        if self.live:
            now = steady_clock.now()
            image = self._image(picture)
            if self._repeats is not None and not self._repeats.is_new(image, now):
                return None
            self._last_time = max(now, math.nextafter(self._last_time, math.inf))
            return Frame(self._last_time, image)
        at = self._time(picture)
        if at <= self._last_time:
            return None  # time must rise
        if self._last_time >= 0:
            self._longest = max(self._longest, at - self._last_time)
        self._last_time = at
        self._last_end = at + float(picture.duration * self._time_base)
        return Frame(at, self._image(picture)) if at >= self._start else None

    def _image(self, picture: VideoFrame) -> NDArray[np.uint8]:
        coded = picture.width, picture.height
        if picture.width * picture.height > MOST_PIXELS:
            raise SourceError(
                f"{self.text} has pictures of {picture.width} × {picture.height} pixels, more than "
                f"{MOST_PIXELS / 1e6:.0f} million; make a smaller copy of it"
            )
        # A file that changes its size midway keeps its first; a camera that does sees otherwise.
        if self._size is None or (self.live and coded != self._coded):
            self._size = square_pixels(picture, self._stream.sample_aspect_ratio)
            self._coded = coded
        width, height = self._size
        try:
            # One thread: PyAV's default starts one a core for every picture.
            rgb = self._reformatter.reformat(picture, width, height, format="rgb24", threads=1)
        except av.FFmpegError as error:
            raise SourceError(
                f"{self.text} has pictures of the kind {picture.format.name}, which cannot be "
                f"made RGB ({reason(error)}); convert it to H.264 in .mp4"
            ) from error
        turned = np.rot90(rgb.to_ndarray(), round(picture.rotation / 90))
        return np.ascontiguousarray(turned, np.uint8)

    def _check_whole(self) -> None:
        if self._last_time == -math.inf and not self.live:
            raise SourceError(
                f"{self.text} holds video, but no picture of it can be decoded; "
                "copy it again, or convert it to H.264 in .mp4"
            )
        missing = (self._stated or 0.0) - max(self._last_end, self._sound_end)
        allowed = max(_MISSING_SECONDS, _MISSING_SHARE * (self._stated or 0.0), self._longest)
        if self._torn or missing > allowed:
            whole = "" if self._torn or self._stated is None else f" of {self._stated:.1f} s"
            raise CutOffError(
                f"{self.text} is cut off at {self._last_end:.1f} s{whole}; "
                "what came before was read; copy the file again if the original is whole"
            )


def network_reconnection(place: str, text: str) -> Reconnection:
    """How to connect again to a stream that dropped: at once, then ever less often."""
    return Reconnection(
        open=lambda: VideoSource(place, text=text, network=True),
        words="connection lost; trying again",
        delays=(0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0),
        # libav keeps its own time; these are for what it cannot interrupt, such as a name server
        first_within=3 * container.OPEN_TIMEOUT,
        next_within=3 * container.READ_TIMEOUT,
    )
