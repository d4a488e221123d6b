"""Read settings from a file as a command does."""

from __future__ import annotations

from pathlib import Path

from mirror.cli.options import Chosen
from mirror.settings import Settings, read_values


def read_settings(path: Path, base: Settings | None = None) -> Settings:
    """Return settings of a TOML file over those of `base`; raise SettingsError naming the file."""
    return Chosen(read_values(path), path)(base or Settings())
