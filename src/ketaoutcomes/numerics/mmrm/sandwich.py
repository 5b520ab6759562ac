"""Empirical covariance of beta from the subjects' own scores.

Liang & Zeger 1986, Biometrika 73:13-22 ("empirical"); Bell & McCaffrey 2002, Surv Methodol
28:169-181 ("cr2"); the jackknife form of Mancl & DeRouen 2001, Biometrics 57:126-134 ("cr3").
Degrees of freedom by Satterthwaite's method for the variance as a quadratic form: Pustejovsky &
Tipton 2018, J Bus Econ Stat 36:672-683, section 3.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.numerics.mmrm.covariance import distances
from ketaoutcomes.numerics.mmrm.fit import MmrmFit
from ketaoutcomes.numerics.mmrm.patterns import SubjectRows

FloatArray = NDArray[np.float64]

POWERS = {"empirical": 0.0, "cr2": -0.5, "cr3": -1.0}


@dataclass(frozen=True)
class Whitened:
    """Rows of each subject times the inverse Cholesky factor of its covariance.

    Attributes
    ----------
    X : array, shape (n_subjects, n_visits, p)
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


def whiten(fit: MmrmFit, rows: SubjectRows) -> Whitened:
    """Whiten the rows with the fitted covariance; unobserved visits stay zero."""
    by_group = fit.theta.reshape(fit.model.statistics.n_groups, -1)
    V = np.asarray(fit.model.structure.matrix(by_group[rows.group], distances(rows.coordinates)))
    both = rows.observed[:, :, None] & rows.observed[:, None, :]
    L = np.linalg.cholesky(np.where(both, V, np.eye(V.shape[-1])))
    Z = np.asarray(np.linalg.solve(L, rows.Z), dtype=float)
    return Whitened(Z[..., :-1], Z[..., -1] - Z[..., :-1] @ fit.beta)


def sandwich(fit: MmrmFit, rows: SubjectRows, kind: str) -> Sandwich:
    """Empirical covariance of beta.

    Parameters
    ----------
    kind : {"empirical", "cr2", "cr3"}
    """
    white = whiten(fit, rows)
    X, M_inverse = white.X, fit.beta_covariance
    adjusted = X
    if POWERS[kind] != 0:
        H = X @ M_inverse @ np.swapaxes(X, -1, -2)
        values, vectors = np.linalg.eigh(np.eye(H.shape[-1]) - H)
        powers = np.where(values > 1e-10, np.maximum(values, 1e-10) ** POWERS[kind], 0.0)
        adjusted = (vectors * powers[:, None, :]) @ np.swapaxes(vectors, -1, -2) @ X
    scores = np.einsum("st,stp->sp", white.residual, adjusted)
    return Sandwich(M_inverse @ (scores.T @ scores) @ M_inverse, M_inverse, adjusted, X)


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
