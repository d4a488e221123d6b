"""What the text of a source means: where the pictures are, and which part of them is wanted.

A source is written as its place and, after a ``#``, the part that is wanted, in the manner of the
W3C's Media Fragments: ``room.mp4#t=10,70&left``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from mirror.errors import SourceError

Kind = Literal["camera", "file", "network", "demo", "lsl"]
Up = Literal["y", "z"]

DEMOS: Final = ("a", "b")
KNOWN: Final = (
    "known are #t=12.5, #t=10,70, #xywh=percent:0,0,50,100, #xywh=pixel:10,10,200,300, "
    "#left, #right and #flip, several joined by &"
)
KNOWN_OF_LANDMARKS: Final = (
    "known for lsl: are #flip, #up=y and #up=z, of landmarks, and #series or #series=NAME,NAME"
)

_UPS: Final[dict[str, Up]] = {"up=y": "y", "up=z": "z"}
_NETWORK: Final = re.compile(r"(rtsp|rtsps|http|https)://\S", re.IGNORECASE)
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_PASSWORD: Final = re.compile(r"(://[^/@:]*):[^/]*@")
_INDEX: Final = re.compile(r"[0-9]{1,4}")
_CLOCK: Final = re.compile(r"(?:(?:([0-9]{1,4}):)?([0-5]?[0-9]):)?([0-9]+(?:\.[0-9]*)?)")
_NUMBER: Final = re.compile(r"[0-9]+(?:\.[0-9]*)?")
_LONGEST: Final = 1e6  # seconds, pixels: above this it is a slip of the keyboard


@dataclass(frozen=True, slots=True)
class Crop:
    """A rectangle of the picture, from its top left corner.

    Attributes
    ----------
    unit : {"percent", "pixel"}
        Percent of the picture's width and height (0…100), or pixels.
    x, y : float
        Left and top edge.
    width, height : float
        Size, greater than zero.
    """

    unit: Literal["percent", "pixel"]
    x: float
    y: float
    width: float
    height: float

    def contains(self, other: Crop) -> bool:
        """Whether `other` lies wholly inside; False where the units differ, for then who knows."""
        return (
            self.unit == other.unit
            and self.x <= other.x
            and self.y <= other.y
            and other.x + other.width <= self.x + self.width
            and other.y + other.height <= self.y + self.height
        )


WHOLE: Final = Crop("percent", 0, 0, 100, 100)
LEFT: Final = Crop("percent", 0, 0, 50, 100)
RIGHT: Final = Crop("percent", 50, 0, 50, 100)


@dataclass(frozen=True, slots=True)
class Address:
    """A source's text, understood.

    Attributes
    ----------
    text : str
        As the user wrote it, but for a password, which is replaced by asterisks: this text ends
        in error messages and recordings.
    base : str
        The text without its fragment (and with its password): what is opened.
    kind : {"camera", "file", "network", "demo", "lsl"}
        What `base` names.
    start : float
        Seconds into the file at which to start; 0 is its beginning.
    end : float or None
        Seconds into the file before which to stop; None is its end.
    crop : Crop or None
        The part of the picture that is wanted, in the picture as it was filmed.
    flip : bool
        Whether left and right are exchanged, after the crop.
    up : {"y", "z"} or None
        Of landmarks, the axis of a room that points upwards; None where they are in a picture.
    series : tuple of str or None
        The channels that are wanted as a plain series, all where it is empty; None where it is for
        the stream to say what it is.
    """

    text: str
    base: str
    kind: Kind
    start: float = 0.0
    end: float | None = None
    crop: Crop | None = None
    flip: bool = False
    up: Up | None = None
    series: tuple[str, ...] | None = None


def parse(text: str) -> Address:
    """Understand a source's text.

    Looks at the disk, because a file's real name may contain ``#``, and, where no file has the
    name, at the cameras that are plugged in.

    Raises
    ------
    SourceError
        Where a fragment is unknown, repeated, empty, out of range or contradicts another one, or
        where the text names nothing at all.
    """
    shown = _PASSWORD.sub(r"\1:***@", text)
    shown = "".join(letter if letter.isprintable() else "?" for letter in shown)
    base, mark, fragments = _split(text)
    if not base.strip() or "\0" in base:
        raise SourceError(
            f"'{shown}' names no source; "
            "give a camera's number, a file, an rtsp:// or http:// address, demo:a or demo:b"
        )
    kind = _kind(base, shown)
    if kind == "lsl":
        return _stream(base, fragments.split("&") if mark else [], shown)
    start, end, crop, flip = _parts(fragments, shown) if mark else (0.0, None, None, False)
    if kind == "camera" and (start or end is not None):
        raise SourceError(
            f"{shown}: a camera has no beginning to count from; leave out #t and use --seconds"
        )
    return Address(shown, base, kind, start, end, crop, flip)


def _stream(base: str, fragments: list[str], shown: str) -> Address:
    flip, up, series = False, None, None
    for fragment in fragments:
        if fragment == "flip" and not flip:
            flip = True
        elif fragment in _UPS and up is None:
            up = _UPS[fragment]
        elif fragment.partition("=")[0] == "series" and series is None:
            names = (name.strip() for name in fragment.partition("=")[2].split(","))
            series = tuple(name for name in names if name)
        else:
            raise SourceError(
                f"{shown}: #{_short(fragment)} is not known, or is said twice; {KNOWN_OF_LANDMARKS}"
            )
    if series is not None and (flip or up is not None):
        raise SourceError(
            f"{shown}: a plain series has no sides; leave out #flip and #up, or #series"
        )
    return Address(shown, base, "lsl", flip=flip, up=up, series=series)


def _split(text: str) -> tuple[str, str, str]:
    """Base, ``#`` if there is one, and fragment; the longest base that is a file wins."""
    if "#" in text and not _NETWORK.match(text):
        places = [len(text), *(i for i, letter in enumerate(text) if letter == "#")]
        for place in sorted(places, reverse=True):
            if _exists(text[:place]):
                return text[:place], text[place : place + 1], text[place + 1 :]
    return text.partition("#")


def _exists(name: str) -> bool:
    try:
        return bool(name) and Path(name).exists()
    except (OSError, ValueError):  # a name that no file can have: too long, or with a NUL in it
        return False


def _kind(base: str, shown: str) -> Kind:
    if _INDEX.fullmatch(base):
        return "camera"
    if _NETWORK.match(base):
        return "network"
    if base.startswith("lsl:"):
        if base == "lsl:":
            raise SourceError(f"{shown} names no stream; write lsl: and the stream's name")
        return "lsl"
    if base.startswith("demo:"):
        if base.removeprefix("demo:") not in DEMOS:
            raise SourceError(f"{shown}: there is no such demo; known are demo:a and demo:b")
        return "demo"
    if _exists(base) and not base.startswith("/dev/video"):
        return "file"
    if _SCHEME.match(base):
        raise SourceError(
            f"{shown}: this kind of address is not known; "
            "known are rtsp://, rtsps://, http:// and https://"
        )
    # Imported here because OpenCV takes its time, and most texts are files and numbers.
    from mirror.capture.camera import cameras_called

    return "camera" if cameras_called(base) else "file"


def _parts(fragments: str, shown: str) -> tuple[float, float | None, Crop | None, bool]:
    start, end = 0.0, None
    crop: Crop | None = None
    flip = False
    seen: set[str] = set()
    for fragment in fragments.split("&"):
        name, equals, value = fragment.partition("=")
        named = f"{shown}: #{_short(fragment)}"
        dimension = "xywh" if name in ("left", "right") else name
        if dimension in seen:
            raise SourceError(f"{named} says again or contradicts what stands before it; {KNOWN}")
        seen.add(dimension)
        if name == "t" and equals:
            start, end = _span(value, named)
        elif name == "xywh" and equals:
            crop = _rectangle(value, named)
        elif fragment == "left":
            crop = LEFT
        elif fragment == "right":
            crop = RIGHT
        elif fragment == "flip":
            flip = True
        else:
            raise SourceError(f"{named} is not a known part of a source; {KNOWN}")
    return start, end, crop, flip


def _short(fragment: str) -> str:
    clean = "".join(letter if letter.isprintable() else "?" for letter in fragment)
    return clean if len(clean) <= 60 else clean[:57] + "..."


def _span(value: str, named: str) -> tuple[float, float | None]:
    first, comma, second = value.removeprefix("npt:").partition(",")
    if not second and (comma or not first):
        raise SourceError(f"{named} gives no time; {KNOWN}")
    start = _seconds(first, named) if first else 0.0
    end = _seconds(second, named) if comma else None
    if end is not None and end <= start:
        raise SourceError(f"{named} ends before it starts; write #t=start,end in seconds")
    return start, end


def _seconds(value: str, named: str) -> float:
    match = _CLOCK.fullmatch(value)
    if match is None:
        raise SourceError(f"{named} is not a time; write seconds (12.5) or hh:mm:ss (0:01:30)")
    hours, minutes, seconds = match.groups()
    if minutes is not None and float(seconds) >= 60:
        raise SourceError(f"{named} has more than 59 seconds in a minute; write 0:01:30 or 90")
    total = 3600 * int(hours or "0") + 60 * int(minutes or "0") + float(seconds)
    if total > _LONGEST:
        raise SourceError(f"{named} is more than {_LONGEST:.0f} seconds; write seconds or hh:mm:ss")
    return total


def _rectangle(value: str, named: str) -> Crop:
    unit: Literal["percent", "pixel"] = "percent" if value.startswith("percent:") else "pixel"
    numbers = value.removeprefix(f"{unit}:").split(",")
    form = _NUMBER if unit == "percent" else re.compile(r"[0-9]+")
    if len(numbers) != 4 or not all(form.fullmatch(number) for number in numbers):
        raise SourceError(
            f"{named} is not a rectangle; "
            "write #xywh=percent:x,y,width,height or #xywh=x,y,width,height in whole pixels"
        )
    x, y, width, height = (float(number) for number in numbers)
    if not (width > 0 and height > 0):
        raise SourceError(f"{named} is empty; width and height must be more than 0")
    # The hair's breadth is for sums like 14.3 + 85.7, which are not quite 100 in binary.
    limit = 100.0 if unit == "percent" else _LONGEST
    if max(x + width, y + height) > limit + 1e-9:
        raise SourceError(
            f"{named} reaches beyond the picture; x + width and y + height may be {limit:.0f} at "
            f"most ({unit})"
        )
    return Crop(unit, x, y, width, height)
