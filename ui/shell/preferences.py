"""What is remembered from one start of the window to the next."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Literal

from PyQt6.QtCore import QSettings

from mirror.errors import SettingsError
from mirror.settings import Settings

ThemeChoice = Literal["system", "light", "dark"]

RECORDINGS: Final = Path("recordings")


class Preferences:
    """The user's preferences, kept in a file of the user's own; every change is kept at once.

    A value that is missing, damaged or of another kind than it should be is as good as none: its
    default takes its place.

    Parameters
    ----------
    store : QSettings, optional
        Where they are kept; ``mirror/mirror.ini`` in the user's configuration folder where left
        out.
    """

    def __init__(self, store: QSettings | None = None) -> None:
        self._store = store if store is not None else _own_store()
        _keep_private(Path(self._store.fileName()))

    def get(self, name: str, default: Any) -> Any:
        """The value of that name, if one of the default's type is kept; else the default.

        Parameters
        ----------
        name : str
            Any name; a slash in it makes a group in the file.
        default : JSON-able
            Numbers count as of one type, and any type will do where it is None.
        """
        text = self._store.value(name)
        if not isinstance(text, str):
            return default
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return default
        return value if _alike(value, default) else default

    def set(self, name: str, value: Any) -> None:
        """Keep a JSON-able value under that name."""
        self._store.setValue(name, json.dumps(value, ensure_ascii=False))

    @property
    def recordings_folder(self) -> Path:
        """Where sessions are recorded and looked for."""
        return Path(self.get("recordings folder", str(RECORDINGS)))

    @recordings_folder.setter
    def recordings_folder(self, folder: Path) -> None:
        self.set("recordings folder", str(folder))

    @property
    def settings(self) -> Settings:
        """The estimator's settings of the last session."""
        try:
            return Settings.from_dict(self.get("settings", {}))
        except (SettingsError, TypeError):
            return Settings()

    @settings.setter
    def settings(self, settings: Settings) -> None:
        self.set("settings", settings.to_dict())

    @property
    def theme(self) -> ThemeChoice:
        """Light, dark, or whatever the system is."""
        match self.get("theme", "system"):
            case "light":
                return "light"
            case "dark":
                return "dark"
            case _:
                return "system"

    @theme.setter
    def theme(self, theme: ThemeChoice) -> None:
        self.set("theme", theme)

    @property
    def record(self) -> bool:
        """Whether sessions are recorded."""
        return bool(self.get("record", default=True))

    @record.setter
    def record(self, record: bool) -> None:
        self.set("record", record)

    @property
    def sound(self) -> bool:
        """Whether the score is heard as a tone."""
        return bool(self.get("sound", default=False))

    @sound.setter
    def sound(self, sound: bool) -> None:
        self.set("sound", sound)

    @property
    def skeleton_only(self) -> bool:
        """Whether people are shown as skeletons alone, without the cameras' pictures."""
        return bool(self.get("skeleton only", default=False))

    @skeleton_only.setter
    def skeleton_only(self, only: bool) -> None:
        self.set("skeleton only", only)

    @property
    def labels(self) -> tuple[str, str]:
        """What the two people are called."""
        match self.get("labels", []):
            case [str(a), str(b)] if a.strip() and b.strip():
                return a, b
            case _:
                return "A", "B"

    @labels.setter
    def labels(self, labels: tuple[str, str]) -> None:
        self.set("labels", list(labels))

    @property
    def consent(self) -> str:
        """What both people must agree to before each session; empty where nothing is asked."""
        return str(self.get("consent", "")).strip()

    @consent.setter
    def consent(self, note: str) -> None:
        self.set("consent", note)

    @property
    def keys(self) -> dict[str, list[str]]:
        """The keys that the user chose, by the shortcut's name; only those unlike the defaults."""
        return {
            name: keys
            for name, keys in self.get("keys", {}).items()
            if isinstance(keys, list) and all(isinstance(key, str) for key in keys)
        }

    @keys.setter
    def keys(self, keys: Mapping[str, Sequence[str]]) -> None:
        self.set("keys", {name: list(each) for name, each in keys.items()})

    @property
    def geometry(self) -> bytes:
        """Size and place of the window, as Qt saves them; empty before the first time."""
        try:
            return base64.b64decode(self.get("geometry", ""), validate=True)
        except (binascii.Error, ValueError):
            return b""

    @geometry.setter
    def geometry(self, geometry: bytes) -> None:
        self.set("geometry", base64.b64encode(geometry).decode("ascii"))


def _own_store() -> QSettings:
    return QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "mirror", "mirror")


def _keep_private(file: Path) -> None:
    """For its owner's eyes only, as it names people; Qt leaves the mode of a file as it is."""
    with suppress(OSError):  # nothing is kept there, then
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.chmod(0o600)


def _alike(value: object, default: object) -> bool:
    if default is None:
        return True
    if isinstance(value, bool) or isinstance(default, bool):
        return isinstance(value, bool) and isinstance(default, bool)
    if isinstance(default, (int, float)):
        return isinstance(value, (int, float))
    return isinstance(value, type(default))
