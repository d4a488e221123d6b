"""The settings of a session through its changes, and how a recording keeps them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mirror import MirrorError, Recording, Settings
from mirror.recording.writer import Recorder
from mirror.settings_history import Change, SettingsHistory, describe_settings

FIRST = Settings()
SECOND = Settings(window=10.0, mapping="same-side")
THIRD = SECOND.changed(band=(0.5, 2.0), floor=0.05)
COURSE = SettingsHistory(FIRST, (Change(4.5, SECOND), Change(60.25, THIRD)))


def test_json_round_trip() -> None:
    assert SettingsHistory.from_session(json.loads(json.dumps(COURSE.to_session()))) == COURSE
    assert SettingsHistory.from_session(
        json.loads(json.dumps(SettingsHistory(SECOND).to_session()))
    ) == SettingsHistory(SECOND)
    assert "changes" not in SettingsHistory(SECOND).to_session()


def test_last_settings() -> None:
    assert COURSE.last == THIRD
    assert SettingsHistory(SECOND).last == SECOND


def test_changes_are_described_by_their_differences() -> None:
    assert COURSE.describe_changes() == [
        (4.5, "window 10 s, mapping same-side"),
        (60.25, "band 0.5–2 Hz, floor 0.05"),
    ]
    assert describe_settings(FIRST, FIRST) == ""
    assert describe_settings(None, FIRST) == (
        "window 6 s, taper lopsided, hop 0.1 s, band 0.2–3 Hz, max-lag 2 s, mapping mirror, "
        "rate 30 Hz, floor 0"
    )


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"time_s": 1.0}, "not a list"),
        ([7], "has no time"),
        ([{"time_s": None, "settings": {}}], "has no time"),
        ([{"time_s": 1.0, "settings": 3}], "has none"),
        ([{"time_s": 1.0, "settings": {"windw": 3}}], "windw"),
        ([{"time_s": 1.0, "settings": {"rate": 60.0}}], "rate stays 30 Hz"),
    ],
)
def test_error_about_damaged_changes_names_the_file(
    tmp_path: Path, changes: object, says: str
) -> None:
    about = {"settings": FIRST.to_dict(), "changes": changes}
    Recorder(tmp_path / "s.mirror", about).close()
    with (
        Recording.open(tmp_path / "s.mirror") as recording,
        pytest.raises(MirrorError) as caught,
    ):
        _ = recording.settings
    assert str(tmp_path / "s.mirror") in str(caught.value)
    assert "is damaged" in str(caught.value)
    assert says in str(caught.value)
