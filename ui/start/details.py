"""Labels, condition, notes and settings of the next session."""

from __future__ import annotations

from typing import Any, Final

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

NOT_STORED: Final = "Video is not stored: a recording holds joint positions only."
STORED: Final = "Video is stored: anyone who opens the recording sees both people."


class DescriptionForm(QFormLayout):
    """Fields for the labels, the condition and the notes of a session."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__()
        self.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        self.a, self.b, self.condition = (QLineEdit(parent) for _ in range(3))
        self.notes = QPlainTextEdit(parent)
        self.notes.setTabChangesFocus(True)
        self.notes.setAccessibleName("Notes")
        for row, edit, name, hint in (
            ("Person &A", self.a, "Label of person A", "A"),
            ("Person &B", self.b, "Label of person B", "B"),
            ("&Condition", self.condition, "Condition", "for example: seated, no music"),
        ):
            edit.setAccessibleName(name)
            edit.setPlaceholderText(hint)
            self.addRow(row, edit)
        self.addRow("&Notes", self.notes)

    @property
    def labels(self) -> tuple[str, str]:
        """The labels of the two people; A and B if empty."""
        return self.a.text().strip() or "A", self.b.text().strip() or "B"

    def values(self) -> dict[str, Any]:
        """Return ``labels``, ``condition`` and ``notes``."""
        return {
            "labels": self.labels,
            "condition": self.condition.text().strip(),
            "notes": self.notes.toPlainText().strip(),
        }


class StartDetails(QScrollArea):
    """Labels, condition, notes, live outputs and settings of the next session.

    Labels, settings and the consent note are remembered; condition and notes belong to one session.
    The live outputs are kept until the window is closed: sending data to other programs is a
    decision to make each time.
    """

    renamed = pyqtSignal(tuple)
    """The new labels of the two people."""

    consent_changed = pyqtSignal()
    """The consent note was edited."""

    def __init__(self, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self.form = DescriptionForm(self)
        self.form.notes.setFixedHeight(72)
        for edit, label in zip((self.form.a, self.form.b), preferences.labels, strict=True):
            edit.setText(label)
            edit.textEdited.connect(self._rename)
        self._consent = QPlainTextEdit(preferences.consent, self)
        self._consent.setTabChangesFocus(True)
        self._consent.setFixedHeight(72)
        self._consent.setAccessibleName("Consent note")
        self._consent.setPlaceholderText("Both people must agree to this first")
        self._consent.textChanged.connect(self._save_consent)
        self.form.addRow("Consent note, for every session", self._consent)
        self._lsl, self._osc = QLineEdit(self), QLineEdit(self)
        outputs = QFormLayout()
        outputs.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        for row, edit, hint in (
            ("&Lab Streaming Layer, stream name", self._lsl, "for example: synchrony"),
            ("&Open Sound Control, host:port", self._osc, "for example: 127.0.0.1:9000"),
        ):
            edit.setAccessibleName(row.replace("&", ""))
            edit.setPlaceholderText(hint)
            outputs.addRow(row, edit)
        self._settings = SettingsPanel(self)
        self._settings.set_settings(preferences.settings)
        self._settings.changed.connect(self._save_settings)

        inside = QWidget(self)
        column = QVBoxLayout(inside)
        column.addWidget(_heading("This session", inside))
        column.addLayout(self.form)
        column.addSpacing(8)
        column.addWidget(_heading("Live output to other programs", inside))
        column.addLayout(outputs)
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
    def streams(self) -> tuple[str, ...]:
        """Live outputs, in the format of `mirror.session.outputs.open_stream`."""
        addresses = {"lsl": self._lsl.text().strip(), "osc": self._osc.text().strip()}
        return tuple(f"{kind}:{address}" for kind, address in addresses.items() if address)

    @property
    def settings(self) -> Settings:
        """The estimator's settings."""
        return self._settings.settings()

    def refresh(self) -> None:
        """Show labels and settings that were changed on the session page."""
        self._settings.set_settings(self._preferences.settings)
        for edit, label in zip((self.form.a, self.form.b), self._preferences.labels, strict=True):
            edit.setText(label)
        self.renamed.emit(self.form.labels)

    def clear(self) -> None:
        """Clear condition and notes for the next session."""
        self.form.condition.clear()
        self.form.notes.clear()

    def _rename(self) -> None:
        self._preferences.labels = self.form.labels
        self.renamed.emit(self.form.labels)

    def _save_consent(self) -> None:
        self._preferences.consent = self._consent.toPlainText()
        self.consent_changed.emit()

    def _save_settings(self, settings: Settings) -> None:
        self._preferences.settings = settings


def _heading(text: str, parent: QWidget) -> QLabel:
    label = QLabel(text, parent)
    label.setStyleSheet("font-weight: 600;")
    return label
