"""The figures of other methods, as ``--method`` shows them."""

from __future__ import annotations

import json
from pathlib import Path

from mirror._support.jsonable import to_jsonable
from mirror.analysis.published.apply import body_movement, check, figures, figures_table
from mirror.cli.console import out
from mirror.recording.reader import Recording
from mirror.settings import Settings


def show_method(path: Path, settings: Settings, method: str, *, as_json: bool) -> None:
    """Print what another method makes of a recording's body movement."""
    check(method)
    with Recording.open(path) as recording:
        found = figures(method, body_movement(recording, settings))
    if as_json:
        out.print_json(json.dumps({"method": method, "figures": to_jsonable(found)}))
    else:
        out.print(figures_table(method, found))
