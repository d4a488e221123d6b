"""Posture: whether two people hold their limbs alike, also while neither moves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mirror.estimator.movement import JOINTS, LIMBS, Movement
from mirror.estimator.spectrum import Plan, facing
from mirror.estimator.validity import CODE, SEEN, Array, joint_visibility
from mirror.timeline import State

_ENDS = np.array([[JOINTS.index(joint) for joint in limb] for limb in LIMBS])


def posture_match(plan: Plan, a: Movement, b: Movement, state: NDArray[np.int8]) -> Array:
    """Mean cosine between corresponding limbs' directions in the picture.

    Parameters
    ----------
    plan : Plan
    a, b : Movement
        K windows, as for `mirror.estimator.spectrum.score_windows`; B already mapped onto A, so
        that under the mapping ``mirror`` B's mirror image is compared.
    state : ndarray [K]
        Codes of the windows' states.

    Returns
    -------
    ndarray [K]
        0…1: weighted by the taper over the window, and the mean over the limbs that are seen of
        both people. A mean below 0 (limbs that point apart) is 0. NaN where no limb is seen, or
        the window holds too little of one of the two; stillness is no reason.
    """
    if not a.limbs.shape[1]:
        return np.full(len(state), np.nan)
    both = a.present & b.present
    weights = plan.taper * both
    half = len(LIMBS)
    turned = (facing(a) * facing(b))[:, None, None]
    across, down = (
        a.limbs[:, part] * b.limbs[:, part] for part in (slice(half), slice(half, None))
    )
    cosine = turned * across + down
    with np.errstate(divide="ignore", invalid="ignore"):
        each = (cosine * weights[:, None, :]).sum(axis=-1) / weights.sum(axis=-1)[:, None]
        seen = np.minimum(joint_visibility(a, both), joint_visibility(b, both)) >= SEEN
        shown = seen[:, _ENDS].all(axis=-1)  # [K, limb]
        mean = np.where(shown, each, 0.0).sum(axis=-1) / shown.sum(axis=-1)
    defined = (state == CODE[State.OK]) | (state == CODE[State.STILL])
    return np.where(defined, np.clip(mean, 0.0, 1.0), np.nan)
