"""Opening files and network streams with libav, and what they say of themselves.

The three parts of what is opened: the container, its video stream, and whether it is torn, that is,
known to be cut off from the way that it had to be opened.
"""

from __future__ import annotations

import re
import stat
import time
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from mirror.errors import SourceError

OPEN_TIMEOUT: Final = 10.0  # seconds for a network address to answer
READ_TIMEOUT: Final = 5.0  # seconds that a network stream may send nothing

# TCP does not lose packets, and passes firewalls; where a server refuses it, libav then tries UDP.
_NETWORK_OPTIONS: Final = {"rtsp_flags": "prefer_tcp"}

# Containers that state their length when they are written. Elsewhere libav takes it from the last
# time stamp it finds, or guesses it from the bit rate: nothing to hold against a file.
_STATES_LENGTH: Final = ("mov", "matroska", "avi", "flv")
_TAG: Final = re.compile(r"([0-9]+):([0-9]{2}):([0-9]{2}(?:\.[0-9]+)?)")
_ODDEST_ASPECT: Final = 4  # of a pixel; beyond it the header is wrong

# libav's own messages would run through the progress bars; what matters comes as a SourceError.
av.logging.set_level(None)

Opened = tuple[InputContainer, VideoStream, bool]


def open_file(place: str, text: str) -> Opened:
    """Open a file; errors call it `text`.

    Raises
    ------
    SourceError
        Where there is no such file, or no video in it.
    """
    path = Path(place)
    try:
        found = path.stat()
    except FileNotFoundError as error:
        raise SourceError(f"{text} does not exist; check the spelling and the folder") from error
    except (OSError, ValueError) as error:  # too long a name, a folder without leave, a NUL
        reason = getattr(error, "strerror", None) or error
        raise SourceError(f"{text} cannot be opened: {reason}; check its name") from error
    if stat.S_ISDIR(found.st_mode):
        raise SourceError(f"{text} is a folder; name a video file in it")
    if stat.S_ISREG(found.st_mode) and found.st_size == 0:
        raise SourceError(f"{text} is empty (0 bytes); copy or record it again")
    # A fragmented MP4 that was torn in the middle of an index opens only where libav believes that
    # it cannot look ahead.
    for options in ({}, {"seekable": "0"}):
        try:
            # With the protocol named, a name like "take:1.mp4" stays a name.
            container = av.open(f"file:{place}", options=options)
        except PermissionError:
            raise SourceError(
                f"{text} may not be read; change its permissions (chmod u+r)"
            ) from None
        except av.FFmpegError as error:
            failure = error
        else:
            return container, _video_stream(container, text), bool(options)
    raise SourceError(f"{text} {_what_is_wrong(path, failure)}") from failure


def open_address(place: str, text: str) -> Opened:
    """Open an ``rtsp://`` or ``http://`` address; errors call it `text`.

    Raises
    ------
    SourceError
        Where nobody answers in time, or with no video.
    """
    since = time.monotonic()
    try:
        container = av.open(place, timeout=(OPEN_TIMEOUT, READ_TIMEOUT), options=_NETWORK_OPTIONS)
    except av.FFmpegError as error:
        # What libav says when it is interrupted depends on what it was doing.
        if time.monotonic() - since >= OPEN_TIMEOUT:
            raise SourceError(
                f"{text} did not answer within {OPEN_TIMEOUT:.0f} s; "
                "check the address and that the camera or server is on"
            ) from error
        raise SourceError(
            f"{text} cannot be opened ({reason(error)}); "
            "check the address, the user and password, and that the server is on"
        ) from error
    return container, _video_stream(container, text), False


def _video_stream(container: InputContainer, text: str) -> VideoStream:
    for stream in container.streams.video:
        is_cover = bool(stream.disposition & Disposition.attached_pic)
        # libav opens any text called .txt or .nfo as coloured terminal art.
        is_text = container.format.name == "tty"
        if not is_cover and not is_text and stream.codec_context is not None:
            return stream
    container.close()
    raise SourceError(f"{text} has no video in it; name a video file")


@dataclass(frozen=True, slots=True)
class Length:
    """How long a recording is.

    Attributes
    ----------
    seconds : float or None
        From its first picture to the end of its last one, where known.
    is_stated : bool
        Whether the file itself says so, and is cut off where it ends before.
    is_shared : bool
        Whether it is the length of the longest of picture and sound.
    """

    seconds: float | None
    is_stated: bool = False
    is_shared: bool = False


def length_of(container: InputContainer, stream: VideoStream) -> Length:
    """The length of a recording, from the best there is in it."""
    is_stated = any(name in _STATES_LENGTH for name in container.format.name.split(","))
    time_base = stream.time_base or Fraction(1, av.time_base)
    offset = float((stream.start_time or 0) * time_base)
    whole = None
    if container.duration is not None:
        whole = ((container.start_time or 0) + container.duration) / av.time_base - offset
    if container.format.name == "avi" and stream.frames and stream.average_rate:
        # libav corrects an AVI's duration to what is there; the number of pictures it leaves.
        return Length(float(stream.frames / stream.average_rate), is_stated)
    if stream.duration is not None:
        return Length(float(stream.duration * time_base), is_stated)
    tag = _TAG.fullmatch(stream.metadata.get("DURATION", ""))
    if tag is not None and whole is not None:  # Matroska's, of this track alone
        hours, minutes, seconds = tag.groups()
        own = 3600 * int(hours) + 60 * int(minutes) + float(seconds) - offset
        return Length(min(own, whole), is_stated)
    return Length(whole, is_stated and whole is not None, is_shared=True)


def square_pixels(picture: VideoFrame, aspect: Fraction | None) -> tuple[int, int]:
    """Width and height at which the picture's pixels are as wide as they are high."""
    if aspect is None or not _ODDEST_ASPECT > aspect > 1 / _ODDEST_ASPECT:
        return picture.width, picture.height
    if aspect > 1:
        return round(picture.width * aspect), picture.height
    return picture.width, round(picture.height / aspect)


def reason(error: av.FFmpegError) -> str:
    """What libav says, in one line."""
    return " ".join((error.strerror or type(error).__name__).split())


def _what_is_wrong(path: Path, error: av.FFmpegError) -> str:
    with path.open("rb") as file:
        start = file.read(12)
    if start[4:8] == b"ftyp":  # an MP4 whose index was never written, or was at the lost end
        return (
            "is an MP4 without its index, as recordings are that were interrupted; "
            "copy it again, or mend it with a repair program such as untrunc"
        )
    return f"is not a video that can be read ({reason(error)}); name a video file"
