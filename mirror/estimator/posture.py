"""How alike two postures are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mirror.estimator.movement import JOINTS, LIMBS
from mirror.estimator.validity import Array

_NEAR, _FAR = (np.array([JOINTS.index(limb[end]) for limb in LIMBS]) for end in (0, 1))


def posture_match(
    products: Array, weights: Array, facing: Array, is_visible: NDArray[np.bool_]
) -> Array:
    """Return the mean cosine between corresponding limb directions in the frame [K], 0…1.

    Averaged over the limbs visible in both people; negative means are 0. NaN if no limb is visible.

    Parameters
    ----------
    products : ndarray [K, 2 · limb]
        Sums over each window, weighted by the taper, of the products of A's and B's limb
        directions: x of each of `LIMBS`, then y.
    weights : ndarray [K, sample]
        The taper, 0 where one of the two is missing.
    facing : ndarray [person, K]
        −1 if seen from behind, else 1.
    is_visible : ndarray, bool [K, joint]
        Joints that are visible in both people.
    """
    half = len(LIMBS)
    turned = (facing[0] * facing[1])[:, None]
    cosine = turned * products[:, :half] + products[:, half:]
    by_limb = cosine / weights.sum(axis=-1)[:, None]
    visible = is_visible[:, _NEAR] & is_visible[:, _FAR]
    mean = np.where(visible, by_limb, 0.0).sum(axis=-1) / visible.sum(axis=-1)
    match: Array = np.minimum(np.maximum(mean, 0.0), 1.0)
    return match
