"""Generalised estimating equations of response, remission or change at every visit."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.endpoints.data import BinaryData, ChangeData
from ketaoutcomes.families.fitted import Fitted
from ketaoutcomes.families.repeated_binary.binary import BinaryModel, binary_results
from ketaoutcomes.families.repeated_binary.estimating_equations import (
    GeeFit,
    NoSolutionError,
    criteria,
    fit_estimating_equations,
)
from ketaoutcomes.families.repeated_binary.plan import GeeAnalysis
from ketaoutcomes.families.shared.aliasing import aliased_remarks
from ketaoutcomes.families.shared.design import ls_mean_rows
from ketaoutcomes.families.shared.repeated_measures import (
    RepeatedMeasures,
    failed_difference,
    ls_mean_results,
    repeated_measures,
)
from ketaoutcomes.families.shared.rows import analysis_row
from ketaoutcomes.families.shared.separated import FinitePart
from ketaoutcomes.numerics.estimating_equations import Family, WorkingKind
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
    family: Family = "binomial" if binary else "gaussian"
    try:
        fit, part = _fit(data, family, analysis.correlation)
        independent, _ = _fit(data, family, "independence", part)
    except NoSolutionError as error:
        return Fitted(name, (failed_difference(common, estimand, str(error)),))
    if not fit.converged:
        message = f"the estimating equations have no solution: {'; '.join(fit.messages)}"
        return Fitted(name, (failed_difference(common, estimand, message),))
    quality = replace(
        common,
        statistic="QIC",
        estimate=criteria(fit, independent).qic,
        n=fit.n_subjects,
        unit="",
        method="Pan 2001",
    )
    remarks = aliased_remarks(data.design)
    if binary:
        model = _binary_model(fit, analysis)
        results = binary_results(data, estimand, common, model, conf_level, part)
        return Fitted(name, (*results, quality), remarks=remarks)
    covariance = fit.covariance(analysis.coefficient_covariance)

    def estimate(c: FloatArray) -> ContrastResult:
        std_error = float(np.sqrt(c @ covariance @ c))
        return tested(float(c @ fit.beta), std_error, _df(fit, analysis, c), conf_level)

    means = ls_mean_rows(data.design, ("visit", "arm"))
    results = ls_mean_results(data, estimand, means, common, estimate, conf_level)
    return Fitted(name, (*results, quality), remarks=remarks)


def _fit(
    data: RepeatedMeasures,
    family: Family,
    correlation: WorkingKind,
    part: FinitePart | None = None,
) -> tuple[GeeFit, FinitePart | None]:
    """The fit; where outcomes are separated that of the finite coefficients, and which they are.

    Raises
    ------
    NoSolutionError
        If there is none.
    """
    at = (data.subject, data.visit, len(data.visits))
    if part is not None:
        X, offset = part.design(data.design.X), part.offset(data.y)
        return fit_estimating_equations(data.y, X, *at, family, correlation, offset), part
    try:
        fit = fit_estimating_equations(data.y, data.design.X, *at, family, correlation)
    except NoSolutionError:
        if family != "binomial":
            raise
        fit = None
    if family != "binomial" or (fit is not None and fit.converged):
        assert fit is not None
        return fit, None
    part = FinitePart.of(data.design.X, data.y)
    if part.separated.any() and not part.separated.all():
        return _fit(data, family, correlation, part)
    if fit is None:
        raise NoSolutionError(f"the {correlation} estimating equations could not be solved")
    return fit, None


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
