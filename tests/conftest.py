from __future__ import annotations

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
