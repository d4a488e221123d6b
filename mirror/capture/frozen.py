"""Detection of repeated frames, as dead cameras and their drivers send them."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

FROZEN_TEXT: Final = "repeats its last frame"
_FROZEN_AFTER_S: Final = 1.0  # a frame repeated for less is a stutter


class FrozenFilter:
    """Tells new frames from repeated ones.

    A sensor is never free of noise, so an identical frame carries no new information about the
    person. It is left out, so that a hanging camera shows as a gap and not as standing still.
    """

    def __init__(self) -> None:
        self.trouble: str | None = None
        """`FROZEN_TEXT` once the same frame has come for more than a second."""
        self._last: NDArray[np.uint8] | None = None
        self._since = 0.0

    def is_new(self, image: NDArray[np.uint8], now: float) -> bool:
        """Return whether an image, which must not be modified later, differs from the last."""
        last = self._last
        # Compare a few rows first: it tells live images apart at a fiftieth of the cost.
        if (
            last is not None
            and last.shape == image.shape
            and np.array_equal(last[::48], image[::48])
            and np.array_equal(last, image)
        ):
            self.trouble = FROZEN_TEXT if now - self._since > _FROZEN_AFTER_S else None
            return False
        self._last, self._since, self.trouble = image, now, None
        return True
