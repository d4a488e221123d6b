"""Opening files and network streams with libav, and reading their length and pixel shape.

Opening returns the container, its video stream, and whether the way it had to be opened shows that
the file is cut off.
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

OPEN_TIMEOUT_S: Final = 10.0  # for a network address to answer
READ_TIMEOUT_S: Final = 5.0  # for a network stream to send something

# TCP loses no packets and passes firewalls; if a server refuses it, libav tries UDP.
_NETWORK_OPTIONS: Final = {"rtsp_flags": "prefer_tcp"}

# Containers that state their length. In others, libav takes it from the last time stamp or guesses
# it from the bit rate, so a shorter file is not necessarily cut off.
_STATES_LENGTH: Final = ("mov", "matroska", "avi", "flv")
_TAG: Final = re.compile(r"([0-9]+):([0-9]{2}):([0-9]{2}(?:\.[0-9]+)?)")
_MAX_PIXEL_ASPECT: Final = 4  # beyond it, the header is wrong

# libav's own messages would disturb progress bars; what matters is raised as a SourceError.
av.logging.set_level(None)

Opened = tuple[InputContainer, VideoStream, bool]


def open_file(place: str, text: str) -> Opened:
    """Open a file, called `text` in errors.

    Raises
    ------
    SourceError
        If there is no such file, or no video in it.
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
            container = av.open(f"file:{place}", options=options)
        except PermissionError:
            raise SourceError(
                f"{text} may not be read; change its permissions (chmod u+r)"
            ) from None
        except av.FFmpegError as error:
            failure = error
        else:
            return container, _video_stream(container, text), bool(options)
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


def open_address(place: str, text: str) -> Opened:
    """Open an ``rtsp://`` or ``http://`` address, called `text` in errors.

    Raises
    ------
    SourceError
        If nothing answers in time, or there is no video.
    """
    since = time.monotonic()
    try:
        container = av.open(
            place, timeout=(OPEN_TIMEOUT_S, READ_TIMEOUT_S), options=_NETWORK_OPTIONS
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
    return container, _video_stream(container, text), False


def _video_stream(container: InputContainer, text: str) -> VideoStream:
    for stream in container.streams.video:
        is_cover = bool(stream.disposition & Disposition.attached_pic)
        # libav opens any .txt or .nfo file as coloured terminal art.
        is_text = container.format.name == "tty"
        if not is_cover and not is_text and stream.codec_context is not None:
            return stream
    container.close()
    raise SourceError(f"{text} has no video in it; name a video file")


@dataclass(frozen=True, slots=True)
class Length:
    """The length of a recording.

    Attributes
    ----------
    seconds : float or None
        From its first frame to the end of its last one, if known.
    is_stated : bool
        Whether the file itself states it, so that one that ends earlier is cut off.
    is_shared : bool
        Whether it is the length of the longer of video and sound.
    """

    seconds: float | None
    is_stated: bool = False
    is_shared: bool = False


def length_of(container: InputContainer, stream: VideoStream) -> Length:
    """Return the length of a recording, from the most reliable field in it."""
    is_stated = any(name in _STATES_LENGTH for name in container.format.name.split(","))
    time_base = stream.time_base or Fraction(1, av.time_base)
    offset = float((stream.start_time or 0) * time_base)
    whole = None
    if container.duration is not None:
        whole = ((container.start_time or 0) + container.duration) / av.time_base - offset
    if container.format.name == "avi" and stream.frames and stream.average_rate:
        # libav corrects an AVI's duration to what is there, but not its number of frames.
        return Length(float(stream.frames / stream.average_rate), is_stated)
    if stream.duration is not None:
        return Length(float(stream.duration * time_base), is_stated)
    tag = _TAG.fullmatch(stream.metadata.get("DURATION", ""))
    if tag is not None and whole is not None:  # Matroska's, of this track alone
        hours, minutes, seconds = tag.groups()
        own = 3600 * int(hours) + 60 * int(minutes) + float(seconds) - offset
        return Length(min(own, whole), is_stated)
    return Length(whole, is_stated and whole is not None, is_shared=True)


def square_pixels(frame: VideoFrame, aspect: Fraction | None) -> tuple[int, int]:
    """Return the width and height at which the frame's pixels are square."""
    if aspect is None or not _MAX_PIXEL_ASPECT > aspect > 1 / _MAX_PIXEL_ASPECT:
        return frame.width, frame.height
    if aspect > 1:
        return round(frame.width * aspect), frame.height
    return frame.width, round(frame.height / aspect)


def reason(error: av.FFmpegError) -> str:
    """Return libav's message in one line."""
    return " ".join((error.strerror or type(error).__name__).split())
