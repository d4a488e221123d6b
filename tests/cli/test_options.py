"""Settings from flags and from the TOML file."""

from __future__ import annotations

from pathlib import Path

import pytest

from mirror import MirrorError, Settings
from mirror.cli.options import Chosen, takes_settings


def parse_flags(**values: object) -> Chosen:
    """Return the settings that a command with these flags gets."""
    calls: list[Chosen] = []

    @takes_settings
    def command(*, choose: Chosen) -> None:
        calls.append(choose)

    names = ("config", "window", "taper", "hop", "band", "max_lag", "mapping", "rate", "floor")
    command(**(dict.fromkeys(names) | values))
    return calls[0]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "c.toml"
    path.write_text("window = 3.0\nrate = 50\nmax-lag = 1.0\n")
    return path


def test_no_flags_keep_settings() -> None:
    empty = parse_flags()
    base = Settings(window=2.0, band=(0.5, 2.0))
    assert not empty.values
    assert empty(base) == base
    assert empty.rate is None


def test_flags_override_file_and_file_overrides_base(config: Path) -> None:
    both = parse_flags(config=config, window=4.0, band="0.5,2")
    assert both.values == {"window": 4.0, "rate": 50, "max-lag": 1.0, "band": (0.5, 2.0)}
    assert both(Settings(hop=0.2)) == Settings(
        window=4.0, rate=50.0, max_lag=1.0, band=(0.5, 2.0), hop=0.2
    )
    assert both.rate == 50.0
    assert parse_flags(config=config, rate=25.0).rate == 25.0


def test_rate_is_validated_with_other_settings() -> None:
    slow = parse_flags(band="0.1,1", window=12.0, hop=0.5)
    assert slow(Settings(floor=0.0), rate=4.0).rate == 4.0  # the default band does not fit
    fast = parse_flags(hop=0.01)
    assert fast(Settings(floor=0.0), rate=500.0).hop == 0.01  # the default rate does not either


@pytest.mark.parametrize(
    ("content", "says"),
    [("window = 0.1", "window 0.1 s is too short"), ("windw = 3", "did you mean window?")],
)
def test_errors_name_the_file(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "c.toml"
    path.write_text(content)
    with pytest.raises(MirrorError) as caught:
        parse_flags(config=path)(Settings())
    assert str(path) in str(caught.value)
    assert says in str(caught.value)


def test_invalid_rate_and_band_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text("rate = 'fast'")
    with pytest.raises(MirrorError, match="rate must be a number, not 'fast'"):
        _ = parse_flags(config=path).rate
    with pytest.raises(MirrorError, match="band must be two frequencies"):
        parse_flags(band="low")
