from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest
from PyQt6.QtCore import QSettings

from mirror.settings import Settings
from ui.shell.preferences import Preferences


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kept.ini"


def open_file(file: Path) -> Preferences:
    return Preferences(QSettings(str(file), QSettings.Format.IniFormat))


def write_value(file: Path, name: str, value: object) -> Preferences:
    """Write a stored value and open the file."""
    store = QSettings(str(file), QSettings.Format.IniFormat)
    store.setValue(name, value)
    store.sync()
    return open_file(file)


@pytest.mark.skipif(sys.platform != "linux", reason="documents have another place elsewhere")
@pytest.mark.parametrize("stored", [None, "recordings", "", "7"])
def test_recordings_go_to_the_documents_wherever_the_program_starts(
    file: Path, tmp_path: Path, stored: str | None
) -> None:
    preferences = open_file(file)
    if stored is not None:
        preferences.set("recordings folder", stored)
    assert preferences.recordings_folder == tmp_path / "Documents" / "Mirror"


def test_defaults(file: Path) -> None:
    preferences = open_file(file)
    assert preferences.settings == Settings()
    assert preferences.theme == "system"
    assert preferences.record is True
    assert preferences.sound is False
    assert preferences.skeleton_only is False
    assert preferences.labels == ("A", "B")
    assert preferences.keys == {}
    assert preferences.geometry == b""


def test_values_are_restored(file: Path) -> None:
    first = open_file(file)
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
    again = open_file(file)
    for name, value in values.items():
        assert getattr(again, name) == value, name
    assert again.get("page/anything", []) == [1, None, {"x": 0.5}]


@pytest.mark.parametrize("damaged", ["", "{", "null", "[1]", '"x"', "7", '{"window": "x"}', b"\0"])
def test_damaged_value_gives_default(file: Path, damaged: object) -> None:
    for name in ("recordings folder", "settings", "theme", "record", "sound", "labels", "keys"):
        write_value(file, name, damaged)
    preferences = write_value(file, "geometry", damaged)
    assert preferences.settings == Settings()
    assert preferences.theme == "system"
    assert preferences.record is True
    assert preferences.sound is False
    assert preferences.labels == ("A", "B")
    assert set(preferences.keys) <= {"window"}
    assert preferences.geometry in (b"", b"x")


def test_unknown_settings_give_defaults(file: Path) -> None:
    for text in ('{"gone": 1}', '{"window": -1}', '{"band": [3, 1]}'):
        assert write_value(file, "settings", text).settings == Settings()
    assert write_value(file, "settings", '{"window": 4}').settings == Settings(window=4.0)


def test_damaged_file_gives_defaults(file: Path) -> None:
    file.write_bytes(b"\xff\x00[[[=\n=\n%%%")
    assert open_file(file).labels == ("A", "B")


def test_value_of_other_type_gives_default(file: Path) -> None:
    preferences = open_file(file)
    for kept, default in ((1, True), (True, 1), ("1", 1), ([], {}), (None, "x"), ({}, [])):
        preferences.set("it", kept)
        assert preferences.get("it", default) == default
    preferences.set("it", 2)
    assert preferences.get("it", 0.5) == 2
    assert preferences.get("it", None) == 2


def test_blank_labels_give_defaults(file: Path) -> None:
    preferences = open_file(file)
    preferences.labels = (" ", "B")
    assert preferences.labels == ("A", "B")


def test_default_file_is_in_configuration_folder(tmp_path: Path) -> None:
    Preferences().labels = ("Anna", "Ben")
    assert Preferences().labels == ("Anna", "Ben")
    assert (tmp_path / "configuration" / "mirror" / "mirror.ini").exists()


@pytest.mark.skipif(os.name == "nt", reason="files have no such modes there")
def test_file_is_private(file: Path) -> None:
    before = os.umask(0)
    try:
        preferences = open_file(file)
        preferences.labels = ("Anna", "Ben")
        del preferences
        assert b"Anna" in file.read_bytes()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        file.chmod(0o644)  # as created by older versions
        open_file(file).labels = ("Anna", "Cid")
        assert b"Cid" in file.read_bytes()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    finally:
        os.umask(before)


def test_unwritable_file_keeps_values_in_memory(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    preferences = open_file(tmp_path / "taken" / "kept.ini")
    preferences.labels = ("Anna", "Ben")
    assert preferences.labels == ("Anna", "Ben")


def test_habits_are_kept_of_known_people_only(file: Path) -> None:
    preferences = open_file(file)
    preferences.people = ["Anna", "Ben"]
    preferences.keep_habits(("Anna", "Nobody"), mapping="mirror", tags=["smile"])
    preferences.keep_habits(("Anna", "Ben"), mapping="same-side")
    again = open_file(file)
    assert again.habits == {
        "Anna": {"mapping": "same-side", "tags": ["smile"]},
        "Ben": {"mapping": "same-side"},
    }
    again.people = ["Ben"]
    again.keep_habits(())
    assert list(again.habits) == ["Ben"]
    again.set("habits", {"Ben": 7})
    assert again.habits == {}
