from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from PyQt6.QtCore import QSettings

from mirror.settings import Settings
from ui.shell.preferences import Preferences


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kept.ini"


def opened(file: Path) -> Preferences:
    return Preferences(QSettings(str(file), QSettings.Format.IniFormat))


def written(file: Path, name: str, value: object) -> Preferences:
    """As if the file held that text under that name."""
    store = QSettings(str(file), QSettings.Format.IniFormat)
    store.setValue(name, value)
    store.sync()
    return opened(file)


def test_nothing_chosen_gives_the_defaults(file: Path) -> None:
    preferences = opened(file)
    assert preferences.recordings_folder == Path("recordings")
    assert preferences.settings == Settings()
    assert preferences.theme == "system"
    assert preferences.record is True
    assert preferences.sound is False
    assert preferences.skeleton_only is False
    assert preferences.labels == ("A", "B")
    assert preferences.keys == {}
    assert preferences.geometry == b""


def test_every_choice_is_there_at_the_next_start(file: Path) -> None:
    first = opened(file)
    values = {
        "recordings_folder": Path("/tmp/größer, besser; 100 %"),
        "settings": Settings(window=4.0, band=(0.5, 2.5), mapping="same-side"),
        "theme": "dark",
        "record": False,
        "sound": True,
        "skeleton_only": True,
        "labels": ("Anna, 34", 'Ben "B" \\ 🎭'),
        "keys": {"mark": ["Ctrl+,", '"'], "pause": []},
        "geometry": bytes(range(256)),
    }
    for name, value in values.items():
        setattr(first, name, value)
    first.set("page/anything", [1, None, {"x": 0.5}])
    del first
    again = opened(file)
    for name, value in values.items():
        assert getattr(again, name) == value, name
    assert again.get("page/anything", []) == [1, None, {"x": 0.5}]


@pytest.mark.parametrize("damaged", ["", "{", "null", "[1]", '"x"', "7", '{"window": "x"}', b"\0"])
def test_damaged_value_is_as_good_as_none(file: Path, damaged: object) -> None:
    for name in ("recordings folder", "settings", "theme", "record", "sound", "labels", "keys"):
        written(file, name, damaged)
    preferences = written(file, "geometry", damaged)
    assert preferences.settings == Settings()
    assert preferences.theme == "system"
    assert preferences.record is True
    assert preferences.sound is False
    assert preferences.labels == ("A", "B")
    assert set(preferences.keys) <= {"window"}
    assert preferences.geometry in (b"", b"x")


def test_settings_of_another_version_are_the_defaults(file: Path) -> None:
    for text in ('{"gone": 1}', '{"window": -1}', '{"band": [3, 1]}'):
        assert written(file, "settings", text).settings == Settings()
    assert written(file, "settings", '{"window": 4}').settings == Settings(window=4.0)


def test_file_that_is_not_one_gives_the_defaults(file: Path) -> None:
    file.write_bytes(b"\xff\x00[[[=\n=\n%%%")
    assert opened(file).labels == ("A", "B")


def test_value_of_another_type_is_not_taken_for_the_choice(file: Path) -> None:
    preferences = opened(file)
    for kept, default in ((1, True), (True, 1), ("1", 1), ([], {}), (None, "x"), ({}, [])):
        preferences.set("it", kept)
        assert preferences.get("it", default) == default
    preferences.set("it", 2)
    assert preferences.get("it", 0.5) == 2
    assert preferences.get("it", None) == 2


def test_labels_of_blanks_are_none(file: Path) -> None:
    preferences = opened(file)
    preferences.labels = (" ", "B")
    assert preferences.labels == ("A", "B")


def test_the_users_own_file_is_where_the_system_keeps_configuration(tmp_path: Path) -> None:
    Preferences().labels = ("Anna", "Ben")
    assert Preferences().labels == ("Anna", "Ben")
    assert (tmp_path / "configuration" / "mirror" / "mirror.ini").exists()


@pytest.mark.skipif(os.name == "nt", reason="files have no such modes there")
def test_who_sat_there_is_for_the_owner_only(file: Path) -> None:
    before = os.umask(0)
    try:
        preferences = opened(file)
        preferences.labels = ("Anna", "Ben")
        del preferences
        assert b"Anna" in file.read_bytes()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        file.chmod(0o644)  # as it was made once
        opened(file).labels = ("Anna", "Cid")
        assert b"Cid" in file.read_bytes()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    finally:
        os.umask(before)


def test_choices_that_cannot_be_kept_hold_for_now(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    preferences = opened(tmp_path / "taken" / "kept.ini")
    preferences.labels = ("Anna", "Ben")
    assert preferences.labels == ("Anna", "Ben")
