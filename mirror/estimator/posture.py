"""Posture match: whether two people hold their limbs alike, moving or not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mirror.estimator.movement import JOINTS, LIMBS, Movement
from mirror.estimator.spectrum import Plan, facing
from mirror.estimator.validity import CODE, Array, joint_visibility
from mirror.landmarks import MIN_VISIBILITY
from mirror.timeline import State

_ENDS = np.array([[JOINTS.index(joint) for joint in limb] for limb in LIMBS])


def posture_match(plan: Plan, a: Movement, b: Movement, state: NDArray[np.int8]) -> Array:
    """Return the mean cosine between corresponding limb directions in the frame [K], 0…1.

    Weighted by the taper, and averaged over the limbs visible in both people; negative means are
    0. NaN if no limb is visible, or by `state` (codes [K]) the window is neither scored nor still.
    """
    if not a.limbs.shape[1]:
        return np.full(len(state), np.nan)
    both = a.present & b.present
    weights = plan.taper * both
    half = len(LIMBS)
    turned = (facing(a) * facing(b))[:, None, None]
    product = a.limbs * b.limbs
    cosine = turned * product[:, :half] + product[:, half:]
    with np.errstate(divide="ignore", invalid="ignore"):
        by_limb = (cosine * weights[:, None, :]).sum(axis=-1) / weights.sum(axis=-1)[:, None]
        seen = np.minimum(joint_visibility(a, both), joint_visibility(b, both)) >= MIN_VISIBILITY
        visible = seen[:, _ENDS].all(axis=-1)  # [K, limb]
        mean = np.where(visible, by_limb, 0.0).sum(axis=-1) / visible.sum(axis=-1)
    defined = (state == CODE[State.OK]) | (state == CODE[State.STILL])
    return np.where(defined, np.clip(mean, 0.0, 1.0), np.nan)
