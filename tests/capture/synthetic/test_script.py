"""The demo's script, told as events while a session runs."""

from __future__ import annotations

from mirror.capture.synthetic.demo import truth
from mirror.capture.synthetic.script import Script
from mirror.events import Event


class Kept:
    def __init__(self) -> None:
        self.events: list[Event] = []

    def mark(self, event: Event) -> None:
        self.events.append(event)


def test_each_scene_is_marked_once_when_it_has_come() -> None:
    script, session = Script("demo:a", "demo:b"), Kept()
    for time in (0.0, 7.0, 3.0, 40.0, 40.0, 39.0, 80.0):  # a heartbeat may run ahead
        script.mark(session, time)
    assert [(each.time_s, each.text) for each in session.events] == truth(80.0)
    assert {each.kind for each in session.events} == {"truth"}
    assert script
    assert script.now(40.0) == truth(40.0)[-1][1]


def test_other_sources_have_no_script() -> None:
    session = Kept()
    for pair in (("demo:b", "demo:a"), ("a.mp4", "demo:b"), ("0", "1")):
        script = Script(*pair)
        script.mark(session, 100.0)
        assert not script
        assert script.now(100.0) == ""
    assert session.events == []
