"""Names, condition, notes and settings of the next session."""

from typing import Any, Final

from PyQt6 import QtWidgets
from PyQt6.QtCore import QStringListModel, Qt, pyqtSignal

from mirror.settings import Settings
from ui.shell.preferences import Preferences
from ui.widgets.build import name_tabs, notes_edit, scroll_area, vertical
from ui.widgets.settings import SettingsPanel

NOT_STORED: Final = "Video is not stored: a recording holds joint positions only."
STORED: Final = "Video is stored: anyone who opens the recording sees both people."


class DescriptionForm(QtWidgets.QFormLayout):
    """Fields for the labels, the condition and the notes of a session."""

    def __init__(self, parent: QtWidgets.QWidget) -> None:
        super().__init__()
        self.setRowWrapPolicy(QtWidgets.QFormLayout.RowWrapPolicy.WrapAllRows)
        self.a, self.b, self.condition = (QtWidgets.QLineEdit(parent) for _ in range(3))
        self.notes = notes_edit("Notes", "", parent)
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


class StartDetails(QtWidgets.QTabWidget):
    """Names, condition and notes; settings; and consent note and live outputs of a session.

    Names, settings and the consent note are remembered; condition and notes belong to one session.
    Live outputs are kept until the window is closed: to send data is a decision to make each time.
    """

    renamed = pyqtSignal(tuple)  # the new labels of the two people
    picked = pyqtSignal(str)  # a name that was picked from those of earlier sessions
    settings_changed = pyqtSignal()
    consent_changed = pyqtSignal()  # the consent note was edited

    def __init__(self, preferences: Preferences, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self.form = DescriptionForm(self)
        self.form.notes.setFixedHeight(72)
        self.names = QtWidgets.QCompleter(self)  # of earlier sessions
        self.names.setFilterMode(Qt.MatchFlag.MatchContains)
        self.names.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.names.activated.connect(self.picked)
        for edit, label in zip((self.form.a, self.form.b), preferences.labels, strict=True):
            edit.setText(label)
            edit.textChanged.connect(self._rename)  # typed, or picked
            edit.setCompleter(self.names)
        self._consent = notes_edit("Consent note", preferences.consent, self)
        self._consent.setFixedHeight(72)
        self._consent.setPlaceholderText("Both people must agree to this first")
        self._consent.textChanged.connect(self._save_consent)
        self._lsl, self._osc = QtWidgets.QLineEdit(self), QtWidgets.QLineEdit(self)
        other = QtWidgets.QFormLayout()
        other.setRowWrapPolicy(QtWidgets.QFormLayout.RowWrapPolicy.WrapAllRows)
        other.addRow("Consent &note, for every session", self._consent)
        for row, edit, hint in (
            ("&Lab Streaming Layer, stream name", self._lsl, "for example: synchrony"),
            ("&Open Sound Control, host:port", self._osc, "for example: 127.0.0.1:9000"),
        ):
            edit.setAccessibleName(row.replace("&", ""))
            edit.setPlaceholderText(hint)
            other.addRow(row, edit)
        self._settings = SettingsPanel(self)
        self.choose_mapping = self._settings.choose_mapping
        self._settings.set_settings(preferences.settings)
        self._settings.changed.connect(self._save_settings)
        self._add_tab("People", self.form)
        self._add_tab("Settings", self._settings)
        self._add_tab("Consent, output", other)
        name_tabs(self, "Names and settings")
        self.setDocumentMode(True)
        self.setFixedWidth(320)

    def _add_tab(self, title: str, content: QtWidgets.QLayout | QtWidgets.QWidget) -> None:
        inside, scroll = QtWidgets.QWidget(self), QtWidgets.QScrollArea(self)
        vertical(content, None, inside=inside, margins=(0, 8, 0, 0))
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.addTab(scroll_area(inside, scroll), title)

    @property
    def streams(self) -> tuple[str, ...]:
        """Live outputs, in the format of `mirror.session.outputs.open_stream`."""
        addresses = {"lsl": self._lsl.text().strip(), "osc": self._osc.text().strip()}
        return tuple(f"{kind}:{address}" for kind, address in addresses.items() if address)

    @property
    def settings(self) -> Settings:
        return self._settings.settings()

    def refresh(self) -> None:
        """Show names that were changed on the session page."""
        self.names.setModel(QStringListModel(self._preferences.people, self.names))
        for edit, label in zip((self.form.a, self.form.b), self._preferences.labels, strict=True):
            edit.setText(label)

    def clear(self) -> None:
        self.form.condition.clear()
        self.form.notes.clear()

    def _rename(self) -> None:
        self._preferences.labels = self.form.labels
        self.renamed.emit(self.form.labels)

    def _save_consent(self) -> None:
        self._preferences.consent = self._consent.toPlainText()
        self.consent_changed.emit()

    def use_defaults(self) -> None:
        """Restore the default settings, also those without a field."""
        self._settings.set_settings(Settings())
        self._save_settings(Settings())

    def _save_settings(self, settings: Settings) -> None:
        self._preferences.settings = settings
        self.settings_changed.emit()
