"""Commands about this machine: cameras, and what works."""

from __future__ import annotations

import typer
from rich.markup import escape
from rich.table import Table

from mirror._support.process import redirect_native_stderr
from mirror.cli import options
from mirror.cli.console import out

app = typer.Typer()


@app.command()
def cameras() -> None:
    """What is plugged in.

    Example:  mirror cameras
    """
    from mirror.capture.camera import list_cameras

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
def doctor(model: options.Model = None) -> None:
    """What works on this machine, and the fix for what doesn't.

    Example:  mirror doctor
    """
    from mirror.cli.doctor import examine

    redirect_native_stderr()
    table = Table(box=None, show_header=False, padding=(0, 1))
    failed = 0
    for check in examine(model):
        failed += check.ok is False
        mark = {True: "[green]✓[/green]", False: "[red]✗[/red]", None: "[yellow]–[/yellow]"}
        table.add_row(mark[check.ok], escape(check.name), escape(check.found))
        if check.fix:
            table.add_row("", "", f"[bold]→ {escape(check.fix)}[/bold]")
    out.print(table)
    if failed:
        raise typer.Exit(1)
