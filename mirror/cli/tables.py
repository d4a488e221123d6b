"""A session's summary and a recording's metadata as tables for the terminal."""

import json
import math
from collections.abc import Iterable
from pathlib import Path
from textwrap import shorten
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from mirror import wording
from mirror._support.jsonable import to_jsonable
from mirror.cli.console import out
from mirror.cli.meter import ANTI_PHASE, IN_PHASE, MIRRORING, bar
from mirror.estimator.signals import Names
from mirror.practice.run import RESULT_COLUMNS, Result, result_row
from mirror.recording.provenance import describe_alignment, describe_smoothing
from mirror.recording.reader import Recording
from mirror.settings import Settings
from mirror.settings_history import describe_settings
from mirror.summary import Summary

_DIM: Final = dict.fromkeys(("still", "untracked", "warming_up"), "dim")
_STYLES: Final = {"in_phase": IN_PHASE, "anti_phase": ANTI_PHASE, "following": MIRRORING} | _DIM


def summary_table(summary: Summary) -> RenderableType:
    """Return the summary of a session, for the end of a command and for ``mirror info``."""
    table = Table.grid(padding=(0, 2))
    for kind in wording.SHARES:
        share = getattr(summary, kind)
        filled = Text(bar(share, 30), style=_STYLES.get(kind, ""))
        table.add_row(wording.plain_name(kind), filled, f"{100 * share:5.1f} %")
    length = wording.clock_time(summary.duration_s)
    head = Text(f"Share of {length} ({summary.rows} rows)", style="bold")
    texts = filter(None, (wording.describe_lag(summary), wording.describe_mimicry(summary)))
    return Group(head, table, *map(Text, texts))


def results_table(results: Iterable[Result]) -> Table:
    """Return the results of the rounds of exercises, for the end of a command."""
    table = Table(box=None, padding=(0, 2, 0, 0), title="Exercises", title_justify="left")
    for column in RESULT_COLUMNS:
        table.add_column(column, header_style="bold")
    for each in results:
        table.add_row(*map(escape, result_row(each)))
    return table


def session_table(recording: Recording) -> Table:
    """Return what a recording contains, as ``mirror info`` shows it."""
    session, counts = recording.session, recording.counts()
    table = Table(box=None, show_header=False, padding=(0, 1))

    def row(name: str, value: object) -> None:
        table.add_row(Text(name, style="bold"), escape(str(value)))

    row("recording", recording.path)
    row("started", session.get("started", "unknown"))
    labels, sources = session.get("labels", {}), session.get("sources", {})
    feeds = session.get("quality", {}).get("feeds", {})
    if session.get("series"):
        for feed in counts:
            row(labels.get(feed, feed.upper()), sources.get(feed, "unknown"))
        counts = {}
    for feed, count in counts.items():
        person, label = feed.upper(), labels.get(feed, "")
        row(
            person if label in ("", person) else f"{person}: {label}",
            f"{sources.get(feed, 'unknown')}: "
            + _describe_feed(*count, feeds.get(feed, {}), recording.signals.of(feed)),
        )
    if not session.get("quality") and not session.get("series"):
        row("ended", "abruptly, or is still running")
    consent = session.get("consent", {})
    for name, text in (
        *(("warning", each) for each in session.get("quality", {}).get("warnings", [])),
        ("aligned", describe_alignment(session)),
        ("condition", session.get("condition")),
        ("notes", session.get("notes")),
        ("consent", ": ".join(consent[key] for key in ("time", "text") if consent.get(key))),
    ):
        if text:
            row(name, text)
    row("settings", describe_settings(None, recording.settings_history.first))
    for time_s, words in recording.settings_history.describe_changes():
        row("changed", f"after {time_s:.2f} s: {words}")
    row("video", _describe_video(session))
    if "model" in session:
        name = session["model"].get("name", "unknown")
        smoothing = describe_smoothing(session)
        row("model", f"{name}, landmarks {smoothing}" if smoothing else name)
    versions = session.get("versions", {})
    row("versions", ", ".join(f"{name} {value}" for name, value in versions.items()))
    return table


def show_method(path: Path, settings: Settings, method: str, *, as_json: bool) -> None:
    """Print what another method computes from a recording's body movement."""
    from mirror.analysis.published.apply import body_movement, check, figures

    check(method)
    with Recording.open(path) as recording:
        values = figures(method, body_movement(recording, settings))
    if as_json:
        out.print_json(json.dumps({"method": method, "figures": to_jsonable(values)}))
    else:
        table = Table(title=f"Method {method}", title_justify="left", box=None, show_header=False)
        for label, value in values.items():
            table.add_row(label, "––" if math.isnan(value) else f"{value:.4g}")
        out.print(table)


def _describe_feed(frames: int, found: int, quality: dict[str, Any], channels: Names | None) -> str:
    share = 100 * found / frames if frames else 0.0
    paused = f", {quality['paused']} more while paused" if quality.get("paused") else ""
    if channels is not None:
        names = shorten(", ".join(channels), 300, placeholder=" …")
        return f"{frames} samples of {names}, {share:.0f} % of them complete{paused}"
    camera = wording.describe_camera(quality)
    return (
        f"{frames} frames, a person in {share:.0f} % of them, "
        f"{quality.get('dropped', 'unknown')} dropped{paused}{camera and f', {camera}'}"
    )


def _describe_video(session: dict[str, Any]) -> str:
    files = [str(each) for each in session.get("video", {}).values()]
    if not files:
        return "not stored"
    feeds = session.get("quality", {}).get("feeds", {}).values()
    lost = sum(each.get("pictures_dropped", 0) for each in feeds)
    return f"stored in {' and '.join(files)}" + (f" ({lost} frames could not be)" if lost else "")
