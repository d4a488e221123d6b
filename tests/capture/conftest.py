"""Fixtures of the tests of sources and rendered people."""

from __future__ import annotations

import socketserver
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from mirror import Pose
from mirror.capture.synthetic.looks import Looks
from mirror.capture.synthetic.motion import aperiodic, mirrored
from tests.support.clips import Server
from tests.support.once import make_once
from tests.support.tracked import Pair, Person, track_people


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
def tracked_pairs(tmp_path_factory: pytest.TempPathFactory) -> list[Pair]:
    """Three pairs in which one person follows the other by a known lag, at 20 frames a second.

    They have random looks, sizes, places and gestures.
    """

    def track_pairs() -> list[Pair]:
        lags, people = _followers()
        poses = track_people(people, 11, 20)
        return [Pair(lag, *poses[2 * k : 2 * k + 2]) for k, lag in enumerate(lags)]

    return make_once(tmp_path_factory, "tracked pairs", track_pairs)


@pytest.fixture(scope="session")
def slow_poses(tmp_path_factory: pytest.TempPathFactory) -> list[Pose]:
    """B of the first of `tracked_pairs`, at 12.5 frames a second."""
    _, people = _followers()
    return make_once(tmp_path_factory, "slow", lambda: track_people([people[1]], 11, 12.5)[0])


def _followers() -> tuple[list[float], list[Person]]:
    """Return the lags of three pairs, and the six people."""
    rng = np.random.default_rng(12)
    seeds = range(20, 23)
    lags = [rng.uniform(-1.5, 1.5) for _ in seeds]
    people: list[Person] = []
    for seed, lag in zip(seeds, lags, strict=True):
        leader, follower = aperiodic(seed), aperiodic(seed, lag_s=abs(lag))
        a, b = (leader, follower) if lag > 0 else (follower, leader)
        people += [(Looks.random(seed), a), (Looks.random(seed + 1000), mirrored(b))]
    return lags, people
