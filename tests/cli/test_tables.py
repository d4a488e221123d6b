"""The table of ``mirror info`` and the methods paragraph of a recording."""

from __future__ import annotations

import shutil
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from mirror import Recording, Settings
from mirror.cli.tables import session_table
from mirror.landmarks import Model
from mirror.recording.provenance import session_metadata
from mirror.recording.writer import Recorder
from mirror.report.html import to_html
from mirror.report.methods_paragraph import methods_text
from mirror.report.write import compose
from mirror.settings_history import Change, SettingsHistory
from mirror.timeline import Span
from tests.support.reports import draw_nothing

DATA = Path(__file__).parents[1] / "recording" / "data"
HISTORY = SettingsHistory(
    Settings(),
    (Change(30.5, Settings(window=10.0)), Change(90.0, Settings(window=10.0, hop=0.2))),
)


def recording(folder: Path, **about: Any) -> Recording:
    facts = session_metadata(Settings(), ("a.mp4", "b.mp4"), Model(Path("x.task"), "0" * 64, "x"))
    Recorder(folder / "s.mirror", facts | about).close()
    return Recording.open(folder / "s.mirror")


def rows(opened: Recording) -> list[tuple[str, str]]:
    """Return name and text of each row of the table."""
    file = StringIO()
    Console(file=file, width=300).print(session_table(opened))
    lines = [line.split(maxsplit=1) for line in file.getvalue().splitlines()]
    return [(name, text.rstrip()) for name, text in lines]


def test_changed_settings_are_listed_in_order(tmp_path: Path) -> None:
    with recording(tmp_path, **HISTORY.to_session()) as opened:
        table, text = rows(opened), methods_text(opened)
    (settings,) = (text for name, text in table if name == "settings")
    assert settings.startswith("window 6 s, taper lopsided, hop 0.1 s, band 0.2–3 Hz")
    assert [text for name, text in table if name == "changed"] == [
        "after 30.50 s: window 10 s",
        "after 90.00 s: hop 0.2 s",
    ]
    assert "sliding windows of 10 s" in text
    assert "one estimate every 0.2 s" in text
    assert "Settings were changed during the session (window 10 s after 30.5 s; " in text
    assert "; hop 0.2 s after 90.0 s)" in text


def test_unchanged_settings_are_listed_once(tmp_path: Path) -> None:
    with recording(tmp_path) as opened:
        assert "changed" not in [name for name, _ in rows(opened)]
        assert "Settings were changed" not in methods_text(opened)


@pytest.mark.parametrize(
    ("sources", "words"),
    [
        (("a.mp4", "b.mp4"), "from two video feeds. MediaPipe"),
        (("0", "lsl:Ben#up=y"), "from a video feed of person A and motion capture of person B, "),
        (("lsl:Anna", "1"), "from a video feed of person B and motion capture of person A, "),
    ],
)
def test_methods_paragraph_names_the_pose_model(
    tmp_path: Path, sources: tuple[str, str], words: str
) -> None:
    with recording(tmp_path, sources=dict(zip("ab", sources, strict=True))) as opened:
        text = methods_text(opened)
    assert words in text
    assert "model x, SHA-256 000000000000…" in text
    streamed = any(each.startswith("lsl:") for each in sources)
    assert ("Lab Streaming Layer" in text, "two video feeds" in text) == (streamed, not streamed)


def test_says_whether_landmarks_were_smoothed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Recordings of version 0.1.0 do not say so; MediaPipe smoothed theirs."""
    draw_nothing(monkeypatch)
    with recording(tmp_path) as opened:
        assert dict(rows(opened))["model"] == "x, landmarks not smoothed"
        assert "Landmarks were not smoothed." in methods_text(opened)
    old = tmp_path / "version_0.1.0.mirror"
    shutil.copy(DATA / old.name, old)
    with Recording.open(old) as opened:
        table, text = dict(rows(opened)), methods_text(opened)
    for said in (table["model"], text, to_html(compose([old], Span()))):
        assert "smoothed by MediaPipe" in said
        assert "who moves less seems to follow" in said


@pytest.mark.parametrize("sources", [{"a": "lsl:Anna", "b": "lsl:Ben"}, {}])
def test_methods_paragraph_without_video_names_no_model(
    tmp_path: Path, sources: dict[str, str]
) -> None:
    facts = session_metadata(Settings(), ("lsl:Anna", "lsl:Ben"), None) | {"sources": sources}
    Recorder(tmp_path / "s.mirror", facts).close()
    with Recording.open(tmp_path / "s.mirror") as opened:
        text = methods_text(opened)
    assert ("motion capture of both persons" in text) == bool(sources)
    for word in ("video", "MediaPipe", "model", "unknown"):
        assert word not in text


def test_frames_of_a_pause_are_counted_separately(tmp_path: Path) -> None:
    feeds = {
        "a": {"frames": 0, "with_person": 0, "dropped": 2, "paused": 7},
        "b": {"frames": 0, "with_person": 0, "dropped": 3},
    }
    with recording(tmp_path, quality={"feeds": feeds}) as opened:
        table = dict(rows(opened))
    assert table["A"] == (
        "a.mp4: 0 frames, a person in 0 % of them, 2 dropped, 7 more while paused"
    )
    assert table["B"].endswith("3 dropped")


@pytest.mark.parametrize(
    ("about", "says"),
    [
        ({}, "not stored"),
        ({"video": {"a": "s.a.mp4", "b": "s.b.mp4"}}, "stored in s.a.mp4 and s.b.mp4"),
        (
            {
                "video": {"a": "s.a.mp4", "b": "s.b.mp4"},
                "quality": {"feeds": {"a": {"pictures_dropped": 3}, "b": {"pictures_dropped": 4}}},
            },
            "stored in s.a.mp4 and s.b.mp4 (7 frames could not be)",
        ),
    ],
)
def test_info_says_whether_video_is_stored(
    tmp_path: Path, about: dict[str, Any], says: str
) -> None:
    with recording(tmp_path, **about) as opened:
        assert [text for name, text in rows(opened) if name == "video"] == [says]
