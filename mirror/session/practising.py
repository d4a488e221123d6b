"""Score an exercise in a session: its own window, beside that of the session."""

from __future__ import annotations

from mirror.estimator.scoring import Scoring
from mirror.estimator.signals import Signals
from mirror.landmarks import Feed, Pose
from mirror.practice.exercise import Exercise
from mirror.practice.run import Practice, Result
from mirror.settings import Settings
from mirror.settings_history import SettingsHistory
from mirror.timeline import Score


class Practising:
    """Takes the poses of a session and gives an exercise's rows and results.

    Parameters
    ----------
    exercise : Exercise
    base : Settings
        Of the session.
    signals : Signals
    begin_s : float
        When the exercise is begun, s on the session's clock; later poses are scored.

    Raises
    ------
    MirrorError
        If the exercise's scores cannot be computed.
    """

    def __init__(
        self, exercise: Exercise, base: Settings, signals: Signals, begin_s: float
    ) -> None:
        self.settings = exercise.settings(base)
        self.practice = Practice(exercise, self.settings, begin_s)
        self._scoring = Scoring(SettingsHistory(self.settings), signals)

    def push(self, feed: Feed, pose: Pose) -> tuple[list[Score], list[Result]]:
        """Take the next pose of a feed; return new rows, and results of the rounds they end."""
        # Whether a pose counts depends on its time alone, never on when it arrived.
        rows = self._scoring.push(feed, pose) if pose.time > self.practice.begin_s else []
        return rows, self.practice.add(rows)

    def change(self, base: Settings) -> None:
        """Score by the session's new mapping from the next tick on."""
        self.settings = self.practice.exercise.settings(base)
        self._scoring.change(self.settings)

    def finish(self, time_s: float) -> tuple[list[Score], list[Result]]:
        """End at a time of the session's clock; return the last rows and results."""
        rows = self._scoring.finish()
        results = self.practice.add(rows)
        return rows, results + self.practice.finish(max(time_s, self.practice.now_s))
