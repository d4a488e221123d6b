"""Reports on one recording, and comparisons of several, as HTML or PDF.

`facts` collects a recording's figures and those of its feeds; `figures` draws them;
`session_report` and `comparison` make the page; `write` writes it.
"""

import math
from collections.abc import Sequence
from pathlib import Path

from mirror.timeline import Span

__all__ = ["report"]


def report(
    recordings: Sequence[Path],
    output: Path,
    *,
    start: float = -math.inf,
    end: float = math.inf,
    only: str | None = None,
    replace: bool = False,
) -> None:
    """Write the report on one recording, or the comparison of several.

    Parameters
    ----------
    output : Path
        The file: a tagged PDF if it is named so, else HTML.
    start, end : float
        Seconds: only what lies within is reported.
    only : str, optional
        Coded events: only rows with half of their window in them are reported, as for
        `mirror.analysis.chance_test.surrogate_test`.
    replace : bool
        Whether an existing file is replaced.

    Raises
    ------
    ExportError
        If the file cannot be written, or a recording has no row within.
    RecordingError
        If a recording cannot be read.
    """
    from mirror.report.write import check_places, compose, write

    check_places([output], recordings, replace=replace)
    write(compose(recordings, Span(start, end), only), output, replace=replace)
