"""The results of a validation."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from mirror._support.jsonable import to_jsonable
from mirror._support.version import __version__
from mirror.landmarks import Model
from mirror.recording.provenance import session_metadata
from mirror.settings import Settings
from mirror.validation.calibration import SCORES, FalseAlarms, TestRates
from mirror.validation.criteria import Criterion, judge, limits
from mirror.validation.detection import METHODS, Detection
from mirror.validation.measurement import Measurement
from mirror.validation.one_picture import Counts

_MEASURED = (
    *("rows", "tracked", "phase_deg", "phase_error_deg", "phase_sd_deg"),
    *("lag_s", "lag_error_s", "lag_sd_s"),
)


@dataclass(frozen=True, eq=False)
class Outcome:
    """The results; `about` has settings, model, versions, machine, seed, date and duration."""

    measurements: Sequence[Measurement]
    alarms: Sequence[FalseAlarms]
    about: dict[str, Any]
    tests: Sequence[TestRates] = ()
    detections: Sequence[Detection] = ()
    people: Counts | None = None  # two, in one picture

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """All criteria, judged."""
        return judge(self.measurements, self.alarms, self.tests, self.people)

    @property
    def failed(self) -> tuple[Criterion, ...]:
        """The criteria that failed."""
        return tuple(each for each in self.criteria if not each.passed)

    @property
    def limits(self) -> tuple[str, ...]:
        """Single pairs beyond a bound."""
        return limits(self.measurements)

    def facts(self) -> dict[str, Any]:
        """Return everything as JSON types; undefined values are null."""
        facts: dict[str, Any] = to_jsonable(
            {
                "about": self.about,
                "passed": not self.failed,
                "criteria": self.criteria,
                "limits": self.limits,
                "conditions": [_condition(each) for each in self.measurements],
                "false_alarms": [
                    _values(each, "score", "missing", "alarms")
                    | {"independent_windows": each.pairs}
                    | _values(each, "rate", "interval")
                    | {"all_rows_rate": each.rows_rate, "all_rows": each.rows}
                    for each in self.alarms
                ],
                "tests_against_chance": [
                    _values(each, "kind", "related", "minutes", "sessions")
                    | {"significant": dict(zip(SCORES, each.rates, strict=True))}
                    for each in self.tests
                ],
                "detection": [
                    {
                        "shared": each.shared.name,
                        "minutes": each.minutes,
                        "pairs": each.pairs,
                        "area_under_curve": dict(zip(METHODS, each.areas, strict=True)),
                    }
                    for each in self.detections
                ],
            }
        )
        return facts


def origins(
    settings: Settings, model: Model, *, seed: int, quick: bool, took: float
) -> dict[str, Any]:
    """Return settings, model, versions and machine of a validation that took `took` seconds."""
    known = session_metadata(settings, ("rendered", "rendered"), model)
    return {
        "version": __version__,
        "finished": known["started"],
        "took_s": round(took, 1),
        "quick": quick,
        "seed": seed,
        "settings": known["settings"],
        "model": known["model"],
        "versions": {**known["versions"], "matplotlib": version("matplotlib")},
        "machine": f"{platform.machine()}, {os.cpu_count()} processors",
    }


def _values(each: object, *names: str) -> dict[str, Any]:
    return {name: getattr(each, name) for name in names}


def _condition(each: Measurement) -> dict[str, Any]:
    condition = each.condition
    right, certain = each.right_states
    return {
        "group": condition.group,
        "name": condition.name,
        "seconds": condition.seconds,
        "frames_per_second": condition.rates,
        "frequency_hz": condition.frequency,
        "true_phase_deg": condition.phase_deg,
        "true_lag_s": condition.lag_s,
        **_values(each, *_MEASURED),
        **{name: each.mean(name) for name in SCORES},
        "rows_in_certain_state": right,
        "rows_where_certain": certain,
    }
