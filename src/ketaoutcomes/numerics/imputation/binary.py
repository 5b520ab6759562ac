"""Success or failure in many completed datasets: risk differences and logistic regression."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from ketaoutcomes.numerics.imputation.ancova import Analysed, AnalysisDesign

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

ITERATIONS = 50
CONVERGED = 1e-8


def proportion(outcome: FloatArray, members: BoolArray) -> Analysed:
    """Share of successes among some subjects, with its binomial standard error.

    Parameters
    ----------
    outcome : array, shape (M, n_subjects)
        One or zero.
    members : bool array, shape (n_subjects,)
    """
    share = outcome[:, members].mean(axis=1)
    return Analysed(share, np.sqrt(share * (1 - share) / members.sum()), np.inf)


def risk_difference(active: Analysed, reference: Analysed) -> Analysed:
    """Difference of two independent proportions."""
    return Analysed(
        active.estimate - reference.estimate,
        np.hypot(active.std_error, reference.std_error),
        np.inf,
    )


@dataclass(frozen=True)
class LogisticFits:
    """Logistic regressions of M datasets.

    Attributes
    ----------
    beta : array, shape (M, q)
    covariance : array, shape (M, q, q)
    converged : bool array, shape (M,)
    """

    beta: FloatArray
    covariance: FloatArray
    converged: BoolArray

    def combination(self, L: FloatArray) -> Analysed:
        """Estimate L'beta."""
        return Analysed(self.beta @ L, np.sqrt(L @ self.covariance @ L), np.inf)


def fit_logistic(design: AnalysisDesign, outcome: FloatArray) -> LogisticFits:
    """Maximum likelihood by Newton's method, all datasets at once.

    A dataset whose likelihood has no maximum, as where a covariate separates successes from
    failures, does not converge.

    Parameters
    ----------
    outcome : array, shape (M, n_subjects)
    """
    A = design.A
    q = A.shape[1]
    outer = (A[:, :, None] * A[:, None, :]).reshape(len(A), -1)
    scale = np.abs(A).max(axis=0)
    beta = np.zeros((len(outcome), q))
    converged = np.zeros(len(outcome), dtype=bool)
    information = np.zeros((len(outcome), q, q))
    for _ in range(ITERATIONS):
        share = expit(beta @ A.T)
        information = ((share * (1 - share)) @ outer).reshape(-1, q, q)
        # enough to go on where a likelihood flattens out; far below what a maximum has
        information = information + 1e-10 * np.diag(scale**2)
        step = np.linalg.solve(information, ((outcome - share) @ A)[..., None])[..., 0]
        beta = beta + np.where(converged[:, None], 0.0, np.clip(step * scale, -2, 2) / scale)
        converged = converged | (np.abs(step * scale).max(axis=1) < CONVERGED)
        if converged.all():
            break
    return LogisticFits(beta, np.asarray(np.linalg.inv(information), dtype=float), converged)


def marginal_risk_difference(
    design: AnalysisDesign, fits: LogisticFits, active: int, reference: int
) -> Analysed:
    """Difference of the mean risks had all subjects been in one arm or in the other.

    g-computation with the standard error of the delta method, given the covariates: Ge, Durham,
    Meyer, Xie & Thomas 2011, Drug Inf J 45:481-493.

    Parameters
    ----------
    active, reference : int
        Codes of the arms.
    """
    estimate = np.zeros(len(fits.beta))
    slope = np.zeros_like(fits.beta)
    for arm, sign in ((active, 1.0), (reference, -1.0)):
        A = design.by_arm[arm]
        share = expit(fits.beta @ A.T)
        estimate = estimate + sign * share.mean(axis=1)
        slope = slope + sign * (share * (1 - share)) @ A / len(A)
    variance = np.einsum("mi,mij,mj->m", slope, fits.covariance, slope, optimize=True)
    return Analysed(estimate, np.sqrt(variance), np.inf)
