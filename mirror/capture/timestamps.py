"""The times of a file's frames, from the time stamps of its packets.

Stamps are whole ticks of the stream's time base. Three kinds of file do not simply have a right one
for each frame: joined files, whose stamps begin again; AVI, whose stamps are in decoding order; and
bare streams, which have none.
"""

import heapq
import math
from collections import deque
from collections.abc import Iterator
from fractions import Fraction
from typing import Final

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

# A key frame is later than all frames before it. Beyond these limits is no gap: the stamps begin
# again. libav takes stamps far below the first ones for a clock that has run over, after 26 hours.
_MAX_BACK_S: Final = 0.25
_ROUNDING_BACK_S: Final = 0.05  # of the frame after it
_MAX_AHEAD_S: Final = 12 * 3600.0
# Seconds from one frame to the next, above which it is a gap only if the one after confirms it.
MAX_STEP_S: Final = 1.0
_AROUND: Final = 4  # steps before a gap, and after it; they are alike if it is one, most of them

_NO_TIMESTAMPS: Final = 0x0080  # libavformat's AVFMT_NOTIMESTAMPS
_ROUNDING_S: Final = Fraction(2, av.time_base)
_DEFAULT_RATE: Final = Fraction(25)


class Timestamps:
    """Times of the frames that are decoded from a stream's packets.

    `fps` are the frames per second of a stream without times; None takes what its header says, else
    25. They are its `rate`, which is None otherwise; `assumed` if not given and not sure. Stamps
    are in units of `tick`, from the time `origin` that is 0, s; at `joints`, s, they began again.
    """

    def __init__(self, container: InputContainer, stream: VideoStream, fps: float | None) -> None:
        self.tick = stream.time_base or Fraction(1, av.time_base)
        # From where players count: the beginning of the sound, if that is earlier.
        self.origin = Fraction(container.start_time or 0, av.time_base)
        own = (stream.start_time or 0) * self.tick
        if abs(own - self.origin) < _ROUNDING_S:  # libav rounds the container's
            self.origin = own
        self.joints: list[float] = []
        self.assumed: float | None = None
        self.rate: Fraction | None = None
        self._codec = stream.codec_context
        if int(container.format.flags) & _NO_TIMESTAMPS:
            self.rate = (
                Fraction(fps) if fps else self._codec.framerate or stream.average_rate
            ) or _DEFAULT_RATE
            self.assumed = None if fps else float(self.rate)
        self._interval = 1 / (stream.average_rate or _DEFAULT_RATE)
        self._are_of_decoding = container.format.name == "avi"
        self._has_pauses = container.format.name in ("avi", "gif")  # a frame may be shown for long
        self.missing = self._due = 0  # frames that were due in gaps; those of uneven files, too
        self._all_s = self._uneven_s = 0.0
        self._steps: deque[float] = deque(maxlen=2 * _AROUND + 1)
        self.restart()

    def restart(self) -> None:
        """Begin anew, at another place of the file."""
        self._count = 0
        self._shift = 0
        self._latest: int | None = None  # stamp of presentation …
        self._is_ahead = False  # … but for one that was far ahead
        self._waiting: list[int] = []  # a heap of stamps of decoding

    def joined(self, packets: "Iterator[Packet[Stream]]") -> "Iterator[Packet[Stream]]":
        """Yield packets with stamps that go on where they begin again; single stray ones stay."""
        held: Packet[Stream] | None = None
        for packet in packets:
            if held is not None:
                stamp = _stamp(held)
                joins = self._jumps(packet, _ROUNDING_BACK_S)
                if joins and stamp is not None and self._latest is not None:
                    # Not by the packets' durations, which are those of decoding.
                    begin = self._latest + round(self._interval / self.tick)
                    self._shift = begin - stamp
                    self.joints.append(float(begin * self.tick - self.origin))
                yield self._shifted(held)
                held = None
            if packet.is_keyframe and self._jumps(packet, _MAX_BACK_S):
                held = packet
            else:
                yield self._shifted(packet)
        if held is not None:
            yield self._shifted(held)

    def decode(self, packet: "Packet[Stream]") -> Iterator[VideoFrame]:
        """Decode a packet, or raise av.FFmpegError; the frames are stamped as presented."""
        if not packet.size and packet.dts is not None:
            return  # AVI repeats a frame so; libav would take it for the end
        stamp = packet.dts if self._are_of_decoding else None
        if stamp is not None:
            heapq.heappush(self._waiting, stamp)
        frames = packet.decode()
        if stamp is not None and frames:
            # Beyond those that the decoder holds back, stamps are of packets without a frame.
            held = self._codec.reorder_depth + len(frames)
            while len(self._waiting) > held:
                heapq.heappop(self._waiting)
        for frame in frames:
            if isinstance(frame, VideoFrame):
                if self._waiting:  # frames come in order of presentation
                    frame.pts = heapq.heappop(self._waiting)
                yield frame

    def time(self, frame: VideoFrame, last: float) -> float:
        """Return the time of the next frame, s; `last` is that of the one before it."""
        if self.rate is not None:
            self._count += 1
            return float((self._count - 1) / self.rate)
        if frame.pts is None:
            return max(0.0, last + float(self._interval))
        time = float(frame.pts * self.tick - self.origin)
        if time < 0 and last == -math.inf:  # libav has missed the earliest one
            self.origin, time = frame.pts * self.tick, 0.0
        return time

    def count_missing(self, step: float) -> None:
        """Take the time from one frame to the next, s."""
        self._steps.append(step)
        usual = sorted(self._steps)[len(self._steps) // 2]
        alike = [abs(each - usual) < 0.25 * usual for each in self._steps]
        if len(alike) > 2 * _AROUND and not self._has_pauses:
            gap = self._steps[_AROUND]
            self._all_s += gap
            self._uneven_s += 0.0 if alike[_AROUND] else min(gap, MAX_STEP_S)
            if sum(alike) > _AROUND and gap <= MAX_STEP_S:  # longer ones are pauses
                self._due += max(0, round(gap / usual) - 1)
            self.missing = self._due if self._uneven_s <= 0.25 + 0.05 * self._all_s else 0

    def stamp(self, time: float) -> int:
        """Return the stamp of a time, s."""
        return int((Fraction(time) + self.origin) / self.tick)

    def _jumps(self, packet: "Packet[Stream]", back: float) -> bool:
        stamp = _stamp(packet)
        if stamp is None or self._latest is None:
            return False
        step = (stamp + self._shift - self._latest) * self.tick
        return not -back <= step <= _MAX_AHEAD_S

    def _shifted(self, packet: "Packet[Stream]") -> "Packet[Stream]":
        if self._shift:
            if packet.pts is not None:
                packet.pts += self._shift
            if packet.dts is not None:
                packet.dts += self._shift
        stamp = _stamp(packet)
        if stamp is not None:
            if self._latest is None:
                self._latest = stamp
            far = (stamp - self._latest) * self.tick > MAX_STEP_S
            if not far or self._is_ahead:
                self._latest = max(stamp, self._latest)
            self._is_ahead = far != self._is_ahead
        return packet


def _stamp(packet: "Packet[Stream]") -> int | None:
    return packet.dts if packet.pts is None else packet.pts
