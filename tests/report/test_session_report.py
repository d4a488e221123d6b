from __future__ import annotations

import json
import math
import re
import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mirror.analysis.relative_phase import coherence_spectrum, relative_phase
from mirror.estimator.estimator import movement_from_ticks
from mirror.estimator.movement import BODY
from mirror.events import Event
from mirror.practice.goal import Goal
from mirror.practice.run import Result
from mirror.recording.reader import Recording
from mirror.recording.rescore import recorded_ticks
from mirror.recording.writer import Recorder
from mirror.report.html import to_html
from mirror.report.session_report import MEANING
from mirror.report.write import compose
from mirror.settings import Settings
from mirror.summary import TOGETHER, summarize
from mirror.timeline import REGIONS, Score, Span, State, Timeline
from mirror.wording import SHARES
from tests.support.commands import run_here
from tests.support.html_pages import Reader, check_whole
from tests.support.recordings import FRAME_RATE, make_recording, make_scores_recording
from tests.support.reports import column, draw_nothing, page

NASTY = "</title><script>alert('1')</script> & \"$x$\" \x00\x1b\u202e"
SHOWN = "</title><script>alert('1')</script> & \"$x$\""
LONG = 60.0


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    quality = {
        "feeds": {
            "a": {"frames": 900, "with_person": 900, "dropped": 3},
            "b": {"frames": 900, "with_person": 900, "dropped": 4, "paused": 8},
        },
        "warnings": ["camera b was lost"],
    }
    return make_recording(
        tmp_path_factory.mktemp("report") / "talk.mirror",
        seconds=LONG,
        condition="calm",
        notes="both sat",
        sources={"a": "anna.mp4", "b": "ben.mp4"},
        quality=quality,
    )


@pytest.fixture(scope="module")
def drawn(talk: Path) -> str:
    return to_html(compose([talk], Span()))


@pytest.fixture(scope="module")
def reader(drawn: str) -> Reader:
    return check_whole(drawn)


@pytest.fixture
def without_drawings(monkeypatch: pytest.MonkeyPatch) -> None:
    draw_nothing(monkeypatch)


@pytest.fixture(scope="module")
def timeline(talk: Path) -> Timeline:
    with Recording.open(talk) as recording:
        return recording.timeline()


def test_names_date_and_shares_are_given(reader: Reader, timeline: Timeline) -> None:
    assert "Anna and Ben 23 November 2026, 10:15 · 1:00 · calm" in reader.text
    said = summarize(timeline)
    sentence = reader.text.split("How Anna and Ben moved, in 1 min: ")[1].split(".")[0]
    found = re.findall(r"([a-z][a-z -]*?) (\d+) %", sentence)
    shares = {name: int(share) for name, share in found}
    assert sum(shares.values()) == 100
    for kind, label in SHARES.items():
        assert abs(shares.get(label.lower(), 0) - 100 * getattr(said, kind)) < 1
    assert MEANING in reader.text


def test_timeline_has_every_row(reader: Reader, timeline: Timeline) -> None:
    rows = reader.files["timeline.csv"]
    assert len(rows) == len(timeline) > 500
    scores = ("in_phase", "anti_phase", "mirroring")
    for name in ("time_s", *scores, *(f"chance_{each}" for each in scores)):
        np.testing.assert_array_equal(column(rows, name), timeline[name])
    assert [row["state"] for row in rows] == timeline.state.tolist()


def test_relative_phase_is_counted_around_the_circle(
    reader: Reader, timeline: Timeline, talk: Path
) -> None:
    phase = timeline.relative_phase_deg[timeline.state == State.OK]
    rows = reader.files["relative-phase.csv"]
    edges = [(float(row["from_deg"]), float(row["to_deg"])) for row in rows]
    assert edges[0][0] == -180
    assert edges[-1][1] == 180
    expected = [
        int(((phase >= low) & ((phase < high) | (high == 180))).sum()) for low, high in edges
    ]
    assert column(rows, "rows") == expected
    assert sum(column(rows, "share")) == pytest.approx(1)
    # the nine bins of mirror phase are the same circle, folded
    with Recording.open(talk) as recording:
        folded = relative_phase(timeline, recording.settings)
    shares = np.array(column(rows, "share"))
    np.testing.assert_allclose(shares[9:] + shares[:9][::-1], folded.share, atol=2 / len(phase))
    assert f"resultant length {folded.resultant:.2f}, from {len(phase)} rows" in reader.text


def test_lags_are_those_of_rows_with_a_lag(reader: Reader, timeline: Timeline) -> None:
    known = (timeline.mirroring >= TOGETHER) & (timeline.anti_phase < 0.75 * timeline.mirroring)
    rows = reader.files["lag.csv"]
    assert known.any()
    np.testing.assert_array_equal(column(rows, "time_s"), timeline.time_s[known])
    np.testing.assert_array_equal(column(rows, "lag_s"), timeline.lag_s[known])


def test_regions_are_means_of_their_scored_rows(reader: Reader, timeline: Timeline) -> None:
    rows = reader.files["regions.csv"]
    assert [row["region"] for row in rows] == list(REGIONS)
    scored = timeline.state == State.OK
    for score in ("in_phase", "anti_phase", "coherence"):
        expected = []
        for region in REGIONS:
            values = timeline[f"{score}_{region}"][scored]
            values = values[np.isfinite(values)]
            expected.append(values.mean() if len(values) else math.nan)
        np.testing.assert_allclose(column(rows, score), expected)
    assert column(rows, "in_phase")[2] > 0.1  # the arms move


def test_rhythms_come_from_the_poses(reader: Reader, talk: Path) -> None:
    with Recording.open(talk) as recording:
        used = recording.settings
        found = coherence_spectrum(
            *movement_from_ticks(recorded_ticks(recording, used), used), BODY, used
        )
    rows = reader.files["coherence.csv"]
    np.testing.assert_array_equal(column(rows, "frequency_hz"), found.frequency)
    np.testing.assert_array_equal(column(rows, "coherence"), found.coherence)
    np.testing.assert_array_equal(column(rows, "chance"), found.chance)


def test_chance_tests_are_those_of_the_command(reader: Reader, talk: Path) -> None:
    finished = run_here("test", talk, "--json", folder=talk.parent)
    (expected,) = json.loads(finished.stdout)["results"].values()
    table = next(each for each in reader.tables if "effect size" in each[0])
    assert len(table) == 1 + len(expected) == 20
    for row, test in zip(table[1:], expected, strict=True):
        name = f"{test['score']}, {test['region']}".replace("anti_", "anti-").replace("_", " ")
        assert row[0] == name
        for cell, key in zip(
            row[1:5], ("observed", "null_mean", "null_sd", "effect_size"), strict=True
        ):
            value = test[key]
            assert cell == ("–" if value is None else f"{value:z.2f}".replace("-", "−"))
        p = test["p"]
        assert row[5] == ("–" if p is None else f"{p:.3f}".lstrip("0") if p >= 0.001 else "< .001")


def test_events_and_quality_are_in_tables(reader: Reader) -> None:
    events = next(each for each in reader.tables if "kind" in each[0])
    assert events[1:] == [
        ["1", "0:02.0", "mark", "hello"],
        ["2", "0:10.0", "truth", "now opposite"],
    ]
    feeds = next(each for each in reader.tables if "dropped" in each[0])
    frames = str(round(LONG * FRAME_RATE))
    longest = f"{1 / FRAME_RATE:.2f} s"
    assert feeds[1:] == [
        ["Anna", frames, "15.0", "100 %", "3", "0", longest],
        ["Ben", frames, "15.0", "100 %", "4", "0", longest],
    ]
    assert "8 more frames arrived while paused" in reader.text
    assert "camera b was lost" in reader.text


def test_frame_rate_is_constant_for_regular_frames(reader: Reader) -> None:
    for name in ("pictures_per_s_a", "pictures_per_s_b"):
        rates = column(reader.files["quality.csv"], name)
        # the first bin begins before the first frame
        np.testing.assert_allclose(rates[1:], FRAME_RATE)
        assert 0 < rates[0] <= FRAME_RATE * (1 + 1e-9)


def test_axes_and_people_are_named_in_the_figures(drawn: str) -> None:
    for words in (
        *("anti-phase ← score → in phase", "time (minutes:seconds)", "lag (s)"),
        *("frequency (Hz)", "coherence", "tracked (%)", "frames/s", "mean score"),
    ):
        assert words in drawn, words
    quality = drawn[drawn.index('id="tracking-and-frames-per-second-legend_1"') :]
    legend = quality[: quality.index("</svg>")]
    assert "Anna" in legend
    assert "Ben" in legend


def test_settings_sources_and_methods_are_given(reader: Reader) -> None:
    for words in ("talk.mirror", "source of Anna anna.mp4", "window 4 s", "both sat", "calm"):
        assert words in reader.text
    assert "In sliding windows of 4 s" in reader.text


def test_every_figure_has_text_and_data(reader: Reader) -> None:
    figures = [given for tag, given in reader.tags if tag == "figure"]
    assert len(figures) == len(reader.files) == 6
    assert sum(tag == "figcaption" for tag, _ in reader.tags) == 6
    drawings = sum(tag == "svg" for tag, _ in reader.tags)
    assert drawings == sum(tag == "desc" for tag, _ in reader.tags) == 10


@pytest.mark.usefixtures("without_drawings")
def test_part_of_a_recording_reports_that_part_only(talk: Path, timeline: Timeline) -> None:
    span = Span(5.0, 30.0)
    found = page(talk, span=span)
    assert "0:05 to 0:30 of the session" in found.text
    part = timeline.between(5.0, 30.0)
    assert column(found.files["timeline.csv"], "time_s") == part.time_s.tolist()
    events = next(each for each in found.tables if "kind" in each[0])
    assert [row[3] for row in events[1:]] == ["now opposite"]
    # whole windows of 4 s only
    inside = (part.time_s >= 9.0 - 1 / 30 - 1e-6) & (part.state == State.OK)
    assert sum(column(found.files["relative-phase.csv"], "rows")) == inside.sum()
    chance = next(each for each in found.tables if "effect size" in each[0])
    assert len(chance) == 20
    assert "Mean scores of 5 windows" in found.text  # from 8, 12, 16, 20 and 24 s on
    assert 0 < np.nanmax(column(found.files["quality.csv"], "time_s")) <= 30.0


def test_short_recording_says_what_is_missing(tmp_path: Path) -> None:
    found = page(make_recording(tmp_path / "short.mirror", seconds=12.0))
    assert "Too short to say what chance would give: only 2 windows were scored" in found.text
    assert "effect size" not in found.text
    assert "coherence from few windows is high" in found.text
    assert np.isnan(column(found.files["coherence.csv"], "chance")).all()
    assert "too short for a chance level" in found.text
    assert "It needs five scored windows that do not overlap" in found.text


@pytest.mark.usefixtures("without_drawings")
def test_recording_without_movement(tmp_path: Path) -> None:
    scores = [Score(0.1 * k, State.STILL, tracked_a=1.0, tracked_b=0.5) for k in range(1, 50)]
    found = page(make_scores_recording(tmp_path / "still.mirror", scores))
    assert "still 100 %" in found.text
    assert "Longest time in phase: none. Nothing could be measured." in found.text
    assert "there is no relative phase" in found.text
    assert set(found.files) == {"timeline.csv"}


@pytest.mark.usefixtures("without_drawings")
def test_scored_rows_without_values(tmp_path: Path) -> None:
    found = page(
        make_scores_recording(tmp_path / "s.mirror", [Score(0.1 * k, State.OK) for k in range(50)])
    )
    assert "there is no relative phase" in found.text


def test_extremely_long_recording_has_few_ticks(tmp_path: Path) -> None:
    scores = [Score(time, State.STILL) for time in (0.0, 0.1, 0.2, 9e9)]
    found = page(make_scores_recording(tmp_path / "s.mirror", scores))
    assert "still 100 %" in found.text


@pytest.mark.usefixtures("without_drawings")
def test_plain_series_say_what_is_missing(tmp_path: Path) -> None:
    scores = [
        Score(
            0.1 * k,
            State.OK,
            in_phase=0.9,
            anti_phase=0.0,
            coherence=0.9,
            relative_phase_deg=10.0,
            mirroring=0.9,
            lag_s=0.2,
        )
        for k in range(1, 50)
    ]
    found = page(
        make_scores_recording(tmp_path / "series.mirror", scores, labels={"a": "pat", "b": "th"})
    )
    assert "holds scores of plain series" in found.text
    assert "there are no frames" in found.text
    assert "pat led: th followed by 0.20 s" in found.text
    assert set(found.files) == {"timeline.csv", "lag.csv", "relative-phase.csv"}


@pytest.mark.usefixtures("without_drawings")
def test_changes_of_settings_are_listed(tmp_path: Path) -> None:
    changed = Settings(window=8.0)
    path = make_recording(
        tmp_path / "changed.mirror",
        changes=[{"time_s": 12.0, "settings": changed.to_dict()}],
        seconds=LONG,
    )
    found = page(path)
    assert "changed after 12.0 s: window 8 s" in found.text
    assert "Settings were changed during the session." in found.text
    assert "windows of 8 s that do not overlap" in found.text


@pytest.mark.usefixtures("without_drawings")
def test_session_that_ended_abruptly(tmp_path: Path) -> None:
    path = make_recording(tmp_path / "cut.mirror")
    with sqlite3.connect(path) as db:
        db.execute("DELETE FROM session WHERE key = 'quality'")
    db.close()
    found = page(path)
    assert "ended abruptly, or is still running" in found.text
    feeds = next(each for each in found.tables if "dropped" in each[0])
    assert feeds[1][4] == "unknown"


def test_hostile_texts_are_escaped(tmp_path: Path) -> None:
    path = make_recording(
        tmp_path / "nasty.mirror",
        labels=(NASTY, "half \ud800"),
        condition=NASTY,
        notes=NASTY,
        sources={"a": NASTY, "b": NASTY},
        versions={NASTY: NASTY},
        quality={"feeds": {}, "warnings": [NASTY]},
        events=(Event(1.0, NASTY, NASTY),),
        started=NASTY,
    )
    found = page(path)
    assert found.text.count(SHOWN) > 8
    events = next(each for each in found.tables if "kind" in each[0])
    assert events[1][2:] == [SHOWN, SHOWN]
    assert "half ?" in found.text


def test_report_on_two_hours_is_small(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    values = rng.random((7_200, 4))
    scores = [
        Score(
            1.0 * k,
            State.OK if k % 997 > 40 else State.STILL,
            in_phase=a,
            anti_phase=b,
            coherence=c,
            relative_phase_deg=360 * d - 180,
            mirroring=a,
            lag_s=d - 0.5,
            chance_in_phase=0.3,
            chance_anti_phase=0.3,
            tracked_a=1.0,
            tracked_b=1.0,
        )
        for k, (a, b, c, d) in enumerate(values.tolist(), 1)
    ]
    events = [Event(36.0 * k, "mark", f"number {k}") for k in range(200)]
    path = make_scores_recording(tmp_path / "long.mirror", scores, events)
    text = to_html(compose([path], Span()))
    assert len(text.encode()) < 3e6
    assert "time (hours:minutes:seconds)" in text
    assert "time (minutes:seconds)" not in text
    found = Reader(text)
    rows = found.files["timeline.csv"]
    assert len(rows) <= 1000
    assert np.nanmax(column(rows, "highest_in_phase")) == pytest.approx(
        values[:, 0].max(), abs=1e-6
    )
    assert np.nanmean(column(rows, "in_phase")) == pytest.approx(np.nanmean(values[:, 0]), abs=0.01)
    assert "number 199" in found.text


@pytest.mark.usefixtures("without_drawings")
def test_caption_explains_samples_of_streams(tmp_path: Path) -> None:
    said = "Each sample of a stream counts as a frame"
    filmed = page(make_recording(tmp_path / "filmed.mirror", sources={"a": "0", "b": "1"}))
    streamed = page(
        make_recording(tmp_path / "streamed.mirror", sources={"a": "0", "b": "lsl:Ben"})
    )
    assert said not in filmed.text
    assert said in streamed.text
    assert "motion capture of person B" in streamed.text


def test_a_session_without_a_score_has_no_empty_lines(tmp_path: Path) -> None:
    """Programs that draw it may complain of paths without data, as Qt does."""
    scores = [Score(0.1 * k, State.WARMING_UP) for k in range(20)]
    path = make_scores_recording(tmp_path / "short.mirror", scores)
    text = to_html(compose([path], Span()))
    paths = re.findall(r"<path [^>]*>", text)
    assert paths
    assert [path for path in paths if not re.search(r'\bd="', path)] == []


@pytest.mark.usefixtures("without_drawings")
def test_results_of_exercises_are_a_table(tmp_path: Path) -> None:
    path = tmp_path / "s.mirror"
    row = Score(
        8.0, State.OK, in_phase=0.5, anti_phase=0.0, coherence=0.5, mirroring=0.5, lag_s=0.0
    )
    goal = Goal(lag=(0.0, 1.0), hold_s=5.0)
    result = Result("Swap " + NASTY, "A leads", 3.0, 23.0, 3.0, goal, 8.5, 8.5, 0.0, 6.0)
    session = {"settings": Settings().to_dict(), "series": True}
    with Recorder(path, session) as recorder:
        recorder.add_scores([row])
        for each in (result, replace(result, start_s=23.0, end_s=43.0, met_s=0.0, missed_s=0.0)):
            recorder.add_result(each)
    text = to_html(compose([path], Span()))
    check_whole(text)
    held, unknown = re.findall(r"<tr>.*?</tr>", text[text.index("Exercises</h2>") :], re.DOTALL)[
        1:3
    ]
    assert "goal held" in held
    assert "6.0\u00a0s" in held
    assert "50\u00a0%" in held
    assert "no score" in unknown
    assert "50\u00a0%" not in unknown
    assert "<script>alert" not in text
