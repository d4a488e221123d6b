"""The drawer of a session in which a goal is set, or an exercise begun."""

import math
from typing import Final

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QDoubleSpinBox, QFormLayout, QLabel, QWidget

from mirror.practice.goal import Goal
from mirror.practice.library import read_library
from ui.shell.preferences import Preferences
from ui.widgets.build import button, combo_box, dim, vertical
from ui.widgets.labels import WrappedLabel, shorten

_GOALS: Final = (  # score, text, and who follows
    ("mirroring", "{b} follows {a}", 1.0),
    ("mirroring", "{a} follows {b}", -1.0),
    ("mirroring", "Mirroring, whoever follows", 0.0),
    ("in_phase", "In phase", 0.0),
    ("anti_phase", "Anti-phase", 0.0),
    ("leader_changes", "The leader changes", 0.0),
)

_NOTE: Final = "A goal is your choice. Reaching it is not better than missing it."
_NAME_CHARS: Final = 12


class PracticeForm(QWidget):
    """Chooses a goal for the session, or an exercise."""

    goal_set = pyqtSignal(object)  # a `Goal`
    exercise_begun = pyqtSignal(object)  # an `Exercise`

    def __init__(self, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self.score = combo_box("Goal", (), self)
        self.lag = _number("Longest lag", 0.1, 4.0, 1.0, " s")
        self.by_chance = QCheckBox("Above their own chance level", self)
        self.by_chance.setChecked(True)
        self.threshold = _number("Threshold", 0.05, 1.0, 0.5, "")
        self.hold = _number("Held for", 1.0, 600.0, 8.0, " s")
        self.set_goal = button("Set the goal", self, lambda: self.goal_set.emit(self.goal()))
        self.exercise = combo_box("Exercise", (), self)
        self.about = WrappedLabel(parent=self)
        self.begin = button("Begin the exercise", self)
        self.begin.clicked.connect(lambda: self.exercise_begun.emit(self.exercise.currentData()))
        self.spoken = self._option("Say the cues", "spoken cues")
        self.chimes = self._option("Chime when the goal is held", "chime")
        self.set_names("A", "B")
        self._lay_out()
        self.score.currentIndexChanged.connect(self._show_fields)
        self.by_chance.toggled.connect(self._show_fields)
        self.exercise.currentIndexChanged.connect(self._show_fields)
        self._show_fields()

    def goal(self) -> Goal:
        score, _, sign = _GOALS[self.score.currentIndex()]
        lag = self.lag.value()
        return Goal(
            score,  # type: ignore[arg-type]
            None if self.by_chance.isChecked() else self.threshold.value(),
            self.hold.value(),
            None if not sign else (0.0, lag) if sign > 0 else (-lag, 0.0),
        )

    def show_goal(self, goal: Goal) -> None:
        """Put a goal into the fields, as far as it can be set there."""
        low, high = goal.lag or (0.0, 0.0)
        wanted = goal.score, math.copysign(1.0, low + high) if goal.lag else 0.0
        kinds = [(score, sign) for score, _, sign in _GOALS]
        if wanted in kinds:
            self.score.setCurrentIndex(kinds.index(wanted))
            self.lag.setValue(max(-low, high) or self.lag.value())
            self.by_chance.setChecked(goal.threshold is None)
            self.threshold.setValue(goal.threshold or self.threshold.value())
            self.hold.setValue(goal.hold_s)

    def set_names(self, a: str, b: str) -> None:
        a, b = shorten(a, _NAME_CHARS), shorten(b, _NAME_CHARS)
        chosen = max(0, self.score.currentIndex())
        self.score.clear()
        self.score.addItems([text.format(a=a, b=b) for _, text, _ in _GOALS])
        self.score.setCurrentIndex(chosen)

    def refresh(self) -> None:
        chosen = self.exercise.currentText()
        self.exercise.clear()
        for each in read_library().exercises:
            self.exercise.addItem(each.title, each)
        self.exercise.setCurrentIndex(max(0, self.exercise.findText(chosen)))

    def _show_fields(self) -> None:
        self._form.setRowVisible(self.lag, bool(_GOALS[max(0, self.score.currentIndex())][2]))
        self._form.setRowVisible(self.threshold, not self.by_chance.isChecked())
        exercise = self.exercise.currentData()
        self.about.setText(exercise.text if exercise else "")
        self.begin.setEnabled(exercise is not None)

    def _option(self, text: str, key: str) -> QCheckBox:
        box = QCheckBox(text, self)
        box.setChecked(self._preferences.get(key, default=True))
        box.toggled.connect(lambda on: self._preferences.set(key, on))
        return box

    def _lay_out(self) -> None:
        self._form = form = QFormLayout()
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        form.addRow("Goal", self.score)
        form.addRow("Within", self.lag)
        form.addRow(self.by_chance)
        form.addRow("Threshold", self.threshold)
        form.addRow("Held for", self.hold)
        note = dim(WrappedLabel(_NOTE, self))
        label = QLabel("Exercise", self)
        label.setBuddy(self.exercise)
        exercise = (label, self.exercise, self.about, self.begin)
        goal = (form, self.set_goal, note)
        vertical(*goal, 12, *exercise, 12, self.spoken, self.chimes, None, inside=self)


def _number(name: str, low: float, high: float, value: float, unit: str) -> QDoubleSpinBox:
    field = QDoubleSpinBox()
    field.setAccessibleName(name)
    field.setRange(low, high)
    field.setSingleStep(0.5 if high > 1 else 0.05)
    field.setDecimals(1 if high > 1 else 2)
    field.setValue(value)
    field.setSuffix(unit)
    return field
