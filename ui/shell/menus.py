"""The menu bar and the About window."""

from collections.abc import Sequence
from importlib import metadata
from typing import Final

from PyQt6.QtCore import QObject, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QActionGroup
from PyQt6.QtWidgets import QMainWindow, QMessageBox, QWidget

from ui.shell.preferences import Preferences, ThemeChoice
from ui.shell.shortcuts import Keys
from ui.shell.theme import theme
from ui.widgets.build import known

_THEMES: Final[dict[ThemeChoice, str]] = {
    "system": "As the system",
    "light": "Light",
    "dark": "Dark",
}

_ABOUT: Final = """\
<p><b>mirror {version}</b> measures how two people's movement is coordinated. It measures
coordination, not rapport, and no score is better than another.</p>
<p><b>Privacy.</b> Everything happens on this computer; nothing is sent anywhere. A recording holds
joint positions, scores and your notes. Video is stored only if you choose so.</p>
<p><b>Licence.</b> Free software under the GNU General Public License, version 3 or later, without
any warranty. It uses Qt and PyQt6, OpenCV and MediaPipe.</p>"""


class AboutWindow(QMessageBox):
    """Version, privacy and licence, in a dialog over `parent`."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("About mirror, and privacy")
        self.setTextFormat(Qt.TextFormat.RichText)
        try:
            version = metadata.version("mirror-synchrony")
        except metadata.PackageNotFoundError:  # run from the source tree, not installed
            version = ""
        self.setText(_ABOUT.format(version=version))
        self.setStandardButtons(QMessageBox.StandardButton.Close)


class Menus(QObject):
    """The menus of a window, which "Quit" closes."""

    open_triggered = pyqtSignal()
    start_page_triggered = pyqtSignal()
    help_triggered = pyqtSignal()

    def __init__(self, window: QMainWindow, preferences: Preferences, keys: Keys) -> None:
        super().__init__(window)
        self._preferences = preferences
        bar = known(window.menuBar())
        file, self._page_menu, view, help_ = (
            known(bar.addMenu(title)) for title in ("&File", "&Session", "&View", "&Help")
        )
        file.addAction(keys.action(window, "open", self.open_triggered.emit))
        file.addAction(keys.action(window, "start page", self.start_page_triggered.emit))
        self._file, self._separator = file, file.addSeparator()
        self._export: QAction | None = None
        file.addAction(keys.action(window, "quit", window.close))

        themes = QActionGroup(self)
        self._themes: dict[ThemeChoice, QAction] = {}
        for choice, text in _THEMES.items():
            action = QAction(text, themes)
            action.setCheckable(True)
            action.setChecked(choice == preferences.theme)
            action.triggered.connect(lambda _on, chosen=choice: self._choose_theme(chosen))
            self._themes[choice] = action
        known(view.addMenu("Theme")).addActions(themes.actions())
        view.addAction(keys.action(window, "theme", self._next_theme))

        help_.addAction(keys.action(window, "help", self.help_triggered.emit))
        about = QAction("About mirror, and privacy", self)
        about.triggered.connect(lambda: AboutWindow(window).open())
        help_.addAction(about)

    def show_page(
        self, title: str, actions: Sequence[QAction], export: QAction | None = None
    ) -> None:
        """Show a page's actions in its menu, hidden if none; `export` goes into the File menu."""
        if self._export is not None:
            self._file.removeAction(self._export)
        self._export = export
        if export is not None:
            self._file.insertAction(self._separator, export)
        others = [action for action in actions if action is not export]
        self._page_menu.clear()
        self._page_menu.setTitle(title)
        self._page_menu.addActions(others)
        known(self._page_menu.menuAction()).setVisible(bool(others))

    def _next_theme(self) -> None:
        order = list(_THEMES)
        self._choose_theme(order[(order.index(self._preferences.theme) + 1) % len(order)])

    def _choose_theme(self, choice: ThemeChoice) -> None:
        self._preferences.theme = choice
        self._themes[choice].setChecked(True)
        theme().choose(choice)
