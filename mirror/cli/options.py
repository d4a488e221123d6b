"""Flags that several commands share, and the settings they give."""

import inspect
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, get_args, get_type_hints

import typer

from mirror.errors import SettingsError
from mirror.practice.library import read_library
from mirror.settings import Mapping_, Settings, Taper, read_values

_SETTINGS = "Settings (also in TOML, by the same names)"
_ABOUT = "About the session"


def complete(*values: str) -> Callable[[str], list[str]]:
    """Return what completes an option's value in the shell."""
    return lambda incomplete: [each for each in values if each.startswith(incomplete)]


def option(metavar: str, text: str, *names: str, panel: str | None = None, **more: Any) -> Any:
    """Return an option with these names, by default the parameter's own; `more` as for typer."""
    return typer.Option(*names, metavar=metavar, help=text, rich_help_panel=panel, **more)


def flag(name: str, text: str, panel: str | None = None) -> Any:
    """Return an option without a value."""
    return option("", text, name, panel=panel)


def _setting(kind: type, metavar: str, text: str, *values: str) -> Any:
    known = complete(*values) if values else None
    return Annotated[kind | None, option(metavar, text, panel=_SETTINGS, autocompletion=known)]


_FLAGS: dict[str, Any] = {
    "config": _setting(Path, "FILE", "A TOML file of settings; flags override it."),
    "window": _setting(float, "SECONDS", "Length of the sliding window. (6)"),
    "taper": _setting(
        str, "NAME", "lopsided, quick (reacts soonest) or hann. (lopsided)", *get_args(Taper)
    ),
    "hop": _setting(float, "SECONDS", "Time between two rows. (0.1)"),
    "band": _setting(str, "LOW,HIGH", "Frequency band that is scored, Hz. (0.2,3)"),
    "max_lag": _setting(float, "SECONDS", "Longest lag that is searched. (2)"),
    "mapping": _setting(
        str,
        "NAME",
        "mirror (B's right answers A's left) or same-side. (mirror)",
        *get_args(Mapping_),
    ),
    "rate": _setting(float, "HZ", "Of the common time grid; with --series, of the file. (30)"),
    "floor": _setting(
        float, "WIDTHS", "Less movement than this is still, too; RMS, in shoulder widths. (0)"
    ),
}

RecordingFile = Annotated[Path, typer.Argument(metavar="RECORDING", help="A .mirror file.")]
Json = Annotated[bool, flag("--json", "Print JSON.")]
_MODEL = "A pose landmarker .task bundle in place of the built-in one."
Model = Annotated[Path | None, option("FILE", _MODEL, "--model", envvar="MIRROR_MODEL")]
_OUTPUT = "The new recording; if the name exists, a number is added."
Output = Annotated[Path | None, option("RECORDING", _OUTPUT, "-o", "--output")]
From = Annotated[float, option("SECONDS", "Start there.", "--from", show_default=False)]
Until = Annotated[float, option("SECONDS", "Stop there.", "--until", show_default=False)]
_WHILE = "Only windows with half of their length in coded events: TIER, or 'TIER: CODE'."
While = Annotated[str | None, option("EVENTS", _WHILE, "--while", show_default=False)]
Force = Annotated[bool, flag("--force", "Replace files that exist.")]
LabelA = Annotated[str, option("NAME", "Name of person A.", panel=_ABOUT)]
LabelB = Annotated[str, option("NAME", "Name of person B.", panel=_ABOUT)]
Video = Annotated[bool, flag("--video", "Also record video, in files next to the recording.")]
_ALL_FRAMES = "Use every frame, also where a source has more of them than --rate needs."
AllFrames = Annotated[bool, flag("--all-frames", _ALL_FRAMES)]
_ALIGN = "Put both videos on one clock by their sound, as mirror align finds it."
Align = Annotated[str | None, option("sound", _ALIGN, autocompletion=complete("sound"))]
Jobs = Annotated[
    int,
    option(
        "N",
        "Analyze long videos in N processes (default: one per core). "
        "The result does not depend on it.",
        "--jobs",
        min=1,
        default_factory=lambda: os.cpu_count() or 1,
        show_default=False,
    ),
]
Condition = Annotated[str, option("TEXT", "Condition of your study.", panel=_ABOUT)]
Notes = Annotated[str, option("TEXT", "Notes on the session.", panel=_ABOUT)]
_CONSENT = "Both people have agreed to the consent note in --config: do not ask."
ConsentGiven = Annotated[bool, flag("--consent-given", _CONSENT, _ABOUT)]


def _stream(metavar: str, text: str, name: str) -> Any:
    return option(metavar, text, name, panel="Send scores and events to other programs")


_LSL = "Through Lab Streaming Layer, as the streams NAME and 'NAME events'."
Lsl = Annotated[str | None, _stream("NAME", _LSL, "--lsl")]
_OSC = "Through Open Sound Control, to this host only."
Osc = Annotated[str | None, _stream("HOST:PORT", _OSC, "--osc")]
_JSONL = "As JSON, one object per line, in a new file; - is standard output."
Jsonl = Annotated[str | None, _stream("FILE", _JSONL, "--jsonl")]


def streams(lsl: str | None, osc: str | None, jsonl: str | None) -> tuple[str, ...]:
    """Return the streams of the flags, as `mirror.session.outputs.open_stream` takes them."""
    places = {"lsl": lsl, "osc": osc, "jsonl": jsonl}
    return tuple(f"{kind}:{place}" for kind, place in places.items() if place is not None)


def _exercises(incomplete: str) -> list[str]:
    return complete(*(each.name for each in read_library().exercises))(incomplete)


_EXERCISE = "Run an exercise of `mirror exercises`, or of a TOML file, and stop after it."
ExerciseName = Annotated[
    str | None, option("NAME", _EXERCISE, "--exercise", autocompletion=_exercises)
]


def _series(metavar: str, text: str, name: str) -> Any:
    return option(metavar, text, name, panel="Plain series instead of video")


_FILE = "A text file with a header; --rate is its sampling rate."
SeriesFile = Annotated[Path | None, _series("FILE", _FILE, "--series")]
SeriesColumns = Annotated[
    str | None, _series("A,B", "Columns of A, then as many of B.", "--columns")
]
_TIME = "Column of time stamps, if it is sampled irregularly."
SeriesTime = Annotated[str | None, _series("COLUMN", _TIME, "--time")]
_METHOD = "Print the figures of another method: rmea, susy or wcc."
Method = Annotated[str | None, option("NAME", _METHOD)]


@dataclass(frozen=True)
class Chosen:
    """The settings of the flags and the TOML file; call it to apply them.

    The values are by public name (``max-lag``); flags override the file. `consent` is the note that
    both people must agree to before a session; empty if there is none.
    """

    values: Mapping[str, Any]
    config: Path | None = None
    consent: str = ""

    @property
    def rate(self) -> float | None:
        """The rate in Hz, if one is given."""
        rate = self.values.get("rate")
        if rate is None:
            return None
        if isinstance(rate, bool) or not isinstance(rate, (int, float)):
            raise SettingsError(f"rate must be a number, not {rate!r}")
        return float(rate)

    def __call__(self, base: Settings, **fixed: Any) -> Settings:
        """Return `base` with these values, and `fixed` over both."""
        try:
            return Settings.from_dict({**self.values, **fixed}, base=base)
        except SettingsError as error:
            if self.config is None:
                raise
            raise SettingsError(f"settings file {self.config}: {error}") from error


def takes_settings(command: Callable[..., None]) -> Callable[..., None]:
    """Add a flag for each setting to a command; it receives them as ``choose``, a `Chosen`."""
    hints = get_type_hints(command, include_extras=True)
    own = [
        each.replace(annotation=hints[name])
        for name, each in inspect.signature(command).parameters.items()
        if name != "choose"
    ]
    flags = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
        for name, kind in _FLAGS.items()
    ]

    def with_flags(**values: Any) -> None:
        given = {name: values.pop(name) for name in _FLAGS}
        command(**values, choose=_chosen(**given))

    with_flags.__name__ = command.__name__
    with_flags.__doc__ = command.__doc__
    with_flags.__annotations__ = {each.name: each.annotation for each in own + flags}
    with_flags.__signature__ = inspect.Signature(own + flags)  # type: ignore[attr-defined]
    return with_flags


def _chosen(config: Path | None, **flags: Any) -> Chosen:
    values = {} if config is None else read_values(config)
    consent = values.pop("consent", "")
    if not isinstance(consent, str):
        raise SettingsError(f"settings file {config}: consent must be a text in quotes")
    for name, value in flags.items():
        if value is not None:
            values[name.replace("_", "-")] = _band(value) if name == "band" else value
    return Chosen(values, config, consent.strip())


def _band(text: str) -> tuple[float, float]:
    try:
        low, high = (float(part) for part in text.replace("–", ",").split(","))
    except ValueError as error:
        raise SettingsError(
            f"band must be two frequencies in Hz, such as 0.2,3, not {text!r}"
        ) from error
    return low, high
