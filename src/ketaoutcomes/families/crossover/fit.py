"""Crossover trials by a mixed model of all periods.

Jones & Kenward 2014, Design and Analysis of Cross-Over Trials, 3rd ed., sections 2.10 and 5; Senn
2002, Cross-over Trials in Clinical Research, 2nd ed., section 3.14, on why the comparison does not
wait for a test of carry-over.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.endpoints.data import CrossoverData
from ketaoutcomes.families.crossover.plan import CrossoverAnalysis
from ketaoutcomes.families.fitted import Fitted
from ketaoutcomes.families.shared.aliasing import aliased_remarks, without_aliased
from ketaoutcomes.families.shared.design import (
    Design,
    Term,
    build_design,
    crossed,
    ls_mean_rows,
    rows_for,
)
from ketaoutcomes.families.shared.ladder import ladder_record
from ketaoutcomes.families.shared.repeated_measures import (
    RepeatedMeasures,
    estimated,
    failed_difference,
    ls_mean_results,
    repeated_measures,
    with_estimate,
)
from ketaoutcomes.families.shared.rows import analysis_row
from ketaoutcomes.numerics.mmrm.contrasts import Inference, contrast
from ketaoutcomes.numerics.mmrm.fit import fit_with_fallback, why_left
from ketaoutcomes.numerics.mmrm.patterns import SubjectRows, pattern_statistics, subject_rows
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result
from ketaoutcomes.vocabulary import COVARIANCE_LABELS, DF_LABELS

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
TABLE = "crot01"


@dataclass(frozen=True)
class Assessments:
    """Observed rows with their place among all assessments of a subject."""

    observed: pd.DataFrame
    factors: dict[str, tuple[str, ...]]
    subject: IntArray
    slot: IntArray
    slots: tuple[str, ...]

    def rows(self, X: FloatArray) -> SubjectRows:
        """The rows by subject and assessment."""
        y = self.observed["change"].to_numpy(dtype=float)
        return subject_rows(y, X, self.subject, self.slot, len(self.slots))


def fit_crossover_analysis(
    name: str,
    analysis: CrossoverAnalysis,
    estimand: Estimand,
    endpoint: CrossoverData,
    conf_level: float,
) -> Fitted:
    """LS means and differences of treatments, then carry-over, periods and the first period."""
    common = analysis_row(
        TABLE,
        name,
        analysis,
        endpoint,
        unit="points",
    )
    here = _assessments(analysis, estimand, endpoint)
    design = without_aliased(build_design(here.observed, _terms("order", analysis), here.factors))
    rows = here.rows(design.X)
    fit, rungs = fit_with_fallback(pattern_statistics(rows), analysis.covariance, visits=here.slots)
    if fit is None:
        message = f"the model of all periods could not be fitted: {why_left(rungs)}"
        return Fitted(name, (failed_difference(common, estimand, message),))
    structure = COVARIANCE_LABELS[analysis.covariance[len(rungs) - 1]]
    method = f"mixed model of all periods, {structure} covariance, REML, {DF_LABELS[analysis.df]}"
    common = replace(common, method=method)
    inference = Inference(fit, analysis.df)
    means = ls_mean_rows(design, ("visit", "arm"))
    data = _as_repeated(here, design, endpoint)
    treatments = ls_mean_results(
        data,
        estimand,
        means,
        common,
        lambda c: contrast(inference, c, conf_level),
        conf_level,
    )
    results = (
        *_subjects_once(treatments, here),
        *_period_effects(common, here, data, inference, conf_level),
        *(_carry_over(common, analysis, estimand, here, conf_level) if analysis.carryover else ()),
        *_first_period(common, analysis, estimand, endpoint, conf_level),
    )
    record = ladder_record(name, here.slots, rows, fit, rungs)
    return Fitted(name, results, record, aliased_remarks(design))


def _terms(before: str, analysis: CrossoverAnalysis) -> tuple[Term, ...]:
    """Treatments, periods and what came before, each by visit, and the covariates."""
    by_visit = (term for name in ("arm", "period", before) for term in crossed(name, "visit"))
    return (*by_visit, *((name,) for name in analysis.covariates))


def _assessments(
    analysis: CrossoverAnalysis, estimand: Estimand, endpoint: CrossoverData
) -> Assessments:
    """Observed rows; arms with the reference first, assessments in the order of time."""
    observed = endpoint.frame[endpoint.frame["change"].notna()]
    visits = tuple(v for v in endpoint.visits if (observed["visit"] == v).any())
    arms = [arm for arm in endpoint.arms if (observed["arm"] == arm).any()]
    factors = {
        "arm": tuple(sorted(arms, key=lambda arm: arm != estimand.treatment.reference)),
        "visit": visits,
        "period": endpoint.periods,
        "order": tuple(sorted(observed["order"].unique())),
    } | {
        name: tuple(sorted(observed[name].unique()))
        for name in analysis.covariates
        if not pd.api.types.is_numeric_dtype(observed[name])
    }
    period = pd.Categorical(observed["period"], list(endpoint.periods)).codes.astype(np.int64)
    visit = pd.Categorical(observed["visit"], list(visits)).codes.astype(np.int64)
    used, slot = np.unique(period * len(visits) + visit, return_inverse=True)
    return Assessments(
        observed=observed,
        factors=factors,
        subject=pd.factorize(observed["subject"], sort=True)[0].astype(np.int64),
        slot=slot.astype(np.int64),
        slots=tuple(
            f"{endpoint.periods[k // len(visits)]}, {visits[k % len(visits)]}" for k in used
        ),
    )


def _as_repeated(here: Assessments, design: Design, endpoint: CrossoverData) -> RepeatedMeasures:
    """As the LS means of any trial by arm and visit."""
    return RepeatedMeasures(
        observed=here.observed,
        design=design,
        arms=here.factors["arm"],
        visits=here.factors["visit"],
        subject=here.subject,
        visit=here.slot,
        nominal_days=dict(zip(endpoint.visits, endpoint.nominal_days, strict=False)),
        y=here.observed["change"].to_numpy(dtype=float),
    )


def _subjects_once(results: tuple[Result, ...], here: Assessments) -> tuple[Result, ...]:
    """A subject seen on both treatments counts once in their difference."""
    seen = here.observed.groupby("visit")["subject"].nunique()
    return tuple(replace(row, n=int(seen[row.visit])) if row.reference else row for row in results)


def _period_effects(
    common: Result,
    here: Assessments,
    data: RepeatedMeasures,
    inference: Inference,
    conf_level: float,
) -> tuple[Result, ...]:
    """Each later period minus the first, at each visit."""
    means = ls_mean_rows(data.design, ("visit", "period"))
    L = dict(zip(means.levels, means.L, strict=True))
    first, *later = here.factors["period"]
    return tuple(
        estimated(
            replace(common, statistic="period effect", visit=visit, group=period),
            data,
            L[visit, period] - L[visit, first],
            lambda c: contrast(inference, c, conf_level),
            conf_level,
            test=True,
        )
        for visit in here.factors["visit"]
        for period in later
    )


def _carry_over(
    common: Result,
    analysis: CrossoverAnalysis,
    estimand: Estimand,
    here: Assessments,
    conf_level: float,
) -> tuple[Result, ...]:
    """Carry-over of the active less that of the reference treatment into the next period.

    From a model with the preceding treatment in place of the sequence; in two periods it is twice
    the difference of the two sequences (Grizzle 1965, Biometrics 21:467-480).
    """
    treatment = estimand.treatment
    row = replace(
        common, statistic="carry-over", arm=treatment.active, reference=treatment.reference
    )
    levels = tuple(dict.fromkeys(here.observed["previous"]))
    factors = {**here.factors, "previous": levels}
    design = without_aliased(build_design(here.observed, _terms("previous", analysis), factors))
    rows = here.rows(design.X)
    fit, rungs = fit_with_fallback(pattern_statistics(rows), analysis.covariance, visits=here.slots)
    if fit is None:
        visit = estimand.visit or ""
        return (replace(row, visit=visit, status="failed", message=why_left(rungs)),)
    inference = Inference(fit, analysis.df)
    rows_by_visit = _previous_differences(design, here, treatment.active, treatment.reference)
    results = []
    for visit, difference in rows_by_visit.items():
        c = design.estimable(difference)
        if c is None:
            message = "the sequences of the trial cannot separate it from other effects"
            results.append(replace(row, visit=visit, status="failed", message=message))
            continue
        found = contrast(inference, c, conf_level)
        results.append(with_estimate(replace(row, visit=visit), found, conf_level, test=True))
    return tuple(results)


def _previous_differences(
    design: Design, here: Assessments, active: str, reference: str
) -> dict[str, FloatArray]:
    """Rows that differ in the preceding treatment alone, in the last period."""
    base = design.frame.iloc[[0]].assign(period=here.factors["period"][-1])
    differences = {}
    for visit in here.factors["visit"]:
        ahead, behind = (
            rows_for(design, base.assign(visit=visit, previous=arm))[0]
            for arm in (active, reference)
        )
        differences[visit] = ahead - behind
    return differences


def _first_period(
    common: Result,
    analysis: CrossoverAnalysis,
    estimand: Estimand,
    endpoint: CrossoverData,
    conf_level: float,
) -> tuple[Result, ...]:
    """Differences from the first period alone, which no carry-over reaches."""
    treatment = estimand.treatment
    data = repeated_measures(
        endpoint.first_period, treatment.reference, analysis.covariates, analysis.covariates
    )
    rows = subject_rows(data.y, data.design.X, data.subject, data.visit, len(data.visits))
    row = replace(
        common,
        statistic="difference in the first period",
        arm=treatment.active,
        reference=treatment.reference,
        method="MMRM of the first period alone",
    )
    fit, rungs = fit_with_fallback(
        pattern_statistics(rows), analysis.covariance, visits=data.visits
    )
    if fit is None:
        visit = estimand.visit or ""
        return (replace(row, visit=visit, status="failed", message=why_left(rungs)),)
    inference = Inference(fit, analysis.df)
    means = ls_mean_rows(data.design, ("visit", "arm"))
    L = dict(zip(means.levels, means.L, strict=True))
    seen = data.observed.groupby("visit")["subject"].nunique()
    absent = np.full(means.L.shape[1], np.nan)
    return tuple(
        estimated(
            replace(row, visit=visit, n=int(seen[visit])),
            data,
            L.get((visit, treatment.active), absent) - L.get((visit, treatment.reference), absent),
            lambda c: contrast(inference, c, conf_level),
            conf_level,
            test=True,
        )
        for visit in data.visits
    )
