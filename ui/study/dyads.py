"""The dyads of a study as rows of a table, with their scores over time as a small timeline."""

import math
from typing import Any, Final

import numpy as np
from PyQt6.QtCore import QModelIndex, QPoint, QSignalBlocker, QSize, QSortFilterProxyModel, Qt
from PyQt6.QtGui import QColor, QStandardItemModel
from PyQt6.QtWidgets import QStyledItemDelegate, QWidget

from mirror.study.corpus import NOT_RUN, Corpus
from mirror.study.table import Cell
from mirror.wording import SCORES, clock_time, number, percent
from ui.shell.theme import theme
from ui.widgets.sparkline import Sparkline, describe_scores

Role = Qt.ItemDataRole
VALUE: Final = Role.UserRole  # what rows are sorted by; None if it is not known
RECORDING: Final = Role.UserRole + 1  # path, of the first cell of a scored dyad
_LINE: Final = Role.UserRole + 2  # scores over time

_SCORES: Final = ("mirroring", "in_phase", "anti_phase")
_FIRST: Final = ("Dyad", "State", "Quality", "Over time", *map(SCORES.get, _SCORES), "Length")
CELL: Final = QSize(180, 34)  # cells of reasons and of lines
_FAILED: Final = "Failed: "


class Dyads(QStandardItemModel):
    """A row a dyad: who, what the table says of it, scores, share of scored windows, and state."""

    def show_corpus(self, corpus: Corpus) -> None:
        """Show all dyads; what observes this model must be invalidated."""
        self._own = list(next(iter(corpus.about.values()), {}))
        titles = [*_FIRST, *self._own]
        why = dict(corpus.failures)
        dyads = dict.fromkeys((*corpus.about, *why))
        self.setRowCount(0)  # the header keeps its order and widths, unlike after `clear`
        self.setRowCount(len(dyads))
        self.setColumnCount(len(titles))
        self.setHorizontalHeaderLabels(titles)
        with QSignalBlocker(self):  # one for each cell would take seconds
            for row, each in enumerate(dyads):
                self._show_dyad(row, corpus, each, corpus.facts.get(each, {}), why.get(each, ""))

    def update_dyad(self, corpus: Corpus, dyad: str, facts: dict[str, Any], why: str) -> None:
        """Show what became of a dyad, if it is shown."""
        for row in [item.row() for item in self.findItems(dyad)]:
            self._show_dyad(row, corpus, dyad, facts, why)

    def _show_dyad(self, row: int, corpus: Corpus, dyad: str, facts: Any, why: str) -> None:
        state = "Scored" if not why else why.capitalize() if why == NOT_RUN else _FAILED + why
        cells: list[tuple[str, Cell]] = [(dyad, dyad), (state, state)]
        if facts:
            means, length = facts["means"], facts["summary"]["duration_s"]
            levels = [(means[name], means[f"chance_{name}"]) for name in _SCORES]
            cells += [(percent(means["scored"]), means["scored"]), ("", means["in_phase"])]
            cells += [(f"{number(score)} ({number(chance)})", score) for score, chance in levels]
            cells.append((clock_time(length), length))
        else:
            cells += [("", math.nan)] * (len(_FIRST) - len(cells))
        own = [corpus.about.get(dyad, {}).get(name, math.nan) for name in self._own]
        cells += [(each if isinstance(each, str) else f"{each:.15g}", each) for each in own]
        items = [_item(*each) for each in cells]
        items[0][RECORDING] = facts.get("recording")
        items[1] |= {Role.ToolTipRole: state, Role.SizeHintRole: CELL}
        line = np.array(facts.get("line", [(), ()]), float)
        items[3] |= {_LINE: line, Role.SizeHintRole: CELL}
        items[3][Role.AccessibleTextRole] = describe_scores(line)
        for column, item in enumerate(items):  # `setItem` would sort and lay out the whole table
            self.setItemData(self.index(row, column), item)


class DyadOrder(QSortFilterProxyModel):
    """Sorts by values, the unknown last in both orders."""

    def lessThan(self, left: QModelIndex, right: QModelIndex) -> bool:
        is_known = left.data(VALUE) is not None
        if is_known == (right.data(VALUE) is not None):
            return super().lessThan(left, right)
        return is_known == (self.sortOrder() == Qt.SortOrder.AscendingOrder)


class DyadDelegate(QStyledItemDelegate):
    """Paints scores over time, and failures in the colour of errors."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._line = Sparkline()  # painted into the cells, never shown

    def initStyleOption(self, option: Any, index: QModelIndex) -> None:
        super().initStyleOption(option, index)
        if option.text.startswith(_FAILED):
            option.palette.setColor(option.palette.ColorRole.Text, QColor(theme().palette.error))

    def paint(self, painter: Any, option: Any, index: QModelIndex) -> None:
        super().paint(painter, option, index)
        if (line := index.data(_LINE)) is not None and line.size:
            self._line.set_values(line)
            self._line.resize(option.rect.size() - QSize(12, 8))
            painter.save()
            painter.translate(option.rect.topLeft() + QPoint(6, 4))
            self._line.render(painter, QPoint())
            painter.restore()


def _item(text: str, value: Cell) -> dict[int, Any]:
    """Return the data of a cell, empty if its value is not known."""
    is_known = isinstance(value, str) or not math.isnan(value)
    return {Role.DisplayRole: text if is_known else "", VALUE: value if is_known else None}
