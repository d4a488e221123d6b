"""The time range a timeline shows: all of it, the last seconds, or what was zoomed to."""

from typing import Final

SHORTEST_S: Final = 2.0  # the shortest range one can zoom to, s

_EMPTY: Final = (0.0, 60.0)
_MARGIN: Final = 0.1


class VisibleRange:
    """The range in view, always within the rows."""

    def __init__(self) -> None:
        self.span = _EMPTY  # start and end of the rows, s
        self._zoomed: tuple[float, float] | None = None
        self._last_s: float | None = None
        self.live = False  # whether it follows the newest row, or did until `hold`

    @property
    def following(self) -> bool:
        return self._last_s is not None

    @property
    def visible(self) -> tuple[float, float]:
        """Start and end of the range, s."""
        start, end = self.span
        if self._last_s is not None:
            end = max(end, start + self._last_s)
            return end - self._last_s, end
        if self._zoomed is None:
            return start, max(end, start + SHORTEST_S)
        return self._clamp(*self._zoomed)

    def cover(self, span: tuple[float, float] | None) -> None:
        """Set start and end of the rows; None without rows."""
        self.span = span or _EMPTY

    def follow(self, seconds: float | None) -> None:
        """Show the last seconds; with None, the user's choice. Raise ValueError if not positive."""
        if seconds is not None and not seconds > 0:
            raise ValueError(f"a timeline cannot follow the last {seconds} s")
        self._last_s = seconds
        self.live = seconds is not None

    def hold(self) -> None:
        """Stop following, with the same part in view."""
        if self.following:
            self._zoomed, self._last_s = self.visible, None

    def show_all(self) -> None:
        """Show all rows, including those added later."""
        self._zoomed = None

    def zoom(self, factor: float, about_s: float) -> None:
        """Show `factor` times as much, with the time `about_s` at the same place."""
        if self.following:
            return
        start, end = self.visible
        full = self.span[1] - self.span[0]
        length = min(max((end - start) * factor, SHORTEST_S), max(full, SHORTEST_S))
        if length >= full:
            self._zoomed = None
            return
        start = about_s - (about_s - start) * length / (end - start)
        self._zoomed = self._clamp(start, start + length)

    def start_at(self, start_s: float) -> None:
        """Move a zoomed range to a start, as far as there are rows."""
        start, end = self.visible
        if self._zoomed is not None and not self.following:
            self._zoomed = self._clamp(start_s, start_s + end - start)

    def turn_to(self, before_s: float | None, now_s: float) -> bool:
        """Turn the page if a time in view moves out of view; return whether it did."""
        start, end = self.visible
        leaves = before_s is not None and start <= before_s <= end and not start <= now_s <= end
        if leaves:
            self.start_at(now_s - _MARGIN * (end - start))
        return leaves and self.visible != (start, end)

    def reveal(self, time_s: float) -> None:
        """Centre a time that is not in view."""
        start, end = self.visible
        if not start <= time_s <= end:
            self.start_at(time_s - (end - start) / 2)

    def _clamp(self, start_s: float, end_s: float) -> tuple[float, float]:
        low, high = self.span
        length = end_s - start_s
        start_s = max(min(start_s, high - length), low)
        return start_s, start_s + length
