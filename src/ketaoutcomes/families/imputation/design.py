"""The analysis model of imputed data, and what every result of it has in common."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ketaoutcomes.errors import NotEstimableError
from ketaoutcomes.families.imputation.data import ImputedData, NotImputed
from ketaoutcomes.families.imputation.plan import DeltaPart, ImputationPart, TippingPointAnalysis
from ketaoutcomes.families.registry import main_results
from ketaoutcomes.numerics.imputation.ancova import Analysed, AnalysisDesign
from ketaoutcomes.numerics.imputation.rubin import Pooled, missing_information, monte_carlo_error
from ketaoutcomes.numerics.imputation.trial import moved_outcomes
from ketaoutcomes.numerics.row_space import RowSpace
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.remarks import Remark
from ketaoutcomes.results import Result

COUNTS = "impt03"
NOTHING, OTHERWISE, MISSING = "nothing missing", "missing otherwise", "missing"

FEWEST_FOR_ERROR = 3
"""Imputations without which their variance, left without one of them, is unknown."""


def analysis_design(data: ImputedData) -> AnalysisDesign:
    """Arm and covariates, one row a subject, without columns that others determine.

    Raises
    ------
    NotEstimableError
        If the covariates determine an arm.
    """
    arm, n_arms = data.trial.arm, len(data.arms)
    codes = np.arange(n_arms)

    def rows(arms: np.ndarray) -> np.ndarray:
        dummies = (arms[:, None] == codes[1:]).astype(float)
        return np.column_stack([np.ones(arms.size), dummies, data.covariates])

    space = RowSpace.of(rows(arm))
    by_arm = space.reduced(np.stack([rows(np.full(arm.size, code)) for code in codes]))
    if np.isnan(by_arm).any():
        raise NotEstimableError("not estimable: the covariates cannot be told apart from arm")
    return AnalysisDesign(space.columns(rows(arm)), by_arm)


def arm_row(design: AnalysisDesign, code: int) -> np.ndarray:
    """The combination of coefficients that compares an arm with the reference, shape (q,)."""
    return np.asarray(np.eye(design.A.shape[1])[code])


def common_row(
    name: str, analysis: ImputationPart, data: ImputedData | NotImputed, table: str, unit: str
) -> Result:
    """What all rows of an analysis share."""
    return Result(
        table=table,
        statistic="",
        analysis=name,
        role=analysis.role,
        estimand=analysis.estimand,
        endpoint=data.endpoint.name,
        phase=data.endpoint.phase,
        unit=unit,
    )


def failed_row(common: Result, estimand: Estimand, reason: str) -> Result:
    """The row that says why there is no estimate."""
    return replace(
        common,
        statistic=common.statistic or main_results()[estimand.summary][1],
        visit=estimand.visit or "",
        arm=estimand.treatment.active,
        reference=estimand.treatment.reference,
        status="failed",
        message=reason,
    )


def pooled_row(row: Result, pooled: Pooled, conf_level: float, *, test: bool) -> Result:
    """A row with a pooled estimate."""
    low, high = pooled.limits(conf_level)
    df, statistic = float(pooled.df), float(pooled.statistic)
    test = test and np.isfinite(statistic)
    return replace(
        row,
        estimate=float(pooled.estimate),
        std_error=float(pooled.std_error),
        df=df if np.isfinite(df) else None,
        test_statistic=statistic if test else None,
        conf_low=float(low),
        conf_high=float(high),
        conf_level=conf_level,
        p_value=float(pooled.p_value) if test else None,
    )


def monte_carlo_rows(row: Result, analysed: Analysed) -> tuple[Result, ...]:
    """How far the number of imputations leaves a pooled result uncertain.

    Of one arm nothing is tested, and there is no p-value to be uncertain. Two imputations say
    nothing of it: without one of them there is no variance between.
    """
    if len(analysed.estimate) < FEWEST_FOR_ERROR:
        return ()
    error = monte_carlo_error(analysed)
    subject = row.statistic
    plain = replace(row, df=None, n=None)
    of_p = replace(
        plain,
        statistic=f"Monte-Carlo error of the p-value, {subject}",
        estimate=error.p_value,
        unit="",
    )
    return (
        replace(plain, statistic=f"Monte-Carlo error of the {subject}", estimate=error.estimate),
        replace(
            plain,
            statistic=f"Monte-Carlo error of the standard error, {subject}",
            estimate=error.std_error,
        ),
        *((of_p,) if row.reference else ()),
        replace(
            plain,
            statistic=f"missing information, {subject}",
            estimate=missing_information(analysed),
            unit="",
        ),
    )


def shift_remarks(
    analysis: ImputationPart, estimand: Estimand, data: ImputedData | NotImputed
) -> tuple[Remark, ...]:
    """What a shift of imputed scores leaves as it is, or that it moves nothing.

    An arm whose shift is 0, or whose scores are all moved, is not spoken of.
    """
    shifts = shifted_arms(analysis)
    if isinstance(data, NotImputed) or not shifts:
        return ()
    place = data.visits.index(estimand.visit) if estimand.visit in data.visits else -1
    only = analysis.after_the_event_only
    missing = data.missing[:, place]
    moved = moved_outcomes(data.trial, after_the_event_only=only)[:, place]
    remarks = []
    for arm in shifts:
        member = data.trial.arm == (data.arms.index(arm) if arm in data.arms else -1)
        where, kept = f"arm `{arm}`", int((member & missing & ~moved).sum())
        if not (member & moved).any():
            after = " after an event" if only else ""
            what = f"No score at {data.visits[place]} was imputed{after}: the shift moves nothing"
            remarks.append(Remark(what, where, gravity="warning"))
        elif kept:
            what = (
                f"{{count}} had a score at {data.visits[place]} imputed before any event. It is "
                "not shifted"
            )
            remarks.append(Remark(what, where, count=kept, total=int(member.sum())))
    return tuple(remarks)


def shifted_arms(analysis: ImputationPart) -> tuple[str, ...]:
    """The arms whose imputed scores the plan shifts."""
    if isinstance(analysis, TippingPointAnalysis):
        return tuple(analysis.delta_range)
    if isinstance(analysis, DeltaPart):
        return tuple(arm for arm, points in analysis.delta.items() if points)
    return ()


def count_rows(common: Result, data: ImputedData) -> Iterator[Result]:
    """Subjects with imputed scores by arm and why they were missing, and baselines that were set.

    `group` is "scores: " and the reason, or "baseline set: " and the covariate.
    """
    row = replace(common, table=COUNTS, statistic="count", method="", unit="")
    incomplete = data.missing.any(axis=1)
    after = (data.missing & ~data.trial.before).any(axis=1)
    other = OTHERWISE if any(data.events) else MISSING
    reason = np.where(after, [f"after {event}" for event in data.events], other)
    reason = np.where(incomplete, reason, NOTHING)
    for code, arm in enumerate(data.arms):
        members = data.trial.arm == code
        for name in (NOTHING, *sorted(set(reason) - {NOTHING})):
            yield replace(
                row,
                arm=arm,
                group=f"scores: {name}",
                estimate=float((members & (reason == name)).sum()),
                n=int(members.sum()),
            )
    for name, count in data.filled_baselines:
        yield replace(
            row,
            statistic="subjects",
            group=f"baseline set: {name}",
            estimate=float(count),
            n=data.trial.arm.size,
        )
