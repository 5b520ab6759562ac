"""All trials of a chunk by one repeated-measures fit of many datasets at once."""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.endpoints.data import ChangeData, EndpointData
from ketaoutcomes.families.fitted import CorrelationOf
from ketaoutcomes.families.registry import main_results
from ketaoutcomes.families.repeated_measures.plan import MmrmAnalysis
from ketaoutcomes.families.shared.design import LsMeanRows, arm_difference_rows
from ketaoutcomes.families.shared.repeated_measures import repeated_measures
from ketaoutcomes.numerics import distributions
from ketaoutcomes.numerics.mmrm.batch import POSITIVE_DEFINITE, BatchFit, batch_contrast, fit_batch
from ketaoutcomes.numerics.mmrm.patterns import row_statistics
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.multiplicity import Hypothesis
from ketaoutcomes.results import Result

FloatArray = NDArray[np.float64]
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
    plan: AnalysisPlan,
    name: str,
    wanted: Iterable[Hypothesis],
    endpoint: EndpointData,
    trial: IntArray,
) -> dict[int, tuple[tuple[Result, ...], CorrelationOf]]:
    """The differences that hypotheses are about in each trial whose batched fit converged.

    The design is built once: a difference between arms does not depend on the means of the
    covariates, which alone differ from trial to trial.

    Returns
    -------
    dict
        Number of the trial -> rows, and the correlations of their estimates. A trial that is left
        out is to be fitted alone, which also says why it cannot be.
    """
    hypotheses = tuple(wanted)
    analysis = plan.analyses[name]
    if not can_be_batched(plan, name) or any(h.contrast is not None for h in hypotheses):
        return {}
    assert isinstance(analysis, MmrmAnalysis)
    assert isinstance(endpoint, ChangeData)
    estimand = plan.estimands[analysis.estimand]
    treatment = estimand.treatment
    data = repeated_measures(endpoint, treatment.reference, analysis.covariates, analysis.by_visit)
    if endpoint.visits != data.visits or data.design.aliased:
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
    last = estimand.visit or data.visits[-1]
    levels = tuple(
        dict.fromkeys(
            (h.visit or last, h.arm or treatment.active, treatment.reference) for h in hypotheses
        )
    )
    every = arm_difference_rows(data.design, "arm", "visit", treatment.reference)
    places = [every.levels.index(level) for level in levels]
    differences = LsMeanRows(levels, every.L[places])
    table, statistic = main_results()["difference in means"]
    row = Result(table=table, analysis=name, statistic=statistic)
    return _by_trial(row, fit, differences, plan.report.confidence_level)


def _by_trial(
    row: Result, fit: BatchFit, differences: LsMeanRows, conf_level: float
) -> dict[int, tuple[tuple[Result, ...], CorrelationOf]]:
    """Rows of each trial that converged, with their correlations."""
    each = [
        _of_level(row, fit, level, c, conf_level)
        for level, c in zip(differences.levels, differences.L, strict=True)
    ]
    found: dict[int, tuple[tuple[Result, ...], CorrelationOf]] = {}
    covariances = fit.covariance_of(differences.L)
    for number in np.flatnonzero(fit.converged).tolist():
        rows = tuple(of_level[number] for of_level in each)
        covariance = covariances[number]
        places = {result.id: place for place, result in enumerate(rows)}
        found[number] = rows, partial(_correlation, places, covariance)
    return found


def _of_level(
    row: Result, fit: BatchFit, level: tuple[str, ...], c: FloatArray, conf_level: float
) -> list[Result]:
    """One difference in every trial."""
    found = batch_contrast(fit, c)
    half = np.asarray(distributions.t.ppf(0.5 + conf_level / 2, found.df)) * found.std_error
    t = found.estimate / found.std_error
    p = 2 * np.asarray(distributions.t.sf(np.abs(t), found.df))
    visit, arm, reference = level
    return [
        replace(
            row,
            visit=visit,
            arm=arm,
            reference=reference,
            estimate=estimate,
            std_error=std_error,
            df=df,
            test_statistic=statistic,
            conf_low=estimate - margin,
            conf_high=estimate + margin,
            conf_level=conf_level,
            p_value=p_value,
        )
        for estimate, std_error, df, statistic, margin, p_value in zip(
            *(x.tolist() for x in (found.estimate, found.std_error, found.df, t, half, p)),
            strict=True,
        )
    ]


def _correlation(
    places: dict[str, int], covariance: FloatArray, ids: tuple[str, ...]
) -> FloatArray:
    """Correlations of the estimates of these results."""
    chosen = [places[one] for one in ids]
    sd = np.sqrt(np.diag(covariance))[chosen]
    return np.asarray(covariance[np.ix_(chosen, chosen)] / np.outer(sd, sd))
