"""A corpus on one page."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from mirror._support.atomic import replace_file
from mirror._support.jsonable import to_jsonable
from mirror.report import document
from mirror.report.document import Document, Paragraph, Section, Table, clean_text
from mirror.study.corpus import Corpus
from mirror.wording import clock_time, number, percent, plain_name

_MOST = 13  # values of a column that means are shown by
_SHOWN = ("in_phase", "anti_phase", "coherence", "mirroring")
_OF_DYAD = {each: plain_name(each) for each in _SHOWN} | {
    "lag_s": "median lag (s)",
    "a_led": "A led",
    "b_led": "B led",
}
_OF_PERSON = {"led": "led", "energy": "movement", "tracked": "tracked", "mimicry": "postures taken"}


def keep(sections: tuple[Section, ...], corpus: Corpus) -> None:
    """Keep the answers of tests for the report, in ``tests.json``."""
    kept = [[s.title, [[type(part).__name__, asdict(part)] for part in s.parts]] for s in sections]
    kept = to_jsonable({"of": corpus.digest(), "sections": kept})
    replace_file(corpus.folder / "tests.json", json.dumps(kept).encode())


def _kept(corpus: Corpus) -> list[Section]:
    try:
        kept = json.loads((corpus.folder / "tests.json").read_bytes())
        if kept["of"] == corpus.digest():
            return [
                Section(title, tuple(getattr(document, kind)(**values) for kind, values in parts))
                for title, parts in kept["sections"]
            ]
        why = "Scores or columns have changed since the last tests; repeat"
    except FileNotFoundError:
        why = "No tests yet:"
    except (OSError, ValueError, TypeError, LookupError, AttributeError):
        why = "The stored tests are damaged; repeat"
    return [Section("Tests", (Paragraph(f"{why} mirror study test {corpus.folder}."),))]


def study_document(corpus: Corpus) -> Document:
    """Return the page: the corpus, the tests that were run last, every dyad, and the failures."""
    frame = corpus.frame("dyads")
    used = [each["settings"] for each in corpus.facts.values()]
    scored = dict.fromkeys(f"{each['window']:g} s, {each['mapping']}" for each in used)
    columns = list(next(iter(corpus.about.values())))
    text = (
        f"{len(frame)} dyads, {clock_time(float(frame['duration_s'].sum()))} in all; "
        f"{percent(float(frame['scored'].mean()))} of their windows have scores. Scores are means "
        f"of windows that do not overlap ({'; '.join(scored)})."
    )
    sections = [Section("The corpus", (Paragraph(text), *_means(corpus, frame, columns)))]
    sections += _kept(corpus)
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


def _means(corpus: Corpus, frame: Any, columns: list[str]) -> Iterator[Table]:
    """Yield means by each column of a few values, such as the condition, and by person."""
    for name in columns:
        dyads, is_text = frame[name].value_counts(), frame[name].dtype.kind != "f"
        if 1 < len(dyads) < min(_MOST, len(frame)) and (is_text or dyads.min() > 1):
            yield _table(frame, name, _OF_DYAD)
    people = corpus.frame("people")
    if 1 < people["person"].nunique() < len(people):
        yield _table(people, "person", _OF_PERSON)


def _table(frame: Any, by: str, columns: Mapping[str, str]) -> Table:
    rows = tuple(
        (
            clean_text(value if isinstance(value, str) else f"{value:g}"),
            str(len(some)),
            *(f"{number(some[each].mean())} ± {number(some[each].std())}" for each in columns),
        )
        for value, some in frame.groupby(by)
    )
    return Table(f"Means ± SD by {by}.", (by, "dyads", *columns.values()), rows)
