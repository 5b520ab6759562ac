"""Analysis of covariance of many completed datasets at once."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
StandardErrors = Literal["model", "robust"]

DEPENDENT = 1e-12


@dataclass(frozen=True)
class AnalysisDesign:
    """Design of the analysis model, one row a subject.

    Attributes
    ----------
    A : array, shape (n_subjects, q)
    by_arm : array, shape (n_arms, n_subjects, q)
        The same rows had everybody been in one arm.
    """

    A: FloatArray
    by_arm: FloatArray

    def arm_means(self, weights: FloatArray | None = None) -> FloatArray:
        """Rows whose products with the coefficients are marginal means, shape (M or 1, arms, q).

        A marginal mean is the average over all subjects of a dataset, each put into the arm.
        """
        if weights is None:
            return np.asarray(self.by_arm.mean(axis=1)[None])
        total = np.einsum("mn,anq->maq", weights, self.by_arm, optimize=True)
        return np.asarray(total / weights.sum(axis=1)[:, None, None])


@dataclass(frozen=True)
class Analysed:
    """One number estimated in M datasets.

    Attributes
    ----------
    estimate, std_error : array, shape (M,)
    df : float
        Degrees of freedom that the complete data would have.
    """

    estimate: FloatArray
    std_error: FloatArray
    df: float


@dataclass(frozen=True)
class LinearFits:
    """Least squares in M datasets.

    Attributes
    ----------
    beta : array, shape (M, q)
    covariance : array, shape (M, q, q)
    df : float
    """

    beta: FloatArray
    covariance: FloatArray
    df: float

    def combination(self, L: FloatArray) -> Analysed:
        """Estimate L'beta, for L of shape (M or 1, q)."""
        L = np.broadcast_to(L, self.beta.shape)
        variance = np.einsum("mi,mij,mj->m", L, self.covariance, L, optimize=True)
        return Analysed((self.beta * L).sum(axis=-1), np.sqrt(variance), self.df)


def fit_ancova(
    design: AnalysisDesign, y: FloatArray, standard_errors: StandardErrors = "model"
) -> LinearFits:
    """Least squares of each completed dataset.

    Parameters
    ----------
    y : array, shape (M, n_subjects)
    standard_errors : {"model", "robust"}
        Robust ones hold with unequal variances: HC3 of MacKinnon & White 1985, J Econom 29:305-325.

    Raises
    ------
    LinAlgError
        If the columns of the design are linearly dependent.
    """
    A = design.A
    n, q = A.shape
    inverse = np.linalg.inv(A.T @ A)
    beta = y @ A @ inverse
    residual = y - beta @ A.T
    if standard_errors == "model":
        s2 = (residual**2).sum(axis=1) / (n - q)
        return LinearFits(beta, s2[:, None, None] * inverse, n - q)
    leverage = np.einsum("ni,ij,nj->n", A, inverse, A)
    spread = A @ inverse / (1 - leverage)[:, None]
    covariance = np.einsum("mn,ni,nj->mij", residual**2, spread, spread, optimize=True)
    return LinearFits(beta, covariance, n - q)


def weighted_coefficients(design: AnalysisDesign, y: FloatArray, weights: FloatArray) -> FloatArray:
    """Coefficients where each subject counts a number of times, shape (M, q).

    Where a dataset lacks all subjects with a level of a factor, its column is left out: the
    coefficient is zero.

    Parameters
    ----------
    y, weights : array, shape (M, n_subjects)
    """
    A = design.A
    scale = np.sqrt((A**2).sum(axis=0))
    A = A / scale
    outer = A[:, :, None] * A[:, None, :]
    products = (weights @ outer.reshape(len(A), -1)).reshape(-1, A.shape[1], A.shape[1])
    inverse = np.linalg.pinv(products, rcond=DEPENDENT, hermitian=True)
    return np.asarray((inverse @ ((weights * y) @ A)[..., None])[..., 0] / scale)
