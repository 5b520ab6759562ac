"""Residuals of a fitted model and predictions of outcomes that were not observed."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.numerics import distributions
from ketaoutcomes.numerics.mmrm.covariance import distances
from ketaoutcomes.numerics.mmrm.fit import MmrmFit
from ketaoutcomes.numerics.mmrm.likelihood import inverse_in_pattern
from ketaoutcomes.numerics.mmrm.patterns import SubjectRows
from ketaoutcomes.numerics.mmrm.sandwich import whiten

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Residuals:
    """Residuals by subject and visit, shape (n_subjects, n_visits), NaN where not observed.

    Attributes
    ----------
    response : array
        Outcome less its mean, y - X beta.
    pearson : array
        Over the standard deviation of the outcome.
    normalised : array
        Times the inverse Cholesky factor of the subject's covariance: independent and of variance
        one under the model (Fitzmaurice, Laird & Ware 2011, Applied Longitudinal Analysis, 10.3).
    """

    response: FloatArray
    pearson: FloatArray
    normalised: FloatArray


@dataclass(frozen=True)
class Prediction:
    """Predicted outcomes by subject and visit; arrays of shape (n_subjects, n_visits).

    Attributes
    ----------
    mean : array
        Given the observed outcomes of the same subject; an observed outcome is its own prediction.
    std_error : array
        Of the mean, for beta estimated and the covariance taken as known.
    outcome_sd : array
        Of an outcome about its mean, given the observed ones.
    conf_low, conf_high : array
        Normal confidence limits of the mean.
    """

    mean: FloatArray
    std_error: FloatArray
    outcome_sd: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray


def subject_covariances(fit: MmrmFit, rows: SubjectRows) -> FloatArray:
    """Covariance over all visits of each subject, shape (n_subjects, n_visits, n_visits)."""
    by_group = fit.theta.reshape(fit.model.statistics.n_groups, -1)
    return fit.model.structure.matrix(by_group[rows.group], distances(rows.coordinates))


def residuals(fit: MmrmFit, rows: SubjectRows) -> Residuals:
    """Residuals of three kinds."""
    response = np.where(rows.observed, rows.y - rows.X @ fit.beta, np.nan)
    sd = np.sqrt(np.diagonal(subject_covariances(fit, rows), axis1=-2, axis2=-1))
    normalised = np.where(rows.observed, whiten(fit, rows).residual, np.nan)
    return Residuals(response, response * rows.root_weight / sd, normalised)


def predict(fit: MmrmFit, rows: SubjectRows, X: FloatArray, conf_level: float = 0.95) -> Prediction:
    """Predict every outcome of each subject.

    Parameters
    ----------
    rows : SubjectRows
        What was observed.
    X : array, shape (n_subjects, n_visits, p)
        Design of all visits, observed or not.
    """
    V = subject_covariances(fit, rows)
    W, _ = inverse_in_pattern(V, rows.observed)
    # V W has the identity in the observed block: there the weights cancel
    B = V @ W * rows.root_weight[:, None, :] / rows.root_weight[:, :, None]
    A = X - B @ np.where(rows.observed[..., None], X, 0.0)
    mean = X @ fit.beta + (B @ (rows.y - rows.X @ fit.beta)[..., None])[..., 0]
    variance = np.einsum("stp,pq,stq->st", A, fit.beta_covariance, A)
    std_error = np.sqrt(np.where(rows.observed, 0.0, np.maximum(variance, 0.0)))
    left = np.diagonal(V - V @ W @ V, axis1=-2, axis2=-1)
    half = float(distributions.norm.ppf(0.5 + conf_level / 2)) * std_error
    return Prediction(
        mean=np.where(rows.observed, rows.y, mean),
        std_error=std_error,
        outcome_sd=np.sqrt(np.where(rows.observed, 0.0, np.maximum(left, 0.0))),
        conf_low=np.where(rows.observed, rows.y, mean - half),
        conf_high=np.where(rows.observed, rows.y, mean + half),
    )
