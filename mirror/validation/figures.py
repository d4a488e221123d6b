"""The figures of the validation report."""

import textwrap
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from mirror.report.document import Figure
from mirror.report.svg import BLUE, GREY, INK, ORANGE, draw_figure
from mirror.validation import criteria
from mirror.validation.calibration import LEVEL, SCORES, TestRates
from mirror.validation.detection import METHODS, Detection
from mirror.validation.measurement import Measurement
from mirror.wording import plain_name

_LOOKS: Final[tuple[dict[str, Any], ...]] = (
    {"marker": "o", "color": BLUE},
    {"marker": "s", "color": ORANGE},
    {"marker": "^", "color": GREY},
    {"marker": "D", "color": INK, "markerfacecolor": "none"},
)


def figures(
    measurements: Sequence[Measurement],
    tests: Sequence[TestRates] = (),
    detections: Sequence[Detection] = (),
) -> tuple[Figure, ...]:
    """Draw every figure for which something was measured."""
    every: tuple[tuple[Callable[[Any], Figure], Sequence[Any]], ...] = (
        (_phase_figure, criteria.of_group(measurements, "phase")),
        (_curve_figure, criteria.of_group(measurements, "phase")),
        (_lag_figure, criteria.of_group(measurements, "lag")),
        (_errors_figure, criteria.of_group(measurements, "unequal", "rates", "size", "pictures")),
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
    every, scores = np.arange(361), ("in_phase", "anti_phase")

    def draw(canvas: Canvas) -> None:
        axes = canvas.subplots()
        height = np.abs(np.cos(np.radians(every)))
        axes.plot(every, height, color=GREY, linewidth=1, label="|cos φ|")
        for name, look in zip(scores, _LOOKS, strict=False):
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
        _listing(
            (each.condition.name, _named(map(plain_name, scores), map(each.mean, scores), "{:.2f}"))
            for each in group
        ),
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
        (8.0, 0.24 * len(group) + 1.6),
        draw,
    )


def _in_ms(each: Measurement) -> tuple[float, float]:
    """Return error and standard deviation in ms, of the phase or of the lag."""
    if each.condition.frequency is None:
        return 1e3 * each.lag_error_s, 1e3 * each.lag_sd_s
    cycle = 1e3 / (360.0 * each.condition.frequency)
    return 1e3 * each.phase_error_s, cycle * each.phase_sd_deg


def _named(names: Iterable[str], values: Iterable[float], form: str) -> str:
    return ", ".join(
        f"{name} {form.format(each)}" for name, each in zip(names, values, strict=True)
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
        above.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=4)

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


def _draw_dots(axes: Axes, x: Any, y: Any, **spread: Any) -> None:
    axes.errorbar(x, y, fmt="o", color=BLUE, markersize=5, elinewidth=1.2, capsize=2, **spread)


def _of_length(each: TestRates) -> str:
    return f"{each.kind}, {each.minutes:g} min"
