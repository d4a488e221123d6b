"""Output of the terminal meter on a terminal and in a file."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from mirror import Score, State
from mirror.cli.meter import TerminalMeter, bar
from mirror.events import Event
from mirror.landmarks import Feed
from mirror.session.base import Update
from mirror.session.feeds import AT_ITS_END, FeedStatus

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
NAN = float("nan")


def status(**changes: Any) -> dict[Feed, FeedStatus]:
    """Return the status of two working feeds, with changes to A."""
    a = FeedStatus("0", frames=300, dropped=7, found=True, found_frames=299, rate=29.97, ended=None)
    return {"a": replace(a, **changes), "b": replace(a, text="b [red].mp4")}


def ok(time_s: float = 1.0, **values: float) -> Score:
    """Return a row in which B follows A by 0.4 s, unless values are given."""
    defaults: dict[str, Any] = {
        "in_phase": 0.75,
        "anti_phase": 0.0,
        "coherence": 0.8,
        "relative_phase_deg": 41.4,
        "mirroring": 0.9,
        "lag_s": 0.4,
        "in_phase_head": 0.5,
        "anti_phase_legs": 0.25,
    }
    return Score(time_s, State.OK, **defaults | values)


def screen(
    scores: Sequence[Score],
    feeds: dict[Feed, FeedStatus] | None = None,
    warnings: Sequence[str] = (),
    *,
    width: int = 80,
    scene: str = "",
) -> list[str]:
    """Return the lines of the meter's last screen on a terminal."""
    file = io.StringIO()
    console = Console(
        file=file, force_terminal=True, width=width, height=24, _environ={"TERM": "xterm"}
    )
    with TerminalMeter(console, "live", lambda: "● Recording s [b].mirror") as meter:
        if scene:
            meter.show(Update(0.0, events=(Event(0.0, "truth", scene),)), status(), ())
        for score in scores:
            meter.show(Update(score.time_s, scores=(score,)), feeds or status(), warnings)
    text = CONTROL.sub("", file.getvalue()).replace("\r", "")
    return ("mirror · live" + text.rpartition("mirror · live")[2]).rstrip("\n").split("\n")


def file_lines(updates: Sequence[tuple[Update, Sequence[str]]]) -> list[str]:
    """Return the lines that the meter writes to a file."""
    file = io.StringIO()
    with TerminalMeter(Console(file=file, width=80), "live", lambda: "") as meter:
        for update, warnings in updates:
            meter.show(update, status(), warnings)
    return file.getvalue().splitlines()


def line(lines: Sequence[str], start: str) -> str:
    return next(each for each in lines if each.startswith(start))


def test_scores_are_bars_on_one_scale() -> None:
    lines = screen([ok(in_phase=0.75, anti_phase=0.5, mirroring=0.25)])
    assert line(lines, "in phase  ").count("█") == 45
    assert line(lines, "anti-phase").count("█") == 30
    assert line(lines, "mirroring").count("█") == 15
    assert line(lines, "in phase  ").endswith("0.75")
    assert line(lines, "anti-phase").endswith("0.50")


def test_meter_says_why_there_is_no_chance_level() -> None:
    why = "no chance level before five scored windows"
    assert why in "\n".join(screen([ok()]))
    assert why not in "\n".join(screen([ok(chance_in_phase=0.3)]))


def test_other_values_are_text() -> None:
    lines = screen([ok(83.0)], status(dropped=12, found=False), scene="script says")
    text = "\n".join(lines)
    assert line(lines, "mirror · live").endswith("1:23")
    assert line(lines, "script").endswith("script says")
    assert line(lines, "now").endswith("In phase — B follows by 0.4 s")
    assert "relative phase +41°   lag +0.40 s (A leads)   coherence 0.80" in text
    assert re.search(r"^A  0 +nobody in the frame  30.0 frames/s  12 dropped", text, re.M)
    assert re.search(r"^B  b \[red\]\.mp4  seen +30.0 frames/s  7 dropped", text, re.M)
    assert "● Recording s [b].mirror" in lines
    assert [f"{name}" for name in ("head", "torso", "left arm", "right arm", "legs")] == re.split(
        r"\s{2,}", line(lines, "           head").strip()
    )


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"lag_s": -0.4}, "lag -0.40 s (B leads)"),
        ({"lag_s": 0.05}, "lag +0.05 s (together)"),
        # in a steady rhythm, anti-phase is a lag of half a cycle as well, either way
        ({"in_phase": 0.0, "anti_phase": 0.9, "lag_s": 0.8}, "lag +0.80 s (nobody leads)"),
        ({"mirroring": 0.2}, "(nobody leads)"),
        ({"relative_phase_deg": -179.8}, "relative phase +180°"),
        ({"relative_phase_deg": -0.2}, "relative phase +0°"),
        ({"lag_s": NAN}, "lag ––"),
    ],
)
def test_phase_and_lead(values: dict[str, float], words: str) -> None:
    assert words in "\n".join(screen([ok(**values)]))


def test_undefined_scores_are_not_zero() -> None:
    lines = screen([Score(3.0, State.NO_PERSON_B, tracked_a=1.0, tracked_b=0.1)])
    assert line(lines, "now").endswith("Too little of B is in the frame")
    assert line(lines, "in phase  ").rstrip().endswith("·" * 60 + "  ––")
    assert "0.00" not in "\n".join(lines)
    assert "Warming up" in line(screen([]), "now")


def test_history_has_one_character_per_second() -> None:
    rows = [ok(float(second), in_phase=1.0, anti_phase=0.0) for second in range(100)]
    rows += [ok(float(second), in_phase=0.0, anti_phase=0.5) for second in range(100, 105)]
    rows += [Score(105.0, State.STILL)]
    lines = screen(rows)
    axis = next(n for n, each in enumerate(lines) if each.startswith("last 60 s"))
    assert lines[axis - 1][11:71] == "█" * 54 + " " * 5 + "·"
    assert lines[axis + 1][11:71] == " " * 54 + "▄" * 5 + "·"


@pytest.mark.parametrize("width", [80, 100, 200])
def test_fits_terminal_without_wrapping(width: int) -> None:
    long = "rtsp://192.0.2.7:8554/a/very/long/address/of/a/camera/in/the/lecture/hall?channel=1"
    feeds = status(text=long, dropped=123_456, found=False)
    lines = screen(
        [ok(100_000.0, lag_s=-1.93)], feeds, ["the disk is full"], width=width, scene="x"
    )
    assert len(lines) <= 24
    assert all(len(each) <= width for each in lines)
    assert "the disk is full" in lines
    assert line(lines, "mirror").endswith("27:46:40")
    assert lines[-1].rstrip() == "Ctrl-C ends the session"
    assert line(lines, "A  rtsp://").rstrip().endswith("123456 dropped")


def test_narrow_terminal_shortens_bars() -> None:
    lines = screen([ok(in_phase=1.0)], width=50)
    assert line(lines, "in phase  ") == f"in phase   {'█' * 34} 1.00"
    assert any(each.startswith("last 34 s") for each in lines)


def test_ended_feed_shows_how() -> None:
    assert "at its end" in line(screen([ok()], status(ended=AT_ITS_END, found=False)), "A  ")
    lost = status(ended="camera 0 has stopped sending frames; check its cable", found=False)
    lines = screen([ok()], lost, ["camera 0 has stopped sending frames; check its cable"])
    assert "lost" in line(lines, "A  ")
    assert line(lines, "camera 0").rstrip().endswith("check its cable")


def test_feed_trouble_replaces_tracking_status() -> None:
    lines = screen([ok()], status(trouble="unplugged; waiting for it", silent=True, found=False))
    assert re.search(r"^A  0 +unplugged; waiting for it  30.0 frames/s", line(lines, "A  "))
    feeds = status(text="rtsp://192.0.2.7:8554/a/very/long/address", trouble="no frames for 4 s")
    assert "no frames for 4 s" in line(screen([ok()], feeds), "A  ")
    small = screen([ok()], status(trouble="12 instead of 30 frames/s"), width=50)
    assert all(len(each) <= 50 for each in small)
    assert "12 instead" in line(small, "A  ")


def test_trouble_and_its_end_are_lines_in_file() -> None:
    events = [
        Event(7.0, "warning", "A ([0]): no frames for 2 s"),
        Event(9.5, "warning", "A ([0]): frames arrive again, after 4 s"),
    ]
    lines = file_lines([(Update(each.time_s, events=(each,)), ()) for each in events])
    assert lines == [f"{each.time_s:6.1f} s  {each.text}" for each in events]


def test_file_gets_a_line_every_two_seconds() -> None:
    updates: list[tuple[Update, Sequence[str]]] = [
        (Update(n / 10, scores=(ok(n / 10),)), ()) for n in range(60)
    ]
    updates += [(Update(6.0), ["camera [0] is gone"]), (Update(6.1), ["camera [0] is gone"])]
    lines = file_lines(updates)
    assert len(lines) == 4  # one in two seconds, and the warning once
    assert lines[0].startswith("   0.0 s  in phase 0.75 █████████     anti-phase 0.00 ")
    assert "In phase — B follows by 0.4 s" in lines[0]
    assert lines[0].endswith("A seen, 7 dropped  B seen, 7 dropped")
    assert lines[3] == "   6.0 s  camera [0] is gone"


def test_dumb_terminal_gets_lines() -> None:
    file = io.StringIO()
    console = Console(file=file, force_terminal=True, width=80, _environ={"TERM": "dumb"})
    with TerminalMeter(console, "live", lambda: "") as meter:
        meter.show(Update(1.0, scores=(ok(),)), status(), ())
    assert len(file.getvalue().splitlines()) == 1


@given(st.floats(0, 1), st.integers(1, 200))
def test_bar_length_matches_value(value: float, width: int) -> None:
    drawn = bar(value, width)
    assert len(drawn) == width
    part = drawn.rstrip().lstrip("█")
    assert len(part) <= 1
    eighths = 8 * drawn.count("█") + (" ▏▎▍▌▋▊▉".index(part) if part else 0)
    assert abs(eighths - 8 * width * value) <= 0.5


@pytest.mark.parametrize(("found", "words"), [(True, "measured"), (False, "no values")])
def test_plain_series_shows_sample_rate(found: bool, words: str) -> None:
    feeds = status(text="lsl:belt", rate=500.0, found=found, series=True)
    assert re.search(rf"^A  lsl:belt +{words} +500.0 samples/s", line(screen([ok()], feeds), "A  "))
