"""The figures of the validation report."""

import textwrap
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from mirror.colours import LIGHT
from mirror.report.document import Figure
from mirror.report.svg import BLUE, GREY, INK, LINE, ORANGE, draw_figure
from mirror.timeline import State
from mirror.timeline_bins import drawn_hop_s, groups
from mirror.validation import criteria
from mirror.validation.calibration import LEVEL, SCORES, FalseAlarms, TestRates
from mirror.validation.detection import METHODS, Detection
from mirror.validation.measurement import Measurement
from mirror.wording import plain_name

_STATE_COLOURS: Final = {
    State.OK: BLUE,
    State.STILL: LIGHT["untracked_shade"],
    State.NO_PERSON_A: ORANGE,
    State.NO_PERSON_B: ORANGE,
    State.GAP: INK,
    State.UNSURE: GREY,
    State.WARMING_UP: LIGHT["still_shade"],
}
_LOOKS: Final[tuple[dict[str, Any], ...]] = (
    {"marker": "o", "color": BLUE},
    {"marker": "s", "color": ORANGE},
    {"marker": "^", "color": GREY},
    {"marker": "D", "color": INK, "markerfacecolor": "none"},
)


def figures(
    measurements: Sequence[Measurement],
    alarms: Sequence[FalseAlarms],
    tests: Sequence[TestRates] = (),
    detections: Sequence[Detection] = (),
) -> tuple[Figure, ...]:
    """Draw every figure for which something was measured."""
    every: tuple[tuple[Callable[[Any], Figure], Sequence[Any]], ...] = (
        (_phase_figure, criteria.of_group(measurements, "phase")),
        (_curve_figure, criteria.of_group(measurements, "phase")),
        (_lag_figure, criteria.of_group(measurements, "lag")),
        (_errors_figure, criteria.of_group(measurements, "unequal", "rates", "size", "pictures")),
        (_coherence_figure, measurements),
        (_states_figure, criteria.of_group(measurements, "state")),
        (_alarms_figure, alarms),
        (_tests_figure, tests),
        (_detection_figure, detections),
    )
    return tuple(draw(measured) for draw, measured in every if measured)


def _phase_figure(group: Sequence[Measurement]) -> Figure:
    return _against_truth(
        "Relative phase: measured against true",
        "Each dot is one rendered pair; the bar is the standard deviation from row to row, the "
        f"band the bound of ±{criteria.PHASE_BOUND:g}°. Positive errors mean that A seems further "
        "ahead.",
        group,
        ("phase", "deg", "relative phase", "°", 1.0, "°"),
        criteria.PHASE_BOUND,
    )


def _lag_figure(group: Sequence[Measurement]) -> Figure:
    return _against_truth(
        "Lag: measured against true",
        "Gestures that never repeat; at positive lags B follows A, at negative ones A follows B. "
        "Dots are medians over the rows, bars standard deviations, the band is one frame. Lags are "
        "found in steps of the common grid; the true ones are multiples of a step.",
        group,
        ("lag", "s", "lag", "s", 1e3, "ms"),
        min(each.condition.slower_frame for each in group),
    )


def _against_truth(
    title: str,
    meaning: str,
    group: Sequence[Measurement],
    measure: tuple[str, str, str, str, float, str],
    bound: float,
) -> Figure:
    """Draw measured against true values at the left, and errors at the right."""
    name, suffix, what, unit, scale, error_unit = measure
    true = np.array([getattr(each.condition, f"{name}_{suffix}") for each in group], dtype=float)
    error = np.array([getattr(each, f"{name}_error_{suffix}") for each in group])
    spread = np.array([getattr(each, f"{name}_sd_{suffix}") for each in group])

    def draw(canvas: Canvas) -> None:
        left, right = canvas.subplots(1, 2)
        ends = [true.min(), true.max()]
        left.plot(ends, ends, color=GREY, linewidth=1)
        _draw_dots(left, true, true + error, yerr=spread)
        left.set_ylabel(f"measured ({unit})")
        right.axhspan(-scale * bound, scale * bound, color=ORANGE, alpha=0.15, linewidth=0)
        right.axhline(0, color=GREY, linewidth=1)
        _draw_dots(right, true, scale * error, yerr=scale * spread)
        right.set_ylabel(f"error ({error_unit})")
        for axes in (left, right):
            axes.set_xlabel(f"true {what} ({unit})")
            if unit == "°":
                axes.set_xticks(range(0, 360, 90))
        if unit == "°":
            left.set_yticks(range(0, 361, 90))

    alternative = _listing(
        (each.condition.name, "error {2}, SD {3}".format(*criteria.truth_and_measured(each)))
        for each in group
    )
    return draw_figure(title, meaning, alternative, (8.0, 3.2), draw)


def _curve_figure(group: Sequence[Measurement]) -> Figure:
    true = np.array([each.condition.phase_deg for each in group], dtype=float)
    every = np.arange(361)

    def draw(canvas: Canvas) -> None:
        axes = canvas.subplots()
        height = np.abs(np.cos(np.radians(every)))
        axes.plot(every, height, color=GREY, linewidth=1, label="|cos φ|")
        for name, look in (("in_phase", _LOOKS[0]), ("anti_phase", _LOOKS[1])):
            heights = [each.mean(name) for each in group]
            axes.plot(true, heights, linestyle="none", label=plain_name(name), **look)
        sums = [criteria.together(each) for each in group]
        look = {"linestyle": "none", "markersize": 11, **_LOOKS[3]}
        axes.plot(true, sums, label="both together", **look)
        axes.set_xlabel("true relative phase φ (°)")
        axes.set_ylabel("mean score")
        axes.set_xticks(range(0, 361, 45))
        axes.set_ylim(-0.03, 1.05)
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))

    return draw_figure(
        "In phase and anti-phase over relative phase",
        "Observers of two walkers saw most rapport at 0° and at 180°, and least in between (Miles, "
        "Nind & Macrae 2009); the sum of the two scores has that shape. The line is what a pair "
        "with a constant phase must give. The scores measure coordination, not rapport.",
        _listing((each.condition.name, _means(each, "in_phase", "anti_phase")) for each in group),
        (8.0, 3.2),
        draw,
    )


def _errors_figure(group: Sequence[Measurement]) -> Figure:
    phase = [each for each in group if each.condition.frequency is not None]
    lag = [each for each in group if each.condition.frequency is None]
    parts = (("error of the relative phase, as a time (ms)", phase), ("error of the lag (ms)", lag))
    panels = [(x, part) for x, part in parts if part]

    def draw(canvas: Canvas) -> None:
        ratios = [len(part) + 1 for _, part in panels]
        many = canvas.subplots(len(panels), 1, squeeze=False, height_ratios=ratios)[:, 0]
        for axes, (x, part) in zip(many, panels, strict=True):
            axes.axvline(0, color=GREY, linewidth=1)
            for row, each in enumerate(part):
                frame = 1e3 * each.condition.slower_frame
                axes.fill_betweenx(
                    [row - 0.35, row + 0.35], -frame, frame, color=ORANGE, alpha=0.15, linewidth=0
                )
            errors, spreads = zip(*map(_in_ms, part), strict=True)
            _draw_dots(axes, errors, range(len(part)), xerr=spreads)
            _name_rows(axes, [_short(each) for each in part], x)

    return draw_figure(
        "Unequal reach, frame rates, sizes and poor images",
        "Errors as times: dots right of 0 mean that B seems later than it is. The bar is the "
        "standard deviation from row to row, the band one frame of the slower feed. Frame "
        "rates are those of A / B.",
        _listing(
            (_short(each), "{:+.0f} ms, SD {:.0f} ms".format(*_in_ms(each))) for each in group
        ),
        (8.0, 0.34 * len(group) + 1.6),
        draw,
    )


def _in_ms(each: Measurement) -> tuple[float, float]:
    """Return error and standard deviation in ms, of the phase or of the lag."""
    if each.condition.frequency is None:
        return 1e3 * each.lag_error_s, 1e3 * each.lag_sd_s
    cycle = 1e3 / (360.0 * each.condition.frequency)
    return 1e3 * each.phase_error_s, cycle * each.phase_sd_deg


def _coherence_figure(group: Sequence[Measurement]) -> Figure:
    scored = [each for each in group if each.rows]

    def draw(canvas: Canvas) -> None:
        axes = canvas.subplots()
        rows = np.arange(len(scored))
        for name, look in (("coherence", _LOOKS[0]), ("mirroring", _LOOKS[-1])):
            means = [each.mean(name) for each in scored]
            axes.plot(means, rows, linestyle="none", label=name, **look)
        tracked = [each.tracked for each in scored]
        axes.plot(tracked, rows, "|", color=ORANGE, markeredgewidth=1.6, label="tracked share")
        _name_rows(axes, [_short(each) for each in scored], "mean over the rows")
        axes.set_xlim(-0.02, 1.04)
        axes.grid(axis="x", color=LINE)
        axes.set_axisbelow(True)
        _draw_legend(axes, 3)

    return draw_figure(
        "Coherence and tracking, pair by pair",
        "Coherence is high where there is a constant phase and low in unrelated pairs; it falls "
        "with the lag of gestures that have no rhythm, which mirroring still finds. The "
        "tracked share is that of the less tracked person.",
        _listing(
            (
                _short(each),
                f"{_means(each, 'coherence', 'mirroring')}, tracked {100 * each.tracked:.0f} %",
            )
            for each in scored
        ),
        (8.0, 0.22 * len(scored) + 1.3),
        draw,
    )


def _means(each: Measurement, *names: str) -> str:
    return _named(map(plain_name, names), map(each.mean, names), "{:.2f}")


def _named(names: Iterable[str], values: Iterable[float], form: str) -> str:
    return ", ".join(
        f"{name} {form.format(each)}" for name, each in zip(names, values, strict=True)
    )


def _states_figure(group: Sequence[Measurement]) -> Figure:
    def draw(canvas: Canvas) -> None:
        axes = canvas.subplots()
        labelled: set[State] = set()
        for row, each in enumerate(group):
            for state, start, length in _runs(each):
                colour, name = _STATE_COLOURS[state], plain_name(state)
                label = None if state in labelled else name
                axes.barh(row, length, left=start, height=0.5, color=colour, label=label)
                labelled.add(state)
        _name_rows(axes, [each.condition.name for each in group], "end of the window (s)")
        _draw_legend(axes, 4)

    return draw_figure(
        "States: standing still, and leaving the frame",
        "Standing still together is no synchrony, and a person who is absent has no score: the "
        "program must say so instead of giving a number.",
        _listing(
            (
                each.condition.name,
                ", ".join(
                    f"{plain_name(state)} {start:.1f}–{start + length:.1f} s"
                    for state, start, length in _runs(each)
                ),
            )
            for each in group
        ),
        (8.0, 0.4 * len(group) + 1.4),
        draw,
    )


def _runs(measurement: Measurement) -> list[tuple[State, float, float]]:
    """Return the runs of one state: state, start and length in seconds."""
    timeline = measurement.timeline
    time, state, hop = timeline.time_s, timeline.state, drawn_hop_s(timeline.hop_s)
    return [
        (State(state[first]), float(time[first]), float(time[last] - time[first]) + hop)
        for first, last in groups(len(time), state[1:] != state[:-1])
    ]


def _alarms_figure(alarms: Sequence[FalseAlarms]) -> Figure:
    def draw(canvas: Canvas) -> None:
        axes = canvas.subplots()
        low, high = alarms[0].interval
        axes.axvspan(100 * low, 100 * high, color=ORANGE, alpha=0.15, linewidth=0)
        axes.axvline(100 * LEVEL, color=GREY, linewidth=1)
        axes.plot([100 * each.rate for each in alarms], range(len(alarms)), "o", color=BLUE)
        x = "unrelated pairs above their chance level (%)"
        _name_rows(axes, [criteria.describe_alarms(each) for each in alarms], x)
        axes.set_xlim(left=0)

    return draw_figure(
        "False alarms at the chance level",
        f"Of {alarms[0].pairs} unrelated pairs, one independent row each, this share passed the "
        "95th percentile of its own session's pseudo-synchrony. The line is the expected 5 %, "
        "the band its interval for this number of rows.",
        _listing((criteria.describe_alarms(each), f"{100 * each.rate:.1f} %") for each in alarms),
        (8.0, 0.22 * len(alarms) + 1.2),
        draw,
    )


def _tests_figure(tests: Sequence[TestRates]) -> Figure:
    scores = tuple(map(plain_name, SCORES))

    def draw(canvas: Canvas) -> None:
        panels = [[each for each in tests if each.related is related] for related in (False, True)]
        above, below = canvas.subplots(2, 1, height_ratios=[len(part) + 1 for part in panels])
        for axes, part in zip((above, below), panels, strict=True):
            rows = range(len(part))
            for column, (score, look) in enumerate(zip(scores, _LOOKS, strict=True)):
                heights = [100 * each.rates[column] for each in part]
                axes.plot(heights, rows, linestyle="none", label=score, **look)
            axes.axvline(100 * LEVEL, color=GREY, linewidth=1)
            _name_rows(axes, [_of_length(each) for each in part], "")
            axes.set_xlim(left=0)
        below.set_xlabel("sessions significant at .05 (%)")
        _draw_legend(above, 4)

    return draw_figure(
        "The test against chance: false positives, and what it finds",
        "Above unrelated people, below people who share a part of their movement, with a delay. "
        "The line is the 5 % that are due to chance.",
        _listing(
            (_of_length(each), _named(scores, [100 * rate for rate in each.rates], "{:.0f} %"))
            for each in tests
        ),
        (8.0, 0.22 * len(tests) + 1.8),
        draw,
    )


def _detection_figure(detections: Sequence[Detection]) -> Figure:
    """Draw the areas under the ROC curve by what is shared, for the most data."""
    most = max(each.minutes for each in detections)
    chosen = [each for each in detections if each.minutes == most]
    areas = np.array([each.areas for each in chosen])

    def draw(canvas: Canvas) -> None:
        axes = canvas.subplots()
        axes.pcolormesh(areas, cmap="cividis", vmin=0.5, vmax=1.0)
        for (row, column), area in np.ndenumerate(areas):
            shade = "white" if area < 0.75 else "black"
            x, y = column + 0.5, row + 0.5
            axes.text(x, y, f"{area:.2f}", ha="center", va="center", color=shade)
        axes.set_yticks(np.arange(len(chosen)) + 0.5, [each.shared.name for each in chosen])
        names = [textwrap.fill(name, 10) for name in METHODS]
        axes.set_xticks(np.arange(len(METHODS)) + 0.5, names, fontsize="small")
        axes.invert_yaxis()
        axes.xaxis.tick_top()

    return draw_figure(
        "How much coordination each method sees",
        f"Pairs that share something against pairs that share nothing, from {most:g} minutes of "
        "data: .5 is chance, 1 tells every pair. The first three are of movement, the others of "
        "motion energy.",
        _listing((each.shared.name, _named(METHODS, each.areas, "{:.2f}")) for each in chosen),
        (8.0, 0.3 * len(chosen) + 1.4),
        draw,
    )


def _short(measurement: Measurement) -> str:
    condition = measurement.condition
    names = {"unequal": "reach", "unrelated": "unrelated,", "rates": "frames/s"}
    names |= dict.fromkeys(("pictures", "state", "posture"), "")
    kind = "" if condition.group != "rates" else ", phase" if condition.frequency else ", lag"
    return f"{names.get(condition.group, condition.group)} {condition.name}{kind}".strip()


def _listing(items: Iterable[tuple[str, str]]) -> str:
    return "; ".join(f"{name}: {text}" for name, text in items) + "."


def _name_rows(axes: Axes, names: Sequence[str], x: str) -> None:
    """Name the rows of a figure, from top to bottom, and its x axis."""
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlabel(x)


def _draw_legend(axes: Axes, ncols: int) -> None:
    axes.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=ncols)


def _draw_dots(axes: Axes, x: Any, y: Any, **spread: Any) -> None:
    axes.errorbar(x, y, fmt="o", color=BLUE, markersize=5, elinewidth=1.2, capsize=2, **spread)


def _of_length(each: TestRates) -> str:
    return f"{each.kind}, {each.minutes:g} min"
