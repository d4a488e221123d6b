"""Settings: defaults, limits, TOML, and the names they go by."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror import MirrorError, Settings
from mirror.errors import SettingsError
from tests.support.settings_files import read_settings
from tests.support.texts import CHARACTERS


def test_defaults() -> None:
    assert Settings().to_dict() == {
        "window": 6.0,
        "taper": "lopsided",
        "hop": 0.1,
        "band": (0.2, 3.0),
        "max-lag": 2.0,
        "mapping": "mirror",
        "rate": 30.0,
        "floor": 0.0,
    }


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"window": 2.0, "band": (0.2, 3.0)}, "use a window of 5 s or more, or a band from 0.5 Hz"),
        ({"window": 0.3}, "window 0.3 s is too short"),
        ({"window": 0.0}, "window must be a positive number"),
        ({"window": float("nan")}, "window must be a positive number"),
        ({"window": "6"}, "window must be a number"),
        ({"window": 1e6}, "600 s is the longest"),
        ({"taper": "cosine"}, "taper must be lopsided or hann"),
        ({"mapping": "mirrored"}, "mapping must be mirror or same-side"),
        ({"band": (3.0, 0.2)}, "two rising frequencies"),
        ({"band": (0.2, 20.0)}, "needs a rate above 40 Hz"),
        ({"band": (0.2,)}, "band must be two frequencies"),
        ({"rate": 0.5}, "rate must be between 1 and 1000 Hz"),
        ({"rate": 5.0}, "needs a rate above 6 Hz"),
        ({"hop": 0.01}, "hop 0.01 s must lie between"),
        ({"hop": 7.0}, "hop 7 s must lie between"),
        ({"max_lag": -1.0}, "max-lag must be a positive number"),
        ({"floor": True}, "floor must be a number"),
    ],
)
def test_rejects_invalid_values_in_one_line(values: dict[str, Any], says: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings(**values)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_short_window_raises_the_default_band() -> None:
    low, high = Settings(window=1.2).band
    assert low * 1.2 == pytest.approx(1.0, abs=1e-3)
    assert low * 1.2 >= 1.0
    assert high == 3.0
    assert Settings(window=8.0).band == (0.2, 3.0)


def test_changed_window_changes_the_default_band() -> None:
    assert Settings(window=2.0).changed(window=6.0).band == (0.2, 3.0)
    assert Settings().changed(window=2.0).band == (0.5, 3.0)
    chosen = Settings(band=(0.5, 2.0))
    assert chosen.changed(window=4.0).band == (0.5, 2.0)
    with pytest.raises(SettingsError, match=r"too short for 0\.5 Hz"):
        chosen.changed(window=1.0)


def test_dict_round_trip() -> None:
    chosen = Settings(window=4.0, max_lag=1.5, mapping="same-side", band=(0.3, 2.5))
    assert Settings.from_dict(chosen.to_dict()) == chosen


def test_rejects_unknown_name_and_suggests_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="did you mean window"):
        Settings.from_dict({"windw": 3})
    with pytest.raises(SettingsError, match="known are window, taper"):
        Settings.from_dict({"zzz": 3})


def test_reads_toml(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text('window = 8\nmax-lag = 1.0\nband = [0.25, 2.0]\nmapping = "same-side"\n')
    assert read_settings(path) == Settings(
        window=8.0, max_lag=1.0, band=(0.25, 2.0), mapping="same-side"
    )
    assert read_settings(path, base=Settings(hop=0.2)).hop == 0.2


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"window = ", "is not valid TOML"),
        (b"\xff\xfe", "is not valid TOML"),
        (b"windo = 6", "did you mean window"),
        (b"window = [1, 2]", "window must be a number"),
        (b"band = 'wide'", "band must be two frequencies"),
        (b"[window]\na = 1", "window must be a number"),
    ],
)
def test_error_names_an_invalid_file(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        read_settings(path)
    assert str(path) in str(caught.value)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_reads_toml_with_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text("window = 12 # ä\n", encoding="utf-8-sig")
    assert read_settings(tmp_path / "s.toml").window == 12.0


def test_error_names_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.toml cannot be read: No such file"):
        read_settings(tmp_path / "none.toml")


texts = st.text(CHARACTERS)
json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(CHARACTERS),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(CHARACTERS), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(values=st.dictionaries(st.sampled_from(sorted(Settings().to_dict())), json_like))
def test_any_values_give_settings_or_a_settings_error(values: dict[str, Any]) -> None:
    try:
        settings = Settings.from_dict(values)
    except MirrorError as error:
        complaint = str(error)
    else:
        complaint = ""
        low, high = settings.band
        assert 0 < low < high < settings.rate / 2
        assert settings.window * low >= 1 - 1e-6
    assert "\n" not in complaint
