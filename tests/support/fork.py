"""What a test does in a process of its own: to die there, or as somebody who may not write."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable

_NOBODY = 65534


def run_in_fork(work: Callable[[], object], *, as_nobody: bool = False) -> None:
    """Do `work` in a copy of this process, which then dies without a farewell.

    Parameters
    ----------
    work : callable
        What it raises fails the test, and stands on stderr.
    as_nobody : bool
        Whether as a user who may only do what everybody may; root may write everywhere.
    """
    pid = os.fork()
    if pid == 0:
        status = 1  # whatever happens, there must not be a second process that runs the tests
        try:
            if as_nobody and os.geteuid() == 0:
                os.setuid(_NOBODY)
            work()
            status = 0
        except BaseException:  # noqa: BLE001
            traceback.print_exc()
        finally:
            os._exit(status)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0
