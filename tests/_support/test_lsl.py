"""Lab Streaming Layer: a missing library, and its clock."""

from __future__ import annotations

import importlib
from types import SimpleNamespace

import pytest

from mirror import MirrorError
from mirror._support import steady_clock
from mirror._support.lsl import clock_offset, import_pylsl
from mirror.session.outputs import open_stream


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ModuleNotFoundError(name="pylsl"), r"lsl:x needs pylsl.*pip install.*\[lsl\]"),
        (RuntimeError("LSL binary library\nwas not found"), "lsl:x needs liblsl.*PYLSL_LIB"),
    ],
)
def test_missing_library_names_the_fix(
    monkeypatch: pytest.MonkeyPatch, error: Exception, message: str
) -> None:
    def missing(_: str) -> None:
        raise error

    monkeypatch.setattr(importlib, "import_module", missing)
    for ask in (import_pylsl, open_stream):
        with pytest.raises(MirrorError, match=message) as caught:
            ask("lsl:x")
        assert "\n" not in str(caught.value)


def test_clock_offset_uses_closest_readings() -> None:
    delays = iter([0.5, 0.001, 0.3, *[0.2] * 100])  # the steady clock's, around each reading
    now = 0.0

    def local_clock() -> float:
        nonlocal now
        now += next(delays)
        return now + 40.0

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steady_clock, "now", lambda: now)
        ahead = clock_offset(SimpleNamespace(local_clock=local_clock))
    assert ahead == pytest.approx(40.0, abs=0.001)
