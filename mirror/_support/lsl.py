"""Lab Streaming Layer: its library, and its clock in relation to the steady clock.

Time stamps of LSL are `local_clock` readings of the sending machine. liblsl's correction converts
incoming ones to this machine's `local_clock`; `clock_offset` converts that to the steady clock.
"""

from typing import Any

from mirror._support import steady_clock
from mirror._support.optional import import_optional
from mirror.errors import MirrorError

_READINGS = 20


def import_pylsl(wanted_by: str) -> Any:
    """Import pylsl, or raise MirrorError: what wanted it, and how to install it or liblsl."""
    try:
        return import_optional("pylsl", "lsl", wanted_by)
    except RuntimeError as error:  # pylsl cannot find liblsl
        raise MirrorError(
            f"{wanted_by} needs liblsl, which pylsl cannot load; install it with "
            "`conda install -c conda-forge liblsl` or from "
            "https://github.com/sccn/liblsl/releases, or name the file in the variable PYLSL_LIB"
        ) from error


def clock_offset(pylsl: Any) -> float:
    """Return how far LSL's `local_clock` is ahead of `steady_clock.now`, s.

    Under Linux, they differ by the time that the machine has slept since it was started; elsewhere
    they may start at different moments.
    """
    readings: list[tuple[float, float]] = []
    for _ in range(_READINGS):
        before, lsl, after = steady_clock.now(), pylsl.local_clock(), steady_clock.now()
        readings.append((after - before, lsl - (before + after) / 2))
    return min(readings)[1]  # the closest pair is the most accurate
