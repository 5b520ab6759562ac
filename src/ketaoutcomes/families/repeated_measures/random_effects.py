"""Linear mixed models of change with a random intercept, or intercept and slope, of each subject.

Laird & Ware 1982, Biometrics 38:963-974.
"""

from dataclasses import replace

import numpy as np

from ketaoutcomes.endpoints.data import ChangeData
from ketaoutcomes.families.fitted import Fitted
from ketaoutcomes.families.repeated_measures.plan import (
    RandomInterceptAnalysis,
    RandomSlopeAnalysis,
)
from ketaoutcomes.families.shared.aliasing import aliased_remarks
from ketaoutcomes.families.shared.design import ls_mean_rows
from ketaoutcomes.families.shared.repeated_measures import (
    ONE_OUTCOME_EACH,
    TABLE,
    RepeatedMeasures,
    failed_difference,
    ls_mean_results,
    repeated_measures,
    seen_more_than_once,
)
from ketaoutcomes.families.shared.rows import analysis_row
from ketaoutcomes.numerics.mixed.inference import MixedInference, mixed_contrast
from ketaoutcomes.numerics.mixed.linear import LinearMixedFit, fit_linear_mixed_model
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.remarks import Remark
from ketaoutcomes.results import Result
from ketaoutcomes.vocabulary import DF_LABELS

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
        f"{DF_LABELS[analysis.df]} degrees of freedom",
    )
    if not seen_more_than_once(data):
        return Fitted(name, (failed_difference(common, estimand, ONE_OUTCOME_EACH),))
    try:
        fit = _fit(data, analysis)
    except ValueError as error:
        return Fitted(name, (failed_difference(common, estimand, str(error)),))
    if not fit.converged:
        message = f"the model did not converge: {_why(data, analysis, fit)}"
        return Fitted(name, (failed_difference(common, estimand, message),))
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
    remarks = (*aliased_remarks(data.design), *_border(analysis, fit))
    return Fitted(name, _told(results, fit), remarks=remarks)


def _border(analysis: RandomEffectsAnalysis, fit: LinearMixedFit) -> tuple[Remark, ...]:
    """That the covariance of the random effects is at its border, where the fit is otherwise good.

    The model is then one with fewer random effects, and participants differ less than it allows.
    """
    if not (fit.converged and fit.singular):
        return ()
    what = (
        "The variance of the random intercept is estimated as 0: the model takes the visits of a "
        "participant for independent"
        if isinstance(analysis, RandomInterceptAnalysis)
        else "The covariance of the random intercept and slope is singular: a variance is "
        "estimated as 0 or their correlation as 1 or \N{MINUS SIGN}1"
    )
    remedy = "A model with fewer random effects, or `model: mmrm`, makes no such restriction"
    return (Remark(what, remedy=remedy),)


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


def _why(data: RepeatedMeasures, analysis: RandomEffectsAnalysis, fit: LinearMixedFit) -> str:
    """Why the fit has no optimum, in what the data hold where that is seen."""
    most = int(np.bincount(data.subject).max())
    needed = 3 if isinstance(analysis, RandomSlopeAnalysis) and analysis.correlated else 2
    if most < needed:
        return (
            f"no participant has more than {most} visit{'s' if most > 1 else ''}, and "
            f"a {EFFECTS[analysis.model]} needs {needed} of some participants"
        )
    return "; ".join(fit.messages)


def _told(results: tuple[Result, ...], fit: LinearMixedFit) -> tuple[Result, ...]:
    """With what the fit complained of: a border is a warning."""
    if not fit.messages:
        return results
    message = "; ".join(fit.messages)
    return tuple(
        row if row.status == "failed" else replace(row, status="warning", message=message)
        for row in results
    )
