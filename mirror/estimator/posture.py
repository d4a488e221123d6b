"""How alike two postures are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mirror.estimator.movement import JOINTS, LIMBS
from mirror.estimator.products import dot
from mirror.estimator.validity import Array

_NEAR, _FAR = (np.array([JOINTS.index(limb[end]) for limb in LIMBS]) for end in (0, 1))


def posture_match(
    products: Array, weight: Array, facing: Array, is_visible: NDArray[np.bool_]
) -> Array:
    """Return the mean cosine between corresponding limb directions in the frame [K], 0…1.

    Averaged over the limbs visible in both people; negative means are 0. NaN if no limb is visible.

    Parameters
    ----------
    products : ndarray [K, 2, limb]
        Sums over each window, weighted by the taper, of the products of A's and B's limb
        directions: x of each of `LIMBS`, and y.
    weight : ndarray [K]
        Sum of the taper where both people are present.
    facing : ndarray [K, person]
        −1 if seen from behind, else 1.
    is_visible : ndarray, bool [K, joint]
        Joints that are visible in both people.
    """
    turned = facing[:, :1] * facing[:, 1:]
    cosine = turned * products[:, 0] + products[:, 1]
    # In C order whatever their number: the order in memory decides how sums are rounded.
    visible = (is_visible[:, _NEAR] & is_visible[:, _FAR]).astype(float, order="C")
    mean = dot(cosine, visible) / (weight * dot(visible, visible))
    match: Array = np.minimum(np.maximum(mean, 0.0), 1.0)
    return match
