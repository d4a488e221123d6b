"""Say cues, and mark success: with a voice where there is one, else with a tone."""

import sys
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from PyQt6.QtCore import QBuffer, QByteArray, QLocale, QObject, QThread

from mirror._support.threads import run_in_thread, settle
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
        self._voice: Future[QTextToSpeech | None] | None = None
        self._playing: tuple[Any, QBuffer] | None = None

    def prepare(self) -> None:
        """Look for a voice, which takes up to 20 s on Linux; until then, cues are tones."""
        if self._voice is None:
            find = partial(_find_voice, self.thread())
            if sys.platform == "linux":
                self._voice = run_in_thread(find, "voice")
            else:  # there it is found at once, and belongs to its thread
                self._voice = Future()
                settle(self._voice, find)

    def say(self, text: str) -> None:
        """Say a text, or play a tone if there is no voice."""
        self.prepare()
        voice = self._voice.result() if self._voice is not None and self._voice.done() else None
        if voice is not None:
            voice.say(text)
        else:
            self._play(_CUE_HZ)

    def chime(self) -> None:
        self._play(_CHIME_HZ)

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


def _find_voice(thread: QThread | None) -> "QTextToSpeech | None":
    """Return the system's voice, to be used on a thread; None if it has none."""
    try:
        from PyQt6.QtTextToSpeech import QTextToSpeech
    except ImportError:  # a library of the system is missing
        return None
    # "mock" is for tests of Qt, and says nothing
    if all(name == "mock" for name in QTextToSpeech.availableEngines()):
        return None
    voice = QTextToSpeech()
    if voice.state() == QTextToSpeech.State.Error or not voice.availableVoices():
        return None
    if voice.locale().language() == QLocale.Language.C:  # else any language's voice
        voice.setLocale(QLocale("en_US"))
    voice.moveToThread(thread)
    return voice


def samples(notes: tuple[float, ...]) -> bytes:
    """Return tones, Hz, one after the other, as 16-bit samples; each fades in and out."""
    time = np.arange(round(_NOTE_S * _RATE)) / _RATE
    fade = np.sin(np.pi * time / _NOTE_S)
    waves = [_VOLUME * fade * np.sin(2 * np.pi * note * time) for note in notes]
    return (np.concatenate(waves) * 32767).astype("<i2").tobytes()
