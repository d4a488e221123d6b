from __future__ import annotations

import csv
import sys
from pathlib import Path

import pytest
from PyQt6.QtCore import QUrl
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from mirror.export import FORMATS, Format
from mirror.export.base import Selection
from ui.replay.exporting import ExportDialog, Exporter, show_folder_action, suggest_path
from ui.widgets.work_bar import WorkBar

WAIT = 10_000


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.show()
    return parent


@pytest.fixture
def exporter(qtbot: QtBot, parent: QWidget) -> Exporter:
    return Exporter(WorkBar(parent), parent)


def times(path: Path) -> list[float]:
    with path.open(newline="") as file:
        return [float(row["time_s"]) for row in csv.DictReader(file)]


def test_suggested_path_names_recording_and_part() -> None:
    recording = Path("/there/talk.mirror")
    assert suggest_path(recording, "csv", None) == Path("/there/talk.csv")
    assert suggest_path(recording, "csv", (62.5, 3723.0)) == Path(
        "/there/talk 1m02.5s-1h02m03.0s.csv"
    )


def test_part_needs_a_selection(parent: QWidget, recording: Path) -> None:
    dialog = ExportDialog(recording, None, "", parent)
    assert dialog.whole.isChecked()
    assert not dialog.part.isEnabled()
    assert dialog.note.isHidden()


def test_offers_every_format(parent: QWidget, recording: Path) -> None:
    dialog = ExportDialog(recording, None, "", parent)
    rows = range(dialog.format.count())
    assert [dialog.format.itemData(row) for row in rows] == list(FORMATS)
    assert [dialog.format.itemText(row) for row in rows] == [
        each.description for each in FORMATS.values()
    ]


def test_folder_format_makes_a_new_folder(
    qtbot: QtBot, parent: QWidget, recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = Format("many", "", "Many files", lambda *_: None, is_folder=True)
    monkeypatch.setitem(FORMATS, "many", many)
    recording.with_name("talk many").mkdir()
    dialog = ExportDialog(recording, None, "", parent)
    dialog.show()
    dialog.format.setCurrentIndex(dialog.format.findData("many"))
    dialog.ask_path()
    files = dialog.findChild(QFileDialog)
    assert files is not None
    assert files.fileMode() == QFileDialog.FileMode.Directory
    with qtbot.waitSignal(dialog.chosen) as chosen:
        files.fileSelected.emit(str(recording.parent))
    assert chosen.args == ["many", recording.with_name("talk many-2"), None]


def test_files_beside_are_replaced_only_with_the_main_file(
    qtbot: QtBot,
    exporter: Exporter,
    recording: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def write(_part: object, target: Path) -> None:
        for file in (target, target.with_suffix(".side")):
            file.write_text("new")

    two = Format("two", ".two", "Two", write, lambda path: (path.with_suffix(".side"),))
    monkeypatch.setitem(FORMATS, "two", two)
    target, side = tmp_path / "out.two", tmp_path / "out.side"
    side.write_text("old")
    with qtbot.waitSignal(exporter.message, timeout=WAIT) as message:
        exporter.export(recording, "two", target)
    assert message.args is not None
    assert message.args[1] == "error"
    assert side.read_text() == "old"
    target.write_text("old")
    with qtbot.waitSignal(exporter.message, timeout=WAIT):
        exporter.export(recording, "two", target)
    assert (target.read_text(), side.read_text()) == ("new", "new")


@pytest.mark.parametrize(
    ("whole", "name", "part"),
    [(False, "talk 0m05.0s-0m07.0s.csv", (5.0, 7.0)), (True, "talk.csv", None)],
)
def test_emits_whole_or_part_with_path(
    qtbot: QtBot,
    parent: QWidget,
    recording: Path,
    whole: bool,
    name: str,
    part: tuple[float, float] | None,
) -> None:
    dialog = ExportDialog(recording, (5.0, 7.0), "As recorded.", parent)
    dialog.show()
    assert dialog.part.isChecked()
    assert dialog.part.text() == "The selection, 0:05.0 to 0:07.0"
    assert dialog.note.text() == "As recorded."
    if whole:
        dialog.whole.click()
    dialog.format.setCurrentIndex(dialog.format.findData("csv"))
    dialog.ask_path()
    files = dialog.findChild(QFileDialog)
    assert files is not None
    assert files.selectedFiles() == [str(recording.with_name(name))]
    assert files.acceptMode() == QFileDialog.AcceptMode.AcceptSave
    assert not files.testOption(QFileDialog.Option.DontConfirmOverwrite)
    with qtbot.waitSignal(dialog.chosen) as chosen:
        files.accept()
    assert chosen.args == ["csv", recording.with_name(name), part]
    assert not dialog.isVisible()


def test_cancelled_file_dialog_exports_nothing(
    qtbot: QtBot, parent: QWidget, recording: Path
) -> None:
    dialog = ExportDialog(recording, None, "", parent)
    dialog.chosen.connect(lambda *_: pytest.fail("export was requested"))
    dialog.show()
    dialog.ask_path()
    files = dialog.findChild(QFileDialog)
    assert files is not None
    files.reject()
    assert dialog.isVisible()


def test_exports_whole_recording(
    qtbot: QtBot, exporter: Exporter, recording: Path, tmp_path: Path
) -> None:
    target = tmp_path / "out.csv"
    with qtbot.waitSignal(exporter.message, timeout=WAIT) as message:
        exporter.export(recording, "csv", target)
    assert message.args is not None
    text, kind, (button, _) = message.args
    assert (text, kind, button) == (f"Exported to {target}", "notice", "Show folder")
    assert len(times(target)) > 100


def test_exports_selection_and_replaces_file(
    qtbot: QtBot, exporter: Exporter, recording: Path, tmp_path: Path
) -> None:
    target = tmp_path / "out.csv"
    target.write_text("old")
    with qtbot.waitSignal(exporter.message, timeout=WAIT):
        exporter.export(recording, "csv", target, (5.0, 7.0))
    found = times(target)
    assert found[0] >= 5.0
    assert found[-1] <= 7.0
    assert len(found) > 10


def test_reports_failed_export(
    qtbot: QtBot, exporter: Exporter, recording: Path, tmp_path: Path
) -> None:
    with qtbot.waitSignal(exporter.message, timeout=WAIT) as message:
        exporter.export(recording, "csv", tmp_path / "no folder" / "out.csv")
    assert message.args is not None
    assert "cannot write" in message.args[0]
    assert message.args[1:] == ["error", None]


def test_missing_library_is_reported_without_a_command(
    qtbot: QtBot,
    exporter: Exporter,
    recording: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in [each for each in sys.modules if each.partition(".")[0] == "xlsxwriter"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with qtbot.waitSignal(exporter.message, timeout=WAIT) as message:
        exporter.export(recording, "xlsx", tmp_path / "out.xlsx")
    assert message.args is not None
    assert message.args[0] == (
        "an export to Excel needs xlsxwriter, which is not installed; choose another one"
    )


def test_cancelled_export_leaves_no_file(
    qtbot: QtBot,
    exporter: Exporter,
    parent: QWidget,
    recording: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def endless(selection: Selection, target: Path) -> None:
        target.write_text("half")
        while True:
            selection.progress(1, 4)

    monkeypatch.setitem(FORMATS, "slow", Format("slow", ".slow", "Slow", endless))
    exporter.message.connect(lambda *_: pytest.fail("message after cancel"))
    exporter.export(recording, "slow", tmp_path / "out.slow")
    bar = parent.findChild(WorkBar)
    assert bar is not None
    qtbot.waitUntil(lambda: (bar.bar.value(), bar.bar.maximum()) == (1, 4), timeout=WAIT)
    qtbot.waitUntil(lambda: not bar.isHidden(), timeout=WAIT)
    bar.cancel.click()
    qtbot.waitUntil(bar.isHidden, timeout=WAIT)
    assert list(tmp_path.glob("*out*")) == []


def test_ask_exports_the_choice(
    qtbot: QtBot, exporter: Exporter, parent: QWidget, recording: Path, tmp_path: Path
) -> None:
    exporter.ask(recording)
    dialog = parent.findChild(ExportDialog)
    assert dialog is not None
    assert dialog.isVisible()
    with qtbot.waitSignal(exporter.message, timeout=WAIT):
        dialog.chosen.emit("csv", tmp_path / "out.csv", None)
    assert (tmp_path / "out.csv").exists()


def test_show_folder_opens_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    show_folder_action(tmp_path / "out.csv")[1]()
    assert [url.toLocalFile() for url in opened] == [str(tmp_path)]
