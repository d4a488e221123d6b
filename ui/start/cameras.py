"""Monitor the connected cameras, and choose one of them or a network address."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Final

from PyQt6.QtCore import QObject, Qt, pyqtSignal
from PyQt6.QtWidgets import QComboBox, QLineEdit, QWidget

from mirror._support.threads import run_in_thread
from mirror.capture.camera import Camera, list_cameras
from ui.start.source_text import camera_text
from ui.widgets.build import timer, vertical

Lister = Callable[[], Sequence[Camera]]

SCAN_INTERVAL_S: Final = 1.5
TYPING_PAUSE_MS: Final = 600

_TICK_MS: Final = 100
_NETWORK: Final = "network"
_SCANNING: Final = "Looking for cameras…"


class CameraMonitor(QObject):
    """Lists the connected cameras every 1.5 s, on a thread."""

    changed = pyqtSignal(object)  # connected cameras, a tuple: after the first scan and any change

    def __init__(self, lister: Lister = list_cameras, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lister = lister
        self.cameras: tuple[Camera, ...] | None = None
        """The cameras of the last scan; None before the first one has finished."""
        self._scan: Future[Sequence[Camera]] | None = None
        self._due = 0.0
        self._timer = timer(self, _TICK_MS, self._tick)

    def start(self) -> None:
        self._scan = None  # the result of an older scan may be out of date
        self._due = 0.0
        self._timer.start()
        self._tick()

    def stop(self) -> None:
        self._timer.stop()

    def _tick(self) -> None:
        now = time.monotonic()
        if self._scan is None:
            if now >= self._due:
                self._due = now + SCAN_INTERVAL_S
                self._scan = run_in_thread(self._lister, "camera scan")
            return
        if not self._scan.done():
            return
        scan, self._scan = self._scan, None
        cameras = tuple(scan.result())
        if cameras != self.cameras:
            self.cameras = cameras
            self.changed.emit(cameras)


class SourceEdit(QLineEdit):
    """A line edit for an address or a file name.

    Clicking a button does not take the focus, so `editingFinished` alone could come too late.
    """

    settled = pyqtSignal()  # editing ended, or nothing was typed for 0.6 s

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._timer = timer(self, TYPING_PAUSE_MS, self.settled, once=True)
        self.textEdited.connect(self._timer.start)
        self.editingFinished.connect(self._finish)

    @property
    def source(self) -> str:
        """The text without surrounding spaces."""
        return self.text().strip()

    def _finish(self) -> None:
        self._timer.stop()
        self.settled.emit()


class CameraPicker(QWidget):
    """Chooses one person's camera by name, or a network address.

    The choice is kept by the camera's identity, whatever number it gets. An unplugged camera stays
    chosen, and is reported as missing until it is back. The person, ``A``, ``B`` or "both people",
    is named for screen readers. If the camera chosen last time, by `identity`, is connected, it is
    preferred to the default one, at `place` in the list. Without any, it says what to do `instead`.
    """

    changed = pyqtSignal()  # another source was chosen, or the chosen camera was plugged in or out

    def __init__(
        self, person: str, place: int = 0, identity: str = "", *, instead: str = "try the demo"
    ) -> None:
        super().__init__()
        self._instead = instead
        self._place = place
        self._identity = identity
        self._cameras: tuple[Camera, ...] | None = None
        self._unplugged: Camera | None = None
        self._box = QComboBox(self)
        self._box.setAccessibleName(f"Camera of {person}")
        self._box.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self._box.setMinimumContentsLength(18)
        self._box.activated.connect(self._choose)
        self._address = SourceEdit(self)
        self._address.setAccessibleName(f"Network address of {person}")
        self._address.setPlaceholderText("rtsp:// or http:// address")
        self._address.settled.connect(self.changed)
        self._address.hide()
        vertical(self._box, self._address, inside=self)
        self.setFocusProxy(self._box)
        self._fill()

    @property
    def identity(self) -> str:
        """Identity of the chosen camera, even if unplugged; empty for none or an address."""
        return "" if self._is_network else self._identity

    @property
    def camera(self) -> Camera | None:
        if self._is_network:
            return None
        return next((each for each in self._cameras or () if each.identity == self._identity), None)

    @property
    def source(self) -> str:
        """The text that opens the chosen source; empty if there is none."""
        if self._is_network:
            return self._address.source
        camera = self.camera
        return "" if camera is None else camera_text(camera, self._cameras or ())

    @property
    def problem(self) -> str:
        """What is missing and what to do; empty if nothing is."""
        if self.source:
            return ""
        if self._is_network:
            return "Enter the network address, such as rtsp://192.0.2.7/stream."
        return self._camera_problem()

    def set_cameras(self, cameras: Sequence[Camera]) -> None:
        before = self.camera
        is_first = self._cameras is None
        self._cameras = tuple(cameras)
        if self.camera is not None:
            self._unplugged = None
        elif before is not None:
            self._unplugged = before
        elif (is_first or not self._identity) and self._unplugged is None:
            place = self._place
            self._identity = cameras[place].identity if place < len(cameras) else ""
        self._fill()
        self.changed.emit()

    def _camera_problem(self) -> str:
        if self._cameras is None:
            return _SCANNING
        if self._unplugged is not None:
            name = self._unplugged.name
            return f"{name} is unplugged. Plug it in again, or choose another camera."
        if not self._cameras:
            start = "No camera is connected. Connect one, enter a network address"
            return f"{start}, or {self._instead}."
        if self._place >= len(self._cameras):
            return "There is no second camera. Connect one, or use “One camera, two people”."
        return "Choose a camera."

    @property
    def _is_network(self) -> bool:
        return bool(self._box.currentData() == _NETWORK)

    def _fill(self) -> None:
        is_network = self._is_network
        self._box.clear()
        current = 0
        cameras = self._cameras or ()
        for camera in cameras:
            is_twin = sum(each.name == camera.name for each in cameras) > 1
            name = f"{camera.name} ({camera.path or camera.index})" if is_twin else camera.name
            self._box.addItem(name, camera.identity)
            self._box.setItemData(self._box.count() - 1, camera.path, Qt.ItemDataRole.ToolTipRole)
            if camera.identity == self._identity:
                current = self._box.count() - 1
        if all(camera.identity != self._identity for camera in cameras):
            name = "No camera" if self._unplugged is None else f"{self._unplugged.name} (unplugged)"
            self._box.insertItem(0, _SCANNING if self._cameras is None else name, self._identity)
            current = 0
        self._box.addItem("Network address…", _NETWORK)
        self._box.setCurrentIndex(self._box.count() - 1 if is_network else current)

    def _choose(self, index: int) -> None:
        data = self._box.itemData(index)
        self._address.setVisible(data == _NETWORK)
        if data == _NETWORK:
            self._address.setFocus()
        else:
            self._identity = data
            if self.camera is not None:
                self._unplugged = None
                self._fill()
        self.changed.emit()
