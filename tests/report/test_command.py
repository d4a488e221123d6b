from __future__ import annotations

import os
from pathlib import Path

import pytest

from mirror.errors import ExportError
from mirror.recording.writer import Recorder
from mirror.report.document import Document, Paragraph, Section
from mirror.report.write import check_places, compose, write
from mirror.timeline import Span
from tests.support.commands import error_line, run, run_here
from tests.support.html_pages import check_whole
from tests.support.recordings import make_recording
from tests.support.reports import draw_nothing

DOCUMENT = Document("Title", "sub", (Section("Part", (Paragraph("words"),)),))


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    return make_recording(tmp_path / "talk.mirror")


def test_report_command(talk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two seconds, which have no row: that, too, is drawn and printed without a warning."""
    words = ("report", "talk.mirror", "-o", "talk.html", "--pdf", "talk.pdf", "--until", "2")
    finished = run(*words, folder=tmp_path)
    assert (finished.returncode, finished.stderr) == (0, "")
    assert finished.stdout.split() == ["Wrote", "talk.html", "Wrote", "talk.pdf"]
    found = check_whole((tmp_path / "talk.html").read_text(encoding="utf-8"))
    assert "0:00 to 0:02 of the session" in found.text
    assert (tmp_path / "talk.pdf").read_bytes().startswith(b"%PDF-")
    assert (tmp_path / "talk.html").stat().st_mode & 0o077 == 0
    draw_nothing(monkeypatch)
    make_recording(tmp_path / "again.mirror")
    run_here("report", "talk.mirror", "again.mirror", "-o", "talk.html", "--force", folder=tmp_path)
    both = check_whole((tmp_path / "talk.html").read_text(encoding="utf-8"))
    assert "2 recordings" in both.text
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "again.mirror",
        "talk.html",
        "talk.mirror",
        "talk.pdf",
    ]


def test_a_report_named_pdf_is_one(
    talk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw_nothing(monkeypatch)
    finished = run_here("report", "talk.mirror", "-o", "talk.PDF", folder=tmp_path)
    assert (finished.returncode, finished.stderr) == (0, "")
    assert (tmp_path / "talk.PDF").read_bytes().startswith(b"%PDF-")
    finished = run_here("report", "talk.mirror", "-o", "a.pdf", "--pdf", "b.pdf", folder=tmp_path)
    assert finished.returncode == 2
    assert not (tmp_path / "a.pdf").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("none.mirror", "-o", "x.html"), "there is no recording none.mirror"),
        (("notes.txt", "-o", "x.html"), "notes.txt is not a recording of mirror"),
        (("talk.mirror", "none.mirror", "-o", "x.html"), "there is no recording none.mirror"),
        (("talk.mirror", "-o", "notes.txt"), "notes.txt exists; choose another name"),
        (("talk.mirror", "-o", "x.html", "--pdf", "notes.txt"), "notes.txt exists"),
        (("talk.mirror", "-o", "talk.mirror", "--force"), "talk.mirror is the recording itself"),
        (("talk.mirror", "-o", "x.html", "--pdf", "x.html"), "cannot be two files"),
        (("talk.mirror", "-o", "no/where.html"), "there is no folder no"),
        (("talk.mirror", "-o", "."), "is a folder"),
        (("talk.mirror", "-o", "x.html", "--from", "900"), "no row from 900 to inf s"),
        (("empty.mirror", "-o", "x.html"), "empty.mirror has no rows to report on"),
    ],
)
def test_errors_are_one_line_and_leave_no_file(
    talk: Path, tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    (tmp_path / "notes.txt").write_text("mine" * 100)
    Recorder(tmp_path / "empty.mirror", {}).close()
    before = {each: each.read_bytes() for each in tmp_path.iterdir()}
    assert message in error_line(run_here("report", *words, folder=tmp_path))
    assert {each: each.read_bytes() for each in tmp_path.iterdir()} == before


def test_failed_pdf_leaves_no_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_document: Document) -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("mirror.report.write.to_pdf", fail)
    with pytest.raises(ExportError, match=r"cannot write .*x\.pdf: No space left"):
        write(DOCUMENT, tmp_path / "x.html", pdf=tmp_path / "x.pdf")
    assert not list(tmp_path.iterdir())


def test_target_of_a_symlink_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "real.html").write_text("old")
    (tmp_path / "link.html").symlink_to("real.html")
    write(DOCUMENT, tmp_path / "link.html", replace=True)
    assert (tmp_path / "link.html").is_symlink()
    check_whole((tmp_path / "real.html").read_text(encoding="utf-8"))


def test_symlink_to_the_recording_is_refused(talk: Path, tmp_path: Path) -> None:
    (tmp_path / "link.html").symlink_to(talk)
    with pytest.raises(ExportError, match="is the recording itself"):
        check_places([tmp_path / "link.html"], [talk], replace=True)


def test_special_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ExportError, match="not a regular file"):
        check_places([tmp_path / "pipe"], [], replace=True)


def test_several_recordings_are_compared(
    talk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw_nothing(monkeypatch)
    other = make_recording(tmp_path / "other.mirror")
    assert compose([talk], Span()).title == "Anna and Ben"
    assert compose([talk, other], Span()).title == "2 recordings"
