"""Parsing the text of a source: what to open, and which part of it.

A source is written as a place and, after a ``#``, the part to use, in the syntax of W3C Media
Fragments: ``room.mp4#t=10,70&left``.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import quote, unquote

from mirror.capture.secrets import SITE, mask_secrets
from mirror.errors import SourceError

Kind = Literal["camera", "file", "network", "demo", "lsl", "screen", "series", "keypoints"]
Up = Literal["y", "z"]

_KNOWN: Final = (
    "known are #t=12.5, #t=10,70, #xywh=percent:0,0,50,100, #xywh=pixel:10,10,200,300, "
    "#left, #right, #people, #flip, #stream=1, #fps=30, #drift=12.5 and #delay=0.08, several "
    "joined by &; of demo:, #exercise=NAME and #level=easy"
)
_KEYPOINTS: Final = (".csv", ".tsv", ".parquet", ".slp", ".h5", ".hdf5")
_KNOWN_FOR_LSL: Final = (
    "known for lsl: are #flip, #up=y and #up=z, of landmarks, #series or #series=NAME,NAME, and "
    "#host=NAME or #uid=ID of one of several; in a name write # as %23, & as %26, a comma as %2C"
)

_KNOWN_FOR_SERIES: Final = (
    "write #columns=NAME,NAME, and &rate=25 or &time=COLUMN, or of an .xdf file #stream=NAME, and "
    "&columns=NAME for some channels; in a name write # as %23, & as %26, a comma as %2C"
)

_NAME_ESCAPES: Final = {"%": "%25", "#": "%23", "&": "%26", ",": "%2C"}
_UPS: Final[dict[str, Up]] = {"up=y": "y", "up=z": "z"}
_NETWORK: Final = re.compile(r"(rtsp|rtsps|http|https)://\S", re.IGNORECASE)
_HOST: Final = re.compile(
    r"(?:\[[^\]/?#@]*\]|[^/?#@:\s]+)(?::[0-9]{0,5})?(?:[/?]|$|#(?!.*@))", re.DOTALL
)
_ESCAPES: Final = "in a user, a password or a value write # as %23, / as %2F, @ as %40 and : as %3A"
_NAMED: Final[tuple[tuple[Kind, re.Pattern[str], str], ...]] = (
    ("lsl", re.compile(r"lsl:.+", re.DOTALL), " names no stream; write lsl: and the stream's name"),
    ("demo", re.compile(r"demo:[ab]"), ": there is no such demo; known are demo:a and demo:b"),
    ("series", re.compile(r"series:.+", re.DOTALL), " names no file; write series: and its path"),
    ("screen", re.compile(r"screen:[1-9][0-9]?"), ": no such screen; the first is screen:1"),
)
_TIME: Final = re.compile(r"(?:(?:([0-9]{1,4}):)?([0-5]?[0-9]):)?([0-9]+(?:\.[0-9]*)?)")
_FPS: Final = re.compile(r"([0-9]{1,6}(?:\.[0-9]*)?)(?:/([0-9]{1,6}))?")
_MAX_FPS: Final = 1000.0
_NUMBER: Final = r"[+-]?[0-9]+(?:\.[0-9]*)?"
_MAX_VALUE: Final = 1e6  # seconds, pixels: anything above is a typing error


@dataclass(frozen=True, slots=True)
class Crop:
    """A rectangle of the frame, from its top left corner."""

    unit: Literal["percent", "pixel"]  # percent of the frame's width and height (0…100), or pixels
    x: float  # the left edge
    y: float  # the top edge
    width: float  # more than 0
    height: float  # more than 0

    def contains(self, other: "Crop") -> bool:
        """Return whether `other` lies wholly inside; False if the units differ."""
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
_HALVES: Final = {"left": LEFT, "right": RIGHT}


@dataclass(frozen=True, slots=True)
class Address:
    """The parsed text of a source."""

    # As the user wrote it, except for secrets, which are replaced by asterisks (`mask_secrets`):
    # this text goes into error messages and recordings.
    text: str
    base: str  # the text without its fragment (and with its secrets): what is opened
    kind: Kind  # what `base` names
    start: float = 0.0  # start time in the file, s
    end: float | None = None  # end time in the file, exclusive, s; None is its end
    crop: Crop | None = None  # the part of the frame to use, before the flip
    flip: bool = False  # whether left and right are exchanged, after the crop
    up: Up | None = None  # of landmarks, the axis of a room that points up; None in a frame
    stream: int | None = None  # of a file's videos, from 0; None takes the one a player shows
    fps: float | None = None  # of a file without times; None takes what the file says
    drift: float = 0.0  # how much faster its clock is than the other's, millionths, from `start` on
    delay: float | None = None  # how late a camera delivers its frames, s; None if not stated
    person: int | None = None  # which of two, 1 (left at first sight) or 2; None: whoever is there
    series: tuple[str, ...] | None = None  # channels, all if empty; None: the stream decides
    rate: float | None = None  # samples a second of a file without stamps
    column: str | None = None  # the column of stamps in a file
    size: tuple[int, int] | None = None  # width and height of keypoints' frames, pixels
    who: str | None = None  # the person in a file of keypoints, or the stream in one of XDF
    map: str | None = None  # the file, beside that of keypoints, that names their landmarks
    host: str | None = None  # of several streams of one name, that of the machine of this name
    uid: str | None = None  # or the one with this id of its own
    exercise: str | None = None  # the exercise that a rendered person performs
    level: str | None = None  # how difficult that person makes it: "easy", "usual" or "hard"

    def session_time(self, time_s: float) -> float:
        """Return the time in a session, s, of a time of the whole source."""
        return (time_s - self.start) / (1.0 + self.drift / 1e6) - (self.delay or 0.0)

    def source_time(self, time_s: float) -> float:
        """Return the time in the whole source, s, of a time of a session."""
        return self.start + (time_s + (self.delay or 0.0)) * (1.0 + self.drift / 1e6)


def parse(text: str) -> Address:
    """Parse the text of a source.

    Looks at the disk, because a file's name may contain ``#``, and, if no such file exists, at the
    cameras that are plugged in. Raise SourceError if a fragment is unknown, repeated, empty, out of
    range or contradicts another one, or if the text names no source.
    """
    base, mark, fragments = _split(text)
    has_no_secrets = base.startswith(("lsl:", "demo:", "series:")) or _exists(base)
    shown = _printable(text if has_no_secrets else mask_secrets(text))
    if not base.strip() or "\0" in base:
        raise SourceError(
            f"'{shown}' names no source; "
            "give a camera's number, a file, an rtsp:// or http:// address, demo:a or demo:b"
        )
    kind = _kind(base, shown)
    if kind == "lsl":
        return _parse_stream(base, fragments.split("&") if mark else [], shown)
    if kind == "series":
        return _parse_series(base, fragments, shown)
    address = Address(shown, base, kind)
    if mark:
        address = _with_parts(address, fragments)
    if kind in ("camera", "screen") and (address.start or address.end is not None):
        raise SourceError(
            f"{shown}: a {kind} has no beginning to count from; "
            "leave out #t and stop the session in time"
        )
    if kind not in ("file", "network") and (
        (address.stream, address.fps, address.drift) != (None, None, 0.0)
    ):
        raise SourceError(f"{shown}: #stream, #fps and #drift are for video files; leave them out")
    if address.person is not None and kind in ("demo", "keypoints"):
        shows = "a demo shows" if kind == "demo" else "keypoints are of"
        raise SourceError(f"{shown}: {shows} one person; leave out #person")
    _check_keypoints(address)
    if kind not in ("camera", "network", "screen") and address.delay:
        raise SourceError(f"{shown}: #delay is for cameras; write when to start as #t=0.5")
    return address


def _check_keypoints(address: Address) -> None:
    told = (address.rate, address.column, address.size, address.who, address.map)
    if address.kind != "keypoints" and told != (None,) * 5:
        is_lost = address.kind == "file" and not _exists(address.base)
        why = "#rate, #time, #size, #who and #map are for keypoints"
        raise SourceError(f"{address.text}: {'there is no such file' if is_lost else why}")
    cut = address.crop is not None or address.start or address.end is not None
    if address.kind == "keypoints" and cut:
        raise SourceError(f"{address.text}: keypoints are used whole; leave out #t and #xywh")


def both_people(text: str) -> tuple[str, str] | None:
    """Return the two sources that ``#people`` is short for; None if a text has no such part."""
    base, _, fragments = _split(text)
    parts = fragments.split("&")
    if "people" not in parts:
        return None
    kept = [each for each in parts if each != "people"]
    one, other = ("&".join([*kept, f"person={number}"]) for number in (1, 2))
    return f"{base}#{one}", f"{base}#{other}"


def names_person(text: str) -> bool:
    """Return whether a source is one of two people in one picture."""
    return any(part.startswith("person=") for part in _split(text)[2].split("&"))


def with_parts(text: str, **parts: str | None) -> str:
    """Return the text of a source with these fragments in place of those of their names.

    ``with_parts("a.mp4#t=3&flip", t="5", drift="12")`` is ``a.mp4#flip&t=5&drift=12``; None leaves
    a fragment out.
    """
    base, _, fragments = _split(text)
    kept = [each for each in fragments.split("&") if each and each.partition("=")[0] not in parts]
    kept += [f"{name}={value}" for name, value in parts.items() if value is not None]
    return "#".join((base, "&".join(kept))) if kept else base


def is_of_screen(source: str) -> bool:
    """Whether a source is the screen or a part of it, as a tile of a call is."""
    return source.startswith("screen:")


def escape_name(name: str) -> str:
    """Return a stream's or a channel's name as it stands in the text of a source."""
    for letter, code in _NAME_ESCAPES.items():
        name = name.replace(letter, code)
    return name


def _unescape_name(text: str) -> str:
    for letter, code in reversed(_NAME_ESCAPES.items()):
        text = text.replace(code, letter).replace(code.lower(), letter)
    return text


def _parse_stream(base: str, fragments: list[str], shown: str) -> Address:
    flip, up, series = False, None, None
    only: dict[str, str] = {}
    for fragment in fragments:
        name, _, value = fragment.partition("=")
        if fragment == "flip" and not flip:
            flip = True
        elif fragment in _UPS and up is None:
            up = _UPS[fragment]
        elif name == "series" and series is None:
            labels = map(_unescape_name, value.split(","))
            series = tuple(label for each in labels if (label := each.strip()))
        elif name in ("host", "uid") and value and name not in only:
            only[name] = _unescape_name(value)
        else:
            raise SourceError(
                f"{shown}: #{_short(fragment)} is not known, or is given twice; {_KNOWN_FOR_LSL}"
            )
    if series is not None and (flip or up is not None):
        raise SourceError(
            f"{shown}: a plain series has no sides; leave out #flip and #up, or #series"
        )
    base = _unescape_name(base)
    host, uid = only.get("host"), only.get("uid")
    return Address(shown, base, "lsl", flip=flip, up=up, series=series, host=host, uid=uid)


def _parse_series(base: str, fragments: str, shown: str) -> Address:
    pairs = [each.partition("=") for each in fragments.split("&")]
    told = {name: value for name, _, value in pairs if value}
    names = tuple(map(str.strip, map(_unescape_name, told.get("columns", "").split(","))))
    names *= "columns" in told
    needed = [{"columns", "rate"}, {"columns", "time"}]
    needed = [{"stream"}, {"stream", "columns"}] if base.lower().endswith(".xdf") else needed
    if len(told) < len(pairs) or told.keys() not in needed or not all(names):
        raise SourceError(f"{shown} is not a plain series in a file; {_KNOWN_FOR_SERIES}")
    rate = _parse_rate(told["rate"], f"{shown}: #rate") if "rate" in told else None
    column = _unescape_name(told["time"]) if "time" in told else None
    who = _unescape_name(told["stream"]) if "stream" in told else None
    base = _unescape_name(base) if base.startswith("series:") else base
    return Address(shown, base, "series", series=names, rate=rate, column=column, who=who)


def _split(text: str) -> tuple[str, str, str]:
    """Return base, ``#`` if there is one, and fragment; the longest base that is a file wins."""
    if _NETWORK.match(text):
        text = _escape_user_info(text)
    else:
        for place in range(len(text), 0, -1):
            if text[place : place + 1] in ("", "#") and _exists(text[:place]):
                return text[:place], text[place : place + 1], text[place + 1 :]
    return text.partition("#")


def _escape_user_info(text: str) -> str:
    """Percent-encode what would end the user info of an address before its ``@``."""
    scheme, mark, rest = text.partition("://")
    if _HOST.match(rest):  # it has no user info, or none that could be told from a path
        return text
    for at in re.finditer("@", rest):
        if _HOST.match(rest, at.end()):
            user = quote(rest[: at.start()], safe="%:!$&'()*+,;=", errors="surrogateescape")
            return f"{scheme}{mark}{user}@{rest[at.end() :]}"
    return text


def _exists(name: str) -> bool:
    try:
        return Path(name).exists()
    except OSError:  # no file can have this name: it is too long
        return False


def _kind(base: str, shown: str) -> Kind:
    if re.fullmatch("[0-9]{1,4}", base):
        return "camera"
    if _NETWORK.match(base):
        return "network"
    for kind, pattern, fix in _NAMED:
        if base.startswith(f"{kind}:"):
            if not pattern.fullmatch(base):
                raise SourceError(f"{shown}{fix}")
            return kind
    if base.lower().endswith(".xdf"):
        return "series"
    if _exists(base) and not base.startswith("/dev/video"):
        is_table = Path(base).suffix.lower() in _KEYPOINTS or any(Path(base).glob("*.json"))
        return "keypoints" if is_table else "file"
    if SITE.match(base):
        raise SourceError(
            f"{shown}: this kind of address is not known; "
            "known are rtsp://, rtsps://, http:// and https://"
        )
    # Imported here because OpenCV is slow to import, and most texts are files and numbers.
    from mirror.capture.camera import cameras_called

    return "camera" if cameras_called(base) else "file"


def _with_parts(address: Address, fragments: str) -> Address:
    seen: set[str] = set()
    fields: dict[str, Any] = {}
    for fragment in fragments.split("&"):
        name, equals, value = fragment.partition("=")
        prefix = f"{address.text}: {_named(fragment, address.text)}"
        dimension = "xywh" if name in ("left", "right") else name
        if dimension in seen:
            raise SourceError(f"{prefix} repeats or contradicts what stands before it; {_KNOWN}")
        seen.add(dimension)
        if name == "t" and equals:
            fields["start"], fields["end"] = parse_span(value, prefix)
        elif fragment in _HALVES:
            fields["crop"] = _HALVES[fragment]
        elif fragment == "flip":
            fields["flip"] = True
        elif fragment == "people":
            raise SourceError(
                f"{prefix} is two people; name it as the only source, or write #person=1 for A and "
                "#person=2 for B"
            )
        elif name in _PARSERS and equals:
            field, parse_value = _PARSERS[name]
            fields[field] = parse_value(value, prefix)
        elif name in ("exercise", "level") and value and address.kind == "demo":
            fields[name] = unquote(value)
        else:
            known = f"{_KNOWN}; {_ESCAPES}" if _NETWORK.match(address.text) else _KNOWN
            raise SourceError(f"{prefix} is not a known part of a source; {known}")
    return replace(address, **fields)


def _number(
    form: str, problem: str, low: float = -inf, high: float = inf, *, whole: bool = False
) -> Callable[[str, str], float]:
    """Return what parses a number of a form, between two bounds; an error says what it is not."""

    def parse_number(value: str, prefix: str) -> float:
        if not re.fullmatch(form, value) or not low <= float(value) <= high:
            raise SourceError(f"{prefix} is not {problem}")
        return int(value) if whole else float(value)

    return parse_number


def _parse_size(value: str, prefix: str) -> tuple[int, int]:
    match = re.fullmatch("([1-9][0-9]{0,4})x([1-9][0-9]{0,4})", value)
    if match is None:
        raise SourceError(f"{prefix} is not a size of frames; write #size=1920x1080")
    return int(match[1]), int(match[2])


def _parse_fps(value: str, prefix: str) -> float:
    match = _FPS.fullmatch(value)
    divisor = float(match[2] or 1) if match else 0.0
    fps = float(match[1]) / divisor if match and divisor else 0.0
    if not 1 <= fps <= _MAX_FPS:
        raise SourceError(
            f"{prefix} is not a rate from 1 to {_MAX_FPS:.0f}; write #fps=30 or #fps=30000/1001"
        )
    return fps


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _named(fragment: str, shown: str) -> str:
    """Return how an error calls a fragment, which may be a piece of a secret with a # in it."""
    is_shown = any(f"{mark}{_printable(fragment)}" in shown for mark in "#&")
    return f"#{_short(fragment)}" if is_shown else "#… (a piece of what is written ***)"


def _short(fragment: str) -> str:
    text = _printable(fragment)
    return text if len(text) <= 60 else text[:57] + "..."


def parse_span(value: str, prefix: str) -> tuple[float, float | None]:
    """Parse the start and the end of ``#t=``, s; raise SourceError, which begins with `prefix`."""
    first, comma, second = value.removeprefix("npt:").partition(",")
    if not second and (comma or not first):
        raise SourceError(f"{prefix} gives no time; {_KNOWN}")
    start = _seconds(first, prefix) if first else 0.0
    end = _seconds(second, prefix) if comma else None
    if end is not None and end <= start:
        raise SourceError(f"{prefix} ends before it starts; write #t=start,end in seconds")
    return start, end


def _seconds(value: str, prefix: str) -> float:
    match = _TIME.fullmatch(value)
    if match is None:
        raise SourceError(f"{prefix} is not a time; write seconds (12.5) or hh:mm:ss (0:01:30)")
    hours, minutes, seconds = match.groups()
    if minutes is not None and float(seconds) >= 60:
        raise SourceError(f"{prefix} has more than 59 seconds in a minute; write 0:01:30 or 90")
    total = 3600 * int(hours or "0") + 60 * int(minutes or "0") + float(seconds)
    if total > _MAX_VALUE:
        raise SourceError(
            f"{prefix} is more than {_MAX_VALUE:.0f} seconds; write seconds or hh:mm:ss"
        )
    return total


def _parse_rectangle(value: str, prefix: str) -> Crop:
    unit: Literal["percent", "pixel"] = "percent" if value.startswith("percent:") else "pixel"
    numbers = value.removeprefix(f"{unit}:").split(",")
    form = r"[0-9]+(?:\.[0-9]*)?" if unit == "percent" else "[0-9]+"
    if len(numbers) != 4 or not all(re.fullmatch(form, number) for number in numbers):
        raise SourceError(
            f"{prefix} is not a rectangle; "
            "write #xywh=percent:x,y,width,height or #xywh=x,y,width,height in whole pixels"
        )
    x, y, width, height = (float(number) for number in numbers)
    if not (width > 0 and height > 0):
        raise SourceError(f"{prefix} is empty; width and height must be more than 0")
    # The tolerance is for sums such as 14.3 + 85.7, which are not exactly 100 in binary.
    limit = 100.0 if unit == "percent" else _MAX_VALUE
    if max(x + width, y + height) > limit + 1e-9:
        raise SourceError(
            f"{prefix} reaches beyond the frame; x + width and y + height may be {limit:.0f} at "
            f"most ({unit})"
        )
    return Crop(unit, x, y, width, height)


_parse_rate: Final = _number(_NUMBER, "a rate; write #rate=25", 1e-9)
_STREAM: Final = "the number of a stream; write #stream=1"
_PERSON: Final = "one of two people; write #person=1 or #person=2"
_DRIFT: Final = "a drift of up to 1000 millionths; write #drift=12.5"
_DELAY: Final = "a delay of up to 2 seconds; write #delay=0.08"
_PARSERS: Final[dict[str, tuple[str, Callable[[str, str], Any]]]] = {
    "xywh": ("crop", _parse_rectangle),
    "stream": ("stream", _number("[0-9]{1,3}", _STREAM, whole=True)),
    "fps": ("fps", _parse_fps),
    "drift": ("drift", _number(_NUMBER, _DRIFT, -1000.0, 1000.0)),
    "delay": ("delay", _number(_NUMBER, _DELAY, 0.0, 2.0)),
    "person": ("person", _number("[12]", _PERSON, whole=True)),
    "rate": ("rate", _parse_rate),
    "time": ("column", lambda value, _: _unescape_name(value)),
    "size": ("size", _parse_size),
    "who": ("who", lambda value, _: _unescape_name(value)),
    "map": ("map", lambda value, _: _unescape_name(value)),
}
"""By the name of a fragment, the field of `Address`, and what parses its value."""
