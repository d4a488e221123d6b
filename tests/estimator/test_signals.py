"""Plain series of one person or of both, in place of a body."""

from __future__ import annotations

import math
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from mirror import Aligner, Estimator, Landmark, Pose, Recording, Score, Settings, synchrony
from mirror.errors import RecordingError, SourceError
from mirror.estimator.estimator import score_ticks
from mirror.estimator.movement import CHANNELS
from mirror.estimator.scoring import Scoring
from mirror.estimator.signals import Signals
from mirror.landmarks import Feed
from mirror.recording.anonymize import anonymize
from mirror.recording.rescore import rescore, score_again
from mirror.settings_history import SettingsHistory
from mirror.timeline import Timeline
from tests.support.fakes import recorder
from tests.support.people import pose
from tests.support.recordings import make_series_recording

RATE = 30.0
TICKS = 300
SETTINGS = Settings(window=3.0, band=(0.5, 3.0), mapping="same-side")
ALONE = Signals(("height", "speed"), ("y", "v"))


def reading(time: float, values: Sequence[float] | NDArray[np.float64] | None) -> Pose:
    return Pose(time, None, None, 1, 1, None if values is None else np.asarray(values, float))


def wave(phase_deg: float, seed: int = 0) -> NDArray[np.float64]:
    times = np.arange(TICKS) / RATE
    rhythm = np.sin(2 * np.pi * times + math.radians(phase_deg))
    noise = np.random.default_rng(seed).normal(0, 0.1, TICKS)
    return np.stack([rhythm, noise], axis=1)


def streamed(
    a: NDArray[np.float64], b: NDArray[np.float64], settings: Settings = SETTINGS
) -> Timeline:
    aligner, estimator, rows = Aligner(RATE), Estimator(settings, ALONE), []
    for tick in range(len(a)):
        for feed, values in (("a", a[tick]), ("b", b[tick])):
            there = values if np.isfinite(values).all() else None
            ticks = aligner.push(feed, reading(tick / RATE, there))  # type: ignore[arg-type]
            rows += [estimator.update(*each) for each in ticks]
    return Timeline.from_scores([row for row in rows if isinstance(row, Score)])


@pytest.mark.untraced
@pytest.mark.parametrize("phase_deg", [0, 45, 90, 180, 270])
def test_streamed_series_score_like_arrays(phase_deg: float) -> None:
    a, b = wave(phase_deg, 1), wave(0, 2)
    a[130:150] = np.nan  # longer than is bridged
    found, expected = streamed(a, b), synchrony(a, b, RATE, settings=SETTINGS)
    assert (found.state == "ok").any()
    for name in ("time_s", "in_phase", "anti_phase", "lag_s", "energy_a"):
        # the aligner puts samples onto its grid, within their last digits
        assert found[name] == pytest.approx(expected[name], rel=1e-6, abs=1e-6, nan_ok=True)
    # an array knows no reason for what is missing, a stream that goes on does
    assert set(found.state) - {"gap", "no_person_a"} == set(expected.state) - {"gap", "no_person_a"}
    scored = found.relative_phase_deg[found.state == "ok"]
    turned = (scored - phase_deg + 180) % 360 - 180
    assert np.abs(turned).max() < 25


def drawn_by_both(mapping: str, *, of_a: bool, hidden: str = "") -> Timeline:
    """One hand that both draw with, one of them as a series that holds what the other's body shows.

    `hidden` is the hidden part of the body: the hand that draws, or its other one.
    """
    draws, other = Landmark.RIGHT_WRIST, Landmark.LEFT_WRIST  # A's left is B's right in a mirror
    side = -1.0 if mapping == "mirror" else 1.0
    if mapping == "same-side":
        draws, other = other, draws
    unseen = {"draws": {draws: 0.1}, "other": {other: 0.1}}.get(hidden, {})
    aligner, ticks = Aligner(RATE), []
    for tick in range(TICKS):
        time = tick / RATE
        x, y = 0.05 * math.sin(2 * math.pi * time), 0.04 * math.sin(2 * math.pi * 1.3 * time)
        body = pose(time, {draws: (x, y)}, visibility=unseen or 1.0)
        series = reading(time, [20 * side * x, 20 * y])
        first, second = (series, body) if of_a else (body, series)
        ticks += [*aligner.push("a", first), *aligner.push("b", second)]
    used = Settings(window=3.0, band=(0.5, 3.0), mapping=mapping)  # type: ignore[arg-type]
    names = ("left_wrist_x", "LeftWrist.Y")
    return score_ticks(ticks, used, Signals(a=names) if of_a else Signals(b=names))


@pytest.mark.parametrize("mapping", ["mirror", "same-side"])
@pytest.mark.parametrize("of_a", [True, False])
def test_series_is_compared_with_body_channels_of_its_names(mapping: str, of_a: bool) -> None:
    timeline = drawn_by_both(mapping, of_a=of_a)
    scored = timeline.state == "ok"
    assert scored.sum() > 50
    assert timeline.in_phase[scored].min() > 0.99
    assert np.isnan(timeline.in_phase_left_arm).all()
    assert np.isnan(timeline.posture_match).all()


@pytest.mark.parametrize("mapping", ["mirror", "same-side"])
@pytest.mark.parametrize("of_a", [True, False])
def test_only_compared_joints_must_be_visible(mapping: str, of_a: bool) -> None:
    unseen = drawn_by_both(mapping, of_a=of_a, hidden="draws")
    body = "no_person_b" if of_a else "no_person_a"
    assert set(unseen.state) == {"warming_up", body}
    assert np.isnan(unseen.in_phase).all()
    seen, whole = (drawn_by_both(mapping, of_a=of_a, hidden=each) for each in ("other", ""))
    assert seen.equals(whole)


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        (("x", "y"), ("x",), "A's series has 2 channels and B's 1"),
        (("heart",), None, "channel 'heart' cannot be compared with a body"),
        (None, ("left_wrist_q",), "channel 'left_wrist_q'"),
    ],
)
def test_rejects_signals_that_cannot_be_compared(
    a: tuple[str, ...] | None, b: tuple[str, ...] | None, words: str
) -> None:
    with pytest.raises(SourceError, match=words):
        Signals(a, b)


def test_body_channels_have_unique_names() -> None:
    assert len(set(CHANNELS)) == 25
    assert {"nose_x", "torso_tilt", "left_elbow_y", "right_ankle_x"} <= set(CHANNELS)


@pytest.fixture(scope="module")
def recording_of_series(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten seconds of two series, B a quarter turn behind, and the last second of A missing."""
    poses: list[tuple[Feed, Pose]] = []
    for tick, (a, b) in enumerate(zip(wave(90, 1), wave(0, 2), strict=True)):
        poses.append(("a", reading(tick / RATE, None if tick > 270 else a)))
        poses.append(("b", reading(tick / RATE, b)))
    folder = tmp_path_factory.mktemp("series")
    return make_series_recording(folder / "series.mirror", ALONE, poses, SETTINGS)


@pytest.fixture
def recorded(recording_of_series: Path, tmp_path: Path) -> Path:
    """A copy that may be damaged."""
    return Path(shutil.copy(recording_of_series, tmp_path / "series.mirror"))


def test_recorded_series_is_rescored_bit_for_bit(recorded: Path, tmp_path: Path) -> None:
    with Recording.open(recorded) as recording:
        assert recording.signals == ALONE
        assert recording.counts() == {"a": (300, 271), "b": (300, 300)}
        stored = recording.timeline()
        assert score_again(recording, SETTINGS, lambda *_: None).equals(stored)
        again, path = rescore(recording, tmp_path / "again.mirror", SETTINGS, lambda *_: None)
        secret = anonymize(recording, tmp_path / "anonymous.mirror", lambda *_: None)
        shown = recording.pose_at("b", 5.0)
        assert shown is not None
        assert shown.series is not None
        assert np.array_equal(shown.series, wave(0, 2)[150])
    scored = stored.state == "ok"
    assert np.median(stored.relative_phase_deg[scored]) == pytest.approx(90, abs=5)
    assert again.equals(stored)
    for copy in (path, secret):
        with Recording.open(copy) as recording:
            assert score_again(recording, SETTINGS, lambda *_: None).equals(stored)
    with Recording.open(secret) as recording:
        assert recording.signals == Signals(("1", "2"), ("1", "2"))


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE series SET channels = x'00'",
        "UPDATE series SET channels = 'text'",
        "UPDATE series SET channels = zeroblob(800)",
        "UPDATE series SET channels = x'000000000000f87f000000000000f87f'",
        "UPDATE series SET channels = x'000000000000f07f000000000000f07f'",
        "UPDATE series SET channels = x'ffffffffffffef7fffffffffffffef7f'",
        "UPDATE series SET channels = ''",
        "UPDATE series SET channels = zeroblob(9000000) WHERE rowid = 9",
        "DELETE FROM session WHERE key = 'signals'",
        'UPDATE session SET value = \'{"a": ["x"], "b": 7}\' WHERE key = \'signals\'',
        "UPDATE session SET value = '[]' WHERE key = 'signals'",
    ],
)
def test_rejects_damaged_series(recorded: Path, damage: str) -> None:
    db = sqlite3.connect(recorded)
    with db:
        db.execute(damage)
    db.close()
    with (
        pytest.raises(RecordingError, match="is damaged"),
        Recording.open(recorded) as recording,
    ):
        score_again(recording, SETTINGS, lambda *_: None)


@pytest.mark.untraced
@pytest.mark.parametrize("constant", [0.1, 2048.0, 1e6 + 0.1, 9e29])
def test_constant_sensor_is_still_with_any_floor(constant: float) -> None:
    a = np.full((TICKS, 2), constant)
    for first, second in ((a, a), (a, wave(0)), (wave(0), a)):
        found = streamed(first, second, replace(SETTINGS, floor=0.0))
        assert set(found.state) == {"warming_up", "still"}
        assert np.isnan(found.coherence).all()


@pytest.mark.untraced
@pytest.mark.parametrize("size", [1e-80, 1e-6, 1e6, 9e29])
def test_scores_do_not_depend_on_units(size: float) -> None:
    """Volts or micrometres: with a floor of none, scores are those of any other unit."""
    a, b = wave(60, 1), wave(0, 2)
    settings = replace(SETTINGS, floor=0.0)
    found, expected = streamed(size * a, b, settings), streamed(a, b, settings)
    for name in ("in_phase", "anti_phase", "coherence", "mirroring", "lag_s", "energy_b"):
        assert found[name] == pytest.approx(expected[name], abs=1e-9, nan_ok=True)
    assert found.energy_a == pytest.approx(size * expected.energy_a, rel=1e-6, nan_ok=True)


def test_recordings_need_the_newest_version(recorded: Path, tmp_path: Path) -> None:
    """Also of plain series, of which an older one treats people without landmarks as missing."""
    plain = recorder(tmp_path, SETTINGS)
    plain.add_pose("a", pose(0.0))
    plain.close()
    assert [version(path) for path in (plain.path, recorded)] == [5, 5]
    with closing(sqlite3.connect(plain.path)) as db:
        tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE sql > ''")}
    assert tables == {"session", "pose", "score", "event"}
    with Recording.open(recorded) as recording:
        for copy in (
            anonymize(recording, tmp_path / "anonymous.mirror", lambda *_: None),
            rescore(recording, tmp_path / "again.mirror", SETTINGS, lambda *_: None)[1],
        ):
            assert version(copy) == 5


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        (found,) = db.execute("PRAGMA user_version").fetchone()
    return int(found)


@pytest.mark.parametrize(
    ("rate_a", "rate_b", "channels"),
    [(7, 59.94, 1), (100, 500, 2), (30, 1000, 3), (59.94, 100, 1000)],
)
def test_samples_in_any_order_are_rescored_bit_for_bit(
    rate_a: float, rate_b: float, channels: int, tmp_path: Path
) -> None:
    """Live, tick by tick, against the recording: samples are missing, late, doubled and bunched."""
    rng = np.random.default_rng(7)
    came: list[tuple[float, Feed, Pose]] = []
    rates: tuple[tuple[Feed, float], ...] = (("a", rate_a), ("b", rate_b))
    for feed, rate in rates:
        for sample in range(round(6 * rate)):
            time = (sample + rng.normal(0, 0.3)) / rate
            if (4.0 < time < 4.5 and feed == "a") or rng.random() < 0.02:
                continue
            values = np.sin(2 * np.pi * time + np.arange(channels)) + rng.normal(0, 0.1, channels)
            seen = reading(time, None if rng.random() < 0.02 else values)
            arrives = time + abs(rng.normal(0, 0.05)) + 0.2 * (rng.random() < 0.01)
            came += [(arrives, feed, seen)] * (1 + (rng.random() < 0.01))
    poses = [(feed, seen) for _, feed, seen in sorted(came, key=lambda each: each[0])]
    names = tuple(map(str, range(channels)))
    signals = Signals(names, names)
    live = Scoring(SettingsHistory(SETTINGS), signals)
    rows = [row for feed, seen in poses for row in live.push(feed, seen)]
    timeline = Timeline.from_scores([*rows, *live.finish()])
    assert (timeline.state == "ok").sum() > 10
    path = make_series_recording(tmp_path / "odd.mirror", signals, poses, SETTINGS)
    with Recording.open(path) as recording:
        assert recording.timeline().equals(timeline)
        assert score_again(recording, SETTINGS, lambda *_: None).equals(timeline)
