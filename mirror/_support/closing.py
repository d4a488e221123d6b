"""Base class for resources that are context managers."""

from abc import ABC, abstractmethod
from typing import Self


class Closeable(ABC):
    """A resource that closes itself at the end of a ``with`` block."""

    @abstractmethod
    def close(self) -> None:
        """Release the resource; may be called twice."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
