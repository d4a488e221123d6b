"""What a session is called, how it is scored and what is stored: asked only of who wants it."""

from __future__ import annotations

from typing import Final

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QFormLayout,
    QFrame,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from mirror.settings import Settings
from ui.shell.preferences import Preferences
from ui.widgets.settings import SettingsPanel

NOT_STORED: Final = "Pictures are not kept: a recording holds the positions of joints only."
STORED: Final = "Pictures are kept: whoever opens the recording sees both people."


class More(QScrollArea):
    """Labels, condition, notes and settings of the session that is about to begin.

    Labels, settings and the consent note are remembered; condition and notes belong to one session.
    Where a session is sent to holds until the window is closed: that anything leaves this program
    is to be said anew each time.
    """

    named = pyqtSignal(tuple)
    """What the two people are called now."""

    consent_changed = pyqtSignal()
    """Another note, or none, is to be agreed to before each session."""

    def __init__(self, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self._a, self._b = (
            QLineEdit(preferences.labels[0], self),
            QLineEdit(preferences.labels[1], self),
        )
        self._condition = QLineEdit(self)
        self._lsl, self._osc = QLineEdit(self), QLineEdit(self)
        self._notes = QPlainTextEdit(self)
        self._notes.setTabChangesFocus(True)
        self._notes.setFixedHeight(72)
        for edit, name, hint in (
            (self._a, "Label of person A", "A"),
            (self._b, "Label of person B", "B"),
            (self._condition, "Condition", "for example: seated, no music"),
            (self._lsl, "Name of the stream of Lab Streaming Layer", "for example: synchrony"),
            (self._osc, "Host and port for Open Sound Control", "for example: 127.0.0.1:9000"),
        ):
            edit.setAccessibleName(name)
            edit.setPlaceholderText(hint)
        self._notes.setAccessibleName("Notes")
        self._consent = QPlainTextEdit(preferences.consent, self)
        self._consent.setTabChangesFocus(True)
        self._consent.setFixedHeight(72)
        self._consent.setAccessibleName("Consent note")
        self._consent.setPlaceholderText("Shown before every session, to be agreed to")
        self._consent.textChanged.connect(self._keep_consent)
        self._a.textEdited.connect(self._rename)
        self._b.textEdited.connect(self._rename)
        self._settings = SettingsPanel(self)
        self._settings.set_settings(preferences.settings)
        self._settings.changed.connect(self._keep)

        form = QFormLayout()
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        form.addRow("Person &A", self._a)
        form.addRow("Person &B", self._b)
        form.addRow("&Condition", self._condition)
        form.addRow("&Notes", self._notes)
        form.addRow("Consent note, for every session", self._consent)
        sent = QFormLayout()
        sent.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        sent.addRow("&Lab Streaming Layer, as", self._lsl)
        sent.addRow("&Open Sound Control, to", self._osc)
        inside = QWidget(self)
        column = QVBoxLayout(inside)
        column.addWidget(_heading("This session", inside))
        column.addLayout(form)
        column.addSpacing(8)
        column.addWidget(_heading("Sent live to other programs", inside))
        column.addLayout(sent)
        column.addSpacing(8)
        column.addWidget(_heading("Settings", inside))
        column.addWidget(self._settings)
        column.addStretch()
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setFixedWidth(320)

    @property
    def labels(self) -> tuple[str, str]:
        """What the two people are called; A and B where nothing was written."""
        return self._a.text().strip() or "A", self._b.text().strip() or "B"

    @property
    def condition(self) -> str:
        """The experimental condition, or whatever stands for it."""
        return self._condition.text().strip()

    @property
    def notes(self) -> str:
        """Free text."""
        return self._notes.toPlainText().strip()

    @property
    def streams(self) -> tuple[str, ...]:
        """Where a live session is sent to, as `mirror.session.outputs.open_stream` takes it."""
        asked = {"lsl": self._lsl.text().strip(), "osc": self._osc.text().strip()}
        return tuple(f"{kind}:{place}" for kind, place in asked.items() if place)

    @property
    def settings(self) -> Settings:
        """How movement becomes scores."""
        return self._settings.settings()

    def refresh(self) -> None:
        """Take over what was changed elsewhere, in the session's own drawers."""
        self._settings.set_settings(self._preferences.settings)
        for edit, label in zip((self._a, self._b), self._preferences.labels, strict=True):
            edit.setText(label)
        self.named.emit(self.labels)

    def forget(self) -> None:
        """The next session has a condition and notes of its own."""
        self._condition.clear()
        self._notes.clear()

    def _rename(self) -> None:
        self._preferences.labels = self.labels
        self.named.emit(self.labels)

    def _keep_consent(self) -> None:
        self._preferences.consent = self._consent.toPlainText()
        self.consent_changed.emit()

    def _keep(self, settings: Settings) -> None:
        self._preferences.settings = settings


def _heading(text: str, parent: QWidget) -> QLabel:
    label = QLabel(text, parent)
    label.setStyleSheet("font-weight: 600;")
    return label
