"""Two people through Lab Streaming Layer in, and their scores through it out again."""

from __future__ import annotations

import math
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

import mirror.session.start
from mirror import Landmark, Recording, Settings
from mirror._support.lsl import clock_offset
from mirror.capture import lsl
from mirror.capture.lsl_channels import LABELS
from mirror.errors import SourceError
from mirror.events import Event
from mirror.recording.rescore import score_again
from mirror.session.start import SessionRequest, start_live
from mirror.timeline import COLUMNS, LEVELS
from tests.support import lsl_loopback as loopback
from tests.support.lsl_loopback import pylsl
from tests.support.people import pose

RATE, SECONDS = 120, 4
SETTINGS = Settings(window=2.0, band=(0.5, 3.0), mapping="same-side")


def sample(moment: float, sign: float) -> list[float]:
    x = sign * 0.1 * math.sin(2 * math.pi * 1.0 * moment)
    landmarks = pose(0.0, {Landmark.LEFT_WRIST: (x, 0.0), Landmark.RIGHT_WRIST: (x, 0.0)}).landmarks
    assert landmarks is not None
    found: list[float] = landmarks.ravel().tolist()
    return found


def test_two_breathing_belts_in_phase(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Streams without landmarks are plain series, live, and score again bit for bit."""
    monkeypatch.setattr(lsl, "_RESOLVE_TIMEOUT_S", 0.8)
    monkeypatch.setattr(mirror.session.start, "provide_model", None)
    belts = [
        loopback.Sender("belt a", ["battery", "chest"], rate=50),
        loopback.Sender("belt b", ["chest"], rate=50),
    ]
    with pytest.raises(SourceError, match="A's series has 2 channels and B's 1"):
        start_live(SessionRequest(a="lsl:belt a", b="lsl:belt b"), print)
    start = SessionRequest(
        a="lsl:belt a#series=chest",
        b="lsl:belt b",
        settings=SETTINGS,
        output=tmp_path / "s.mirror",
    )
    session = start_live(start, print)
    for belt in belts:
        belt.wait()
    with closing(session.run(seconds=20)) as updates:
        next(updates)
        began = session.epoch + clock_offset(pylsl)
        sent = 0
        for _ in updates:
            if any(each.frames < sent for each in session.status().values()):
                continue
            if sent == 50 * SECONDS:
                session.stop()
                continue
            breath = 5.0 + 0.3 * math.sin(2 * math.pi * sent / 50)
            stamp = began + (sent + 0.5) / 50
            belts[0].push([100.0 - sent, breath], stamp)
            belts[1].push([breath], stamp)
            sent += 1
    assert session.status()["a"].found_frames == 50 * SECONDS
    with Recording.open(tmp_path / "s.mirror") as recording:
        assert recording.session["signals"] == {"a": ["chest"], "b": ["chest"]}
        assert not recording.session.get("model")
        timeline = recording.timeline()
        assert score_again(recording, SETTINGS, lambda *_: None).equals(timeline)
        stored = [pose.series for feed, pose in recording.poses() if feed == "a"]
    assert stored[0] == pytest.approx([5.0])
    scored = timeline.state == "ok"
    assert scored.sum() > 15
    assert timeline.in_phase[scored].min() > 0.999
    for belt in belts:
        belt.end()


def test_two_suits_in_anti_phase(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lsl, "_RESOLVE_TIMEOUT_S", 0.8)
    monkeypatch.setattr(mirror.session.start, "provide_model", None)  # no model is needed
    suits = [loopback.Sender(f"suit {each}", list(LABELS), rate=RATE) for each in "ab"]
    start = SessionRequest(
        a="lsl:suit a",
        b="lsl:suit b",
        settings=SETTINGS,
        output=tmp_path / "s.mirror",
        streams=("lsl:of both",),
    )
    session = start_live(start, print)
    scores, markers = loopback.inlet("of both"), loopback.inlet("of both events")
    for suit in suits:
        suit.wait()
    with closing(session.run(seconds=20)) as updates:
        next(updates)
        began = session.epoch + clock_offset(pylsl)
        session.mark(Event(1.0, "mark", "the bell"))
        sent = 0
        for _ in updates:
            # Ahead of time, for stamps alone say when, but neither far ahead of the other.
            if any(each.frames < sent for each in session.status().values()):
                continue
            if sent == RATE * SECONDS:
                session.stop()
                continue
            for suit, sign in zip(suits, (1.0, -1.0), strict=True):
                suit.push(sample(sent / RATE, sign), began + (sent + 0.5) / RATE)
            sent += 1
    with Recording.open(tmp_path / "s.mirror") as recording:
        timeline = recording.timeline()
        assert score_again(recording, SETTINGS, lambda *_: None).equals(timeline)
    scored = timeline.state == "ok"
    assert scored.sum() > 15
    assert timeline.anti_phase[scored].min() > 0.99
    assert timeline.in_phase[scored].max() == 0.0
    assert np.abs(timeline.relative_phase_deg[scored]).min() > 175
    received, stamps = loopback.pull_samples(scores, len(timeline))
    for name, column in zip(COLUMNS, np.array(received).T, strict=True):
        if name not in LEVELS:
            assert np.array_equal(column, timeline[name], equal_nan=True)
    assert stamps == pytest.approx(began + timeline.time_s, abs=0.01)
    assert loopback.pull_samples(markers, 1)[0] == [["mark: the bell"]]
    for suit in suits:
        suit.end()
