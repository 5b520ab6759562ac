"""Empirical covariance of the coefficients of a mixed model for repeated measures."""

import numpy as np

from ketaoutcomes.numerics.mmrm.covariance import distances
from ketaoutcomes.numerics.mmrm.fit import MmrmFit
from ketaoutcomes.numerics.mmrm.patterns import SubjectRows, distinct
from ketaoutcomes.numerics.sandwich import Sandwich, Whitened, sandwich_of


def whiten(fit: MmrmFit, rows: SubjectRows) -> Whitened:
    """Whiten the centred rows with the fitted covariance; unobserved visits stay zero."""
    by_group = fit.theta.reshape(fit.model.statistics.n_groups, -1)
    # subjects with the same visits share a factor
    first, member = distinct(rows.observed, rows.group, rows.coordinates)
    apart = distances(rows.coordinates[first])
    V = np.asarray(fit.model.structure.matrix(by_group[rows.group[first]], apart))
    seen = rows.observed[first]
    both = seen[:, :, None] & seen[:, None, :]
    L = np.linalg.cholesky(np.where(both, V, np.eye(V.shape[-1])))[member]
    Z = np.asarray(np.linalg.solve(L, rows.Z @ fit.model.statistics.basis), dtype=float)
    return Whitened(Z[..., :-1], Z[..., -1] - Z[..., :-1] @ fit.at.beta)


def sandwich(fit: MmrmFit, rows: SubjectRows, kind: str) -> Sandwich:
    """Empirical covariance of the coefficients of the centred columns.

    Parameters
    ----------
    kind : {"empirical", "cr2", "cr3"}
    """
    return sandwich_of(whiten(fit, rows), fit.at.M_inverse, kind)
