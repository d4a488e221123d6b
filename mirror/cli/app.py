"""The command line."""

import errno
import logging
import os
import platform
import signal
import sys
import threading
from contextlib import suppress
from io import TextIOWrapper
from typing import Annotated, Any, Final, NoReturn

import typer
from typer.core import TyperGroup

from mirror._support.logs import describe_error, log_to_file, log_to_stderr
from mirror._support.process import STOP_SIGNALS, reuse_freed_memory
from mirror._support.version import __version__
from mirror.cli import clocks, machine, recordings, sessions, studies, study
from mirror.cli.console import out, print_error
from mirror.cli.options import option
from mirror.cli.window import has_display, open_window
from mirror.errors import MirrorError
from mirror.recording.database import SUFFIX

_log = logging.getLogger(__name__)
_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


class _Commands(TyperGroup):
    """Commands; a recording or a folder in place of one is opened, as file managers do."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        is_folder = not self.get_command(ctx, args[0]) and os.path.isdir(args[0])  # noqa: PTH112
        if args[0].endswith(SUFFIX) or is_folder:  # a path that is too long is none
            args = ["replay", *args]
        return super().resolve_command(ctx, args)

    def get_params(self, ctx: Any) -> Any:
        return _without_types(super().get_params(ctx))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        command = super().get_command(ctx, cmd_name)
        if command is not None:
            _without_types(command.get_params(ctx))
        return command


def _without_types(params: Any) -> Any:
    """Hide "<bool>" in the help, behind options that typer adds itself."""
    for each in params:
        if each.metavar is None and getattr(each, "is_flag", False):
            each.metavar = ""
    return params


app = typer.Typer(
    cls=_Commands,
    name="mirror",
    help="Measure how two people's movement is coordinated: in phase, in anti-phase, with a lag, "
    "or not. Without a command, the window opens.",
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
for part in (sessions, clocks, recordings, studies, machine):
    app.add_typer(part.app)
app.add_typer(study.app, cls=_Commands)


def main() -> NoReturn:
    """Run the command line; a `MirrorError`, or an OSError of a file, is one line and status 1."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # some systems' encodings lack the bars
            stream.reconfigure(errors="replace")
    log_to_file()
    reuse_freed_memory()
    for number in STOP_SIGNALS:
        if signal.getsignal(number) is signal.SIG_DFL:  # as of Ctrl-C: halves of files are deleted
            signal.signal(number, _stop)
    status: str | int | None = 0
    try:
        app(prog_name="mirror")
    except (MirrorError, OSError) as error:
        text = str(error)
        if isinstance(error, OSError):  # a name that no file can have, a full standard output, …
            if error.filename is None and error.errno not in _FULL:
                raise
            place = os.fsdecode(error.filename or "standard output")
            text = f"{place}: {error.strerror}; check the name, the folder and its free space"
        _log.error("ended by %s", describe_error(error))
        print_error(text)
        status = 1
    except SystemExit as end:
        status = end.code
    _exit(status)


def _stop(number: int, _: object) -> NoReturn:
    for each in STOP_SIGNALS:  # a second one would end the deletion of halves of files
        signal.signal(each, signal.SIG_IGN)
    sys.exit(128 + number)


def _exit(status: str | int | None) -> NoReturn:
    """End the program, even if a thread is stuck in a camera's driver.

    Python would end such a thread in the middle of its C++ code, which crashes. Recordings are
    closed by now, so the process can exit at once.
    """
    if isinstance(status, int) and any(each.daemon for each in threading.enumerate()):
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError):  # the reader is gone
                stream.flush()
        os._exit(status)
    sys.exit(status)


_VERBOSE: Final = "Log to stderr what happens; -vv logs more."


def _version(wanted: bool) -> None:
    if wanted:
        out.print(f"mirror {__version__}", highlight=False)
        raise typer.Exit


@app.callback()
def _root(
    context: typer.Context,
    _: Annotated[
        bool, option("", "Print the version.", "--version", callback=_version, is_eager=True)
    ] = False,
    verbose: Annotated[
        int, option("", _VERBOSE, "-v", "--verbose", count=True, show_default=False)
    ] = 0,
) -> None:
    log_to_stderr(verbose)
    _log.info(
        "mirror %s, Python %s, %s: %s",
        *(__version__, platform.python_version(), platform.system(), context.invoked_subcommand),
    )
    if context.invoked_subcommand is not None:
        return
    if has_display():
        raise typer.Exit(open_window())
    out.print(context.get_help())
    print_error(
        "the window cannot be opened without a display; use a command above, such as "
        "`mirror demo --no-window`"
    )
    raise typer.Exit(2)  # as for any other command line that lacks something
