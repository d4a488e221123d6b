from __future__ import annotations

import sys
import time

import pytest

from mirror._support import steady_clock


@pytest.mark.skipif(sys.platform != "linux", reason="Linux's clock")
def test_includes_time_asleep(monkeypatch: pytest.MonkeyPatch) -> None:
    reading = {time.CLOCK_BOOTTIME: 4000.0, time.CLOCK_MONOTONIC: 400.0}
    monkeypatch.setattr(time, "clock_gettime", reading.__getitem__)
    assert steady_clock.now() == 4000.0


def test_never_runs_backwards(monkeypatch: pytest.MonkeyPatch) -> None:
    before = steady_clock.now()
    monkeypatch.setattr(time, "time", lambda: 0.0)
    readings = [steady_clock.now() for _ in range(1000)]
    assert [before, *readings] == sorted([before, *readings])
    assert readings[-1] - before < 60.0
