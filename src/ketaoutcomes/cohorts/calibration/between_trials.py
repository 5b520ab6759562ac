"""How much the drug effect differs between trials, beyond what chance explains."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class BetweenTrials:
    """Heterogeneity of effects.

    Attributes
    ----------
    mean : float
        Pooled effect.
    sd : float
        SD between trials.
    q, df : float, int
        Cochran's Q and its degrees of freedom.
    i_squared : float
        Share of the variation that is between trials.
    """

    mean: float
    sd: float
    q: float
    df: int
    i_squared: float


def between_trials(effects: ArrayLike, errors: ArrayLike) -> BetweenTrials:
    """The moment estimate of DerSimonian & Laird 1986, Control Clin Trials 7:177-188.

    Parameters
    ----------
    effects, errors : array_like, shape (k,)
        Effect of each trial and its standard error; at least two.
    """
    y, v = np.asarray(effects, dtype=float), np.asarray(errors, dtype=float) ** 2
    w = 1 / v
    fixed = float(w @ y / w.sum())
    q, df = float(w @ (y - fixed) ** 2), y.size - 1
    variance = max(0.0, (q - df) / float(w.sum() - (w @ w) / w.sum()))
    random = 1 / (v + variance)
    share = max(0.0, (q - df) / q) if q > 0 else 0.0
    return BetweenTrials(float(random @ y / random.sum()), float(np.sqrt(variance)), q, df, share)


def without_prior(
    estimate: FloatArray, error: FloatArray, prior_sd: float
) -> tuple[FloatArray, FloatArray]:
    """What the data alone say of effects that were estimated under a normal prior about nought.

    The precision of the prior is taken off; where next to nothing is left, the error is infinite.
    """
    precision = 1 / error**2
    own = np.maximum(precision - 1 / prior_sd**2, 0.0)
    known = own > LEAST_PRECISION * precision
    data_error = np.where(known, 1 / np.sqrt(np.where(known, own, 1.0)), np.inf)
    return np.where(known, estimate * precision / np.where(known, own, 1.0), 0.0), data_error


LEAST_PRECISION = 0.05
"""A trial that gives less of what is known of its effect says nothing of its own."""
