"""Video files, animated images and network streams, decoded by libav through PyAV."""

import itertools
import math
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Final

import av
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray

from mirror._support import steady_clock
from mirror.capture import base, container
from mirror.capture.base import Frame, Source, count_notes
from mirror.capture.container import (
    Length,
    length_of,
    open_address,
    open_file,
    open_rest,
    reason,
    square_pixels,
    upright,
)
from mirror.capture.reconnect import Reconnection
from mirror.capture.thinning import FrozenFilter, Thinning
from mirror.capture.timestamps import MAX_STEP_S, Timestamps
from mirror.errors import CutOffError, SourceError
from mirror.landmarks import MAX_FRAME_PIXELS

_MAX_MISSING_S: Final = 0.5  # by which a whole file may stop short of its stated length …
_MAX_MISSING_SHARE: Final = 0.02  # … and as a share of that length

_MAX_ERRORS: Final = 32  # in a row, after which no more packets are expected
_MAX_UNDECODED: Final = 10_000  # in a row, five minutes: a header may claim two billion
_THREADED_PIXELS: Final = 1_000_000  # of a frame, above which decoding on several threads pays
_SEEK_MARGIN_S: Final = 1.0  # before the wanted frame, at first
# Without an index; and joined files cannot be searched, as the same stamps come twice.
_NOT_SOUGHT: Final = ("mpegts", "mpeg")
_SEEKABLE: Final = ("mov", "matroska")  # by an index, to frames with times of their own
_JOINED: Final = "{{text}} begins again at {:.2f} s, as joined files do; its times go on from there"
_MAX_WAITING: Final = 2000  # packets; streams exist that have no key frames


class VideoSource(Source):
    """The frames of a file or network stream.

    Presentation times are those of the file, relative to its beginning, which is the sound's where
    that begins earlier. Frames are turned and flipped as they are to be shown, and scaled to square
    pixels; those of another size, midway, keep their own shape. Raise SourceError if it cannot be
    opened, or contains no video.

    Frames before `start`, s, are skipped by seeking, which shifts no times. Of more frames per
    second than `grid_rate`, only those nearest to the ticks of a grid are read, which are counted
    from `grid_start` on, s; `start` by default. `stream` says which of the video streams; None
    takes the one that a player shows. `fps` is that of a stream without times; None takes what its
    header says.

    The place is a path; with `network`, an ``rtsp://`` or ``http://`` address, of which reads may
    block for seconds, and `close` waits for them: use a thread (`mirror.capture.fanout.share`).
    """

    def __init__(
        self,
        place: str,
        *,
        text: str = "",
        start: float = 0.0,
        grid_start: float | None = None,
        stream: int | None = None,
        fps: float | None = None,
        grid_rate: float | None = None,
        network: bool = False,
    ) -> None:
        self.text = text or place
        self._place = place
        self._network = network
        self._start = start
        self._grid_start = start if grid_start is None else grid_start
        self._number = stream
        self._lock = threading.Lock()
        self._closed = False
        self._open(place)
        # An rtsp server sets the pace itself, even where it plays a file.
        self.live = network and (
            self._container.duration is None or self._container.format.name == "rtsp"
        )
        # libav's guess of a live stream's rate does not tell how many frames it should send.
        self._stamps = Timestamps(self._container, self._stream, fps)
        if fps is not None and self._stamps.rate is None:
            self._container.close()
            raise SourceError(f"{self.text} has times of its own; leave out #fps")
        rate = self._stamps.rate or self._stream.average_rate
        rate = rate or (None if self.live else self._stream.guessed_rate)
        self._thinning = Thinning(grid_rate)
        self.rate = self._thinning.limit(float(rate) if rate else None)
        length = Length(None)
        if not self.live:
            length = length_of(self._container, self._stream, self._stamps.origin)
        self.duration = length.seconds
        formats = self._container.format.name.split(",")
        self.seekable = not self.live and not self._torn and bool({*formats} & {*_SEEKABLE})
        self._stated_length = length.seconds if length.is_stated else None
        self._watches_sound = length.is_shared
        self._reformatter = VideoReformatter()
        decoder = self._stream.codec_context
        self._stated_size = decoder.width, decoder.height
        # In MJPEG, an identical frame was sent by the camera. In other codecs it only means that
        # nothing moved.
        mjpeg = self.live and self._stream.codec_context.name == "mjpeg"
        self._frozen = FrozenFilter() if mjpeg else None
        self._damaged = 0  # packets and frames
        self._unordered = 0  # frames
        self._position = 0  # bytes of the file that were read
        self._skipped, self._skip_until = 0, -math.inf
        self._last_time = -math.inf
        self._last_end = 0.0
        self._longest = 0.0  # seconds between two frames
        self._sound_end = 0.0  # seconds, if it is watched
        self._decoded: Iterator[VideoFrame] = self._decode()
        self._frames = self._live_frames() if self.live else self._recorded_frames()
        if start > 0 and not self.live:
            self._seek(place, start)

    @property
    def dropped(self) -> int:
        return self._lost.total() + self._skipped

    @property
    def counts(self) -> Counter[str]:
        not_needed = 0 if self.live else self._thinning.skipped
        joints = Counter(_JOINED.format(time) for time in self._stamps.joints)
        return joints + Counter({base.NOT_NEEDED: not_needed}) + self._lost

    @property
    def _lost(self) -> Counter[str]:
        damaged, unordered = self._damaged, self._unordered
        missing = max(0, self._stamps.missing - damaged - unordered)  # these are in gaps, too
        return Counter({base.DAMAGED: damaged, base.UNORDERED: unordered, base.MISSING: missing})

    @property
    def notes(self) -> tuple[str, ...]:
        notes = []
        if self._others:
            others = " and ".join(self._others)
            notes.append(f"{self.text} has another video, which is not used: {others}")
        if self._stamps.assumed is not None and not self.live:
            notes.append(
                f"{self.text} has no times; {self._stamps.assumed:.6g} frames/s are assumed. "
                "If that is wrong, write #fps=RATE behind its name"
            )
        return (*notes, *count_notes(self.text, self.counts))

    @property
    def trouble(self) -> str | None:
        return None if self._frozen is None else self._frozen.trouble

    def read(self) -> Frame | None:
        with self._lock:
            if self._closed:
                return None
            try:
                frame = next(self._frames, None)
                if frame is not None or self._closed:
                    return frame
                self._check_length()
            except SourceError:
                self._closed = True
                raise
            self._closed = True
            return None

    def skip(self, until: float) -> int:
        self._skip_until = until
        return 0

    def interrupt(self) -> None:
        self._closed = True

    def close(self) -> None:
        self._closed = True
        with self._lock:
            self._container.close()

    def _open(self, place: str) -> None:
        open_place = open_address if self._network else open_file
        opened = open_place(place, self.text, self._number)
        self._container, self._stream, self._torn, self._others = opened
        decoder = self._stream.codec_context
        is_large = decoder.width * decoder.height > _THREADED_PIXELS
        # The stamps of an AVI are told by how many frames the decoder holds back.
        if is_large and not self._network and self._container.format.name != "avi":
            decoder.thread_type = "AUTO"
            decoder.thread_count = 4
        else:
            # Threads cost a fifth more CPU, which the pose trackers need, and delay frames, which
            # a live feed must not.
            decoder.thread_count = 1

    def _seek(self, place: str, start: float) -> None:
        """Go to a key frame before `start`, where the container can; decoding skips the rest."""
        # Later frames of a GIF are drawn over earlier ones, though all are marked as key frames.
        if self._stamps.rate is not None or self._container.format.name == "gif":
            return
        margin = _SEEK_MARGIN_S
        if self._container.format.name in _NOT_SOUGHT:
            self._decoded = self._decode(self._stamps.stamp(start - margin))
            return
        # What lies beyond the stated length was joined to it, without being in the index.
        while margin < start < (self.duration or math.inf):
            try:
                self._container.seek(self._stamps.stamp(start - margin), stream=self._stream)
            except av.FFmpegError:
                break
            self._stamps.restart()
            self._decoded = self._decode()
            first = next(self._decoded, None)
            if first is not None and first.pts is not None and self._stamps.time(first, 0) <= start:
                self._decoded = itertools.chain([first], self._decoded)
                return
            margin *= 4  # seeking goes by decoding time, which runs ahead
        if margin > _SEEK_MARGIN_S:  # not every container can seek back to its beginning
            self._container.close()
            self._open(place)
            self._stamps = Timestamps(self._container, self._stream, None)
            self._decoded = self._decode()

    def _decode(self, skip_to: int | None = None) -> Iterator[VideoFrame]:
        packets = self._packets()
        if not self.live:
            packets = self._stamps.joined(packets)
        if skip_to is not None:
            packets = _from_key_frame(packets, skip_to)
        failures = 0
        for packet in packets:
            try:
                for frame in self._stamps.decode(packet):
                    failures = 0
                    if frame.is_corrupt and not self.live:  # made up of others, where it is damaged
                        self._damaged += self._last_time >= self._start or not self._start
                    else:
                        yield frame
            except av.FFmpegError:  # decoding resumes at the next key frame
                self._damaged += self._last_time >= self._start or not self._start
                failures += not self.live
                if failures >= _MAX_UNDECODED:
                    return

    def _packets(self) -> "Iterator[Packet[Stream]]":
        self._position = 0
        yield from self._packets_of(self._container, self._stream, 0)
        kind, number = self._container.format.name, self._stream.index
        while not self._network and not self._closed:
            rest = open_rest(self._place, kind, self._position)
            if rest is None:
                return
            part, begin = rest
            with part:
                videos = [each for each in part.streams.video if each.index == number]
                self._position = begin + 1
                for stream in videos:
                    stream.codec_context.thread_count = self._stream.codec_context.thread_count
                    yield from self._packets_of(part, stream, begin)

    def _packets_of(
        self, file: InputContainer, stream: VideoStream, begin: int
    ) -> "Iterator[Packet[Stream]]":
        """Yield the packets of a file that begins at a byte of this one."""
        # A length that includes the sound is compared with the end of both.
        watched = tuple(file.streams) if self._watches_sound else (stream,)
        failures = 0
        while failures < _MAX_ERRORS:
            try:
                for packet in file.demux(*watched):
                    failures = 0
                    # Not by packet.stream_index, which the last, empty packet does not have.
                    if self._closed:
                        return
                    if packet.stream.index == stream.index:
                        end_at = begin + (packet.pos or 0) + packet.size
                        self._position = max(self._position, end_at)
                        yield packet
                    elif packet.pts is not None:
                        end = (packet.pts + (packet.duration or 0)) * packet.time_base
                        self._sound_end = max(self._sound_end, float(end - self._stamps.origin))
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
        end_of_stream.stream = stream
        yield end_of_stream

    def _live_frames(self) -> Iterator[Frame]:
        for decoded in self._decoded:
            now = steady_clock.now()
            if not self._thinning.wants(now):
                continue
            image = self._image(decoded)
            if self._frozen is None or self._frozen.is_new(image, now):
                self._last_time = max(now, math.nextafter(self._last_time, math.inf))
                yield Frame(self._last_time, image)

    def _recorded_frames(self) -> Iterator[Frame]:
        for time, decoded in self._rising():
            if self._last_time >= 0:
                self._longest = max(self._longest, time - self._last_time)
                if time >= self._start:
                    self._stamps.count_missing(time - self._last_time)
            self._last_time = time
            self._last_end = time + float(decoded.duration * self._stamps.tick)
            if time >= self._start and self._thinning.wants(time - self._grid_start):
                if time < self._skip_until:
                    self._skipped += 1  # decoded, as later frames need it, but not converted
                else:
                    yield Frame(time, self._image(decoded))

    def _rising(self) -> Iterator[tuple[float, VideoFrame]]:
        """Yield frames with their times; leave out those that are not later than the last."""
        ahead: tuple[float, VideoFrame] | None = None
        for decoded in self._decoded:
            time = self._stamps.time(decoded, self._last_time)
            if ahead is not None:
                if self._last_time < time < ahead[0]:
                    self._unordered += time >= self._start  # that was a stray stamp, and no gap
                else:
                    yield ahead
                ahead = None
            if time <= self._last_time:
                self._unordered += time >= self._start
            elif MAX_STEP_S < time - self._last_time < math.inf:
                ahead = time, decoded
            else:
                yield time, decoded
        if ahead is not None:
            yield ahead

    def _image(self, frame: VideoFrame) -> NDArray[np.uint8]:
        if frame.width * frame.height > MAX_FRAME_PIXELS:
            raise SourceError(
                f"{self.text} has frames of {frame.width} × {frame.height} pixels, more than "
                f"{MAX_FRAME_PIXELS / 1e6:.0f} million; make a smaller copy of it"
            )
        # The file states the shape of pixels for its first size, the decoder for every size.
        is_stated = (frame.width, frame.height) == self._stated_size
        shape = self._stream if is_stated else self._stream.codec_context
        width, height = square_pixels(frame, shape.sample_aspect_ratio)
        try:
            # One thread: by default, PyAV starts one per core for every frame.
            rgb = self._reformatter.reformat(frame, width, height, format="rgb24", threads=1)
        except av.FFmpegError as error:
            raise SourceError(
                f"{self.text} has frames of the kind {frame.format.name}, which cannot be "
                f"made RGB ({reason(error)}); convert it to H.264 in .mp4"
            ) from error
        return np.ascontiguousarray(
            upright(np.asarray(rgb.to_ndarray(), np.uint8), frame, self._place)
        )

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


def _from_key_frame(packets: "Iterator[Packet[Stream]]", stamp: int) -> "Iterator[Packet[Stream]]":
    """Yield packets from the last key frame before a stamp on."""
    waiting: list[Packet[Stream]] = []
    for packet in packets:
        is_late = packet.pts is not None and packet.pts > stamp
        if packet.is_keyframe and not is_late:
            waiting.clear()
        waiting.append(packet)
        if is_late or not packet.size or len(waiting) > _MAX_WAITING:
            break
    yield from waiting
    yield from packets


def network_reconnection(
    place: str, text: str, *, stream: int | None = None, grid_rate: float | None = None
) -> Reconnection:
    """Return how to reconnect to a lost stream: at once, then less and less often."""
    return Reconnection(
        open=lambda: VideoSource(
            place, text=text, stream=stream, grid_rate=grid_rate, network=True
        ),
        lost_text="connection lost; trying again",
        delays=(0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0),
        # libav has timeouts of its own; these are for what it cannot interrupt, such as a DNS query
        first_within=3 * container.OPEN_TIMEOUT_S,
        next_within=3 * container.READ_TIMEOUT_S,
    )
