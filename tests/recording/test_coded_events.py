"""Coded events of ELAN, BORIS, XDF and tables on a recording, and what is chosen by them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from pympi.Elan import Eaf

from mirror import Event, Recording, State, surrogate_test
from mirror.errors import EventsError, RecordingError, SettingsError
from mirror.recording.coded_events import annotate, read_events, select
from mirror.report.write import compose
from mirror.timeline import COLUMNS, Span
from tests.support.commands import error_line, run_here
from tests.support.recordings import make_recording
from tests.support.reports import draw_nothing
from tests.support.xdf import Stream, xdf_file

SPEAKS = Event(2.0, "therapist", "speaks (for 4.500 s)")
NODS = Event(7.25, "client", "nods")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_recording(tmp_path_factory.mktemp("coded") / "talk.mirror", seconds=60.0)


@pytest.fixture
def talk(made: Path, tmp_path: Path) -> Path:
    copy = tmp_path / made.name
    copy.write_bytes(made.read_bytes())
    return copy


def text_file(folder: Path, name: str, *lines: str) -> str:
    (folder / name).write_text("\n".join(lines), encoding="utf-8")
    return str(folder / name)


def problem(source: str) -> str:
    with pytest.raises(EventsError) as caught:
        read_events(source)
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_elan(tmp_path: Path) -> None:
    document = Eaf()
    document.remove_tier("default")
    document.add_tier("therapist")
    document.add_annotation("therapist", 2000, 6500, "speaks")
    document.add_tier("client")
    document.add_annotation("client", 7250, 7750, "nods")
    document.add_tier("empty")
    document.to_file(str(tmp_path / "talk.eaf"))
    nods = Event(7.25, "client", "nods (for 0.500 s)")
    assert read_events(str(tmp_path / "talk.eaf")) == [SPEAKS, nods]
    assert (nods.code, nods.end_s, NODS.code, NODS.end_s) == ("nods", 7.75, "nods", 7.25)


BORIS_TABULAR = (
    "Observation id\tsession 1\t\t",
    "Media file(s)\t\t\t",
    "",
    "Time\tTotal length\tSubject\tBehavior\tStatus",
    "2.000\t60\ttherapist\tspeaks\tSTART",
    "6.500\t60\ttherapist\tspeaks\tSTOP",
    "7.250\t60\tclient\tnods\tPOINT",
)
BORIS_AGGREGATED = (
    "Observation id,Start time,Subject,Behavior,Modifiers,Behavior type,Start (s),Stop (s)",
    "session 1,,therapist,speaks,,STATE,2.000,6.500",
    "session 1,,client,nods,,POINT,7.250,7.250",
)
TABLES = {
    "tabular.tsv": BORIS_TABULAR,
    "aggregated.csv": BORIS_AGGREGATED,
    "bids.tsv": (
        "onset\tduration\ttrial_type\ttier",
        "7.25\tn/a\tnods\tclient",
        "2\t4.5\tspeaks\ttherapist",
    ),
    "german.csv": (
        "Start;End;Code;Tier",
        "0:00:02,0;0:06,5;speaks;therapist",
        ";;;",
        "7,25;.;nods;client",
    ),
    "own.csv": ("time_s,kind,text", "2.0,therapist,speaks (for 4.500 s)", "7.25,client,nods"),
}


@pytest.mark.parametrize("name", TABLES)
def test_tables(name: str, tmp_path: Path) -> None:
    assert read_events(text_file(tmp_path, name, *TABLES[name])) == [SPEAKS, NODS]


def test_a_table_in_utf_16(tmp_path: Path) -> None:
    path = tmp_path / "unicode.txt"
    path.write_text("\n".join(TABLES["bids.tsv"]), "utf-16")
    assert read_events(str(path)) == [SPEAKS, NODS]


def test_codes_of_boris_may_be_numbers(tmp_path: Path) -> None:
    events = '{"behaviors_conf": {}, "observations": {"o": {"events": [[1, 2, 3, 4, ""]]}}}'
    (found,) = read_events(text_file(tmp_path, "numbers.boris", events))
    assert (found.time_s, found.kind, found.text) == (1.0, "2", "3|4")


def test_a_damaged_xdf_file_logs_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert "has no events" in problem(text_file(tmp_path, "junk.xdf", "XDF:junk"))
    assert not caplog.records


def boris_project(folder: Path, *observations: str) -> str:
    events = [
        [2.0, "therapist", "speaks", "", ""],
        [3.0, "client", "looks", "away|down", ""],
        [6.5, "therapist", "speaks", "", "a comment"],
        [7.25, "client", "nods", "None", ""],
        [8.0, "client", "looks", "away|down", ""],
    ]
    kinds = {"speaks": "State event", "looks": "State event", "nods": "Point event"}
    project = {
        "behaviors_conf": {
            str(number): {"code": code, "type": kind}
            for number, (code, kind) in enumerate(kinds.items())
        },
        "observations": {name: {"type": "MEDIA", "events": events} for name in observations},
    }
    return text_file(folder, "project.boris", json.dumps(project))


def test_boris_projects(tmp_path: Path) -> None:
    looks = Event(3.0, "client", "looks|away|down (for 5.000 s)")
    one = boris_project(tmp_path, "session 1")
    assert read_events(one) == [SPEAKS, looks, NODS]
    several = boris_project(tmp_path, "session 1", "session #2")
    assert read_events(f"{several}#session 1") == [SPEAKS, looks, NODS]
    for wrong in (several, f"{several}#session 3"):
        assert "name one observation after a #: session #2, session 1" in problem(wrong)


def test_markers_of_xdf_are_on_the_clock_of_the_recorded_scores(tmp_path: Path) -> None:
    markers = Stream("client", "psychopy", [(1007.25, "nods"), (1009.0, "smiles")])
    alone = xdf_file(tmp_path / "alone.xdf", [markers])
    assert read_events(alone) == [Event(0.0, "client", "nods"), Event(1.75, "client", "smiles")]
    row = [0.0] * (len(COLUMNS) - 1)
    scores = Stream("talk", "mirror pc talk", [(1006.0, [6.0, *row]), (1006.1, [6.1, *row])])
    own = Stream("talk events", "mirror pc talk events", [(1001.0, "mark: hello")])
    both = xdf_file(tmp_path / "both.xdf", [markers, scores, own])
    found = read_events(both)
    assert [(each.kind, each.text) for each in found] == [("client", "nods"), ("client", "smiles")]
    assert [each.time_s for each in found] == pytest.approx([7.25, 9.0])


def test_files_that_are_wrong_are_refused_in_one_line(tmp_path: Path) -> None:
    write = tmp_path
    assert "cannot read" in problem(str(tmp_path / "none.csv"))
    assert "has no columns of events" in problem(text_file(write, "a.csv", ""))
    assert "has no columns of events" in problem(text_file(write, "b.csv", "x,y", "1,2"))
    assert "has no events" in problem(text_file(write, "c.csv", "start,code"))
    for line in ("soon,nods", ",nods", "1"):
        assert "line 3: no time" in problem(text_file(write, "d.csv", "start,code", "1,a", line))
    assert "ends before it starts" in problem(text_file(write, "e.csv", "start,end,code", "2,1,a"))
    assert "has no time" in problem(text_file(write, "f.csv", "start,code", "inf,a"))
    head, *rows = BORIS_TABULAR[3:]
    never = [head, rows[0], rows[2]]
    assert "'speaks' of 'therapist' at 2 s never stops" in problem(
        text_file(write, "g.tsv", *never)
    )
    twice = [head, rows[0], rows[0], rows[1]]
    assert "is a second START" in problem(text_file(write, "h.tsv", *twice))
    assert "no file of ELAN" in problem(text_file(write, "i.eaf", "<a/>"))
    assert "no file of ELAN" in problem(text_file(write, "j.eaf", "nothing"))
    assert "no project of BORIS" in problem(text_file(write, "k.boris", '{"observations": 3}'))
    assert "no whole XDF file" in problem(text_file(write, "l.xdf", "nothing"))
    assert "cannot read" in problem(str(tmp_path / "none.xdf"))
    assert "line 2: no time" in problem(text_file(write, "n.csv", "start,code", "0_5,a"))
    assert "no project of BORIS" in problem(text_file(write, "o.boris", "[" * 100_000))
    (write / "m.csv").write_bytes(b"start,code\n1,\xff\n")
    assert "no table in UTF-8" in problem(str(write / "m.csv"))


def test_annotate_adds_what_is_inside_once(talk: Path, tmp_path: Path) -> None:
    lines = ("start,end,tier,code", "2,6.5,therapist,speaks", "7.25,,client,nods", "1e3,,client,x")
    text_file(tmp_path, "talk.csv", *lines)
    done = run_here("annotate", talk, "--from", "talk.csv", folder=tmp_path)
    assert done.stdout == "Added 2 events: therapist (1), client (1)\n"
    assert done.stderr == "mirror: 1 events are outside the session, and were left out\n"
    again = run_here("annotate", talk, "--from", "talk.csv", folder=tmp_path)
    assert again.stdout == "Added 0 events\n"
    with Recording.open(talk) as recording:
        added = [each for each in recording.events() if each.kind in ("therapist", "client")]
    assert added == [SPEAKS, NODS]
    late = text_file(tmp_path, "late.csv", "start,code", "1e3,a", "2e3,b")
    line = error_line(run_here("annotate", talk, "--from", late, folder=tmp_path))
    assert "all its 2 events, from 1000 to 2000 s, are outside the session" in line
    long = text_file(tmp_path, "long.csv", "start,code", f"1,{'a' * 20_000}")
    with pytest.raises(RecordingError, match="too long"):
        annotate(talk, long)


@pytest.fixture
def coded(talk: Path) -> Path:
    lines = ["start,end,tier,code", "0,21,therapist,speaks", "20,30,therapist,speaks|softly"]
    lines += ["40,41,therapist,laughs", "50,,client,nods"]
    annotate(talk, text_file(talk.parent, "coded.csv", *lines))
    return talk


def test_windows_are_chosen_by_half_of_their_length(coded: Path) -> None:
    with Recording.open(coded) as recording:
        everything = select(recording, None, 1.0, 2.0)
        speaks = select(recording, "therapist: speaks")
        anything = select(recording, "therapist", 3.0)
        with pytest.raises(EventsError, match="it has therapist: laughs, therapist: speaks"):
            select(recording, "client")
    assert everything == Span(1.0, 2.0)
    assert speaks == Span(during=(0.0, 30.0), name="therapist: speaks")
    assert (anything.start, anything.during) == (3.0, (0.0, 30.0, 40.0, 41.0))
    ends = np.array([1.9, 2.0, 4.0, 30.0, 32.0, 32.1, 60.0])
    assert speaks.chooses(ends, 4.0).tolist() == [False, True, True, True, True, False, False]
    # A second in each of two intervals is half of four seconds.
    two = Span(during=(0.0, 1.0, 2.0, 3.0), name="x")
    assert two.chooses(np.array([2.9, 3.0, 4.0, 4.1]), 4.0).tolist() == [False, True, True, False]


def test_exports_of_what_is_chosen(coded: Path, tmp_path: Path) -> None:
    words = "export", coded, "--while", "therapist: speaks", "--from", 10
    assert run_here(*words, "--to", "json", "-o", "x.json", folder=tmp_path).returncode == 0
    written = json.loads((tmp_path / "x.json").read_bytes())
    times = [row["time_s"] for row in written["scores"]]
    assert (times[0], times[-1]) == (10.0, 32.0)
    assert (written["about"]["part"], written["about"]["while"]) == ("selection", words[3])
    for kind in ("landmarks-csv", "video"):
        error = error_line(run_here(*words, "--to", kind, "-o", "y", folder=tmp_path))
        assert f"{kind} is not of rows" in error


def test_tests_phases_and_reports_of_what_is_chosen(coded: Path, tmp_path: Path) -> None:
    with Recording.open(coded) as recording:
        whole, chosen = (
            {(each.score, each.region): each for each in surrogate_test(recording, only=only)}
            for only in (None, "therapist: speaks")
        )
        rows = recording.timeline().within(select(recording, "therapist: speaks"), 4.0)
        with pytest.raises(SettingsError, match="5"):
            surrogate_test(recording, only="therapist: laughs")
    body = ("in_phase", "body")
    # 15 windows of 4 s in 60 s, of which those that end at 4 … 32 s are chosen.
    assert (whole[body].windows, chosen[body].windows) == (14, 8)
    assert rows.time_s[[0, -1]] == pytest.approx([2.0, 32.0])
    assert ("mimicry_by_a", "body") not in chosen
    flags = ("--while", "therapist: speaks")
    printed = run_here("test", coded, *flags, folder=tmp_path).stdout
    assert printed.startswith("Only while therapist: speaks\n")
    facts = json.loads(run_here("test", coded, "--json", *flags, folder=tmp_path).stdout)
    assert facts["while"] == "therapist: speaks"
    found = json.loads(run_here("phase", coded, "--json", *flags, folder=tmp_path).stdout)
    scored = rows.time_s[rows.state == State.OK]
    assert found["distribution"]["rows"] == len(scored)
    line = error_line(run_here("test", coded, "--while", "client", folder=tmp_path))
    assert "has no events 'client' with a duration" in line


def test_reports_of_what_is_chosen(coded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draw_nothing(monkeypatch)
    pages = [compose([coded] * count, Span(), "therapist: speaks") for count in (1, 2)]
    assert "0:02 to 0:32 of the session, only while therapist: speaks" in pages[0].subtitle
    assert "Only a part of each is shown: while therapist: speaks." in str(pages[1].sections)
    with pytest.raises(EventsError, match="has no events 'client'"):
        compose([coded], Span(), "client")
