"""The validation report as a page."""

from collections.abc import Sequence
from typing import Any, Final

from mirror.analysis.surrogates import LOCAL_S
from mirror.report.document import Document, Facts, Figure, Listing, Paragraph, Part, Section, Table
from mirror.settings import Settings
from mirror.settings_history import describe_settings
from mirror.validation.calibration import LEVEL, SCORES, FalseAlarms, TestRates
from mirror.validation.criteria import describe_alarms, truth_and_measured
from mirror.validation.detection import METHODS, Detection
from mirror.validation.measurement import Measurement
from mirror.validation.outcome import Outcome
from mirror.wording import NO_BREAK, number, percent, plain_name

_NOT_TESTED: Final = (
    "Not tested here: side views, occlusion, loose clothes, moving cameras and clocks that drift "
    "apart. Rendered people face the camera in a plain room. Frames are two-dimensional: movement "
    "is measured in the image plane."
)


def page(outcome: Outcome, figures: Sequence[Figure]) -> Document:
    """Return the whole report."""
    kind = "Quick check" if outcome.about["quick"] else "Validation"
    return Document(
        f"{kind} of mirror {outcome.about['version']}",
        outcome.about["finished"],
        (
            Section("Result", _result(outcome)),
            Section("Criteria", (_criteria(outcome),)),
            Section("Single pairs beyond a bound", _limits(outcome)),
            Section("Figures", tuple(figures)),
            Section("Every pair", (_measurements(outcome.measurements),)),
            Section("False alarms", (_alarms(outcome.alarms),)),
            Section("The test against chance", (_tests(outcome.tests),)),
            *_detections(outcome.detections),
            Section("Settings and versions", (_origin(outcome.about),)),
        ),
    )


def _result(outcome: Outcome) -> tuple[Part, ...]:
    failed, count = outcome.failed, len(outcome.criteria)
    names = "; ".join(each.name for each in failed)
    verdict = (
        Paragraph(f"{len(failed)} of {count} criteria failed: {names}.", "verdict failed")
        if failed
        else Paragraph(f"All {count} criteria hold.", "verdict")
    )
    text = (
        "Rendered people, whose relative phase and lag are known, went through the whole program: "
        "frames, MediaPipe, alignment and estimator, as every recording does. This page compares "
        "the measured with the true values."
    )
    if outcome.about["quick"]:
        text += (
            " A quick check renders few pairs for a short time: it only shows that everything "
            "works. Run mirror validate without --quick for figures to publish."
        )
    return verdict, Paragraph(text)


def _criteria(outcome: Outcome) -> Table:
    head = ("criterion", "bound", "measured", "result")
    rows = tuple(
        (each.name, each.bound, each.found, "✓ holds" if each.passed else "✗ failed")
        for each in outcome.criteria
    )
    return Table("", head, rows, words=len(head))


def _limits(outcome: Outcome) -> tuple[Part, ...]:
    if not outcome.limits:
        return Paragraph("No single pair was beyond a bound."), Paragraph(_NOT_TESTED)
    return (
        Paragraph("Also listed if the criterion over all pairs holds:"),
        Listing(outcome.limits),
        Paragraph(_NOT_TESTED),
    )


def _measurements(measurements: Sequence[Measurement]) -> Table:
    rows = tuple(
        (
            each.condition.name,
            each.condition.group,
            " / ".join(f"{rate:g}" for rate in each.condition.rates),
            str(each.rows),
            percent(each.tracked),
            *truth_and_measured(each),
            *(number(each.mean(name)) for name in SCORES),
        )
        for each in measurements
    )
    head = ("pair", "measured for", "frames/s", "rows", "tracked", "true", "measured", "error")
    return Table(
        "Relative phase in degrees (positive: A is ahead), lag in seconds (positive: B follows A). "
        "Errors are measured minus true, and their sign is the bias; SD is the standard deviation "
        "from row to row. Scores are means over the rows.",
        (*head, "SD", *map(plain_name, SCORES)),
        rows,
        words=2,
    )


def _alarms(alarms: Sequence[FalseAlarms]) -> Part:
    if not alarms:
        return Paragraph("Not measured.")
    rows = tuple(
        (
            describe_alarms(each),
            f"{each.alarms} of {each.pairs}",
            f"{100 * each.rate:.1f}{NO_BREAK}%",
            f"{100 * each.interval[0]:.1f}–{100 * each.interval[1]:.1f}{NO_BREAK}%",
            f"{100 * each.rows_rate:.1f}{NO_BREAK}% of {each.rows}",
        )
        for each in alarms
    )
    return Table(
        "Unrelated pairs of simulated people, with gestures that swell and die away; in some, one "
        "of them is missing for a share of the ticks, in bursts. One row of each pair counts, the "
        "last of its session, so the rows are independent. Of all rows, a window apart, "
        "more may be above: a session's first levels rest on few pairs of windows.",
        ("score", "above chance", "rate", "expected at 5 %", "all rows"),
        rows,
    )


def _tests(tests: Sequence[TestRates]) -> Part:
    if not tests:
        return Paragraph("Not measured.")
    rows = tuple(
        (
            "coordinated" if each.related else "unrelated",
            each.kind,
            f"{each.minutes:g}{NO_BREAK}min",
            str(each.sessions),
            *(f"{100 * rate:.1f}{NO_BREAK}%" for rate in each.rates),
        )
        for each in tests
    )
    return Table(
        f"Sessions in which mirror test gives p ≤ {LEVEL:g} with its default null (windows "
        f"drawn within {LOCAL_S:g} s, at equal overlap), of simulated people. Of unrelated "
        "people it should be about 5 %. Coordinated people share the given part of their "
        "movement; anti-phase is significant where a delay turns gestures round.",
        ("people", "kind", "length", "sessions", *map(plain_name, SCORES)),
        rows,
        words=2,
    )


def _detections(detections: Sequence[Detection]) -> tuple[Section, ...]:
    if not detections:
        return ()
    rows = tuple(
        (each.shared.name, f"{each.minutes:g}{NO_BREAK}min", *map(number, each.areas))
        for each in detections
    )
    most, last = detections[0].pairs, detections[-1].pairs
    of_last = "" if last == most else f" ({last} of the last one)"
    caption = (
        f"Area under the ROC curve of {most} simulated pairs of each kind{of_last} against as "
        "many that share nothing: .5 is chance, 1 tells every pair. The first three are of "
        "movement, the others of the same people's motion energy, with the recommended settings."
    )
    head = ("shared", "data", *METHODS)
    return (Section("How much coordination each method sees", (Table(caption, head, rows),)),)


def _origin(about: dict[str, Any]) -> Facts:
    items = {
        "finished": f"{about['finished']}, after {about['took_s']:.0f} s",
        "settings": describe_settings(None, Settings.from_dict(about["settings"])),
        "seed": str(about["seed"]),
        "pose model": f"{about['model']['name']}, sha256 {about['model']['sha256']}",
        "versions": ", ".join(f"{name} {value}" for name, value in about["versions"].items()),
        "machine": about["machine"],
        "reference": "Miles, L. K., Nind, L. K., & Macrae, C. N. (2009). The rhythm of rapport: "
        "Interpersonal synchrony and social perception. Journal of Experimental Social "
        "Psychology, 45(3), 585–589.",
    }
    return Facts(tuple(items.items()))
