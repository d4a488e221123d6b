from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray
from PyQt6.QtCore import QIODevice, QObject, QTimer, pyqtSignal
from pytestqt.qtbot import QtBot

from mirror.timeline import Score, State
from ui.coach import tone as tone_module
from ui.coach.tone import NO_OUTPUT, Stream, Tone
from ui.coach.voice import VOLUME

QtMultimedia = pytest.importorskip("PyQt6.QtMultimedia")

IN_PHASE = Score(0.0, State.OK, 0.9, 0.0, 0.9)
RATE = 44_100
INT16 = QtMultimedia.QAudioFormat.SampleFormat.Int16


class Device:
    """An output for 16-bit sound; `gone` if unplugged."""

    gone = False
    takes = True

    def isNull(self) -> bool:  # noqa: N802
        return self.gone

    def isFormatSupported(self, form: Any) -> bool:  # noqa: N802
        return self.takes and form.sampleFormat() == INT16

    def description(self) -> str:
        return "Loudspeaker"

    def preferredFormat(self) -> object:  # noqa: N802
        form = QtMultimedia.QAudioFormat()
        form.setSampleRate(RATE)
        form.setChannelCount(2)
        form.setSampleFormat(QtMultimedia.QAudioFormat.SampleFormat.Float)
        return form


class Sink(QObject):
    """A sink whose samples are read by the test."""

    stateChanged = pyqtSignal(object)  # noqa: N815  Qt's name
    all: ClassVar[list[Sink]] = []

    def __init__(self, device: Device, form: Any, parent: QObject) -> None:
        super().__init__(parent)
        assert form.sampleFormat() == INT16
        assert device.takes
        self.source: QIODevice | None = None
        self.all.append(self)

    def setBufferSize(self, size: int) -> None:  # noqa: N802
        assert size > 0

    def start(self, source: QIODevice) -> None:
        self.source = source

    def stop(self) -> None:
        self.source = None
        self.stateChanged.emit(QtMultimedia.QAudio.State.StoppedState)

    def hear(self, seconds: float) -> NDArray[np.int16]:
        """Return the next samples [sample, channel]."""
        assert self.source is not None
        wanted = 4 * round(seconds * RATE)
        data = b""
        while len(data) < wanted:
            assert self.source.bytesAvailable() > 0
            data += self.source.read(wanted - len(data))
        return np.frombuffer(data, "<i2").reshape(-1, 2)


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Device:
    plugged = Device()
    monkeypatch.setattr(QtMultimedia.QMediaDevices, "defaultAudioOutput", lambda: plugged)
    monkeypatch.setattr(QtMultimedia, "QAudioSink", Sink)
    monkeypatch.setattr(Sink, "all", [])
    return plugged


@pytest.fixture
def not_loaded() -> Iterator[None]:
    """Clear the cached multimedia module before and after the test."""
    tone_module.multimedia.cache_clear()
    yield
    tone_module.multimedia.cache_clear()


@pytest.fixture
def tone(qtbot: QtBot) -> Tone:
    return Tone()


def test_off_at_first_without_output(device: Device, tone: Tone) -> None:
    assert tone.available
    assert tone.problem == ""
    tone.follow(IN_PHASE)
    assert not tone.on
    assert Sink.all == []


def test_plays_score_when_on(device: Device, tone: Tone) -> None:
    tone.follow(IN_PHASE)
    tone.set_on(True)
    assert tone.on
    (sink,) = Sink.all
    heard = sink.hear(1.0)
    assert (heard[:, 0] == heard[:, 1]).all()
    assert np.abs(heard[-RATE // 4 :]).max() == pytest.approx(32767 * VOLUME, rel=0.02)
    assert np.abs(heard[:20]).max() < 100  # it fades in
    spectrum = np.abs(np.fft.rfft(heard[-RATE // 2 :, 0] * np.hanning(RATE // 2)))
    assert 2 * spectrum.argmax() == pytest.approx(220 * 3**0.9, abs=4)


def test_undefined_scores_are_silent(device: Device, tone: Tone) -> None:
    tone.set_on(True)
    (sink,) = Sink.all
    assert not sink.hear(0.2).any()
    tone.follow(IN_PHASE)
    assert sink.hear(0.5).any()
    tone.follow(Score(1.0, State.STILL))
    sink.hear(2.5)
    assert not sink.hear(0.2).any()


def test_switching_off_fades_and_closes_output(device: Device, tone: Tone, qtbot: QtBot) -> None:
    tone.follow(IN_PHASE)
    tone.set_on(True)
    (sink,) = Sink.all
    sink.hear(0.5)
    tone.set_on(False)
    assert not tone.on
    last = np.abs(sink.hear(1.0))
    assert last[:100].max() > 1000  # not at once
    assert last[-100:].max() < 50
    qtbot.waitUntil(lambda: not tone.findChildren(Sink), timeout=10_000)
    assert len(Sink.all) == 1


def test_switching_on_while_fading_keeps_output(device: Device, tone: Tone) -> None:
    tone.follow(IN_PHASE)
    tone.set_on(True)
    tone.set_on(False)
    assert any(timer.isActive() for timer in tone.findChildren(QTimer))
    tone.set_on(True)
    assert not any(timer.isActive() for timer in tone.findChildren(QTimer))
    (sink,) = Sink.all
    assert np.abs(sink.hear(1.0)[-100:]).max() > 1000


def test_no_output_is_a_problem_and_silent(device: Device, tone: Tone) -> None:
    device.gone = True
    assert not tone.available
    assert tone.problem == NO_OUTPUT
    tone.set_on(True)
    tone.follow(IN_PHASE)
    tone.set_on(False)
    assert not tone.on
    assert Sink.all == []


def test_names_output_with_unsupported_format(device: Device, tone: Tone) -> None:
    device.takes = False
    assert "Loudspeaker" in tone.problem
    tone.set_on(True)
    assert Sink.all == []


def plug_in_or_out(tone: Tone) -> None:
    """Notify as Qt does when a device comes or goes."""
    (devices,) = tone.findChildren(QtMultimedia.QMediaDevices)
    devices.audioOutputsChanged.emit()


def test_switches_to_new_default_output(device: Device, tone: Tone, qtbot: QtBot) -> None:
    tone.follow(IN_PHASE)
    tone.set_on(True)
    with qtbot.waitSignal(tone.changed):
        plug_in_or_out(tone)
    first, second = Sink.all
    assert first.source is None
    assert tone.on
    assert second.hear(0.5).any()


def test_turns_off_without_outputs(device: Device, tone: Tone, qtbot: QtBot) -> None:
    tone.set_on(True)
    device.gone = True
    with qtbot.waitSignal(tone.changed):
        plug_in_or_out(tone)
    assert not tone.on
    assert tone.problem == NO_OUTPUT
    assert len(Sink.all) == 1


def test_turns_off_if_output_fails(device: Device, tone: Tone, qtbot: QtBot) -> None:
    tone.set_on(True)
    (sink,) = Sink.all
    with qtbot.waitSignal(tone.changed):
        sink.stateChanged.emit(QtMultimedia.QAudio.State.StoppedState)
    assert not tone.on


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        (["libpulse0"], "libpulse0 is not installed"),
        (["libpulse0", "libdrm2"], "libpulse0 and libdrm2 are not installed"),
        ([], "Sound cannot be played here"),
    ],
)
def test_names_missing_libraries(
    missing: list[str],
    words: str,
    tone: Tone,
    not_loaded: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "PyQt6.QtMultimedia", None)
    monkeypatch.delattr("PyQt6.QtMultimedia")
    monkeypatch.setattr(tone_module, "missing_packages", lambda _libraries: missing)
    assert not tone.available
    assert tone.problem.startswith(words)
    assert "\n" not in tone.problem
    tone.set_on(True)
    tone.follow(IN_PHASE)
    assert not tone.on


def test_stream_is_endless_and_returns_whole_samples(qtbot: QtBot) -> None:
    stream = Stream(RATE, 2)
    assert stream.isSequential()
    for size in (4, 7, 4096, 1_000_000):
        data = stream.read(size)
        assert 0 < len(data) <= size
        assert len(data) % 4 == 0
    assert stream.bytesAvailable() > 0
