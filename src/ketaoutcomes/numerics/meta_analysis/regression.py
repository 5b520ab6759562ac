"""Effects of studies regressed on what the studies are like.

Mixed-effects meta-regression (Berkey, Hoaglin, Mosteller & Colditz 1995, Stat Med 14:395-411) with
the errors and the F test of Knapp & Hartung 2003, Stat Med 22:2693-2710.
"""

from dataclasses import dataclass

import numpy as np

from ketaoutcomes.numerics.distributions import chi2, f, t
from ketaoutcomes.numerics.meta_analysis.spread import (
    Estimator,
    FloatArray,
    between_studies,
    weighted,
)


@dataclass(frozen=True)
class Regression:
    """Coefficients and the test that all but the first are 0.

    Attributes
    ----------
    beta, std_error, conf_low, conf_high, p_value : array, shape (p,)
    tau2 : float
        Variance of the true effects about the regression.
    explained : float or None
        By how much tau2 is below that about a single mean, as a share of it, at least 0 (Raudenbush
        2009); None where that is 0.
    statistic, df, df_residual, p_of_all : float
        F with df and df_residual; with normal errors chi-squared, df_residual then being infinite.
    """

    beta: FloatArray
    std_error: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray
    p_value: FloatArray
    tau2: float
    explained: float | None
    statistic: float
    df: int
    df_residual: float
    p_of_all: float


def regress(
    y: FloatArray,
    v: FloatArray,
    X: FloatArray,
    estimator: Estimator = "reml",
    *,
    knapp_hartung: bool = True,
    conf_level: float = 0.95,
) -> Regression:
    """Regress effects on characteristics.

    Parameters
    ----------
    y, v : array, shape (k,)
        Effects and their sampling variances.
    X : array, shape (k, p)
        Characteristics, the first column of ones; of full rank, with k above p.
    knapp_hartung : bool
        Errors by the residual Q, never below those of normal theory, as in `pool`.
    """
    k, p = X.shape
    tau2 = between_studies(y, v, estimator, X)
    fit = weighted(y, v, X, tau2)
    factor = max(fit.q / (k - p), 1.0) if knapp_hartung else 1.0
    df_residual = float(k - p) if knapp_hartung else np.inf
    covariance = factor * fit.covariance
    std_error = np.sqrt(np.diag(covariance))
    half = t.ppf(0.5 + conf_level / 2, df_residual) * std_error
    rest, df = fit.beta[1:], p - 1
    chi_squared = float(rest @ np.linalg.solve(covariance[1:, 1:], rest))
    return Regression(
        beta=fit.beta,
        std_error=std_error,
        conf_low=fit.beta - half,
        conf_high=fit.beta + half,
        p_value=2 * t.sf(np.abs(fit.beta / std_error), df_residual),
        tau2=tau2,
        explained=_explained(tau2, between_studies(y, v, estimator, X[:, :1])),
        statistic=chi_squared / df if knapp_hartung else chi_squared,
        df=df,
        df_residual=df_residual,
        p_of_all=float(
            f.sf(chi_squared / df, df, df_residual) if knapp_hartung else chi2.sf(chi_squared, df)
        ),
    )


def _explained(tau2: float, of_mean: float) -> float | None:
    return max(1 - tau2 / of_mean, 0.0) if of_mean > 0 else None


def indicators(values: list[str]) -> FloatArray:
    """Columns of ones and of each group but the first, in the order of the alphabet."""
    groups = sorted(set(values))
    X = [[1.0, *(float(value == group) for group in groups[1:])] for value in values]
    return np.array(X)
