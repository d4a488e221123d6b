"""The README's pictures, from a real analysis of the demo: ``python docs/pictures.py``."""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt
from rich.console import Console
from rich.progress import track

from mirror import Recording, Settings, State
from mirror.capture import open_pair
from mirror.capture.pose_model import provide_model
from mirror.capture.synthetic.demo import LENGTH, SCRIPT, truth
from mirror.capture.tracker import PoseTracker
from mirror.cli.meter import ANTI_PHASE, IN_PHASE, TerminalMeter
from mirror.events import Event
from mirror.recording.provenance import session_metadata
from mirror.recording.writer import Recorder
from mirror.session.base import Update
from mirror.session.feeds import FeedStatus
from mirror.session.offline import OfflineSession

FOLDER = Path(__file__).parent
MOMENT = 27.4
"""Second of the demo that the terminal meter is shown at: B follows A."""


def analyzed(path: Path) -> Path:
    """The demo, every frame of it, through the real pipeline."""
    sources = ("demo:a", "demo:b")
    about = session_metadata(Settings(), sources, provide_model())
    recorder = Recorder(path, about)
    session = OfflineSession(
        *open_pair(*sources), Settings(), tracker=PoseTracker, recorder=recorder
    )
    for _ in track(session.run(), "Analyzing the demo", total=round(2 * 30 * LENGTH)):
        pass
    return recorder.path


def terminal_meter(recording: Recording) -> None:
    """The terminal meter as it stood at one moment, as SVG."""
    meter = TerminalMeter(
        Console(width=80, file=io.StringIO()),
        "demo",
        lambda: "● Recording recordings/2026-11-23_10-15-02.mirror — 1.4 MB",
    )
    status = {
        feed: FeedStatus(f"demo:{feed}", 822, 0, True, 822, 30.0, None) for feed in ("a", "b")
    }
    for score in recording.timeline():
        if score.time_s <= MOMENT:
            meter.show(Update(score.time_s, scores=(score,)), status, [])
    scene = Event(MOMENT, "truth", truth(MOMENT)[-1][1])
    meter.show(Update(MOMENT, events=(scene,)), status, [])
    console = Console(record=True, width=80, file=io.StringIO(), emoji=False)
    console.print(meter.render())
    console.save_svg(str(FOLDER / "terminal-meter.svg"), title="mirror demo")


def timeline(recording: Recording) -> None:
    """The demo's timeline over its known truth, as PNG."""
    scores = recording.timeline()
    ok = scores.state == State.OK
    figure, axes = plt.subplots(figsize=(9.6, 3.2), dpi=110, layout="constrained")
    for name, sign, colour, label in (
        ("in_phase", 1, IN_PHASE, "in phase"),
        ("anti_phase", -1, ANTI_PHASE, "anti-phase"),
    ):
        values = np.where(ok, sign * scores[name], np.nan)
        axes.fill_between(scores.time_s, 0, values, color=colour, lw=0, label=label)
        level = sign * scores[f"chance_{name}"]
        axes.plot(scores.time_s, level, color="0.35", lw=0.8, ls="--")
    for scene in SCRIPT:
        axes.axvline(scene.start, color="0.6", lw=0.8)
        text = scene.text.split(":")[0].split("(")[0].replace(", ", ",\n").strip()
        text = text.replace("B follows A by 0.6 s", "B follows\nby 0.6 s").replace(
            "A is a quarter cycle ahead", "A a quarter\ncycle ahead"
        )
        axes.text(scene.start + 0.4, 1.02, text, fontsize=8, va="bottom")
    axes.fill_between(
        scores.time_s, -1, 1, where=~ok, color="0.92", lw=0, label="no score", step="mid"
    )
    axes.axhline(0, color="0.2", lw=0.8)
    axes.set(xlim=(0, scores.time_s[-1]), ylim=(-1, 1), xlabel="seconds")
    axes.set_yticks([-1, 0, 1], ["1", "0", "1"])
    axes.legend(loc="lower right", fontsize=8, ncols=3, framealpha=1)
    figure.savefig(FOLDER / "demo-timeline.png")


def main() -> None:
    """Make both pictures, from a recording of the demo or from a new one."""
    with tempfile.TemporaryDirectory() as folder:
        named = Path(sys.argv[1]) if len(sys.argv) > 1 else analyzed(Path(folder) / "demo.mirror")
        with Recording.open(named) as recording:
            terminal_meter(recording)
            timeline(recording)


if __name__ == "__main__":
    main()
