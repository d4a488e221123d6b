"""The sound of a video file, on the clock of its frames."""

from __future__ import annotations

import math
from collections.abc import Iterator

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.container import InputContainer
from numpy.typing import NDArray

from mirror.capture.address import Address
from mirror.capture.container import open_file
from mirror.capture.timestamps import Timestamps


def read_sound(
    address: Address, rate: int, seconds: float = math.inf
) -> NDArray[np.float32] | None:
    """Return the sound of a file, one channel, from the time 0 of its frames on.

    Parameters
    ----------
    address : Address
        Of a file; its sound is read from the beginning, whatever part it names.
    rate : int
        Samples a second.
    seconds : float
        How much is read at most.

    Returns
    -------
    ndarray, float32 [sample], or None
        None if it has no sound. Silence stands for what is missing or cannot be decoded.

    Raises
    ------
    SourceError
        If the file cannot be opened, or has no video.
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
