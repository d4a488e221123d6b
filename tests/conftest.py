from __future__ import annotations

import gc
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from tests.support.once import make_once
from tests.support.rendered import encode_pair

# The same examples in every run, without time limits.
hypothesis.settings.register_profile("mirror", derandomize=True, deadline=None, max_examples=40)
hypothesis.settings.load_profile("mirror")

# A shell without job control starts background jobs with SIGINT ignored, which processes inherit.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Tests of the modules in `[tool.coverage.run]` of pyproject.toml. Only these are traced: the tracer
# costs a third of the time of pure Python.
COVERED = (
    "_support/test_atomic.py",
    "analysis",
    "capture/test_address.py",
    "capture/test_keypoints.py",
    "estimator",
    "recording",
    "session/test_practising.py",
    "session/test_target.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    covered = [Path(__file__).parent / each for each in COVERED]
    for item in items:
        if not any(item.path.is_relative_to(each) for each in covered):
            item.add_marker("no_cover")


def pytest_collection_finish() -> None:
    gc.freeze()  # thousands of tests and modules, which every full collection would visit


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder with reference data, next to the checkout."""
    folder = Path(__file__).parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip("no reference data: folder 'shared' next to the checkout is missing")
    return folder


@pytest.fixture(scope="session")
def slow_pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Videos of two people for live sessions: half a minute, with no more frames than needed."""
    return make_once(
        tmp_path_factory, "slow pair", lambda: encode_pair(tmp_path_factory.mktemp("pair"), 30, 8)
    )


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """Folder that every user may enter, unlike tmp_path."""
    folder = Path(tempfile.mkdtemp(prefix="mirror-public-"))
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o700)
    shutil.rmtree(folder)
