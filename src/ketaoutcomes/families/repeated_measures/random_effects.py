"""Linear mixed models of change with a random intercept, or intercept and slope, of each subject.

Laird & Ware 1982, Biometrics 38:963-974.
"""

from dataclasses import replace

import numpy as np

from ketaoutcomes.endpoints.data import ChangeData
from ketaoutcomes.families.records import Fitted
from ketaoutcomes.families.shared.aliasing import aliased_remarks
from ketaoutcomes.families.shared.analysis_row import analysis_row
from ketaoutcomes.families.shared.design import ls_mean_rows
from ketaoutcomes.families.shared.repeated_measures import (
    TABLE,
    RepeatedMeasures,
    failed_difference,
    ls_mean_results,
    repeated_measures,
)
from ketaoutcomes.numerics.mixed.inference import MixedInference, mixed_contrast
from ketaoutcomes.numerics.mixed.linear import LinearMixedFit, fit_linear_mixed_model
from ketaoutcomes.plan.analyses import RandomInterceptAnalysis, RandomSlopeAnalysis
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result

RandomEffectsAnalysis = RandomInterceptAnalysis | RandomSlopeAnalysis
EFFECTS = {
    "random_intercept": "random intercept",
    "random_slope": "random intercept and slope over days",
}


def fit_random_effects_analysis(
    name: str,
    analysis: RandomEffectsAnalysis,
    estimand: Estimand,
    endpoint: ChangeData,
    conf_level: float,
) -> Fitted:
    """LS means and differences by visit."""
    data = repeated_measures(
        endpoint, estimand.treatment.reference, analysis.covariates, analysis.by_visit
    )
    common = analysis_row(
        TABLE,
        name,
        analysis,
        endpoint,
        unit="points",
        method=f"linear mixed model, {EFFECTS[analysis.model]}, REML, "
        f"{analysis.df.title()} degrees of freedom",
    )
    try:
        fit = _fit(data, analysis)
    except ValueError as error:
        return Fitted(name, (failed_difference(common, estimand, str(error)),))
    inference = MixedInference(fit, analysis.df)
    means = ls_mean_rows(data.design, ("visit", "arm"))
    results = ls_mean_results(
        data,
        estimand,
        means,
        common,
        lambda c: mixed_contrast(inference, c, conf_level),
        conf_level,
    )
    return Fitted(name, _told(results, fit), remarks=aliased_remarks(data.design))


def _fit(data: RepeatedMeasures, analysis: RandomEffectsAnalysis) -> LinearMixedFit:
    """Fit with the days on which subjects were seen."""
    Z = np.ones((len(data.y), 1))
    full = True
    if isinstance(analysis, RandomSlopeAnalysis):
        day = data.observed["day"].to_numpy(dtype=float)
        Z = np.column_stack([Z, day])
        full = analysis.correlated
    return fit_linear_mixed_model(
        data.y, data.design.X, Z, data.subject, "full" if full else "diagonal"
    )


def _told(results: tuple[Result, ...], fit: LinearMixedFit) -> tuple[Result, ...]:
    """With what the fit complained of: no convergence is a failure, a border a warning."""
    if not fit.messages:
        return results
    message = "; ".join(fit.messages)
    if fit.converged:
        return tuple(
            row if row.status == "failed" else replace(row, status="warning", message=message)
            for row in results
        )
    return tuple(
        replace(row, status="failed", message=f"the model did not converge: {message}")
        for row in results
    )
