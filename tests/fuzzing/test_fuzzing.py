"""Coverage-guided fuzzing of everything that reads files and texts of strangers.

MIRROR_FUZZING_SECONDS is the time for each target; ``make soak`` takes a minute. Without it, some
hundreds of inputs are tried. A failing input is printed in full.
"""

from __future__ import annotations

import importlib.util
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

import mirror
from mirror import Score, State
from mirror.events import Event
from mirror.recording.writer import Recorder
from mirror.settings import Settings
from mirror.timeline import COLUMNS
from tests.support.people import empty_pose, pose

SECONDS = int(os.environ.get("MIRROR_FUZZING_SECONDS", "0"))
TARGET = Path(__file__).with_name("target.py")
FOUND = sorted(Path(__file__).with_name("found").iterdir())
"""Earlier failing inputs, which are tried first."""
SEED = 20261124
MEMORY = 1024
"""Limit of the whole process, megabytes."""

ADDRESSES = (
    "0",
    "demo:a#flip",
    "lsl:left hand#up=z&flip",
    "room.mp4#t=10,70&left",
    "a#b.mp4#t=npt:0:01:30.5,&xywh=percent:0,0,50,100",
    "/dev/video2#xywh=pixel:10,10,200,300",
    "rtsp://me:secret@10.0.0.2:554/x#right",
)
TOMLS = (
    'window = 8.0\ntaper = "hann"\nhop = 0.2\nband = [0.2, 3.0]\n',
    'max-lag = 3\nmapping = "same-side"\nrate = 60\nfloor = 1e-2 # of a shoulder width\n',
    "[window]\nhop = [1979-05-27T07:32:00Z, {rate = '''x'''}]\n",
)
SERIES = (
    "time,pat,th\n0,1.5,NA\n0.04,-2e1,3\n0.08,,4\n",
    '"time" "th" "pat"\n1 2 3\n2 3 4\n',
    "time;pat;th\n0,5;1,5;2\n\n0,6;3;4\n",
)
WORDS = {
    "recording": ("ok", "warming_up", "settings", "window", "mark", "NULL"),
    "address": ("#t=", "&", "xywh=percent:", "xywh=pixel:", "npt:", "flip", "left", "up=", "://"),
    "settings": (*Settings().to_dict(), "lopsided", "mirror", "inf", "nan", "true", "[", "1e999"),
    "series": ("time", "pat", "th", "1e300", "5e-324", "-", "NaN", "\\x00", "\\x22", ";"),
}
RUNS = {"recording": 200, "address": 400, "settings": 300, "series": 300}

pytestmark = [
    pytest.mark.timeout(120 + 3 * SECONDS),
    pytest.mark.skipif(
        importlib.util.find_spec("atheris") is None,
        reason="atheris needs Linux on x86-64 and Python up to 3.13",
    ),
]


def short_recording(path: Path) -> bytes:
    """Write a recording with a little of everything."""
    with Recorder(path, {"settings": Settings().to_dict(), "labels": {"a": "Anna"}}) as recorder:
        for k in range(4):
            recorder.add_pose("a", pose(k / 30))
            recorder.add_pose("b", empty_pose(k / 30) if k == 2 else pose(k / 30))
        rng = np.random.default_rng(SEED)
        recorder.add_scores(
            [
                Score(0.1, State.WARMING_UP),
                Score(0.2, State.OK, *rng.random(len(COLUMNS) - 3).tolist()),
            ]
        )
        recorder.add_event(Event(0.1, "mark", "here"))
    # Small pages have little unused space, in which changed bytes have no effect.
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = DELETE")
        db.execute("PRAGMA page_size = 512")
        db.execute("VACUUM")
    return path.read_bytes()


def seeds(target: str, folder: Path) -> list[bytes]:
    if target == "recording":
        return [short_recording(folder / "s.mirror"), *(each.read_bytes() for each in FOUND)]
    texts = {"address": ADDRESSES, "settings": TOMLS, "series": SERIES}
    return [text.encode() for text in texts[target]]


@pytest.mark.parametrize("target", RUNS)
def test_every_input_gives_a_result_or_an_error(target: str, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(seeds(target, tmp_path)):
        (corpus / str(number)).write_bytes(seed)
    words = tmp_path / "words.txt"
    words.write_text("".join(f'"{word}"\n' for word in WORDS[target]))
    folders = [str(Path(mirror.__file__).parents[1]), *sys.path]
    fuzzing = subprocess.run(
        [
            # A child of the shell: a process inherits the peak memory of the one that spawns it.
            *("sh", "-c", '"$@"; exit $?', "sh"),
            *(sys.executable, "-W", "error", str(TARGET), target, str(corpus)),
            f"-seed={SEED}",
            f"-max_total_time={SECONDS}" if SECONDS else f"-runs={RUNS[target]}",
            f"-dict={words}",
            f"-artifact_prefix={tmp_path}/",
            f"-rss_limit_mb={MEMORY}",
            "-timeout=20",
            "-max_len=20000",
            "-print_final_stats=1",
        ],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, folders))},
        cwd=tmp_path,  # has only these files for an address to name
        capture_output=True,
        text=True,
        errors="replace",
        timeout=90 + 2 * SECONDS,
        check=False,
    )
    output = fuzzing.stdout + fuzzing.stderr
    # libFuzzer writes failing inputs to crash-…, timeout-…, oom-…
    failing = [path.read_bytes() for path in tmp_path.glob("*-*")]
    assert fuzzing.returncode == 0, f"{output[-4000:]}\n{failing}"
    tried = re.search(r"stat::number_of_executed_units: +(\d+)", output)
    assert tried is not None, output[-4000:]
    sys.stdout.write(f"{target}: {tried[1]} inputs, {len(list(corpus.iterdir()))} kept\n")
    assert int(tried[1]) >= (SECONDS or RUNS[target])
    # Without coverage, no inputs beyond the seeds would be kept.
    assert len(list(corpus.iterdir())) > 2 * len(seeds(target, tmp_path))
