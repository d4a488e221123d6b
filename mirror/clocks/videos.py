"""Two video files on one clock: their alignment, and the addresses that apply it."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.container import InputContainer
from numpy.typing import NDArray

from mirror.capture.address import Address, parse, with_parts
from mirror.capture.container import open_file
from mirror.capture.timestamps import Timestamps
from mirror.clocks.sound import HEARD, RATE, Alignment, align_sound
from mirror.errors import SourceError

_MAX_S: Final = 4 * 3600.0  # of sound: half a gigabyte
_BY_HAND: Final = (
    "find one moment in both, such as a clap, and give its second in each: a.mp4#t=3.2 b.mp4#t=5.7"
)
BY_SOUND: Final = "align them by sound"
_NOTED_S: Final = 0.04  # a difference between what the sound says and what is given: a frame


def align_videos(
    a: str,
    b: str,
    progress: Callable[[int, int], object] = lambda _done, _total: None,
    *,
    seconds: float = _MAX_S,
) -> Alignment:
    """Return offset and drift between two video files of one room, from their sound.

    The whole of each file is compared, but for what is later than so many seconds, whatever part
    ``#t=`` names. `progress` is called with the steps done and in all; if it raises, the rest is
    left out. Raise SourceError if one is no file, has no sound, or they have no sound in common.
    """
    addresses = parse(a), parse(b)
    for address in addresses:
        if address.kind != "file":
            raise SourceError(f"{address.text} is no video file; only files are aligned by sound")
    if _is_one_file(*addresses):
        raise SourceError(f"{addresses[0].text} and {addresses[1].text} are one file, on one clock")
    sounds = []
    for done, address in enumerate(addresses):
        progress(done, 3)
        sound = read_sound(address, RATE, seconds)
        if sound is None:
            raise SourceError(f"{address.text} has no sound; {_BY_HAND}")
        sounds.append(sound)
    progress(2, 3)
    names = " and ".join(address.text for address in addresses)
    try:
        alignment = align_sound(*sounds)
    except SourceError as error:
        raise SourceError(
            f"{names} cannot be aligned by their sound: {error}; {_BY_HAND}"
        ) from None
    if alignment.confidence < HEARD:
        raise SourceError(f"{names} have no sound in common; {_BY_HAND}")
    return alignment


def read_sound(
    address: Address, rate: int, seconds: float = math.inf
) -> NDArray[np.float32] | None:
    """Return the sound of a file, float32 [sample], one channel, from the time 0 of its frames on.

    So many seconds at most, at a rate in Hz, from the beginning, whatever part the address names.
    Silence stands for what is missing or cannot be decoded; None if the file has no sound. Raise
    SourceError if the file cannot be opened, or has no video.
    """
    container, stream, *_ = open_file(address.base, address.text, address.stream)
    with container:
        if not container.streams.audio:
            return None
        origin = float(Timestamps(container, stream, None).origin)
        sound = np.zeros(0, np.float32)
        end = 0
        for frame in _resampled(container, rate):
            if frame.pts is None or frame.time_base is None:
                continue
            samples = frame.to_ndarray()[0]
            start = round((float(frame.pts * frame.time_base) - origin) * rate)
            if start < end - rate:  # its times begin again, as those of joined files do
                break
            samples, start = samples[max(0, -start) :], max(0, start)
            end = max(end, start + len(samples))
            if end > len(sound):
                sound = np.concatenate([sound, np.zeros(end, np.float32)])  # twice as long
            sound[start : start + len(samples)] = samples
            if end >= seconds * rate:
                break
        return sound[:end]


def aligned(a: str, b: str, alignment: Alignment) -> tuple[str, str]:
    """Return the sources as `placed` by sound; a drift below two standard errors is left out."""
    drift = alignment.used_drift_ppm
    middle = float(alignment.times.mean())
    return placed(a, b, alignment.lag_at(middle) - drift * 1e-6 * middle, drift)


def placed(a: str, b: str, offset: float, drift_ppm: float = 0.0) -> tuple[str, str]:
    """Return the sources with ``#t=`` and ``#drift=`` so that one session time is one moment.

    A's part stays as it is, but begins where B does if that is later; B gets the same part.

    `offset` is when A's recording begins on B's clock, s (positive: B began earlier), `drift_ppm`
    by how much B's clock is faster, millionths. Raise SourceError if B names a part of its own, or
    A's lies before B's beginning.
    """
    first, second = parse(a), parse(b)
    if second.start or second.drift or second.end is not None or first.drift:
        raise SourceError(
            f"{first.text} and {second.text} are to be aligned: give #t to the first alone"
        )
    rate = 1.0 + drift_ppm * 1e-6
    start = max(first.start, -offset / rate)
    if first.end is not None and first.end <= start:
        raise SourceError(f"{first.text} ends before {second.text} begins; choose another part")
    begin = max(0.0, offset + rate * start)
    a_end = b_end = ""
    if first.end is not None:
        a_end, b_end = f",{_text(first.end)}", f",{_text(offset + rate * first.end)}"
    return (
        with_parts(a, t=f"{_text(start)}{a_end}" if start or a_end else None),
        with_parts(
            b,
            t=f"{_text(begin)}{b_end}" if begin or b_end else None,
            drift=f"{drift_ppm:.2f}" if drift_ppm else None,
        ),
    )


def note_offset(a: str, b: str) -> str | None:
    """Return what to say of two video files whose sound clearly matches at another offset."""
    first, second = parse(a), parse(b)
    if not first.kind == second.kind == "file" or _is_one_file(first, second):
        return None
    try:
        found = align_videos(a, b, seconds=300.0 + max(first.start, second.start))
    except SourceError:  # no sound, or none in common: nothing to say
        return None
    off = found.offset_s + (1 + found.drift_ppm / 1e6) * first.start - second.start
    if not found.is_sure or abs(off) <= _NOTED_S:
        return None
    late, early = (second, first) if off > 0 else (first, second)
    return (
        f"by their sound, {late.text} is {abs(off):.2f} s behind {early.text}; start again and "
        f"{BY_SOUND}"
    )


def _is_one_file(first: Address, second: Address) -> bool:
    return Path(first.base).resolve() == Path(second.base).resolve()


def _text(time_s: float) -> str:
    return f"{time_s:.4f}".rstrip("0").rstrip(".")


def _resampled(container: InputContainer, rate: int) -> Iterator[AudioFrame]:
    """Yield the first sound of a file; nothing in place of damaged parts."""
    resampler = av.AudioResampler(format="flt", layout="mono", rate=rate)
    packets = container.demux(container.streams.audio[0])
    while True:
        try:
            packet = next(packets, None)
            if packet is None:
                return
            for frame in packet.decode():
                if isinstance(frame, AudioFrame):
                    yield from resampler.resample(frame)
        except av.FFmpegError:
            if packet is None:
                return
