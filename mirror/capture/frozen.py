"""Pictures that come again: what dead cameras, and the drivers of dead cameras, send."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

FROZEN_TEXT: Final = "repeats its last picture"
_LONG: Final = 1.0  # seconds of one picture that are trouble, and no stutter


class FrozenFilter:
    """Tells new pictures from repeated ones.

    Sensors are never without noise. A repeated picture is no news of the person: it is left out, so
    that a hanging camera shows as a gap and not as somebody who holds still.
    """

    def __init__(self) -> None:
        self.trouble: str | None = None
        """`FROZEN_TEXT` where the same picture has come for more than a second."""
        self._last: NDArray[np.uint8] | None = None
        self._since = 0.0

    def is_new(self, picture: NDArray[np.uint8], now: float) -> bool:
        """Whether a picture, which nobody may write into, differs from the one before."""
        last = self._last
        # A few rows first: they tell live pictures apart at a fiftieth of the cost.
        if (
            last is not None
            and last.shape == picture.shape
            and np.array_equal(last[::48], picture[::48])
            and np.array_equal(last, picture)
        ):
            self.trouble = FROZEN_TEXT if now - self._since > _LONG else None
            return False
        self._last, self._since, self.trouble = picture, now, None
        return True
