"""Convert results to types that JSON has, and texts to ones that UTF-8 can encode."""

import dataclasses
import math
from typing import Any

import numpy as np


def encodable(text: str) -> str:
    """Replace lone surrogates, which UTF-8 cannot encode, by question marks.

    They come from file names and arguments that are not UTF-8, clipboards and JSON.
    """
    return text.encode("utf-8", "replace").decode("utf-8")


def to_jsonable(value: Any) -> Any:
    """Convert dataclasses to dicts, arrays to lists, NaN to None, at any depth; see `encodable`."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        return {name: to_jsonable(getattr(value, name)) for name in names}
    if isinstance(value, dict):
        return {to_jsonable(key): to_jsonable(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_jsonable(each) for each in value]
    if isinstance(value, (np.ndarray, np.generic)):
        return to_jsonable(value.tolist())
    if isinstance(value, float) and math.isnan(value):
        return None
    return encodable(value) if isinstance(value, str) else value
