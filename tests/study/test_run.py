"""Scoring a corpus: what is kept, what fails, and workers that are killed."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from contextlib import closing
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from docs.corpus import write_corpus
from mirror import Recording, Settings
from mirror.errors import ExportError, RecordingError, StudyError
from mirror.events import Event
from mirror.recording.edit import add_event
from mirror.recording.rescore import score_again
from mirror.recording.writer import Recorder
from mirror.session.offline import OfflineResult
from mirror.study import run as study_run
from mirror.study.corpus import Corpus
from mirror.study.run import run, stem
from mirror.study.table import read_table
from mirror.timeline import COLUMNS
from tests.support import short_chunks
from tests.support.clips import write_video
from tests.support.commands import error_line, run_here
from tests.support.corpora import corpus_of_four
from tests.support.fakes import steady

if TYPE_CHECKING:
    from distributed import LocalCluster

FAST = Settings(hop=1.0)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return corpus_of_four(tmp_path_factory)


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "corpus")
    return tmp_path / "corpus"


def states(folder: Path, settings: Settings = FAST) -> dict[str, str]:
    study = read_table(folder / "study.csv")
    return {each: state for each, state, _ in run(study, folder / "s", settings, workers=0)}


def test_only_what_changed_is_scored_again(folder: Path) -> None:
    every = {f"d0{n}": "scored" for n in range(1, 5)}
    kept = dict.fromkeys(every, "kept")
    assert states(folder) == every
    assert states(folder) == kept
    assert states(folder, Settings(hop=1.0, window=5.0)) == every
    stem(folder / "s", "d02").with_suffix(".json").unlink()
    os.utime(folder / "d03.mirror")  # the same content, at another time
    assert states(folder, Settings(hop=1.0, window=5.0)) == kept | {"d02": "scored"}
    shutil.copy(folder / "d01.mirror", folder / "d04.mirror")
    assert states(folder, Settings(hop=1.0, window=5.0)) == kept | {"d04": "scored"}


def test_a_run_can_be_ended_within_a_dyad(folder: Path) -> None:
    study, log = read_table(folder / "study.csv"), list[str]()
    for each, *_ in run(study, folder / "s", FAST, workers=0, idle=lambda: log.append("idle")):
        log.append(each)
    assert log[log.index("d01") :][:4] == ["d01", "idle", "idle", "d02"]  # after one, in the next

    def end() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(run(study, folder / "t", FAST, workers=0, idle=end))
    assert not list((folder / "t" / "scores").iterdir())


def put(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).touch()


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_what_a_killed_run_was_writing_is_deleted_and_chunks_that_are_done_stay(
    folder: Path,
) -> None:
    recordings = folder / "s" / "recordings"
    recordings.mkdir(parents=True)
    done = {".d1.0a.a0.mirror", ".d1%2Ex.0a.a120.mirror", "d1.0a.mirror"}
    halves = ".d1.mirror", ".d1.mirror-wal", ".d1.0a.b0.part.mirror", ".d9.0a.a1.part.mirror-wal"
    put(recordings, *done, *halves)
    outcomes = run(read_table(folder / "study.csv"), folder / "s", FAST, workers=0)
    next(outcomes)
    assert names(recordings) == done
    put(recordings, *halves)  # as workers do
    outcomes.close()
    assert names(recordings) == done


def test_rows_are_those_of_windows_that_do_not_overlap(folder: Path) -> None:
    states(folder, Settings())
    with Recording.open(folder / "d01.mirror") as recording:
        timeline = score_again(recording, Settings(), lambda *_: None)
    stored = np.load(stem(folder / "s", "d01").with_suffix(".npz"))
    assert stored["time_s"] == pytest.approx([6.0, 12.0, 18.0, 24.0], abs=0.07)
    rows = np.isin(timeline.time_s, stored["time_s"])
    assert all((stored[name] == timeline[name][rows]).all() for name in ("state", "in_phase"))
    assert set(COLUMNS) <= set(stored.files)
    facts = json.loads(stem(folder / "s", "d01").with_suffix(".json").read_bytes())
    assert facts["means"]["in_phase"] == pytest.approx(stored["in_phase"].mean())
    spectra = np.load(stem(folder / "s", "d01").with_suffix(".npy"))
    assert spectra.shape[:4] == (4, 2, 2, 25)


def test_a_folder_in_place_of_a_command_is_shown_in_the_window(folder: Path) -> None:
    states(folder)
    for words in (("s",), ("replay", "study.csv")):
        error = error_line(run_here(*words, folder=folder))
        assert f"{words[-1]} cannot be shown without a display" in error
    assert "holds no study that was run" in error_line(run_here(".", folder=folder))


def test_broken_dyads_are_rows_of_the_failures_and_the_others_go_on(folder: Path) -> None:
    (folder / "d01.mirror").write_bytes(b"broken")
    (folder / "d02.mirror").unlink()
    write_corpus(folder / "short", 1, 4)
    with (folder / "study.csv").open("a") as table:
        table.write("../d.1,short/d01.mirror,,x,1\nd03,d04.mirror,,x,1\nd06,x.mp4,y.mp4,x,1\n")
    done = run_here("study", "run", "study.csv", "-o", "s", "--workers", 0, folder=folder)
    assert "5 of 7 dyads have no scores; see s/failures.csv" in error_line(done)
    assert "2 scored, 0 kept, 5 failed" in done.stdout
    rows = (folder / "s" / "failures.csv").read_text().splitlines()
    whys = dict(row.split(",", 1) for row in rows[1:])
    for row, part in (
        ("d01", "d01.mirror"),
        ("d02", "No such file"),
        ("../d.1", "no window of d01.mirror has scores; most of its rows are warming_up"),
        ("row 6 (d03)", "its id is that of row 3"),
        ("d06", "x.mp4"),
    ):
        assert part in whys[row]
    # Workers of a cluster work in other folders.
    facts = json.loads(stem(folder / "s", "d04").with_suffix(".json").read_bytes())
    assert facts["recording"] == str(folder / "d04.mirror")


def test_a_film_is_tracked_once_and_scored_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracked = []

    def track(a: str, b: str, output: Path, **_: object) -> OfflineResult:
        tracked.append((a, b))
        shutil.copy(folder / "d01.mirror", output)
        return OfflineResult(output)

    monkeypatch.setattr("mirror.session.start.analyze", track)
    for name in "ab":
        (folder / f"{name}.mp4").write_bytes(name.encode())
    (folder / "study.csv").write_text("id,a,b\nfilm,a.mp4,b.mp4#flip\n")
    assert states(folder) == {"film": "scored"}
    assert states(folder, Settings()) == {"film": "scored"}
    assert len(tracked) == 1
    (first,) = (folder / "s" / "recordings").iterdir()
    add_event(first, Event(3.0, "note", "by hand"))
    assert states(folder) == {"film": "scored"}
    (folder / "b.mp4").write_bytes(b"another")
    assert states(folder) == {"film": "scored"}
    assert len(tracked) == 2
    assert len(list((folder / "s" / "recordings").iterdir())) == 2
    with Recording.open(first) as recording:
        assert "by hand" in [each.text for each in recording.events()]


def test_a_recording_that_a_full_disk_cut_short_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    t = np.arange(250) / 25
    for name in "ab":
        series = "".join(f"{each:.2f},{np.sin(3 * each):.4f}\n" for each in t)
        (tmp_path / f"{name}.csv").write_text(f"t,x\n{series}")
    source = "series:{}.csv#columns=x&time=t"
    (tmp_path / "study.csv").write_text(f"id,a,b\nd1,{source.format('a')},{source.format('b')}\n")

    def full(_recorder: Recorder, _session: object) -> None:
        raise RecordingError("No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Recorder, "update_session", full)
        ((_, state, why),) = run(
            read_table(tmp_path / "study.csv"), tmp_path / "s", FAST, workers=0
        )
    assert (state, why) == ("failed", "No space left on device")
    assert not list((tmp_path / "s" / "recordings").glob("d1*"))
    others = {".d1%2Ex.0a.a0.mirror", ".d12.0a.a0.mirror"}
    put(tmp_path / "s" / "recordings", *others, ".d1.0a.a0.mirror")  # of contents before
    assert states(tmp_path) == {"d1": "scored"}
    (kept,) = names(tmp_path / "s" / "recordings") - others
    assert kept.startswith("d1.")
    assert others < names(tmp_path / "s" / "recordings")


@pytest.fixture
def missing(tmp_path: Path) -> Path:
    """Return the table of two dyads without files, which was run into the folder ``s``."""
    table = tmp_path / "study.csv"
    table.write_text("id,a\nd1,one.mirror\nd2,two.mirror\n")
    list(run(read_table(table), tmp_path / "s", FAST, workers=0))
    return table


def test_tables_of_one_stem_have_folders_of_their_own(tmp_path: Path) -> None:
    text = "id,a\n1,x.mirror\n"
    for name in ("study.csv", "study.tsv"):
        (tmp_path / name).write_text(text)
    (tmp_path / "study scored").mkdir()
    ran = {"table": str(tmp_path / "study.csv"), "dyads": {}, "settings": {}}
    (tmp_path / "study scored" / "study.json").write_text(json.dumps(ran))
    assert Corpus.open(tmp_path / "study.tsv").folder.name == "study.tsv scored"
    assert Corpus.open(tmp_path / "study.csv").folder.name == "study scored"
    (tmp_path / "study.csv").unlink()  # moved or renamed
    assert Corpus.open(tmp_path / "study.tsv").folder.name == "study scored"


def test_ids_longer_than_names_of_files_are_scored(folder: Path) -> None:
    ids = ["x" * 300, "x" * 299 + "y", "ä/" * 90]
    rows = [f"{each},d0{n}.mirror" for n, each in enumerate(ids, 1)]
    (folder / "study.csv").write_text("\n".join(["id,a", *rows]), "utf-8")
    assert states(folder) == dict.fromkeys(ids, "scored")
    assert set(Corpus.read(folder / "s").facts) == {*ids}


def test_the_run_of_a_table_is_found_by_any_path_without_reading_the_others(
    missing: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "link").symlink_to(tmp_path, target_is_directory=True)
    shutil.copytree(tmp_path / "s", tmp_path / "another")
    for folder, path in (
        ("another", "other.csv"),
        ("s", str(tmp_path / "s" / ".." / "link" / "study.csv")),
    ):
        stored = tmp_path / folder / "study.json"
        stored.write_text(json.dumps(json.loads(stored.read_text()) | {"table": path}))
    monkeypatch.chdir(tmp_path)
    read = []
    monkeypatch.setattr(
        "mirror.study.corpus.read_facts", lambda folder, _dyad: read.append(folder) or {}
    )
    for table in (missing, Path("s/../study.csv"), Path("link/study.csv")):
        assert Corpus.open(table).folder.resolve() == tmp_path / "s"
    assert {each.resolve() for each in read} == {tmp_path / "s"}


@pytest.mark.parametrize(
    "text", ["[]", "1", "{", '{"dyads": [], "settings": {}}', '{"dyads": {"x": 1}, "settings": {}}']
)
def test_a_file_of_another_program_is_no_study(missing: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "study.json").write_text(text)
    assert Corpus.open(missing).folder == tmp_path / "s"
    with pytest.raises(StudyError, match="holds no study that was run"):
        Corpus.read(tmp_path / "a")


@pytest.mark.parametrize("text", ["[1]", "1", "{", '{"files": {}, "settings": {}, "means": 1}'])
def test_damaged_scores_count_as_missing(folder: Path, text: str) -> None:
    (folder / "study.csv").write_text("id,a\nd01,d01.mirror\n")
    states(folder)
    (folder / "s" / "scores" / "d01.json").write_text(text)
    with pytest.raises(StudyError, match="no dyad with scores"):
        Corpus.read(folder / "s")
    assert states(folder) == {"d01": "scored"}


def test_reasons_of_several_lines_are_read_and_other_rows_left_out(
    missing: Path, tmp_path: Path
) -> None:
    why = "line one\u2028line\r\ntwo\nthree"
    rows = f'id,why\r\nd1,"{why}"\r\n\r\nd2,a,b\r\n'
    (tmp_path / "s" / "failures.csv").write_bytes(rows.encode())
    assert Corpus.open(missing).failures == [("d1", why), ("d2", "not run yet")]
    (tmp_path / "s" / "failures.csv").write_bytes(b"id,why\n\xff\xfe")
    assert dict(Corpus.open(missing).failures)["d1"] == "not run yet"


def test_a_cancelled_run_keeps_its_own_failures(missing: Path, tmp_path: Path) -> None:
    failures = tmp_path / "s" / "failures.csv"
    failures.write_text("id,why\nd2,of an earlier run\n")
    outcomes = run(read_table(missing), tmp_path / "s", FAST, workers=0)
    next(outcomes)
    assert not failures.exists()
    outcomes.close()
    (first, why), second = Corpus.open(missing).failures
    assert (first, second) == ("d1", ("d2", "not run yet"))
    assert "one.mirror" in why


def test_a_folder_or_scheduler_that_is_not_there(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = read_table(folder / "study.csv")
    (folder / "file").write_text("")
    with pytest.raises(ExportError, match="cannot write"):
        list(run(study, folder / "file", FAST, workers=0))
    monkeypatch.setattr(study_run, "_CONNECT_S", 0.5)
    with pytest.raises(StudyError, match="leave it or --scheduler out"):
        list(run(study, folder / "s", FAST, scheduler="tcp://127.0.0.1:1", workers=0))
    with pytest.raises(StudyError, match="no Dask scheduler at tcp"):
        list(run(study, folder / "s", FAST, scheduler="tcp://127.0.0.1:1"))


def test_the_folder_of_another_table_is_refused(missing: Path, tmp_path: Path) -> None:
    other = missing.with_name("other.csv")
    other.write_text("id,a\nd1,x.mirror\n")
    with pytest.raises(StudyError, match=r"holds the run of .*study\.csv: give another folder"):
        list(run(read_table(other), tmp_path / "s", FAST, workers=0))
    assert set(Corpus.read(tmp_path / "s", scored=False).about) == {"d1", "d2"}
    missing.rename(tmp_path / "renamed.csv")
    assert (
        len(list(run(read_table(tmp_path / "renamed.csv"), tmp_path / "s", FAST, workers=0))) == 2
    )


def test_failures_that_cannot_be_written_are_shown_and_the_rest_goes_on(folder: Path) -> None:
    (folder / "d01.mirror").unlink()
    (folder / "s" / "failures.csv").mkdir(parents=True)
    done = run_here("study", "run", "study.csv", "-o", "s", "--workers", 0, folder=folder)
    assert "cannot write s/failures.csv: Is a directory" in error_line(done)
    assert "3 scored, 0 kept, 1 failed" in done.stdout
    assert "d01.mirror" in done.stdout


def test_a_full_disk_is_a_failure_of_each_dyad(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, _data: bytes) -> None:
        if path.suffix == ".npz":
            raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(study_run, "replace_file", full)
    found = list(run(read_table(folder / "study.csv"), folder / "s", FAST, workers=0))
    assert all("No space left on device" in why for _, _, why in found)
    assert len(found) == 4
    assert not list((folder / "s" / "scores").glob("*.json"))


def test_a_cluster_that_is_running_is_used_and_left_running(folder: Path) -> None:
    from distributed import LocalCluster

    study = read_table(folder / "study.csv")
    options = {"processes": False, "dashboard_address": "127.0.0.1:0"}
    with LocalCluster(n_workers=1, threads_per_worker=1, **options) as cluster:
        address = cluster.scheduler_address
        found = list(run(study, folder / "s", FAST, scheduler=address))
        assert {state for _, state, _ in found} == {"scored"}
        assert {state for _, state, _ in run(study, folder / "s", FAST, None, address)} == {"kept"}


def test_as_many_workers_are_started_as_asked_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dask.system
    import distributed.system
    from distributed import LocalCluster

    asked: list[int] = []

    def start(*given: object, **more: object) -> None:
        asked.append(signature(LocalCluster).bind(*given, **more).arguments["n_workers"])
        raise StudyError("enough")

    monkeypatch.setattr(distributed, "LocalCluster", start)
    monkeypatch.setattr(dask.system, "CPU_COUNT", 4)
    monkeypatch.setattr(distributed.system, "MEMORY_LIMIT", 5e9)  # of 1.5 each
    for workers in (1, 7, None):
        with pytest.raises(StudyError, match="enough"):
            list(run(read_table(folder / "study.csv"), folder / "s", FAST, workers=workers))
    for rows in ("1,d01.mirror,", "1,a.mp4,b.mp4"):  # a film has chunks for all
        (folder / "study.csv").write_text(f"id,a,b\n{rows}\n")
        with pytest.raises(StudyError, match="enough"):
            list(run(read_table(folder / "study.csv"), folder / "s", FAST))
    assert asked == [1, 7, 3, 1, 3]


def test_a_dyad_whose_worker_died_has_no_older_scores(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    states(folder)
    monkeypatch.setattr(study_run, "_spread", lambda *_: [("d02", "failed", "KilledWorker")])
    list(run(read_table(folder / "study.csv"), folder / "s", FAST))
    corpus = Corpus.read(folder / "s")
    assert list(corpus.facts) == ["d01", "d03", "d04"]
    assert corpus.failures == [("d02", "KilledWorker")]


def contents(folder: Path) -> dict[str, list[object]]:
    """Return all that is in the recordings of a run, but for the time of day."""
    found: dict[str, list[object]] = {}
    for path in (folder / "recordings").iterdir():
        with closing(sqlite3.connect(path)) as db:
            names = [*db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            rows = [row for (name,) in names for row in db.execute(f"SELECT * FROM {name}")]
        found[path.name] = [row for row in rows if row[0] != "started"]
    return found


def test_a_killed_worker_loses_one_chunk_and_the_recordings_are_the_same(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import distributed

    write_video(tmp_path / "a.mp4", steady(10))
    whole = write_video(tmp_path / "b.mkv", steady(10)).read_bytes()
    (tmp_path / "cut.mkv").write_bytes(whole[: 2 * len(whole) // 3])
    rows = f"film,a.mp4,b.mkv\ncut,a.mp4#flip,cut.mkv\nd01,{made / 'd01.mirror'},\n"
    (tmp_path / "study.csv").write_text(f"id,a,b\n{rows}")
    study, settings = read_table(tmp_path / "study.csv"), Settings(hop=1.0, window=2.0)
    trackers = tmp_path / "trackers"
    trackers.mkdir()
    cluster = distributed.LocalCluster
    with monkeypatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
        patch.setenv(short_chunks.VARIABLE, str(trackers))

        def start(**given: Any) -> LocalCluster:
            given["preload"].append(short_chunks.__name__)
            return cluster(**given)

        patch.setattr(distributed, "LocalCluster", start)
        found = dict(each[:2] for each in run(study, tmp_path / "s", settings, workers=2))
    # A result that was still with the killed worker is asked for again, and its files are there.
    assert set(found) == {"film", "cut", "d01"}
    assert set(found.values()) <= {"scored", "kept"}
    assert (trackers / "killed").exists()
    # The chunk of the killed worker is tracked twice, and the one in which a video is cut off, too:
    # by its own task and by the dyad's; by its own again if the killed worker held the result.
    more = len(list(trackers.iterdir())) - 2 * 2 * short_chunks.CHUNKS - 1
    assert more in (2, 3)
    for name, value in short_chunks.NAMES.items():
        monkeypatch.setattr(name, value)
    assert states(tmp_path, settings) == dict.fromkeys(found, "kept")
    list(run(study, tmp_path / "whole", settings, workers=0))
    assert contents(tmp_path / "s") == contents(tmp_path / "whole")
