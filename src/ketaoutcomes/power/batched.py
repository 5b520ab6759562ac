"""All trials of a chunk by one repeated-measures fit of many datasets at once."""

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from ketaoutcomes.endpoint import ChangeData, EndpointData
from ketaoutcomes.fit.design import arm_difference_rows
from ketaoutcomes.fit.repeated_measures import repeated_measures
from ketaoutcomes.numerics.mmrm.batch import POSITIVE_DEFINITE, batch_contrast, fit_batch
from ketaoutcomes.numerics.mmrm.patterns import row_statistics
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.analyses import MmrmAnalysis

IntArray = NDArray[np.int64]


def can_be_batched(plan: AnalysisPlan, name: str) -> bool:
    """Whether `fit_batch` does what the analysis asks for."""
    analysis = plan.analyses[name]
    return (
        isinstance(analysis, MmrmAnalysis)
        and analysis.covariance[0] in POSITIVE_DEFINITE
        and analysis.df == "satterthwaite"
        and analysis.coefficient_covariance == "model"
        and analysis.covariance_by is None
        and analysis.weights is None
    )


def batched_differences(
    plan: AnalysisPlan, name: str, endpoint: EndpointData, trial: IntArray, n_trials: int
) -> dict[int, dict[str, object]]:
    """The difference at the estimand's visit in each trial whose batched fit converged.

    The design is built once: a difference between arms does not depend on the means of the
    covariates, which alone differ from trial to trial.

    Returns
    -------
    dict
        Number of the trial -> estimate, std_error, limits and p-value. A trial that is left out is
        to be fitted alone, which also says why it cannot be.
    """
    analysis = plan.analyses[name]
    if not can_be_batched(plan, name):
        return {}
    assert isinstance(analysis, MmrmAnalysis)
    assert isinstance(endpoint, ChangeData)
    estimand = plan.estimands[analysis.estimand]
    treatment = estimand.treatment
    data = repeated_measures(endpoint, treatment.reference, analysis.covariates, analysis.by_visit)
    if endpoint.visits != data.visits:
        return {}
    trial_of_row = trial[endpoint.frame["change"].notna().to_numpy()]
    statistics = row_statistics(
        data.observed["change"].to_numpy(dtype=float),
        data.design.X,
        data.subject,
        data.visit,
        len(data.visits),
        group=trial_of_row,
    )
    fit = fit_batch(statistics, analysis.covariance[0], reml=analysis.method == "reml")
    rows = arm_difference_rows(data.design, "arm", "visit", treatment.reference)
    wanted = (estimand.visit or data.visits[-1], treatment.active, treatment.reference)
    found = batch_contrast(fit, rows.L[rows.levels.index(wanted)])
    quantile = np.asarray(stats.t.ppf(0.5 + plan.report.confidence_level / 2, found.df))
    half = quantile * found.std_error
    p = 2 * np.asarray(stats.t.sf(np.abs(found.estimate / found.std_error), found.df))
    return {
        number: {
            "estimate": float(found.estimate[number]),
            "std_error": float(found.std_error[number]),
            "conf_low": float(found.estimate[number] - half[number]),
            "conf_high": float(found.estimate[number] + half[number]),
            "p_value": float(p[number]),
            "message": "",
        }
        for number in np.flatnonzero(fit.converged).tolist()
        if number < n_trials
    }
