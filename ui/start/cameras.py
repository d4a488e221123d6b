"""Which cameras are plugged in, watched while the start page is shown, and choosing one of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QObject, Qt, QTimer, pyqtSignal
from PyQt6.QtWidgets import QComboBox, QLineEdit, QVBoxLayout, QWidget

from mirror._support.threads import run_in_thread
from ui.start.source_text import camera_text

if TYPE_CHECKING:
    from mirror.capture.camera import Camera

Lister = Callable[[], "Sequence[Camera]"]

LOOK_EVERY: Final = 1.5
"""Seconds between two looks at what is plugged in."""

TYPING_MS: Final = 600
"""An address or a name counts once nothing was typed for so long."""

_TICK_MS: Final = 100
_NETWORK: Final = "network"


def plugged_in() -> Sequence[Camera]:
    """The cameras of this machine; slow, so never on the window's own thread."""
    from mirror.capture.camera import list_cameras

    return list_cameras()


class CameraWatch(QObject):
    """Looks every 1.5 s, on a thread, which cameras there are.

    Parameters
    ----------
    lister : callable
        Gives the cameras; may take its time.
    """

    changed = pyqtSignal(object)
    """The cameras that are plugged in, as a tuple: the first time, and when it is another one."""

    def __init__(self, lister: Lister = plugged_in, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lister = lister
        self._cameras: tuple[Camera, ...] | None = None
        self._looking: Future[Sequence[Camera]] | None = None
        self._due = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)

    @property
    def cameras(self) -> tuple[Camera, ...] | None:
        """What was seen last; None before the first look has come back."""
        return self._cameras

    def start(self) -> None:
        """Watch, beginning now."""
        self._looking = None  # what an older look finds may be out of date
        self._due = 0.0
        self._timer.start()
        self._tick()

    def stop(self) -> None:
        """Watch no longer."""
        self._timer.stop()

    def _tick(self) -> None:
        now = time.monotonic()
        if self._looking is None:
            if now >= self._due:
                self._due = now + LOOK_EVERY
                self._looking = run_in_thread(self._lister, "looking for cameras")
            return
        if not self._looking.done():
            return
        found, self._looking = self._looking, None
        cameras = tuple(found.result())
        if cameras != self._cameras:
            self._cameras = cameras
            self.changed.emit(cameras)


class CameraPicker(QWidget):
    """One person's camera, by name; or a network address instead.

    A camera stays chosen by its identity, whatever number it gets; one that is pulled out stays
    chosen too, and is said to be missing until it is back.

    Parameters
    ----------
    person : str
        ``A`` or ``B``, for screen readers; or "both people".
    place : int
        Which camera of the list to begin with, 0 being the first.
    identity : str
        The camera that was chosen last time; it comes before `place` where it is plugged in.
    """

    changed = pyqtSignal()
    """Another camera or address was chosen, or the chosen one came or went."""

    def __init__(
        self, person: str, place: int = 0, identity: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._place = place
        self._identity = identity
        self._cameras: tuple[Camera, ...] | None = None
        self._gone: Camera | None = None
        self._box = QComboBox(self)
        self._box.setAccessibleName(f"Camera of {person}")
        self._box.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self._box.setMinimumContentsLength(18)
        self._box.activated.connect(self._choose)
        self._address = QLineEdit(self)
        self._address.setAccessibleName(f"Network address of {person}")
        self._address.setPlaceholderText("rtsp:// or http:// address")
        self._address.editingFinished.connect(self._typed)
        # A click on a button does not take the focus away, so the field's own end may never come.
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(TYPING_MS)
        self._pause.timeout.connect(self._typed)
        self._address.textEdited.connect(self._pause.start)
        self._address.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._box)
        column.addWidget(self._address)
        self.setFocusProxy(self._box)
        self._fill()

    @property
    def identity(self) -> str:
        """Identity of the chosen camera, also where it is missing; empty for none or an address."""
        return "" if self._is_network else self._identity

    @property
    def camera(self) -> Camera | None:
        """The chosen camera, where it is plugged in."""
        if self._is_network:
            return None
        return next((each for each in self._cameras or () if each.identity == self._identity), None)

    @property
    def source(self) -> str:
        """The text that opens what is chosen; empty where nothing can be opened."""
        if self._is_network:
            return self._address.text().strip()
        camera = self.camera
        return "" if camera is None else camera_text(camera, self._cameras or ())

    @property
    def problem(self) -> str:
        """What is missing, in words; empty where nothing is."""
        if self.source:
            return ""
        if self._is_network:
            return "Give the network address, such as rtsp://192.0.2.7/stream."
        return self._no_camera()

    def set_cameras(self, cameras: Sequence[Camera]) -> None:
        """Show the cameras that are plugged in now."""
        before = self.camera
        first = self._cameras is None
        self._cameras = tuple(cameras)
        if self.camera is None:
            if before is not None:
                self._gone = before
            elif (first or not self._identity) and self._gone is None:
                at = self._place
                self._identity = cameras[at].identity if at < len(cameras) else ""
        else:
            self._gone = None
        self._fill()
        self.changed.emit()

    def _no_camera(self) -> str:
        if self._cameras is None:
            return "Looking for cameras …"
        if self._gone is not None:
            return f"{self._gone.name} is unplugged. Plug it in again, or choose another camera."
        if not self._cameras:
            return "No camera is plugged in. Plug one in, give a network address, or try the demo."
        if self._place >= len(self._cameras):
            return "There is no second camera. Plug one in, or use “One camera, two people”."
        return "Choose a camera."

    @property
    def _is_network(self) -> bool:
        return bool(self._box.currentData() == _NETWORK)

    def _fill(self) -> None:
        is_network = self._is_network
        self._box.clear()
        chosen = 0
        cameras = self._cameras or ()
        for camera in cameras:
            is_twin = sum(each.name == camera.name for each in cameras) > 1
            named = f"{camera.name} ({camera.path or camera.index})" if is_twin else camera.name
            self._box.addItem(named, camera.identity)
            self._box.setItemData(self._box.count() - 1, camera.path, Qt.ItemDataRole.ToolTipRole)
            if camera.identity == self._identity:
                chosen = self._box.count() - 1
        if all(camera.identity != self._identity for camera in cameras):
            name = "No camera" if self._gone is None else f"{self._gone.name} (unplugged)"
            if self._cameras is None:
                name = "Looking for cameras …"
            self._box.insertItem(0, name, self._identity)
            chosen = 0
        self._box.addItem("Network address …", _NETWORK)
        self._box.setCurrentIndex(self._box.count() - 1 if is_network else chosen)

    def _typed(self) -> None:
        self._pause.stop()
        self.changed.emit()

    def _choose(self, index: int) -> None:
        data = self._box.itemData(index)
        self._address.setVisible(data == _NETWORK)
        if data == _NETWORK:
            self._address.setFocus()
        else:
            self._identity = data
            if self.camera is not None:
                self._gone = None
                self._fill()
        self.changed.emit()
