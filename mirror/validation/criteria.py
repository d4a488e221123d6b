"""Criteria that a validation must meet."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, nan, sqrt
from typing import Final

import numpy as np
from scipy.stats import binom, t

from mirror.capture.synthetic.postures import MOVE_S
from mirror.mimicry import take_overs
from mirror.summary import NO_LAG
from mirror.timeline import PostureState
from mirror.validation.calibration import CONFIDENCE, LEVEL, MOST, SCORES, FalseAlarms, TestRates
from mirror.validation.conditions import Group
from mirror.validation.measurement import Measurement
from mirror.validation.one_picture import Counts
from mirror.wording import percent, plain_name, signed

PHASE_BOUND: Final = 4.0  # highest median error of the relative phase over the pairs, degrees

# Bound of the mean phase of people who move at the same time, one less than the other, degrees; and
# the confidence with which it is within.
_UNEQUAL_BOUND: Final = 2.0
_SURE: Final = 0.95
# Largest difference between the shares of rows in which the smaller mover follows and leads.
_BALANCE_BOUND: Final = 0.1
_CHANCE_BOUND: Final = 0.15  # highest mean score of unrelated pairs

# Bounds of in_phase + anti_phase: lowest at 0° and 180°, highest at 90° and 270°.
_HIGH, _LOW = 0.8, 0.2

# Lowest and highest share of rows with postures above chance, mirrored or unrelated: of these 5 %,
# and 3 % as two minutes hold 24 pairs of postures (standard error 4 %). Lowest share of postures
# taken over that is found; largest error of a latency, s; most of either hidden for each seen.
_MIRRORED, _UNRELATED, _TAKEN, _LATE_S, _HIDDEN = 0.95, 0.08, 0.9, 0.2, 0.25
_FALSE: Final = 0.1  # most that are found and were not taken over, a minute; one is not too many

# Two people in one picture: clips with one switch that is not said; highest shares of their poses
# that are on somebody else, or missing, and error of their landmarks, % of a torso.
_CLIPS, _WRONG, _LOST, _OFF = 40, 0.5, 6.0, 2.2

_SETTLED_S = 2.0  # from the beginning of a change of posture
_NEAR_S = 1.0  # of an event to a change
_KNOWN_S = 5.0  # until a posture that was taken over is known
_ROUNDING = 1e-6


@dataclass(frozen=True)
class Criterion:
    """A criterion; `bound` and `found` are the required and the measured value in words."""

    name: str
    bound: str
    found: str
    passed: bool


def of_group(measurements: Sequence[Measurement], *groups: Group) -> list[Measurement]:
    """Return the measurements of some groups, in order."""
    return [each for each in measurements if each.condition.group in groups]


def judge(
    measurements: Sequence[Measurement],
    alarms: Sequence[FalseAlarms],
    tests: Sequence[TestRates] = (),
    people: Counts | None = None,
) -> tuple[Criterion, ...]:
    """Judge every criterion for which something was measured."""
    criteria = [
        _phase("relative phase", of_group(measurements, "phase")),
        _curve(of_group(measurements, "phase")),
        _within_a_frame("lag", of_group(measurements, "lag"), "lag"),
        *_unequal(of_group(measurements, "unequal")),
        _within_a_frame("lag, different frame rates", of_group(measurements, "rates"), "lag"),
        _within_a_frame("phase, different frame rates", of_group(measurements, "rates"), "phase"),
        _phase(
            "relative phase, sizes and poor pictures", of_group(measurements, "size", "pictures")
        ),
        *_unrelated(of_group(measurements, "unrelated")),
        *(_states(each) for each in of_group(measurements, "state")),
        *_postures(of_group(measurements, "posture")),
        *(of_two_people(people) if people else ()),
        *(_alarms(each) for each in alarms),
        *_false_positives([each for each in tests if not each.related]),
    ]
    return tuple(each for each in criteria if each is not None)


def limits(measurements: Sequence[Measurement]) -> tuple[str, ...]:
    """Describe single pairs beyond a bound, even if the criterion over all pairs holds."""
    texts = []
    for each in measurements:
        name = f"{each.condition.group}, {each.condition.name}"
        if _beyond(each.phase_error_deg, PHASE_BOUND):
            off = f"{signed(each.phase_error_deg, 1)}°"
            late = f"{signed(1e3 * each.phase_error_s, 0)} ms"
            texts.append(f"{name}: relative phase off by {off}, which is {late} of its rhythm")
        if _beyond(each.lag_error_s, each.condition.slower_frame):
            texts.append(f"{name}: lag off by {signed(1e3 * each.lag_error_s, 0)} ms")
        right, certain = each.right_states
        if right < certain:
            texts.append(f"{name}: {certain - right} of {certain} rows have another state")
    return tuple(texts)


def _beyond(error: float, bound: float) -> bool:
    return isfinite(error) and abs(error) > bound + _ROUNDING


def _phase(name: str, group: list[Measurement]) -> Criterion | None:
    errors = [abs(each.phase_error_deg) for each in group if each.condition.phase_deg is not None]
    if not errors:
        return None
    middle = float(np.median(errors))
    return Criterion(
        name,
        f"median error ≤ {PHASE_BOUND:g}°",
        f"{middle:.1f}° over {_pairs(errors)}, at most {max(errors):.1f}°",
        middle <= PHASE_BOUND,
    )


def _unequal(group: list[Measurement]) -> list[Criterion]:
    """Who moves less must not seem later, nor earlier, and A not than B.

    Phases of single pairs err by the places of landmarks, in either direction; their mean must be
    within the bound with confidence (two one-sided tests, Schuirmann 1987).
    """
    criteria = []
    for ratio in sorted({each.condition.ratio for each in group}):
        pairs = [each for each in group if each.condition.ratio == ratio]
        worst = max(pairs, key=lambda each: abs(each.phase_error_deg))
        # Positive if the person who moves less follows.
        signs = np.array([1.0 if each.condition.smaller == "b" else -1.0 for each in pairs])
        phases = np.array([each.phase_error_deg for each in pairs])
        late, ahead = float((signs * phases).mean()), float(phases.mean())
        spread = float(np.sqrt((phases**2).mean()))
        limit = float(t.ppf(_SURE, len(pairs) - 1)) * spread / sqrt(len(pairs))
        frames = [abs(each.lag_error_s) / each.condition.slower_frame for each in pairs]
        lags = np.concatenate([k * e.scored("lag_s") for k, e in zip(signs, pairs, strict=True)])
        follows, leads = float((lags > NO_LAG).mean()), float((lags < -NO_LAG).mean())
        criteria.append(
            Criterion(
                f"simultaneous movement, reach {ratio} : 1",
                f"mean phase, of the smaller mover and of A, within {_UNEQUAL_BOUND:g}° with "
                f"{100 * _SURE:g} % confidence, every lag ≤ 1 frame, the smaller mover follows and "
                f"leads in shares of the rows within {100 * _BALANCE_BOUND:g} %",
                f"{signed(late, 1)}° and {signed(ahead, 1)}°, ± {limit:.1f}°, over "
                f"{_pairs(pairs)}; of one pair {spread:.1f}° (root mean square), at most "
                f"{abs(worst.phase_error_deg):.1f}° ({worst.condition.name}); lag at most "
                f"{max(frames):.2f} frames; follows in {100 * follows:.0f} %, leads in "
                f"{100 * leads:.0f} %",
                max(abs(late), abs(ahead)) + limit <= _UNEQUAL_BOUND
                and max(frames) <= 1.0 + _ROUNDING
                and abs(follows - leads) <= _BALANCE_BOUND,
            )
        )
    return criteria


def _within_a_frame(name: str, group: list[Measurement], of: str) -> Criterion | None:
    """A slower feed must not seem later than it is, by its "lag" or its "phase" as a time."""
    true, as_time = ("lag_s", "") if of == "lag" else ("phase_deg", ", as a time,")
    known = [each for each in group if getattr(each.condition, true) is not None]
    if not known:
        return None
    errors = [getattr(each, f"{of}_error_s") for each in known]
    pairs = list(zip(errors, (each.condition for each in known), strict=True))
    frames = [abs(error) / condition.slower_frame for error, condition in pairs]
    worst, where = max(pairs, key=lambda pair: abs(pair[0]))
    return Criterion(
        name,
        f"every error{as_time} ≤ 1 frame of the slower feed",
        f"at most {max(frames):.2f} frames over {_pairs(frames)} "
        f"({signed(1e3 * worst, 0)} ms at {where.name})",
        all(error <= 1.0 + _ROUNDING for error in frames),
    )


def _curve(group: list[Measurement]) -> Criterion | None:
    """High at 0° and 180°, low at 90° and 270°, in between elsewhere."""
    heights = {each.condition.phase_deg: together(each) for each in group}
    if not heights:
        return None
    high = min((heights[phase] for phase in (0, 180) if phase in heights), default=nan)
    low = max((heights[phase] for phase in (90, 270) if phase in heights), default=nan)
    between = [height for phase, height in heights.items() if phase not in (0, 90, 180, 270)]
    return Criterion(
        "curve of in phase + anti-phase",
        f"≥ {_HIGH:g} at 0° and 180°, ≤ {_LOW:g} at 90° and 270°, in between elsewhere",
        ", ".join(f"{phase:.0f}°: {height:.2f}" for phase, height in heights.items()),
        high >= _HIGH and low <= _LOW and all(low < height < high for height in between),
    )


def _pairs(items: Sequence[object]) -> str:
    return "1 pair" if len(items) == 1 else f"{len(items)} pairs"


def together(measurement: Measurement) -> float:
    """Return the mean of in_phase + anti_phase."""
    return measurement.mean("in_phase") + measurement.mean("anti_phase")


def _unrelated(group: list[Measurement]) -> list[Criterion]:
    return [
        Criterion(
            f"unrelated: {plain_name(name)}",
            f"mean ≤ {_CHANCE_BOUND:g}",
            f"{mean:.3f} over {_pairs(group)}",
            mean <= _CHANCE_BOUND,
        )
        for name in ("in_phase", "anti_phase")
        if group
        for mean in [float(np.mean([each.mean(name) for each in group]))]
    ]


def _states(measurement: Measurement) -> Criterion:
    right, certain = measurement.right_states
    named = " → ".join(str(expected.state) for expected in measurement.condition.states)
    return Criterion(
        f"state: {measurement.condition.name}",
        f"{named}, in every row where it is certain",
        f"{right} of {certain} rows",
        0 < certain == right,
    )


def _postures(group: list[Measurement]) -> list[Criterion]:
    """Postures taken over are found, others hardly above chance; hidden ones are counted apart."""
    above, n, errors, minutes = dict[str, list[bool]](), Counter[str](), list[float](), 0.0
    for each in group:
        timeline, taken, alike = each.timeline, each.condition.taken, each.condition.alike
        time, state = timeline.time_s, timeline.posture_state
        scored, unseen = state == PostureState.OK, state == PostureState.HIDDEN
        kind, rows = "mirrored" if taken else "unrelated", np.full(len(time), not taken)
        events = [(e, e.time_s - MOVE_S / 2) for e in take_overs(timeline)]
        for leads, follows, end in taken:
            held = (time >= follows + _SETTLED_S) & (time < end)
            rows |= held
            if scored[time < follows].any() and follows < time[-1] - _KNOWN_S:
                near = [e for e, at in events if e.by == "b" and abs(at - follows) < _NEAR_S]
                errors += [abs(e.latency_s - (follows - leads)) for e in near[:1]]
                is_lost = not near and 2 * (held & unseen).sum() > held.sum()
                n["lost" if is_lost else "seen"] += 1
        n["false"] += sum(all(abs(at - t) >= _NEAR_S for t in alike) for _, at in events)
        minutes += float((scored | unseen).mean()) * each.condition.seconds / 60.0
        over = timeline.posture_match > timeline.chance_posture_match
        above.setdefault(kind, []).extend(over[rows & scored].tolist())
        n[kind] += int((rows & unseen).sum())
    criteria, most = [], f"at most {_HIDDEN:g} hidden for each seen"
    for kind, are_over in above.items():
        sign, bound = (1, _MIRRORED) if kind == "mirrored" else (-1, _UNRELATED)
        share = float(np.mean(are_over)) if are_over else nan
        text = f"above chance in {'≤≥'[sign > 0]} {100 * bound:g} % of the rows, {most}"
        found = f"{100 * share:.1f} % of {len(are_over)}; {n[kind]} more are hidden"
        passed = sign * share >= sign * bound and n[kind] <= _HIDDEN * len(are_over)
        criteria.append(Criterion(f"postures, {kind}", text, found, passed))
    if "mirrored" in above:
        text = f"≥ {100 * _TAKEN:g} % found, {most}, every latency within {_LATE_S:g} s"
        within, enough = max(errors, default=nan), len(errors) >= _TAKEN * n["seen"]
        found = f"{len(errors)} of {n['seen']}, within {within:.2f} s; {n['lost']} more are hidden"
        passed = enough and within <= _LATE_S and n["lost"] <= _HIDDEN * n["seen"]
        criteria.append(Criterion("postures taken over", text, found, passed))
    if group:
        found, passed = f"{n['false']} in {minutes:.1f} minutes", n["false"] <= _FALSE * minutes
        text, passed = f"≤ {_FALSE:g} a minute, or 1", minutes > 0.0 and (passed or n["false"] < 2)
        criteria.append(Criterion("postures found, but not taken over", text, found, passed))
    return criteria


def of_two_people(counts: Counts) -> list[Criterion]:
    """Judge how well two people in one picture are told apart, and seen."""
    off, drawn = (100 * each for each in counts.error)
    given, most = max(1, counts.given), counts.clips // _CLIPS
    wrong, lost = 100 * counts.wrong / given, 100 * counts.lost / max(1, counts.visible)
    shares = {
        "wrong person, of the poses": (wrong, _WRONG, f"unsure {percent(counts.unsure / given)}"),
        "lost, of the frames with a person to be seen": (lost, _LOST, f"of {counts.visible}"),
        "landmarks off the person alone, of a torso": (off, _OFF, f"off the joints {drawn:.2f} %"),
    }
    found, is_said = f"{counts.switches} in {counts.clips}", counts.switches <= most
    return [
        Criterion("one picture: switches not said", f"≤ 1 in {_CLIPS} clips", found, is_said),
        *(
            Criterion(f"one picture: {name}", f"≤ {bound:g} %", f"{x:.2f} % ({more})", x <= bound)
            for name, (x, bound, more) in shares.items()
        ),
    ]


def describe_alarms(alarms: FalseAlarms) -> str:
    """Return score and missing share in words."""
    missing = f", {percent(alarms.missing)} missing" if alarms.missing else ""
    return f"{plain_name(alarms.score)}{missing}"


def _alarms(alarms: FalseAlarms) -> Criterion:
    low, high = alarms.interval
    return Criterion(
        f"false alarms: {describe_alarms(alarms)}",
        f"{100 * low:.1f}–{100 * high:.1f} % ({100 * CONFIDENCE:g} % interval of 5 %, "
        f"{alarms.pairs} independent windows)",
        f"{100 * alarms.rate:.1f} % ({alarms.alarms} of {alarms.pairs})",
        alarms.within,
    )


def _false_positives(tests: list[TestRates]) -> list[Criterion]:
    if not tests:
        return []
    sessions = sum(each.sessions for each in tests)
    # A quick check has few sessions.
    most = max(MOST * sessions, float(binom.ppf(CONFIDENCE, sessions, LEVEL)))
    criteria = []
    for column, score in enumerate(SCORES):
        hits = sum(each.hits[column] for each in tests)
        share = f"{100 * hits / sessions:.1f} % of {sessions}"
        worst = max(tests, key=lambda each: each.rates[column])
        criteria.append(
            Criterion(
                f"mirror test, unrelated sessions: {plain_name(score)}",
                f"p < .05 in ≤ {100 * most / sessions:.2g} % of all, and of each kind and length "
                f"in no more than {100 * MOST:g} % make probable",
                f"{share}, at most {100 * worst.rates[column]:.1f} % "
                f"({worst.kind}, {worst.minutes:g} min)",
                hits <= most and all(each.hits[column] <= each.most for each in tests),
            )
        )
    return criteria


def truth_and_measured(measurement: Measurement) -> tuple[str, str, str, str]:
    """Return true value, measured value, error and SD of the phase or lag, as text."""
    each, condition = measurement, measurement.condition
    if condition.phase_deg is not None and each.rows:
        true, found = f"{condition.phase_deg:.0f}°", f"{each.phase_deg % 360.0:.1f}°"
        return true, found, f"{signed(each.phase_error_deg, 1)}°", f"{each.phase_sd_deg:.1f}°"
    if condition.lag_s is not None and each.rows:
        true, found = f"{signed(condition.lag_s, 2)} s", f"{signed(each.lag_s, 2)} s"
        return (
            true,
            found,
            f"{signed(1e3 * each.lag_error_s, 0)} ms",
            f"{1e3 * each.lag_sd_s:.0f} ms",
        )
    return "–", "–", "–", "–"
