"""Linear mixed model with a random intercept for each subject, by statsmodels.

Laird & Ware 1982, Biometrics 38:963-974. Tests use the standard normal, as statsmodels does; in
small samples they are liberal, which is why this model stands beside the MMRM and not in its place.
"""

import warnings
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from statsmodels.regression.mixed_linear_model import MixedLM

from ketaoutcomes.endpoint import ChangeData
from ketaoutcomes.fit.design import ls_mean_rows
from ketaoutcomes.fit.repeated_measures import TABLE, ls_mean_results, repeated_measures
from ketaoutcomes.fits import Fitted
from ketaoutcomes.numerics.mmrm.contrasts import ContrastResult
from ketaoutcomes.plan.analyses import RandomInterceptAnalysis
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class RandomInterceptFit:
    """A fitted random-intercept model.

    Attributes
    ----------
    beta : array, shape (p,)
    beta_covariance : array, shape (p, p)
    intercept_variance, residual_variance, log_likelihood : float
    converged : bool
    messages : tuple of str
        What statsmodels warned of.
    """

    beta: FloatArray
    beta_covariance: FloatArray
    intercept_variance: float
    residual_variance: float
    log_likelihood: float
    converged: bool
    messages: tuple[str, ...]


def fit_random_intercept(
    y: FloatArray, X: FloatArray, subject: NDArray[np.int64]
) -> RandomInterceptFit:
    """Fit by REML.

    Parameters
    ----------
    y : array, shape (n,)
    X : array, shape (n, p)
    subject : int array, shape (n,)
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fit = MixedLM(y, X, groups=subject).fit(
            reml=True, method=["bfgs", "lbfgs", "cg"], gtol=1e-8
        )
    p = X.shape[1]
    return RandomInterceptFit(
        beta=np.asarray(fit.fe_params),
        beta_covariance=np.asarray(fit.cov_params())[:p, :p],
        intercept_variance=float(np.asarray(fit.cov_re)[0, 0]),
        residual_variance=float(fit.scale),
        log_likelihood=float(fit.llf),
        converged=bool(fit.converged),
        messages=tuple(sorted({str(warning.message) for warning in caught})),
    )


def linear_combination(fit: RandomInterceptFit, c: FloatArray, conf_level: float) -> ContrastResult:
    """Estimate c' beta with the standard normal as reference."""
    estimate = float(c @ fit.beta)
    std_error = float(np.sqrt(c @ fit.beta_covariance @ c))
    half = float(stats.norm.ppf(0.5 + conf_level / 2)) * std_error
    statistic = estimate / std_error
    return ContrastResult(
        estimate=estimate,
        std_error=std_error,
        df=float("inf"),
        statistic=statistic,
        p_value=float(2 * stats.norm.sf(abs(statistic))),
        conf_low=estimate - half,
        conf_high=estimate + half,
    )


def fit_random_intercept_analysis(
    name: str,
    analysis: RandomInterceptAnalysis,
    estimand: Estimand,
    endpoint: ChangeData,
    conf_level: float,
) -> Fitted:
    """LS means and differences by visit from the random-intercept model."""
    data = repeated_measures(
        endpoint, estimand.treatment.reference, analysis.covariates, analysis.by_visit
    )
    fit = fit_random_intercept(
        data.observed["change"].to_numpy(dtype=float), data.design.X, data.subject
    )
    common = Result(
        table=TABLE,
        statistic="",
        analysis=name,
        role=analysis.role,
        estimand=analysis.estimand,
        endpoint=endpoint.name,
        phase=endpoint.phase,
        unit="points",
        method="linear mixed model, random intercept, REML, normal reference",
    )
    means = ls_mean_rows(data.design, ("visit", "arm"))
    results = ls_mean_results(
        data, estimand, means, common, lambda c: linear_combination(fit, c, conf_level), conf_level
    )
    if not fit.converged:
        message = "the model did not converge: " + "; ".join(fit.messages)
        results = tuple(replace(row, status="failed", message=message) for row in results)
    return Fitted(name, results)
