"""Import optional dependencies."""

import importlib
from types import ModuleType

from mirror.errors import MissingLibraryError


def import_optional(module: str, extra: str, wanted_by: str) -> ModuleType:
    """Import an extra's library, or raise MissingLibraryError: what wants it, how to install it."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.partition(".")[0]:  # installed, but one of its imports is missing
            raise
        raise MissingLibraryError(
            f"{wanted_by} needs {error.name}, which is not installed; "
            f"pip install 'mirror-synchrony[{extra}]'"
        ) from error
