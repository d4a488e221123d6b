"""Labels, numbers and times as text, the same in the window, the terminal, reports and the film.

Texts say what was measured, and that no score is better than another.
"""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Final

from mirror.events import Event
from mirror.mimicry import MIMICRY
from mirror.moments import Moment
from mirror.summary import NO_LAG, SCORED, Summary
from mirror.timeline import PostureState, Span

UNDEFINED: Final = "–"  # shown in place of an undefined number; never 0

SHARES: Final = {  # labels of the shares of a `Summary`, which add up to 1
    "in_phase": "In phase",
    "following": "Mirroring with a lag",
    "anti_phase": "Anti-phase",
    "other_phase": "At another phase",
    "not_together": "Not together",
    "still": "Still",
    "untracked": "Not seen or few frames",
    "warming_up": "Warming up",
}

SCORES: Final = {  # labels of the three scores that are shown as meters
    "in_phase": SHARES["in_phase"],
    "anti_phase": SHARES["anti_phase"],
    "mirroring": "Mirroring",
}

EVENTS: Final = {  # labels of the kinds that the program makes; a person may name other kinds
    "mark": "Mark",
    "truth": "Script",
    "cue": "Cue",
    "result": "Result",
    "settings": "Settings",
    "warning": "Warning",
    MIMICRY: "Mirrored posture",
    "pause": "Pause",
    "resume": "Resume",
    "lost": "Lost",
    "found": "Found",
    "exchanged": "Exchanged",
    "unsure": "Not sure",
    "sure": "Sure again",
    "clicked": "Said by hand",
    "repaired": "Corrected",
    "third": "Third person",
}

_PLAIN: Final = {"mimicry_by_a": "mimicry by A", "mimicry_by_b": "mimicry by B"}

_OF_PEOPLE: Final = (MIMICRY, "lost", "found", "exchanged", "clicked", "third")

_NO_POSTURE: Final = {
    PostureState.OK: "",
    PostureState.WARMING_UP: "too few postures so far to compare with",
    PostureState.NO_PERSON_A: "too little of {} is seen",
    PostureState.NO_PERSON_B: "too little of {} is seen",
    PostureState.GAP: "no frames",
    PostureState.ONE_POSTURE: "nobody has changed posture enough",
    PostureState.NOT_SCORED: "not scored: a series, or an old recording to be scored again",
    PostureState.HIDDEN: "what has changed posture is not seen in both",
    PostureState.UNSURE: "not known who is who",
}

# The trouble of a feed whose camera moves more than can be taken out of the movement.
CAMERA_MOVES: Final = "camera moves"
CALL: Final = (  # what is in the lags between two parts of the screen
    "Both tiles of a call come through a network with delays of their own, the own picture early "
    "and the other's later and unevenly: lags include them, but for what was given as the delay."
)

CHANCE: Final = (  # the null of the chance level, and when there is one
    "95 % of the scores of windows of A with windows of B from other times are below the chance "
    "level (pseudo-synchrony). It needs five scored windows that do not overlap."
)

NO_CHANCE: Final = "no chance level before five scored windows"

NOT_MEASURED: Final = "Nothing could be measured."

NO_BREAK: Final = "\u00a0"

_MENTIONED: Final = 0.01  # share of the frames


def plain_name(name: str) -> str:
    """Return a share, score or region within a sentence: "in phase", "anti-phase", "left arm"."""
    return _PLAIN.get(name) or SHARES.get(name, name).replace("_", " ").lower()


def list_names(names: Sequence[str]) -> str:
    """Return names in a sentence: "head, torso and legs"."""
    *first, last = names or [""]
    return f"{', '.join(first)} and {last}" if first else last


def event_kind(label: str) -> str:
    """Return the kind of an event from its label, as a person may have written it."""
    kinds = {name.lower(): kind for kind, name in EVENTS.items()}
    return kinds.get(label.strip().lower(), label.strip())


def clock_time(seconds: float, *, tenths: bool = False) -> str:
    """Return a time or duration: "0:07", "12:30", "1:02:03"; "0:07.4" with tenths."""
    if math.isnan(seconds):
        return UNDEFINED
    whole, tenth = divmod(round(abs(seconds) * 10), 10) if tenths else (round(abs(seconds)), 0)
    sign = "−" if seconds < 0 and (whole or tenth) else ""
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    text = f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
    return f"{sign}{text}.{tenth}" if tenths else f"{sign}{text}"


def elapsed(seconds: float) -> str:
    """Return `clock_time` in whole seconds that have passed: 7.9 s is "0:07"."""
    return UNDEFINED if math.isnan(seconds) else clock_time(math.trunc(seconds))


def time_range(start_s: float, end_s: float) -> str:
    """Return a start and an end, such as "0:06.0 to 0:19.4"."""
    return f"{clock_time(start_s, tenths=True)} to {clock_time(end_s, tenths=True)}"


def duration(seconds: float) -> str:
    """Return a duration in a sentence: "32 s", "1 min 32 s", "2 h 5 min"."""
    whole = round(seconds)
    units = ((whole // 3600, "h"), (whole // 60 % 60, "min"), (whole % 60, "s"))
    parts = [f"{count}{NO_BREAK}{unit}" for count, unit in units if count]
    return " ".join(parts[:2]) or f"0{NO_BREAK}s"


def file_size(count: int) -> str:
    """Return bytes in thousands, as file browsers do: "812 B", "24 kB", "3.4 MB"."""
    value = float(count)
    for unit in ("B", "kB", "MB"):
        if value < 999.5:
            return f"{value:.1f} {unit}" if unit == "MB" and value < 9.95 else f"{value:.0f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"


def number(value: float, decimals: int = 2) -> str:
    """Return a score: "0.42", "−0.70"; "–" for NaN."""
    if math.isnan(value):
        return UNDEFINED
    text = f"{value:.{decimals}f}"
    return text.replace("-", "−") if float(text) else text.lstrip("-")


def signed(value: float, decimals: int = 2) -> str:
    """Return a number with a sign also if positive: "+0.42"."""
    text = number(value, decimals)
    return f"+{text}" if value > 0 and float(text) else text


def percent(share: float) -> str:
    """Return a share 0…1 as "42 %"; "–" for NaN."""
    return UNDEFINED if math.isnan(share) else f"{100 * share:.0f}{NO_BREAK}%"


def share_texts(summary: Summary) -> dict[str, str]:
    """Return the shares as percentages that add up to 100, by the largest remainder.

    A share that is rounded to 0 without being 0 is "<1 %".
    """
    shares = {kind: 100 * getattr(summary, kind) for kind in SHARES}
    whole = {kind: math.floor(share) for kind, share in shares.items()}
    left = round(sum(shares.values())) - sum(whole.values())
    for kind in sorted(SHARES, key=lambda kind: whole[kind] - shares[kind])[:left]:
        whole[kind] += 1
    texts = {kind: str(each or "<1" if shares[kind] else 0) for kind, each in whole.items()}
    return {kind: f"{text}{NO_BREAK}%" for kind, text in texts.items()}


def list_shares(summary: Summary) -> str:
    """Return the shares that are not 0 in a sentence: "in phase 42 %, anti-phase 58 %"."""
    texts = share_texts(summary).items()
    return ", ".join(f"{plain_name(kind)} {text}" for kind, text in texts if text[0] != "0")


def p_value(p: float) -> str:
    """Return a p-value: ".034"; "< .001" below that; "–" for NaN."""
    if math.isnan(p):
        return UNDEFINED
    return f"<{NO_BREAK}.001" if p < 0.001 else f"{p:.3f}".removeprefix("0")


def p_statement(p: float) -> str:
    """Return a p-value in a sentence: "p = .034", "p < .001"."""
    text = p_value(p)
    return f"p{NO_BREAK}{text}" if text.startswith("<") else f"p{NO_BREAK}={NO_BREAK}{text}"


def run_length(run: Span | None) -> str:
    """Return how long a run is: "13.4 s"; "–" for none."""
    return UNDEFINED if run is None else f"{run.end - run.start:.1f}{NO_BREAK}s"


def describe_run(run: Span | None) -> str:
    """Return the longest time in phase: "13.4 s, from 1:06.0 to 1:19.4"."""
    if run is None:
        return "none"
    if run.end == run.start:
        return f"a single row, at {clock_time(run.start, tenths=True)}"
    return f"{run_length(run)}, from {time_range(run.start, run.end)}"


_LED_SHARE: Final = 0.6  # of the time in which somebody was ahead
_LED_S: Final = 3.0  # least time with a clear lag that tells who led, s


def is_lag_brief(summary: Summary) -> bool:
    """Whether there was a clear lag for too short a time to tell who led."""
    return summary.mirroring * summary.duration_s < _LED_S


def leader_of(summary: Summary, names: tuple[str, str] = ("A", "B")) -> str | None:
    """Return who led; None if nobody did, or not for clearly longer than the other."""
    if not abs(summary.lag_s) > NO_LAG or is_lag_brief(summary):
        return None
    is_clear = max(summary.a_led, summary.b_led) >= _LED_SHARE * (summary.a_led + summary.b_led)
    return names[summary.lag_s < 0] if is_clear else None


def describe_lag(summary: Summary, names: tuple[str, str] = ("A", "B")) -> str:
    """Return who led and by how much, in a sentence or two."""
    if not summary.measured:
        return NOT_MEASURED
    if math.isnan(summary.lag_s):
        if sum(getattr(summary, kind) for kind in SCORED) < 0.5:
            return "Too little of the session could be measured to tell who led."
        return "Nobody led: no movement of one person came back in the other's with a clear lag."
    if is_lag_brief(summary):
        seconds = duration(summary.mirroring * summary.duration_s)
        return f"Too little to tell who led: a clear lag for {seconds} only."
    a, b = names
    leader = leader_of(summary, names)
    if abs(summary.lag_s) <= NO_LAG:
        text = f"Mostly nobody led: the median lag is {number(summary.lag_s)}{NO_BREAK}s."
    elif leader is None:
        text = "Nobody led for clearly longer than the other."
    else:
        lag, follower = number(abs(summary.lag_s)), b if leader == a else a
        text = f"{leader} led: {follower} followed by {lag}{NO_BREAK}s (median lag)."
    return (
        f"{text} Of the time with a clear lag, {a} was ahead in "
        f"{percent(summary.a_led)}, {b} in {percent(summary.b_led)}."
    )


def describe_mimicry(summary: Summary, names: tuple[str, str] = ("A", "B")) -> str:
    """Return how often each took over the other's posture; empty if postures were not scored."""
    a, b = names
    if math.isnan(summary.mimicry_by_a):
        return ""
    return (
        f"Postures taken over, per minute: {a} {number(summary.mimicry_by_a, 1)} from {b}, "
        f"{b} {number(summary.mimicry_by_b, 1)} from {a}."
    )


def no_posture(state: PostureState, names: tuple[str, str] = ("A", "B")) -> str:
    """Return why a row has no match of postures; empty if it has one."""
    return _NO_POSTURE[state].format(names[state is PostureState.NO_PERSON_B])


def describe_camera(counts: Mapping[str, int]) -> str:
    """Describe a feed's camera from its counts of frames; empty if it was seen to be still."""
    frames = max(1, counts.get("frames", 0) + counts.get("paused", 0))
    moved, unknown = (
        min(1.0, counts.get(f"camera_{kind}", 0) / frames) for kind in ("moved", "unknown")
    )
    texts = [f"camera moved in {percent(moved)} of the frames"] if moved >= _MENTIONED else []
    if unknown >= _MENTIONED:
        texts.append(f"motion of the camera unknown in {percent(unknown)} (background too plain)")
    return ", ".join(texts)


def is_mark(kind: str) -> bool:
    """Whether a person made events of this kind, such as marks, and not the program."""
    return kind == "mark" or kind not in EVENTS


def event_text(event: Event, names: tuple[str, str]) -> str:
    """Return an event's text, with names in place of A and B where the program wrote it."""
    if event.kind not in _OF_PEOPLE:
        return event.text
    return re.sub(r"\b[AB]\b", lambda each: names[each[0] == "B"], event.text)


def describe_mark(event: Event) -> str:
    """Return an event's time, kind and text: "0:12.3  Mark: a smile"."""
    what = ": ".join(part for part in (EVENTS.get(event.kind, event.kind), event.text) if part)
    return f"{clock_time(event.time_s, tenths=True)}  {what}"


def describe_moment(moment: Moment) -> str:
    """Return a moment's kind, mean score and time."""
    when = time_range(moment.start_s, moment.end_s)
    return f"{SCORES[moment.kind]}, mean score {number(moment.score)}: {when}"
