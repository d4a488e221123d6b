"""The demo through the real pipeline: rendered people, MediaPipe, scores, a recording."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from mirror import Recording
from mirror.session.start import SessionRequest
from mirror.settings import Settings
from ui.session.page import SessionPage
from ui.shell.preferences import Preferences
from ui.shell.shortcuts import Keys


def test_demo_from_start_to_recording(
    qtbot: QtBot, preferences: Preferences, keys: Keys, tmp_path: Path
) -> None:
    preferences.tour_seen = True  # which would come first
    page = SessionPage(preferences, keys)
    page.resize(1280, 740)
    page.show()
    settings = Settings(window=2.0, band=(0.5, 3.0))
    page.begin(
        SessionRequest(a="demo:a", b="demo:b", settings=settings, output=tmp_path / "s.mirror")
    )
    qtbot.waitUntil(lambda: page.view.verdict.text.startswith("In phase"), timeout=120_000)
    assert all(tile.frame_view.has_frame for tile in page.view.tiles.values())
    assert page.view.caption.text() == "Demo scene: In phase: the same at the same time"
    page.mark()
    with qtbot.waitSignal(page.ended, timeout=20_000) as ended:
        page.stop()
    page.close()
    page.deleteLater()
    with Recording.open(ended.args[0]) as recording:
        kinds = [event.kind for event in recording.events() if event.kind != "warning"]
        assert kinds == ["truth", "mark"]
        assert all(people >= 0.9 * frames > 0 for frames, people in recording.counts().values())
