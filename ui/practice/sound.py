"""Say cues, and mark success: with a voice where there is one, else with a tone."""

import logging
import sys
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from PyQt6 import sip
from PyQt6.QtCore import Q_ARG, QBuffer, QByteArray, QLocale, QMetaObject, QObject, Qt, QThread

from ui.coach.tone import multimedia
from ui.widgets.build import known

if TYPE_CHECKING:
    from PyQt6.QtTextToSpeech import QTextToSpeech

_log = logging.getLogger(__name__)

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
        self._is_prepared = self._has_voice = False
        self._playing: tuple[Any, QBuffer] | None = None

    def prepare(self) -> None:
        """Look for a voice, which takes up to 20 s on Linux; until then, cues are tones."""
        if not self._is_prepared:
            self._is_prepared = True
            try:
                self._find_voice()
            except (ImportError, RuntimeError, TypeError) as error:  # such as a missing library
                _log.info("No voice: %s", error)

    def say(self, text: str) -> None:
        """Say a text, or play a tone if there is no voice."""
        self.prepare()
        if self._has_voice:
            self._ask("say", Q_ARG(str, text))
        else:
            self._play(_CUE_HZ)

    def _find_voice(self) -> None:
        from PyQt6.QtTextToSpeech import QTextToSpeech

        # "mock" is for tests of Qt, and says nothing
        if all(name == "mock" for name in QTextToSpeech.availableEngines()):
            return
        self._voice = QTextToSpeech("mock")
        self._voice.engineChanged.connect(self._choose_language)
        self._voice.localeChanged.connect(self._check_voices)
        if sys.platform == "linux":  # elsewhere it is found at once, and belongs to this thread
            # Only Qt's own thread does not hold Python's lock meanwhile. It cannot be stopped while
            # it lists the voices; neither is ever deleted, and none waits for them.
            thread = QThread()
            sip.transferto(thread, None)  # type: ignore[arg-type]
            sip.transferto(self._voice, None)  # type: ignore[arg-type]
            self._voice.moveToThread(thread)
            self.destroyed.connect(thread.quit)
            thread.start()
        self._ask("setEngine", Q_ARG(str, ""), Q_ARG("QVariantMap", {}))  # the system's own

    def _ask(self, slot: str, *values: Any) -> None:
        queued = Qt.ConnectionType.QueuedConnection
        QMetaObject.invokeMethod(self._voice, slot, queued, *values)

    def _choose_language(self) -> None:
        self._check_voices()
        # In C any language's voice would speak, or none.
        if not self._has_voice or known(self._voice).locale().language() == QLocale.Language.C:
            self._ask("setLocale", Q_ARG(QLocale, QLocale("en_US")))

    def _check_voices(self) -> None:
        self._has_voice = bool(known(self._voice).availableVoices())

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


def samples(notes: tuple[float, ...]) -> bytes:
    """Return tones, Hz, one after the other, as 16-bit samples; each fades in and out."""
    time = np.arange(round(_NOTE_S * _RATE)) / _RATE
    fade = np.sin(np.pi * time / _NOTE_S)
    waves = [_VOLUME * fade * np.sin(2 * np.pi * note * time) for note in notes]
    return (np.concatenate(waves) * 32767).astype("<i2").tobytes()
