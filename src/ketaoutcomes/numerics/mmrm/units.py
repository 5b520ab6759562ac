"""Units in which every fit is alike: X with orthonormal columns, y as residuals of variance one."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.numerics.column_basis import INDEPENDENT
from ketaoutcomes.numerics.mmrm.identify import NotIdentifiedError
from ketaoutcomes.numerics.mmrm.likelihood import Evaluation
from ketaoutcomes.numerics.mmrm.patterns import PatternStatistics

FloatArray = NDArray[np.float64]

EXACT_FIT = INDEPENDENT**2


@dataclass(frozen=True)
class StandardUnits:
    """Statistics of X R^-1 and (y - X beta) / sd, for X'X = R'R and beta by least squares.

    X and y are the centred columns of the statistics that are given.

    Attributes
    ----------
    statistics : PatternStatistics
        Those that were given.
    columns : array, shape (p + 1, p + 1)
        The centred columns times this are those in the new units.
    R_inverse : array, shape (p, p)
    beta : array, shape (p,)
    sd : float
        Root of the mean squared residual.
    """

    statistics: PatternStatistics
    columns: FloatArray
    R_inverse: FloatArray
    beta: FloatArray
    sd: float

    def undone(self, at: Evaluation, *, reml: bool) -> Evaluation:
        """The same point of the likelihood in the units of the data, of the centred columns."""
        n, p = self.statistics.n_obs, self.statistics.p
        value = at.value + n * np.log(self.sd)
        if reml:
            value -= p * np.log(self.sd) + np.log(np.abs(np.diag(self.R_inverse))).sum()
        return Evaluation(
            value=np.asarray(value),
            W=at.W / self.sd**2,
            beta=self.beta + self.sd * self.R_inverse @ at.beta,
            M_inverse=self.covariances(at.M_inverse),
        )

    def covariances(self, own: FloatArray) -> FloatArray:
        """Covariances of the coefficients in the units of the data, shape (..., p, p)."""
        return np.asarray(self.sd**2 * self.R_inverse @ own @ self.R_inverse.T)


def standard_units(statistics: PatternStatistics) -> StandardUnits:
    """Change the units of X and y.

    Raises
    ------
    NotIdentifiedError
        If least squares leaves no residual.
    """
    total = statistics.total
    XX, Xy = total[:-1, :-1], total[:-1, -1]
    scale = 1 / np.sqrt(np.diag(XX))
    root = np.linalg.cholesky(XX * np.outer(scale, scale))
    R_inverse = np.asarray(scale[:, None] * np.linalg.inv(root).T, dtype=float)
    beta = R_inverse @ (R_inverse.T @ Xy)
    b = np.append(-beta, 1.0)
    residual = float(b @ total @ b)
    if not residual > EXACT_FIT * float(statistics.sizes[-1]):
        raise NotIdentifiedError("the model fits every outcome exactly; no variance is left")
    sd = float(np.sqrt(residual / statistics.n_obs))
    p = statistics.p
    columns = np.zeros((p + 1, p + 1))
    columns[:p, :p], columns[:, p] = R_inverse, b / sd
    return StandardUnits(statistics, columns, R_inverse, beta, sd)
