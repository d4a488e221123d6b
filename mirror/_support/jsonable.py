"""Results as JSON holds them."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np


def to_jsonable(value: Any) -> Any:
    """JSON's own types, however deep: dataclasses are objects, arrays lists, and NaN is null."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            each.name: to_jsonable(getattr(value, each.name)) for each in dataclasses.fields(value)
        }
    if isinstance(value, dict):
        return {key: to_jsonable(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_jsonable(each) for each in value]
    if isinstance(value, (np.ndarray, np.generic)):
        return to_jsonable(value.tolist())
    if isinstance(value, float) and math.isnan(value):
        return None
    return value
