"""How the fit changes when a subject is left out.

Cook & Weisberg 1982, Residuals and Influence in Regression; for correlated data Christensen,
Pearson & Johnson 1992, Technometrics 34:38-45.
"""

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.numerics.mmrm.fit import MmrmFit, fit_mmrm
from ketaoutcomes.numerics.mmrm.identify import NotIdentifiedError
from ketaoutcomes.numerics.mmrm.patterns import PatternStatistics, SubjectRows
from ketaoutcomes.numerics.mmrm.sandwich import whiten

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

LEVERAGE_OF_ONE = 1e-8
"""One less a leverage that is rounding of zero."""


@dataclass(frozen=True)
class SubjectInfluence:
    """Influence of each subject with the covariance held fixed.

    Attributes
    ----------
    beta_without : array, shape (n_subjects, p)
        Coefficients from the other subjects; NaN where these cannot tell them apart.
    cook_distance : array, shape (n_subjects,)
        Squared distance of these from beta in units of its covariance, over p; NaN likewise.
    leverage : array, shape (n_subjects,)
        Trace of the subject's block of the hat matrix; the sum over subjects is p.
    """

    beta_without: FloatArray
    cook_distance: FloatArray
    leverage: FloatArray


@dataclass(frozen=True)
class LeaveOneOut:
    """Fits without one subject each, the covariance estimated anew.

    Attributes
    ----------
    beta : array, shape (n_subjects, p)
        NaN where the model is not identified without the subject.
    theta : array, shape (n_subjects, n_theta)
    converged : bool array, shape (n_subjects,)
    """

    beta: FloatArray
    theta: FloatArray
    converged: NDArray[np.bool_]


def influence(fit: MmrmFit, rows: SubjectRows) -> SubjectInfluence:
    """Leave out each subject at the fitted covariance, in closed form."""
    parts = [_influence(fit, part) for part in rows.parts()]
    return SubjectInfluence(
        *(
            np.concatenate([getattr(part, field.name) for part in parts])
            for field in fields(SubjectInfluence)
        )
    )


def _influence(fit: MmrmFit, rows: SubjectRows) -> SubjectInfluence:
    """That of a few thousand subjects."""
    white = whiten(fit, rows)
    X, M_inverse = white.X, fit.at.M_inverse
    H = X @ M_inverse @ np.swapaxes(X, -1, -2)
    needed = _needed(H)
    left = np.where(needed[:, None, None], 0.0, H)
    spread = np.linalg.solve(np.eye(H.shape[-1]) - left, white.residual[..., None])
    score = np.where(needed[:, None], np.nan, (np.swapaxes(X, -1, -2) @ spread)[..., 0])
    change = score @ M_inverse
    return SubjectInfluence(
        beta_without=fit.beta - change @ fit.model.statistics.basis[:-1, :-1].T,
        cook_distance=np.asarray((change * score).sum(axis=-1) / fit.beta.size),
        leverage=np.trace(H, axis1=-2, axis2=-1),
    )


def _needed(H: FloatArray) -> NDArray[np.bool_]:
    """Subjects on whom alone some coefficient rests: their block has an eigenvalue of one."""
    suspects = np.flatnonzero(np.trace(H, axis1=-2, axis2=-1) > 1 - LEVERAGE_OF_ONE)
    needed = np.zeros(len(H), dtype=bool)
    needed[suspects] = np.linalg.eigvalsh(H[suspects])[:, -1] > 1 - LEVERAGE_OF_ONE
    return needed


def leave_one_out(fit: MmrmFit, rows: SubjectRows) -> LeaveOneOut:
    """Refit without each subject, starting from the full fit."""
    statistics, model = fit.model.statistics, fit.model
    pattern = _pattern_of(statistics, rows)
    n = len(pattern)
    beta = np.full((n, fit.beta.size), np.nan)
    theta = np.full((n, fit.theta.size), np.nan)
    converged = np.zeros(n, dtype=bool)
    for subject, k in enumerate(pattern):
        rest = _without(statistics, rows, subject, int(k))
        try:
            refit = fit_mmrm(rest, model.structure_name, reml=model.reml, start=fit.theta)
        except NotIdentifiedError:
            continue
        beta[subject], theta[subject] = refit.beta, refit.theta
        converged[subject] = refit.convergence.converged
    return LeaveOneOut(beta, theta, converged)


def _pattern_of(statistics: PatternStatistics, rows: SubjectRows) -> IntArray:
    """Which pattern each subject belongs to, shape (n_subjects,)."""
    places = np.where(rows.observed[..., None], rows.coordinates, 0.0)
    same = [
        (rows.observed == statistics.observed[k]).all(axis=1)
        & (rows.group == statistics.group[k])
        & (places == statistics.coordinates[k]).all(axis=(1, 2))
        for k in range(len(statistics.n_subjects))
    ]
    return np.asarray(np.argmax(same, axis=0), dtype=np.int64)


def _without(
    statistics: PatternStatistics, rows: SubjectRows, subject: int, k: int
) -> PatternStatistics:
    """The statistics of all other subjects."""
    Z = rows.Z[subject] @ statistics.basis
    S, n_subjects = statistics.centred.copy(), statistics.n_subjects.copy()
    S[k] -= Z[:, None, :, None] * Z[None, :, None, :]
    n_subjects[k] -= 1
    log_weight = statistics.log_weight - float(2 * np.log(rows.root_weight[subject]).sum())
    return replace(statistics, centred=S, n_subjects=n_subjects, log_weight=log_weight)
