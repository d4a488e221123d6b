"""Opening files and network streams with libav: which video, its length, shape and orientation."""

import mmap
import re
import stat
import time
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

import av
import numpy as np
from av.buffer import Buffer
from av.container import InputContainer
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray
from PIL import ExifTags, Image

from mirror.errors import SourceError

OPEN_TIMEOUT_S: Final = 10.0  # for a network address to answer
READ_TIMEOUT_S: Final = 5.0  # for a network stream to send something

# TCP loses no packets and passes firewalls; if a server refuses it, libav tries UDP.
_NETWORK_OPTIONS: Final = {"rtsp_flags": "prefer_tcp"}

# Containers that state their length. In others, libav takes it from the last time stamp or guesses
# it from the bit rate, so a shorter file is not necessarily cut off.
_STATES_LENGTH: Final = ("mov", "matroska", "avi", "flv")
# How files begin of whose parts libav reads only the first one or two if they are joined.
_BEGINNINGS: Final = {"flv": b"FLV\x01", "matroska,webm": b"\x1a\x45\xdf\xa3"}
_TAG: Final = re.compile(r"([0-9]+):([0-9]{2}):([0-9]{2}(?:\.[0-9]+)?)")
_MAX_PIXEL_ASPECT: Final = 4  # beyond it, the header is wrong
_MIRRORED: Final = (2, 4, 5, 7)  # values of EXIF's orientation

# libav's own messages would disturb progress bars; what matters is raised as a SourceError.
av.logging.set_level(None)

_PROBED_PACKETS: Final = 300  # of all video streams, to tell thumbnails from videos
_THUMBNAIL_SHARE: Final = 0.1  # of the packets of the busiest stream
_PICTURES: Final = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image


Opened = tuple[InputContainer, VideoStream, bool, tuple[str, ...]]
"""An open file, the stream to be decoded, whether the way it had to be opened shows that the file
is cut off, and the other videos in it, as ``#stream=1 (640 × 480)``."""


def open_file(place: str, text: str, number: int | None = None) -> Opened:
    """Open a file, called `text` in errors.

    `number` says which of its video streams, from 0; by default the one that a player shows. Raise
    SourceError if there is no such file, or no video in it.
    """
    path = Path(place)
    try:
        status = path.stat()
    except FileNotFoundError as error:
        raise SourceError(f"{text} does not exist; check the spelling and the folder") from error
    except (OSError, ValueError) as error:  # too long a name, a folder without permission, a NUL
        detail = getattr(error, "strerror", None) or error
        raise SourceError(f"{text} cannot be opened: {detail}; check its name") from error
    if stat.S_ISDIR(status.st_mode):
        raise SourceError(f"{text} is a folder; name a video file in it")
    if stat.S_ISREG(status.st_mode) and status.st_size == 0:
        raise SourceError(f"{text} is empty (0 bytes); copy or record it again")
    # A fragmented MP4 torn in the middle of an index opens only if libav thinks it cannot seek.
    for options in ({}, {"seekable": "0"}):
        try:
            # Without the protocol, libav would take "take:1.mp4" for an address.
            container = av.open(f"file:{place}", options=options, metadata_errors="replace")
        except PermissionError:
            raise SourceError(
                f"{text} may not be read; change its permissions (chmod u+r)"
            ) from None
        except av.FFmpegError as error:
            failure = error
        else:
            counts = _count_packets(place, options) if len(container.streams.video) > 1 else {}
            return _choose(container, text, number, counts, is_torn=bool(options))
    with path.open("rb") as file:
        start = file.read(12)
    if start[4:8] == b"ftyp":  # an MP4 whose index was never written, or was at the lost end
        raise SourceError(
            f"{text} is an MP4 without its index, as recordings are that were interrupted; "
            "copy it again, or mend it with a repair program such as untrunc"
        ) from failure
    raise SourceError(
        f"{text} is not a video that can be read ({reason(failure)}); name a video file"
    ) from failure


def open_address(place: str, text: str, number: int | None = None) -> Opened:
    """Open an ``rtsp://`` or ``http://`` address; raise SourceError if no video comes in time."""
    since = time.monotonic()
    try:
        container = av.open(
            place,
            timeout=(OPEN_TIMEOUT_S, READ_TIMEOUT_S),
            options=_NETWORK_OPTIONS,
            metadata_errors="replace",
        )
    except av.FFmpegError as error:
        # libav's error after a timeout depends on what it was doing.
        if time.monotonic() - since >= OPEN_TIMEOUT_S:
            raise SourceError(
                f"{text} did not answer within {OPEN_TIMEOUT_S:.0f} s; "
                "check the address and that the camera or server is on"
            ) from error
        raise SourceError(
            f"{text} cannot be opened ({reason(error)}); "
            "check the address, the user and password (in them write # as %23, / as %2F, @ as "
            "%40), and that the server is on"
        ) from error
    return _choose(container, text, number, {}, is_torn=False)


def open_rest(place: str, format_name: str, position: int) -> tuple[InputContainer, int] | None:
    """Open the next of the files that were joined to one, from the byte `position` on.

    Returns it and where it begins, or None if there is none that can be read.
    """
    beginning = _BEGINNINGS.get(format_name)
    if beginning is None or not Path(place).is_file():
        return None
    with (
        Path(place).open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
    ):
        begin = content.find(beginning, position)
    if begin < 0:
        return None
    try:
        address = f"subfile,,start,{begin},end,0,,:file:{place}"
        return av.open(address, metadata_errors="replace"), begin
    except av.FFmpegError:
        return None


def _count_packets(place: str, options: dict[str, str]) -> dict[int, int]:
    """Return how many of a file's first packets each video stream has, by its index."""
    counts: dict[int, int] = {}
    opened = partial(av.open, f"file:{place}", options=options, metadata_errors="replace")
    with suppress(av.FFmpegError), opened() as container:
        for packet in islice(container.demux(*container.streams.video), _PROBED_PACKETS):
            if packet.size:
                counts[packet.stream.index] = counts.get(packet.stream.index, 0) + 1
    return counts


def _choose(
    container: InputContainer,
    text: str,
    number: int | None,
    counts: dict[int, int],
    *,
    is_torn: bool,
) -> Opened:
    """Choose the stream of this number, or the one that a player shows."""
    videos = [each for each in container.streams.video if each.codec_context is not None]
    if container.format.name == "tty":  # libav opens any .txt or .nfo file as coloured art
        videos = []
    if number is not None and number < len(videos):
        return container, videos[number], is_torn, ()
    least = _THUMBNAIL_SHARE * max(counts.values(), default=0)
    real = [
        each
        for each in videos
        if not each.disposition & _PICTURES
        and (len(videos) < 2 or each.frames != 1)
        and counts.get(each.index, 0) >= least
    ]
    if number is not None or not real:
        container.close()
        if not real:
            raise SourceError(f"{text} has no video in it; name a video file")
        raise SourceError(f"{text} has no #stream={number}; the last is #stream={len(videos) - 1}")
    chosen = next((each for each in real if each.disposition & Disposition.default), real[0])
    others = [
        f"#stream={videos.index(each)} ({each.width} × {each.height})"
        for each in real
        if each is not chosen
    ]
    return container, chosen, is_torn, tuple(others)


@dataclass(frozen=True, slots=True)
class Length:
    """The length of a recording, from its first frame to the end of its last one, if known.

    If it `is_stated` by the file itself, one that ends earlier is cut off; if it `is_shared`, it is
    the length of the longer of video and sound.
    """

    seconds: float | None
    is_stated: bool = False
    is_shared: bool = False


def length_of(container: InputContainer, stream: VideoStream, origin: Fraction) -> Length:
    """Return the length of a recording from `origin`, s, by the most reliable field in it."""
    is_stated = any(name in _STATES_LENGTH for name in container.format.name.split(","))
    time_base = stream.time_base or Fraction(1, av.time_base)
    begin = float((stream.start_time or 0) * time_base - origin)
    whole = None
    if container.duration is not None:
        start = Fraction(container.start_time or 0, av.time_base)
        whole = float(start + Fraction(container.duration, av.time_base) - origin)
    if container.format.name == "avi" and stream.frames and stream.average_rate:
        # libav corrects an AVI's duration to what is there, but not its number of frames.
        return Length(begin + float(stream.frames / stream.average_rate), is_stated)
    if stream.duration is not None:
        return Length(begin + float(stream.duration * time_base), is_stated)
    tag = _TAG.fullmatch(stream.metadata.get("DURATION", ""))
    if tag is not None and whole is not None:  # Matroska's, of this track alone
        hours, minutes, seconds = tag.groups()
        own = 3600 * int(hours) + 60 * int(minutes) + float(seconds) - float(origin)
        return Length(min(own, whole), is_stated)
    return Length(whole, is_stated and whole is not None, is_shared=True)


def square_pixels(frame: VideoFrame, aspect: Fraction | None) -> tuple[int, int]:
    """Return the width and height at which the frame's pixels are square."""
    if aspect is None or not _MAX_PIXEL_ASPECT > aspect > 1 / _MAX_PIXEL_ASPECT:
        return frame.width, frame.height
    if aspect > 1:
        return round(frame.width * aspect), frame.height
    return frame.width, round(frame.height / aspect)


def upright(image: NDArray[np.uint8], frame: VideoFrame, place: str) -> NDArray[np.uint8]:
    """Turn and flip a frame's image as its display matrix or EXIF data says, by right angles."""
    try:
        matrix = frame.side_data.get("DISPLAYMATRIX")
    except ValueError:  # PyAV cannot list the EXIF data of a photograph, and turns without a flip
        with suppress(OSError), Image.open(place) as photo:
            if photo.getexif().get(ExifTags.Base.Orientation) in _MIRRORED:
                image = image[::-1]
        return np.rot90(image, frame.rotation // 90)
    if not isinstance(matrix, Buffer):
        return image
    # A pixel at (x, y) is shown at (a x + c y, b x + d y); the other five move and scale it.
    a, b, _, c, d = np.frombuffer(bytes(matrix), np.int32)[:5].tolist()
    if abs(a) + abs(d) < abs(b) + abs(c):
        image = image.swapaxes(0, 1)
        a, d = c, b
    return image[:: -1 if d < 0 else 1, :: -1 if a < 0 else 1]


def reason(error: av.FFmpegError) -> str:
    """Return libav's message in one line."""
    return " ".join((error.strerror or type(error).__name__).split())
