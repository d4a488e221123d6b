from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import QSettings

# Resets the Qt variables that OpenCV sets and that crash PyQt6.
import mirror._support.opencv  # noqa: F401

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from ui.shell.preferences import Preferences
from ui.shell.shortcuts import Keys


@pytest.fixture(scope="module", autouse=True)
def collect_on_main_thread() -> Iterator[None]:
    """Collect garbage on the main thread only, like `ui.runtime.process`."""
    gc.disable()
    yield
    gc.collect()
    gc.freeze()  # libraries and what else stays, which each further collection would visit
    gc.enable()


@pytest.fixture(autouse=True)
def isolated_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Isolate the tests from the user's configuration."""
    folder = str(tmp_path / "configuration")
    monkeypatch.setenv("XDG_CONFIG_HOME", folder)
    monkeypatch.setenv("XDG_DOCUMENTS_DIR", str(tmp_path / "Documents"))
    for scope in (QSettings.Scope.UserScope, QSettings.Scope.SystemScope):
        QSettings.setPath(QSettings.Format.IniFormat, scope, folder)


@pytest.fixture(autouse=True)
def no_tracking_of_previews(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the pose model out of start pages; the tests of the placement check bring a tracker."""
    monkeypatch.setattr("ui.start.placement.make_finder", lambda: None)


@pytest.fixture(autouse=True)
def few_poses_for_extents(monkeypatch: pytest.MonkeyPatch) -> None:
    """Estimate where people are in the frame from 15 poses a feed, not 150, for each opening."""
    monkeypatch.setattr("mirror.recording.playback._EXTENT_POSES", 15)


@pytest.fixture
def preferences(tmp_path: Path) -> Preferences:
    return Preferences(QSettings(str(tmp_path / "preferences.ini"), QSettings.Format.IniFormat))


@pytest.fixture
def keys(preferences: Preferences) -> Keys:
    return Keys(preferences)
