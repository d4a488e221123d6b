from __future__ import annotations

import json
import math
from dataclasses import dataclass

import numpy as np

from mirror._support.jsonable import to_jsonable


@dataclass(frozen=True, slots=True)
class Result:
    name: str
    values: np.ndarray
    mean: float


def test_converts_results_to_json_types() -> None:
    found = {
        "of": (Result("x", np.array([[1.0, math.nan]]), math.nan),),
        "count": np.int64(3),
        "share": np.float32(0.5),
        "flag": np.bool_(True),
        "none": None,
        "text": "NaN",
        "\udce9": ["caf\udce9"],
    }
    assert json.loads(json.dumps(to_jsonable(found), allow_nan=False)) == {
        "of": [{"name": "x", "values": [[1.0, None]], "mean": None}],
        "count": 3,
        "share": 0.5,
        "flag": True,
        "none": None,
        "text": "NaN",
        "?": ["caf?"],
    }
