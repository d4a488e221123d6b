from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

FAULTS = """
import resource, sys
import numpy as np
from mirror._support import process
process.reuse_freed_memory()
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
def make_frames(count):
    for number in range(count):
        decoded = np.full((480, 640, 3), number % 256, np.uint8)
        copy = decoded.copy()
        del decoded
        rest = copy.copy()
        del copy, rest
make_frames(20)
before = faults()
make_frames(200)
print((faults() - before) / 200)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="needs glibc")
def test_new_frames_reuse_freed_memory() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FAULTS],
        env=os.environ | {"MALLOC_TRIM_THRESHOLD_": "65536"},  # as Dask starts its workers
        capture_output=True,
        text=True,
        check=True,
    )
    assert float(done.stdout) < 5  # pages; a frame has 225
