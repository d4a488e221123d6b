"""Run the notebook of the docs in this environment."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from nbformat import NotebookNode

NOTEBOOK = Path(__file__).parents[2] / "docs" / "notebook.ipynb"

# A last cell that returns the values that are checked, by the notebook's names.
_FACTS_CELL = """
import json, sys

body = results[results.region == "body"].set_index("score")
facts = {
    "python": sys.executable,
    "rows": len(table),
    "in phase": means.in_phase.iloc[0],
    "lag": means.lag_s.iloc[1],
    "p": body.p["coherence"],
    "phases": phases.mean_deg.tolist(),
}
json.dumps(facts)
"""


@pytest.fixture(scope="module")
def executed() -> Iterator[NotebookNode]:
    import nbformat
    from nbclient import NotebookClient
    from nbformat.v4 import new_code_cell

    notebook = nbformat.read(NOTEBOOK, as_version=4)
    notebook.cells.append(new_code_cell(_FACTS_CELL))
    kernel = {"metadata": {"path": str(NOTEBOOK.parent)}}
    with pytest.MonkeyPatch.context() as patch:
        # Use the kernel of this environment, not one of the user.
        patch.setenv("JUPYTER_PREFER_ENV_PATH", "1")
        patch.delenv("MPLBACKEND", raising=False)
        patch.delenv("PYTHONWARNINGS", raising=False)
        yield NotebookClient(notebook, timeout=120, resources=kernel).execute()


def outputs(notebook: NotebookNode, kind: str) -> list[str]:
    return [
        each["data"][kind]
        for cell in notebook.cells
        for each in cell.get("outputs", [])
        if kind in each.get("data", {})
    ]


def test_runs_without_warnings(executed: NotebookNode) -> None:
    code = [cell for cell in executed.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    streams = [each for cell in code for each in cell.outputs if each.output_type == "stream"]
    assert streams == []
    assert len(outputs(executed, "image/png")) == 2


def test_results_match_the_script(executed: NotebookNode) -> None:
    facts = json.loads(ast.literal_eval(outputs(executed, "text/plain")[-1]))
    assert facts["python"] == sys.executable
    assert facts["rows"] == 730
    assert facts["in phase"] > 0.9
    assert facts["lag"] == pytest.approx(0.6, abs=0.02)
    assert facts["p"] < 0.01
    errors = [
        (found - true + 180) % 360 - 180
        for found, true in zip(facts["phases"], (0, 180, 90), strict=True)
    ]
    assert errors == pytest.approx([0, 0, 0], abs=5)


def test_stored_notebook_has_no_outputs() -> None:
    import nbformat

    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
    assert notebook.metadata.kernelspec.name == "python3"
    assert NOTEBOOK.stat().st_size < 20_000
