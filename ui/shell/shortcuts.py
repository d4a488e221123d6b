"""The table of shortcuts, for actions, tooltips and the help window."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QWidget

from ui.shell.preferences import Preferences

EVERYWHERE: Final = "Everywhere"
RECORDINGS: Final = "List of recordings"
SESSION: Final = "Session"
REPLAY: Final = "Replay"
STUDY: Final = "Study"


@dataclass(frozen=True)
class Shortcut:
    """An action with keys."""

    name: str
    keys: tuple[str, ...]  # the defaults, as "Ctrl+Z", the preferred one first
    group: str  # where it works: `EVERYWHERE`, `RECORDINGS`, `STUDY` …
    text: str  # for menus and the help window
    repeats: bool = False  # whether holding the key down repeats it


SHORTCUTS: Final = (
    Shortcut("help", ("?", "F1"), EVERYWHERE, "Keyboard shortcuts"),
    Shortcut("start page", ("Ctrl+Home",), EVERYWHERE, "Start page"),
    Shortcut("open", ("Ctrl+O",), EVERYWHERE, "Open a recording or a study"),
    Shortcut("theme", ("Ctrl+T",), EVERYWHERE, "Next theme: system, light, dark"),
    Shortcut("quit", ("Ctrl+Q",), EVERYWHERE, "Quit"),
    Shortcut("search", ("Ctrl+F", "/"), RECORDINGS, "Search"),
    Shortcut("rename", ("F2",), RECORDINGS, "Rename…"),
    Shortcut("delete", ("Del",), RECORDINGS, "Delete…"),
    Shortcut("anonymize", ("Ctrl+Shift+A",), RECORDINGS, "Anonymize a copy"),
    Shortcut("pause", ("Space",), SESSION, "Pause or resume"),
    Shortcut("stop", ("Ctrl+.",), SESSION, "Stop the session"),
    Shortcut("mark", ("M",), SESSION, "Mark an event"),
    Shortcut("mark with note", ("Shift+M",), SESSION, "Mark an event with a note"),
    *(
        Shortcut(f"tag {digit}", (digit,), SESSION, f"Mark with tag {digit}, named in Details")
        for digit in "123456789"
    ),
    Shortcut("coach view", ("F11",), SESSION, "Coach view: one meter, full screen"),
    Shortcut("goal", ("G",), SESSION, "Set a goal, or begin an exercise"),
    Shortcut("again", ("R",), SESSION, "Show the last 15 s again, at half speed; or the session"),
    Shortcut("exchange", ("X",), SESSION, "Exchange A and B, of two people in one frame"),
    Shortcut("now", ("N",), SESSION, "Timeline: back to now"),
    Shortcut("full view", ("V",), SESSION, "Show everything, or one meter and the sentence"),
    Shortcut("skeleton only", ("S",), SESSION, "Show skeletons only"),
    Shortcut("sound", ("T",), SESSION, "Play the score as a tone"),
    Shortcut("play or pause", ("Space", "K"), REPLAY, "Play or pause"),
    Shortcut("back", ("J",), REPLAY, "Play backwards; again, faster"),
    Shortcut("forward", ("L",), REPLAY, "Play forwards; again, faster"),
    Shortcut("second back", ("Shift+Left",), REPLAY, "One second back", repeats=True),
    Shortcut("second forward", ("Shift+Right",), REPLAY, "One second forward", repeats=True),
    Shortcut("frame back", ("Left",), REPLAY, "One frame back", repeats=True),
    Shortcut("frame forward", ("Right",), REPLAY, "One frame forward", repeats=True),
    Shortcut("to start", ("Home",), REPLAY, "To the start"),
    Shortcut("to end", ("End",), REPLAY, "To the end"),
    Shortcut("skeletons", ("S",), REPLAY, "Show skeletons only, without stored video"),
    Shortcut("slower", ("-",), REPLAY, "Slower", repeats=True),
    Shortcut("faster", ("+", "="), REPLAY, "Faster", repeats=True),
    Shortcut("selection start", ("[",), REPLAY, "Selection starts here"),
    Shortcut("selection end", ("]",), REPLAY, "Selection ends here"),
    Shortcut("loop", ("O",), REPLAY, "Loop the selection"),
    Shortcut("previous event", ("P", "PgUp"), REPLAY, "Previous event", repeats=True),
    Shortcut("next event", ("N", "PgDown"), REPLAY, "Next event", repeats=True),
    Shortcut("previous moment", ("Shift+B",), REPLAY, "Previous best moment", repeats=True),
    Shortcut("next moment", ("B",), REPLAY, "Next best moment", repeats=True),
    Shortcut("add event", ("M",), REPLAY, "Add an event here"),
    Shortcut("delete event", ("Del",), REPLAY, "Delete the chosen event"),
    Shortcut("exchange here", ("X",), REPLAY, "Exchange A and B from here on, or in the selection"),
    Shortcut("undo", ("Ctrl+Z",), REPLAY, "Undo", repeats=True),
    Shortcut("redo", ("Ctrl+Shift+Z", "Ctrl+Y"), REPLAY, "Redo", repeats=True),
    Shortcut("export", ("Ctrl+E",), REPLAY, "Export"),
    Shortcut("sort", ("Ctrl+Shift+S",), STUDY, "Sort by the current column; again, backwards"),
)

_BY_NAME: Final = {shortcut.name: shortcut for shortcut in SHORTCUTS}


def _overlap(one: str, other: str) -> bool:
    groups = {_BY_NAME[one].group, _BY_NAME[other].group}
    return len(groups) == 1 or EVERYWHERE in groups


class Keys(QObject):
    """The keys of every shortcut: the user's, or else the defaults."""

    changed = pyqtSignal()

    def __init__(self, preferences: Preferences, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._preferences = preferences
        # Those that Qt writes back as they were read: others are damaged.
        self._custom = {
            name: keys
            for name, keys in preferences.keys.items()
            if name in _BY_NAME
            and all(key and QKeySequence(key).toString(_PORTABLE) == key for key in keys)
        }

    def keys(self, name: str) -> list[QKeySequence]:
        """Return the keys of a shortcut, the preferred one first.

        A default key is missing if the user chose it for another shortcut that would collide.
        """
        chosen = self._custom
        taken = {key for other in chosen if _overlap(other, name) for key in chosen[other]}
        defaults = [key for key in _BY_NAME[name].keys if key not in taken]
        return [QKeySequence(key) for key in chosen.get(name, defaults)]

    def text(self, name: str) -> str:
        """Return the keys of a shortcut in the system's notation, for labels."""
        return ", ".join(key.toString(_NATIVE) for key in self.keys(name))

    def conflict(self, name: str, key: QKeySequence) -> Shortcut | None:
        """Return the shortcut that has this key in an overlapping group, or None."""
        for other in SHORTCUTS:
            may_collide = other.name != name and _overlap(other.name, name)
            if may_collide and key in self.keys(other.name):
                return other
        return None

    def rebind(self, name: str, keys: Sequence[QKeySequence]) -> None:
        """Set the keys of a shortcut, without checking for conflicts."""
        portable = [key.toString(_PORTABLE) for key in keys]
        if portable == [QKeySequence(key).toString(_PORTABLE) for key in _BY_NAME[name].keys]:
            self._custom.pop(name, None)
        else:
            self._custom[name] = portable
        self._save()

    def reset(self) -> None:
        self._custom.clear()
        self._save()

    def action(self, parent: QWidget, name: str, slot: Callable[[], object]) -> QAction:
        """Add an action to `parent` with the text, keys and tooltip of a shortcut.

        Its keys work while `parent` is visible and enabled in the active window.
        """
        action = _Action(self, _BY_NAME[name], parent)
        action.triggered.connect(lambda _checked: slot())
        parent.addAction(action)
        return action

    def _save(self) -> None:
        self._preferences.keys = dict(self._custom)
        self.changed.emit()


_NATIVE: Final = QKeySequence.SequenceFormat.NativeText
_PORTABLE: Final = QKeySequence.SequenceFormat.PortableText


class _Action(QAction):
    """An action that follows changes of its keys."""

    def __init__(self, keys: Keys, shortcut: Shortcut, parent: QWidget) -> None:
        super().__init__(shortcut.text, parent)
        self._keys, self._name = keys, shortcut.name
        self.setAutoRepeat(shortcut.repeats)
        keys.changed.connect(self._update)
        self._update()

    def _update(self) -> None:
        self.setShortcuts(self._keys.keys(self._name))
        keys = self._keys.text(self._name)
        self.setToolTip(f"{self.text()} ({keys})" if keys else self.text())
