"""Values that are expensive to make, made once a run and shared by all test processes."""

from __future__ import annotations

import fcntl
import pickle
from collections.abc import Callable
from typing import TypeVar

import pytest

T = TypeVar("T")


def make_once(factory: pytest.TempPathFactory, name: str, make: Callable[[], T]) -> T:
    """Return `make()`, called by the first process of the run that asks for `name`."""
    # With pytest-xdist each process has a folder of its own in the run's.
    folder = factory.getbasetemp()
    folder = folder.parent if folder.name.startswith("popen-") else folder
    path = folder / f"{name}.pickle"
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            path.write_bytes(pickle.dumps(make()))
        value: T = pickle.loads(path.read_bytes())
    return value
