"""The steady clock: it never runs backwards, is never set, and goes on while the machine sleeps.

Live pictures and the sessions they belong to are stamped with it. `time.monotonic` stands still
while a laptop is suspended under Linux and macOS: the picture before and the one an hour after
would be neighbours, and scored as one movement. Here the hour is a gap.
"""

from __future__ import annotations

import sys
import time

if sys.platform == "linux":

    def now() -> float:
        """Seconds since some moment in the past."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)

elif sys.platform == "darwin":

    def now() -> float:
        """Seconds since some moment in the past."""
        # The system's own "monotonic" counts sleep; Python's, of the same name, does not.
        return time.clock_gettime(time.CLOCK_MONOTONIC)

else:

    def now() -> float:
        """Seconds since some moment in the past."""
        return time.monotonic()
