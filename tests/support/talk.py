"""The recording of the export tests: an example of everything that an export must carry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror import Pose, Recording, Score, Settings, State
from mirror.events import Event
from mirror.landmarks import FEEDS, Feed
from mirror.timeline import COLUMNS, LEVELS

EVENTS = [
    Event(0.0, "truth", "In phase: relative phase 0°"),
    Event(0.45, "mark", '=HYPERLINK("http://example.org";"press")'),
    Event(0.45, "mark", ""),
    Event(1.2, "+note", "'quoted', -1, <b>&amp;\ttabs\r\nand\n\nlines --> of it"),
    Event(2.0, "mark", "n/a"),
    Event(4.75, "@x", "-3"),
]
STATES = [
    *[State.WARMING_UP] * 6,
    *[State.OK] * 20,
    *[State.NO_PERSON_A] * 3,
    *[State.NO_PERSON_B] * 3,
    *[State.GAP] * 2,
    *[State.STILL] * 2,
    *[State.OK] * 12,
]
SESSION: dict[str, Any] = {
    "started": "2026-11-23T10:15:02+0100",
    "condition": "Free talk (2)",
    "notes": "=notes",
    "labels": {"a": "Änna", "b": "Ben & <Bo>"},
    "settings": Settings().to_dict(),
    "versions": {"mirror-synchrony": "0.1.0", "mediapipe": "0.10.33"},
    "sources": {"a": "anna.mp4", "b": "ben.mp4"},
}

MakeRecording = Callable[..., Recording]
"""Makes a recording; takes ``rows``, ``frames``, ``events`` and keys of its session."""


def scores() -> list[Score]:
    """Return rows of every state, with a pause of two seconds among the last ones."""
    random = np.random.default_rng(1)
    rows = []
    for number, state in enumerate(STATES):
        time_s = number / 10 + (2.0 if number >= len(STATES) - 6 else 0.0)
        values: dict[str, Any] = {
            "tracked_a": float(random.random()),
            "energy_b": float(random.random()),
        }
        if state is State.OK:
            numbers = [name for name in COLUMNS if name[:6] != "chance" and name not in LEVELS]
            values |= {name: float(random.random()) for name in numbers[1:]}
            values["lag_s"] = float(random.choice([-1.5, -0.05, 0.0, 0.7]))
            values["relative_phase_deg"] = float(random.uniform(-180, 180))
        rows.append(Score(time_s, state, **values))
    return rows


def poses() -> list[tuple[Feed, Pose]]:
    """Return poses at uneven times: some without a person, some without positions in space."""
    random = np.random.default_rng(2)
    found: list[tuple[Feed, Pose]] = []
    for number in range(60):
        for feed, late in zip(FEEDS, (0.011, 0.0), strict=True):
            landmarks: NDArray[np.float32] | None = random.random((33, 4), np.float32)
            positions = random.standard_normal((33, 3)).astype(np.float16)
            world: NDArray[np.float16] | None = positions
            if feed == "b" and number % 5 == 2:
                landmarks = world = None
            elif number % 7 == 3:
                world = None
            time_s = number / 12 + late + float(random.random()) / 50
            found.append((feed, Pose(time_s, landmarks, world, 640, 480 + number % 2)))
    return found
