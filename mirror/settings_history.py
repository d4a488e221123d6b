"""The settings of a session: the first ones, and every change."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from mirror.errors import SettingsError
from mirror.settings import Settings


@dataclass(frozen=True, slots=True)
class Change:
    """Settings from a time on."""

    # The last tick of the grid with the previous settings, seconds on the session's clock.
    time_s: float
    settings: Settings  # those of every later tick; with the same rate, as the grid continues


@dataclass(frozen=True, slots=True)
class SettingsHistory:
    """All settings of a session, in order of time."""

    first: Settings
    changes: tuple[Change, ...] = ()

    @property
    def last(self) -> Settings:
        """The settings in force at the end."""
        return self.changes[-1].settings if self.changes else self.first

    def describe_changes(self) -> list[tuple[float, str]]:
        """Return the time (s) of each change, and which settings it changed."""
        before = [self.first, *(each.settings for each in self.changes)]
        return [
            (each.time_s, describe_settings(earlier, each.settings))
            for earlier, each in zip(before, self.changes, strict=False)
        ]

    def to_session(self) -> dict[str, Any]:
        """Return the keys of a recording's ``session`` table."""
        stored: dict[str, Any] = {"settings": self.first.to_dict(), "mapping": self.first.mapping}
        if self.changes:
            stored["changes"] = [
                {"time_s": each.time_s, "settings": each.settings.to_dict()}
                for each in self.changes
            ]
        return stored

    @classmethod
    def from_session(cls, session: Mapping[str, Any]) -> "SettingsHistory":
        """Parse a recording's ``session`` table; raise SettingsError if it is damaged."""
        first = Settings.from_dict(session.get("settings", {}))
        changes = session.get("changes", [])
        if not isinstance(changes, list):
            raise SettingsError("the changes of its settings are not a list")
        return cls(first, tuple(_parse_change(each, first) for each in changes))


def describe_settings(before: Settings | None, after: Settings) -> str:
    """Describe what differs, as in "window 10 s, hop 0.2 s"; all settings if `before` is None."""
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


def _parse_change(stored: Any, first: Settings) -> Change:
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
    """Raise SettingsError if one cannot follow the other in a session."""
    if after.rate != before.rate:
        raise SettingsError(
            f"rate stays {before.rate:g} Hz while a session runs; "
            f"score the recording again at {after.rate:g} Hz afterwards"
        )
