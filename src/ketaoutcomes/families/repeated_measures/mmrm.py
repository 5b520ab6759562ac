"""Mixed model for repeated measures of a change endpoint."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.endpoints.data import ChangeData
from ketaoutcomes.families.fitted import Fitted
from ketaoutcomes.families.repeated_measures.all_arms import all_arms_results
from ketaoutcomes.families.repeated_measures.contrasts import contrast_results, contrast_vectors
from ketaoutcomes.families.repeated_measures.effect_size import (
    coefficients_without_one,
    effect_results,
    irreplaceable,
)
from ketaoutcomes.families.repeated_measures.plan import MmrmAnalysis
from ketaoutcomes.families.repeated_measures.subgroups import subgroup_results
from ketaoutcomes.families.shared.aliasing import aliased_remarks
from ketaoutcomes.families.shared.design import LsMeanRows, ls_mean_rows
from ketaoutcomes.families.shared.ladder import ladder_record
from ketaoutcomes.families.shared.repeated_measures import (
    TABLE,
    RepeatedMeasures,
    failed_difference,
    ls_mean_results,
    repeated_measures,
)
from ketaoutcomes.families.shared.rows import analysis_row
from ketaoutcomes.numerics.mmrm.contrasts import Inference, contrast
from ketaoutcomes.numerics.mmrm.covariance import SPATIAL
from ketaoutcomes.numerics.mmrm.fit import MmrmFit, Rung, fit_with_fallback, why_left
from ketaoutcomes.numerics.mmrm.patterns import SubjectRows, statistics_of_parts, subject_rows
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.remarks import Remark
from ketaoutcomes.results import Result
from ketaoutcomes.vocabulary import COVARIANCE_LABELS, DF_LABELS

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Grouping:
    """Which subjects share a covariance matrix.

    Attributes
    ----------
    names : tuple of str
        One a group; empty where all subjects share one.
    of_row : int array, shape (n,), or None
    """

    names: tuple[str, ...] = ()
    of_row: IntArray | None = None

    def weights(self, estimand: Estimand) -> FloatArray | None:
        """Weights of the groups' variances: the compared arms alike, other groups by size."""
        if self.of_row is None:
            return None
        compared = [name in estimand.treatment.arms for name in self.names]
        size = np.bincount(self.of_row, minlength=len(self.names)).astype(float)
        size = np.array(compared, dtype=float) if any(compared) else size
        return size / size.sum()


def fit_mmrm_analysis(
    name: str, analysis: MmrmAnalysis, estimand: Estimand, endpoint: ChangeData, conf_level: float
) -> Fitted:
    """Fit the first covariance of the plan's ladder that converges and estimate LS means."""
    # the rows of all participants are gone before those of the subgroups are made
    fitted, common = _of_all(name, analysis, estimand, endpoint, conf_level)
    if fitted.record is None:
        return fitted
    subgroups = subgroup_results(analysis, estimand, endpoint, common, conf_level)
    return replace(fitted, results=(*fitted.results, *subgroups))


def _of_all(
    name: str, analysis: MmrmAnalysis, estimand: Estimand, endpoint: ChangeData, conf_level: float
) -> tuple[Fitted, Result]:
    """The analysis without its subgroups, and what its rows have in common."""
    common = analysis_row(
        TABLE,
        name,
        analysis,
        endpoint,
        unit="points",
    )
    data = repeated_measures(
        endpoint, estimand.treatment.reference, analysis.covariates, analysis.by_visit
    )
    unusable = _unusable(analysis, data.observed)
    if unusable:
        return Fitted(name, (failed_difference(common, estimand, unusable),)), common
    grouping = _grouping(analysis, data)
    rows = _rows(analysis, data, grouping)
    statistics = statistics_of_parts(rows.parts())
    reml = analysis.method == "reml"
    fit, rungs = fit_with_fallback(statistics, analysis.covariance, reml=reml, visits=data.visits)
    if fit is None:
        message = f"no covariance structure of the plan could be fitted: {why_left(rungs)}"
        return Fitted(name, (failed_difference(common, estimand, message),)), common
    common = replace(common, method=method_words(analysis, fit, rungs))
    inference = Inference(fit, analysis.df, analysis.coefficient_covariance, rows)
    means = ls_mean_rows(data.design, ("visit", "arm"), analysis.weighting)
    results = ls_mean_results(
        data, estimand, means, common, lambda c: contrast(inference, c, conf_level), conf_level
    )
    shares = grouping.weights(estimand)
    effect, remark = _effect(data, estimand, means, results, inference, rows, shares, conf_level)
    named = contrast_results(data, analysis, estimand, means, common, inference, conf_level)
    together = all_arms_results(data, analysis, estimand, means, common, inference)
    record = ladder_record(name, data.visits, rows, fit, rungs, grouping.names)
    compared = tuple(row for row in (*results, *named) if row.p_value is not None)
    vectors = contrast_vectors(data, analysis, estimand, means)
    record = replace(
        record,
        tests=tuple(row.id for row in compared),
        correlation=correlation_of_tests(compared, means, vectors, inference),
    )
    remarks = (*aliased_remarks(data.design), *((remark,) if remark else ()))
    return Fitted(name, (*together, *results, *effect, *named), record, remarks), common


def _unusable(analysis: MmrmAnalysis, observed: pd.DataFrame) -> str:
    """Why the weights cannot be used; empty if they can."""
    if analysis.weights is None:
        return ""
    weights = pd.to_numeric(observed[analysis.weights], errors="coerce")
    bad = observed.loc[~(weights > 0), "subject"].nunique()
    if not bad:
        return ""
    who = "1 participant is" if bad == 1 else f"{bad} participants is"
    return f"the weight `{analysis.weights}` of {who} not a number above 0"


def _grouping(analysis: MmrmAnalysis, data: RepeatedMeasures) -> Grouping:
    """Groups with a covariance matrix each; arms with the reference first, levels sorted."""
    by = analysis.covariance_by
    if by is None:
        return Grouping()
    values = data.observed[by].astype(str)
    names = data.arms if by == "arm" else tuple(sorted(values.unique()))
    return Grouping(names, pd.Categorical(values, list(names)).codes.astype(np.int64))


def _rows(analysis: MmrmAnalysis, data: RepeatedMeasures, grouping: Grouping) -> SubjectRows:
    """The rows by subject; weights of mean one, so that the covariance is that of a mean weight."""
    observed = data.observed
    weights = None
    if analysis.weights is not None:
        weights = observed[analysis.weights].to_numpy(dtype=float)
        weights = weights / weights.mean()
    spatial = any(structure in SPATIAL for structure in analysis.covariance)
    return subject_rows(
        data.y,
        data.design.X,
        data.subject,
        data.visit,
        len(data.visits),
        group=grouping.of_row,
        weights=weights,
        coordinates=observed[["day"]].to_numpy(dtype=float) if spatial else None,
    )


def _effect(
    data: RepeatedMeasures,
    estimand: Estimand,
    means: LsMeanRows,
    results: tuple[Result, ...],
    inference: Inference,
    rows: SubjectRows,
    group_weights: FloatArray | None,
    conf_level: float,
) -> tuple[tuple[Result, ...], Remark | None]:
    """More on the difference that the estimand asks for, where it was estimated."""
    visit, treatment = estimand.visit or data.visits[-1], estimand.treatment
    asked = [
        row
        for row in results
        if row.statistic == "difference in LS means"
        and (row.visit, row.arm) == (visit, treatment.active)
        and row.std_error is not None
    ]
    if not asked:
        return (), None
    without = coefficients_without_one(inference.fit, rows)
    L = dict(zip(means.levels, means.L, strict=True))
    found = tuple(
        result
        for row in asked
        for result in effect_results(
            row,
            inference,
            without,
            (L[visit, row.arm] - L[visit, row.reference])[: len(data.design.kept)],
            data.visits.index(visit),
            group_weights,
            conf_level,
        )
    )
    return found, irreplaceable(without)


def correlation_of_tests(
    compared: tuple[Result, ...],
    means: LsMeanRows,
    vectors: Mapping[str, FloatArray | str],
    inference: Inference,
) -> FloatArray:
    """Correlations of the estimates that compare arms."""
    L = dict(zip(means.levels, means.L, strict=True))
    rows = np.array(
        [
            vectors[row.group] if row.group else L[row.visit, row.arm] - L[row.visit, row.reference]
            for row in compared
        ],
        dtype=float,
    ).reshape(len(compared), means.L.shape[1])[:, : len(inference.fit.beta)]
    covariance = inference.covariance_of(rows)
    sd = np.sqrt(np.diag(covariance))
    return covariance / np.outer(sd, sd)


def method_words(analysis: MmrmAnalysis, fit: MmrmFit, rungs: tuple[Rung, ...]) -> str:
    """The method as a row of the results names it."""
    structure = COVARIANCE_LABELS[analysis.covariance[len(rungs) - 1]]
    method = "REML" if fit.model.reml else "ML"
    by = f" by {analysis.covariance_by}" if analysis.covariance_by else ""
    return (
        f"MMRM, {structure} covariance{by}, {method}, {DF_LABELS[analysis.df]} degrees of freedom"
    )
