"""Scores are the same to the last bit, alone or among others, on any number of threads."""

from __future__ import annotations

import functools
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from mirror import Pose, Settings, Tick, Timeline, synchrony
from mirror.estimator.estimator import Estimator
from mirror.estimator.products import dot, product
from mirror.estimator.signals import Signals
from mirror.timeline import COLUMNS, LEVELS
from tests.support.effort import cases

RATE = 30.0


def related(
    seed: int, ticks: int, channels: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Two people who wander, partly together, with gaps; one channel does not move for a while."""
    rng = np.random.default_rng(seed)
    a, other = np.cumsum(rng.standard_normal((2, ticks, channels)), axis=1)
    b = 0.6 * a + other
    for each in (a, b):
        start, length = int(rng.integers(0, ticks)), int(rng.integers(0, 40))
        each[start : start + length] = np.nan
        each[ticks // 2 :, int(rng.integers(0, channels))] = 1.7
    return a, b


@pytest.mark.untraced
@given(
    seed=st.integers(0, 2**32 - 1),
    channels=st.sampled_from([1, 2, 3, 7, 40]),
    window=st.sampled_from([1.0, 3.3, 6.0]),
    rate=st.sampled_from([30.0, 25.0, 61.7]),
    hop=st.sampled_from([1.0, 3.0, 2.5]),
    block=st.integers(1, 400),
)
@settings(max_examples=cases(8, 18), deadline=None)
def test_rows_of_series_do_not_depend_on_how_many_ticks_come_at_once(
    seed: int, channels: int, window: float, rate: float, hop: float, block: int
) -> None:
    used = Settings(window=window, rate=rate, hop=hop / rate, floor=0.0)
    a, b = related(seed, 420, channels)
    names = tuple(map(str, range(channels)))

    def sample(time: float, values: NDArray[np.float64]) -> Pose | None:
        return None if np.isnan(values).any() else Pose(time, None, None, 1, 1, values)

    ticks = [
        Tick(k / rate, sample(k / rate, one), sample(k / rate, other))
        for k, (one, other) in enumerate(zip(a, b, strict=True))
    ]
    estimator = Estimator(used, Signals(names, names))
    parts = [estimator.update_all(ticks[k : k + block]) for k in range(0, len(ticks), block)]
    streamed = Timeline.from_scores([score for part in parts for score in part])
    at_once = synchrony(a, b, rate, settings=used)
    for name in COLUMNS:  # an array does not tell a gap from a missing person
        if name not in LEVELS:
            assert np.array_equal(streamed[name], at_once[name], equal_nan=True), name


@given(
    seed=st.integers(0, 2**32 - 1),
    rows=st.sampled_from([1, 2, 26, 33, 130]),
    inner=st.sampled_from([3, 46, 180, 700, 9000]),
    columns=st.sampled_from([1, 2, 47, 121, 200]),
    count=st.integers(1, 5),
)
@settings(max_examples=18, deadline=None)
def test_products_of_any_size_are_right_and_do_not_depend_on_the_stack(
    seed: int, rows: int, inner: int, columns: int, count: int
) -> None:
    rng = np.random.default_rng(seed)
    left = rng.standard_normal((count, rows, inner))
    right = rng.standard_normal((inner, columns))
    found = product(left, right)
    assert np.allclose(found, np.einsum("kri,ic->krc", left, right), atol=1e-9)
    for number in range(count):
        assert np.array_equal(product(left[number][None], right)[0], found[number])


def test_dot_products_of_long_vectors_are_right_and_do_not_depend_on_the_stack() -> None:
    x, y = np.random.default_rng(0).standard_normal((2, 3, 20_000))
    found = dot(x, y)
    assert np.allclose(found, (x * y).sum(axis=-1), atol=1e-9)
    assert np.array_equal(dot(x[1:2], y[1:2])[0], found[1])


_CASES = """
import sys
from tests.estimator.test_equal_bits import scores_of_long_and_wide_series
sys.stdout.write(scores_of_long_and_wide_series())
"""


@functools.cache
def scores_of_long_and_wide_series() -> str:
    """Return a checksum of scores whose products are far larger than the default ones."""
    digest = hashlib.sha256()
    for seed, channels, window, lag in ((1, 3, 6.0, 2.0), (2, 90, 20.0, 6.0), (3, 2, 45.0, 20.0)):
        used = Settings(window=window, max_lag=lag, hop=window / 4)
        a, b = related(seed, 1500, channels)
        timeline = synchrony(a, b, RATE, settings=used)
        for name in COLUMNS:
            digest.update(np.ascontiguousarray(timeline[name]).tobytes())
    return digest.hexdigest()


@pytest.mark.parametrize("threads", [1, 3])
def test_scores_do_not_depend_on_the_number_of_threads(threads: int) -> None:
    path = str(Path(__file__).parents[2])
    limits = {f"{name}_NUM_THREADS": str(threads) for name in ("OPENBLAS", "MKL", "OMP")}
    found = subprocess.run(
        [sys.executable, "-c", _CASES],
        env=os.environ | limits | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout == scores_of_long_and_wide_series()
