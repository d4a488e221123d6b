"""The scenes of the demo as events of a session."""

from __future__ import annotations

from mirror.events import Event


class Script:
    """The scenes that two sources play; none unless they are the demo's two people.

    Parameters
    ----------
    a, b : str
        The sources, as `mirror.capture.base.Source.text` has them.
    """

    def __init__(self, a: str, b: str) -> None:
        self._count = 0
        self._is_demo = (a, b) == ("demo:a", "demo:b")

    def new_scenes(self, time: float) -> list[Event]:
        """Return the scenes that began since the last call, up to `time` s, as events ``truth``."""
        if not self._is_demo:
            return []
        from mirror.capture.synthetic.demo import truth

        scenes = truth(time)[self._count :]
        # Times may go back a little, as a heartbeat runs ahead of the frames.
        self._count += len(scenes)
        return [Event(time_s, "truth", text) for time_s, text in scenes]
