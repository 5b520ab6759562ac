"""Mixed model for repeated measures of a change endpoint."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.endpoint import ChangeData
from ketaoutcomes.fit.design import Design, LsMeanRows, build_design, ls_mean_rows
from ketaoutcomes.fit.effect import effect_results
from ketaoutcomes.fits import Fitted, MmrmRecord
from ketaoutcomes.numerics.mmrm.contrasts import ContrastResult, Inference, contrast
from ketaoutcomes.numerics.mmrm.fit import MmrmFit, Rung, fit_with_fallback
from ketaoutcomes.numerics.mmrm.patterns import SubjectRows, pattern_statistics, subject_rows
from ketaoutcomes.numerics.mmrm.sandwich import whiten
from ketaoutcomes.plan.analyses import MmrmAnalysis
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result
from ketaoutcomes.vocabulary import COVARIANCE_LABELS

FloatArray = NDArray[np.float64]
TABLE = "mmrmt01"


@dataclass(frozen=True)
class RepeatedMeasures:
    """The rows of a repeated-measures analysis.

    Attributes
    ----------
    observed : DataFrame
        Rows with an observed change.
    design : Design
    visit : int array
        Code of each row's visit among `visits`.
    """

    observed: pd.DataFrame
    design: Design
    arms: tuple[str, ...]
    visits: tuple[str, ...]
    subject: NDArray[np.int64]
    visit: NDArray[np.int64]


def repeated_measures(
    endpoint: ChangeData, reference: str, covariates: tuple[str, ...], by_visit: tuple[str, ...]
) -> RepeatedMeasures:
    """Design of change by arm, visit and their interaction, with covariates.

    Visits and arms that nobody was observed in are left out.
    """
    observed = endpoint.frame[endpoint.frame["change"].notna()]
    visits = tuple(visit for visit in endpoint.visits if (observed["visit"] == visit).any())
    arms = tuple(arm for arm in endpoint.arms if (observed["arm"] == arm).any())
    arms = tuple(sorted(arms, key=lambda arm: arm != reference))
    factors = {"arm": arms, "visit": visits} | {
        name: tuple(sorted(observed[name].unique()))
        for name in covariates
        if not pd.api.types.is_numeric_dtype(observed[name])
    }
    formula = " + ".join(["arm * visit", *covariates, *(f"{name}:visit" for name in by_visit)])
    return RepeatedMeasures(
        observed=observed,
        design=build_design(observed, formula, factors),
        arms=arms,
        visits=visits,
        subject=pd.factorize(observed["subject"], sort=True)[0].astype(np.int64),
        visit=pd.Categorical(observed["visit"], list(visits)).codes.astype(np.int64),
    )


def fit_mmrm_analysis(
    name: str, analysis: MmrmAnalysis, estimand: Estimand, endpoint: ChangeData, conf_level: float
) -> Fitted:
    """Fit the first covariance of the plan's ladder that converges and estimate LS means."""
    data = repeated_measures(
        endpoint, estimand.treatment.reference, analysis.covariates, analysis.by_visit
    )
    rows = subject_rows(
        data.observed["change"].to_numpy(dtype=float),
        data.design.X,
        data.subject,
        data.visit,
        len(data.visits),
    )
    statistics = pattern_statistics(rows)
    fit, rungs = fit_with_fallback(statistics, analysis.covariance, reml=analysis.method == "reml")
    common = Result(
        table=TABLE,
        statistic="",
        analysis=name,
        role=analysis.role,
        estimand=analysis.estimand,
        endpoint=endpoint.name,
        phase=endpoint.phase,
        unit="points",
    )
    if fit is None:
        return Fitted(name, (_failed(common, estimand, rungs),))
    method = _method_words(analysis, fit, rungs)
    inference = Inference(fit, analysis.df, analysis.coefficient_covariance, rows)
    means = ls_mean_rows(data.design, ("visit", "arm"), analysis.weighting)
    results = ls_mean_results(
        data,
        estimand,
        means,
        replace(common, method=method),
        lambda c: contrast(inference, c, conf_level),
        conf_level,
    )
    effect = _effect(data, estimand, means, results, inference, rows, conf_level)
    return Fitted(name, (*results, *effect), _record(name, data, rows, fit, rungs))


def _effect(
    data: RepeatedMeasures,
    estimand: Estimand,
    means: LsMeanRows,
    results: tuple[Result, ...],
    inference: Inference,
    rows: SubjectRows,
    conf_level: float,
) -> tuple[Result, ...]:
    """More on the difference that the estimand asks for, where it was estimated."""
    visit, treatment = estimand.visit or data.visits[-1], estimand.treatment
    L = dict(zip(means.levels, means.L, strict=True))
    return tuple(
        result
        for row in results
        if row.statistic == "difference in LS means"
        and (row.visit, row.arm) == (visit, treatment.active)
        and row.std_error is not None
        for result in effect_results(
            row,
            inference,
            rows,
            L[visit, row.arm] - L[visit, row.reference],
            data.visits.index(visit),
            conf_level,
        )
    )


def ls_mean_results(
    data: RepeatedMeasures,
    estimand: Estimand,
    means: LsMeanRows,
    common: Result,
    estimate: Callable[[FloatArray], ContrastResult],
    conf_level: float,
) -> tuple[Result, ...]:
    """LS means of each arm and differences from the reference, by visit."""
    L = dict(zip(means.levels, means.L, strict=True))
    counts = data.observed.groupby(["visit", "arm"], observed=True)["subject"].nunique()
    reference = estimand.treatment.reference
    results = []
    for visit in data.visits:
        for arm in data.arms:
            row = replace(
                common,
                statistic="LS mean",
                visit=visit,
                arm=arm,
                n=int(counts.get((visit, arm), 0)),
            )
            results.append(_with(row, estimate(L[visit, arm]), conf_level, test=False))
        for arm in (arm for arm in data.arms if arm != reference):
            row = replace(
                common,
                statistic="difference in LS means",
                visit=visit,
                arm=arm,
                reference=reference,
                n=int(counts.get((visit, arm), 0) + counts.get((visit, reference), 0)),
            )
            difference = L[visit, arm] - L[visit, reference]
            results.append(_with(row, estimate(difference), conf_level, test=True))
    return tuple(results)


def _with(row: Result, estimate: ContrastResult, conf_level: float, *, test: bool) -> Result:
    return replace(
        row,
        estimate=estimate.estimate,
        std_error=estimate.std_error,
        df=estimate.df if np.isfinite(estimate.df) else None,
        test_statistic=estimate.statistic if test else None,
        conf_low=estimate.conf_low,
        conf_high=estimate.conf_high,
        conf_level=conf_level,
        p_value=estimate.p_value if test else None,
    )


def _failed(common: Result, estimand: Estimand, rungs: tuple[Rung, ...]) -> Result:
    """The row that says why no covariance structure could be fitted."""
    reasons = "; ".join(f"{rung.structure}: {rung.note}" for rung in rungs)
    return replace(
        common,
        statistic="difference in LS means",
        visit=estimand.visit or "",
        arm=estimand.treatment.active,
        reference=estimand.treatment.reference,
        status="failed",
        message=f"no covariance structure of the plan could be fitted: {reasons}",
    )


def _method_words(analysis: MmrmAnalysis, fit: MmrmFit, rungs: tuple[Rung, ...]) -> str:
    structure = COVARIANCE_LABELS[analysis.covariance[len(rungs) - 1]]
    method = "REML" if fit.model.reml else "ML"
    return f"MMRM, {structure} covariance, {method}, {analysis.df.title()} degrees of freedom"


def _record(
    name: str,
    data: RepeatedMeasures,
    rows: SubjectRows,
    fit: MmrmFit,
    rungs: tuple[Rung, ...],
) -> MmrmRecord:
    return MmrmRecord(
        analysis=name,
        converged=fit.convergence.converged,
        structure=rungs[-1].structure,
        ladder=tuple((rung.structure, rung.note) for rung in rungs),
        visits=data.visits,
        covariance=fit.covariance[0],
        residuals=np.sort(whiten(fit, rows).residual[rows.observed]),
        log_likelihood=fit.log_likelihood,
        n_subjects=fit.n_subjects,
        n_obs=fit.n_obs,
        messages=fit.convergence.messages,
    )
