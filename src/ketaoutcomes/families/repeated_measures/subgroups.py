"""The effect in subgroups, and whether it differs between them.

One model for each covariate, with arm, visit and subgroup fully crossed: each subgroup has its own
means, all share the covariance. The interaction test asks whether the difference at the estimand's
visit is the same in all subgroups (Wang et al. 2007, N Engl J Med 357:2189-2194).
"""

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.endpoints.data import ChangeData
from ketaoutcomes.families.repeated_measures.plan import MmrmAnalysis, Subgroup
from ketaoutcomes.families.shared.design import ls_mean_rows
from ketaoutcomes.families.shared.repeated_measures import (
    RepeatedMeasures,
    repeated_measures,
    with_estimate,
)
from ketaoutcomes.numerics.mmrm.contrasts import Inference, contrast, f_test, needs_rows
from ketaoutcomes.numerics.mmrm.fit import fit_with_fallback, why_left
from ketaoutcomes.numerics.mmrm.patterns import row_statistics, subject_rows
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result

TABLE = "subt01"
COLUMN = "subgroup"
MEAN = "LS mean in subgroup"
DIFFERENCE = "difference in subgroup"
INTERACTION = "interaction"
FloatArray = NDArray[np.float64]


def subgroup_results(
    analysis: MmrmAnalysis,
    estimand: Estimand,
    endpoint: ChangeData,
    common: Result,
    conf_level: float,
) -> tuple[Result, ...]:
    """Differences in each subgroup at the estimand's visit, and a test of interaction each."""
    row = replace(
        common,
        table=TABLE,
        visit=estimand.visit or endpoint.visits[-1],
        arm=estimand.treatment.active,
        reference=estimand.treatment.reference,
    )
    return tuple(
        result
        for subgroup in analysis.subgroups
        for result in _one_or_why(analysis, estimand, endpoint, subgroup, row, conf_level)
    )


def _one_or_why(
    analysis: MmrmAnalysis,
    estimand: Estimand,
    endpoint: ChangeData,
    subgroup: Subgroup,
    row: Result,
    conf_level: float,
) -> tuple[Result, ...]:
    """All levels of one covariate, or why there are none: a refit fails only itself."""
    try:
        return _one(analysis, estimand, endpoint, subgroup, row, conf_level)
    except (ValueError, ArithmeticError, KeyError) as error:
        message = f"the model with {subgroup.by} crossed could not be fitted: {error}"
        failed = replace(row, statistic=INTERACTION, group=subgroup.by, unit="")
        return (replace(failed, status="failed", message=message),)


def _one(
    analysis: MmrmAnalysis,
    estimand: Estimand,
    endpoint: ChangeData,
    subgroup: Subgroup,
    row: Result,
    conf_level: float,
) -> tuple[Result, ...]:
    """All levels of one covariate."""
    interaction = replace(row, statistic=INTERACTION, group=subgroup.by, unit="")
    levels, values = _levels(endpoint.frame[subgroup.by], subgroup)
    if len(levels) == 1:
        message = f"all participants are in one subgroup of `{subgroup.by}`"
        return (replace(interaction, status="failed", message=message),)
    covariates = tuple(name for name in analysis.covariates if _kept(name, subgroup))
    used = dict.fromkeys(("subject", "arm", "visit", "change", *covariates, *analysis.by_visit))
    crossed = replace(endpoint, frame=endpoint.frame[list(used)].assign(**{COLUMN: values}))
    data = repeated_measures(
        crossed,
        estimand.treatment.reference,
        covariates,
        tuple(name for name in analysis.by_visit if _kept(name, subgroup)),
        {COLUMN: levels},
    )
    given = (data.y, data.design.X, data.subject, data.visit, len(data.visits))
    reml = analysis.method == "reml"
    fit, rungs = fit_with_fallback(
        row_statistics(*given), analysis.covariance, reml=reml, visits=data.visits
    )
    if fit is None:
        message = f"the model with {subgroup.by} crossed could not be fitted: {why_left(rungs)}"
        return (replace(interaction, status="failed", message=message),)
    how = (analysis.df, analysis.coefficient_covariance)
    inference = Inference(fit, *how, subject_rows(*given) if needs_rows(*how) else None)
    means = ls_mean_rows(data.design, ("visit", "arm", COLUMN), analysis.weighting)
    L = dict(zip(means.levels, means.L, strict=True))
    differences = np.array(
        [L[row.visit, row.arm, level] - L[row.visit, row.reference, level] for level in levels]
    )
    counts = data.participants_by(COLUMN)
    results = []
    for level, c in zip(levels, differences, strict=True):
        found = replace(row, statistic=DIFFERENCE, group=f"{subgroup.by}: {level}")
        n = {arm: counts.get((level, arm), 0) for arm in (row.arm, row.reference)}
        for arm, of_arm in n.items():
            mean = replace(found, statistic=MEAN, arm=arm, reference="", n=of_arm)
            results.append(_mean(mean, data, L[row.visit, arm, level], inference, conf_level))
        found = replace(found, n=sum(n.values()))
        estimable = data.design.estimable(c)
        results.append(
            replace(found, status="failed", message=_why(data, row, level))
            if estimable is None
            else with_estimate(
                found, contrast(inference, estimable, conf_level), conf_level, test=True
            )
        )
    failed = [found for found in results if found.status == "failed"]
    if failed:
        message = "; ".join(f"{found.group}: {found.message}" for found in failed)
        return (*results, replace(interaction, status="failed", message=message))
    p = len(data.design.kept)
    test = f_test(inference, (differences[1:] - differences[0])[:, :p])
    return (
        *results,
        replace(
            interaction,
            n=sum(found.n or 0 for found in results if found.statistic != MEAN),
            df=test.den_df,
            test_statistic=test.statistic,
            p_value=test.p_value,
        ),
    )


def _mean(
    row: Result, data: RepeatedMeasures, c: FloatArray, inference: Inference, conf_level: float
) -> Result:
    """The LS mean of an arm in a subgroup, or that it cannot be estimated."""
    estimable = data.design.estimable(c)
    if estimable is None:
        return replace(row, status="unavailable", message=data.not_estimable(row.visit, row.arm))
    return with_estimate(row, contrast(inference, estimable, conf_level), conf_level, test=False)


def _why(data: RepeatedMeasures, row: Result, level: str) -> str:
    """Why the difference in a subgroup cannot be estimated."""
    observed = data.observed[data.observed[COLUMN] == level]
    return replace(data, observed=observed).not_estimable(row.visit, row.arm, row.reference)


def _kept(covariate: str, subgroup: Subgroup) -> bool:
    """Whether a covariate stays in the model: a factor is no longer needed beside its subgroups."""
    return covariate != subgroup.by or bool(subgroup.cut_at)


def _levels(values: pd.Series, subgroup: Subgroup) -> tuple[tuple[str, ...], pd.Series]:
    """The subgroups that somebody is in, in order, and each row's."""
    if subgroup.cut_at:
        number = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float)
        place = np.searchsorted(subgroup.cut_at, number, side="right")
        named = pd.Series(np.array(subgroup.ranges, dtype=object)[place], index=values.index)
        present = set(named.unique())
        return tuple(name for name in subgroup.ranges if name in present), named
    names = {v: f"{v:g}" if isinstance(v, float) else str(v) for v in values.unique().tolist()}
    return tuple(sorted(set(names.values()))), values.map(names)
