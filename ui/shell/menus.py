"""The menu bar: what can be done everywhere, and on the page that is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QAction, QActionGroup
from PyQt6.QtWidgets import QMainWindow, QMenu

from ui.shell.about import AboutWindow
from ui.shell.preferences import Preferences, ThemeChoice
from ui.shell.shortcuts import Keys
from ui.shell.theme import theme

_THEMES: Final[dict[ThemeChoice, str]] = {
    "system": "As the system",
    "light": "Light",
    "dark": "Dark",
}


class Menus(QObject):
    """The menus of a window.

    Parameters
    ----------
    window : QMainWindow
        It gets the menu bar, and is closed by "Quit".
    preferences : Preferences
        Remembers the theme.
    keys : Keys
        What the menus' actions can be done by.
    """

    open_file = pyqtSignal()
    start_page = pyqtSignal()
    help = pyqtSignal()

    def __init__(self, window: QMainWindow, preferences: Preferences, keys: Keys) -> None:
        super().__init__(window)
        self._preferences = preferences
        bar = window.menuBar()
        assert bar is not None
        file, self._of_page, view, help_ = (
            _added(bar.addMenu(title)) for title in ("&File", "&Session", "&View", "&Help")
        )
        file.addAction(keys.action(window, "open", self.open_file.emit))
        file.addAction(keys.action(window, "start page", self.start_page.emit))
        self._file, self._end = file, file.addSeparator()
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
        _added(view.addMenu("Theme")).addActions(themes.actions())
        view.addAction(keys.action(window, "theme", self._next_theme))

        help_.addAction(keys.action(window, "help", self.help.emit))
        about = QAction("About mirror, and privacy", self)
        about.triggered.connect(lambda: AboutWindow(window).open())
        help_.addAction(about)

    def show_page(
        self, title: str, actions: Sequence[QAction], export: QAction | None = None
    ) -> None:
        """A menu of what can be done on the page that is shown; none where that is nothing.

        Parameters
        ----------
        title : str
        actions : sequence of QAction
        export : QAction, optional
            One of them, which stands among what is done with files.
        """
        if self._export is not None:
            self._file.removeAction(self._export)
        self._export = export
        if export is not None:
            self._file.insertAction(self._end, export)
        others = [action for action in actions if action is not export]
        self._of_page.clear()
        self._of_page.setTitle(title)
        self._of_page.addActions(others)
        opens = self._of_page.menuAction()
        assert opens is not None
        opens.setVisible(bool(others))

    def _next_theme(self) -> None:
        order = list(_THEMES)
        self._choose_theme(order[(order.index(self._preferences.theme) + 1) % len(order)])

    def _choose_theme(self, choice: ThemeChoice) -> None:
        self._preferences.theme = choice
        self._themes[choice].setChecked(True)
        theme().choose(choice)


def _added(menu: QMenu | None) -> QMenu:
    assert menu is not None
    return menu
