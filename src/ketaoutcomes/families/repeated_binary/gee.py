"""Generalised estimating equations of response, remission or change at every visit."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.endpoints.data import BinaryData, ChangeData
from ketaoutcomes.families.fitted import Fitted
from ketaoutcomes.families.repeated_binary.binary import BinaryModel, binary_results
from ketaoutcomes.families.repeated_binary.estimating_equations import (
    Family,
    GeeFit,
    criteria,
    fit_estimating_equations,
)
from ketaoutcomes.families.repeated_binary.plan import GeeAnalysis
from ketaoutcomes.families.shared.analysis_row import analysis_row
from ketaoutcomes.families.shared.design import ls_mean_rows
from ketaoutcomes.families.shared.repeated_measures import (
    failed_difference,
    ls_mean_results,
    repeated_measures,
)
from ketaoutcomes.numerics.linear_combination import ContrastResult, tested
from ketaoutcomes.plan.estimand import Estimand

FloatArray = NDArray[np.float64]
TABLE = "geet01"


def fit_gee_analysis(
    name: str,
    analysis: GeeAnalysis,
    estimand: Estimand,
    endpoint: ChangeData | BinaryData,
    conf_level: float,
) -> Fitted:
    """Estimates by visit, with a robust covariance."""
    data = repeated_measures(
        endpoint, estimand.treatment.reference, analysis.covariates, analysis.by_visit
    )
    binary = isinstance(endpoint, BinaryData)
    common = analysis_row(
        TABLE,
        name,
        analysis,
        endpoint,
        unit="" if binary else "points",
        method=f"estimating equations, {analysis.correlation} working correlation, "
        f"{analysis.coefficient_covariance.title()} standard errors, t reference",
    )
    rows = (data.y, data.design.X, data.subject, data.visit, len(data.visits))
    family: Family = "binomial" if binary else "gaussian"
    fit = fit_estimating_equations(*rows, family, analysis.correlation)
    if not fit.converged:
        message = f"the estimating equations have no solution: {'; '.join(fit.messages)}"
        return Fitted(name, (failed_difference(common, estimand, message),))
    chosen = criteria(fit, fit_estimating_equations(*rows, family, "independence"))
    quality = replace(
        common, statistic="QIC", estimate=chosen.qic, n=fit.n_subjects, unit="", method="Pan 2001"
    )
    if binary:
        model = _binary_model(fit, analysis)
        results = binary_results(data, estimand, common, model, conf_level)
        return Fitted(name, (*results, quality))
    covariance = fit.covariance(analysis.coefficient_covariance)

    def estimate(c: FloatArray) -> ContrastResult:
        std_error = float(np.sqrt(c @ covariance @ c))
        return tested(float(c @ fit.beta), std_error, _df(fit, analysis, c), conf_level)

    means = ls_mean_rows(data.design, ("visit", "arm"))
    results = ls_mean_results(data, estimand, means, common, estimate, conf_level)
    return Fitted(name, (*results, quality))


def _df(fit: GeeFit, analysis: GeeAnalysis, c: FloatArray) -> float:
    return fit.df(analysis.coefficient_covariance, c, analysis.df)


def _binary_model(fit: GeeFit, analysis: GeeAnalysis) -> BinaryModel:
    def probability(X: FloatArray) -> tuple[float, FloatArray]:
        p = 1 / (1 + np.exp(-X @ fit.beta))
        return float(p.mean()), (p * (1 - p)) @ X / len(X)

    return BinaryModel(
        parameters=fit.beta,
        covariance=fit.covariance(analysis.coefficient_covariance),
        probability=probability,
        df=lambda c: _df(fit, analysis, c),
    )
