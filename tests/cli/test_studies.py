"""Tables for studies: chance tests, phases, published methods and the methods paragraph."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import mirror
from mirror import Landmark, MirrorError, Recording, Settings
from mirror.analysis.published import rmea
from mirror.analysis.published.apply import METHODS, Series, body_movement, figures
from mirror.capture.series_file import read_series
from mirror.cli.app import app
from mirror.cli.console import out
from mirror.estimator.align import Aligner
from mirror.estimator.estimator import score_ticks
from mirror.export import export
from mirror.landmarks import FEEDS, Model
from mirror.recording.provenance import session_metadata
from mirror.recording.rescore import rescore
from mirror.recording.writer import Recorder
from mirror.report.html import to_html
from mirror.report.methods_paragraph import methods_text
from mirror.report.session_report import session_document
from mirror.report.write import compose
from mirror.timeline import Span
from tests.support.commands import error_line, run_here
from tests.support.people import track
from tests.support.reports import draw_nothing

RATE = 30.0


def waving(phase: float, seed: int):
    rng = np.random.default_rng(seed)
    wander = np.cumsum(rng.normal(0, 0.002, 4000))

    def offsets(time: float):
        x = 0.08 * math.sin(2 * math.pi * 0.7 * time - phase) + wander[round(time * RATE)]
        return {Landmark.LEFT_WRIST: (x, 0.03), Landmark.LEFT_ELBOW: (x / 2, 0.0)}

    return offsets


def record(folder: Path, name: str, phase: float, seconds: float = 70.0) -> Path:
    settings = Settings(mapping="same-side")
    about = session_metadata(
        settings, (f"{name} a.mp4", "b.mp4"), Model(Path("x.task"), "0123456789abcdef", "x")
    )
    aligner, ticks = Aligner(RATE), []
    with Recorder(folder / name, about) as recorder:
        people = track(waving(0, 1), seconds), track(waving(phase, 2), seconds)
        for pair in zip(*people, strict=True):
            for feed, each in zip(FEEDS, pair, strict=True):
                recorder.add_pose(feed, each)
                ticks += aligner.push(feed, each)
        recorder.add_scores(score_ticks(ticks + aligner.finish(), settings))
    return recorder.path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("study")
    for number, phase in enumerate((0.0, 0.2, -0.2)):
        record(path, f"dyad{number}.mirror", phase)
    return path


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(out, "_width", 200)


def output_of(*words: str) -> str:
    done = CliRunner().invoke(app, words)
    if done.exception is not None:
        raise done.exception
    return done.output


def compare(paths: list[Path], null: str, *, as_json: bool = True, any_role: bool = False) -> str:
    more = ["--json"] * as_json + ["--any-role"] * any_role
    return output_of("test", *map(str, paths), "--null", null, "--surrogates", "200", *more)


def phase(path: Path, *more: str) -> str:
    return output_of("phase", str(path), *more)


@pytest.mark.parametrize("null", ["local", "shuffle", "shift"])
def test_chance_comparison_as_json_and_table(folder: Path, null: str) -> None:
    path = folder / "dyad0.mirror"
    facts = json.loads(compare([path], null))
    (results,) = facts["results"].values()
    body = {row["score"]: row for row in results if row["region"] == "body"}
    assert body["in_phase"]["observed"] > 0.8
    assert body["in_phase"]["windows"] == 11
    assert facts["settings"]["mapping"] == "same-side"
    legs = [row for row in results if row["region"] == "legs"]
    assert all(row["observed"] is None for row in legs)  # the legs do not move
    table = compare([path], null, as_json=False)
    assert "effect size" in table
    pairs, orders = {"local": (68, 200), "shuffle": (110, 200), "shift": (110, 10)}[null]
    assert f"Null: {null} (B's windows " in table
    assert f"11 windows, {pairs} single pairs, {orders} surrogates" in table


def test_pseudo_pairs_over_a_folder(folder: Path) -> None:
    table = compare([folder], "pseudo-pairs", as_json=False)
    assert "3 recordings, 6 pseudo-pairs, 5 surrogates (p cannot be below 0.17)" in table
    assert "12 pseudo-pairs" in compare([folder], "pseudo-pairs", as_json=False, any_role=True)


def test_rescored_copy_is_not_another_dyad(folder: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.mirror"
    with Recording.open(folder / "dyad0.mirror") as recording:
        _, again = rescore(recording, again, recording.settings, lambda done, total: None)
    twice = [*sorted(folder.glob("dyad*.mirror")), folder / "dyad1.mirror", again]
    assert "3 recordings, 6 pseudo-pairs" in compare(twice, "pseudo-pairs", as_json=False)


def test_short_recording_does_not_hide_others(folder: Path, tmp_path: Path) -> None:
    short = record(tmp_path, "short.mirror", 0.0, 13.0)
    paths = [str(short), str(folder / "dyad0.mirror")]
    done = CliRunner().invoke(app, ["test", *paths, "--null", "shuffle", "--surrogates", "50"])
    assert "11 windows" in done.output
    assert isinstance(done.exception, MirrorError)
    assert "short.mirror: only 2 windows" in str(done.exception)


def test_untestable_input_is_an_error(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(MirrorError, match="known are local, shuffle, shift, pseudo-pairs"):
        compare([folder], "magic")
    with pytest.raises(MirrorError, match="no recording in"):
        compare([tmp_path], "shuffle")
    short = record(tmp_path, "short.mirror", 0.0, 13.0)
    with pytest.raises(MirrorError, match="only 2 windows were scored"):
        compare([short], "shuffle")
    shorter = record(tmp_path, "shorter.mirror", 0.0, 3.0)
    with pytest.raises(MirrorError, match="only 0 windows were scored"):
        compare([shorter], "shuffle")
    with pytest.raises(MirrorError, match="no scored rows"):
        phase(shorter)


def test_phase_as_json_and_text(folder: Path) -> None:
    path = record(folder, "late.mirror", math.radians(60))
    part = ("--from", "10", "--until", "60")
    facts = json.loads(phase(path, *part, "--json"))
    assert facts["distribution"]["mean_deg"] == pytest.approx(60, abs=10)
    assert facts["distribution"]["rows"] == 441  # windows within 10–60 s end at 16–60 s
    top = int(np.argmax(facts["spectrum"]["coherence"]))
    assert facts["spectrum"]["frequency"][top] == pytest.approx(0.7, abs=0.13)
    with pytest.raises(MirrorError, match="part from 10 to 12 s is shorter than a window of 6 s"):
        phase(path, "--from", "10", "--until", "12")
    words = phase(path, *part)
    assert "Rayleigh p" in words
    assert "60–80°" in words
    path.unlink()


def test_body_movement_is_speed_in_shoulder_widths(folder: Path) -> None:
    with Recording.open(folder / "dyad0.mirror") as recording:
        series = body_movement(recording, recording.settings)
    assert series.rate == RATE
    assert np.isnan(series.a[0, 0])
    # The wrist swings by 0.08 of 640 pixels at 0.7 Hz, the elbow by half; shoulders are 128 pixels.
    width = 0.08 * 640 / 128 * math.hypot(1, 0.5)
    expected = width * 2 * math.pi * 0.7 * 2 / math.pi  # mean speed of a sine
    assert np.nanmean(series.a) == pytest.approx(expected, rel=0.1)


def test_method_figures_match_published_method(folder: Path) -> None:
    rng = np.random.default_rng(0)
    a, b = (np.abs(np.cumsum(rng.normal(size=4000))) for _ in range(2))
    found = figures("rmea", Series(a[:, None], b[:, None], 25.0))
    assert found["grand average |z|"] == rmea(a, b, 25.0).grand_aver
    for name in METHODS:
        values = figures(name, Series(a[:, None], b[:, None], 25.0)).values()
        assert np.isfinite(list(values)).all()
    with pytest.raises(MirrorError, match="known are rmea, susy, wcc"):
        figures("magic", Series(a[:, None], b[:, None], 25.0))


def analyze_series(path: Path, columns: str, *more: str) -> Path:
    written = path.with_suffix(".mirror")
    words = ("analyze", "--series", path, "--columns", columns, "-o", written, *more)
    done = run_here(*words, folder=path.parent)
    assert done.returncode == 0, done
    return written


@pytest.fixture
def dyad(tmp_path: Path) -> Path:
    time = np.arange(0, 70, 1 / 25)
    rows = np.stack([np.sin(4 * time), np.sin(4 * time - 0.5)], axis=1)
    path = tmp_path / "dyad.csv"
    lines = (f"{t:.2f},{x:.17g},{y:.17g}\n" for t, (x, y) in zip(time, rows, strict=True))
    path.write_text('t,pat,"th, right"\n' + "".join(lines))
    return path


def test_series_of_a_file_are_recorded_whole(dyad: Path) -> None:
    how = ("--rate", "25", "--method", "rmea")
    written = analyze_series(dyad, 'pat, "th, right"', *how)
    _, values, _ = read_series(dyad, ["pat", "th, right"], rate=25.0)
    with Recording.open(written) as recording:
        timeline, settings = recording.timeline(), recording.settings
        assert settings.rate == 25.0
        assert recording.session["labels"] == {"a": "pat", "b": "th, right"}
        poses = list(recording.poses())
        for column, feed in enumerate(FEEDS):
            samples = np.array([pose.series for each, pose in poses if each == feed], float)
            assert np.array_equal(samples, values[:, column : column + 1])
        again, _ = rescore(recording, dyad.with_name("again.mirror"), settings)
        assert again.equals(timeline)
        assert {each.score for each in mirror.surrogate_test(recording)} >= {"in_phase"}
        series = body_movement(recording, settings)
    # The samples are on the grid.
    expected = mirror.synchrony(values[:, :1], values[:, 1:], 25.0, settings=settings)
    for name in ("time_s", "in_phase", "relative_phase_deg", "lag_s", "chance_in_phase"):
        np.testing.assert_allclose(timeline[name], expected[name], atol=1e-9, err_msg=name)
    np.testing.assert_allclose(np.hstack([series.a, series.b]), values, atol=1e-12)
    good = timeline.state == "ok"
    assert np.allclose(timeline.relative_phase_deg[good], np.degrees(0.5), atol=1)
    shown = run_here("rescore", written, "--method", "rmea", folder=dyad.parent).stdout
    assert shown == analyze_series_output(dyad, *how)


def analyze_series_output(path: Path, *how: str) -> str:
    words = ("analyze", "--series", path, "--columns", 'pat,"th, right"', "-o", "x.mirror", *how)
    out = run_here(*words, folder=path.parent).stdout
    return out[out.index("Method rmea") :]


def test_two_files_one_a_person(dyad: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text(dyad.read_text())
    a, b = f"series:{dyad}#columns=pat&time=t", f"series:{other}#columns=th%2C right&rate=25"
    done = run_here("analyze", a, b, "-o", "two.mirror", folder=tmp_path)
    assert done.returncode == 0, done
    with Recording.open(tmp_path / "two.mirror") as recording:
        timeline = recording.timeline()
        assert recording.session["sources"] == {"a": a, "b": b}
    good = timeline.state == "ok"
    assert good.sum() > 300
    assert np.allclose(timeline.relative_phase_deg[good], np.degrees(0.5), atol=1)
    alone = run_here("analyze", a, "demo:b", "-o", "x.mirror", folder=tmp_path)
    assert "channel 'pat' cannot be compared with a body" in error_line(alone)
    live = run_here("live", a, b, "--no-window", "--no-record", folder=tmp_path)
    assert "is recorded: analyze it as a file" in error_line(live)


def test_phases_reports_exports_and_pages_of_series(
    dyad: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw_nothing(monkeypatch)
    written = analyze_series(dyad, 'pat,"th, right"', "--rate", "25", "--window", "4")
    found = json.loads(phase(written, "--json"))["distribution"]
    assert found["mean_deg"] == pytest.approx(np.degrees(0.5), abs=1)
    page = to_html(compose([written], Span()))
    assert "holds scores of plain series" not in page
    assert "dyad.csv#columns=pat" in page
    with Recording.open(written) as recording:
        export(recording, "csv", dyad.with_name("out.csv"))
        text = methods_text(recording)
    for word in ("MediaPipe", "video", "shoulder", "arm"):
        assert word not in text


def test_calendar_stamps_count_from_the_first_in_pages_and_subtitles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw_nothing(monkeypatch)
    path = tmp_path / "dyad.csv"
    a, b = np.random.default_rng(3).standard_normal((2, 600)).round(6)
    rows = (f"{1.7e9 + n / 30:.6f},{x},{y}\n" for n, (x, y) in enumerate(zip(a, b, strict=True)))
    path.write_text("t,a,b\n" + "".join(rows))
    written = analyze_series(path, "a,b", "--time", "t")
    with Recording.open(written) as recording:
        assert recording.timeline().time_s[0] >= 1.7e9
        for kind in ("vtt", "csv", "eaf"):
            export(recording, kind, tmp_path / f"s.{kind}")
        page = to_html(session_document(recording, Span(1.7e9 + 8, 1.7e9 + 20)))
    cues = re.findall(r"^([0-9:.]+) --> ", (tmp_path / "s.vtt").read_text(), re.MULTILINE)
    assert cues[0].startswith("00:00:00")
    assert cues[-1] < "00:00:20"
    assert "1700000005" in (tmp_path / "s.csv").read_text()
    slots = re.findall(r'TIME_VALUE="([0-9]+)"', (tmp_path / "s.eaf").read_text())
    assert max(map(int, slots)) < 21_000
    assert re.search("0:08 to 0:(19|20) of the session", page)
    assert "1700000000 s" in page
    assert not re.search("4722[0-9]{2}:", page)


def test_methods_paragraph_names_settings(folder: Path) -> None:
    with Recording.open(folder / "dyad0.mirror") as recording:
        text = methods_text(recording)
    for part in ("6 s", "0.2–3 Hz", "0123456789ab", "Corresponding sides", "±2 s", "0.1 s"):
        assert part in text
    assert "\n" not in text


def test_methods_paragraph_names_streamed_persons(tmp_path: Path) -> None:
    about = {
        "sources": {"a": "lsl:Anna", "b": "0"},
        "model": {"name": "pose_landmarker_full", "sha256": "0123456789abcdef"},
    }
    for name, sources in (("one", about["sources"]), ("both", {"a": "lsl:A", "b": "lsl:B"})):
        with Recorder(tmp_path / f"{name}.mirror", about | {"sources": sources}):
            pass
    with Recording.open(tmp_path / "one.mirror") as recording:
        text = methods_text(recording)
    assert "a video feed of person B and motion capture of person A" in text
    assert "landmarks per frame of B, and the stream gave those of A" in text
    with Recording.open(tmp_path / "both.mirror") as recording:
        text = methods_text(recording)
    assert "motion capture of both persons" in text
    for word in ("video", "MediaPipe"):
        assert word not in text
