"""The panel of a video call: a frame over each person's tile, on a still of the screen."""

from typing import Final

from PyQt6.QtCore import QEvent, QObject, QPointF, QRectF, QSizeF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QGuiApplication, QKeyEvent, QMouseEvent, QPaintEvent, QPen
from PyQt6.QtWidgets import QWidget

from mirror.clocks.cameras import tile_identities
from mirror.landmarks import FEEDS, Feed
from ui.shell.preferences import Preferences
from ui.shell.theme import theme
from ui.start.clocks import CameraDelay
from ui.start.panels import Panel
from ui.start.preview import Preview, PreviewReaders
from ui.start.source_text import Pair
from ui.widgets.build import button, combo_box, horizontal, known, timer, vertical
from ui.widgets.labels import WrappedLabel
from ui.widgets.painting import inner_rect, paint_tag, smooth_painter, with_opacity

_LAYOUTS: Final = "video calls"
"""Preference: of each layout's name, the screen's number and left, top, width and height of A's and
B's tile. That of the last call has no name."""

_HIDE_MS: Final = 400  # until the desktop has painted what was behind the window
_LONGEST_MS: Final = 3000  # that the window stays hidden, whatever happens
_GRIP_PX: Final = 10
_LEAST: Final = 3.0  # percent of the screen
_STEP: Final = 0.5  # the same, for a key
_MOVE: Final = (1, 1, 1, 1)  # all edges: left, top, right, bottom
_RESIZE: Final = (0, 0, 1, 1)
_ACROSS: Final = {Qt.Key.Key_Left: QPointF(-_STEP, 0), Qt.Key.Key_Right: QPointF(_STEP, 0)}
_KEYS: Final = _ACROSS | {Qt.Key.Key_Up: QPointF(0, -_STEP), Qt.Key.Key_Down: QPointF(0, _STEP)}
_HELP: Final = "Drag it, or an edge of it; arrow keys move it, and with Shift resize it"
_FIRST: Final = "Show both people side by side in the call, and take the picture of the screen."
_AGAIN: Final = "The two tiles are where they were last time; take the picture to see them."
_HINT: Final = (
    "Drag a frame over each person’s tile. Only what is inside is read, up to 30 times a second, "
    "and no picture is stored unless you ask for it below. Keep this window off the tiles."
)


class TileFrame(QWidget):
    """A translucent frame over a person's tile; `area` is in percent of the screen."""

    changed = pyqtSignal()  # the user has moved or resized it

    def __init__(self, feed: Feed, screen: Preview) -> None:
        super().__init__(screen)
        self._feed, self._screen, self._name = feed, screen, ""
        self._grip: tuple[tuple[int, ...], QPointF, QRectF] | None = None
        self.area = QRectF(5.0 if feed == "a" else 55.0, 20.0, 40.0, 60.0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SizeAllCursor)
        self.setToolTip(_HELP)
        screen.installEventFilter(self)

    def set_name(self, name: str) -> None:
        self._name = name
        self.setAccessibleName(f"Tile of {name}")
        self.update()

    def place(self) -> None:
        """Lie over its part of the screen."""
        box, (x, y, width, height) = self._screen.box, self.area.getRect()
        across, down = box.width() / 100, box.height() / 100
        corner = box.topLeft() + QPointF(across * x, down * y)
        self.setGeometry(QRectF(corner, QSizeF(across * width, down * height)).toRect())
        where = f"{x:.0f} % from the left and {y:.0f} % from the top, {width:.0f} by {height:.0f} %"
        self.setAccessibleDescription(f"{where}. {_HELP}")

    def eventFilter(self, _screen: QObject | None, event: QEvent | None) -> bool:
        if event is not None and event.type() == QEvent.Type.Resize:
            self.place()
        return False

    def _drag(self, edges: tuple[int, ...], area: QRectF, by: QPointF) -> None:
        """Move those edges of an area that are 1, within the screen."""
        x, y, (left, top, right, bottom) = by.x(), by.y(), edges
        to = area.adjusted(left * x, top * y, right * x, bottom * y)
        if edges == _MOVE:
            to.moveLeft(max(0.0, min(to.left(), 100 - to.width())))
            to.moveTop(max(0.0, min(to.top(), 100 - to.height())))
        to &= QRectF(0, 0, 100, 100)
        if min(to.width(), to.height()) >= _LEAST:
            self.area = to
            self.place()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            x, y = event.position().x(), event.position().y()
            near = (x, y, self.width() - x, self.height() - y)
            edges = tuple(int(distance < _GRIP_PX) for distance in near)
            self._grip = edges if any(edges) else _MOVE, event.globalPosition(), self.area
            self.raise_()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and self._grip is not None:
            edges, start, area = self._grip
            by, box = event.globalPosition() - start, self._screen.box
            self._drag(edges, area, 100 * QPointF(by.x() / box.width(), by.y() / box.height()))

    def mouseReleaseEvent(self, _event: QMouseEvent | None) -> None:
        self._grip = None
        self.changed.emit()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None or event.key() not in _KEYS:
            super().keyPressEvent(event)
            return
        is_resize = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        self._drag(_RESIZE if is_resize else _MOVE, self.area, _KEYS[Qt.Key(event.key())])
        self.changed.emit()

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        painter, palette = smooth_painter(self), theme().palette
        colour = palette.person_a if self._feed == "a" else palette.person_b
        painter.setPen(QPen(QColor(colour), 5 if self.hasFocus() else 2))
        painter.setBrush(with_opacity(colour, 0.25))
        painter.drawRect(inner_rect(self).adjusted(1, 1, -1, -1))
        paint_tag(painter, QPointF(4, 4), self.width() - 8, self._name, colour)


class VideoCall(Panel):
    """The tiles of two people in a video call, framed on a still of the screen."""

    problem = _FIRST

    def __init__(self, preferences: Preferences, readers: PreviewReaders) -> None:
        self.preview = Preview(readers, "the screen")
        super().__init__([self.preview])
        self._preferences = preferences
        self.frames = tuple(TileFrame(feed, self.preview) for feed in FEEDS)
        self.take_button = button("Take the picture", self, self._take, tip="Hides this window")
        self._hidden = timer(self, _HIDE_MS, self._open, once=True)
        self._limit = timer(self, _LONGEST_MS, self._give_up, once=True)
        self.screen_box = combo_box("Screen", (), self)
        self.screen_box.currentIndexChanged.connect(self._choose_screen)
        self.layouts = combo_box("Layout of the call", (), self)
        self.layouts.textActivated.connect(self._show_layout)
        self.layouts.setEditable(True)
        edit = known(self.layouts.lineEdit())
        edit.setPlaceholderText("Name of this layout")
        edit.setAccessibleName("Name of this layout")
        self.keep_button = button("Keep layout", self, self._keep, tip="Under the name beside it")
        self.forget_button = button("Forget", self, self._forget)
        self.delay = CameraDelay(self)
        self.delay.measure.clicked.connect(lambda: self.measure_delay(readers))
        self.preview.answered.connect(self._show_still)
        for frame in self.frames:
            frame.changed.connect(self._store)
        buttons = (self.layouts, 1), self.keep_button, self.forget_button
        top = horizontal(self.take_button, self.screen_box, 12, *buttons)
        below = horizontal((WrappedLabel(_HINT, self), 3), (self.delay, 1))
        vertical(top, (self.preview, 1), below, inside=self)
        self.set_names(preferences.labels)
        self._list_layouts()
        application = QGuiApplication.instance()
        assert isinstance(application, QGuiApplication)
        application.screenAdded.connect(self._list_screens)
        application.screenRemoved.connect(self._list_screens)
        self._list_screens()

    @property
    def pair(self) -> Pair | None:
        if self.problem:
            return None
        base = f"screen:{self.screen_box.currentData()}#xywh=percent:"
        a, b = (",".join(f"{each:.2f}" for each in frame.area.getRect()) for frame in self.frames)
        return base + a, base + b

    def set_names(self, names: tuple[str, str]) -> None:
        for frame, name in zip(self.frames, names, strict=True):
            frame.set_name(name)

    def show_previews(self) -> None:
        has_still = self.preview.has_frame
        if not (has_still or self.preview.source):
            self.preview.release(self.problem or _AGAIN)
        for frame in self.frames:
            frame.setVisible(has_still)
            frame.place()
        self.delay.load(*(("", "") if self.pair is None else tile_identities(*self.pair)))

    def _take(self) -> None:
        """Take a picture of the screen, without this window in front of the call."""
        from mirror.capture.screen import hide_own_windows

        hide_own_windows()  # forgets those of an earlier session
        self.preview.release()
        (self.window() or self).hide()
        self._hidden.start()
        self._limit.start()

    def _open(self) -> None:
        self.preview.open(f"screen:{self.screen_box.currentData()}")

    def _give_up(self) -> None:
        self.preview.release("The screen does not answer. Take the picture again.")
        self._show_still()

    def _show_still(self) -> None:
        self._limit.stop()
        self.preview.hold()
        if self.preview.has_frame:
            self._store()
        window = self.window() or self
        window.show()
        window.activateWindow()

    def _store(self, name: str = "") -> None:
        areas = [each for frame in self.frames for each in frame.area.getRect()]
        values = [self.screen_box.currentData(), *areas]
        self._preferences.set(_LAYOUTS, self._preferences.get(_LAYOUTS, {}) | {name: values})
        self.problem = ""
        self._update()

    def _list_screens(self) -> None:
        """List the screens that are there, and take the last layout if its screen is."""
        self.screen_box.clear()
        for number in range(1, len(QGuiApplication.screens()) + 1):
            self.screen_box.addItem(f"Screen {number}", number)
        self.screen_box.setHidden(self.screen_box.count() == 1)
        self._show_layout("")

    def _choose_screen(self) -> None:
        self.problem = _FIRST
        self.preview.release()
        self._update()

    def _keep(self) -> None:
        name, _, _ = self.layouts.currentText().partition(" (")
        if name.strip() and not self.problem:
            size = QGuiApplication.screens()[self.screen_box.currentIndex()].size()
            name = f"{name.strip()} ({size.width()} × {size.height()})"
            self._store(name)
            self._list_layouts(name)

    def _forget(self) -> None:
        kept, name = self._preferences.get(_LAYOUTS, {}), self.layouts.currentText().strip()
        kept = {each: kept[each] for each in kept if not each or each != name}
        self._preferences.set(_LAYOUTS, kept)
        self._list_layouts()

    def _list_layouts(self, name: str = "") -> None:
        self.layouts.clear()
        self.layouts.addItems(filter(None, self._preferences.get(_LAYOUTS, {})))
        self.layouts.setEditText(name)

    def _show_layout(self, name: str) -> None:
        """Put the frames where they were in a layout."""
        match self._preferences.get(_LAYOUTS, {}).get(name):
            case [int(screen), *areas] if [type(each) for each in areas] == 8 * [float]:
                if (index := self.screen_box.findData(screen)) < 0:
                    self._choose_screen()
                    self.problem = f"Screen {screen} of this layout is not there. {_FIRST}"
                    self._update()
                    return
                self.screen_box.setCurrentIndex(index)
                for at, frame in zip((0, 4), self.frames, strict=True):
                    frame.area = QRectF(*areas[at : at + 4])
                self._store()
