"""``python -m benchmarks [NAME…]``: run measurements and print their tables."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console

from benchmarks.plan import Plan
from benchmarks.subprocesses import measure
from benchmarks.tables import Table, load, markdown, show

_NAMES = {
    "analyze": "two files against a bare loop of two landmarkers",
    "jobs": "processes that track long videos, 1 to 16",
    "one_picture": "two people in one picture, against the truth",
    "live": "drops and delay of a live session on the demo feeds",
    "estimator": "one update, against scipy.signal; an hour at once",
    "surrogates": "a thousand surrogates of an hour",
    "study": "a corpus: dyads a second by 1 and 2 workers, and everybody with everybody",
    "rmea": "rMEA over ten dyads, against numpy",
    "memory": "memory of a live session, minute by minute",
    "postures": "how well postures are matched and found to be taken over",
    "coaching": "CPU time of meters and placement checks; how postures are copied",
    "window": "repaints, CPU use, a recording of two hours",
}


def main() -> None:
    """Run the requested measurements and print their tables."""
    wanted, plan, file = _parse_arguments()
    tables = [_machine()]
    console = Console()
    show(console, tables[0])
    for name in wanted:
        print(f"== {name}: {_NAMES[name]}", file=sys.stderr, flush=True)
        for table in measure(name, plan):
            show(console, table)
            tables.append(table)
    if file is not None:
        file.write_text("\n".join(map(markdown, tables)), encoding="utf-8")
        print(f"Written to {file}", file=sys.stderr)


def _parse_arguments() -> tuple[list[str], Plan, Path | None]:
    plan = Plan()
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Side-by-side measurements of speed and memory.",
        epilog="\n".join(f"  {name:11} {text}" for name, text in _NAMES.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="measurements; all by default")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the tables there too")
    for name, kind, text in (
        ("rounds", int, "alternating rounds of each comparison"),
        ("clip-seconds", float, "length of the files that are analyzed"),
        ("live-seconds", float, "length of each live session"),
        ("memory-seconds", float, "length of the session whose memory is measured"),
        ("hours", float, "length of what is scored at once"),
        ("window-seconds", float, "length of each session with and without the window"),
        ("replay-hours", float, "length of the recording that is replayed"),
        ("clips", int, "rendered clips with two people in one picture"),
    ):
        default = getattr(plan, name.replace("-", "_"))
        parser.add_argument(
            f"--{name}", type=kind, default=default, help=f"{text} (default {default:g})"
        )
    given = vars(parser.parse_args())
    names, file = given.pop("names"), given.pop("markdown")
    unknown = [name for name in names if name not in _NAMES]
    if unknown:
        parser.error(f"there is no measurement {unknown[0]!r}; choose from {', '.join(_NAMES)}")
    return names or list(_NAMES), Plan(**given), file


def _machine() -> Table:
    from mirror.capture.pose_model import provide_model
    from mirror.recording.provenance import session_metadata
    from mirror.settings import Settings

    model = provide_model(announce=lambda text: print(text, file=sys.stderr))
    versions = session_metadata(Settings(), ("", ""), model)["versions"]
    rows = (("machine", load()), ("model", model.name), *versions.items())
    return Table("Measured on", ("what", "which"), rows)


if __name__ == "__main__":
    main()
