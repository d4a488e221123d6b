"""Which stretch of a timeline is in view: all of it, the last seconds, or what was zoomed to."""

from __future__ import annotations

from typing import Final

LEAST_S: Final = 2.0
"""Nobody zooms in further than this, s."""

_EMPTY: Final = (0.0, 60.0)
_MARGIN: Final = 0.1


class Window:
    """The stretch in view; it never leaves the rows that there are."""

    def __init__(self) -> None:
        self._span = _EMPTY
        self._chosen: tuple[float, float] | None = None
        self._last_s: float | None = None

    @property
    def span(self) -> tuple[float, float]:
        """All that could be in view, s."""
        return self._span

    @property
    def following(self) -> bool:
        """Whether it goes with the newest row."""
        return self._last_s is not None

    @property
    def visible(self) -> tuple[float, float]:
        """The moments at its two edges, s."""
        start, end = self._span
        if self._last_s is not None:
            end = max(end, start + self._last_s)
            return end - self._last_s, end
        if self._chosen is None:
            return start, max(end, start + LEAST_S)
        return self._within(*self._chosen)

    def cover(self, span: tuple[float, float] | None) -> None:
        """Lie within this span from now on; None where there are no rows."""
        self._span = span or _EMPTY

    def follow(self, seconds: float | None) -> None:
        """Show the last so many seconds; None leaves the choice to the user again.

        Raises
        ------
        ValueError
            Unless the seconds are more than none.
        """
        if seconds is not None and not seconds > 0:
            raise ValueError(f"a timeline cannot follow the last {seconds} s")
        self._last_s = seconds

    def show_all(self) -> None:
        """Show all there is, also what is still to come."""
        self._chosen = None

    def zoom(self, factor: float, about_s: float) -> None:
        """Show that many times as much, with the moment `about_s` where it is."""
        if self.following:
            return
        start, end = self.visible
        full = self._span[1] - self._span[0]
        wide = min(max((end - start) * factor, LEAST_S), max(full, LEAST_S))
        if wide >= full:
            self._chosen = None
            return
        start = about_s - (about_s - start) * wide / (end - start)
        self._chosen = self._within(start, start + wide)

    def start_at(self, start_s: float) -> None:
        """Move it so that it begins there, as far as there are rows."""
        start, end = self.visible
        if self._chosen is not None and not self.following:
            self._chosen = self._within(start_s, start_s + end - start)

    def turn_to(self, before_s: float | None, now_s: float) -> bool:
        """Turn the page when a moment in view runs out of it, and say whether it was turned."""
        start, end = self.visible
        turns = before_s is not None and start <= before_s <= end and not start <= now_s <= end
        if turns:
            self.start_at(now_s - _MARGIN * (end - start))
        return turns and self.visible != (start, end)

    def reveal(self, time_s: float) -> None:
        """Bring a moment into view, in the middle, unless it is there."""
        start, end = self.visible
        if not start <= time_s <= end:
            self.start_at(time_s - (end - start) / 2)

    def _within(self, start_s: float, end_s: float) -> tuple[float, float]:
        low, high = self._span
        wide = end_s - start_s
        start_s = max(min(start_s, high - wide), low)
        return start_s, start_s + wide
