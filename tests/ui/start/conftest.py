"""Fixtures of the start page's tests."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from tests.support.fake_cameras import FakeDevices
from ui.shell.preferences import Preferences
from ui.start.files import TwoFiles
from ui.start.preview import PreviewReaders


@pytest.fixture
def panel(qtbot: QtBot, preferences: Preferences) -> TwoFiles:
    panel = TwoFiles(preferences, PreviewReaders(FakeDevices()))
    qtbot.addWidget(panel)
    panel.show()
    panel.activate()
    return panel
