"""What is chosen for a session: cameras for two people, or one camera for both."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from ui.shell.preferences import Preferences
from ui.start.cameras import CameraPicker, CameraWatch
from ui.start.preview import Looks, Preview
from ui.start.source_text import SAME_CAMERA, Pair, halves


class Panel(QWidget):
    """A way into a session: it says which two sources, or why it cannot say so yet."""

    changed = pyqtSignal()
    """`pair` or `problem` may be another one now."""

    @property
    def pair(self) -> Pair | None:
        """The texts of the two sources; None while there is a problem."""
        raise NotImplementedError

    @property
    def problem(self) -> str:
        """What is missing or wrong, and what to do; empty where nothing is."""
        raise NotImplementedError

    def entered(self) -> None:
        """It is shown: look at the sources."""
        raise NotImplementedError

    def left(self) -> None:
        """It is shown no longer: let go of the sources."""
        raise NotImplementedError

    def set_names(self, names: tuple[str, str]) -> None:
        """What the two people are called."""
        raise NotImplementedError


class Halves(QWidget):
    """Who stands in which half of the picture."""

    changed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._straight = QRadioButton(self)
        self._swapped = QRadioButton(self)
        self._straight.setChecked(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(20)
        group = QButtonGroup(self)
        for button in (self._straight, self._swapped):
            group.addButton(button)
            row.addWidget(button)
        row.addStretch()
        self._swapped.toggled.connect(self.changed)
        self.set_names(("A", "B"))

    @property
    def swapped(self) -> bool:
        """Whether B is the one on the left."""
        return self._swapped.isChecked()

    def set_swapped(self, swapped: bool) -> None:
        """Choose who is on the left."""
        (self._swapped if swapped else self._straight).setChecked(True)

    def set_names(self, names: tuple[str, str]) -> None:
        """What the two people are called."""
        a, b = names
        self._straight.setText(f"{a} is on the left of the picture, {b} on the right")
        self._swapped.setText(f"{b} is on the left, {a} on the right")


class TwoCameras(Panel):
    """A camera for each person."""

    one_camera = pyqtSignal()
    """The user would rather have both people in one camera's picture."""

    def __init__(
        self,
        preferences: Preferences,
        watch: CameraWatch,
        looks: Looks,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self._is_shown = False
        kept = preferences.get("camera a", ""), preferences.get("camera b", "")
        people = zip("AB", kept, strict=True)
        self._pickers = [
            CameraPicker(person, place, identity, self)
            for place, (person, identity) in enumerate(people)
        ]
        self._previews = [Preview(looks, person, self) for person in "AB"]
        self._names = [QLabel(self) for _ in "AB"]
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setRowStretch(2, 1)
        sides = zip(self._names, self._pickers, self._previews, strict=True)
        for column, (name, picker, preview) in enumerate(sides):
            name.setBuddy(picker)
            grid.addWidget(name, 0, column)
            grid.addWidget(picker, 1, column)
            grid.addWidget(preview, 2, column)
            grid.setColumnStretch(column, 1)
            picker.changed.connect(self._update)
        self._instead = QPushButton("Use one camera for two people", self)
        self._instead.clicked.connect(self.one_camera)
        self._instead.hide()
        row = QHBoxLayout()
        row.addWidget(self._instead)
        row.addStretch()
        grid.addLayout(row, 3, 0, 1, 2)
        watch.changed.connect(self._show_cameras)
        self.set_names(preferences.labels)

    @property
    def pickers(self) -> tuple[CameraPicker, CameraPicker]:
        """A's and B's."""
        return self._pickers[0], self._pickers[1]

    @property
    def previews(self) -> tuple[Preview, Preview]:
        """A's and B's."""
        return self._previews[0], self._previews[1]

    @property
    def pair(self) -> Pair | None:
        a, b = self.pickers
        return None if self.problem else (a.source, b.source)

    @property
    def problem(self) -> str:
        a, b = self.pickers
        if a.problem:
            return a.problem
        return SAME_CAMERA if self._is_same else b.problem

    def entered(self) -> None:
        self._is_shown = True
        self._update()

    def left(self) -> None:
        self._is_shown = False
        for preview in self._previews:
            preview.release()

    def set_names(self, names: tuple[str, str]) -> None:
        for label, name in zip(self._names, names, strict=True):
            label.setText(f"Camera of {name}")

    @property
    def _is_same(self) -> bool:
        a, b = self.pickers
        return bool(a.source) and a.source == b.source

    def _show_cameras(self, cameras: object) -> None:
        assert isinstance(cameras, tuple)
        for picker in self._pickers:
            picker.set_cameras(cameras)

    def _update(self) -> None:
        for key, picker in zip(("camera a", "camera b"), self._pickers, strict=True):
            if picker.camera is not None:
                self._preferences.set(key, picker.identity)
        few = self._pickers[0].source and not self._pickers[1].source
        self._instead.setVisible(self._is_same or bool(few))
        if self._is_shown:
            for picker, preview in zip(self._pickers, self._previews, strict=True):
                if picker.problem:
                    preview.release(picker.problem)
                elif self._is_same and picker is self._pickers[1]:
                    preview.release("The same camera as A’s. Choose another one.")
                else:
                    preview.look_at(picker.source)
        self.changed.emit()


class OneCamera(Panel):
    """One camera with both people in its picture, side by side."""

    def __init__(
        self,
        preferences: Preferences,
        watch: CameraWatch,
        looks: Looks,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self._is_shown = False
        self._people = preferences.labels
        self.picker = CameraPicker("both people", 0, preferences.get("room camera", ""), self)
        self.preview = Preview(looks, "both people", self)
        self.halves = Halves(self)
        self.halves.set_swapped(preferences.get("halves swapped", default=False))
        label = QLabel("Camera that sees both people, side by side", self)
        label.setBuddy(self.picker)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(label)
        column.addWidget(self.picker)
        column.addWidget(self.preview, 1)
        column.addWidget(self.halves)
        watch.changed.connect(self._show_cameras)
        self.picker.changed.connect(self._update)
        self.halves.changed.connect(self._update)
        self.set_names(preferences.labels)

    @property
    def pair(self) -> Pair | None:
        if self.problem:
            return None
        return halves(self.picker.source, swapped=self.halves.swapped)

    @property
    def problem(self) -> str:
        return self.picker.problem

    def entered(self) -> None:
        self._is_shown = True
        self._update()

    def left(self) -> None:
        self._is_shown = False
        self.preview.release()

    def set_names(self, names: tuple[str, str]) -> None:
        self._people = names
        self.halves.set_names(names)
        self._split()

    def _split(self) -> None:
        a, b = self._people
        self.preview.set_halves((b, a) if self.halves.swapped else (a, b))

    def _show_cameras(self, cameras: object) -> None:
        assert isinstance(cameras, tuple)
        self.picker.set_cameras(cameras)

    def _update(self) -> None:
        if self.picker.camera is not None:
            self._preferences.set("room camera", self.picker.identity)
        self._preferences.set("halves swapped", self.halves.swapped)
        self._split()
        if self._is_shown:
            if self.problem:
                self.preview.release(self.problem)
            else:
                self.preview.look_at(self.picker.source)
        self.changed.emit()
