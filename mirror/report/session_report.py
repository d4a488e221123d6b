"""The report on one recording."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from mirror._support.version import __version__
from mirror.analysis.chance_test import NULL_WORDS
from mirror.analysis.relative_phase import relative_phase
from mirror.analysis.shared_rhythms import SEED, SharedRhythms, shared_rhythms
from mirror.analysis.surrogates import TestResult
from mirror.estimator.align import BRIDGE
from mirror.landmarks import Feed
from mirror.practice.run import RESULT_COLUMNS, result_row
from mirror.recording.provenance import describe_alignment, describe_smoothing
from mirror.recording.reader import Recording
from mirror.report.document import (
    Document,
    Facts,
    Figure,
    Figures,
    Listing,
    Paragraph,
    Part,
    Section,
    Table,
    clean_text,
)
from mirror.report.facts import FeedQuality, SessionFacts, feed_quality, read_facts
from mirror.report.figures.phase import describe_phase, lag_figure, phase_figure, spectrum_figure
from mirror.report.figures.quality_and_regions import quality_figure, regions_figure
from mirror.report.figures.timeline import timeline_figure
from mirror.report.methods_paragraph import methods_text
from mirror.settings_history import describe_settings
from mirror.summary import TOGETHER
from mirror.timeline import Span
from mirror.wording import (
    CHANCE,
    NO_BREAK,
    UNDEFINED,
    clock_time,
    describe_camera,
    describe_mimicry,
    describe_moment,
    describe_run,
    duration,
    list_shares,
    number,
    p_statement,
    p_value,
    percent,
    plain_name,
)

MEANING: Final = (
    "The scores measure how movement was coordinated in the image plane, not rapport, sympathy or "
    "skill. No score is better than another: neither in phase than anti-phase, nor a high one than "
    "a low one."
)

SIGNIFICANCE: Final = 0.05

_ABRUPT: Final = "The session ended abruptly, or is still running."
_OF_ALL: Final = " Frames, with a person and dropped are of the whole session."


def session_document(recording: Recording, span: Span) -> Document:
    """Return the report on a recording, or on a part of it; raise as `read_facts`."""
    facts = read_facts(recording, span)
    rhythms, poses = shared_rhythms(recording, span)
    feeds = feed_quality(recording, span, poses)
    del poses  # an hour's are 65 MB
    methods = methods_text(recording, facts.timeline if span.is_whole else None)
    regions = regions_figure(facts, rhythms) or Paragraph("No region has a score.")
    return Document(
        facts.title,
        " · ".join(filter(None, (facts.when, facts.length, facts.condition))),
        (
            Section("Summary", _summary(facts, rhythms)),
            *_exercises(facts),
            Section("Over time", _over_time(facts)),
            Section("Relative phase and rhythm", _phase(facts, rhythms)),
            Section("Body regions", (regions,)),
            Section("Against chance", _chance(rhythms, facts)),
            Section("Events", _events(facts)),
            Section("Quality", _quality(facts, feeds)),
            Section("Settings and methods", _settings_and_methods(facts, methods)),
        ),
    )


def _summary(facts: SessionFacts, rhythms: SharedRhythms) -> tuple[Part, ...]:
    summary = facts.summary
    a, b = facts.names
    parts: list[Part] = [
        Paragraph(
            f"How {a} and {b} moved, in {duration(summary.duration_s)}: {list_shares(summary)}. "
            f"Longest time in phase: {describe_run(facts.longest)}. "
            f"{facts.lag_text} {describe_mimicry(summary, facts.names)}"
        )
    ]
    tests = [rhythms.test(score) for score in ("in_phase", "anti_phase", "mirroring")]
    results = tuple(_against_chance(each) for each in tests if each is not None)
    if results:
        windows = f"{rhythms.tests[0].windows} windows that do not overlap"
        parts += [Paragraph(f"Mean scores of {windows}, against chance:"), Listing(results)]
    else:
        parts.append(Paragraph(rhythms.why_untested))
    moments = tuple(describe_moment(each) for each in facts.moments if each.score >= TOGETHER)
    if moments:
        parts += [Paragraph("The strongest stretches of one window's length:"), Listing(moments)]
    return (*parts, Paragraph(MEANING, "aside"))


def _against_chance(test: TestResult) -> str:
    verdict = "above chance" if test.p < SIGNIFICANCE else "not distinguishable from chance"
    name = plain_name(test.score).capitalize()
    return (
        f"{name}: {number(test.observed)}, against {number(test.null_mean)} of windows "
        f"drawn within half a minute; {verdict} ({p_statement(test.p)})"
    )


def _over_time(facts: SessionFacts) -> tuple[Part, ...]:
    lag = lag_figure(facts)
    levels = facts.timeline.chance_in_phase
    why = () if np.isfinite(levels).any() else (Paragraph(f"No chance level. {CHANCE}", "aside"),)
    return (timeline_figure(facts), *why, Paragraph(facts.lag_text) if lag is None else lag)


def _phase(facts: SessionFacts, rhythms: SharedRhythms) -> tuple[Part, ...]:
    # Rows that are the longest window apart are independent under all settings of the session.
    changed = (each.settings for each in facts.settings_history.changes)
    settings = max((facts.settings_history.first, *changed), key=lambda each: each.window)
    phases = relative_phase(facts.timeline, settings, facts.span.start, facts.span.end)
    figures: list[Figure] = []
    text: tuple[Part, ...] = ()
    if phases.rows:
        figures.append(phase_figure(facts, settings, phases))
        text = (Paragraph(describe_phase(phases)),)
    if rhythms.spectrum and rhythms.spectrum.windows:
        figures.append(spectrum_figure(rhythms.spectrum))
    if not figures:
        return (Paragraph("No row has a score, so there is no relative phase."),)
    note = Paragraph(
        "Settings were changed during the session. Coherence by frequency and the tests "
        "against chance use the last ones; everything else is as scored.",
        "aside",
    )
    return (*text, Figures(tuple(figures)), *((note,) if facts.settings_history.changes else ()))


def _chance(rhythms: SharedRhythms, facts: SessionFacts) -> tuple[Part, ...]:
    if not rhythms.tests:
        return (Paragraph(rhythms.why_untested),)
    rows = tuple(
        (
            f"{plain_name(each.score)}, {plain_name(each.region)}",
            number(each.observed),
            number(each.null_mean),
            number(each.null_sd),
            number(each.effect_size),
            p_value(each.p),
        )
        for each in rhythms.tests
    )
    body, tested = rhythms.tests[0], sum(row[-1] != UNDEFINED for row in rows)
    caption = (
        f"{body.windows} windows of {facts.settings.window:g}{NO_BREAK}s that do not overlap, "
        f"against {NULL_WORDS['local']}: {body.surrogates} surrogates (seed "
        f"{SEED}). Null: {body.pairs} single pairs of windows from different times. "
        "Mimicry: postures taken over a minute, against B's new ones shifted along the session. "
        "Effect size: observed minus the null's mean, in its standard deviations. p is one-sided "
        f"and cannot be below {1 / (1 + body.surrogates):.2g}."
    )
    note = (
        f"These are {tested} tests. Of unrelated movement, one in twenty has p < .05: decide "
        "beforehand which one answers your question."
    )
    head = ("score", "observed", "null mean", "null SD", "effect size", "p")
    return (Table(caption, head, rows), Paragraph(note, "aside"))


def _exercises(facts: SessionFacts) -> tuple[Section, ...]:
    """Return the section about exercises; none without any."""
    if not facts.results:
        return ()
    caption = (
        "A goal is held if it is met for so long without interruption. The first window of a round "
        "does not count. Undefined: no score, or no chance level yet; it counts for neither."
    )
    table = Table(caption, RESULT_COLUMNS, tuple(map(result_row, facts.results)), words=4)
    note = "A goal is what somebody chose to practise: reaching it is not better than missing it."
    return (Section("Exercises", (table, Paragraph(note, "aside"))),)


def _events(facts: SessionFacts) -> tuple[Part, ...]:
    if not facts.events:
        return (Paragraph("No events were marked."),)
    rows = tuple(
        (str(number), clock_time(each.time_s, tenths=True), each.kind, each.text or UNDEFINED)
        for number, each in enumerate(facts.events, 1)
    )
    return (Table("", ("no.", "time", "kind", "text"), rows, words=4),)


def _quality(facts: SessionFacts, feeds: Mapping[Feed, FeedQuality]) -> tuple[Part, ...]:
    stored = facts.session.get("quality", {})
    warnings = tuple(clean_text(str(each)) for each in stored.get("warnings", []))
    ended: tuple[Part, ...] = () if stored or facts.session.get("series") else (Paragraph(_ABRUPT),)
    if not feeds:
        return (*ended, Paragraph("Plain series: there are no frames."))
    gaps = f"gaps over {BRIDGE:g}{NO_BREAK}s"
    head = ("person", "frames", "per second", "with a person", "dropped", gaps, "longest gap")
    rows = tuple(
        (
            name,
            str(each.frames),
            number(each.rate, 1),
            percent(each.person_share),
            "unknown" if each.dropped is None else str(each.dropped),
            str(each.gaps),
            f"{number(each.longest_gap)}{NO_BREAK}s",
        )
        for name, each in zip(facts.names, feeds.values(), strict=True)
    )
    paused = sum(each.paused for each in feeds.values())
    notes = "" if facts.span.is_whole else _OF_ALL
    notes += f" {paused} more frames arrived while paused." if paused else ""
    sources = facts.session.get("sources", {}).values()
    if facts.session.get("series") or any(str(each).startswith("lsl:") for each in sources):
        notes += " Each sample of a stream counts as a frame."
    cameras = [
        f" {name}: {text}."
        for name, counts in zip(facts.names, map(stored.get("feeds", {}).get, feeds), strict=True)
        if (text := describe_camera(counts or {}))
    ]
    caption = (
        "Frames per second: the median. Gaps up to "
        f"{BRIDGE:g}{NO_BREAK}s are bridged, longer ones are missing.{notes}{''.join(cameras)}"
    )
    listing = (Paragraph("Warnings:"), Listing(warnings)) if warnings else ()
    return (*ended, quality_figure(facts, feeds), Table(caption, head, rows), *listing)


def _settings_and_methods(facts: SessionFacts, methods: str) -> tuple[Part, ...]:
    session, history = facts.session, facts.settings_history
    sources, names = session.get("sources", {}), facts.names
    model = map(session.get("model", {}).get, ("name", "sha256"))
    versions = session.get("versions", {})
    items = [
        ("recording", facts.file_name),
        *((f"source of {name}", sources.get(feed)) for feed, name in zip("ab", names, strict=True)),
        ("aligned", describe_alignment(session)),
        ("times count from", f"{facts.origin_s:.0f} s" if facts.origin_s else ""),
        ("settings", describe_settings(None, history.first)),
        *(
            ("changed", f"after {time_s:.1f} s: {words}")
            for time_s, words in history.describe_changes()
        ),
        ("condition", facts.condition),
        ("notes", session.get("notes")),
        ("pose model", ", sha256 ".join(str(each) for each in model if each)),
        ("landmarks", describe_smoothing(session)),
        ("versions", ", ".join(f"{name} {value}" for name, value in versions.items())),
        ("report by", f"mirror {__version__}"),
    ]
    return (
        Facts(tuple((name, clean_text(str(value))) for name, value in items if value)),
        Paragraph("For a methods section:"),
        Paragraph(clean_text(methods)),
        Paragraph(
            f"In the summary, in phase (anti-phase) is a score of at least {TOGETHER:g}, and "
            "mirroring with a lag is a lag that counts, but not in phase; at another phase, at "
            "least this coherence without these. A lag counts if mirroring is as high and the "
            "movement is not clearly opposed.",
            "aside",
        ),
    )
