"""The score as a tone, so that a trainer need not look at the screen."""

from __future__ import annotations

from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Final

import numpy as np
from PyQt6.QtCore import QIODevice, QLoggingCategory, QObject, QTimer, pyqtSignal

from mirror._support.system_libraries import SOUND, missing_packages
from mirror.timeline import Score
from ui.coach.voice import Voice, sound

if TYPE_CHECKING:
    from PyQt6.QtMultimedia import QAudio, QAudioDevice, QAudioFormat, QAudioSink, QMediaDevices

NO_OUTPUT: Final = "No audio output was found"

_AHEAD_US: Final = 100_000  # what is heard lags so far behind the score; with less it stutters
_FADED_MS: Final = 1500  # by then the voice is silent
_FULL: Final = 32767
_BLOCK: Final = 4096  # samples at a time, at most


class Tone(QObject):
    """A soft tone whose pitch follows the score; off at first.

    `ui.coach.voice` says what is to be heard. Where nothing can be played, every method may be
    called all the same, and does nothing.
    """

    changed = pyqtSignal()
    """Whether a tone can be heard may be another answer now: an output came or went."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._on = False
        self._score: Score | None = None
        self._sink: QAudioSink | None = None
        self._stream: Stream | None = None
        self._devices: QMediaDevices | None = None
        self._end = QTimer(self)
        self._end.setSingleShot(True)
        self._end.setInterval(_FADED_MS)
        self._end.timeout.connect(self._close)

    @property
    def available(self) -> bool:
        """Whether a tone can be heard."""
        return not self.why_not

    @property
    def why_not(self) -> str:
        """Why no tone can be heard, in words; empty where it can.

        The first answer takes a moment: what plays sound is loaded for it.
        """
        qt = multimedia()
        if isinstance(qt, str):
            return qt
        self._watch(qt)
        device = qt.QMediaDevices.defaultAudioOutput()
        if device.isNull():
            return NO_OUTPUT
        if not device.isFormatSupported(_format(qt, device)):
            return f"{device.description()} does not take 16-bit sound"
        return ""

    @property
    def on(self) -> bool:
        """Whether the tone was switched on, and can be heard."""
        return self._on

    def set_on(self, on: bool) -> None:
        """Switch the tone on or off; it fades in and out."""
        self._on = on and self.available
        if self._on:
            self._open()
        self._aim()

    def follow(self, score: Score | None) -> None:
        """Let the tone follow this score; silence where it is undefined, or None."""
        self._score = score
        self._aim()

    def _aim(self) -> None:
        if self._stream is None:
            return
        self._stream.voice.aim(sound(self._score) if self._on else None)
        if self._on:
            self._end.stop()
        elif not self._end.isActive():
            self._end.start()

    def _open(self) -> None:
        if self._sink is not None:
            return
        qt = multimedia()
        assert not isinstance(qt, str)
        device = qt.QMediaDevices.defaultAudioOutput()
        form = _format(qt, device)
        self._stream = Stream(form.sampleRate(), form.channelCount(), self)
        self._sink = qt.QAudioSink(device, form, self)
        self._sink.setBufferSize(form.bytesForDuration(_AHEAD_US))
        self._sink.stateChanged.connect(self._sink_changed)
        self._sink.start(self._stream)

    def _close(self) -> None:
        self._end.stop()
        sink, stream = self._sink, self._stream
        self._sink = self._stream = None
        if sink is not None and stream is not None:
            sink.stop()
            for each in (sink, stream):
                each.deleteLater()

    def _watch(self, qt: ModuleType) -> None:
        if self._devices is None:
            self._devices = qt.QMediaDevices(self)
            self._devices.audioOutputsChanged.connect(self._outputs_changed)

    def _outputs_changed(self) -> None:
        """Move to the output that is the usual one now."""
        self._close()
        if self._on:
            self.set_on(True)
        self.changed.emit()

    def _sink_changed(self, state: QAudio.State) -> None:
        # It stops by itself only where it cannot go on; `_close` forgets it before stopping it.
        if self._sink is not None and state.name == "StoppedState":
            self._on = False
            self._close()
            self.changed.emit()


class Stream(QIODevice):
    """A voice as endless 16-bit sound, to be read by whatever plays it.

    Parameters
    ----------
    rate : int
        Samples a second.
    channels : int
        All of them carry the same.
    """

    def __init__(self, rate: int, channels: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.voice = Voice(rate)
        self._channels = channels
        self.open(QIODevice.OpenModeFlag.ReadOnly | QIODevice.OpenModeFlag.Unbuffered)

    def isSequential(self) -> bool:
        return True

    def bytesAvailable(self) -> int:
        # There is always more; what plays it asks for nothing where this is 0.
        return 2 * self._channels * _BLOCK + super().bytesAvailable()

    def readData(self, most: int) -> bytes:
        count = min(most // (2 * self._channels), _BLOCK)
        samples = np.round(self.voice.samples(count) * _FULL).astype("<i2")
        return np.repeat(samples, self._channels).tobytes()


@cache
def multimedia() -> ModuleType | str:
    """Qt's module for sound, or in words why it cannot be loaded."""
    # Qt lists every library that it looked for, and does without.
    QLoggingCategory.setFilterRules(
        "qt.multimedia.symbolsresolver*=false\nqt.multimedia.ffmpeg*=false"
    )
    try:
        from PyQt6 import QtMultimedia
    except ImportError as error:
        missing = missing_packages(SOUND)
        if missing:
            verb = "is" if len(missing) == 1 else "are"
            return f"{' and '.join(missing)} {verb} not installed"
        return f"Sound cannot be played here: {error}".splitlines()[0]
    return QtMultimedia


def _format(qt: ModuleType, device: QAudioDevice) -> QAudioFormat:
    """The device's own rate and channels, in 16 bits."""
    form: QAudioFormat = device.preferredFormat()
    form.setSampleFormat(qt.QAudioFormat.SampleFormat.Int16)
    return form
