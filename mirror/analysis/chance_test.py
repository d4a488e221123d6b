"""Tests of recordings' scores against surrogates."""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mirror.analysis.mimicry_test import mimicry_tests
from mirror.analysis.pseudo_dyads import compact, pseudo_dyads
from mirror.analysis.surrogates import TestResult, locally_drawn, pair_matrices, shifted, shuffled
from mirror.errors import RecordingError, SettingsError
from mirror.estimator.movement import Layout, Person
from mirror.estimator.signals import TWO_BODIES, Signals
from mirror.estimator.spectrum import Plan, Spectra
from mirror.estimator.validity import Array
from mirror.estimator.windows import disjoint_window_spectra
from mirror.recording.coded_events import select
from mirror.recording.database import SUFFIX
from mirror.recording.reader import Recording
from mirror.recording.rescore import recorded_movement
from mirror.settings import Settings
from mirror.timeline import Span

NULL_WORDS: dict[str, str] = {
    "local": "B's windows drawn within half a minute, at equal overlap",
    "shuffle": "B's windows shuffled over the whole session",
    "shift": "B's windows shifted along the session",
    "pseudo-pairs": "partners from other recordings",
}
"""What each null pairs A's windows with, in words."""


@dataclass(frozen=True, slots=True, eq=False)
class ChanceTest:
    """Results of recordings tested with the same settings, by path, and why others failed."""

    settings: Settings
    results: dict[str, list[TestResult]]
    failures: list[str]


def surrogate_test(
    recording: Recording,
    settings: Settings | None = None,
    *,
    null: str = "local",
    surrogates: int = 1000,
    seed: int | np.random.Generator = 0,
    start: float = -math.inf,
    end: float = math.inf,
    only: str | None = None,
) -> list[TestResult]:
    """Test a recording's mean scores against surrogates.

    Parameters
    ----------
    recording : Recording
        Must hold poses.
    settings : Settings, optional
        By default those in force at the end of the recording.
    null : {"local", "shuffle", "shift"}
        Windows of B drawn within half a minute, at equal overlap of contents
        (`mirror.analysis.surrogates.locally_drawn`); in random order; or shifted along the
        session.
    surrogates : int
        Number of draws, random orders or shifts; all of them where there are fewer.
    seed : int or Generator
        Of what is random.
    start, end : float
        Seconds: only windows within are tested.
    only : str, optional
        Coded events, ``tier`` or ``tier: code``: only windows with half of their length in them
        are tested (`mirror.recording.coded_events.select`).

    Returns
    -------
    list of TestResult
        One for each score and region, and how often each took over the other's postures
        (`mirror.analysis.mimicry_test`, whose null is always a shift).

    Raises
    ------
    RecordingError
        If the recording holds no poses, or no such events.
    SettingsError
        If `null` is unknown, or fewer than 5 windows are scored.
    """
    if null not in ("local", "shuffle", "shift"):
        raise SettingsError(f"one recording is tested by local, shuffle or shift, not {null!r}")
    used = settings or recording.settings
    movement = recorded_movement(recording, used)
    span = select(recording, only, start, end)
    rng = np.random.default_rng(seed)
    return movement_tests(*movement, recording.signals.layout, used, null, surrogates, rng, span)


def movement_tests(
    times: Array,
    a: Person,
    b: Person,
    layout: Layout,
    settings: Settings,
    null: str,
    surrogates: int,
    rng: np.random.Generator,
    span: Span,
    windows: Spectra | None = None,
) -> list[TestResult]:
    """Test the movement of two people against chance, from `disjoint_window_spectra` if known."""
    plan = Plan.of(settings, layout)
    windows = windows or disjoint_window_spectra(plan, times, a, b, span)
    if null == "local":
        tests = locally_drawn(plan, windows, surrogates, rng)
    else:
        surrogate = shuffled if null == "shuffle" else shifted
        tests = surrogate(pair_matrices(plan, windows, windows), surrogates, rng)
    return tests + mimicry_tests(times, a, b, layout, settings, surrogates, rng, span)


def compare_with_chance(
    paths: Sequence[Path],
    choose: Callable[[Settings], Settings],
    *,
    null: str,
    surrogates: int,
    seed: int,
    any_role: bool,
    only: str | None = None,
) -> ChanceTest:
    """Test recordings, or folders of them, one by one or as pseudo-pairs against each other.

    `choose` maps the settings of the first recording to those that all are scored with; `only` is
    as for `surrogate_test`. Raise RecordingError if there is no recording, one cannot be read, or
    one compares other signals, and SettingsError if `null` is unknown, or the recordings cannot be
    tested together.
    """
    if null not in NULL_WORDS:
        raise SettingsError(f"there is no null {null!r}; known are {', '.join(NULL_WORDS)}")
    files = _list_recordings(paths)
    if null == "pseudo-pairs":
        files = _distinct_sessions(files)
    with Recording.open(files[0]) as first:
        settings, signals = choose(first.settings), first.signals
    if any_role and signals != TWO_BODIES:
        raise SettingsError("a plain series has no mirror image: leave out --any-role")
    plan = Plan.of(settings, signals.layout)
    rng = np.random.default_rng(seed)
    if null == "pseudo-pairs":
        dyads = []
        for path in files:
            with _open_alike(path, signals) as recording:
                movement = recorded_movement(recording, settings)
                span = select(recording, only)
                dyads.append(compact(disjoint_window_spectra(plan, *movement, span)))
        mirrored = settings.mapping == "mirror"
        found, _ = pseudo_dyads(plan, dyads, surrogates, rng, any_role=any_role, mirrored=mirrored)
        return ChanceTest(settings, {f"{len(files)} recordings": found}, [])
    results, failures = {}, []
    for path in files:
        with _open_alike(path, signals) as recording:
            try:
                results[str(path)] = surrogate_test(
                    recording, settings, null=null, surrogates=surrogates, seed=rng, only=only
                )
            except SettingsError as error:
                failures.append(f"{path}: {error}")
    return ChanceTest(settings, results, failures)


def _list_recordings(paths: Sequence[Path]) -> list[Path]:
    """Return the recordings, folders replaced by all recordings in them."""
    files: list[Path] = []
    for path in paths:
        inside = sorted(path.glob(f"*{SUFFIX}")) if path.is_dir() else [path]
        if not inside:
            raise RecordingError(f"there is no recording in {path} (files named *{SUFFIX})")
        files += inside
    return files


def _distinct_sessions(files: list[Path]) -> list[Path]:
    """Return each session once: copies and rescored recordings are not further dyads."""
    by_session: dict[str, Path] = {}
    for path in dict.fromkeys(file.resolve() for file in files):
        with Recording.open(path) as recording:
            session = recording.session
        key = json.dumps([session.get("started"), session.get("sources")], sort_keys=True)
        if "rescored_from" not in session:
            by_session.setdefault(key, path)
    return list(by_session.values()) or files


def _open_alike(path: Path, signals: Signals) -> Recording:
    recording = Recording.open(path)
    if recording.signals != signals:
        recording.close()
        raise RecordingError(
            f"{path} compares other things than the first recording; test them apart"
        )
    return recording
