from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

# The same examples every time, and none judged by how long it took.
hypothesis.settings.register_profile("mirror", derandomize=True, deadline=None)
hypothesis.settings.load_profile("mirror")


@pytest.fixture(scope="session")
def shared() -> Path:
    """Reference data that lies in a folder beside the checkout, and is never part of it."""
    folder = Path(__file__).parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip("the reference data is not here: no folder 'shared' beside the checkout")
    return folder


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that every user may enter, which pytest's own are not."""
    folder = Path(tempfile.mkdtemp(prefix="mirror-public-"))
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o700)
    shutil.rmtree(folder)
