"""The page of a study: its dyads in a table, to be run and replayed."""

from collections import deque
from contextlib import closing, suppress
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from PyQt6.QtCore import QModelIndex, Qt, pyqtSignal
from PyQt6.QtWidgets import QFileDialog, QHeaderView, QLineEdit, QTableView, QWidget

from mirror.errors import SettingsError
from mirror.settings import Settings, read_values
from mirror.settings_history import describe_settings
from mirror.study.corpus import Corpus
from mirror.study.run import Outcome, read_facts
from ui.replay.header import RecordingHeader
from ui.runtime.background import LatestWork, Progress, Work
from ui.shell.shortcuts import Keys
from ui.study.dyads import CELL, RECORDING, VALUE, DyadDelegate, DyadOrder, Dyads
from ui.widgets.build import known, select_rows, timer, vertical
from ui.widgets.card import PageStack
from ui.widgets.labels import PART
from ui.widgets.work_bar import WorkBar

NO_TABLE: Final = "The folder does not say which table it is of: open the table"
_MOST: Final = 10  # outcomes shown at once, with
_PAUSE_MS: Final = 30  # before the next ones, for everything else


class StudyPage(QWidget):
    """The dyads of a study: sort, filter, run and replay them."""

    recording_chosen = pyqtSignal(object)  # the path of a dyad's recording
    back_clicked = pyqtSignal()
    message = pyqtSignal(str, str, object)  # a text, its kind, and an action or None

    def __init__(self, keys: Keys) -> None:
        super().__init__()
        self._corpus: Corpus | None = None
        self._settings: Settings | None = None  # of the next run; None: those of the last
        self._path = Path()
        self._ended: deque[Outcome] = deque()  # by the run's thread, not shown yet
        self._opening = LatestWork(self)
        self._found = QWidget(self)
        self.stack = PageStack(self._found, self)
        self.header = RecordingHeader("Settings…", "Run", "Start page", parent=self)
        self.filter = QLineEdit(self)
        self.filter.setAccessibleName("Filter dyads")
        self.filter.setPlaceholderText("Filter: an id, a condition, “failed” …")
        self.filter.setClearButtonEnabled(True)
        self.working = WorkBar(self)
        self.working.bar.setFormat("%v of %m")
        self._more = timer(self, _PAUSE_MS, self._show_progress, once=True)
        self.dyads, self.shown = Dyads(self), DyadOrder(self)
        self.shown.setSourceModel(self.dyads)
        self.shown.setDynamicSortFilter(False)  # each dyad of a run would sort all
        self.shown.setSortRole(VALUE)
        self.shown.setFilterKeyColumn(-1)  # all
        self.shown.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.table = QTableView(self)
        self._head = select_rows(self.table, "Dyads")
        self._head.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)  # as is at all rows
        self._head.setResizeContentsPrecision(100)  # rows that are looked at
        self._head.setMaximumSectionSize(2 * CELL.width())
        known(self.table.verticalHeader()).setDefaultSectionSize(CELL.height())
        self.table.setSortingEnabled(True)
        self.table.setModel(self.shown)
        keys.action(self.table, "sort", self._sort)
        self.table.setItemDelegate(DyadDelegate(self.table))
        self.table.setAlternatingRowColors(True)
        parts = self.header, self.filter, self.working, (self.table, 1)
        vertical(*parts, inside=self._found, margins=(12, 10, 12, 10), spacing=8)
        self.setFocusProxy(self.table)
        choose, run, start = self.header.buttons.values()
        choose.setToolTip("Settings of the next run, from a TOML file")
        choose.clicked.connect(self._ask_settings)
        run.setProperty("primary", True)
        run.clicked.connect(lambda _checked: self.run())
        for each in (start.clicked, self.stack.back_clicked):
            each.connect(self.back_clicked)
        self._opening.finished.connect(self._show)
        self._opening.failed.connect(partial(self.stack.show_text, "error"))
        self.filter.textChanged.connect(self.shown.setFilterFixedString)
        self.table.activated.connect(self._replay)

    @property
    def running(self) -> bool:
        return self.working.running

    def open(self, path: Path) -> None:
        """Show a study's folder or table, unless a study is being run here."""
        if self.running:
            self.message.emit("A study is being run: cancel it, or wait.", "warning", None)
            return
        self._path, self._corpus, self._settings = path, None, None
        self._head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)  # as in the study's table
        self.stack.show_text("busy", f"Opening {path.name}…")
        self._opening.prepare(lambda _progress: Corpus.open(path)).start()

    def run(self, workers: int | None = None) -> None:
        """Score what is missing or out of date; 0 workers do without Dask."""
        if self._corpus is None or self.running:
            return
        if workers is None and find_spec("distributed") is None:
            text = "Dask is not installed: pip install 'mirror-synchrony[study]'"
            self.message.emit(text, "warning", ("Run without it", partial(self.run, 0)))
            return
        work = Work(partial(_run, self._corpus, self._settings, self._ended, workers), self)
        work.progress.connect(self._show_progress)
        work.finished.connect(lambda _: self._end())
        work.failed.connect(self._end)
        work.cancelled.connect(lambda: self._end("Cancelled; Run goes on from here.", "notice"))
        self._offer_run("The study is being run")
        self.working.start(work, "Scoring")

    def _show(self, corpus: Corpus) -> None:
        is_other, self._corpus = self._corpus is None, corpus
        current = self.table.currentIndex()
        dyad = current.siblingAtColumn(0).data()
        self.dyads.show_corpus(corpus)
        self.shown.invalidate()
        if is_other:
            self.table.resizeColumnsToContents()
        for item in self.dyads.findItems(dyad):
            row = self.shown.mapFromSource(item.index())
            self.table.setCurrentIndex(row.siblingAtColumn(current.column()))
        self.header.title.setText(f"{corpus.folder.parent.name}/{corpus.folder.name}")
        self._offer_run("" if "table" in corpus.ran else NO_TABLE)
        self.stack.show_page()
        self._describe(corpus)

    def _describe(self, corpus: Corpus) -> None:
        """Say how much is scored, and what *Run* does with which settings."""
        counts = f"{len(corpus.facts)} scored, {len(corpus.failures)} without scores"
        means = "means of windows (and of their chance level)"
        place = f"Run writes to the folder “{corpus.folder.name}”"
        parts = [counts, means if corpus.facts else place]
        with suppress(SettingsError):  # a run says why they cannot be used
            parts.append(f"Run with {describe_settings(None, self._settings or corpus.settings)}")
        self.header.about.setText(PART.join(parts))

    def _ask_settings(self) -> None:
        folder, kinds = str(self._path.absolute().parent), "Settings (*.toml)"
        name, _ = QFileDialog.getOpenFileName(self, "Settings of the next run", folder, kinds)
        if name and self._corpus is not None:
            try:
                self._settings = Settings.from_dict(read_values(Path(name)))
            except SettingsError as error:
                self.message.emit(str(error), "error", None)
            self._describe(self._corpus)

    def _offer_run(self, problem: str) -> None:
        run = self.header.buttons["Run"]
        run.setEnabled(not problem)
        self.header.buttons["Settings…"].setEnabled(not problem)
        run.setToolTip(problem or "Score what is missing or out of date")

    def _show_progress(self) -> None:
        for _ in range(min(len(self._ended), _MOST)):
            assert self._corpus is not None
            dyad, _, why = self._ended.popleft()
            facts = {} if why else read_facts(self._corpus.folder, dyad)
            self.dyads.update_dyad(self._corpus, dyad, facts, why)
        if self._ended:
            self._more.start()

    def _end(self, problem: str = "", kind: str = "error") -> None:
        self._ended.clear()
        if problem:
            self.message.emit(problem, kind, None)
        self._opening.prepare(lambda _progress: Corpus.open(self._path)).start()

    def _sort(self) -> None:
        column, up = self.table.currentIndex().column(), Qt.SortOrder.AscendingOrder
        is_up = (self._head.sortIndicatorSection(), self._head.sortIndicatorOrder()) == (column, up)
        self.table.sortByColumn(column, Qt.SortOrder.DescendingOrder if is_up else up)

    def _replay(self, index: QModelIndex) -> None:
        if recording := index.siblingAtColumn(0).data(RECORDING):
            self.recording_chosen.emit(Path(recording))


def _run(
    corpus: Corpus,
    settings: Settings | None,
    ended: deque[Outcome],
    workers: int | None,
    progress: Progress,
) -> None:
    """Run a study, and append what becomes of each dyad."""
    done, total = 0, len(corpus.facts) + len(corpus.failures)
    settings = settings or corpus.settings
    with closing(corpus.run_again(settings, workers, lambda: progress(done, total))) as outcomes:
        for outcome in outcomes:
            ended.append(outcome)
            done += 1
