"""The estimator's settings as fields, validated by `Settings`."""

from collections.abc import Mapping
from typing import Any, Final

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFormLayout, QToolButton, QWidget

from mirror.errors import SettingsError
from mirror.settings import Settings
from ui.shell.theme import theme
from ui.widgets.build import button, timer, vertical
from ui.widgets.fields import ChoiceField, FieldRow, NumberField, NumberSlider

COMMIT_DELAY_MS: Final = 400  # a value is taken when it has not changed for this long

_MAPPINGS: Final = {
    "mirror": ("Mirror", "B's right arm answers A's left arm, as in a mirror."),
    "same-side": ("Same side", "B's right arm answers A's right arm."),
}
_TAPERS: Final = {
    "lopsided": ("Lopsided", "Responds to changes soonest."),
    "quick": ("Quick", "Falls over 0.4 s, for exercises; short windows change more often."),
    "hann": ("Hann", "The symmetric standard window; responds more slowly."),
}


_FLOOR: Final = "Less movement is still, in shoulder widths; at 0, the landmarks' noise decides."


class SettingsPanel(QWidget):
    """Window length, band and mapping, and under "More" the taper, the longest lag and the floor.

    Numbers are chosen by a slider or written. Changes are taken when a field is left, on Enter, or
    after `COMMIT_DELAY_MS`, or at once, also while a slider moves, if `at_once`. Invalid
    combinations are not taken: an error is shown at the field changed last.
    """

    changed = pyqtSignal(object)  # new valid `Settings`

    def __init__(self, parent: QWidget | None = None, *, at_once: bool = False) -> None:
        super().__init__(parent)
        self._at_once = at_once
        self._settings = Settings()
        self._changed_row = "window"
        self._commit_timer = timer(self, COMMIT_DELAY_MS, self._commit, once=True)
        names = ("window", "band", "mapping", "taper", "max_lag", "floor")
        self._rows = {name: FieldRow(self) for name in names}

        self.window_length = self._number("window", "s", (1, 30, 0.5), "Window length, seconds")
        edge = "frequency of the band, hertz"
        self.low = self._number("band", "Hz", (0.05, 2, 0.05), f"Lowest {edge}")
        self.high = self._number("band", "Hz", (0.5, 12, 0.25), f"Highest {edge}")
        self.mapping = self._choice("mapping", _MAPPINGS, "Mapping of B's body to A's")
        self.more = QToolButton(self)
        self.taper = self._choice("taper", _TAPERS, "Taper of the window")
        self.max_lag = self._number("max_lag", "s", (0, 10, 0.25), "Longest lag, seconds")
        self.floor = self._number("floor", "", (0, 0.1, 0.005), "Floor, shoulder widths")
        length, lag, floor = self.window_length, self.max_lag, self.floor
        self._numbers = {"window": length, "max_lag": lag, "floor": floor}
        self._rows["floor"].set_explanation(_FLOOR)
        self.reset = button("Reset to defaults", self, self._reset)
        self._lay_out()
        self.more.toggled.connect(self._show_more)
        theme().follow(self._colour_errors)
        self._show_more(shown=False)
        self.set_settings(self._settings)

    def set_settings(self, settings: Settings) -> None:
        """Show settings, without emitting `changed`."""
        self._commit_timer.stop()
        self._settings = settings
        for name, field in self._numbers.items():
            field.show_number(getattr(settings, name))
        for field, edge in zip((self.low, self.high), settings.band, strict=True):
            field.show_number(edge)
        for slider in self.findChildren(NumberSlider):
            slider.follow()
        self.mapping.choose(settings.mapping)
        self.taper.choose(settings.taper)
        self._explain()
        self._show_error("")

    def settings(self) -> Settings:
        """Take pending changes and return the settings."""
        self._commit_pending()
        return self._settings

    def choose_mapping(self, mapping: str) -> None:
        """Change how B's body answers A's."""
        self._commit_pending()
        self._take({"mapping": mapping})

    def error(self, name: str) -> str:
        """Return the error shown at "window", "band", "mapping", "taper", "max_lag" or "floor"."""
        return self._rows[name].error.text()

    def _edit(self, name: str) -> None:
        self._changed_row = name
        self._explain()
        self._commit_timer.start()

    def _commit_pending(self) -> None:
        if self._commit_timer.isActive():
            self._commit()

    def _commit(self) -> None:
        low, high = self._settings.band
        changes: dict[str, Any] = {"mapping": self.mapping.chosen, "taper": self.taper.chosen}
        # Only what has changed, so that a default band still depends on the window.
        for name, field in self._numbers.items():
            if not field.shows(getattr(self._settings, name)):
                changes[name] = field.number
        if not (self.low.shows(low) and self.high.shows(high)):
            changes["band"] = (
                low if self.low.shows(low) else self.low.number,
                high if self.high.shows(high) else self.high.number,
            )
        self._take(changes)

    def _reset(self) -> None:
        """Restore the defaults of the fields, but not of settings without a field."""
        default = Settings()
        self._changed_row = "band"
        self._take({name: getattr(default, name) for name in self._rows})

    def _take(self, changes: dict[str, Any]) -> None:
        self._commit_timer.stop()
        try:
            settings = self._settings.changed(**changes)
        except SettingsError as error:
            self._show_error(error.window_text)
            return
        is_new = settings != self._settings
        self.set_settings(settings)
        if is_new:
            self.changed.emit(settings)

    def _show_error(self, text: str) -> None:
        for name, row in self._rows.items():
            row.set_error(text if name == self._changed_row else "")

    def _explain(self) -> None:
        for name, choice in (("mapping", self.mapping), ("taper", self.taper)):
            self._rows[name].set_explanation(choice.explanation)

    def _commit_at_once(self) -> None:
        if self._at_once:
            self._commit_pending()

    def _number(
        self, name: str, unit: str, usual: tuple[float, float, float], accessible_name: str
    ) -> NumberField:
        low, high, step = usual
        field = NumberField(unit, step, self)
        field.setAccessibleName(accessible_name)
        field.textChanged.connect(lambda _text: self._edit(name))
        field.editingFinished.connect(self._commit_pending)
        slider = NumberSlider(field, low, high, self)
        slider.valueChanged.connect(self._commit_at_once)
        self._rows[name].add(slider, field)
        return field

    def _choice(
        self, name: str, texts: Mapping[str, tuple[str, str]], accessible_name: str
    ) -> ChoiceField:
        field = ChoiceField(texts, self)
        field.setAccessibleName(accessible_name)
        field.currentIndexChanged.connect(lambda _index: self._edit(name))
        field.currentIndexChanged.connect(self._commit_at_once)
        self._rows[name].add(field)
        return field

    def _lay_out(self) -> None:
        form = self._form({"Window": "window", "Band": "band", "Mapping": "mapping"})
        hidden = self._form({"Taper": "taper", "Longest lag": "max_lag", "Floor": "floor"})
        self._hidden = QWidget(self)
        self._hidden.setLayout(hidden)
        self.more.setText("More")
        self.more.setCheckable(True)
        self.more.setAutoRaise(True)
        self.more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.more.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        reset = (self.reset, 0, Qt.AlignmentFlag.AlignLeft)
        vertical(form, self.more, self._hidden, reset, None, inside=self)

    def _form(self, rows: Mapping[str, str]) -> QFormLayout:
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        for title, name in rows.items():
            form.addRow(title, self._rows[name])
        return form

    def _show_more(self, shown: bool) -> None:
        self._hidden.setVisible(shown)
        self.more.setArrowType(Qt.ArrowType.DownArrow if shown else Qt.ArrowType.RightArrow)

    def _colour_errors(self) -> None:
        for row in self._rows.values():
            row.error.setStyleSheet(f"color: {theme().palette.error}")
