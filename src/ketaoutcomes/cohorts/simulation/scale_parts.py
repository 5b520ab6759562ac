"""Items and clusters that add up to the total of a scale."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.cohorts.simulation.draws import PhaseDraws
from ketaoutcomes.cohorts.simulation.parts_course import Item, ScenarioScale

FloatArray = NDArray[np.float64]


def split_scale(
    total: FloatArray, scale: ScenarioScale, draws: PhaseDraws, purpose: str = "scale parts"
) -> dict[str, FloatArray]:
    """Parts of each total of a scale, and the items of those parts that are clusters.

    Parameters
    ----------
    total : array, shape (n, v)
        Whole numbers, NaN where missing.
    purpose : str
        The stream of random numbers of the parts.
    """
    found = split_total(total, scale.parts, scale.parts_spread, draws, purpose)
    for name, part in scale.parts.items():
        if part.items:
            of_cluster = f"items of {name}"
            found |= split_total(found[name], part.items, scale.parts_spread, draws, of_cluster)
    return found


def split_total(
    total: FloatArray, parts: Mapping[str, Item], spread: float, draws: PhaseDraws, purpose: str
) -> dict[str, FloatArray]:
    """Whole parts of each total, by name, every part within its bounds.

    A part's share is its weight, times a factor of the subject and one of the visit.

    Parameters
    ----------
    total : array, shape (n, v)
        Whole numbers, NaN where missing.
    spread : float
        SD between subjects of the log share.
    purpose : str
        The stream of random numbers.
    """
    names = tuple(parts)
    weight = np.array([part.weight for part in parts.values()])
    high = np.array([part.high for part in parts.values()])
    own = draws.draws.normal(purpose, len(names))[draws.rows]
    now = draws.normal(purpose, total.shape[1], len(names))
    share = weight * np.exp(spread * (own[:, None, :] + 0.5 * now))
    whole = apportioned(np.nan_to_num(total), share, high)
    whole[np.isnan(total)] = np.nan
    return {name: whole[..., place].copy() for place, name in enumerate(names)}


def apportioned(total: FloatArray, share: FloatArray, high: FloatArray) -> FloatArray:
    """Whole numbers in proportion to shares, capped, that add up to the total.

    What a full part cannot take goes to the others in proportion; what rounding down leaves over
    goes, one each, to the largest fractions (largest remainder, Balinski & Young 1982, Fair
    Representation).

    Parameters
    ----------
    total : array, shape (n, v)
        At most the sum of `high`.
    share : array, shape (n, v, p)
        Positive.
    high : array, shape (p,)

    Returns
    -------
    array, shape (n, v, p)
    """
    full = np.zeros(share.shape, dtype=bool)
    parts = np.zeros(share.shape)
    for _ in range(len(high)):
        taken = np.where(full, high, 0).sum(axis=-1)
        free = np.where(full, 0, share)
        scale = (total - taken) / np.maximum(free.sum(axis=-1), 1e-300)
        parts = np.where(full, high, free * scale[..., None])
        over = parts > high
        if not over.any():
            break
        full |= over
    whole = np.floor(np.minimum(parts, high) + 1e-9)
    left_over = np.rint(total - whole.sum(axis=-1))
    fraction = np.where(whole < high, parts - whole, -1.0)
    order = np.argsort(-fraction, axis=-1, kind="stable")
    rank = np.argsort(order, axis=-1, kind="stable")
    return np.asarray(whole + (rank < left_over[..., None]))
