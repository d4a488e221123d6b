"""The report: one HTML file with everything in it, readable offline and with a screen reader."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from math import isfinite
from typing import Any, Final

from mirror.report.document import Figure
from mirror.report.html import facts, figure, section, shell, table
from mirror.validation.calibration import FalseAlarms
from mirror.validation.criteria import truth_and_measured
from mirror.validation.measurement import Measurement
from mirror.validation.outcome import Outcome
from mirror.wording import plain_name

_UNSEEN: Final = (
    "What this page cannot show: rendered people face the camera in a plain room. Side views, "
    "people who hide one another, loose clothes, moving cameras and clocks that drift apart are "
    "not in it. And a picture is flat: what is measured is movement in the picture."
)


def page(outcome: Outcome, figures: Sequence[Figure]) -> str:
    """The whole report, as HTML.

    Parameters
    ----------
    outcome : Outcome
    figures : sequence of Figure
    """
    kind = "Quick check" if outcome.about["quick"] else "Validation"
    title = f"{kind} of mirror {outcome.about['version']}"
    parts = [
        f"<h1>{escape(title)}</h1>",
        _introduction(outcome),
        _verdict(outcome),
        section("Criteria", _criteria(outcome)),
        section("Limits that were seen", _limits(outcome)),
        section("Figures", "\n".join(map(figure, figures))),
        section("Every pair", _measurements(outcome.measurements)),
        section("False alarms", _alarms(outcome.alarms)),
        section("Where these numbers come from", _about(outcome.about)),
    ]
    body = "\n".join(parts)
    return shell(title, body)


def _introduction(outcome: Outcome) -> str:
    text = (
        "Rendered people, whose relative phase and lag are known, went through the whole program: "
        "pictures, MediaPipe, clock and estimator, as every recording does. This page compares "
        "what was measured with what is true."
    )
    if outcome.about["quick"]:
        text += (
            " A quick check films few pairs, for a short time: it shows that everything works, and "
            "no more. Run mirror validate without --quick for figures to publish."
        )
    return f"<p>{escape(text)}</p>"


def _verdict(outcome: Outcome) -> str:
    failed, number = outcome.failed, len(outcome.criteria)
    if not failed:
        return f'<p class="verdict"><b>All {number} criteria hold.</b></p>'
    names = "; ".join(each.name for each in failed)
    return (
        f'<p class="verdict failed"><b>{len(failed)} of {number} criteria failed:</b> '
        f"{escape(names)}.</p>"
    )


def _criteria(outcome: Outcome) -> str:
    rows = []
    for each in outcome.criteria:
        mark = ("holds", "✓ holds") if each.passed else ("fails", "✗ failed")
        rows.append(
            f'<tr><td class="mark {mark[0]}">{mark[1]}</td><th scope="row">{escape(each.name)}</th>'
            f"<td>{escape(each.bound)}</td><td>{escape(each.found)}</td></tr>"
        )
    return table("", _head(("", "criterion", "bound", "measured")), rows)


def _limits(outcome: Outcome) -> str:
    seen = "<p>No single pair was beyond a bound.</p>"
    if outcome.limits:
        items = "".join(f"<li>{escape(text)}</li>" for text in outcome.limits)
        seen = (
            "<p>Single pairs beyond a bound, whatever the criterion says of all:</p>"
            f"<ul>{items}</ul>"
        )
    return f"{seen}<p>{escape(_UNSEEN)}</p>"


def _measurements(measurements: Sequence[Measurement]) -> str:
    head = (
        "measured for",
        "pair",
        "frames/s",
        "rows",
        "tracked",
        "true",
        "measured",
        "error",
        "SD",
        "in phase",
        "anti-phase",
        "coherence",
        "mirroring",
    )
    rows = []
    for each in measurements:
        condition = each.condition
        cells = [
            " / ".join(f"{person.camera.rate:g}" for person in (condition.a, condition.b)),
            str(each.rows),
            _say(100 * each.tracked, ".0f", " %"),
            *truth_and_measured(each),
            *(
                _say(each.mean(name), ".2f")
                for name in ("in_phase", "anti_phase", "coherence", "mirroring")
            ),
        ]
        numbers = "".join(f'<td class="number">{escape(cell)}</td>' for cell in cells)
        rows.append(
            f'<tr><td>{escape(condition.group)}</td><th scope="row">{escape(condition.name)}</th>'
            f"{numbers}</tr>"
        )
    caption = (
        "Relative phase in degrees (positive: A is ahead), lag in seconds (positive: B follows A). "
        "Errors are measured minus true, and their sign is the bias; SD is the standard deviation "
        "from row to row. Scores are means over the rows."
    )
    return table(caption, _head(head), rows, kind="many")


def _alarms(alarms: Sequence[FalseAlarms]) -> str:
    if not alarms:
        return "<p>Not measured.</p>"
    rows = [
        f'<tr><th scope="row">{escape(plain_name(each.score))}</th>'
        f'<td class="number">{each.alarms} of {each.pairs}</td>'
        f'<td class="number">{100 * each.rate:.1f} %</td>'
        f'<td class="number">{100 * each.interval[0]:.1f}–{100 * each.interval[1]:.1f} %</td>'
        f'<td class="number">{100 * each.rows_rate:.1f} % of {each.rows}</td></tr>'
        for each in alarms
    ]
    caption = (
        "Unrelated pairs of people whose joints are known exactly, with gestures that swell and "
        "die away. One row of each pair counts, the last of its session, so the rows are "
        "independent. Of all rows, a window apart, more may be above: a session's first levels "
        "rest on few pairs of windows."
    )
    head = ("score", "above chance", "rate", "what 5 % allows", "all rows")
    return table(caption, _head(head), rows)


def _about(about: dict[str, Any]) -> str:
    settings = ", ".join(f"{name} {_plain(value)}" for name, value in about["settings"].items())
    told = {
        "finished": f"{about['finished']}, after {about['took_s']:.0f} s",
        "settings": settings,
        "seed": about["seed"],
        "pose model": f"{about['model']['name']}, sha256 {about['model']['sha256']}",
        "versions": ", ".join(f"{name} {value}" for name, value in about["versions"].items()),
        "machine": about["machine"],
        "reference": "Miles, L. K., Nind, L. K., & Macrae, C. N. (2009). The rhythm of rapport: "
        "Interpersonal synchrony and social perception. Journal of Experimental Social "
        "Psychology, 45(3), 585–589.",
    }
    return facts((name, str(value)) for name, value in told.items())


def _head(names: Iterable[str]) -> Iterable[str]:
    return (f'<th scope="col">{escape(name)}</th>' for name in names)


def _say(value: float, form: str, unit: str = "") -> str:
    return f"{value:{form}}{unit}" if isfinite(value) else "–"


def _plain(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return "–".join(_plain(each) for each in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
