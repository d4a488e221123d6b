"""A study in the window: its table, its run, and the way to a dyad's recording and back."""

from __future__ import annotations

import json
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import QFileDialog, QPushButton, QTableView, QWidget
from pytestqt.qtbot import QtBot

from mirror import Settings
from mirror.study.corpus import Corpus
from mirror.study.run import Outcome, run
from mirror.study.table import read_table
from mirror.wording import NO_BREAK, UNDEFINED
from tests.support.corpora import corpus_of_four
from ui.main_window import MainWindow
from ui.shell.preferences import Preferences
from ui.shell.shortcuts import Keys
from ui.study import page as study_page
from ui.study.dyads import CELL
from ui.study.page import StudyPage
from ui.widgets.build import timer

FAST = Settings(hop=1.0)
WAIT = 20_000
CTRL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a table: three dyads are scored, one is broken, one not run yet."""
    folder = tmp_path_factory.mktemp("study") / "corpus"
    shutil.copytree(corpus_of_four(tmp_path_factory), folder)
    table = folder / "study.csv"
    lines = table.read_text().splitlines()
    table.write_text("\n".join([*lines[:4], "d09,nothing.mp4,other.mp4,imagined,5", ""]))
    list(run(read_table(table), folder / "s", FAST, workers=0))
    table.write_text("\n".join([*lines[:5], "d09,nothing.mp4,other.mp4,imagined,5", ""]))
    return folder


@pytest.fixture
def folder(scored: Path, tmp_path: Path) -> Path:
    shutil.copytree(scored, tmp_path / "corpus")
    for each in (tmp_path / "corpus" / "s").rglob("*.json"):
        each.write_text(each.read_text().replace(str(scored), str(tmp_path / "corpus")))
    return tmp_path / "corpus"


@pytest.fixture
def page(qtbot: QtBot, keys: Keys) -> StudyPage:
    page = StudyPage(keys)
    qtbot.addWidget(page)
    page.resize(1024, 600)
    page.show()
    return page


def show(qtbot: QtBot, page: StudyPage, path: Path) -> None:
    page.open(path)
    qtbot.waitUntil(lambda: page.stack.text == "", timeout=WAIT)


def texts(page: StudyPage, title: str) -> list[str]:
    """Return a column as it is shown, from the top to the bottom."""
    model = page.shown
    titles = [model.headerData(at, Qt.Orientation.Horizontal) for at in range(model.columnCount())]
    return [model.index(row, titles.index(title)).data() for row in range(model.rowCount())]


def sort(page: StudyPage, title: str, order: Qt.SortOrder) -> None:
    model = page.shown
    titles = [model.headerData(at, Qt.Orientation.Horizontal) for at in range(model.columnCount())]
    page.table.sortByColumn(titles.index(title), order)


def double_click(qtbot: QtBot, table: QTableView, row: int) -> None:
    model, viewport = table.model(), table.viewport()
    assert model is not None
    at = table.visualRect(model.index(row, 0)).center()
    qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=at)
    qtbot.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=at)


def test_dyads_are_listed_with_scores_and_failures(
    qtbot: QtBot, page: StudyPage, folder: Path
) -> None:
    show(qtbot, page, folder / "s")
    assert texts(page, "Dyad") == ["d01", "d02", "d03", "d09"]  # as in the table
    assert texts(page, "condition") == ["no visual access", "imagined", "face to face", "imagined"]
    assert texts(page, "Quality") == [f"100{NO_BREAK}%"] * 3 + [""]
    assert texts(page, "Length") == ["0:29"] * 3 + [""]
    *states, failed = texts(page, "State")
    assert states == ["Scored"] * 3
    assert failed.startswith("Failed: ")
    assert "nothing.mp4" in failed
    mean = Corpus.read(folder / "s").facts["d02"]["means"]["mirroring"]
    assert (
        texts(page, "Mirroring")[1] == f"{mean:.2f} ({UNDEFINED})"
    )  # too short for a chance level
    assert "3 scored, 1 without scores" in page.header.about.text()


def test_sorting_is_by_value_and_leaves_the_unknown_last(
    qtbot: QtBot, page: StudyPage, folder: Path
) -> None:
    show(qtbot, page, folder / "s")
    sort(page, "Mirroring", Qt.SortOrder.AscendingOrder)
    values = [float(each.split()[0]) for each in texts(page, "Mirroring")[:3]]
    assert values == sorted(values)
    assert texts(page, "Dyad")[3] == "d09"
    sort(page, "Mirroring", Qt.SortOrder.DescendingOrder)
    assert [float(each.split()[0]) for each in texts(page, "Mirroring")[:3]] == values[::-1]
    assert texts(page, "Dyad")[3] == "d09"
    sort(page, "cooperation", Qt.SortOrder.DescendingOrder)
    numbers = list(map(float, texts(page, "cooperation")))
    assert numbers == sorted(numbers, reverse=True)


def test_a_dyad_is_updated_without_sorting_the_others(
    qtbot: QtBot, page: StudyPage, folder: Path
) -> None:
    show(qtbot, page, folder / "s")
    sort(page, "State", Qt.SortOrder.AscendingOrder)
    header = page.table.horizontalHeader()
    assert header is not None
    assert header.sectionResizeMode(1) == header.ResizeMode.Interactive
    assert header.sectionSize(1) <= 2 * CELL.width()  # of a long reason
    with qtbot.assertNotEmitted(page.shown.layoutChanged):
        page.dyads.update_dyad(Corpus.read(folder / "s"), "d02", {}, "no disk")
    assert texts(page, "State")[1:] == ["Scored", "Failed: no disk", "Scored"]


def test_numbers_are_shown_and_found_with_all_digits(
    qtbot: QtBot, page: StudyPage, tmp_path: Path
) -> None:
    (tmp_path / "study.csv").write_text("id,a,day\nx,x.mirror,20240115\ny,y.mirror,20240116\n")
    show(qtbot, page, tmp_path / "study.csv")
    page.filter.setText("40115")
    assert texts(page, "day") == ["20240115"]


def test_everything_is_reached_by_keyboard(qtbot: QtBot, window: MainWindow, folder: Path) -> None:
    study = window.study
    with qtbot.waitActive(window):
        window.activateWindow()
    window.open_recording(folder / "s")
    qtbot.waitUntil(lambda: study.stack.text == "", timeout=WAIT)
    study.table.setFocus()
    reached = list[QWidget | None]()
    for _ in range(5):
        qtbot.keyClick(window, Qt.Key.Key_Backtab)
        reached.append(window.focusWidget())
    assert {study.filter, *map(study.header.buttons.get, ("Run", "Settings…"))} < {*reached}
    study.table.setFocus()
    study.table.selectRow(0)
    for _ in range(4):
        qtbot.keyClick(study.table, Qt.Key.Key_Right)
    head, values = study.table.horizontalHeader(), {}
    assert head is not None
    for _ in range(2):
        qtbot.keyClick(study.table, Qt.Key.Key_S, CTRL_SHIFT)
        values[head.sortIndicatorOrder()] = texts(study, "Mirroring")[:3]
    first, second = values.values()
    assert first == sorted(first)
    assert second == first[::-1]


def test_lines_are_read_aloud(qtbot: QtBot, page: StudyPage, folder: Path) -> None:
    older = folder / "s" / "scores" / "d02.json"  # of a version that stored no line
    facts = json.loads(older.read_bytes())
    del facts["line"]
    older.write_text(json.dumps(facts))
    show(qtbot, page, folder / "s")
    said = [page.shown.index(row, 3).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(4)]
    assert said[0].startswith("In-phase up to 0.")
    assert said[1::2] == ["No scores"] * 2


@pytest.mark.parametrize(
    ("words", "left"), [("FACE to", ["d03"]), ("failed", ["d09"]), ("d0", 4), ("nobody", [])]
)
def test_rows_are_filtered(
    qtbot: QtBot, page: StudyPage, folder: Path, words: str, left: list[str] | int
) -> None:
    show(qtbot, page, folder / "s")
    qtbot.keyClicks(page.filter, words)
    found = texts(page, "Dyad")
    assert (len(found) if isinstance(left, int) else found) == left


def test_a_run_goes_on_as_the_last_one_and_shows_what_was_done(
    qtbot: QtBot, page: StudyPage, folder: Path
) -> None:
    show(qtbot, page, folder / "study.csv")  # finds the run beside it
    assert texts(page, "Dyad") == ["d01", "d02", "d03", "d09"]
    sort(page, "Dyad", Qt.SortOrder.DescendingOrder)
    page.table.selectRow(2)
    before = (folder / "s" / "scores" / "d01.json").stat().st_mtime_ns
    page.run(workers=0)
    assert not page.header.buttons["Run"].isEnabled()
    assert page.header.buttons["Run"].toolTip() == "The study is being run"
    page.open(folder)  # not while another one runs
    qtbot.waitUntil(lambda: len(texts(page, "Dyad")) == 5, timeout=WAIT)
    assert texts(page, "State")[1:] == ["Scored"] * 4
    assert (folder / "s" / "scores" / "d01.json").stat().st_mtime_ns == before
    assert Corpus.read(folder / "s").facts["d04"]["settings"]["hop"] == FAST.hop
    qtbot.waitUntil(page.header.buttons["Run"].isEnabled, timeout=WAIT)
    assert texts(page, "Dyad") == ["d09", "d04", "d03", "d02", "d01"]  # d04 is new
    assert page.table.currentIndex().siblingAtColumn(0).data() == "d02"
    assert [each.row() for each in page.table.selectedIndexes()][:1] == [3]


def test_outcomes_are_shown_a_few_at_a_time(
    qtbot: QtBot, page: StudyPage, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    monkeypatch.setattr(study_page, "read_facts", lambda _, each: shown.append(each) or {})
    counts, is_enough = [0], threading.Event()
    beat = timer(page, 0, lambda: counts.append(len(shown)))  # the window is not blocked

    def run_again(
        _corpus: Corpus, _settings: Settings, _workers: int, idle: Callable[[], None]
    ) -> Iterator[Outcome]:
        yield from ((f"x{number}", "kept", "") for number in range(25))
        idle()
        is_enough.wait(WAIT / 1000)

    monkeypatch.setattr(Corpus, "run_again", run_again)
    show(qtbot, page, folder / "s")
    beat.start()
    page.run(workers=0)
    qtbot.waitUntil(lambda: len(shown) == 25, timeout=WAIT)
    assert max(np.diff(counts)) <= 10
    is_enough.set()
    qtbot.waitUntil(page.header.buttons["Run"].isEnabled, timeout=WAIT)


def test_a_run_is_cancelled(qtbot: QtBot, page: StudyPage, folder: Path) -> None:
    show(qtbot, page, folder / "s")
    for each in (folder / "s" / "scores").glob("*.json"):
        each.unlink()
    show(qtbot, page, folder / "s")
    page.dyads.dataChanged.connect(page.working.cancel.click)  # at the first outcome
    with qtbot.waitSignal(page.message, timeout=WAIT) as said:
        page.run(workers=0)
    assert said.args is not None
    assert "goes on from here" in said.args[0]
    qtbot.waitUntil(page.header.buttons["Run"].isEnabled, timeout=WAIT)
    assert texts(page, "State")[0] == "Scored"
    assert "Not run yet" in texts(page, "State")


def test_without_dask_the_run_is_offered_without_it(
    qtbot: QtBot, page: StudyPage, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    show(qtbot, page, folder / "s")
    with qtbot.waitSignal(page.message) as said:
        page.header.buttons["Run"].click()
    assert said.args is not None
    text, _, (label, slot) = said.args
    assert "mirror-synchrony[study]" in text
    assert label == "Run without it"
    slot()
    qtbot.waitUntil(lambda: len(texts(page, "Dyad")) == 5, timeout=WAIT)


def test_without_pandas_the_table_says_what_to_install(
    qtbot: QtBot, page: StudyPage, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(folder / "s")
    monkeypatch.setitem(sys.modules, "pandas", None)
    page.open(folder / "study.csv")
    qtbot.waitUntil(lambda: "pip install 'mirror-synchrony[study]'" in page.stack.text)


def test_a_table_that_was_never_run_lists_its_rows(
    qtbot: QtBot, page: StudyPage, folder: Path
) -> None:
    shutil.rmtree(folder / "s")
    show(qtbot, page, folder / "study.csv")
    assert texts(page, "State") == ["Not run yet"] * 5
    assert "Run writes to the folder “study scored”" in page.header.about.text()
    page.run(workers=0)
    qtbot.waitUntil(lambda: "Scored" in texts(page, "State"), timeout=WAIT)
    qtbot.waitUntil(page.header.buttons["Run"].isEnabled, timeout=WAIT)
    assert (folder / "study scored" / "failures.csv").exists()


def test_a_run_names_its_settings_and_takes_others_from_a_file(
    qtbot: QtBot, page: StudyPage, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(folder / "s")
    show(qtbot, page, folder / "study.csv")
    assert "Run with window 6 s, taper lopsided, hop 0.1 s" in page.header.about.text()
    file = folder / "own.toml"
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    file.write_text("windows = 8")
    with qtbot.waitSignal(page.message) as said:
        page.header.buttons["Settings…"].click()
    assert said.args is not None
    assert "windows" in said.args[0]
    file.write_text("window = 8\nhop = 1.0")
    page.header.buttons["Settings…"].click()
    assert "Run with window 8 s, taper lopsided, hop 1 s" in page.header.about.text()
    page.run(workers=0)
    qtbot.waitUntil(page.header.buttons["Run"].isEnabled, timeout=WAIT)
    corpus = Corpus.read(folder / "study scored")
    assert {each["settings"]["window"] for each in corpus.facts.values()} == {8.0}
    show(qtbot, page, folder / "study.csv")  # the next run is as this one
    assert "Run with window 8 s" in page.header.about.text()


def test_run_says_why_it_is_not_offered(qtbot: QtBot, page: StudyPage, folder: Path) -> None:
    ran = json.loads((folder / "s" / "study.json").read_bytes())
    del ran["table"]
    (folder / "s" / "study.json").write_text(json.dumps(ran))
    show(qtbot, page, folder / "s")
    assert not page.header.buttons["Run"].isEnabled()
    assert page.header.buttons["Run"].toolTip() == study_page.NO_TABLE


def test_a_damaged_file_is_of_a_dyad_that_was_not_run(
    qtbot: QtBot, page: StudyPage, folder: Path
) -> None:
    for each, content in (("d01", b'{"key": "1'), ("d02", b"{}"), ("d03", b"\xff")):
        (folder / "s" / "scores" / f"{each}.json").write_bytes(content)
    show(qtbot, page, folder / "s")
    assert texts(page, "State")[:3] == ["Not run yet"] * 3
    page.run(workers=0)
    qtbot.waitUntil(lambda: texts(page, "State")[:3] == ["Scored"] * 3, timeout=WAIT)
    qtbot.waitUntil(page.header.buttons["Run"].isEnabled, timeout=WAIT)


def test_a_folder_without_a_study_says_so(qtbot: QtBot, page: StudyPage, tmp_path: Path) -> None:
    page.open(tmp_path)
    qtbot.waitUntil(lambda: "holds no study" in page.stack.text, timeout=WAIT)
    assert "mirror study" not in page.stack.text  # no command of a terminal
    with qtbot.waitSignal(page.back_clicked):
        next(each for each in page.findChildren(QPushButton) if each.isVisible()).click()


@pytest.fixture
def window(qtbot: QtBot, preferences: Preferences, keys: Keys, tmp_path: Path) -> MainWindow:
    preferences.recordings_folder = tmp_path
    window = MainWindow(preferences, keys)
    qtbot.addWidget(window)
    window.resize(1024, 640)
    window.show()
    return window


def test_a_dropped_study_leads_to_a_recording_and_back(
    qtbot: QtBot, window: MainWindow, folder: Path
) -> None:
    study = window.study
    window.show_start()
    for path in (folder / "study.csv", folder / "s"):
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        how = Qt.DropAction.CopyAction, data, buttons, keys
        entering = QDragEnterEvent(QPoint(9, 9), *how)
        entering.ignore()
        window.start.two_files.fields[0].dragEnterEvent(entering)
        assert not entering.isAccepted()  # it is no video: the page takes it
        window.start.dropEvent(QDropEvent(QPointF(9, 9), *how))
        assert window.page is study
        qtbot.waitUntil(lambda: study.stack.text == "", timeout=WAIT)
    assert window.page is study
    qtbot.waitUntil(lambda: study.stack.text == "", timeout=WAIT)
    assert study.header.mapTo(window, QPoint(0, 0)).x() + study.header.width() <= window.width()
    double_click(qtbot, study.table, 3)  # failed: there is nothing to replay
    assert window.page is study
    with qtbot.waitSignal(window.replay.opened, timeout=WAIT):
        double_click(qtbot, study.table, 1)
    assert window.replay.path == folder / "d02.mirror"
    steps: dict[str, Callable[[], object]] = {
        "study": window.replay.header.buttons["Back"].click,
        "start": study.header.buttons["Start page"].click,
    }
    for name, step in steps.items():
        step()
        assert window.page is getattr(window, name)
    window.open_recording(folder / "d01.mirror")
    window.replay.back_clicked.emit()
    assert window.page is window.start
    window.start.deactivate()
