from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import QSettings

# Importing OpenCV points Qt at plugins that PyQt6 dies with; mirror._support.opencv takes that
# back.
import mirror._support.opencv  # noqa: F401

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from ui.shell.preferences import Preferences
from ui.shell.shortcuts import Keys


@pytest.fixture(scope="module", autouse=True)
def collected_on_this_thread() -> Iterator[None]:
    """As `ui.runtime.main_thread_gc` does: no window is collected on another thread."""
    gc.disable()
    yield
    gc.collect()
    gc.enable()


@pytest.fixture(autouse=True)
def own_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing that the user of this machine has chosen is read or changed."""
    folder = str(tmp_path / "configuration")
    monkeypatch.setenv("XDG_CONFIG_HOME", folder)
    for scope in (QSettings.Scope.UserScope, QSettings.Scope.SystemScope):
        QSettings.setPath(QSettings.Format.IniFormat, scope, folder)


@pytest.fixture
def preferences(tmp_path: Path) -> Preferences:
    return Preferences(QSettings(str(tmp_path / "preferences.ini"), QSettings.Format.IniFormat))


@pytest.fixture
def keys(preferences: Preferences) -> Keys:
    return Keys(preferences)
