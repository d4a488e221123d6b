"""A paragraph for a paper's methods section, with the settings of a recording."""

import textwrap
from typing import Any

from mirror.analysis.surrogates import LOCAL_S
from mirror.estimator.noise import threshold
from mirror.estimator.signals import TWO_BODIES, Names
from mirror.estimator.spectrum import EQUAL_PEAKS, FLOOR
from mirror.landmarks import FEEDS
from mirror.recording.provenance import describe_alignment, describe_smoothing
from mirror.recording.reader import Recording
from mirror.timeline import State, Timeline


def methods_text(recording: Recording, timeline: Timeline | None = None) -> str:
    """Return a paragraph for a paper on how a recording was scored, from its timeline if read."""
    signals = recording.signals
    if recording.session.get("series"):
        text = _series_input(recording)
    elif signals == TWO_BODIES:
        text = _two_bodies_input(recording)
    elif None in (signals.a, signals.b):
        text = _body_and_series_input(recording)
    else:
        text = _streamed_series_input(recording)
    smoothing = describe_smoothing(recording.session)
    landmarks = f" Landmarks were {smoothing}." if smoothing else ""
    if alignment := describe_alignment(recording.session):
        landmarks += f" The two recordings were aligned ({alignment})."
    return f"{text} {_scoring(recording, timeline)}{landmarks}"


def _series_input(recording: Recording) -> str:
    session, used = recording.session, recording.settings
    sources = session.get("sources", {})
    return (
        f"Coordination of two series ({sources.get('a', 'unknown')}; "
        f"{sources.get('b', 'unknown')}; {used.rate:g} samples per second) was measured with "
        f"mirror {_version(session, 'mirror-synchrony')}."
    )


def _streamed_series_input(recording: Recording) -> str:
    signals, sources = recording.signals, recording.session.get("sources", {}).values()
    is_streamed = any(str(each).startswith("lsl:") for each in sources)
    via = ", streamed over the Lab Streaming Layer (LSL)" if is_streamed else ""
    named = "; ".join(f"of {feed.upper()}: {_channels(signals.of(feed))}" for feed in FEEDS)
    return (
        f"Coordination of two series, one of each person{via}, was measured with mirror "
        f"{_version(recording.session, 'mirror-synchrony')}. "
        f"{_grid(recording)} Each channel of A was compared with one of B ({named})."
    )


def _body_and_series_input(recording: Recording) -> str:
    session, signals = recording.session, recording.signals
    body, other = ("A", "B") if signals.a is None else ("B", "A")
    streamed = str(session.get("sources", {}).get(body.lower(), "")).startswith("lsl:")
    feed = "motion capture" if streamed else "a video feed"
    landmarks = "The stream gave body landmarks per sample" if streamed else _tracker(session)
    channels = _channels(signals.a or signals.b)
    turned = " of the mirror image" if recording.settings.mapping == "mirror" else ""
    return (
        "Movement coordination was measured with mirror "
        f"{_version(session, 'mirror-synchrony')} from {feed} of person {body} and a series of "
        f"person {other}, streamed over the Lab Streaming Layer (LSL). {landmarks} of {body}. "
        f"{_grid(recording)} The channels of the series ({channels}) "
        f"were compared with image-plane positions of the same joints{turned} of {body}, relative "
        "to the trunk and in shoulder widths; windows in which a joint had a mean visibility below "
        ".5 were scored without it."
    )


def _grid(recording: Recording) -> str:
    rate = recording.settings.rate
    return (
        f"Samples were interpolated linearly onto a common {rate:g} Hz grid (of a faster series, "
        "those nearest to the same point were averaged; gaps of more than 0.25 s were treated as "
        "missing)."
    )


def _channels(names: Names | None) -> str:
    return textwrap.shorten(", ".join(names or ()), 300, placeholder=" …")


def _two_bodies_input(recording: Recording) -> str:
    session, used = recording.session, recording.settings
    mapping = {
        "mirror": "Person B's left and right were exchanged and the horizontal axis negated, so "
        "that B raising the right arm corresponds to A raising the left.",
        "same-side": "Corresponding sides of the two bodies were compared.",
    }[used.mapping]
    feeds, landmarks = _landmark_sources(session)
    return (
        f"Movement coordination was measured with mirror {_version(session, 'mirror-synchrony')} "
        f"from {feeds}. {landmarks}, which were interpolated linearly onto a common "
        f"{used.rate:g} Hz grid (gaps of more than 0.25 s were treated as missing). Image-plane "
        "positions of head, arms and legs relative to the trunk, and of the trunk itself, were "
        "expressed in shoulder widths; landmarks with a mean visibility below .5 in a window were "
        f"left out. {mapping}"
    )


def _landmark_sources(session: dict[str, Any]) -> tuple[str, str]:
    """Return the input of both people, and what gave their landmarks."""
    sources = session.get("sources", {})
    streamed = [feed for feed in ("a", "b") if str(sources.get(feed, "")).startswith("lsl:")]
    if len(streamed) == 2:
        return (
            "motion capture of both persons, streamed over the Lab Streaming Layer (LSL)",
            "The streams gave body landmarks per sample and person",
        )
    if sources and not streamed and not session.get("model"):
        return "keypoints of both persons", "Another program gave body landmarks per person"
    followed = _tracker(session)
    if not streamed:
        if not session.get("model") and not sources:
            return "two feeds", "These gave body landmarks per person"
        return "two video feeds" if sources else "two feeds", f"{followed} and person"
    (captured,) = (feed.upper() for feed in streamed)
    filmed = "A" if captured == "B" else "B"
    feeds = (
        f"a video feed of person {filmed} and motion capture of person {captured}, streamed over "
        "the Lab Streaming Layer (LSL)"
    )
    return feeds, f"{followed} of {filmed}, and the stream gave those of {captured} per sample"


def _tracker(session: dict[str, Any]) -> str:
    model = session.get("model", {})
    return (
        f"MediaPipe {_version(session, 'mediapipe')} (pose landmarker, model "
        f"{model.get('name', 'unknown')}, SHA-256 {str(model.get('sha256', ''))[:12]}…) gave 33 "
        "body landmarks per frame"
    )


def _scoring(recording: Recording, timeline: Timeline | None) -> str:
    used = recording.settings
    timeline = recording.timeline() if timeline is None else timeline
    due = timeline.state != State.WARMING_UP
    scored = float((timeline.state[due] == State.OK).mean()) if due.any() else 0.0
    low, high = used.band
    fall = min(1.0, used.window / 2)
    taper = {
        "lopsided": f"a taper rising as sin² and falling as cos² over its last {fall:g} s",
        "hann": "a Hann taper",
        "quick": "a taper that rises as sin² and falls as cos² over the last 0.4 s",
    }[used.taper]
    return (
        f"In sliding windows of {used.window:g} s ({taper}; one estimate every {used.hop:g} s), "
        "the cross-spectrum of the two persons' movement was summed over channels and over "
        f"frequencies of {low:g}–{high:g} Hz and normalised by the power of both, giving one "
        "complex number C per window. In-phase coordination is the positive part of its real "
        "part, anti-phase coordination the negative part, coherence its absolute value, and "
        "relative phase its argument (positive: A ahead). The lag is the delay within "
        f"±{used.max_lag:g} s at which the normalised cross-correlation is highest, the shortest "
        f"of those within {100 * EQUAL_PEAKS:g} % of it (positive: B follows A). Windows in which "
        f"a person {_stillness(recording)} or was missing for half of the time were not scored; "
        f"{100 * scored:.0f} % of the full windows were. Chance "
        "levels are 95th percentiles of pseudo-synchrony, from windows of the two persons that do "
        "not overlap in time. Mean scores are tested against windows of B drawn within "
        f"{LOCAL_S:g} s, at equal overlap of the windows' contents (mirror test)."
        f"{_changes(recording)}"
    )


def _stillness(recording: Recording) -> str:
    signals, used = recording.signals, recording.settings
    if signals != TWO_BODIES or recording.session.get("series"):
        return (
            f"moved less than {used.floor:g} (root mean square)" if used.floor else "did not move"
        )
    least = f"moved less than {used.floor or FLOOR:g} shoulder widths (root mean square)"
    if not signals.has_noise:
        return least
    ratio = threshold((used.band[1] - used.band[0]) * used.window)
    noise = (
        "did not move beyond the noise of the landmarks (by region and axis: mean power in the "
        f"band over that of the noise, estimated from second differences, below {ratio:.2g})"
    )
    return f"{noise}, {least}," if used.floor else noise


def _changes(recording: Recording) -> str:
    changes = recording.settings_history.describe_changes()
    if not changes:
        return ""
    text = "; ".join(f"{words} after {time_s:.1f} s" for time_s, words in changes)
    return (
        f" Settings were changed during the session ({text}): each row was scored with those in "
        "force at its time, chance levels were gathered anew after each change, and the settings "
        "named above are the last ones."
    )


def _version(session: dict[str, Any], name: str) -> str:
    return str(session.get("versions", {}).get(name, "(version unknown)"))
