from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.support.recordings import make_recording
from ui.replay.page import ReplayPage
from ui.shell.preferences import Preferences
from ui.shell.shortcuts import Keys

Messages = list[tuple[str, str, object]]


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    return make_recording(tmp_path / "talk.mirror")


@pytest.fixture
def page(qtbot: QtBot, preferences: Preferences, keys: Keys) -> ReplayPage:
    page = ReplayPage(preferences, keys)
    qtbot.addWidget(page)
    page.resize(1280, 800)
    page.show()
    return page


@pytest.fixture
def messages(page: ReplayPage) -> Messages:
    """Messages of the page: text, kind and action."""
    received: Messages = []
    page.message.connect(lambda text, kind, action: received.append((text, kind, action)))
    return received


@pytest.fixture
def show(qtbot: QtBot, page: ReplayPage) -> Callable[..., ReplayPage]:
    """Return a function that opens a recording in the page and waits for it."""

    def shown(path: Path, at: float | None = None) -> ReplayPage:
        with qtbot.waitSignal(page.opened, timeout=10_000):
            page.open(path, at)
        return page

    return shown
