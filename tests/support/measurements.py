"""Synthetic measurements of known conditions."""

from __future__ import annotations

from functools import cache

import numpy as np

from mirror import Score, Settings, State, Timeline
from mirror.capture.synthetic.postures import MOVE_S
from mirror.timeline import PostureState
from mirror.validation.calibration import FalseAlarms, TestRates
from mirror.validation.conditions import Condition, conditions
from mirror.validation.detection import Detection, Shared
from mirror.validation.measurement import Measurement

FULL = conditions(Settings(), 0, quick=False)
ALARMS = tuple(
    FalseAlarms(score, 15, 300, 300, 6000) for score in ("in_phase", "anti_phase", "mirroring")
)

TESTS = (
    TestRates("stationary", related=False, minutes=5.0, sessions=120, hits=(6, 5, 7, 3)),
    TestRates("common bursts", related=False, minutes=2.0, sessions=120, hits=(4, 8, 14, 2)),
    TestRates("coupling 0.3", related=True, minutes=5.0, sessions=120, hits=(120, 0, 90, 110)),
)

DETECTIONS = (
    Detection(
        Shared("coupling 0.5, lag 4 s", 0.5, 4.0), 3.0, 60, (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3)
    ),
)


def timeline(states: list[State], **values: float | list[float]) -> Timeline:
    """Return rows 0.1 s apart with these states; a column has one value, or one per row."""
    columns = {
        name: np.broadcast_to(np.asarray(value, float), len(states)).tolist()
        for name, value in ({"tracked_a": 1.0, "tracked_b": 1.0} | values).items()
    }
    return Timeline.from_scores(
        Score(0.1 * row, state, **{name: column[row] for name, column in columns.items()})
        for row, state in enumerate(states)
    )


@cache
def perfect(condition: Condition) -> Measurement:
    """Return a measurement without any error, not to be changed in place."""
    count = round(condition.seconds / 0.1)
    states = [State.OK] * count
    for expected in condition.states:
        for row in range(count):
            if expected.start <= 0.1 * row < expected.end:
                states[row] = expected.state
    turn = np.radians(condition.phase_deg or 0.0)
    related = condition.group != "unrelated"
    values = {
        "relative_phase_deg": float(np.angle(np.exp(1j * turn), deg=True)),
        "lag_s": condition.lag_s or 0.0,
        "in_phase": max(0.0, float(np.cos(turn))) if related else 0.06,
        "anti_phase": max(0.0, -float(np.cos(turn))) if related else 0.06,
        "coherence": 1.0 if related else 0.2,
    }
    rows = timeline(states, **values)
    return Measurement(
        condition, _postures(condition, rows) if condition.group == "posture" else rows
    )


def _postures(condition: Condition, rows: Timeline) -> Timeline:
    """Return rows with postures that are taken over as the script says."""
    columns = {name: column.copy() for name, column in rows.columns.items()}
    columns["posture_state"][:] = PostureState.OK
    columns["posture_match"][:] = 0.9 if condition.taken else 0.3
    columns["chance_posture_match"][:] = 0.5
    for leads, follows, _ in condition.taken:
        row, at = round((follows + 3.0) / 0.1), follows + MOVE_S / 2
        if row < len(rows):
            event = follows - leads, rows.time_s[row] - at, 0.9, 4.0
            for name, value in zip(
                ("latency_s", "ago_s", "likeness", "regions"), event, strict=True
            ):
                columns[f"mimicry_{name}"][row] = value
    return Timeline(columns)


def all_perfect() -> list[Measurement]:
    """Return every condition of the full validation, without any error."""
    return [perfect(condition) for condition in FULL]
