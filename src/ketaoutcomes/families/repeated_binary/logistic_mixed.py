"""Logistic model with a random intercept of response or remission at every visit."""

from dataclasses import replace

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from numpy.typing import NDArray

from ketaoutcomes.endpoints.data import BinaryData
from ketaoutcomes.families.fitted import Fitted
from ketaoutcomes.families.repeated_binary.binary import BinaryModel, binary_results
from ketaoutcomes.families.repeated_binary.estimating_equations import EXTREME
from ketaoutcomes.families.repeated_binary.plan import LogisticMixedAnalysis
from ketaoutcomes.families.shared.aliasing import aliased_remarks
from ketaoutcomes.families.shared.repeated_measures import (
    ONE_OUTCOME_EACH,
    RepeatedMeasures,
    failed_difference,
    repeated_measures,
    seen_more_than_once,
)
from ketaoutcomes.families.shared.rows import analysis_row
from ketaoutcomes.families.shared.separated import FinitePart
from ketaoutcomes.numerics.mixed.generalised import GeneralisedMixedFit, fit_generalised_mixed_model
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result

FloatArray = NDArray[np.float64]
TABLE = "glmmt01"
MARGINAL_NODES = 60
"""Nodes of the mean over the intercepts, which no subject's outcomes narrow."""


def fit_logistic_mixed_analysis(
    name: str,
    analysis: LogisticMixedAnalysis,
    estimand: Estimand,
    endpoint: BinaryData,
    conf_level: float,
) -> Fitted:
    """Odds ratios of a subject, and proportions as means over subjects, by visit."""
    data = repeated_measures(
        endpoint, estimand.treatment.reference, analysis.covariates, analysis.by_visit
    )
    common = analysis_row(
        TABLE,
        name,
        analysis,
        endpoint,
        method="logistic mixed model, random intercept, adaptive quadrature with "
        f"{analysis.nodes} nodes, normal reference",
    )
    if not seen_more_than_once(data):
        return Fitted(name, (failed_difference(common, estimand, ONE_OUTCOME_EACH),))
    try:
        fit, part = _fit(data, analysis.nodes)
    except (ValueError, np.linalg.LinAlgError) as error:
        return Fitted(name, (failed_difference(common, estimand, str(error)),))
    message = "; ".join(fit.messages)
    if not fit.converged:
        reason = f"the model did not converge: {message}"
        return Fitted(name, (failed_difference(common, estimand, reason),))
    results = binary_results(data, estimand, common, _binary_model(fit), conf_level, part)
    if message:
        results = tuple(
            replace(row, status="warning", message=message) if row.status == "ok" else row
            for row in results
        )
    return Fitted(name, (*results, _spread(common, fit)), remarks=aliased_remarks(data.design))


def _fit(data: RepeatedMeasures, nodes: int) -> tuple[GeneralisedMixedFit, FinitePart | None]:
    """The fit; where outcomes are separated that of the others, with the finite coefficients.

    A separated outcome has a probability of 1 whatever the participant's intercept, so that the
    likelihood of the others is that of the model without it.
    """
    X, y = data.design.X, data.y
    fit = fit_generalised_mixed_model(y, X, data.subject, "binomial", nodes)
    if fit.converged and np.abs(X @ fit.beta).max() < EXTREME:
        return fit, None
    part = FinitePart.of(X, y)
    left = ~part.separated
    if left.all() or not left.any():
        return fit, None
    _, subject = np.unique(data.subject[left], return_inverse=True)
    found = fit_generalised_mixed_model(
        y[left], part.space.columns(X)[left], subject.astype(np.int64), "binomial", nodes
    )
    return found, part


def _spread(common: Result, fit: GeneralisedMixedFit) -> Result:
    """How much subjects differ, on the scale of the logit."""
    return replace(
        common,
        statistic="standard deviation of intercepts",
        estimate=fit.sigma,
        std_error=float(np.sqrt(fit.covariance[-1, -1])),
        n=fit.n_subjects,
        unit="log odds",
    )


def _binary_model(fit: GeneralisedMixedFit) -> BinaryModel:
    nodes, weights = hermegauss(MARGINAL_NODES)
    weights = weights / weights.sum()

    def probability(X: FloatArray) -> tuple[float, FloatArray]:
        eta = (X @ fit.beta)[:, None] + fit.sigma * nodes
        p = 1 / (1 + np.exp(-eta))
        slope = p * (1 - p) * weights
        by_beta = slope.sum(axis=1) @ X / len(X)
        by_sigma = float((slope * nodes).sum(axis=1).mean())
        return float((p @ weights).mean()), np.append(by_beta, by_sigma)

    return BinaryModel(
        parameters=np.append(fit.beta, fit.sigma),
        covariance=fit.covariance,
        probability=probability,
        df=lambda _: float("inf"),
    )
