"""Run part of a test in a forked process, to exit there or to drop privileges."""

from __future__ import annotations

import os
import tempfile
import traceback
from collections.abc import Callable

_NOBODY = 65534


def run_in_fork(work: Callable[[], object], *, as_nobody: bool = False) -> None:
    """Call `work` in a fork of this process, which then exits without cleanup.

    Parameters
    ----------
    work : callable
        An exception fails the test and is printed.
    as_nobody : bool
        Whether to run as the user nobody, as root may write anywhere.
    """
    pid = os.fork()
    if pid == 0:
        status = 1  # the fork must never go on to run tests
        try:
            if as_nobody and os.geteuid() == 0:
                os.setuid(_NOBODY)
                tempfile.tempdir = "/tmp"  # not this user's, which `make test` may have chosen
            work()
            status = 0
        finally:
            if status:
                traceback.print_exc()
            os._exit(status)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0
