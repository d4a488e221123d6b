"""The score as a tone."""

from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Final

import numpy as np
from PyQt6.QtCore import QIODevice, QLoggingCategory, QObject, pyqtSignal

from mirror._support.system_libraries import SOUND, missing_packages
from mirror.timeline import Score
from ui.coach.voice import Voice, score_sound
from ui.widgets.build import timer

if TYPE_CHECKING:
    from PyQt6.QtMultimedia import QAudio, QAudioDevice, QAudioFormat, QAudioSink, QMediaDevices

NO_OUTPUT: Final = "No audio output was found"

_BUFFER_US: Final = 100_000  # the delay of the tone; shorter buffers stutter
_FADE_OUT_MS: Final = 1500  # the voice is silent by then
_FULL_SCALE: Final = 32767
_MAX_BLOCK: Final = 4096  # samples


class Tone(QObject):
    """A soft tone, off at first, whose pitch follows the score; silent without an audio output."""

    changed = pyqtSignal()  # an audio output came or went, so `available` may have changed

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.on = False  # whether the tone is on and can be played
        self._score: Score | None = None
        self._sink: QAudioSink | None = None
        self._stream: Stream | None = None
        self._devices: QMediaDevices | None = None
        self._close_timer = timer(self, _FADE_OUT_MS, self._close, once=True)

    @property
    def available(self) -> bool:
        return not self.problem

    @property
    def problem(self) -> str:
        """Why no tone can be played; empty if it can. Slow at first: it loads Qt's multimedia."""
        qt = multimedia()
        if isinstance(qt, str):
            return qt
        if self._devices is None:
            self._devices = qt.QMediaDevices(self)
            self._devices.audioOutputsChanged.connect(self._outputs_changed)
        device = qt.QMediaDevices.defaultAudioOutput()
        if device.isNull():
            return NO_OUTPUT
        if not device.isFormatSupported(_format(qt, device)):
            return f"{device.description()} does not take 16-bit sound"
        return ""

    def set_on(self, on: bool) -> None:
        """Switch the tone on or off; it fades in and out."""
        self.on = on and self.available
        if self.on:
            self._open()
        self._update_voice()

    def follow(self, score: Score | None) -> None:
        """Play a score; silence if it is undefined or None."""
        self._score = score
        self._update_voice()

    def _update_voice(self) -> None:
        if self._stream is None:
            return
        self._stream.voice.set_target(score_sound(self._score) if self.on else None)
        if self.on:
            self._close_timer.stop()
        elif not self._close_timer.isActive():
            self._close_timer.start()

    def _open(self) -> None:
        if self._sink is not None:
            return
        qt = multimedia()
        assert not isinstance(qt, str)
        device = qt.QMediaDevices.defaultAudioOutput()
        audio_format = _format(qt, device)
        self._stream = Stream(audio_format.sampleRate(), audio_format.channelCount(), self)
        self._sink = qt.QAudioSink(device, audio_format, self)
        self._sink.setBufferSize(audio_format.bytesForDuration(_BUFFER_US))
        self._sink.stateChanged.connect(self._sink_changed)
        self._sink.start(self._stream)

    def _close(self) -> None:
        self._close_timer.stop()
        sink, stream = self._sink, self._stream
        self._sink = self._stream = None
        if sink is not None and stream is not None:
            sink.stop()
            for each in (sink, stream):
                each.deleteLater()

    def _outputs_changed(self) -> None:
        """Switch to the new default output."""
        self._close()
        if self.on:
            self.set_on(True)
        self.changed.emit()

    def _sink_changed(self, state: "QAudio.State") -> None:
        # Only errors get here: `_close` forgets the sink before stopping it.
        if self._sink is not None and state.name == "StoppedState":
            self.on = False
            self._close()
            self.changed.emit()


class Stream(QIODevice):
    """A voice as an endless stream of 16-bit samples, `rate` a second, equal in all channels."""

    def __init__(self, rate: int, channels: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.voice = Voice(rate)
        self._channels = channels
        self.open(QIODevice.OpenModeFlag.ReadOnly | QIODevice.OpenModeFlag.Unbuffered)

    def isSequential(self) -> bool:
        return True

    def bytesAvailable(self) -> int:
        # Endless; the sink stops reading where this is 0.
        return 2 * self._channels * _MAX_BLOCK + super().bytesAvailable()

    def readData(self, max_bytes: int) -> bytes:
        count = min(max_bytes // (2 * self._channels), _MAX_BLOCK)
        samples = np.round(self.voice.samples(count) * _FULL_SCALE).astype("<i2")
        return np.repeat(samples, self._channels).tobytes()


@cache
def multimedia() -> ModuleType | str:
    """Return Qt's multimedia module, or why it cannot be loaded."""
    # Qt logs every optional library that is missing.
    QLoggingCategory.setFilterRules(
        "qt.multimedia.symbolsresolver*=false\nqt.multimedia.ffmpeg*=false"
    )
    try:
        from PyQt6 import QtMultimedia
    except ImportError as error:
        if missing := missing_packages(SOUND):
            verb = "is" if len(missing) == 1 else "are"
            return f"{' and '.join(missing)} {verb} not installed"
        return f"Sound cannot be played here: {error}".splitlines()[0]
    return QtMultimedia


def _format(qt: ModuleType, device: "QAudioDevice") -> "QAudioFormat":
    """Return the device's preferred rate and channels, with 16 bits."""
    result: QAudioFormat = device.preferredFormat()
    result.setSampleFormat(qt.QAudioFormat.SampleFormat.Int16)
    return result
