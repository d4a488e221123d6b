from __future__ import annotations

import fcntl
import functools
import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Generator, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from tests.support.once import make_once
from tests.support.rendered import encode_pair

os.environ["TERM"] = "xterm"  # on a dumb terminal, as an editor's, Rich draws no progress

# The same examples in every run, without time limits.
hypothesis.settings.register_profile(
    "mirror",
    derandomize=True,
    deadline=None,
    max_examples=40,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("mirror")

# Tests of the modules in `[tool.coverage.run]` of pyproject.toml. Only these are traced, with their
# fixtures and but for those marked "untraced": the tracer doubles the time of pure Python.
COVERED = (
    "_support/test_atomic.py",
    "analysis",
    "capture/test_address.py",
    "capture/test_secrets.py",
    "capture/test_keypoints.py",
    "estimator",
    "recording",
    "session/test_target.py",
)
# Long tests in these folders that reach no line that the others do not.
NOT_COVERED = (
    "analysis/published",
    "analysis/test_pseudo_dyads.py",
    "estimator/test_noise.py",
    "estimator/test_posture.py",
    "recording/test_anonymize.py",
    "recording/test_delete.py",
    "recording/test_faults.py",
    "recording/test_hostile_recordings.py",
    "recording/test_library.py",
    "recording/test_playback_rows.py",
    "recording/test_recordings_of_series.py",
    "recording/test_rename.py",
    "recording/test_sample.py",
    "recording/test_video.py",
)

# Begun first: one that is left for the end runs alone.
LONGEST = (
    "validation/test_quick.py",
    "session/test_simulator.py",
    "session/test_disk.py",
    "session/test_chunks.py",
    "study/test_run.py",
    "cli/test_examples.py",
    "ui/session/test_page.py",
)


@functools.cache
def is_covered(path: Path) -> bool:
    folder = Path(__file__).parent
    inside, left_out = (
        any(path.is_relative_to(folder / each) for each in names)
        for names in (COVERED, NOT_COVERED)
    )
    return inside and not left_out


def find_controller(config: pytest.Config) -> Any:
    """Return what pytest-cov starts and stops tracing with; None without coverage."""
    return getattr(config.pluginmanager.getplugin("_cov"), "cov_controller", None)


def trace(config: pytest.Config, *, on: bool) -> None:
    """Let pytest-cov, if it is used, trace what runs from now on, or not."""
    controller = find_controller(config)
    if controller is not None and controller.started is not on:
        (controller.resume if on else controller.pause)()


@pytest.hookimpl(trylast=True)  # after pytest-cov has started
def pytest_sessionstart(session: pytest.Session) -> None:
    """Import the covered modules while they are traced, and leave out all other imports."""
    controller = find_controller(session.config)
    if controller is None or session.config.getoption("dist", "no") != "no":
        return  # without coverage, or in the process that only hands out tests
    root = session.config.rootpath
    for pattern in controller.cov.get_option("run:include"):
        for path in sorted(root.glob(pattern)):
            if path.suffix == ".py":
                parts = path.relative_to(root).with_suffix("").parts
                import_module(".".join(parts).removesuffix(".__init__"))
    trace(session.config, on=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    trace(item.config, on=is_covered(item.path) and not item.get_closest_marker("untraced"))
    return (yield)


def is_rewritten(path: Path) -> bool:
    """Whether a module is cached with its assertions rewritten, maybe by an older pytest."""
    return any((path.parent / "__pycache__").glob(f"{path.stem}.*-pytest-*.pyc"))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, object, object]:
    """Let one process rewrite a module, and the others read it: most of the first collection."""
    if not isinstance(collector, pytest.Module) or is_rewritten(collector.path):
        return (yield)
    with collector.path.open("rb") as file:
        if not sys.dont_write_bytecode:
            fcntl.flock(file, fcntl.LOCK_EX)
        return (yield)


def pytest_collection() -> None:
    gc.disable()  # what is made stays, and every collection would visit all of it


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest tests, in the order of `LONGEST`."""
    places = {Path(__file__).parent / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path, len(LONGEST)))


def pytest_collection_finish() -> None:
    gc.freeze()  # thousands of tests and modules, which every full collection would visit
    gc.enable()


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
