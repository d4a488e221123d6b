"""A corpus on one page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mirror._support.atomic import replace_file
from mirror._support.jsonable import to_jsonable
from mirror.report import document
from mirror.report.document import Document, Paragraph, Section, Table, clean_text
from mirror.study.corpus import Corpus
from mirror.wording import clock_time, number, percent, plain_name

_MOST = 13  # values of a column that means are shown by
_SHOWN = ("in_phase", "anti_phase", "coherence", "mirroring")


def keep(sections: tuple[Section, ...], folder: Path) -> None:
    """Keep the answers of tests for the report, in ``tests.json``."""
    kept = [[s.title, [[type(part).__name__, asdict(part)] for part in s.parts]] for s in sections]
    replace_file(folder / "tests.json", json.dumps(to_jsonable(kept)).encode())


def _kept(folder: Path) -> list[Section]:
    try:
        kept = json.loads((folder / "tests.json").read_bytes())
    except FileNotFoundError:
        return [Section("Tests", (Paragraph(f"No tests yet: mirror study test {folder}."),))]
    return [
        Section(title, tuple(getattr(document, kind)(**values) for kind, values in parts))
        for title, parts in kept
    ]


def study_document(corpus: Corpus) -> Document:
    """Return the page: the corpus, the tests that were run last, every dyad, and the failures."""
    frame = corpus.frame("dyads")
    used = next(iter(corpus.facts.values()))["settings"]
    columns = list(next(iter(corpus.about.values())))
    text = (
        f"{len(frame)} dyads, {clock_time(float(frame['duration_s'].sum()))} in all; "
        f"{percent(float(frame['scored'].mean()))} of their windows have scores. Scores are means "
        f"of windows that do not overlap ({used['window']:g} s, {used['mapping']})."
    )
    sections = [Section("The corpus", (Paragraph(text), *_means(frame, columns)))]
    sections += _kept(corpus.folder)
    head = ("dyad", *columns, "length", "scored", *map(plain_name, _SHOWN))
    rows = tuple(
        (
            *(clean_text(f"{each[name]}") for name in ("id", *columns)),
            *(clock_time(each["duration_s"]), percent(each["scored"])),
            *(number(each[name]) for name in _SHOWN),
        )
        for each in frame.to_dict("records")
    )
    sections.append(Section("Dyads", (Table("", head, rows, words=1 + len(columns)),)))
    if corpus.failures:
        failed = tuple((clean_text(each), clean_text(why)) for each, why in corpus.failures)
        sections.append(Section("Failures", (Table("", ("dyad", "why"), failed, words=2),)))
    return Document("Study", clean_text(corpus.folder.name), tuple(sections))


def _means(frame: Any, columns: list[str]) -> Iterator[Table]:
    """Yield means and standard deviations by each column of a few texts, such as the condition."""
    for name in columns:
        if frame[name].dtype.kind != "f" and 1 < frame[name].nunique() < min(_MOST, len(frame)):
            rows = tuple(
                (
                    clean_text(str(value)),
                    str(len(some)),
                    *(
                        f"{number(some[each].mean())} ± {number(some[each].std())}"
                        for each in _SHOWN
                    ),
                )
                for value, some in frame.groupby(name)
            )
            yield Table(f"Means ± SD by {name}.", (name, "dyads", *map(plain_name, _SHOWN)), rows)
