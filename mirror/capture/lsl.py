"""Input from Lab Streaming Layer: one person's landmarks, or a plain series."""

from contextlib import suppress
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mirror._support import steady_clock
from mirror._support.lsl import clock_offset, import_pylsl
from mirror.capture import lsl_channels
from mirror.capture.address import Address, Up, escape_name
from mirror.capture.base import PoseSource
from mirror.capture.lsl_stamps import StampFilter
from mirror.errors import MirrorError, SourceError
from mirror.landmarks import MAX_FRAME_SIDE, MAX_VALUE, SQUARE, Pose

_RESOLVE_TIMEOUT_S: Final = 2.0  # for streams on the network to answer
_ANSWER_TIMEOUT_S: Final = 5.0  # for one that was found to describe itself
_CLOSE_CHECK_S: Final = 0.2  # after which a read notices that it was closed
_SILENT_AFTER_S: Final = 2.0  # without a sample
_MAX_LABEL_CHARS: Final = 200  # a recording keeps the labels of a thousand channels
_MAX_DIGITS: Final = 9  # Python refuses to convert thousands


class LslSource(PoseSource):
    """One person's landmarks, or a plain series, from a Lab Streaming Layer stream.

    The address is ``lsl:`` and the stream's name or source id. Its series are labels or numbers
    (from 1) of channels, of which `places` are the indices in the stream; by default only a stream
    without landmarks is one, with all of its channels, the values as they are. `uid` identifies the
    open stream, whatever its name.

    Stamps are converted to this machine's clock by the stream's `time_correction`. If a sender
    stops and starts again, liblsl itself reconnects; meanwhile `trouble` reports that nothing
    comes. The source ends only when it is closed, or if the stream cannot be recovered.

    Raise SourceError if there is no such stream, or more than one, or it has no such channels, or
    if Lab Streaming Layer is not installed.
    """

    def __init__(self, address: Address) -> None:
        self.text, self.live, self.duration = address.text, True, None
        text, series, up, flip = address.text, address.series, address.up, address.flip
        try:
            self._lsl = import_pylsl(text)
        except MirrorError as error:
            raise SourceError(str(error)) from error
        inlet = self._lsl.StreamInlet(self._resolve(address), max_buflen=10, max_chunklen=1)
        try:
            info = inlet.info(_ANSWER_TIMEOUT_S)
            inlet.open_stream(_ANSWER_TIMEOUT_S)
            self._correction = inlet.time_correction(_ANSWER_TIMEOUT_S)
        except RuntimeError as error:  # pylsl's TimeoutError and LostError derive from it
            raise SourceError(
                f"{text} was found, but does not answer; check that its program still runs and "
                "that no firewall stands between"
            ) from error
        self.uid: str = info.uid()
        self.rate = info.nominal_srate() or None
        labels = _labels(text, info, self._lsl.cf_string)
        places = lsl_channels.find_landmarks(labels)
        self._map: lsl_channels.ChannelMap | None = None
        self.places: list[int] = []
        if series is None and ((places[:, :3] >= 0).any() or up is not None or flip):
            self._map = _channel_map(text, info, places, up, flip=flip)
        else:
            self.series, self.places = lsl_channels.select_channels(text, labels, series or ())
        self._size = _frame_size(info)
        self._offset = clock_offset(self._lsl)
        self._inlet: Any = inlet
        self._landmarks: NDArray[np.float64] | None = None
        self._stamps = StampFilter(self.rate)
        self._jumped_at = -np.inf
        self._last_arrival = steady_clock.now()

    @property
    def trouble(self) -> str | None:
        now = steady_clock.now()
        silent = now - self._last_arrival
        if self._inlet is None:
            return None
        if silent < _SILENT_AFTER_S:
            if now - self._jumped_at > _SILENT_AFTER_S:
                return None
            return f"{self.text}: the clock of its time stamps jumped; there is a gap"
        return f"{self.text} has sent nothing for {silent:.0f} s; check the program that sends it"

    def read(self) -> Pose | None:
        while (inlet := self._inlet) is not None:
            try:
                sample, stamp = inlet.pull_sample(_CLOSE_CHECK_S)
                with suppress(self._lsl.util.TimeoutError):  # during recovery, keep the last one
                    self._correction = inlet.time_correction(0.0)
            except self._lsl.util.LostError as error:
                self.close()
                raise SourceError(
                    f"{self.text} has ended, and cannot be found again without a source id; "
                    "start its program and the session again"
                ) from error
            if sample is not None:
                pose = self._pose(sample, stamp + self._correction - self._offset)
                if pose is not None:
                    return pose
        return None

    def close(self) -> None:
        self._inlet = None  # disconnects with its last reference, which may be a reader's

    def _pose(self, sample: list[float], stamp: float) -> Pose | None:
        """Return the pose of a sample; None if its stamp is wrong (see `StampFilter`)."""
        self._last_arrival = steady_clock.now()
        shift = self._stamps.shift
        try:
            time = self._stamps.time(stamp, self._last_arrival)
        except ValueError as error:
            self.close()
            raise SourceError(
                f"{self.text}: its time stamps are {error.args[0]:+.0f} s off LSL's clock; stamp "
                "samples with local_clock(), or leave the stamp out"
            ) from error
        if self._stamps.shift != shift:
            self._jumped_at = self._last_arrival
        if time is None:
            return None
        if self._map is None:
            values = np.asarray(sample, float)[self.places]
            valid = bool((np.abs(values) <= MAX_VALUE).all())  # False for NaN
            return Pose(time, None, None, *self._size, values if valid else None)
        landmarks = self._map.landmarks(sample, self._landmarks)
        if landmarks is None:
            return Pose(time, None, None, *self._size)
        self._landmarks = landmarks
        return Pose(time, landmarks.astype(np.float32), None, *self._size)

    def _resolve(self, address: Address) -> Any:
        name = address.base.removeprefix("lsl:")
        streams = self._lsl.resolve_streams(_RESOLVE_TIMEOUT_S)
        matches = [
            each
            for each in streams
            if name in (each.name(), each.source_id())
            and address.host in (None, each.hostname())
            and address.uid in (None, each.uid())
        ]
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise SourceError(
                f"{self.text}: {len(matches)} streams are called so; name one {_choices(matches)}"
            )
        names = ", ".join(sorted({f"lsl:{escape_name(each.name())}" for each in streams}))
        raise SourceError(
            f"{self.text}: there is no such stream on the network; "
            + (f"there are: {names}" if names else "start the program that sends it")
        )


def _choices(streams: list[Any]) -> str:
    """Return the texts of several streams that tell them apart, by the most lasting property."""
    ids, hosts = [each.source_id() for each in streams], [each.hostname() for each in streams]
    names = [f"lsl:{escape_name(each.name())}" for each in streams]
    if all(ids) and len(set(ids)) == len(ids):
        what, texts = "by its source id", [f"lsl:{escape_name(each)}" for each in ids]
    elif len(set(hosts)) == len(hosts):
        parts = zip(names, map(escape_name, hosts), strict=True)
        what, texts = "by its machine", [f"{name}#host={host}" for name, host in parts]
    else:
        what = "by its id, which lasts until it restarts"
        texts = [f"{name}#uid={each.uid()}" for name, each in zip(names, streams, strict=True)]
    return f"{what}: {', '.join(texts)}"


def _labels(text: str, info: Any, strings: int) -> list[str]:
    """Return the labels of the channels; empty ones if the description gives none."""
    if info.channel_format() == strings:
        raise SourceError(f"{text} sends words and no numbers; name another stream")
    count = info.channel_count()
    labels = [each.child_value("label")[:_MAX_LABEL_CHARS] for each in _described(info)[:count]]
    if not any(labels) and count == len(lsl_channels.LABELS):
        return list(lsl_channels.LABELS)
    return labels + [""] * (count - len(labels))


def _channel_map(
    text: str, info: Any, places: NDArray[np.intp], up: Up | None, *, flip: bool
) -> lsl_channels.ChannelMap:
    if missing := lsl_channels.missing_labels(places, up):
        raise SourceError(
            f"{text} has no channels labelled {', '.join(missing)}, which a person's landmarks "
            "need (docs/streams.md); for a plain series, write #series after the name"
        )
    units = {
        each.child_value("unit").strip().lower() for each in _described(info)
    } & lsl_channels.METRES.keys()
    return lsl_channels.ChannelMap(
        places, up, lsl_channels.METRES[units.pop()] if len(units) == 1 else 1.0, flip
    )


def _described(info: Any) -> list[Any]:
    """Return the XML elements of the channels in the stream's description."""
    # pylsl's own get_channel_labels prints to stdout if the description is incomplete.
    elements = []
    element = info.desc().child("channels").child("channel")
    while not element.empty():
        elements.append(element)
        element = element.next_sibling("channel")
    return elements


def _frame_size(info: Any) -> tuple[int, int]:
    """Return the width and height that positions are fractions of, as the stream declares them."""
    element = info.desc().child("picture")
    texts = [element.child_value(name) for name in ("width", "height")]
    if not all(text.isdecimal() and len(text) <= _MAX_DIGITS for text in texts):
        return SQUARE
    width, height = (int(text) for text in texts)
    is_usable = all(0 < side <= MAX_FRAME_SIDE for side in (width, height))
    return (width, height) if is_usable else SQUARE
