"""Concordance of predicted risk and observed order of events.

Harrell, Califf, Pryor, Lee & Rosati 1982, J Am Med Assoc 247:2543-2546; Uno, Cai, Pencina,
D'Agostino & Wei 2011, Stat Med 30:1105-1117, for weights by the inverse of the censoring
distribution.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from ketaoutcomes.numerics.survival.counting import (
    FloatArray,
    IntArray,
    Observations,
    censoring_survival,
    observations,
)

TimeWeight = Literal["n", "S", "S/G", "n/G2"]

_POWERS: dict[TimeWeight, int] = {"n": 0, "S": 1, "S/G": 2, "n/G2": 2}


@dataclass(frozen=True)
class Concordance:
    """Share of comparable pairs in which the subject with the earlier event had the greater risk.

    Attributes
    ----------
    estimate, std_error : float
        Ties in risk count half; the standard error is the infinitesimal jackknife's. NaN if no two
        subjects can be compared.
    concordant, discordant, tied_risk, tied_time : float
        Numbers of pairs, weighted.
    """

    estimate: float
    std_error: float
    concordant: float
    discordant: float
    tied_risk: float
    tied_time: float


def concordance(
    time: ArrayLike,
    event: ArrayLike,
    risk: ArrayLike,
    *,
    entry: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    weight: TimeWeight = "n",
) -> Concordance:
    """Compare all pairs of a stratum in which one had an event while the other was at risk.

    Parameters
    ----------
    risk : array_like, shape (n,)
        Greater means an earlier event, as the linear predictor of a Cox model.
    weight : {"n", "S", "S/G", "n/G2"}
        Pairs count 1, 1/G or 1/G^2 (twice), with G the chance of not being censored before the
        event; the names are R's.
    """
    data = observations(time, event, entry)
    # linear predictors of equal covariates may differ by rounding
    score: FloatArray = np.asarray(risk, dtype=np.float64).round(12)
    labels = np.zeros(score.size) if strata is None else np.asarray(strata)
    _, stratum = np.unique(labels, return_inverse=True)
    pairs, tied_time = _pairs(data, score, stratum, _POWERS[weight])
    total = pairs.sum(axis=0) / 2
    n_pairs = float(total.sum())
    if n_pairs == 0:
        nan = float("nan")
        return Concordance(nan, nan, 0.0, 0.0, 0.0, tied_time)
    estimate = float(total[0] + total[2] / 2) / n_pairs
    influence = (pairs[:, 0] + pairs[:, 2] / 2 - estimate * pairs.sum(axis=1)) / n_pairs
    std_error = float(np.sqrt(influence @ influence))
    concordant, discordant, tied = (float(count) for count in total)
    return Concordance(estimate, std_error, concordant, discordant, tied, tied_time)


def _pairs(
    data: Observations, score: FloatArray, stratum: IntArray, power: int
) -> tuple[FloatArray, float]:
    """Concordant, discordant and tied pairs of each subject, and the pairs tied in time."""
    pairs, tied_time = np.zeros((score.size, 3)), 0.0
    for s in np.unique(stratum):
        rows = np.flatnonzero(stratum == s)
        here, values = data.take(rows), score[rows]
        weights = censoring_survival(here, here.time) ** -float(power)
        for i in np.flatnonzero(here.event):
            t = here.time[i]
            same = here.event & (here.time == t)
            later = ((here.time > t) | ((here.time == t) & ~here.event)) & (here.entry < t)
            tied_time += weights[i] * (same & (values != values[i])).sum() / 2
            kinds = (values < values[i], values > values[i], values == values[i])
            for kind, meets in enumerate(kinds):
                partners = rows[meets & later]
                pairs[partners, kind] += weights[i]
                pairs[rows[i], kind] += weights[i] * partners.size
    return pairs, float(tied_time)
