"""Libraries that are installed only where somebody asked for them."""

from __future__ import annotations

import importlib
from types import ModuleType

from mirror.errors import MirrorError


def import_optional(module: str, extra: str, wanted_by: str) -> ModuleType:
    """Import a library that may be missing.

    Parameters
    ----------
    module : str
        As it is imported.
    extra : str
        The optional dependency of this package that brings it.
    wanted_by : str
        What needs it, for the error.

    Raises
    ------
    MirrorError
        Where it is not installed; the line says how it is.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.partition(".")[0]:  # it is there, and lacks something itself
            raise
        raise MirrorError(
            f"{wanted_by} needs {error.name}, which is not installed; "
            f"pip install 'mirror-synchrony[{extra}]'"
        ) from error
