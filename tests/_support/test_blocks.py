from __future__ import annotations

import platform
import subprocess
import sys

import pytest

FAULTS = """
import resource, sys
import numpy as np
from mirror._support.blocks import keep_blocks
if sys.argv[1] == "kept":
    keep_blocks()
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
def pictures(count):
    for number in range(count):
        decoded = np.full((480, 640, 3), number % 256, np.uint8)
        copy = decoded.copy()
        del decoded
        rest = copy.copy()
        del copy, rest
pictures(20)
before = faults()
pictures(200)
print((faults() - before) / 200)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="is for glibc alone")
def test_pictures_take_no_new_memory_once_there_were_some() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FAULTS, "kept"], capture_output=True, text=True, check=True
    )
    assert float(done.stdout) < 5  # pages; a picture has 225
