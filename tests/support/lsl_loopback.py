"""Lab Streaming Layer for tests, limited to this machine and a separate session.

Import it before pylsl: liblsl reads its configuration once.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import uuid
import weakref
from pathlib import Path
from typing import Any

import pytest

_FOLDER = Path(tempfile.mkdtemp(prefix="mirror-lsl-"))
atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)
_CONFIG = _FOLDER / "lsl_api.cfg"
_CONFIG.write_text(
    "[multicast]\nResolveScope = machine\n"
    f"[lab]\nSessionID = {uuid.uuid4().hex}\n"
    # Measure a sender's clock in a tenth of the time.
    "[tuning]\nTimeProbeCount = 4\nTimeProbeInterval = 0.01\nTimeUpdateMinProbes = 3\n"
    "[log]\nlevel = -3\n",
    encoding="utf-8",
)
os.environ["LSLAPICFG"] = str(_CONFIG)  # also for commands that tests run

try:
    import pylsl
except (ImportError, RuntimeError) as _error:
    pytest.skip(
        f"Lab Streaming Layer is not available here: {_error}".splitlines()[0],
        allow_module_level=True,
    )

TIMEOUT_S = 20.0

_sending: set[str] = set()


def resolve_at_once(_timeout_s: float) -> list[Any]:
    """Return all streams of this process, as `pylsl.resolve_streams` does after its timeout."""
    return [
        stream
        for uid in sorted(_sending)
        for stream in pylsl.resolve_byprop("uid", uid, timeout=TIMEOUT_S)
    ]


def inlet(name: str) -> Any:
    """Open an inlet to a stream."""
    (stream,) = pylsl.resolve_byprop("name", name, timeout=TIMEOUT_S)
    stream_inlet = pylsl.StreamInlet(stream)
    stream_inlet.open_stream(TIMEOUT_S)
    return stream_inlet


def pull_samples(stream_inlet: Any, count: int) -> tuple[list[list[Any]], list[float]]:
    """Return the next samples and their time stamps."""
    samples, stamps = [], []
    for _ in range(count):
        sample, stamp = stream_inlet.pull_sample(TIMEOUT_S)
        assert sample is not None
        samples.append(sample)
        stamps.append(stamp)
    return samples, stamps


class Sender:
    """A stream that the test feeds."""

    def __init__(
        self,
        name: str,
        labels: list[str],
        *,
        source_id: str = "",
        units: str = "",
        frame_size: tuple[int, int] | None = None,
        channels: int | None = None,
        form: int = pylsl.cf_double64,
        rate: float = 60.0,
    ) -> None:
        count = len(labels) if channels is None else channels
        info = pylsl.StreamInfo(name, "MoCap", count, rate, form, source_id)
        if labels:
            info.set_channel_labels(labels)
        if units:
            info.set_channel_units(units)
        if frame_size is not None:
            element = info.desc().append_child("picture")
            element.append_child_value("width", str(frame_size[0]))
            element.append_child_value("height", str(frame_size[1]))
        self._outlet: Any = pylsl.StreamOutlet(info)
        self._uid: str = self._outlet.get_info().uid()
        _sending.add(self._uid)
        weakref.finalize(self, _sending.discard, self._uid)

    def wait(self) -> None:
        """Wait for a consumer."""
        assert self._outlet.wait_for_consumers(TIMEOUT_S)

    def push(self, sample: list[Any], stamp: float) -> None:
        self._outlet.push_sample(sample, stamp)

    def end(self) -> None:
        self._outlet = None
        _sending.discard(self._uid)
