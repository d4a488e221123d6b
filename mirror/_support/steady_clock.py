"""A clock that never runs backwards, is never set, and includes the time that the machine sleeps.

Live frames and their sessions are stamped with it. Under Linux and macOS `time.monotonic` stops
while a laptop sleeps: frames before and after would seem adjacent and be scored as one movement.
"""

import sys
import time

if sys.platform == "win32":

    def now() -> float:
        """Return the seconds since some moment in the past."""
        return time.monotonic()

else:
    # macOS's own CLOCK_MONOTONIC includes sleep; Python's time.monotonic there does not.
    _CLOCK = time.CLOCK_BOOTTIME if sys.platform == "linux" else time.CLOCK_MONOTONIC

    def now() -> float:
        """Return the seconds since some moment in the past."""
        return time.clock_gettime(_CLOCK)
