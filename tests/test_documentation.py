"""The paths that the documentation and the Makefile name exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    str(path.relative_to(ROOT))
    for path in (
        *ROOT.glob("*.md"),
        *(ROOT / "docs").glob("*.md"),
        *ROOT.glob("recordings/*.md"),
        ROOT / "Makefile",
    )
)
PATH = re.compile(r"(?<![\w./-])((?:mirror|ui|tests|docs|benchmarks)/[\w/]+(?:\.\w+|/))")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("page", PAGES)
def test_paths_and_links_exist(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    paths = {name for name in PATH.findall(text) if "NAME" not in name}
    prose = re.sub(r"```.*?```|`[^`]*`", "", text, flags=re.DOTALL)  # formulas look like links
    links = {((ROOT / page).parent / name).resolve() for name in LINK.findall(prose)}
    missing = [name for name in sorted(paths) if not (ROOT / name).exists()]
    missing += [str(path) for path in sorted(links) if not path.exists()]
    assert missing == []
