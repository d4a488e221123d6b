"""Rendered soundtracks of a room, and what two recorders with clocks of their own take of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from scipy import signal

from mirror.clocks.sound import RATE

Sound = NDArray[np.float32]
GREY = np.full((48, 64, 3), 128, np.uint8)
_SPACE = 3  # samples that interpolation needs around each


def speech(seed: int, seconds: float) -> Sound:
    """Return bursts of coloured noise like syllables, with pauses."""
    rng = np.random.default_rng(seed)
    count = int(seconds * RATE)
    loudness, at = np.zeros(count), 0
    while at < count:
        length = int(rng.uniform(0.08, 0.3) * RATE)
        part = min(length, count - at)
        loudness[at : at + part] = rng.lognormal(0.0, 0.7) * np.hanning(length)[:part]
        at += length + int(rng.exponential(0.1 if rng.random() < 0.85 else 1.2) * RATE)
    return _sound(signal.lfilter([1], [1, -0.9], rng.normal(size=count)) * loudness)


def music(seed: int, seconds: float, bar: float | None = None) -> Sound:
    """Return decaying tones of random pitch, four a second; with `bar`, the same s again."""
    rng = np.random.default_rng(seed)
    length = int((bar or seconds) * RATE)
    since = np.arange(RATE) / RATE
    tones = np.zeros(length + RATE)
    for start in np.arange(0.0, bar or seconds, 0.25):
        pitch = 110 * 2 ** (rng.integers(0, 30) / 12)
        harmonics = sum(np.sin(2 * np.pi * pitch * k * since) / k for k in (1, 2, 3, 4))
        tones[int(start * RATE) :][:RATE] += harmonics * np.exp(-6 * since)
    tones = tones[:length]
    count = int(seconds * RATE)
    return _sound(np.tile(tones, -(-count // length))[:count])


def claps(seed: int, seconds: float, *moments: float) -> Sound:
    """Return claps at these seconds in silence."""
    rng = np.random.default_rng(seed)
    sound = np.zeros(int(seconds * RATE))
    for moment in moments:
        decay = np.exp(-np.arange(400) / 60)
        sound[int(moment * RATE) :][:400] += 8 * (rng.normal(size=400) * decay)
    return _sound(sound)


def recorded(
    sound: Sound,
    seed: int,
    *,
    start: float = 0.0,
    seconds: float | None = None,
    drift_ppm: float = 0.0,
    level: float = 1.0,
    noise_db: float = -60.0,
    echo: float = 0.0,
) -> Sound:
    """Return what a recorder takes of a room's sound.

    Parameters
    ----------
    start, seconds : float
        When it begins, and how long it records; its clock is `drift_ppm` fast.
    level : float
        Its amplification.
    noise_db : float
        Its own noise, relative to the sound.
    echo : float
        Energy of the room's echo at its place, relative to the direct sound.
    """
    rng = np.random.default_rng(seed)
    heard = sound
    if echo:
        count = int(0.4 * RATE)
        response = rng.normal(size=count) * np.exp(-6.9 * np.arange(count) / count)
        response *= np.sqrt(echo / np.sum(response**2))
        response[0] = 1.0
        heard = _sound(signal.oaconvolve(sound, response)[: len(sound)])
    length = (len(sound) / RATE - start if seconds is None else seconds) - _SPACE / RATE
    place = (start + np.arange(int(length * RATE)) / RATE / (1.0 + drift_ppm / 1e6)) * RATE
    whole = np.floor(place).astype(np.int32)
    part = (place - whole).astype(np.float32)
    heard = np.pad(heard, (_SPACE, RATE))
    before, here, after, later = (heard[whole + _SPACE + k] for k in (-1, 0, 1, 2))
    # Lagrange's cubic through the four samples around each moment
    taken = (
        -part * (part - 1) * (part - 2) / 6 * before
        + (part + 1) * (part - 1) * (part - 2) / 2 * here
        - (part + 1) * part * (part - 2) / 2 * after
        + (part + 1) * part * (part - 1) / 6 * later
    )
    own = rng.standard_normal(len(taken), dtype=np.float32)
    return _sound(level * (taken + own * np.std(heard) * 10 ** (noise_db / 20)))


def write_sounding_video(
    path: Path,
    sound: Sound,
    images: Iterable[NDArray[np.uint8]] = (GREY,) * 10,
    *,
    begins: float = 0.0,
    rate: int = 30,
) -> Path:
    """Write images, `rate` a second, and a sound that begins at a second."""
    with av.open(str(path), "w") as file:
        frames = file.add_stream("libx264", rate=rate, options={"preset": "ultrafast"})
        voice = file.add_stream("aac", rate=2 * RATE, layout="mono")
        frames.pix_fmt = "yuv420p"
        for image in images:
            if not frames.codec_context.is_open:
                frames.height, frames.width = image.shape[:2]
            file.mux(frames.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        file.mux(frames.encode())
        samples = signal.resample_poly(sound, 2, 1)
        samples = samples / max(1e-9, 2 * float(np.abs(samples).max()))
        for start in range(0, len(samples), 1024):
            part = np.ascontiguousarray(samples[None, start : start + 1024], np.float32)
            packet = av.AudioFrame.from_ndarray(part, "fltp", "mono")
            packet.sample_rate, packet.pts = 2 * RATE, start + round(begins * 2 * RATE)
            file.mux(voice.encode(packet))
        file.mux(voice.encode())
    return path


def _sound(samples: NDArray[np.float64]) -> Sound:
    return samples.astype(np.float32)
