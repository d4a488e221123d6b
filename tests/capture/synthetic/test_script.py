"""The scenes of the demo as events."""

from __future__ import annotations

from mirror.capture.synthetic.demo import truth
from mirror.capture.synthetic.script import Script


def test_gives_each_scene_once_when_it_has_begun() -> None:
    script = Script("demo:a", "demo:b")
    times = (0.0, 7.0, 3.0, 40.0, 40.0, 39.0, 80.0)  # a heartbeat may run ahead
    events = [event for time in times for event in script.new_scenes(time)]
    assert [(event.time_s, event.text) for event in events] == truth(80.0)
    assert {event.kind for event in events} == {"truth"}


def test_other_sources_have_no_scenes() -> None:
    for pair in (("demo:b", "demo:a"), ("a.mp4", "demo:b"), ("0", "1")):
        assert Script(*pair).new_scenes(100.0) == []
