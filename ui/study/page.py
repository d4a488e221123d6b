"""The page of a study: its dyads in a table, to be run and replayed."""

from collections import deque
from contextlib import closing
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from PyQt6.QtCore import QModelIndex, QSortFilterProxyModel, Qt, pyqtSignal
from PyQt6.QtWidgets import QLineEdit, QTableView, QWidget

from mirror.study.corpus import Corpus, read_facts
from mirror.study.run import Outcome
from ui.replay.header import RecordingHeader
from ui.runtime.background import LatestWork, Progress, Work
from ui.study.dyads import CELL, RECORDING, VALUE, DyadDelegate, Dyads
from ui.widgets.build import select_rows, vertical
from ui.widgets.card import PageStack
from ui.widgets.work_bar import WorkBar


class StudyPage(QWidget):
    """The dyads of a study: sort, filter, run and replay them."""

    recording_chosen = pyqtSignal(object)  # the path of a dyad's recording
    back_clicked = pyqtSignal()
    message = pyqtSignal(str, str, object)
    """A text, its kind ("error", "warning" or "notice"), and an action or None."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._corpus: Corpus | None = None
        self._path = Path()
        self._ended: deque[Outcome] = deque()  # by the run's thread, not shown yet
        self._opening = LatestWork(self)
        self._found = QWidget(self)
        self.stack = PageStack(self._found, self)
        self.header = RecordingHeader("Run", "Start page", parent=self)
        self.filter = QLineEdit(self)
        self.filter.setAccessibleName("Filter dyads")
        self.filter.setPlaceholderText("Filter: an id, a condition, “failed” …")
        self.filter.setClearButtonEnabled(True)
        self.working = WorkBar(self)
        self.working.bar.setFormat("%v of %m")
        self.dyads, self.shown = Dyads(self), QSortFilterProxyModel(self)
        self.shown.setSourceModel(self.dyads)
        self.shown.setSortRole(VALUE)
        self.shown.setFilterKeyColumn(-1)  # all
        self.shown.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.table = QTableView(self)
        head = select_rows(self.table, "Dyads")
        head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)  # as in the study's table
        head.setStretchLastSection(True)
        rows = self.table.verticalHeader()
        assert rows is not None
        rows.setDefaultSectionSize(CELL.height())
        self.table.setSortingEnabled(True)
        self.table.setModel(self.shown)
        self.table.setItemDelegate(DyadDelegate(self.table))
        self.table.setAlternatingRowColors(True)
        parts = self.header, self.filter, self.working, (self.table, 1)
        vertical(*parts, inside=self._found, margins=(12, 10, 12, 10), spacing=8)
        self.setFocusProxy(self.table)
        run, start = self.header.buttons.values()
        run.setProperty("primary", True)
        run.setToolTip("Score what is missing or out of date")
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
        self._path = path
        self.stack.show_text("busy", f"Opening {path.name}…")
        self._opening.prepare(lambda _progress: Corpus.open(path)).start()

    def run(self, workers: int | None = None) -> None:
        """Score what is missing or out of date, as in the last run; 0 workers do without Dask."""
        if self._corpus is None or self.running:
            return
        if workers is None and find_spec("distributed") is None:
            text = "Dask is not installed: pip install 'mirror-synchrony[study]'"
            self.message.emit(text, "warning", ("Run without it", partial(self.run, 0)))
            return
        work = Work(partial(_run, self._corpus, self._ended, workers), self)
        work.progress.connect(partial(self._show_progress, self._corpus))
        work.finished.connect(lambda _: self._end())
        work.failed.connect(self._end)
        work.cancelled.connect(lambda: self._end("Cancelled; Run goes on from here.", "notice"))
        self.header.buttons["Run"].setEnabled(False)
        self.working.start(work, "Scoring")

    def _show(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self.dyads.show_corpus(corpus)
        self.header.title.setText(f"{corpus.folder.parent.name}/{corpus.folder.name}")
        self.header.buttons["Run"].setEnabled("table" in corpus.ran)
        self.stack.show_page()
        counts = f"{len(corpus.facts)} scored, {len(corpus.failures)} without scores"
        self.header.about.setText(f"{counts}  ·  means of windows (and of their chance level)")

    def _show_progress(self, corpus: Corpus, _done: int, _total: int) -> None:
        while self._ended:
            dyad, _, why = self._ended.popleft()
            self.dyads.update_dyad(
                corpus, dyad, {} if why else read_facts(corpus.folder, dyad), why
            )

    def _end(self, problem: str = "", kind: str = "error") -> None:
        self._ended.clear()
        if problem:
            self.message.emit(problem, kind, None)
        self._opening.prepare(lambda _progress: Corpus.open(self._path)).start()

    def _replay(self, index: QModelIndex) -> None:
        if recording := index.siblingAtColumn(0).data(RECORDING):
            self.recording_chosen.emit(Path(recording))


def _run(corpus: Corpus, ended: deque[Outcome], workers: int | None, progress: Progress) -> None:
    """Run a study, and append what becomes of each dyad."""
    done, total = 0, len(corpus.facts) + len(corpus.failures)
    with closing(corpus.run_again(workers, lambda: progress(done, total))) as outcomes:
        for outcome in outcomes:
            ended.append(outcome)
            done += 1
