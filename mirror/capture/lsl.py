"""One person's landmarks, or a plain series, from a stream of the Lab Streaming Layer."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mirror._support import steady_clock
from mirror._support.lsl import clock_offset, import_pylsl
from mirror.capture.address import Up
from mirror.capture.base import PoseSource
from mirror.capture.lsl_channels import LABELS, METRES, Channels, chosen_of, lacking, places_of
from mirror.errors import MirrorError, SourceError
from mirror.landmarks import LARGEST_PICTURE, LARGEST_VALUE, Pose

_FOUND_WITHIN: Final = 2.0  # seconds in which streams on the network answer
_ANSWERS_WITHIN: Final = 5.0  # seconds in which one that was found describes itself
_LOOK: Final = 0.2  # seconds after which a read sees that it was closed
_SILENT: Final = 2.0  # seconds without a sample that are worth a word
_FARTHEST: Final = 60.0  # seconds by which a stamp may differ from its arrival
_LONGEST_LABEL: Final = 200  # letters; a recording keeps the labels of a thousand channels
_DIGITS: Final = 9  # of thousands, Python makes no number
_SQUARE: Final = (1000, 1000)  # where the stream declares no picture; only its shape matters


class LslSource(PoseSource):
    """What a stream of the Lab Streaming Layer sends of one person.

    A stream without landmarks gives a plain series: what its channels hold, as it is.

    Parameters
    ----------
    name : str
        The stream's name, or its source id.
    text : str
        What errors call it.
    up : {"y", "z"}, optional
        The axis that points upwards, where the channels are positions in a room.
    flip : bool
        Whether left and right of the picture are exchanged.
    series : tuple of str, optional
        Labels or numbers (from 1) of the channels to take as a plain series, in this order; empty
        for all. By default only a stream without landmarks is one, with all of its channels.

    Attributes
    ----------
    places : list of int
        Where the channels of a plain series stand in the stream, from 0.
    uid : str
        Which stream it was at its opening, whatever it is called.

    Raises
    ------
    SourceError
        Where there is no such stream, or more than one, or it has no such channels; also where
        Lab Streaming Layer is not installed.

    Notes
    -----
    Stamps are brought onto this machine's clock by the stream's `time_correction`. A stream whose
    sender stops and starts again is taken up again by liblsl itself; meanwhile `trouble` says that
    nothing comes. The source ends only when it is closed, or where the stream cannot be recovered.
    """

    def __init__(
        self,
        name: str,
        *,
        text: str,
        up: Up | None = None,
        flip: bool = False,
        series: tuple[str, ...] | None = None,
    ) -> None:
        self.text, self.live, self.duration = text, True, None
        try:
            self._lsl = import_pylsl(text)
        except MirrorError as error:
            raise SourceError(str(error)) from error
        inlet = self._lsl.StreamInlet(self._resolved(name), max_buflen=10, max_chunklen=1)
        try:
            info = inlet.info(_ANSWERS_WITHIN)
            inlet.open_stream(_ANSWERS_WITHIN)
            self._correction = inlet.time_correction(_ANSWERS_WITHIN)
        except RuntimeError as error:  # pylsl's own TimeoutError and LostError are such
            raise SourceError(
                f"{text} was found, but does not answer; check that its program still runs and "
                "that no firewall stands between"
            ) from error
        self.uid: str = info.uid()
        self.rate = info.nominal_srate() or None
        labels = _labels(text, info, self._lsl.cf_string)
        places = places_of(labels)
        self._channels: Channels | None = None
        self.places: list[int] = []
        if series is None and ((places[:, :3] >= 0).any() or up is not None or flip):
            self._channels = _channels(text, info, places, up, flip=flip)
        else:
            self.series, self.places = chosen_of(text, labels, series or ())
        self._size = _picture(info)
        self._ahead = clock_offset(self._lsl)
        self._inlet: Any = inlet
        self._landmarks: NDArray[np.float64] | None = None
        self._last = -np.inf
        self._heard = steady_clock.now()

    @property
    def trouble(self) -> str | None:
        silent = steady_clock.now() - self._heard
        if self._inlet is None or silent < _SILENT:
            return None
        return f"{self.text} has sent nothing for {silent:.0f} s; check the program that sends it"

    def read(self) -> Pose | None:
        while (inlet := self._inlet) is not None:
            try:
                sample, stamp = inlet.pull_sample(_LOOK)
                with suppress(self._lsl.util.TimeoutError):  # while it is recovered: the last one
                    self._correction = inlet.time_correction(0.0)
            except self._lsl.util.LostError as error:
                self.close()
                raise SourceError(
                    f"{self.text} has ended, and cannot be found again without a source id; "
                    "start its program and the session again"
                ) from error
            if sample is not None:
                pose = self._pose(sample, stamp + self._correction - self._ahead)
                if pose is not None:
                    return pose
        return None

    def close(self) -> None:
        self._inlet = None  # disconnects with its last reference, which may be a reader's

    def _pose(self, sample: list[float], time: float) -> Pose | None:
        """The pose of a sample; None where it is not later than the one before."""
        self._heard = steady_clock.now()
        off = time - self._heard
        if not abs(off) <= _FARTHEST:
            self.close()
            raise SourceError(
                f"{self.text}: its time stamps are {off:+.0f} s off LSL's clock; stamp samples "
                "with local_clock(), or leave the stamp out"
            )
        if time <= self._last:
            return None
        self._last = time
        if self._channels is None:
            values = np.asarray(sample, float)[self.places]
            there = bool((np.abs(values) <= LARGEST_VALUE).all())  # nor is NaN
            return Pose(time, None, None, *self._size, values if there else None)
        landmarks = self._channels.landmarks(sample, self._landmarks)
        if landmarks is None:
            return Pose(time, None, None, *self._size)
        self._landmarks = landmarks
        return Pose(time, landmarks.astype(np.float32), None, *self._size)

    def _resolved(self, name: str) -> Any:
        """The one stream of that name or source id."""
        streams = self._lsl.resolve_streams(_FOUND_WITHIN)
        found = [each for each in streams if name in (each.name(), each.source_id())]
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(f"lsl:{each.source_id()}" for each in found if each.source_id())
            raise SourceError(
                f"{self.text}: {len(found)} streams are called so; "
                + (f"name one by its source id: {ids}" if ids else "stop or rename all but one")
            )
        there = ", ".join(sorted(each.name() for each in streams))
        raise SourceError(
            f"{self.text}: there is no such stream on the network; "
            + (f"there are: {there}" if there else "start the program that sends it")
        )


def _labels(text: str, info: Any, strings: int) -> list[str]:
    """What the channels are called; empty where the description does not say."""
    if info.channel_format() == strings:
        raise SourceError(f"{text} sends words and no numbers; name another stream")
    count = info.channel_count()
    labels = [each.child_value("label")[:_LONGEST_LABEL] for each in _described(info)[:count]]
    if not any(labels) and count == len(LABELS):
        return list(LABELS)
    return labels + [""] * (count - len(labels))


def _channels(
    text: str, info: Any, places: NDArray[np.intp], up: Up | None, *, flip: bool
) -> Channels:
    if missing := lacking(places, up):
        raise SourceError(
            f"{text} has no channels labelled {', '.join(missing)}, which a person's landmarks "
            "need (docs/streams.md); for a plain series, write #series after the name"
        )
    described = _described(info)
    units = {each.child_value("unit").strip().lower() for each in described} & METRES.keys()
    metres = METRES[units.pop()] if len(units) == 1 else 1.0
    return Channels(places, up, metres, flip)


def _described(info: Any) -> list[Any]:
    """The elements of the channels in the stream's description."""
    # pylsl's own get_channel_labels prints to stdout where the description is incomplete.
    found = []
    channel = info.desc().child("channels").child("channel")
    while not channel.empty():
        found.append(channel)
        channel = channel.next_sibling("channel")
    return found


def _picture(info: Any) -> tuple[int, int]:
    """Width and height that the positions are fractions of, as the description declares them."""
    picture = info.desc().child("picture")
    said = [picture.child_value(name) for name in ("width", "height")]
    if not all(each.isdecimal() and len(each) <= _DIGITS for each in said):
        return _SQUARE
    width, height = (int(each) for each in said)
    is_usable = all(0 < side <= LARGEST_PICTURE for side in (width, height))
    return (width, height) if is_usable else _SQUARE
