from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from ui.replay.player import SPEEDS, Player, neighbour


class Clock:
    """A clock set by the test."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def player(qtbot: QtBot, clock: Clock) -> Player:
    player = Player(clock)
    player.load(60.0)
    return player


def after(player: Player, clock: Clock, seconds: float) -> float:
    """Return the player's time after some seconds."""
    clock.now += seconds
    player.tick()
    return player.time


def test_stays_at_start_until_played(player: Player, clock: Clock) -> None:
    assert (player.time, player.duration, player.playing) == (0.0, 60.0, False)
    assert after(player, clock, 5.0) == 0.0
    player.play()
    assert player.playing
    assert after(player, clock, 5.0) == 5.0
    player.pause()
    assert after(player, clock, 5.0) == 5.0


def test_pause_does_not_count(player: Player, clock: Clock) -> None:
    player.play()
    after(player, clock, 2.0)
    player.toggle()
    assert not player.playing
    clock.now += 30.0
    player.toggle()
    assert after(player, clock, 1.0) == 3.0


@pytest.mark.parametrize("speed", SPEEDS)
def test_speed_is_recorded_seconds_per_second(player: Player, clock: Clock, speed: float) -> None:
    player.set_speed(speed)
    player.play()
    assert after(player, clock, 2.0) == pytest.approx(2.0 * speed)


def test_speed_change_applies_from_now_on(player: Player, clock: Clock) -> None:
    player.play()
    clock.now += 3.0
    player.set_speed(4.0)
    assert after(player, clock, 2.0) == pytest.approx(3.0 + 8.0)


def test_twice_and_half_the_speed_step_through_speeds(player: Player) -> None:
    for speed in (2.0, 4.0, 8.0, 8.0):
        player.set_speed(2 * player.speed)
        assert player.speed == speed
    for speed in (4.0, 2.0, 1.0, 0.5, 0.25, 0.25):
        player.set_speed(player.speed / 2)
        assert player.speed == speed


def test_late_tick_catches_up(player: Player, clock: Clock) -> None:
    moments: list[float] = []
    player.moved.connect(moments.append)
    player.play()
    after(player, clock, 0.016)
    after(player, clock, 1.0)
    assert moments == pytest.approx([0.016, 1.016])


def test_stops_at_end_and_restarts_from_start(player: Player, clock: Clock) -> None:
    player.seek(58.0)
    player.play()
    assert after(player, clock, 5.0) == 60.0
    assert not player.playing
    player.play()
    assert (player.time, player.playing) == (0.0, True)


def test_plays_backwards_and_stops_at_start(player: Player, clock: Clock) -> None:
    player.seek(10.0)
    player.shuttle(-1)
    assert player.direction == -1
    assert after(player, clock, 4.0) == pytest.approx(6.0)
    assert after(player, clock, 7.0) == 0.0
    assert not player.playing


def test_shuttle_doubles_speed_and_resets_on_turning(player: Player, clock: Clock) -> None:
    player.seek(20.0)
    for speed in (1.0, 2.0, 4.0, 8.0, 8.0):
        player.shuttle(1)
        assert (player.direction, player.speed) == (1, speed)
    player.shuttle(-1)
    assert (player.direction, player.speed) == (-1, 1.0)
    player.shuttle(-1)
    assert after(player, clock, 2.0) == pytest.approx(16.0)
    player.pause()
    player.shuttle(1)
    assert (player.direction, player.speed) == (1, 1.0)


def test_shuttle_after_pause_resets_speed(player: Player) -> None:
    player.shuttle(1)
    player.shuttle(1)
    player.pause()
    player.shuttle(1)
    assert player.speed == 1.0


def test_seek_is_limited_and_playing_continues(player: Player, clock: Clock) -> None:
    player.seek(-3.0)
    assert player.time == 0.0
    player.seek(99.0)
    assert player.time == 60.0
    player.seek(30.0)
    player.play()
    clock.now += 1.0
    player.seek(40.0)
    assert after(player, clock, 1.0) == pytest.approx(41.0)


def test_skip_includes_time_since_last_tick(player: Player, clock: Clock) -> None:
    player.play()
    clock.now += 2.0
    player.skip(10.0)
    assert player.time == pytest.approx(12.0)
    player.skip(-1.0)
    assert player.time == pytest.approx(11.0)


def test_step_pauses_and_moves_by_frames(player: Player) -> None:
    frames = [0.0, 0.033, 0.066]
    player.play()
    player.step(frames, 1)
    assert (player.time, player.playing) == (0.033, False)
    player.step(frames, 1)
    player.step(frames, 1)
    assert player.time == 0.066
    player.step(frames, -1)
    assert player.time == 0.033
    player.seek(0.05)
    player.step(frames, -1)
    assert player.time == 0.033


def test_jump_returns_the_next_event(player: Player) -> None:
    events = [10.0, 10.3, 20.0]
    assert player.jump(events, 1) == 10.0
    assert player.jump(events, 1) == 10.3
    assert player.jump(events, -1) == 10.0
    assert player.jump(events, -1) is None
    assert player.time == 10.0


def test_jump_back_while_playing_skips_event_just_passed(player: Player, clock: Clock) -> None:
    events = [5.0, 10.0]
    player.seek(10.0)
    player.play()
    after(player, clock, 0.2)
    assert player.jump(events, -1) == 5.0
    player.pause()
    player.seek(10.2)
    assert player.jump(events, -1) == 10.0


def test_loop_wraps_to_start(player: Player, clock: Clock) -> None:
    player.select((10.0, 14.0))
    player.set_looping(True)
    player.seek(12.0)
    player.play()
    assert after(player, clock, 3.0) == pytest.approx(11.0)
    assert after(player, clock, 9.0) == pytest.approx(12.0)
    assert player.playing


def test_loop_backwards_wraps_to_end(player: Player, clock: Clock) -> None:
    player.select((10.0, 14.0))
    player.set_looping(True)
    player.seek(11.0)
    player.play(-1)
    assert after(player, clock, 2.0) == pytest.approx(13.0)


@pytest.mark.parametrize(("outside", "direction", "inside"), [(30.0, 1, 10.0), (2.0, -1, 14.0)])
def test_loop_moves_outside_time_inside(
    player: Player, clock: Clock, outside: float, direction: int, inside: float
) -> None:
    player.select((10.0, 14.0))
    player.set_looping(True)
    player.seek(outside)
    player.play(1 if direction > 0 else -1)
    assert player.time == inside
    player.seek(outside)
    assert after(player, clock, 0.5) == inside


def test_loop_without_selection_covers_recording(player: Player, clock: Clock) -> None:
    player.set_looping(True)
    player.seek(59.0)
    player.play()
    assert after(player, clock, 3.0) == pytest.approx(2.0)


def test_sets_selection_start_and_end(player: Player) -> None:
    player.seek(10.0)
    player.start_selection()
    assert player.selection == (10.0, 60.0)
    player.seek(20.0)
    player.end_selection()
    assert player.selection == (10.0, 20.0)
    player.seek(15.0)
    player.start_selection()
    assert player.selection == (15.0, 20.0)
    player.seek(30.0)
    player.start_selection()
    assert player.selection == (30.0, 60.0)
    player.seek(5.0)
    player.end_selection()
    assert player.selection == (0.0, 5.0)


def test_selection_without_length_is_none(player: Player) -> None:
    player.select((5.0, 5.0))
    assert player.selection is None
    player.end_selection()
    assert player.selection is None
    player.select((70.0, 30.0))
    assert player.selection == (30.0, 60.0)
    player.select(None)
    assert player.selection is None


def test_emits_changed_once_per_change(player: Player) -> None:
    told: list[None] = []
    player.changed.connect(lambda: told.append(None))
    player.pause()
    player.set_looping(False)
    player.select(None)
    assert not told
    player.play()
    player.pause()
    player.set_looping(True)
    player.select((1.0, 2.0))
    assert len(told) == 4


def test_load_resets_everything(player: Player) -> None:
    player.seek(50.0)
    player.select((1.0, 2.0))
    player.set_looping(True)
    player.shuttle(-1)
    player.shuttle(-1)
    player.load(10.0)
    assert (player.time, player.duration, player.playing) == (0.0, 10.0, False)
    assert (player.speed, player.direction) == (1.0, 1)
    assert (player.selection, player.looping) == (None, False)


def test_empty_recording_stops_at_once(player: Player, clock: Clock) -> None:
    player.load(0.0)
    player.play()
    assert after(player, clock, 1.0) == 0.0
    assert not player.playing


def test_timer_moves_time(qtbot: QtBot) -> None:
    player = Player()
    player.load(60.0)
    with qtbot.waitSignal(player.moved):
        player.play()
    player.pause()


def test_neighbour_is_strictly_before_or_after() -> None:
    times = [1.0, 2.0, 2.0, 3.0]
    assert neighbour(times, 2.0, 1) == 3.0
    assert neighbour(times, 2.0, -1) == 1.0
    assert neighbour(times, 3.0, 1) is None
    assert neighbour([], 0.0, -1) is None
