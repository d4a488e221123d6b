"""Fixtures of the tests of sources and rendered people."""

from __future__ import annotations

import socketserver
from collections.abc import Callable, Iterator

import pytest

from tests.support.clips import Server


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
