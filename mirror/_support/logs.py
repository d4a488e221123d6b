"""The program's log file, and logging to stderr.

Log records hold no names, sources, addresses, paths, texts or landmarks: only kinds, counts, states
and types of exceptions, so that a log can be passed on with a bug report.
"""

import logging
import os
import sys
import traceback
from contextlib import suppress
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

import platformdirs

PACKAGES: Final = ("mirror", "ui")  # only these log: what libraries log may name files or addresses
MAX_BYTES: Final = 1_000_000  # size at which a new log file is begun
BACKUP_COUNT: Final = 3  # how many earlier log files are kept

_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def log_path() -> Path:
    """Return where the log file is, whether or not it exists yet."""
    return platformdirs.user_log_path("mirror", appauthor=False) / "mirror.log"


def log_files() -> list[Path]:
    """Return the log files that exist, the newest first."""
    path = log_path()
    numbered = [path.with_name(f"{path.name}.{n}") for n in range(1, BACKUP_COUNT + 1)]
    return [each for each in (path, *numbered) if each.is_file()]


def log_to_file() -> None:
    """Keep a log file, from level INFO on; without one if it cannot be written."""
    with suppress(OSError):
        log_path().parent.mkdir(parents=True, exist_ok=True)
        handler = _PrivateFileHandler(
            log_path(), maxBytes=MAX_BYTES, backupCount=BACKUP_COUNT, encoding="utf-8", delay=True
        )
        _add(handler, logging.INFO)


def log_to_stderr(verbosity: int) -> None:
    """Log to stderr: nothing at 0, from level INFO on at 1, everything at 2 and above."""
    if verbosity:
        _add(_StderrHandler(), logging.INFO if verbosity == 1 else logging.DEBUG)


def describe_error(error: BaseException) -> str:
    """Return the type of an exception and where it was raised, without its text."""
    places = [
        f"{module}:{line}"
        for frame, line in traceback.walk_tb(error.__traceback__)
        if (module := frame.f_globals.get("__name__", "")).partition(".")[0] in PACKAGES
    ]
    return " at ".join([type(error).__name__, *places[-1:]])


class _PrivateFileHandler(RotatingFileHandler):
    """A rotating file that only its owner can read; a full disk stops it silently."""

    def _open(self) -> TextIOWrapper:
        descriptor = os.open(self.baseFilename, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
        return os.fdopen(descriptor, "a", encoding=self.encoding)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  logging's names
        """Drop the record: an error of the log must not disturb the session."""


class _StderrHandler(logging.Handler):
    """Writes to what `sys.stderr` is at the moment; `redirect_native_stderr` replaces it."""

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(OSError, ValueError):  # nobody reads it any more
            sys.stderr.write(self.format(record) + "\n")


def _add(handler: logging.Handler, level: int) -> None:
    """Attach a handler, in place of an earlier one of its type."""
    handler.setLevel(level)
    handler.setFormatter(logging.Formatter(_FORMAT))
    for name in PACKAGES:
        logger = logging.getLogger(name)
        logger.setLevel(logging.DEBUG)
        for other in logger.handlers.copy():
            if type(other) is type(handler):
                logger.removeHandler(other)
                other.close()
        logger.addHandler(handler)
