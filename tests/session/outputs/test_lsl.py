"""Scores and markers through Lab Streaming Layer, received by its own inlet on this machine."""

from __future__ import annotations

import numpy as np
import pytest

from mirror._support import steady_clock
from mirror.columns import TIMELINE
from mirror.session.outputs import open_stream
from mirror.timeline import COLUMNS, LEVELS
from tests.support import lsl_loopback as loopback
from tests.support.lsl_loopback import pylsl
from tests.support.rows import EVENTS, rows

NEAR = 0.02  # seconds between two readings of two clocks, on a busy machine


def test_every_value_and_stamp_is_received() -> None:
    with open_stream("lsl:synchrony") as stream:
        stream.epoch = steady_clock.now() - 100.0
        began = pylsl.local_clock() - 100.0
        inlet = loopback.inlet("synchrony")
        stream.send(rows()[:4], [])
        stream.send(rows()[4:], [])
        samples, stamps = loopback.pull_samples(inlet, len(rows()))
        described = inlet.info().desc()
    codes: dict[str, dict[float, str]] = {name: {} for name in LEVELS}
    for name, levels in LEVELS.items():
        each = described.child(f"{name}s").child(name)
        while not each.empty():
            codes[name][float(each.child_value("code"))] = each.child_value("name")
            each = each.next_sibling(name)
        assert tuple(codes[name].values()) == levels
    times = [score.time_s for score in rows()]
    assert np.subtract(stamps, began) == pytest.approx(times, abs=NEAR)
    assert np.diff(stamps) == pytest.approx(np.diff(times), abs=1e-6)
    for sample, score in zip(samples, rows(), strict=True):
        for name in LEVELS:
            assert codes[name][sample[COLUMNS.index(name)]] == getattr(score, name)
        numbers = [each for name, each in zip(COLUMNS, sample, strict=True) if name not in LEVELS]
        sent = [getattr(score, name) for name in COLUMNS if name not in LEVELS]
        assert np.array_equal(numbers, sent, equal_nan=True)


def test_stream_description_names_the_channels() -> None:
    with open_stream("lsl:described"):
        info = loopback.inlet("described").info()
        assert info.type() == "Synchrony"
        assert info.nominal_srate() == pylsl.IRREGULAR_RATE
        assert info.channel_format() == pylsl.cf_double64
        assert info.get_channel_labels() == list(COLUMNS)
        units = dict(zip(COLUMNS, info.get_channel_units(), strict=True))
        channel = info.desc().child("channels").child("channel")
        for name in COLUMNS:
            assert channel.child_value("definition") == TIMELINE[name].definition
            channel = channel.next_sibling("channel")
    assert units["time_s"] == units["lag_s"] == "s"
    assert units["relative_phase_deg"] == "degrees"
    assert units["energy_a"] == "shoulder widths"
    assert units["in_phase"] == "none"


def test_events_are_markers() -> None:
    with open_stream("lsl:marked") as stream:
        stream.epoch = steady_clock.now()
        began = pylsl.local_clock()
        inlet = loopback.inlet("marked events")
        assert inlet.info().type() == "Markers"
        stream.send([], EVENTS)
        samples, stamps = loopback.pull_samples(inlet, 2)
    assert samples == [[f"{event.kind}: {event.text}"] for event in EVENTS]
    assert np.subtract(stamps, began) == pytest.approx([event.time_s for event in EVENTS], abs=NEAR)


def test_inlet_reconnects_to_the_next_session() -> None:
    first = open_stream("lsl:again")
    inlet = loopback.inlet("again")
    first.send(rows(), [])
    first.close()
    first.close()
    assert len(loopback.pull_samples(inlet, len(rows()))[0]) == len(rows())
    with open_stream("lsl:again") as second:
        found = None
        while found is None:  # until it is found again; the test's own time limit ends it
            second.send(rows()[1:2], [])
            found, _ = inlet.pull_sample(0.1)
    assert found[0] == rows()[1].time_s
