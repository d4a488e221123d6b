"""Poses in, scores out: pure numpy, a page against the equations."""

from __future__ import annotations

from mirror.estimator.estimator import Estimator, synchrony

__all__ = ["Estimator", "synchrony"]
