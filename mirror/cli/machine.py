"""Commands about this machine: cameras and doctor."""

import json
import platform
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.markup import escape
from rich.table import Table

from mirror._support.atomic import naming_failures, write_atomically
from mirror._support.logs import log_files
from mirror._support.process import redirect_native_stderr
from mirror.cli import options
from mirror.cli.console import out, say
from mirror.cli.doctor import Check, examine
from mirror.errors import ExportError
from mirror.recording.provenance import versions
from mirror.settings import Settings

app = typer.Typer()

_MARKS: Final = {True: "works", False: "fails", None: "note"}


@app.command()
def cameras(
    forget: Annotated[
        bool, options.flag("--forget-delays", "Forget all measured delays first.")
    ] = False,
) -> None:
    """List the cameras that are plugged in, and the measured delays between two.

    Example:  mirror cameras
    """
    from mirror.capture.camera import list_cameras
    from mirror.clocks.cameras import forget_delays, remembered_delays

    if forget:
        forget_delays()

    for pair, seconds in remembered_delays().items():
        one, _, other = pair.partition(" | ")
        late, early = (other, one) if seconds > 0 else (one, other)
        say(f"{late} delivers {1e3 * abs(seconds):.0f} ms later than {early}")
    found = list_cameras()
    if not found:
        out.print("No camera is plugged in. `mirror demo` needs none.")
        return
    table = Table("use", "name", "identity", box=None, header_style="bold")
    for camera in found:
        table.add_row(str(camera.index), escape(camera.name), escape(camera.identity))
    out.print(table)
    if len(found) == 1:
        out.print("One camera with two people in it: mirror live 0#left 0#right", highlight=False)


@app.command()
def doctor(
    model: options.Model = None,
    bundle: Annotated[
        Path | None,
        options.option(
            "FILE.zip",
            "Also write what a bug report needs: this table, versions, default settings and "
            "the log. Holds no recording, and no names or addresses of sources.",
            "--bundle",
        ),
    ] = None,
) -> None:
    """Check what works on this machine, and say how to fix what does not.

    Example:  mirror doctor

    Example:  mirror doctor --bundle report.zip
    """
    if bundle is not None and bundle.exists():
        raise ExportError(f"{bundle} exists and is not replaced; name another file")
    redirect_native_stderr()
    checks = examine(model)
    table = Table(box=None, show_header=False, padding=(0, 1))
    for check in checks:
        mark = {True: "[green]✓[/green]", False: "[red]✗[/red]", None: "[yellow]–[/yellow]"}
        table.add_row(mark[check.ok], escape(check.name), escape(check.found))
        if check.fix:
            table.add_row("", "", f"[bold]→ {escape(check.fix)}[/bold]")
    out.print(table)
    if bundle is not None:
        names = _write_bundle(bundle, checks)
        say(f"Wrote {bundle} with:")
        for name in names:
            say(f"  {name}")
    if any(check.ok is False for check in checks):
        raise typer.Exit(1)


def _write_bundle(path: Path, checks: Sequence[Check]) -> list[str]:
    """Write what a bug report needs into a new ZIP file, and nothing else; return what is in it.

    The user's home folder becomes ``~``.
    """
    home = str(Path.home())
    lines, results = [], []
    for check in checks:
        found = check.found.replace(home, "~")
        fix = None if check.fix is None else check.fix.replace(home, "~")
        lines.append(f"{_MARKS[check.ok]:6}{check.name}: {found}")
        lines += [] if fix is None else [f"      → {fix}"]
        results.append({"name": check.name, "ok": check.ok, "found": found, "fix": fix})
    about = {"platform": platform.platform(), "versions": versions()}
    files = {
        "doctor.txt": "\n".join(lines) + "\n",
        "doctor.json": _json(results),
        "versions.json": _json(about),
        "default-settings.json": _json(Settings().to_dict()),
    }

    def write(new: Path) -> None:
        with zipfile.ZipFile(new, "x", zipfile.ZIP_DEFLATED) as bundle:
            for name, text in files.items():
                bundle.writestr(name, text)
            for file in log_files():
                bundle.write(file, file.name)

    with naming_failures(path):
        write_atomically([path], write, replace=False)
        with zipfile.ZipFile(path) as bundle:
            return bundle.namelist()


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
