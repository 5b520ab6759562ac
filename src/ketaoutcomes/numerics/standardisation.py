"""Risks standardised over covariates by logistic regression (g-computation).

Robins 1986, Math Model 7:1393-1512; Moore & van der Laan 2009, Stat Med 28:39-64. Standard errors
come from the influence function of the standardised risks, which counts the sampling of covariates
too (Ye, Bannick, Yi & Shao 2023, Stat Theory Relat Fields 7:159-163; Bartlett 2018, Pharm Stat
17:648-666).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

FloatArray = NDArray[np.float64]

MOST_STEPS = 100
SMALL_STEP = 1e-10
SEPARATED = 30.0
"""A linear predictor beyond this means that a factor separates the outcomes: no finite maximum."""


class LogisticFitError(ValueError):
    """The logistic regression has no finite maximum, or its columns are collinear."""


@dataclass(frozen=True)
class StandardisedRisks:
    """Mean risks under each of several settings of the design.

    Attributes
    ----------
    risk : array, shape (settings,)
    influence : array, shape (n, settings)
        What each subject contributes; its covariance over n is that of the risks.
    """

    risk: FloatArray
    influence: FloatArray

    def std_error(self, c: FloatArray) -> float:
        """Standard error of a combination of the risks."""
        return float(np.sqrt(np.mean((self.influence @ c) ** 2) / len(self.influence)))


def logistic_fit(X: FloatArray, y: FloatArray) -> FloatArray:
    """Maximum-likelihood coefficients by Newton's method.

    Raises
    ------
    LogisticFitError
        If there is no finite maximum.
    """
    if np.linalg.matrix_rank(X) < X.shape[1]:
        raise LogisticFitError("the columns of the model are collinear")
    beta = np.zeros(X.shape[1])
    for _ in range(MOST_STEPS):
        p = expit(X @ beta)
        information = (X * (p * (1 - p))[:, None]).T @ X
        try:
            step = np.linalg.solve(information, X.T @ (y - p))
        except np.linalg.LinAlgError:
            break
        beta = beta + step
        if np.abs(X @ beta).max() > SEPARATED:
            break
        if np.abs(step).max() < SMALL_STEP:
            return beta
    raise LogisticFitError("a level has only events or none: no finite maximum of the likelihood")


def standardised_risks(
    X: FloatArray,
    y: FloatArray,
    settings: tuple[FloatArray, ...],
    certain: tuple[FloatArray, ...] | None = None,
    counted: NDArray[np.bool_] | None = None,
) -> StandardisedRisks:
    """Mean predicted risks of everybody under each setting.

    Parameters
    ----------
    X : array, shape (n, p)
        Design as observed.
    y : array, shape (n,)
        0 or 1.
    settings : tuple of array, shape (n, p)
        The design with everybody at one level.
    certain : tuple of array, shape (n,), optional
        For each setting the risks that are 0 or 1 because outcomes are separated, NaN elsewhere.
    counted : bool array, shape (n,), optional
        The outcomes that are not separated, from which the coefficients are estimated.
    """
    n = len(y)
    beta = logistic_fit(X, y) if counted is None else logistic_fit(X[counted], y[counted])
    p = expit(X @ beta)
    weight, residual = p * (1 - p), y - p
    if counted is not None:
        weight, residual = weight * counted, residual * counted
    information = (X * weight[:, None]).T @ X / n
    scores = np.linalg.solve(information, (X * residual[:, None]).T).T
    risks, influence = [], []
    for place, design in enumerate(settings):
        at = expit(design @ beta)
        slope = at * (1 - at)
        if certain is not None:
            fixed = ~np.isnan(certain[place])
            at, slope = np.where(fixed, certain[place], at), np.where(fixed, 0.0, slope)
        gradient = (design * slope[:, None]).mean(axis=0)
        risks.append(at.mean())
        influence.append(at - at.mean() + scores @ gradient)
    return StandardisedRisks(np.array(risks), np.column_stack(influence))
