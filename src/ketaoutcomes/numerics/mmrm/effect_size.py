"""A difference in means over the standard deviation of the outcome at a visit."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.numerics import distributions
from ketaoutcomes.numerics.mmrm.contrasts import Inference, contrast
from ketaoutcomes.numerics.mmrm.covariance import first_derivatives

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class StandardisedEffect:
    """A contrast in units of the fitted standard deviation.

    Attributes
    ----------
    estimate : float
    std_error : float
        By the delta method, counting the uncertainty of both.
    df : float
        Of the contrast.
    sd : float
        Standard deviation of the outcome about its mean at the visit, in the units of y.
    conf_low, conf_high : float
    """

    estimate: float
    std_error: float
    df: float
    sd: float
    conf_low: float
    conf_high: float


def standardised_effect(
    inference: Inference,
    c: FloatArray,
    visit: int,
    group_weights: FloatArray | None = None,
    conf_level: float = 0.95,
) -> StandardisedEffect:
    """Standardise c' beta by the residual standard deviation of a visit.

    With d = c' beta / sd, var d = var(c' beta) / sd^2 + d^2 var(log sd): beta and theta are
    asymptotically independent. For independent groups of equal variance this is the large-sample
    variance of Hedges & Olkin 1985, Statistical Methods for Meta-Analysis, section 5.E.

    Parameters
    ----------
    c : array, shape (p,)
    visit : int
        Place of the visit.
    group_weights : array, shape (n_groups,), optional
        Weights of the groups' variances, of sum one; by default all count alike (Bonett 2008,
        Psychol Methods 13:99-109).
    """
    fit, model = inference.fit, inference.fit.model
    whole = contrast(inference, c, conf_level)
    n_groups = model.statistics.n_groups
    weights = np.full(n_groups, 1 / n_groups) if group_weights is None else group_weights
    by_group = fit.theta.reshape(n_groups, -1)
    distance = model.places.distance[0]
    variances = model.structure.matrix(by_group, distance)[:, visit, visit]
    slopes = first_derivatives(model.structure, by_group, distance)[..., visit, visit]
    variance = float(weights @ variances)
    slope = (weights[:, None] * slopes.T).reshape(-1)
    log_sd_variance = float(slope @ fit.theta_covariance @ slope) / (2 * variance) ** 2
    sd = float(np.sqrt(variance))
    estimate = whole.estimate / sd
    std_error = float(np.sqrt((whole.std_error / sd) ** 2 + estimate**2 * log_sd_variance))
    half = float(distributions.t.ppf(0.5 + conf_level / 2, whole.df)) * std_error
    return StandardisedEffect(estimate, std_error, whole.df, sd, estimate - half, estimate + half)
