"""The course of a session's settings: those it began with, and every change on the way."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from mirror.errors import SettingsError
from mirror.settings import Settings


@dataclass(frozen=True, slots=True)
class Change:
    """Other settings, from a moment on.

    Attributes
    ----------
    time_s : float
        The last tick of the grid that was scored as before, seconds on the session's clock.
    settings : Settings
        In force for every later tick; of the same rate, as the grid goes on.
    """

    time_s: float
    settings: Settings


@dataclass(frozen=True, slots=True)
class Course:
    """All settings of a session, in order of time.

    Attributes
    ----------
    first : Settings
        Those the session began with.
    changes : tuple of Change
        In order of time; empty in most sessions.
    """

    first: Settings
    changes: tuple[Change, ...] = ()

    @property
    def last(self) -> Settings:
        """The settings in force at the end."""
        return self.changes[-1].settings if self.changes else self.first

    def in_words(self) -> list[tuple[float, str]]:
        """Since when (s) which settings were others, one entry a change."""
        before = [self.first, *(each.settings for each in self.changes)]
        return [
            (each.time_s, in_words(earlier, each.settings))
            for earlier, each in zip(before, self.changes, strict=False)
        ]

    def to_session(self) -> dict[str, Any]:
        """The keys of a recording's ``session`` table that say the same."""
        found: dict[str, Any] = {
            "settings": self.first.to_dict(),
            "mapping": self.first.mapping,
        }
        if self.changes:
            found["changes"] = [
                {"time_s": each.time_s, "settings": each.settings.to_dict()}
                for each in self.changes
            ]
        return found

    @classmethod
    def from_session(cls, session: Mapping[str, Any]) -> Course:
        """The course that a recording's ``session`` table tells of.

        Raises
        ------
        SettingsError
            Where it cannot be understood.
        """
        first = Settings.from_dict(session.get("settings", {}))
        return cls(first, tuple(_change(each, first) for each in _list(session)))


def in_words(before: Settings | None, after: Settings) -> str:
    """What differs after, in words such as "window 10 s, hop 0.2 s"; all if `before` is None."""
    return ", ".join(
        f"{name.replace('_', '-')} {_value(getattr(after, name))}{_UNITS.get(name, '')}"
        for name in (field.name for field in fields(Settings))
        if before is None or getattr(after, name) != getattr(before, name)
    )


_UNITS = {"window": " s", "hop": " s", "band": " Hz", "max_lag": " s", "rate": " Hz"}


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return "–".join(f"{each:g}" for each in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _list(session: Mapping[str, Any]) -> list[Any]:
    changes = session.get("changes", [])
    if not isinstance(changes, list):
        raise SettingsError("the changes of its settings are no list")
    return changes


def _change(stored: Any, first: Settings) -> Change:
    time_s = stored.get("time_s") if isinstance(stored, dict) else None
    if not isinstance(time_s, (int, float)) or not math.isfinite(time_s):
        raise SettingsError("a change of its settings has no time")
    values = stored.get("settings")
    if not isinstance(values, dict):
        raise SettingsError("a change of its settings has none")
    settings = Settings.from_dict(values)
    check_change(first, settings)
    return Change(float(time_s), settings)


def check_change(before: Settings, after: Settings) -> None:
    """Raise SettingsError where one cannot follow the other in a session."""
    if after.rate != before.rate:
        raise SettingsError(
            f"rate stays {before.rate:g} Hz while a session runs; "
            f"score the recording again at {after.rate:g} Hz afterwards"
        )
