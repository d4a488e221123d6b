"""A strict parser for HTML pages."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser
from urllib.parse import unquote

VOID = {"meta", "br", "img", "input", "link", "hr"}
LINKS = {"href", "xlink:href", "src", "srcset", "data", "action", "poster"}
CSV = "data:text/csv;charset=utf-8,"


class Reader(HTMLParser):
    """Checks that tags match, and collects ids, links, tables and texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.files: dict[str, list[dict[str, str]]] = {}
        self._words: list[str] = []
        self._tables: list[list[list[str]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append((tag, given))
        self.ids += [value for name, value in attrs if name == "id" and value]
        links = [value for name, value in attrs if name in LINKS and value]
        self.links += links
        if "download" in given:
            (link,) = links
            assert link.startswith(CSV)
            text = unquote(link.removeprefix(CSV), errors="strict")
            self.files[given["download"] or ""] = list(csv.DictReader(io.StringIO(text)))
        if tag == "table":
            self._tables.append([])
        elif tag == "tr":
            self._tables[-1].append([])
        elif tag in ("td", "th"):
            self._tables[-1][-1].append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open and "svg" not in self.open:
            self._words.append(data)
        if self.open and self.open[-1] in ("td", "th"):
            self._tables[-1][-1][-1] += data

    @property
    def text(self) -> str:
        """The text outside figures, with single spaces."""
        return " ".join(" ".join(self._words).split())

    @property
    def tables(self) -> list[list[list[str]]]:
        """The cells of every table, with single spaces."""
        return [
            [[" ".join(cell.split()) for cell in row] for row in table] for table in self._tables
        ]


def check_whole(text: str) -> Reader:
    """Assert that a page is well formed, has unique ids and loads nothing; return it parsed."""
    reader = Reader(text)
    assert reader.open == []
    assert len(set(reader.ids)) == len(reader.ids)
    inner = [link for link in reader.links if not link.startswith(CSV)]
    assert all(link.startswith("#") for link in inner)
    assert {link[1:] for link in inner} <= set(reader.ids)
    assert set(re.findall(r"url\(#([^)]+)\)", text)) <= set(reader.ids)
    assert not re.search(r"url\((?!#)|@import", text)
    assert not {"script", "link", "iframe", "img", "object", "embed"} & {
        tag for tag, _ in reader.tags
    }
    (policy,) = (given for _, given in reader.tags if "http-equiv" in given)
    assert policy["http-equiv"] == "Content-Security-Policy"
    assert (policy["content"] or "").startswith("default-src 'none';")
    assert "script-src" not in (policy["content"] or "")
    for tag, given in reader.tags:
        if tag == "svg":
            assert given["role"] == "img"
            for name in (given["aria-labelledby"] or "").split():
                assert name in reader.ids
    return reader
