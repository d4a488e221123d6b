"""The camera panels of the start page: one camera for each person, or one for both."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QGridLayout, QLabel, QRadioButton, QWidget

from mirror.clocks.cameras import network_identity
from ui.shell.preferences import Preferences
from ui.start.cameras import CameraMonitor, CameraPicker
from ui.start.clocks import CameraDelay, DelayDialog
from ui.start.preview import Preview, PreviewReaders
from ui.start.source_text import Pair, halves, people
from ui.widgets.build import button, horizontal, open_once, vertical
from ui.widgets.labels import ElidedLabel, shorten

_SAME_CAMERA = (
    "Both people have the same camera. Choose another one for one of them, or use "
    "“One camera, two people”."
)


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """The newest frame of a person: its image, and how many frames there were.

    Of a frame with both people, wherever they are, `side` is 0 for the left one, 1 for the right;
    `use_halves` gives each a half of it.
    """

    image: NDArray[np.uint8]
    frames: int
    side: int | None = None
    use_halves: Callable[[], object] | None = None


def _whole(preview: Preview) -> View | None:
    newest = preview.newest
    return None if newest is None else View(newest[0].image, newest[1])


class Panel(QWidget):
    """Chooses the two sources of a session, and shows a preview of them while it is active."""

    changed = pyqtSignal()  # `pair` or `problem` may have changed

    def __init__(self, previews: Sequence[Preview]) -> None:
        super().__init__()
        self.previews = previews
        self._is_active = False

    @property
    def pair(self) -> Pair | None:
        """The texts of the two sources; None while there is a problem."""
        raise NotImplementedError

    @property
    def problem(self) -> str:
        """What is missing or wrong, and what to do; empty if nothing is."""
        raise NotImplementedError

    def set_names(self, names: tuple[str, str]) -> None:
        raise NotImplementedError

    def show_previews(self) -> None:
        """Open the chosen sources in the previews, if there are any, or say why not."""

    def views(self) -> tuple[View | None, View | None]:
        """Return what is seen of A and of B at present."""
        views = [_whole(preview) for preview in self.previews] or [None]
        return views[0], views[-1]

    def measure_delay(self, readers: PreviewReaders) -> None:
        """Measure the delay between the two sources, which are released meanwhile, not hidden."""
        if (pair := self.pair) is not None:
            self._is_active = False
            for preview in self.previews:
                preview.hold()
            dialog = DelayDialog(pair, readers.when_free, parent=self)
            dialog.finished.connect(self.activate)
            open_once(dialog)

    def activate(self) -> None:
        self._is_active = True
        self._update()

    def deactivate(self) -> None:
        """Release the sources of the previews."""
        self._is_active = False
        for preview in self.previews:
            preview.release()

    def _update(self) -> None:
        if self._is_active:
            self.show_previews()
        self.changed.emit()


class PairPanel(Panel):
    """A panel with a field and a preview for each person, side by side.

    The noun, "Camera" or "Video", is for the headings; the fields are A's and B's.
    """

    def __init__(self, noun: str, fields: Sequence[QWidget], readers: PreviewReaders) -> None:
        super().__init__([Preview(readers, person) for person in "AB"])
        self._noun = noun
        self._headings = [ElidedLabel(parent=self) for _ in fields]
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setRowStretch(2, 1)
        columns = zip(self._headings, fields, self.previews, strict=True)
        for column, (heading, field, preview) in enumerate(columns):
            heading.setBuddy(field)
            self._grid.addWidget(heading, 0, column)
            # An address field in one column must not move the other column's.
            self._grid.addWidget(field, 1, column, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(preview, 2, column)
            self._grid.setColumnStretch(column, 1)

    def set_names(self, names: tuple[str, str]) -> None:
        for heading, name in zip(self._headings, names, strict=True):
            heading.setText(f"{self._noun} of {name}")


class Halves(QWidget):
    """Chooses who is left, and whether a fixed line, which can be dragged, divides the frame."""

    changed = pyqtSignal()

    def __init__(self, preview: Preview, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preview = preview
        preview.split_moved.connect(self.changed)
        self._straight = QRadioButton(self)
        self._swapped = QRadioButton(self)
        self._straight.setChecked(True)
        self.fixed = QCheckBox("Fixed halves: steadier for two seated heads and shoulders", self)
        self.fixed.setToolTip("Otherwise both may walk about: they are followed wherever they go")
        sides = horizontal(self._straight, self._swapped, None)  # low screens need the height
        vertical(sides, self.fixed, inside=self, spacing=4)
        self._swapped.toggled.connect(self.changed)
        self.fixed.toggled.connect(self.changed)
        self.set_names(("A", "B"))

    @property
    def swapped(self) -> bool:
        return self._swapped.isChecked()

    def set_swapped(self, swapped: bool) -> None:
        (self._swapped if swapped else self._straight).setChecked(True)

    def pair(self, text: str) -> Pair:
        """Return the sources of A and B in the frames of one source."""
        if not self.fixed.isChecked():
            return people(text, swapped=self.swapped)
        return halves(text, self._preview.split, swapped=self.swapped)

    def views(self) -> tuple[View | None, View | None]:
        """Return what is seen of A and of B: the two halves, or both times all of the frame."""
        if (both := _whole(self._preview)) is None:
            return None, None
        edge = round(self._preview.split * both.image.shape[1])
        left, right = (
            View(np.ascontiguousarray(part), both.frames)
            if self.fixed.isChecked()
            else View(both.image, both.frames, side, self.fixed.click)
            for side, part in enumerate((both.image[:, :edge], both.image[:, edge:]))
        )
        return (right, left) if self.swapped else (left, right)

    def show_in_preview(self, names: tuple[str, str]) -> None:
        """Show the dividing line and the names in the preview, if there is a line."""
        sides = names[::-1] if self.swapped else names
        self._preview.set_halves(sides if self.fixed.isChecked() else None)

    def set_names(self, names: tuple[str, str]) -> None:
        for choice, name in zip((self._straight, self._swapped), names, strict=True):
            choice.setText(f"{shorten(name)} on the left")


class TwoCameras(PairPanel):
    """A camera for each person."""

    def __init__(
        self, preferences: Preferences, monitor: CameraMonitor, readers: PreviewReaders
    ) -> None:
        self.pickers = [
            CameraPicker(person, place, preferences.get(f"camera {person.lower()}", ""))
            for place, person in enumerate("AB")
        ]
        super().__init__("Camera", self.pickers, readers)
        self._preferences = preferences
        self.one_camera_button = button("Use one camera for two people", self)
        self.one_camera_button.hide()
        self.delay = CameraDelay(self)
        self.delay.measure.clicked.connect(lambda: self.measure_delay(readers))
        self._grid.addLayout(horizontal(self.one_camera_button, (self.delay, 1)), 3, 0, 1, 2)
        for picker in self.pickers:
            picker.changed.connect(self._update)
            monitor.changed.connect(picker.set_cameras)
        self.set_names(preferences.labels)

    @property
    def pair(self) -> Pair | None:
        a, b = self.pickers
        return None if self.problem else (a.source, b.source)

    @property
    def problem(self) -> str:
        a, b = self.pickers
        return a.problem or (_SAME_CAMERA if self._is_same else b.problem)

    def show_previews(self) -> None:
        for picker, preview in zip(self.pickers, self.previews, strict=True):
            if picker.problem:
                preview.release(picker.problem)
            elif self._is_same and picker is self.pickers[1]:
                preview.release("The same camera as A’s. Choose another one.")
            else:
                preview.open(picker.source)

    @property
    def _is_same(self) -> bool:
        a, b = self.pickers
        return bool(a.source) and a.source == b.source

    def _update(self) -> None:
        a, b = self.pickers
        for key, picker in (("camera a", a), ("camera b", b)):
            if picker.camera is not None:
                self._preferences.set(key, picker.identity)
        self.one_camera_button.setVisible(bool(a.source) and b.source in ("", a.source))
        self.delay.load(*(each.identity or network_identity(each.source) for each in (a, b)))
        super()._update()


class OneCamera(Panel):
    """One camera that sees both people."""

    def __init__(
        self, preferences: Preferences, monitor: CameraMonitor, readers: PreviewReaders
    ) -> None:
        self.preview = Preview(readers, "both people")
        super().__init__([self.preview])
        self._preferences = preferences
        self._names = preferences.labels
        self.picker = CameraPicker("both people", 0, preferences.get("room camera", ""))
        self.preview.split = preferences.get("split", 0.5)
        self.halves = Halves(self.preview)
        self.halves.set_swapped(preferences.get("halves swapped", default=False))
        self.halves.fixed.setChecked(preferences.get("fixed halves", default=False))
        label = QLabel("Camera that sees both people", self)
        label.setBuddy(self.picker)
        vertical(label, self.picker, (self.preview, 1), self.halves, inside=self)
        self.picker.changed.connect(self._update)
        monitor.changed.connect(self.picker.set_cameras)
        self.halves.changed.connect(self._update)
        self.set_names(preferences.labels)

    @property
    def pair(self) -> Pair | None:
        return None if self.problem else self.halves.pair(self.picker.source)

    @property
    def problem(self) -> str:
        return self.picker.problem

    def set_names(self, names: tuple[str, str]) -> None:
        self._names = names
        self.halves.set_names(names)
        self.halves.show_in_preview(names)

    def views(self) -> tuple[View | None, View | None]:
        return self.halves.views()

    def show_previews(self) -> None:
        if self.problem:
            self.preview.release(self.problem)
        else:
            self.preview.open(self.picker.source)

    def _update(self) -> None:
        if self.picker.camera is not None:
            self._preferences.set("room camera", self.picker.identity)
        self._preferences.set("halves swapped", self.halves.swapped)
        self._preferences.set("fixed halves", self.halves.fixed.isChecked())
        self._preferences.set("split", self.preview.split)
        self.halves.show_in_preview(self._names)
        super()._update()
