"""Fixtures of the tests of sources and rendered people."""

from __future__ import annotations

import socketserver
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from mirror.capture.synthetic.looks import Looks
from mirror.capture.synthetic.motion import aperiodic, mirrored
from tests.support.clips import Server
from tests.support.tracked import Pair, track_people


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[[type[socketserver.BaseRequestHandler]], int]]:
    """Start servers, each with a handler; return the port."""
    servers: list[Server] = []

    def start(handler: type[socketserver.BaseRequestHandler]) -> int:
        servers.append(Server(handler))
        return servers[-1].port

    yield start
    for server in servers:
        server.close()


@pytest.fixture(scope="session")
def tracked_pairs() -> list[Pair]:
    """Three pairs in which one person follows the other by a known lag, rendered and tracked once.

    They have random looks, sizes, places and gestures.
    """
    rng = np.random.default_rng(12)
    seeds = range(20, 23)
    lags = [rng.uniform(-1.5, 1.5) for _ in seeds]
    people = []
    for seed, lag in zip(seeds, lags, strict=True):
        leader, follower = aperiodic(seed), aperiodic(seed, lag_s=abs(lag))
        a, b = (leader, follower) if lag > 0 else (follower, leader)
        people += [(Looks.random(seed), a), (Looks.random(seed + 1000), mirrored(b))]
    tracked = track_people(people, 13)
    return [Pair(lag, *tracked[2 * k : 2 * k + 2]) for k, lag in enumerate(lags)]
