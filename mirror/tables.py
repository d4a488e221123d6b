"""What a session was like and what a recording holds, as tables for a terminal."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from mirror.meter import ANTI_PHASE, IN_PHASE, bar, clock
from mirror.summary import NO_LAG, Summary


def summary_table(summary: Summary) -> RenderableType:
    """The summary of a session, for the end of a command and for ``mirror info``."""
    table = Table.grid(padding=(0, 2))
    for name, share, colour in (
        ("in phase", summary.in_phase, IN_PHASE),
        ("anti-phase", summary.anti_phase, ANTI_PHASE),
        ("at another phase", summary.other_phase, ""),
        ("not together", summary.not_together, ""),
        ("still", summary.still, "dim"),
        ("untracked", summary.untracked, "dim"),
        ("warming up", summary.warming_up, "dim"),
    ):
        table.add_row(name, Text(bar(share, 30), style=colour), f"{100 * share:5.1f} %")
    lag = summary.lag_s
    if math.isnan(lag):
        led = "no lag: neither followed the other"
    elif abs(lag) <= NO_LAG:
        led = f"median lag {lag:+.2f} s: together"
    else:
        led = f"median lag {lag:+.2f} s: {'A' if lag > 0 else 'B'} led"
    if not math.isnan(lag):
        led += (
            f" (of the rows with a lag, A ahead in {100 * summary.a_led:.0f} %, "
            f"B in {100 * summary.b_led:.0f} %)"
        )
    head = Text(f"Share of {clock(round(summary.duration_s))} ({summary.rows} rows)", style="bold")
    return Group(head, table, Text(led))


def session_table(path: Path, session: dict[str, Any], counts: dict[str, tuple[int, int]]) -> Table:
    """What is in a recording, as ``mirror info`` shows it."""
    table = Table(box=None, show_header=False, padding=(0, 1))

    def row(name: str, value: object) -> None:
        table.add_row(Text(name, style="bold"), escape(str(value)))

    row("recording", path)
    row("started", session.get("started", "unknown"))
    labels, sources = session.get("labels", {}), session.get("sources", {})
    feeds = session.get("quality", {}).get("feeds", {})
    if session.get("series"):
        for feed in counts:
            row(labels.get(feed, feed.upper()), sources.get(feed, "unknown"))
        counts = {}
    for feed, (frames, found) in counts.items():
        dropped = feeds.get(feed, {}).get("dropped", "unknown")
        share = 100 * found / frames if frames else 0.0
        person, label = feed.upper(), labels.get(feed, "")
        row(
            person if label in ("", person) else f"{person}: {label}",
            f"{sources.get(feed, 'unknown')}: {frames} frames, somebody in {share:.0f} % of them, "
            f"{dropped} dropped",
        )
    if not session.get("quality") and not session.get("series"):
        row("ended", "abruptly, or is still running")
    for name in ("condition", "notes"):
        if session.get(name):
            row(name, session[name])
    settings = session.get("settings", {})
    row("settings", ", ".join(f"{name} {_plain(value)}" for name, value in settings.items()))
    if "model" in session:
        row("model", session["model"].get("name", "unknown"))
    versions = session.get("versions", {})
    row("versions", ", ".join(f"{name} {value}" for name, value in versions.items()))
    return table


def _plain(value: object) -> str:
    if isinstance(value, list):
        return "–".join(_plain(each) for each in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
