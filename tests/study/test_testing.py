"""A corpus that was run: its tests, page and tables, on the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from docs.corpus import write_corpus
from mirror import Settings
from mirror.errors import ExportError, StudyError
from mirror.report.document import Figure, Listing, Section, Table
from mirror.report.html import to_html
from mirror.study import testing
from mirror.study.corpus import Corpus
from mirror.study.report import study_document
from mirror.study.run import run, stem
from mirror.study.table import read_table
from mirror.study.testing import run_tests
from tests.support.commands import error_line, run_here
from tests.support.html_pages import Reader
from tests.support.once import make_once


def rows_of(section: Section) -> tuple[tuple[str, ...], ...]:
    return next(part.rows for part in section.parts if isinstance(part, Table))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    def make() -> Path:
        folder = tmp_path_factory.mktemp("scored")
        write_corpus(folder, 12, 60)
        study = read_table(folder / "study.csv")
        list(run(study, folder / "scored", Settings(hop=0.5), workers=0))
        return folder

    return make_once(tmp_path_factory, "scored corpus", make)


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made / "scored", tmp_path / "scored")
    return tmp_path


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw no figure, which takes most of the time."""
    monkeypatch.setattr(testing, "draw_figure", lambda title, *_: Figure(title, "", "", "<svg>"))


def test_answers_on_the_command_line_and_on_the_page(folder: Path) -> None:
    words = ("--by", "condition", "--outcome", "cooperation", "--formula", "mirroring ~ condition")
    done = run_here("study", "test", "scored", *words, "--group", "id", "--fdr", folder=folder)
    assert done.returncode == 0, done.stderr
    text = " ".join(done.stdout.split())
    assert "12 dyads against 132 pseudo-dyads" in text
    assert "anti-phase left arm" in text
    assert "condition[T.imagined]" in text
    assert "Generalized estimating equations, windows of 12 dyads (exchangeable)" in text
    done = run_here("study", "report", "scored", "-o", "study.html", folder=folder)
    assert done.returncode == 0, done.stderr
    page = Reader((folder / "study.html").read_text("utf-8"))
    for part in (
        "12 dyads, 11:5",
        "Against chance",
        "Correlation with cooperation",
        "Model: mirroring",
    ):
        assert part in page.text
    means, chance, *_, dyads = page.tables
    assert [row[:2] for row in means[1:]] == [
        [name, "4"] for name in ("face to face", "imagined", "no visual access")
    ]
    mirroring = next(row for row in chance[1:] if row[0] == "mirroring")
    assert float(mirroring[1]) > float(mirroring[2])
    assert float(mirroring[3]) > 2
    assert [row[0] for row in dyads[1:]] == [f"d{n:02d}" for n in range(1, 13)]
    corpus = Corpus.read(folder / "scored")
    assert to_html(study_document(corpus)).count("<svg") == 1
    for number, (about, facts) in enumerate(
        zip(corpus.about.values(), corpus.facts.values(), strict=True)
    ):
        about |= {"session": float(number % 2), "person_b": "Anna" if number < 5 else ""}
        facts["settings"]["window"] = 4.0 if number else 6.0
    page = Reader(to_html(study_document(corpus)))
    assert "(6 s, mirror; 4 s, mirror)" in page.text
    session, people = page.tables[1], page.tables[3]  # those of person_b between
    assert [row[:2] for row in session[1:]] == [["0", "6"], ["1", "6"]]
    assert session[0][-3:] == ["median lag (s)", "A led", "B led"]
    led = corpus.frame("dyads")["b_led"][:5].mean()
    (anna,) = (row for row in people if row[0] == "Anna")
    assert anna[1] == "5"
    assert float(anna[2].split(" ± ")[0]) == pytest.approx(led, abs=0.005)
    # The columns are others than those that were tested.
    assert "have changed since the last tests; repeat mirror study test" in page.text
    assert "Against chance" not in page.text
    (folder / "scored" / "tests.json").write_text("{")
    assert "stored tests are damaged" in Reader(to_html(study_document(corpus))).text


@pytest.mark.usefixtures("undrawn")
def test_pairs_within_a_column_and_of_any_role(folder: Path) -> None:
    corpus = Corpus.read(folder / "scored")
    for pairs, count in (("condition", 3 * 4 * 3), ("any-role", 132 + 2 * 66)):
        section = run_tests(corpus, pairs=pairs)[0]
        assert f"12 dyads against {count} pseudo-dyads" in str(section.parts[0])
    corpus.about["d01"]["condition"] = ""
    found = run_tests(corpus, pairs="condition")[0]
    assert "11 dyads against 30 pseudo-dyads" in str(found.parts[0])
    assert "1 dyads without a condition are left out" in str(found.parts)
    with pytest.raises(StudyError, match="role, any-role or a column"):
        run_tests(corpus, pairs="site")


@pytest.mark.usefixtures("undrawn")
def test_a_dyad_with_exchanged_roles_is_turned_round(folder: Path) -> None:
    corpus = Corpus.read(folder / "scored")
    plain = rows_of(run_tests(corpus)[0])[-1]  # mirroring of the body
    for number, about in enumerate(corpus.about.values()):
        about |= {"role_a": "client", "role_b": "therapist"}
        if number == 5:
            about |= {"role_a": "therapist", "role_b": "client"}
    turned = rows_of(run_tests(corpus)[0])[-1]
    # Genuine dyads stay as they are; other people meet other partners.
    assert turned[:2] == plain[:2]
    assert turned[2:4] != plain[2:4]


@pytest.mark.usefixtures("undrawn")
def test_overlapping_and_unequal_dyads_are_named(folder: Path) -> None:
    corpus = Corpus.read(folder / "scored")
    corpus.about["d02"]["person_a"] = corpus.about["d07"]["person_b"] = "Anna"
    (shared,) = run_tests(corpus)[-1].parts
    assert shared == Listing(("d02, d07: they share a source or a person",))
    corpus.facts["d03"]["settings"]["window"] = 4.0
    with pytest.raises(StudyError, match="d03 has other settings"):
        run_tests(corpus)


def test_tidy_tables(folder: Path) -> None:
    for kind in ("csv", "parquet"):
        done = run_here(
            "study", "export", "scored", "--to", kind, "-o", "tables", "--force", folder=folder
        )
        assert done.returncode == 0, done.stderr
    for kind in ("csv", "parquet"):
        dyads, people, windows = (
            pd.read_csv(path) if kind == "csv" else pd.read_parquet(path)
            for name in ("dyads", "people", "windows")
            for path in [folder / "tables" / f"{name}.{kind}"]
        )
        assert len(dyads) == 12
        assert len(people) == 24
        assert set(people["feed"]) == {"a", "b"}
        assert len(windows) == 12 * 9
        means = windows[windows["state"] == "ok"].groupby("id")["mirroring"].mean()
        assert list(dyads["mirroring"]) == pytest.approx(list(means))
        assert list(dyads["share_in_phase"]) == list(dyads["share_in_phase"].clip(0, 1))
    meaning = json.loads((folder / "tables" / "columns.json").read_text("utf-8"))
    assert meaning["windows"]["lag_s"]["units"] == "s"


@pytest.mark.usefixtures("undrawn")
def test_what_cannot_be_read_or_exported(folder: Path, made: Path) -> None:
    for words, part in (
        (("export", "scored", "--to", "spss", "-o", "t"), "parquet or csv, not 'spss'"),
        (("test", "nothing"), "run its table first"),
        (("test", "scored", "--by", "age"), "no column 'age'"),
        (("test", "scored", "--by", "cooperation"), "has values of one dyad only"),
        (("test", "scored", "--blocks", "condition"), "--blocks is for --by"),
        (("test", "scored", "--group", "id"), "--group is for --formula"),
    ):
        assert part in error_line(run_here("study", *words, folder=folder))
    (folder / "t").write_text("")
    corpus = Corpus.read(folder / "scored")
    with pytest.raises(ExportError, match=r"cannot write .*t: File exists"):
        corpus.export("csv", folder / "t", replace=False)
    for suffix, content in ((".npy", b"broken"), (".npz", b"PK\x03\x04")):
        stem(folder / "scored", "d02").with_suffix(suffix).write_bytes(content)
        with pytest.raises(StudyError, match=rf"d02\{suffix} is missing or damaged"):
            run_tests(corpus)
        shutil.copy(stem(made / "scored", "d02").with_suffix(suffix), folder / "scored" / "scores")
    for path in (folder / "scored" / "scores").glob("*.json"):
        path.unlink()
    with pytest.raises(StudyError, match="no dyad with scores"):
        Corpus.read(folder / "scored")


def test_dyads_that_failed_or_did_not_run_are_named(folder: Path) -> None:
    stem(folder / "scored", "d03").with_suffix(".json").unlink()
    (folder / "scored" / "failures.csv").write_text("id,why\nrow 9 (x),it has no source a\n")
    corpus = Corpus.read(folder / "scored")
    assert corpus.failures == [("d03", "not run yet"), ("row 9 (x)", "it has no source a")]
    page = Reader(to_html(study_document(corpus)))
    assert "it has no source a" in page.text
    assert "No tests yet: mirror study test" in page.text
    assert len(corpus.frame("windows")) == 11 * 9
    assert np.isfinite(corpus.frame("dyads")["mirroring"]).all()
