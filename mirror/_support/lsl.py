"""Lab Streaming Layer: its library, which may be missing, and its clock beside this machine's.

A stamp of LSL is a reading of `local_clock` on the machine that sent it. What comes in is brought
onto this machine's own `local_clock` by the correction that liblsl measures, and from there onto
the steady clock of the session; what goes out takes the second step backwards.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from mirror._support import steady_clock
from mirror._support.optional import import_optional
from mirror.errors import MirrorError

_READINGS = 20


def import_pylsl(wanted_by: str) -> Any:
    """The library pylsl.

    Parameters
    ----------
    wanted_by : str
        What needs it, for the error.

    Raises
    ------
    MirrorError
        Where it, or the liblsl that it needs, is not installed; the line says how it is.
    """
    try:
        found: ModuleType = import_optional("pylsl", "lsl", wanted_by)
    except RuntimeError as error:  # how pylsl says that there is no liblsl, in several lines
        raise MirrorError(
            f"{wanted_by} needs liblsl, which pylsl cannot load; install it with "
            "`conda install -c conda-forge liblsl` or from "
            "https://github.com/sccn/liblsl/releases, or name the file in the variable PYLSL_LIB"
        ) from error
    return found


def clock_offset(pylsl: Any) -> float:
    """How far LSL's `local_clock` is ahead of `steady_clock.now` on this machine, s.

    Under Linux the two are apart by the time that the machine has slept since it was started;
    elsewhere they may count from different moments.
    """
    # What is read between two close readings is known best.
    readings: list[tuple[float, float]] = []
    for _ in range(_READINGS):
        before, there, after = steady_clock.now(), pylsl.local_clock(), steady_clock.now()
        readings.append((after - before, there - (before + after) / 2))
    return min(readings)[1]
