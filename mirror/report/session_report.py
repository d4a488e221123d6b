"""The report on one recording, from the summary to how its numbers were made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mirror._support.version import __version__
from mirror.analysis.relative_phase import relative_phase
from mirror.analysis.shared_rhythms import SEED, SURROGATES, SharedRhythms, shared_rhythms
from mirror.analysis.surrogates import TestResult
from mirror.estimator.align import BRIDGE
from mirror.landmarks import Feed
from mirror.recording.reader import Recording
from mirror.report.document import (
    Document,
    Facts,
    Figures,
    Listing,
    Paragraph,
    Part,
    Section,
    Table,
    cleaned,
)
from mirror.report.facts import SessionFacts, read_facts
from mirror.report.figures.phase import lag_figure, phase_figure, phase_in_words, spectrum_figure
from mirror.report.figures.quality_and_regions import quality_figure, regions_figure
from mirror.report.figures.timeline import timeline_figure
from mirror.report.methods_paragraph import methods_text
from mirror.report.quality import Feeding, feeding
from mirror.settings import Settings
from mirror.settings_history import describe_settings
from mirror.summary import TOGETHER
from mirror.timeline import Span
from mirror.wording import (
    NO_BREAK,
    SHARES,
    UNDEFINED,
    clock_time,
    describe_lag,
    describe_moment,
    describe_run,
    duration,
    number,
    p_statement,
    p_value,
    percent,
    plain_name,
)

MEANING: Final = (
    "These scores say how movement was coordinated in the picture, and nothing about rapport, "
    "sympathy or skill. No score is better than another: neither in phase than anti-phase, nor a "
    "high one than a low one."
)

LEVEL: Final = 0.05

_TOLD: Final = 0.005  # smaller shares round to 0 %
_MODEL: Final = ("name", "sha256")
_OVER: Final = "The session ended abruptly, or is still running: this is what was kept."


def report(recording: Recording, span: Span) -> Document:
    """The page on a recording, or on a part of it.

    Raises
    ------
    ExportError
        Where there is no row to report on.
    RecordingError
        Where the recording is damaged.
    """
    facts = read_facts(recording, span)
    found, feeds = shared_rhythms(recording, span), feeding(recording, span)
    what = [facts.when, facts.length]
    if facts.condition:
        what.append(facts.condition)
    return Document(
        facts.title,
        " · ".join(what),
        (
            Section("Summary", _summary(facts, found)),
            Section("Over time", _over_time(facts)),
            Section("Relative phase and rhythm", _phase(facts, found)),
            Section("Body regions", _regions(facts, found)),
            Section("Against chance", _chance(found, facts)),
            Section("Events", _events(facts)),
            Section("Quality", _quality(facts, feeds)),
            Section("Settings and methods", _origins(facts, methods_text(recording))),
        ),
    )


def _summary(facts: SessionFacts, found: SharedRhythms) -> tuple[Part, ...]:
    said = facts.summary
    shares = [
        f"{plain_name(kind)} {percent(getattr(said, kind))}"
        for kind in SHARES
        if getattr(said, kind) >= _TOLD
    ]
    a, b = facts.names
    parts: list[Part] = [
        Paragraph(
            f"How {a} and {b} moved, in {duration(said.duration_s)}: {', '.join(shares)}. "
            f"Longest time in phase: {describe_run(facts.longest)}. "
            f"{describe_lag(said, facts.names)}"
        )
    ]
    tests = [found.test(score) for score in ("in_phase", "anti_phase", "mirroring")]
    told = tuple(_against_chance(each) for each in tests if each is not None)
    if told:
        windows = f"{found.tests[0].windows} windows that do not overlap"
        parts += [Paragraph(f"Mean scores of {windows}, against chance:"), Listing(told)]
    else:
        parts.append(Paragraph(found.why_untested))
    strong = tuple(describe_moment(each) for each in facts.moments if each.score >= TOGETHER)
    if strong:
        parts += [Paragraph("The strongest stretches of a window's length:"), Listing(strong)]
    return (*parts, Paragraph(MEANING, "aside"))


def _against_chance(test: TestResult) -> str:
    verdict = "more than chance gives" if test.p < LEVEL else "cannot be told from chance"
    name = plain_name(test.score).capitalize()
    return (
        f"{name}: {number(test.observed)}, where windows in other orders give "
        f"{number(test.null_mean)}; {verdict} ({p_statement(test.p)})"
    )


def _over_time(facts: SessionFacts) -> tuple[Part, ...]:
    lag = lag_figure(facts)
    return (
        timeline_figure(facts),
        Paragraph(describe_lag(facts.summary, facts.names)) if lag is None else lag,
    )


def _phase(facts: SessionFacts, found: SharedRhythms) -> tuple[Part, ...]:
    # The longest window of the session: rows that far apart share nothing, whatever the settings.
    used = _longest_window(facts)
    phases = relative_phase(facts.timeline, used, facts.span.start, facts.span.end)
    drawn = [
        phase_figure(facts, used, phases) if phases.rows else None,
        spectrum_figure(found.spectrum) if found.spectrum and found.spectrum.windows else None,
    ]
    figures = tuple(each for each in drawn if each is not None)
    if not figures:
        return (Paragraph("No row has a score, and so there is no relative phase."),)
    words = (Paragraph(phase_in_words(phases)),) if phases.rows else ()
    return (*words, Figures(figures), *_about_changes(facts))


def _regions(facts: SessionFacts, found: SharedRhythms) -> tuple[Part, ...]:
    drawn = regions_figure(facts, found)
    return (Paragraph("No region has a score of its own.") if drawn is None else drawn,)


def _longest_window(facts: SessionFacts) -> Settings:
    used = [facts.course.first, *(each.settings for each in facts.course.changes)]
    return max(used, key=lambda each: each.window)


def _about_changes(facts: SessionFacts) -> tuple[Part, ...]:
    if not facts.course.changes:
        return ()
    return (
        Paragraph(
            "Settings were changed during the session. Coherence by frequency and the tests "
            "against chance use those at its end throughout; all else is as it was scored.",
            "aside",
        ),
    )


def _chance(found: SharedRhythms, facts: SessionFacts) -> tuple[Part, ...]:
    if not found.tests:
        return (Paragraph(found.why_untested),)
    rows = tuple(
        (
            f"{plain_name(each.score)}, {plain_name(each.region)}",
            number(each.observed),
            number(each.null_mean),
            number(each.null_sd),
            number(each.effect_size),
            p_value(each.p),
        )
        for each in found.tests
    )
    body, tested = found.tests[0], sum(row[-1] != UNDEFINED for row in rows)
    caption = (
        f"{body.windows} windows of {facts.settings.window:g}{NO_BREAK}s that do not overlap, "
        f"against B's windows in {body.surrogates} other orders (at most {SURROGATES}, seed "
        f"{SEED}). Null: {body.pairs} single pairs of windows that were not filmed together. "
        "Effect size: observed minus the null's mean, in its standard deviations. p is one-sided "
        f"and cannot be below {1 / (1 + body.surrogates):.2g}."
    )
    many = (
        f"These are {tested} tests. Of unrelated movement, one in twenty has p < .05: decide "
        "beforehand which one your question is about."
    )
    head = ("score", "observed", "null mean", "null SD", "effect size", "p")
    return (Table(caption, head, rows), Paragraph(many, "aside"))


def _events(facts: SessionFacts) -> tuple[Part, ...]:
    if not facts.events:
        return (Paragraph("None were marked."),)
    rows = tuple(
        (str(number), clock_time(each.time_s, tenths=True), each.kind, each.text or UNDEFINED)
        for number, each in enumerate(facts.events, 1)
    )
    return (Table("", ("no.", "time", "kind", "text"), rows, words=4),)


def _quality(facts: SessionFacts, feeds: Mapping[Feed, Feeding]) -> tuple[Part, ...]:
    said = facts.session.get("quality", {})
    warnings = [cleaned(str(each)) for each in said.get("warnings", [])]
    ended: tuple[Part, ...] = () if said or facts.session.get("series") else (Paragraph(_OVER),)
    if not feeds:
        return (*ended, Paragraph("Plain series: there were no pictures."))
    head = (
        "person",
        "pictures",
        "a second",
        "somebody found",
        "dropped",
        f"gaps over {BRIDGE:g}{NO_BREAK}s",
        "longest gap",
    )
    rows = tuple(
        (
            name,
            str(each.frames),
            number(each.rate, 1),
            percent(each.found),
            "unknown" if each.dropped is None else str(each.dropped),
            str(each.gaps),
            f"{number(each.longest_gap)}{NO_BREAK}s",
        )
        for name, each in zip(facts.names, feeds.values(), strict=True)
    )
    part = "" if facts.span.is_whole else " Pictures, found and dropped are the whole session's."
    paused = sum(each.paused for each in feeds.values())
    told = f" {paused} more pictures came while it was paused." if paused else ""
    if any(str(each).startswith("lsl:") for each in facts.session.get("sources", {}).values()):
        told += " Of a stream, each sample counts as a picture."
    caption = (
        "Pictures a second: the median. Gaps up to "
        f"{BRIDGE:g}{NO_BREAK}s are bridged, longer ones are missing.{part}{told}"
    )
    listed = (Paragraph("Warnings:"), Listing(tuple(warnings))) if warnings else ()
    return (*ended, quality_figure(facts, feeds), Table(caption, head, rows), *listed)


def _origins(facts: SessionFacts, methods: str) -> tuple[Part, ...]:
    session, course = facts.session, facts.course
    sources, model = session.get("sources", {}), session.get("model", {})
    versions = session.get("versions", {})
    items = [
        ("recording", facts.path.name),
        *(
            (f"source of {name}", sources.get(feed))
            for feed, name in zip("ab", facts.names, strict=True)
        ),
        ("settings", describe_settings(None, course.first)),
        *(
            ("changed", f"after {time_s:.1f} s: {words}")
            for time_s, words in course.describe_changes()
        ),
        ("condition", facts.condition),
        ("notes", session.get("notes")),
        ("pose model", ", sha256 ".join(str(each) for each in map(model.get, _MODEL) if each)),
        ("versions", ", ".join(f"{name} {value}" for name, value in versions.items())),
        ("report by", f"mirror {__version__}"),
    ]
    return (
        Facts(tuple((name, cleaned(str(value))) for name, value in items if value)),
        Paragraph("For a methods section:"),
        Paragraph(cleaned(methods)),
        Paragraph(
            f"In phase (anti-phase) in the summary is a score of at least {TOGETHER:g}; at another "
            "phase, coherence of at least as much without either. A person's lag counts where "
            "mirroring is as high and movement is not clearly opposed.",
            "aside",
        ),
    )
