"""The film: content and positions in its frames, and the file as read by a player."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from mirror import Recording, Score, State
from mirror.colours import BLACK, WHITE, Rgb, mix
from mirror.errors import ExportError
from mirror.events import Event
from mirror.export import export
from mirror.export.film import lettering
from mirror.export.film.encode import RATE, write_film
from mirror.export.film.frames import Frames
from mirror.export.film.layout import (
    ARCS,
    CENTRE,
    COLOURS,
    HEIGHT,
    LANE,
    NAME_BOXES,
    PERSON_BOXES,
    PERSON_COLOURS,
    RADIUS,
    SENTENCE,
    TRACK,
    WHOLE,
    WIDTH,
    Box,
    TimeAxis,
    needle_tip,
)
from mirror.landmarks import FEEDS, Feed, Pose
from mirror.recording.database import video_paths
from mirror.recording.playback import Replay
from mirror.recording.video import VideoWriter
from mirror.recording.writer import Recorder
from mirror.skeleton import LEFT, MIDDLE, RIGHT, place_frame
from tests.support.people import empty_pose, landmarks, pose
from tests.support.recordings import TURN_S, make_recording, make_scores_recording

Image = NDArray[np.uint8]

PHASES = (0.0, 90.0, 180.0, -90.0, 45.0)
"""Relative phase in each second of `phases`; afterwards there is no score."""


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty seconds of Anna and Ben, with video of the first second."""
    return make_recording(tmp_path_factory.mktemp("talk") / "talk.mirror", with_video=True)


@pytest.fixture(scope="module")
def phases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("phases") / "phases.mirror"
    with Recorder(path, {}) as recorder:
        for frame in range(90):
            for feed in ("a", "b"):
                seen = empty_pose(frame / 15) if feed == "b" and frame > 45 else pose(frame / 15)
                recorder.add_pose(feed, seen)
        rows = [scored(row / 10, PHASES[row // 10]) for row in range(50)]
        rows[48] = replace(  # B, at 4 s, what A did at 2 s
            rows[48], mimicry_latency_s=2.0, mimicry_ago_s=0.8, mimicry_regions=1.0
        )
        recorder.add_scores(rows)
        recorder.add_scores(Score(row / 10, State.NO_PERSON_B) for row in range(50, 60))
        recorder.add_event(Event(2.5, "mark", "here"))
    return path


def scored(time_s: float, phase: float, coherence: float = 0.9) -> Score:
    real = coherence * math.cos(math.radians(phase))
    return Score(
        time_s,
        State.OK,
        in_phase=max(0.0, real),
        anti_phase=max(0.0, -real),
        coherence=coherence,
        relative_phase_deg=phase,
        mirroring=0.6,
    )


def film(recording: Path, path: Path, *span: float) -> Path:
    with Replay.open(recording) as replay:
        write_film(replay, path, *span, progress=lambda _done, _total: None)
    return path


def frames(path: Path) -> Iterator[tuple[float, Image]]:
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            assert frame.time is not None
            yield frame.time, cast("Image", frame.to_ndarray(format="rgb24"))


def drawn(recording: Path, time_s: float, span: TimeAxis | None = None) -> Image:
    with Replay.open(recording) as replay:
        return Frames(replay, span or TimeAxis(0.0, replay.duration)).draw(time_s)


def is_near(pixel: Image, colour: Rgb, by: int = 40) -> bool:
    return bool(np.abs(pixel.astype(int) - colour).max() <= by)


def cursor_in(image: Image) -> float:
    """Return the middle of the bright columns above the timeline, where only the cursor is."""
    return float(np.flatnonzero(image[TRACK.y - 3, TRACK.x - 3 :, 1] > 128).mean()) + TRACK.x - 3


@pytest.mark.parametrize(
    ("span", "count"),
    [((), 43), ((0.5, 1.2), 21), ((-5.0, 0.4), 12), ((1.0,), 13), ((1.1, 1.1), 1)],
)
def test_file_is_as_long_as_its_part(tmp_path: Path, span: tuple[float, ...], count: int) -> None:
    recording = make_recording(
        tmp_path / "s.mirror", seconds=1.5, events=()
    )  # the last frame at 1.43 s
    path = film(recording, tmp_path / "s.mp4", *span)
    with av.open(str(path)) as container:
        (stream,) = container.streams.video
        assert not container.streams.audio
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert (stream.width, stream.height) == (1280, 720)
        assert stream.average_rate == RATE
        stamps = []
        for frame in container.decode(stream):
            assert frame.pts is not None
            assert frame.time_base is not None
            stamps.append(frame.pts * frame.time_base)
    assert abs(len(stamps) - count) <= 1
    assert stamps == [Fraction(number, RATE) for number in range(len(stamps))]


def test_cursor_follows_the_time(talk: Path, tmp_path: Path) -> None:
    found = [
        (12 + time, cursor_in(image))
        for time, image in frames(film(talk, tmp_path / "s.mp4", 12.0, 13.0))
    ]
    assert len(found) == 30
    for time, column in found:
        assert column == pytest.approx(TimeAxis(12.0, 13.0).x(time), abs=1.0)
    assert found[-1][1] - found[0][1] > 0.9 * TRACK.width


@pytest.mark.parametrize("second", range(len(PHASES)))
def test_needle_points_to_the_phase(phases: Path, tmp_path: Path, second: int) -> None:
    colour = {0: COLOURS["in_phase"], 45: COLOURS["in_phase"], 180: COLOURS["anti_phase"]}.get(
        int(PHASES[second]), COLOURS["text"]
    )
    path = film(phases, tmp_path / "s.mp4", second + 0.2, second + 0.4)
    for _, image in frames(path):
        for phase in PHASES:
            tip = (
                CENTRE[0] + 0.9 * RADIUS * math.sin(math.radians(phase)),
                CENTRE[1] - 0.9 * RADIUS * math.cos(math.radians(phase)),
            )
            pixel = image[round(tip[1]), round(tip[0])]
            assert is_near(pixel, colour) == (phase == PHASES[second]), (phase, pixel)


def test_needle_tip_is_coherence_at_relative_phase() -> None:
    assert needle_tip(scored(0, 0.0, 1.0)) == (CENTRE[0], CENTRE[1] - RADIUS)
    assert needle_tip(scored(0, 90.0, 0.5)) == pytest.approx((CENTRE[0] + RADIUS / 2, CENTRE[1]))
    assert needle_tip(Score(0, State.STILL)) is None


def test_no_needle_without_a_score(phases: Path) -> None:
    x, y = CENTRE
    assert is_near(drawn(phases, 0.5)[y - RADIUS // 2, x], COLOURS["in_phase"])
    around = Box(x - RADIUS, y - RADIUS, 2 * RADIUS, 2 * RADIUS).slices
    with Replay.open(phases) as replay:
        running = Frames(replay, TimeAxis(0.0, replay.duration))
        running.draw(0.5)
        none = running.draw(5.5)[around]
    colours = {tuple(pixel) for pixel in none.reshape(-1, 3).tolist()}
    assert not colours & {COLOURS["in_phase"], COLOURS["anti_phase"], COLOURS["text"]}


def test_joints_are_drawn_at_their_landmarks(talk: Path, tmp_path: Path) -> None:
    shown = list(frames(film(talk, tmp_path / "s.mp4", 10.2, 10.8)))
    for feed in FEEDS:
        check_joints(talk, feed, shown[::6])


def check_joints(talk: Path, feed: Feed, shown: list[tuple[float, Image]]) -> None:
    on_black = {MIDDLE: 0.3, RIGHT: 0.1, LEFT: 0.65}
    shades = [(part, mix(PERSON_COLOURS[feed], WHITE, share)) for part, share in on_black.items()]
    place = PERSON_BOXES[feed].fit(640, 480)  # there are stored frames, shown whole
    with Replay.open(talk) as replay:
        for time, image in shown:
            seen = replay.pose(feed, 10.2 + time)
            assert seen is not None
            assert seen.landmarks is not None
            for part, colour in shades:
                for joint in part.joints:
                    x, y = seen.landmarks[joint, :2] * (place.width, place.height)
                    pixel = image[place.y + int(y), place.x + int(x)]
                    assert is_near(pixel, colour), (joint, pixel, colour)
        empty = image[place.y + 4 : place.y + 20, place.x + 4 : place.right - 4]
        assert empty.max() < 30


def test_unseen_landmark_is_dim(tmp_path: Path) -> None:
    wrist = LEFT.joints[2]
    with Recorder(tmp_path / "s.mirror", {}) as recorder:
        recorder.add_pose("a", pose(0.0, visibility={wrist: 0.2}))
        recorder.add_pose("b", pose(0.0))
    image = drawn(recorder.path, 0.0)
    brightness = []
    for feed in FEEDS:
        left, top, width, height = placed(recorder.path, feed)
        x, y = landmarks(pose(0.0))[wrist, :2] * (width, height)
        brightness.append(int(image[int(top + y), int(left + x)].max()))
    assert 60 < brightness[0] < 0.7 * brightness[1]


@pytest.mark.parametrize(("x", "scale"), [(0.0, 1.0), (0.25, 1.0), (-0.1, 0.4)])
def test_figure_without_video_fills_its_panel(tmp_path: Path, x: float, scale: float) -> None:
    marks = landmarks(pose(0.0)).copy()
    marks[:, :2] = 0.5 + scale * (marks[:, :2] - 0.5) + (x, 0.0)
    with Recorder(tmp_path / "s.mirror", {}) as recorder:
        recorder.add_pose("a", Pose(0.0, marks, None, 640, 480))
    panel = drawn(recorder.path, 0.0)[PERSON_BOXES["a"].slices].max(axis=2) > 60
    rows, columns = (np.flatnonzero(panel.any(axis=axis)) for axis in (1, 0))
    assert 0.85 * panel.shape[0] < np.ptp(rows) < 0.98 * panel.shape[0]
    assert columns[[0, -1]].mean() == pytest.approx(panel.shape[1] / 2, abs=6)  # the middle


def placed(recording: Path, feed: Feed) -> tuple[float, float, float, float]:
    """Return where a 640 × 480 frame lies in a film without stored frames."""
    box = PERSON_BOXES[feed]
    with Replay.open(recording) as replay:
        return place_frame(replay.extents[feed], (640, 480), (box.x, box.y, box.width, box.height))


def test_accepts_landmarks_far_outside_the_frame(tmp_path: Path) -> None:
    with Recorder(tmp_path / "s.mirror", {}) as recorder:
        recorder.add_pose("a", pose(0.0, {LEFT.joints[2]: (9e3, -9e3)}))
    assert drawn(recorder.path, 0.0)[PERSON_BOXES["a"].slices].max() > 100


def test_stored_video_is_shown_under_the_skeletons(talk: Path, tmp_path: Path) -> None:
    shown = dict(frames(film(talk, tmp_path / "s.mp4", 0.8, 1.8)))
    for feed, colour in zip(FEEDS, ((200, 0, 0), (0, 0, 200)), strict=True):
        box = PERSON_BOXES[feed]
        place = box.fit(64, 48)
        corner = slice(place.y + 5, place.y + 20), slice(place.x + 5, place.x + 20)
        assert is_near(shown[0.1][corner], colour, 25)
        assert is_near(shown[0.9][corner], BLACK, 20)  # only the first second was stored
        beside = slice(box.y + 5, box.y + 20), slice(box.x + 5, place.x - 5)
        assert is_near(shown[0.1][beside], BLACK, 20)
        nose = place.y + int(0.2 * place.height), place.x + int(0.5 * place.width)
        assert is_near(shown[0.1][nose], PERSON_COLOURS[feed], 60)


def test_sentence_and_names_are_written(talk: Path) -> None:
    def wanted(box: Box, text: str, size: int, colour: Rgb) -> Image:
        image = np.full((HEIGHT, WIDTH, 3), COLOURS["paper"], np.uint8)
        lettering.write(image, box, text, size, colour, bold=True)
        return image[box.slices]

    in_phase, opposite, early = (drawn(talk, time) for time in (8.0, 18.0, 1.0))
    for image, text, colour in (
        (in_phase, "In phase", COLOURS["text"]),
        (opposite, "In anti-phase — opposite at the same time", COLOURS["text"]),
        (early, "Warming up — the first score comes after a few seconds", COLOURS["dim_text"]),
    ):
        assert np.array_equal(image[SENTENCE.slices], wanted(SENTENCE, text, 28, colour))
    for feed, name in zip(FEEDS, ("Anna", "Ben"), strict=True):
        shade = mix(PERSON_COLOURS[feed], COLOURS["text"], 0.35)
        assert np.array_equal(
            in_phase[NAME_BOXES[feed].slices], wanted(NAME_BOXES[feed], name, 22, shade)
        )


def test_long_name_is_elided() -> None:
    assert lettering.elide("Anna", 200, 20) == "Anna"
    cut = lettering.elide("Anna\nMaria " * 50, 200, 20)
    assert cut.startswith("Anna Maria")
    assert cut.endswith("…")
    assert lettering.font(cut, 20).getlength(cut) <= 200


def test_timeline_shows_scores_events_and_unscored_stretches(phases: Path) -> None:
    image = drawn(phases, 0.0)
    with Replay.open(phases) as replay:
        span = TimeAxis(0.0, replay.duration)
    middle = TRACK.y + TRACK.height // 2

    def at(time_s: float, up: int) -> Image:
        return image[middle - up, round(span.x(time_s))]

    assert is_near(at(0.5, 30), COLOURS["in_phase"], 2)
    assert is_near(at(0.5, -30), COLOURS["raised"], 2)
    assert is_near(at(2.3, -30), COLOURS["anti_phase"], 2)
    assert is_near(at(2.3, 30), COLOURS["raised"], 2)
    assert is_near(at(1.5, 30), COLOURS["raised"], 2)
    assert is_near(at(5.5, 30), COLOURS["untracked_shade"], 2)
    assert at(2.5, 38).astype(int).sum() > at(2.4, 38).astype(int).sum() + 100  # the mark
    lane = image[LANE.y : LANE.bottom]
    filled = (np.abs(lane.astype(int) - COLOURS["mirroring"]).max(axis=2) <= 2).sum(axis=0)
    assert filled[round(span.x(0.5))] == pytest.approx(0.6 * LANE.height, abs=2)
    assert filled[round(span.x(5.5))] == 0
    arcs = image[ARCS.y : ARCS.bottom, :, :].astype(int)
    yellow = np.abs(arcs - COLOURS["posture_match"]).max(axis=2) <= 40
    rows, columns = np.nonzero(yellow)
    assert columns.min() == pytest.approx(span.x(2.0), abs=2)
    assert rows[columns <= span.x(2.2)].max() < ARCS.height / 2  # on A's line
    assert rows[columns >= span.x(3.9)].min() > ARCS.height / 2
    assert columns.max() == pytest.approx(span.x(4.0) + 3, abs=2)


def test_part_is_marked_on_a_bar_of_the_whole(talk: Path) -> None:
    assert is_near(drawn(talk, 5.0)[WHOLE.slices], COLOURS["paper"], 0)
    with Replay.open(talk) as replay:
        duration = replay.duration
    bar = drawn(talk, TURN_S, TimeAxis(TURN_S, duration))[WHOLE.y + 2, WHOLE.x : WHOLE.right]
    bright = np.flatnonzero(bar[:, 0] > 100)
    half = TURN_S / duration * WHOLE.width
    assert bright[0] == pytest.approx(half, abs=2)
    assert bright[-1] == pytest.approx(WHOLE.width - 1, abs=2)


def test_text_is_shown_without_a_person(phases: Path) -> None:
    person, words = drawn(phases, 2.0), drawn(phases, 4.0)
    empty = words[PERSON_BOXES["b"].slices]
    lines = np.flatnonzero((empty > 100).any(axis=(1, 2)))
    assert 0 < len(lines) < 30  # one line of text, and no skeleton
    assert not np.array_equal(empty, person[PERSON_BOXES["b"].slices])


def test_cancelled_export_leaves_the_old_file(talk: Path, tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []

    def progress(done: int, total: int) -> None:
        calls.append((done, total))
        if len(calls) > 20:
            raise KeyboardInterrupt

    path = tmp_path / "out" / "s.mp4"
    path.parent.mkdir()
    path.write_text("precious")
    with Recording.open(talk) as recording:
        with pytest.raises(ExportError, match="--force"):
            export(recording, "video", path)
        with pytest.raises(KeyboardInterrupt):
            export(recording, "video", path, replace=True, progress=progress)
        assert [each.read_text() for each in path.parent.iterdir()] == ["precious"]
        assert calls == [(number, 20 * RATE - 2) for number in range(21)]
        calls.clear()
        export(recording, "video", path, replace=True, start=1.0, end=1.5, progress=progress)
    assert calls == [(number, 15) for number in range(16)]
    assert len(list(frames(path))) == 15
    assert list(path.parent.iterdir()) == [path]


def test_rejects_recording_of_plain_series(tmp_path: Path) -> None:
    path = make_scores_recording(tmp_path / "s.mirror", [scored(0.0, 0.0), scored(0.1, 0.0)])
    with Recording.open(path) as recording, pytest.raises(ExportError, match="no landmarks"):
        export(recording, "video", tmp_path / "s.mp4")
    assert not (tmp_path / "s.mp4").exists()


def test_unreadable_video_leaves_the_skeletons(talk: Path, tmp_path: Path) -> None:
    path = make_recording(tmp_path / "s.mirror", seconds=2.0)
    video_paths(path)["a"].write_text("no film")
    image = drawn(path, 1.0)
    place = PERSON_BOXES["a"].fit(640, 480)
    assert image[place.slices].max() > 100
    assert is_near(image[place.y + 2 : place.y + 10, place.x : place.right], BLACK, 0)


def test_error_names_an_unwritable_path(talk: Path) -> None:
    with Recording.open(talk) as recording:
        with pytest.raises(
            ExportError, match=r"cannot write .*talk\.mirror.s\.mp4: Not a directory"
        ):
            export(recording, "video", talk / "s.mp4")
        with Replay.open(talk) as replay, pytest.raises(OSError, match="No such file"):
            write_film(replay, talk.parent / "nowhere" / "s.mp4", progress=lambda *_: None)


def test_video_frame_between_two_poses_is_shown(tmp_path: Path) -> None:
    with Recorder(tmp_path / "s.mirror", {}) as recorder:
        recorder.add_pose("a", pose(0.0))
        recorder.add_pose("a", pose(0.4))
    with VideoWriter(video_paths(recorder.path)["a"]) as writer:
        for number in range(4):
            writer.put(number / 10, np.full((48, 64, 3), 60 * number, np.uint8))
    place = PERSON_BOXES["a"].fit(64, 48)
    with Replay.open(recorder.path) as replay:
        running = Frames(replay, TimeAxis(0.0, 0.4))
        for number in range(4):
            shown = running.draw(number / 10 + 0.05)[place.y + 10, place.x + 10]
            assert is_near(shown, (60 * number,) * 3, 8)


def test_row_is_shown_until_it_is_too_old(tmp_path: Path) -> None:
    with Recorder(tmp_path / "s.mirror", {}) as recorder:
        for frame in range(60):
            recorder.add_pose("a", pose(frame / 15))
        recorder.add_scores([scored(1.0, 0.0), scored(1.1, 0.0)])
    x, y = CENTRE[0], CENTRE[1] - RADIUS // 2
    with Replay.open(recorder.path) as replay:
        running = Frames(replay, TimeAxis(1.15, 3.9))  # the newest row came before the film begins
        for time, is_shown in ((1.15, True), (1.5, True), (1.7, False)):
            image = running.draw(time)
            assert is_near(image[y, x], COLOURS["in_phase"], 5) is is_shown
            assert bool((image[SENTENCE.slices] == COLOURS["text"]).all(axis=-1).any()) is is_shown
