"""Tests and intervals of linear combinations of coefficients, whatever the model."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.numerics import distributions

FloatArray = NDArray[np.float64]

SAME_DF = 1.5e-8
DEPENDENT = 1e-8


@dataclass(frozen=True)
class ContrastResult:
    """One linear combination of beta, with its two-sided test against zero."""

    estimate: float
    std_error: float
    df: float
    statistic: float
    p_value: float
    conf_low: float
    conf_high: float


@dataclass(frozen=True)
class FTest:
    """Test that several linear combinations are all zero."""

    num_df: int
    den_df: float
    statistic: float
    p_value: float


def tested(estimate: float, std_error: float, df: float, conf_level: float) -> ContrastResult:
    """Interval and two-sided test by the t distribution, the normal where df is infinite."""
    statistic = estimate / std_error
    half = float(distributions.t.ppf(0.5 + conf_level / 2, df)) * std_error
    return ContrastResult(
        estimate=estimate,
        std_error=std_error,
        df=df,
        statistic=statistic,
        p_value=float(2 * distributions.t.sf(abs(statistic), df)),
        conf_low=estimate - half,
        conf_high=estimate + half,
    )


def independent_rows(L: FloatArray) -> FloatArray:
    """L itself where its rows are independent, else as many that span the same space."""
    _, sizes, directions = np.linalg.svd(L, full_matrices=False)
    rank = int((sizes > DEPENDENT * sizes.max()).sum())
    return L if rank == len(L) else np.asarray(directions[:rank])


@dataclass(frozen=True)
class Wald:
    """Several linear combinations against zero, before any reference distribution.

    Attributes
    ----------
    L : array, shape (l, p)
        Independent rows.
    covariance : array, shape (l, l)
        Of L beta.
    statistic : float
        Quadratic form over l.
    """

    L: FloatArray
    covariance: FloatArray
    statistic: float


def wald(beta: FloatArray, beta_covariance: FloatArray, L: FloatArray) -> Wald:
    """Test statistic of L beta = 0; rows that others determine do not count."""
    L = independent_rows(L)
    estimate = L @ beta
    covariance = L @ beta_covariance @ L.T
    statistic = float(estimate @ np.linalg.solve(covariance, estimate)) / L.shape[0]
    return Wald(L, covariance, statistic)


def satterthwaite_df(variance: float, slope: FloatArray, parameter_covariance: FloatArray) -> float:
    """Degrees of freedom of a variance: Giesbrecht & Burns 1985, Biometrics 41:477-486.

    Parameters
    ----------
    slope : array, shape (n_theta,)
        Derivatives of the variance by the covariance parameters.
    parameter_covariance : array, shape (n_theta, n_theta)
    """
    return 2 * variance**2 / float(slope @ parameter_covariance @ slope)


def fai_cornelius(dfs: list[float]) -> float:
    """Degrees of freedom whose F has the mean of the sum of squared t's; 2 where that has none.

    Fai & Cornelius 1996, J Stat Comput Simul 54:363-378.
    """
    if np.ptp(dfs) < SAME_DF:
        return float(np.mean(dfs))
    if min(dfs) <= 2:
        return 2.0
    expectation = sum(df / (df - 2) for df in dfs)
    return 2 * expectation / (expectation - len(dfs))


@dataclass(frozen=True)
class ScaledF:
    """Denominator degrees of freedom and the factor of the Wald statistic."""

    df: float
    scale: float


def kenward_roger_f(
    beta_covariance: FloatArray,
    slopes: FloatArray,
    parameter_covariance: FloatArray,
    L: FloatArray,
) -> ScaledF:
    """Kenward & Roger 1997, Biometrics 53:983-997, section 3, with l = rank of L.

    Parameters
    ----------
    beta_covariance : array, shape (p, p)
        Model-based covariance of beta, not adjusted.
    slopes : array, shape (n_theta, p, p)
        Its derivatives by the covariance parameters.
    parameter_covariance : array, shape (n_theta, n_theta)
    """
    l = L.shape[0]
    Theta = L.T @ np.linalg.inv(L @ beta_covariance @ L.T) @ L
    moved = Theta @ slopes
    traces = np.einsum("iaa->i", moved)
    A1 = float(traces @ parameter_covariance @ traces)
    A2 = float(np.einsum("ij,iab,jba->", parameter_covariance, moved, moved, optimize=True))
    B = (A1 + 6 * A2) / (2 * l)
    g = ((l + 1) * A1 - (l + 4) * A2) / ((l + 2) * A2)
    denominator = 3 * l + 2 * (1 - g)
    c1, c2, c3 = g / denominator, (l - g) / denominator, (l + 2 - g) / denominator
    E = 1 / (1 - A2 / l)
    V = 2 / l * (1 + c1 * B) / ((1 - c2 * B) ** 2 * (1 - c3 * B))
    rho = V / (2 * E**2)
    df = 4 + (l + 2) / (l * rho - 1)
    return ScaledF(float(df), float(df / (E * (df - 2))))
