"""What is assumed of a subject's outcomes after an intercurrent event.

Carpenter, Roger & Kenward 2013, J Biopharm Stat 23:1352-1371. Each strategy joins the normal
distribution of the subject's own arm with that of the reference arm into one over all visits.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Profile:
    """A normal distribution of the outcomes at all visits.

    Attributes
    ----------
    mean : array, shape (..., n_subjects, n_visits)
    covariance : array, shape (..., n_visits, n_visits)
    """

    mean: FloatArray
    covariance: FloatArray


Strategy = Callable[[Profile, Profile, BoolArray], Profile]
"""Own arm, reference arm and which visits come before the event -> the subject's distribution."""


def missing_at_random(own: Profile, _reference: Profile, _before: BoolArray) -> Profile:
    """MAR: as the subjects of the own arm who stayed."""
    return own


def jump_to_reference(own: Profile, reference: Profile, before: BoolArray) -> Profile:
    """J2R: after the event the mean is that of the reference arm."""
    mean = np.where(before, own.mean, reference.mean)
    return Profile(mean, _joined(own.covariance, reference.covariance, before))


def copy_reference(_own: Profile, reference: Profile, _before: BoolArray) -> Profile:
    """CR: as if the subject had been in the reference arm from the start."""
    return reference


def copy_increments(own: Profile, reference: Profile, before: BoolArray) -> Profile:
    """CIR: after the event the mean moves as that of the reference arm, from where it was.

    Before the first visit it was the baseline, where the change is zero in every arm.
    """
    lead = _last(own.mean - reference.mean, before)
    mean = np.where(before, own.mean, reference.mean + lead)
    return Profile(mean, _joined(own.covariance, reference.covariance, before))


def last_mean_carried_forward(own: Profile, _reference: Profile, before: BoolArray) -> Profile:
    """LMCF: after the event the mean stays where the own arm's mean was; at zero change before."""
    return Profile(np.where(before, own.mean, _last(own.mean, before)), own.covariance)


STRATEGIES: dict[str, Strategy] = {
    "missing at random": missing_at_random,
    "jump to reference": jump_to_reference,
    "copy reference": copy_reference,
    "copy increments in reference": copy_increments,
    "last mean carried forward": last_mean_carried_forward,
}


def _last(mean: FloatArray, before: BoolArray) -> FloatArray:
    """The mean at the last visit before the event, zero where there is none."""
    if not before.any():
        return np.zeros_like(mean[..., :1])
    last = int(np.flatnonzero(before)[-1])
    return mean[..., last : last + 1]


def _joined(own: FloatArray, reference: FloatArray, before: BoolArray) -> FloatArray:
    """Own covariance before the event, the regression of later on earlier visits of the reference.

    With R the reference's and V the own covariance, 1 before and 2 after
    the event and B = R21 R11^-1, the result has V11, B V11 and R22 - B (R11 - V11) B'.
    """
    after = ~before
    if own is reference or not after.any():
        return own
    if not before.any():
        return reference
    R11, V11 = (part[..., before, :][..., before] for part in (reference, own))
    R21 = reference[..., after, :][..., before]
    B = np.swapaxes(np.linalg.solve(R11, np.swapaxes(R21, -1, -2)), -1, -2)
    joined = own.copy()
    low, high = np.flatnonzero(before), np.flatnonzero(after)
    joined[..., high[:, None], low] = B @ V11
    joined[..., low[:, None], high] = np.swapaxes(B @ V11, -1, -2)
    corrected = B @ (R11 - V11) @ np.swapaxes(B, -1, -2)
    joined[..., high[:, None], high] = reference[..., after, :][..., after] - corrected
    return joined
