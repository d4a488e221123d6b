"""Say cues, and mark success: with a voice where there is one, else with a tone."""

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from PyQt6.QtCore import QBuffer, QByteArray, QObject

from ui.coach.tone import multimedia

if TYPE_CHECKING:
    from PyQt6.QtTextToSpeech import QTextToSpeech

_RATE: Final = 44_100
_CUE_HZ: Final = (523.0,)
_CHIME_HZ: Final = (659.0, 880.0)
_NOTE_S: Final = 0.22
_VOLUME: Final = 0.15


class Speaker(QObject):
    """Says texts and plays short tones; without a voice or audio output, it is silent."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._voice: QTextToSpeech | None = None
        self._is_loaded = False
        self._playing: tuple[Any, QBuffer] | None = None

    def say(self, text: str) -> None:
        """Say a text, or play a tone if there is no voice."""
        voice = self._load()
        if voice is not None:
            voice.say(text)
        else:
            self._play(_CUE_HZ)

    def chime(self) -> None:
        self._play(_CHIME_HZ)

    def _load(self) -> "QTextToSpeech | None":
        """Return the voice; the module is loaded at the first cue, as it is slow."""
        if not self._is_loaded:
            self._is_loaded = True
            with suppress(ImportError):  # a library of the system is missing
                from PyQt6.QtTextToSpeech import QTextToSpeech

                # "mock" is for tests of Qt, and says nothing
                if any(name != "mock" for name in QTextToSpeech.availableEngines()):
                    voice = QTextToSpeech(self)
                    is_ready = voice.state() != QTextToSpeech.State.Error
                    self._voice = voice if is_ready and voice.availableVoices() else None
        return self._voice

    def _play(self, notes: tuple[float, ...]) -> None:
        qt = multimedia()
        if isinstance(qt, str):
            return
        device = qt.QMediaDevices.defaultAudioOutput()
        sound = qt.QAudioFormat()
        sound.setSampleRate(_RATE)
        sound.setChannelCount(1)
        sound.setSampleFormat(qt.QAudioFormat.SampleFormat.Int16)
        if device.isNull() or not device.isFormatSupported(sound):
            return
        buffer = QBuffer(self)
        buffer.setData(QByteArray(samples(notes)))
        buffer.open(QBuffer.OpenModeFlag.ReadOnly)
        sink = qt.QAudioSink(device, sound, self)
        if self._playing is not None:
            self._playing[0].stop()
            for each in self._playing:
                each.deleteLater()
        sink.start(buffer)
        self._playing = (sink, buffer)


def samples(notes: tuple[float, ...]) -> bytes:
    """Return tones, Hz, one after the other, as 16-bit samples; each fades in and out."""
    time = np.arange(round(_NOTE_S * _RATE)) / _RATE
    fade = np.sin(np.pi * time / _NOTE_S)
    waves = [_VOLUME * fade * np.sin(2 * np.pi * note * time) for note in notes]
    return (np.concatenate(waves) * 32767).astype("<i2").tobytes()
