"""Poses in, scores out: pure numpy, a page against the equations."""

from mirror.estimator.estimator import Estimator, synchrony

__all__ = ["Estimator", "synchrony"]
