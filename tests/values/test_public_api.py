"""The names of the package `mirror`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import mirror
import mirror.capture
import mirror.session.start
from mirror.analysis.surrogates import locally_drawn, pair_matrices, shifted, shuffled
from mirror.errors import SettingsError, SourceError
from mirror.estimator.align import Aligner
from mirror.estimator.spectrum import Plan
from mirror.estimator.windows import disjoint_window_spectra
from mirror.recording.rescore import recorded_movement
from tests.support.fakes import FakeVideo, Waving, steady
from tests.support.recordings import make_recording

_HEAVY = ("cv2", "mediapipe", "matplotlib", "PyQt6", "scipy", "typer", "rich")

_IMPORT = f"""
import json, sys, time
start = time.process_time()
import mirror
used = time.process_time() - start
print(json.dumps([used, [name for name in {_HEAVY} if name in sys.modules]]))
"""


def run_python(code: str) -> str:
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_import_is_fast_and_loads_no_heavy_library() -> None:
    runs = [json.loads(run_python(_IMPORT)) for _ in range(3)]
    assert [loaded for _, loaded in runs] == [[]] * 3
    assert min(used for used, _ in runs) < 0.3


@pytest.mark.parametrize("name", mirror.__all__)
def test_public_name_is_no_module_and_is_listed(name: str) -> None:
    assert not isinstance(getattr(mirror, name), ModuleType)
    assert name in dir(mirror)


def test_export_and_report_need_no_import_of_their_own() -> None:
    assert run_python(
        "import mirror; print(mirror.export.export.__name__, mirror.report.report.__name__)"
    ).split() == ["export", "report"]


def test_clock_is_a_deprecated_alias_of_aligner() -> None:
    with pytest.warns(DeprecationWarning, match=r"mirror\.Aligner"):
        assert mirror.Clock is Aligner


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'synchronise'"):
        _ = mirror.synchronise


@pytest.fixture
def films(monkeypatch: pytest.MonkeyPatch) -> tuple[FakeVideo, FakeVideo]:
    """Stand-ins for any two sources, and for MediaPipe."""
    pair = FakeVideo(steady(8)), FakeVideo(steady(8))
    monkeypatch.setattr(mirror.capture, "open_pair", lambda a, b, **_: pair)
    monkeypatch.setattr(mirror.session.start, "PoseTracker", Waving)
    return pair


def test_analyze_records_every_frame(tmp_path: Path, films: tuple[FakeVideo, FakeVideo]) -> None:
    calls: list[tuple[float, float | None]] = []
    settings = mirror.Settings(window=4.0)
    result = mirror.analyze(
        "a.mp4",
        "b.mp4",
        tmp_path / "pair.mirror",
        settings=settings,
        labels=("Anna", "Ben"),
        progress=lambda *done: calls.append(done),
    )
    assert (result.path, result.faults) == (tmp_path / "pair.mirror", ())
    assert films[0].closed
    assert result.path is not None
    with mirror.Recording.open(result.path) as recording:
        assert recording.settings == settings
        assert recording.counts() == {"a": (240, 240), "b": (240, 240)}
        assert recording.session["labels"] == {"a": "Anna", "b": "Ben"}
        assert mirror.summarize(recording.timeline()).rows == len(recording.timeline()) == 80
    assert calls[-1][0] == pytest.approx(8.0, abs=0.05)
    assert calls[-1][1] == films[0].duration


def test_analyze_names_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    films = FakeVideo(steady(3), SourceError("b.mp4 is damaged")), FakeVideo(steady(8))
    monkeypatch.setattr(mirror.capture, "open_pair", lambda a, b, **_: films)
    monkeypatch.setattr(mirror.session.start, "PoseTracker", Waving)
    result = mirror.analyze("a.mp4", "b.mp4", tmp_path / "pair.mirror")
    assert result.path == tmp_path / "pair.mirror"
    assert result.faults == ("b.mp4 is damaged",)
    assert films[0].closed
    assert films[1].closed


def test_rescore_and_surrogate_test_of_a_recording(tmp_path: Path) -> None:
    settings = mirror.Settings(window=2.0)
    with mirror.Recording.open(make_recording(tmp_path / "talk.mirror")) as recording:
        timeline, path = mirror.rescore(recording, tmp_path / "again.mirror", settings)
        tests = mirror.surrogate_test(recording, settings, surrogates=50, seed=1)
        plan = Plan.of(settings, recording.signals.layout)
        windows = disjoint_window_spectra(plan, *recorded_movement(recording, settings))
        matrices = pair_matrices(plan, windows, windows)
        rng = np.random.default_rng(1)
        assert tests == locally_drawn(plan, windows, 50, rng)
        shuffles = mirror.surrogate_test(recording, settings, null="shuffle", surrogates=50, seed=1)
        assert shuffles == shuffled(matrices, 50, np.random.default_rng(1))
        shifts = mirror.surrogate_test(recording, settings, null="shift", surrogates=4, seed=1)
        assert shifts == shifted(matrices, 4, np.random.default_rng(1))
        with pytest.raises(SettingsError, match="only 4 windows"):
            mirror.surrogate_test(recording)  # with its own windows of 4 s
        with pytest.raises(SettingsError, match="local, shuffle or shift, not 'pseudo-pairs'"):
            mirror.surrogate_test(recording, null="pseudo-pairs")
    with mirror.Recording.open(path) as recording:
        assert recording.timeline().equals(timeline)
        assert mirror.relative_phase(timeline, recording.settings).rows > 0


def test_report_of_a_recording(tmp_path: Path) -> None:
    path = make_recording(tmp_path / "talk.mirror")
    mirror.report.report([path], tmp_path / "talk.html")
    assert "Anna" in (tmp_path / "talk.html").read_text(encoding="utf-8")
