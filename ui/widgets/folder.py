"""The dialog that chooses the folder of the recordings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtWidgets import QFileDialog, QWidget

from ui.shell.preferences import Preferences
from ui.widgets.build import open_once


def choose_folder(parent: QWidget, preferences: Preferences, chosen: Callable[[], object]) -> None:
    """Let the user choose the folder of the recordings; call `chosen` once it is kept."""
    dialog = QFileDialog(parent, "Folder for recordings", str(preferences.recordings_folder))
    dialog.setFileMode(QFileDialog.FileMode.Directory)

    def keep(folder: str) -> None:
        preferences.recordings_folder = Path(folder)
        chosen()

    dialog.fileSelected.connect(keep)
    open_once(dialog)
