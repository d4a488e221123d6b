"""The report: one HTML file with everything in it, readable offline and with a screen reader."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from math import isfinite
from typing import Any, Final

from mirror.validation.calibration import FalseAlarms
from mirror.validation.criteria import spoken, truth_and_measured
from mirror.validation.measuring import Measurement
from mirror.validation.outcome import Outcome
from mirror.validation.svg import BLUE, INK, ORANGE, Figure

_STYLE: Final = f"""
:root {{ color-scheme: light; }}
body {{ margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 68rem; background: #fff;
       color: {INK};
       font: 16px/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }}
h1 {{ margin: 0; font-size: 1.8rem; line-height: 1.25; }}
h2 {{ margin: 2.5rem 0 .5rem; font-size: 1.25rem; }}
.verdict {{ padding: .6rem 1rem; border-left: .4rem solid {BLUE}; background: #eef4fb; }}
.verdict.failed {{ border-color: {ORANGE}; background: #fcf1ea; }}
.wide {{ overflow-x: auto; }}
p, ul, caption {{ max-width: 46rem; }}
table {{ border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; }}
table.many {{ font-size: .8rem; }}
.many th, .many td {{ padding-right: .6rem; }}
tbody th, td.mark {{ white-space: nowrap; }}
caption {{ text-align: left; color: #4a4f57; padding-bottom: .3rem; }}
th, td {{ padding: .25rem .9rem .25rem 0; text-align: left; vertical-align: top;
         border-bottom: 1px solid #dfe3e8; }}
thead th {{ border-bottom: 2px solid {INK}; vertical-align: bottom; }}
.number {{ text-align: right; white-space: nowrap; }}
.holds {{ color: {BLUE}; font-weight: 600; }}
.fails {{ color: #a84f10; font-weight: 600; }}
figure {{ margin: 2rem 0; }}
figure svg {{ max-width: 100%; height: auto; }}
figcaption {{ max-width: 46rem; font-size: .9rem; }}
figcaption b {{ display: block; }}
dl {{ display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.2rem; font-size: .9rem; }}
dt {{ font-weight: 600; }}
dd {{ margin: 0; overflow-wrap: anywhere; }}
@media print {{ body {{ max-width: none; padding: 0; }} figure, tr {{ break-inside: avoid; }} }}
"""
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
        _section("Criteria", _criteria(outcome)),
        _section("Limits that were seen", _limits(outcome)),
        _section("Figures", "\n".join(map(_figure, figures))),
        _section("Every pair", _measurements(outcome.measurements)),
        _section("False alarms", _alarms(outcome.alarms)),
        _section("Where these numbers come from", _about(outcome.about)),
    ]
    body = "\n".join(parts)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


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


def _section(title: str, content: str) -> str:
    return f"<section>\n<h2>{escape(title)}</h2>\n{content}\n</section>"


def _criteria(outcome: Outcome) -> str:
    rows = []
    for each in outcome.criteria:
        mark = ("holds", "✓ holds") if each.passed else ("fails", "✗ failed")
        rows.append(
            f'<tr><td class="mark {mark[0]}">{mark[1]}</td><th scope="row">{escape(each.name)}</th>'
            f"<td>{escape(each.bound)}</td><td>{escape(each.found)}</td></tr>"
        )
    return _table("", ("", "criterion", "bound", "measured"), rows)


def _limits(outcome: Outcome) -> str:
    seen = "<p>No single pair was beyond a bound.</p>"
    if outcome.limits:
        items = "".join(f"<li>{escape(text)}</li>" for text in outcome.limits)
        seen = (
            "<p>Single pairs beyond a bound, whatever the criterion says of all:</p>"
            f"<ul>{items}</ul>"
        )
    return f"{seen}<p>{escape(_UNSEEN)}</p>"


def _figure(figure: Figure) -> str:
    return (
        f"<figure>\n{figure.svg}\n<figcaption><b>{escape(figure.title)}</b> "
        f"{escape(figure.meaning)}</figcaption>\n</figure>"
    )


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
    return _table(caption, head, rows, kind="many")


def _alarms(alarms: Sequence[FalseAlarms]) -> str:
    if not alarms:
        return "<p>Not measured.</p>"
    rows = [
        f'<tr><th scope="row">{escape(spoken(each.score))}</th>'
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
    return _table(caption, head, rows)


def _about(about: dict[str, Any]) -> str:
    settings = ", ".join(f"{name} {_plain(value)}" for name, value in about["settings"].items())
    facts = {
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
    items = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(str(value))}</dd>" for name, value in facts.items()
    )
    return f"<dl>{items}</dl>"


def _table(caption: str, head: Iterable[str], rows: Iterable[str], kind: str = "few") -> str:
    names = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    above = f"<caption>{escape(caption)}</caption>" if caption else ""
    lines = "\n".join(rows)
    return (
        f'<div class="wide"><table class="{kind}">{above}\n<thead><tr>{names}</tr></thead>\n'
        f"<tbody>\n{lines}\n</tbody></table></div>"
    )


def _say(value: float, form: str, unit: str = "") -> str:
    return f"{value:{form}}{unit}" if isfinite(value) else "–"


def _plain(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return "–".join(_plain(each) for each in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
