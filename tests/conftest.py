from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

# The same examples in every run, without time limits.
hypothesis.settings.register_profile("mirror", derandomize=True, deadline=None)
hypothesis.settings.load_profile("mirror")


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder with reference data, next to the checkout."""
    folder = Path(__file__).parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip("no reference data: folder 'shared' next to the checkout is missing")
    return folder


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """Folder that every user may enter, unlike tmp_path."""
    folder = Path(tempfile.mkdtemp(prefix="mirror-public-"))
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o700)
    shutil.rmtree(folder)
