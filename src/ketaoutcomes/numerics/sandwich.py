"""Empirical covariance of coefficients from the scores of independent subjects.

Liang & Zeger 1986, Biometrika 73:13-22 ("empirical"); Bell & McCaffrey 2002, Surv Methodol
28:169-181 and Kauermann & Carroll 2001, JASA 96:1387-1396 ("cr2"); Mancl & DeRouen 2001,
Biometrics 57:126-134 ("cr3"). Degrees of freedom by Satterthwaite's method for the variance as a
quadratic form: Pustejovsky & Tipton 2018, J Bus Econ Stat 36:672-683, section 3.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

POWERS = {"empirical": 0.0, "cr2": -0.5, "cr3": -1.0}


@dataclass(frozen=True)
class Whitened:
    """Rows of each subject times the inverse Cholesky factor of its covariance.

    Attributes
    ----------
    X : array, shape (n_subjects, n_visits, p)
        The design, or the derivatives of the means by the coefficients; zero where not observed.
    residual : array, shape (n_subjects, n_visits)
    """

    X: FloatArray
    residual: FloatArray


@dataclass(frozen=True)
class Sandwich:
    """An empirical covariance and what its degrees of freedom need.

    Attributes
    ----------
    covariance : array, shape (p, p)
    bread : array, shape (p, p)
    adjusted_X : array, shape (n_subjects, n_visits, p)
        Whitened X after the leverage adjustment.
    X : array, shape (n_subjects, n_visits, p)
        Whitened X.
    """

    covariance: FloatArray
    bread: FloatArray
    adjusted_X: FloatArray
    X: FloatArray


def sandwich_of(white: Whitened, bread: FloatArray, kind: str) -> Sandwich:
    """Empirical covariance.

    Parameters
    ----------
    bread : array, shape (p, p)
        Model-based covariance.
    kind : {"empirical", "cr2", "cr3"}
    """
    X = adjusted = white.X
    if POWERS[kind] != 0:
        H = X @ bread @ np.swapaxes(X, -1, -2)
        values, vectors = np.linalg.eigh(np.eye(H.shape[-1]) - H)
        powers = np.where(values > 1e-10, np.maximum(values, 1e-10) ** POWERS[kind], 0.0)
        adjusted = (vectors * powers[:, None, :]) @ np.swapaxes(vectors, -1, -2) @ X
    scores = np.einsum("st,stp->sp", white.residual, adjusted)
    return Sandwich(bread @ (scores.T @ scores) @ bread, bread, adjusted, X)


def sandwich_df(estimate: Sandwich, c: FloatArray) -> float:
    """Degrees of freedom of the variance of c' beta under the working model."""
    direction = estimate.bread @ c
    a = estimate.adjusted_X @ direction
    own = (a**2).sum(axis=1)
    U = np.einsum("stp,st->sp", estimate.X, a)
    cross = U.T @ U @ estimate.bread
    shared = np.einsum("sp,pq,sq->s", U, estimate.bread, U)
    trace = float(own.sum() - shared.sum())
    squares = float((own**2).sum() - 2 * (own * shared).sum() + np.trace(cross @ cross))
    return trace**2 / squares


def morel_covariance(white: Whitened, bread: FloatArray, n_obs: int) -> FloatArray:
    """Inflated empirical covariance of Morel, Bokossa & Neerchal 2003, Biom J 45:395-409.

    Never below a share of the model-based covariance, however few the subjects.
    """
    m, p = len(white.X), bread.shape[0]
    scores = np.einsum("st,stp->sp", white.residual, white.X)
    middle = scores.T @ scores
    correction = (n_obs - 1) / (n_obs - p) * m / (m - 1)
    share = min(0.5, p / (m - p)) if m > p else 0.5
    design_effect = max(1.0, float(np.trace(bread @ middle)) / p)
    return np.asarray(correction * bread @ middle @ bread + share * design_effect * bread)
