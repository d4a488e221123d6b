"""What the program is, under which licence, and what becomes of the pictures."""

from __future__ import annotations

from importlib import metadata
from typing import Final

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QMessageBox, QWidget

_TEXT: Final = """\
<p><b>mirror {version}</b> measures how two people's movement is coordinated. It measures
coordination, not rapport, and no score is better than another.</p>
<p><b>Privacy.</b> Everything happens on this computer; nothing is sent anywhere. A recording holds
the positions of joints, the scores and your notes. Pictures are kept only where you choose to
store video.</p>
<p><b>Licence.</b> Free software under the GNU General Public License, version 3 or later, without
any warranty. It uses Qt and PyQt6, OpenCV and MediaPipe.</p>"""


class AboutWindow(QMessageBox):
    """A small window over `parent`; open it with ``open()``."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("About mirror, and privacy")
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setText(_TEXT.format(version=_version()))
        self.setStandardButtons(QMessageBox.StandardButton.Close)


def _version() -> str:
    try:
        return metadata.version("mirror-synchrony")
    except metadata.PackageNotFoundError:  # run from the folder, not installed
        return ""
