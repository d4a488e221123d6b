"""The exercises of the start page, with a picture and a sentence each, and the partner."""

from collections.abc import Callable
from typing import Final
from urllib.parse import quote

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QButtonGroup, QGridLayout, QLabel, QLineEdit, QScrollArea, QWidget

from mirror.practice.exercise import Exercise
from mirror.practice.library import read_library
from ui.practice.pictures import ExercisePicture
from ui.shell.preferences import Preferences
from ui.start.cameras import CameraMonitor, CameraPicker
from ui.start.files import FileField
from ui.start.modes import Tile
from ui.start.panels import Panel
from ui.start.source_text import Pair
from ui.widgets.build import combo_box, horizontal, known, scroll_area, vertical
from ui.widgets.labels import WrappedLabel

WITH: Final = {  # who does an exercise: two people, or one with a drawn or recorded partner
    "Two people, two cameras": "two cameras",
    "Two people, one camera": "one camera",
    "Alone, with a computer-drawn partner": "alone",
    "Alone, with a video or picture": "video",
    "Watch two computer-drawn people": "demo",
}

TRAINEES: Final = {  # who does it with a partner who is not there
    "You, with a camera": "camera",
    "A video of you": "video",
    "A computer-drawn trainee": "drawn",
}

ALONE: Final = ("alone", "video")
PARTNER: Final = "Partner"  # label of a drawn or recorded one

LEVEL_TEXTS: Final = {
    "Usual tempo and size": "usual",
    "Easy: slower": "easy",
    "Hard: faster and smaller": "hard",
}


class ExerciseTile(Tile):
    """An exercise: its picture, title and sentence."""

    def __init__(self, exercise: Exercise, parent: QWidget | None = None) -> None:
        super().__init__(exercise.title, exercise.text, parent)
        self.exercise = exercise
        self.setCheckable(True)
        known(self.layout()).setContentsMargins(108, 8, 12, 8)
        picture = ExercisePicture(exercise, self)
        picture.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        picture.move(12, 10)
        self.setMinimumHeight(picture.height() + 20)


class Exercises(Panel):
    """Chooses an exercise and a partner; two people's cameras are chosen in `panels`."""

    def __init__(
        self,
        preferences: Preferences,
        monitor: CameraMonitor,
        panels: dict[str, Callable[[], Panel]],
    ) -> None:
        super().__init__(())
        self._preferences, self._panels, self._names = preferences, panels, preferences.labels
        self.tiles: list[ExerciseTile] = []
        self._alone = QWidget()  # of the second row
        self._boxes = {
            "practise with": combo_box("With whom", WITH.items(), self, self._update),
            "trainee": combo_box("Who practises", TRAINEES.items(), self._alone, self._update),
            "level": combo_box("How difficult", LEVEL_TEXTS.items(), self, self._update),
        }
        for key, box in self._boxes.items():
            box.setCurrentIndex(max(0, box.findData(preferences.get(key, "demo"))))
        self.company, self.trainee, self.level = self._boxes.values()
        self.name = QLineEdit(self._alone)
        self.name.setAccessibleName("Name of who practises")
        self.name.setPlaceholderText("Name, or none")
        self.name.textChanged.connect(self._update)
        camera = preferences.get("camera a", "")
        self.picker = CameraPicker("your camera", 0, camera, instead="choose a video of you")
        self.video, self.own_video = (FileField(preferences, who) for who in ("the partner", "you"))
        for field in (self.video, self.picker, self.own_video):
            field.setParent(self if field is self.video else self._alone)
            field.changed.connect(self._update)
        self._alone.setParent(self)  # in tab order after the first row, before the list
        self.goal, self.faults = WrappedLabel(parent=self), WrappedLabel(parent=self)
        self._group = QButtonGroup(self)
        self._list = QWidget(self)
        self._grid = QGridLayout(self._list)
        self._grid.setContentsMargins(0, 0, 6, 0)
        area = scroll_area(self._list, QScrollArea(self))
        label = QLabel("With whom", self)
        label.setBuddy(self.company)
        partner = horizontal(label, self.company, self.level, (self.video, 1), None)
        trainee = (self.trainee, self.name, (self.picker, 2), (self.own_video, 1), None)
        horizontal(QLabel("Who practises", self), *trainee, inside=self._alone)
        vertical((area, 1), self.goal, self.faults, partner, self._alone, inside=self)
        monitor.changed.connect(self.picker.set_cameras)
        self._group.buttonToggled.connect(self._update)
        self.refresh()

    @property
    def exercise(self) -> Exercise | None:
        """The chosen exercise; alone, without the rounds in which the partner would follow."""
        tile = self._group.checkedButton()
        if not isinstance(tile, ExerciseTile):
            return None
        return tile.exercise.alone() if self.is_alone else tile.exercise

    @property
    def is_alone(self) -> bool:
        """Whether only B is a person who is there."""
        return self.company.currentData() in ALONE

    @property
    def pair(self) -> Pair | None:
        exercise, company = self.exercise, self.company.currentData()
        if exercise is None or self.problem:
            return None
        if company in self._panels:
            return self._panels[company]().pair
        partner, trainee = (f"demo:{feed}#exercise={quote(exercise.name)}" for feed in "ab")
        if company == "demo":
            return partner, trainee
        level = f"&level={self.level.currentData()}"
        drawn = {"video": self.own_video.text, "drawn": trainee + level}
        trainee = drawn.get(self.trainee.currentData(), self.picker.source)
        if exercise.picture:
            return exercise.picture, trainee
        return self.video.text if company == "video" else partner + level, trainee

    @property
    def problem(self) -> str:
        company = self.company.currentData()
        if company in self._panels:
            return self._panels[company]().problem
        is_picture = self.exercise is not None and bool(self.exercise.picture)
        if company == "video" and not self.video.text and not is_picture:
            return "Choose the partner's video, or a picture of a pose to copy."
        trainee = self.trainee.currentData() if self.is_alone else ""
        if trainee == "video" and not self.own_video.text:
            return "Choose a video of you."
        if trainee == "drawn" and (company == "video" or is_picture):
            return "A computer-drawn trainee can follow a computer-drawn partner only."
        return self.picker.problem if trainee == "camera" else ""

    def set_names(self, names: tuple[str, str]) -> None:
        self._names = names
        self._update()

    def labels(self, names: tuple[str, str]) -> tuple[str, str]:
        """Return the names of A and B; these are only those of two people who are both there."""
        if not self.is_alone:
            return names if self.company.currentData() in self._panels else ("A", "B")
        is_drawn = self.trainee.currentData() == "drawn"
        return PARTNER, "B" if is_drawn else self.name.text().strip() or "B"

    def refresh(self) -> None:
        self.name.clear()  # of the last session, which may have been somebody else's
        library = read_library()
        for tile in self.tiles:
            tile.deleteLater()
        self.tiles = [ExerciseTile(each, self._list) for each in library.exercises]
        chosen = self._preferences.get("exercise", "")
        names = [each.name for each in library.exercises]
        for place, tile in enumerate(self.tiles):
            self._group.addButton(tile)
            self._grid.addWidget(tile, place // 2, place % 2)
        self._grid.setRowStretch(len(self.tiles), 1)
        self.tiles[names.index(chosen) if chosen in names else 0].setChecked(True)
        self.faults.setText("\n".join(library.faults))
        self.faults.setVisible(bool(library.faults))

    def choose(self, name: str) -> str:
        """Choose an exercise by its name, and return its title; "" if there is none."""
        for tile in self.tiles:
            if tile.exercise.name == name:
                tile.setChecked(True)
                return tile.exercise.title
        return ""

    def _update(self) -> None:
        for key, box in self._boxes.items():
            self._preferences.set(key, box.currentData())
        company, trainee = self.company.currentData(), self.trainee.currentData()
        self.has_both = company in self._panels  # A and B are there, and are named elsewhere
        self._alone.setVisible(self.is_alone)
        self.name.setVisible(trainee != "drawn")
        self.picker.setVisible(trainee == "camera")
        self.own_video.setVisible(trainee == "video")
        self.level.setVisible(company == "alone")
        self.video.setVisible(company == "video")
        if (exercise := self.exercise) is not None:
            self._preferences.set("exercise", exercise.name)
            names = self.labels(self._names)
            goals = dict.fromkeys(each.goal.describe(names) for each in exercise.rounds)
            self.goal.setText(f"Goal: {'; then '.join(goals)}")
        super()._update()
