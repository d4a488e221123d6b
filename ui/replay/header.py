"""The line above a recording: names, date, length, and buttons."""

from pathlib import Path
from typing import Any

from PyQt6.QtWidgets import QPushButton, QSizePolicy, QWidget

from mirror.recording.library import started_of
from mirror.recording.provenance import person_names
from mirror.wording import clock_time
from ui.widgets.build import dim, horizontal
from ui.widgets.labels import PART, ElidedLabel


def description_of(path: Path | None, session: dict[str, Any], duration: float) -> str:
    """Return date, length and condition of a recording in one line."""
    started = started_of(session)
    when = f"{started:%d %B %Y, %H:%M}" if started else "" if path is None else path.stem
    kept = "" if path else "not recorded"
    parts = (when, clock_time(duration), str(session.get("condition") or ""), kept)
    return PART.join(part for part in parts if part)


class RecordingHeader(QWidget):
    """Names, description and a row of buttons with these texts."""

    def __init__(self, *buttons: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title, self.about = ElidedLabel(parent=self), dim(ElidedLabel(parent=self))
        self.title.setStyleSheet("font-size: 18px; font-weight: 600;")
        self.buttons = {text: QPushButton(text, self) for text in buttons}
        self.title.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        horizontal(self.title, (self.about, 1), *self.buttons.values(), inside=self, spacing=12)

    def show_recording(self, path: Path | None, session: dict[str, Any], duration: float) -> None:
        self.title.setText(" and ".join(person_names(session)))
        self.about.setText(description_of(path, session, duration))
        self.about.setToolTip(str(path or ""))
