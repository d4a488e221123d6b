"""Settings of the estimator, with the same names as flags and in TOML."""

import difflib
import math
import reprlib
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import IO, Any, Literal, get_args

from mirror._support.numeric import to_float
from mirror.errors import SettingsError

Taper = Literal["lopsided", "hann", "quick"]
Mapping_ = Literal["mirror", "same-side"]

DEFAULT_BAND = (0.2, 3.0)
_MAX_WINDOW_S = 600.0
_MAX_FILE_BYTES = 16 * 1024  # parsing the names of TOML takes quadratic time
_MAX_REASON_CHARS = 200


def _default_band(window: float) -> tuple[float, float]:
    """0.2–3.0 Hz, or from one cycle per window if that is shorter than 5 s."""
    return (max(DEFAULT_BAND[0], math.ceil(1e4 / window) / 1e4), DEFAULT_BAND[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of the estimator. Durations in seconds, frequencies in hertz.

    Attributes
    ----------
    window : float
        Length of the sliding window, s.
    taper : {"lopsided", "hann", "quick"}
        ``lopsided`` rises as sin² over window − 1 s and falls as cos² over the last second (it
        responds quickly); ``quick`` falls over the last 0.4 s; ``hann`` is symmetric.
    hop : float
        Time between two rows of the timeline, s.
    band : (float, float)
        Lowest and highest frequency, Hz, both included. The window must hold at least one cycle of
        the lowest. By default 0.2–3.0 Hz, and from one cycle per window if that is shorter than
        5 s.
    max_lag : float
        Longest lag searched for `mirroring`, s, in both directions.
    mapping : {"mirror", "same-side"}
        Which joints correspond: ``mirror`` swaps B's left and right and negates x.
    rate : float
        Of the common grid, Hz.
    floor : float
        Movement below this is *still*: RMS over the channels, in shoulder widths (or in the units
        of a plain series). By default 0: a person is still if the movement does not exceed the
        noise of the landmarks, a series if it does not change.

    Raises
    ------
    SettingsError
        If a value is out of range or two values contradict each other.
    """

    window: float = 6.0
    taper: Taper = "lopsided"
    hop: float = 0.1
    band: tuple[float, float] = (0.0, 0.0)  # replaced in __post_init__: it depends on the window
    max_lag: float = 2.0
    mapping: Mapping_ = "mirror"
    rate: float = 30.0
    floor: float = 0.0

    def __post_init__(self) -> None:
        for name in ("window", "hop", "max_lag", "rate", "floor"):
            try:
                value = to_float(getattr(self, name))
            except TypeError:
                raise SettingsError(
                    f"{_flag(name)} must be a number, not {reprlib.repr(getattr(self, name))}"
                ) from None
            if not math.isfinite(value) or value < 0 or (value == 0 and name in _POSITIVE):
                raise SettingsError(f"{_flag(name)} must be a positive number, not {value:g}")
            object.__setattr__(self, name, value)
        for name, choices in (("taper", get_args(Taper)), ("mapping", get_args(Mapping_))):
            if getattr(self, name) not in choices:
                known = " or ".join(choices)
                raise SettingsError(
                    f"{name} must be {known}, not {reprlib.repr(getattr(self, name))}"
                )
        for name in ("window", "max_lag"):
            if getattr(self, name) > _MAX_WINDOW_S:
                raise SettingsError(
                    f"{_flag(name)} {getattr(self, name):g} s is too long; "
                    f"{_MAX_WINDOW_S:g} s is the longest"
                )
        if not 1 <= self.rate <= 1000:
            raise SettingsError(f"rate must be between 1 and 1000 Hz, not {self.rate:g}")
        band = _pair(self.band)
        unset = band == (0.0, 0.0)
        object.__setattr__(self, "band", _default_band(self.window) if unset else band)
        self._check_band(unset)
        if not 1 / self.rate - 1e-9 <= self.hop <= self.window:
            raise SettingsError(
                f"hop {self.hop:g} s must lie between one step of the grid "
                f"({1 / self.rate:.3g} s) and the window ({self.window:g} s)"
            )

    def _check_band(self, unset: bool) -> None:
        low, high = self.band
        if unset and high < 2 * low:
            raise SettingsError(
                f"window {self.window:g} s is too short for the band up to {high:g} Hz; "
                f"use a window of {2 / high:.2g} s or more"
            )
        if not 0 < low < high:
            raise SettingsError(
                f"band {low:g},{high:g} must be two rising frequencies above 0 Hz, such as 0.2,3"
            )
        if high >= self.rate / 2:
            raise SettingsError(
                f"band up to {high:g} Hz needs a rate above {2 * high:g} Hz, not "
                f"{self.rate:g}; lower the band or raise the rate"
            )
        if self.window * low < 1 - 1e-9:
            raise SettingsError(
                f"window {self.window:g} s is too short for {low:g} Hz; use a window of "
                f"{1 / low:.3g} s or more, or a band from {math.ceil(1e3 / self.window) / 1e3:g} Hz"
            )

    def changed(self, **changes: Any) -> "Settings":
        """Return a copy with other values; a default band follows the new window."""
        default = self.band == _default_band(self.window)
        if "window" in changes and "band" not in changes and default:
            changes["band"] = (0.0, 0.0)
        return replace(self, **changes)

    def to_dict(self) -> dict[str, Any]:
        """Return the settings by their public names (``max-lag``), as in TOML."""
        return {_flag(name): value for name, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], *, base: "Settings | None" = None) -> "Settings":
        """Return settings from public names, others from `base`; raise SettingsError if invalid."""
        known = {_flag(field.name): field.name for field in fields(cls)}
        changes = {}
        for name, value in values.items():
            if name not in known:
                near = difflib.get_close_matches(name, known, 1)
                hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
                raise SettingsError(f"there is no setting {reprlib.repr(name)}; {hint}")
            changes[known[name]] = _pair(value) if name == "band" else value
        return (base or cls()).changed(**changes)


_POSITIVE = frozenset({"window", "hop", "rate"})


def _flag(name: str) -> str:
    return name.replace("_", "-")


def _pair(value: object) -> tuple[float, float]:
    try:
        low, high = (to_float(each) for each in value)  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        low = high = math.nan
    if not (math.isfinite(low) and math.isfinite(high)):
        raise SettingsError(
            f"band must be two frequencies in Hz, such as 0.2,3, not {reprlib.repr(value)}"
        )
    return low, high


def parse_toml(file: IO[bytes]) -> dict[str, Any]:
    """Parse a TOML file of a size that a person writes; raises SettingsError, without its name."""
    content = file.read(_MAX_FILE_BYTES + 1)
    if len(content) > _MAX_FILE_BYTES:
        raise SettingsError(f"is longer than {_MAX_FILE_BYTES // 1024} KB")
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except RecursionError as error:
        raise SettingsError("is nested too deeply") from error
    except ValueError as error:  # TOML, UTF-8, or a number of thousands of digits
        line = str(error).splitlines()[0][:_MAX_REASON_CHARS]
        raise SettingsError(f"is not valid TOML: {line}") from error


def read_values(path: Path) -> dict[str, Any]:
    """Read a TOML file, names and values unchecked; raise SettingsError if it cannot be read."""
    try:
        with path.open("rb") as file:
            return parse_toml(file)
    except OSError as error:
        raise SettingsError(f"settings file {path} cannot be read: {error.strerror}") from error
    except SettingsError as error:
        raise SettingsError(f"settings file {path} {error}") from error
