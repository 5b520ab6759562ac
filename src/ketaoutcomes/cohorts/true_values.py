"""The true value of an estimand, from the same subjects on either treatment, or on the only one."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from ketaoutcomes.endpoints.data import (
    BinaryData,
    ChangeData,
    EndpointData,
    RecurrentData,
    TimeToEventData,
)
from ketaoutcomes.families.registry import model_of
from ketaoutcomes.families.shared.plan import SurvivalPart
from ketaoutcomes.families.shared.truth import Pair, contrast_of, mean_of
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.analyses import Analysis
from ketaoutcomes.results import Result

TABLE, BY_STRATEGY = "trut01", "trut02"
INDIRECT_EFFECT = "natural indirect effect"


def truth_of_estimand(plan: AnalysisPlan, analysis_name: str, pair: Pair) -> tuple[Result, ...]:
    """True mean difference between two counterfactual cohorts, or true mean of one.

    Parameters
    ----------
    analysis_name : str
        An analysis of the estimand.

    Returns
    -------
    tuple of Result
        Table "trut01", `std_error` being the Monte-Carlo error; one row a visit, or one row.
    """
    analysis = plan.analyses[analysis_name]
    estimand = plan.estimands[analysis.estimand]
    common = _common(plan, analysis_name, pair.active.phase)
    if pair.reference is None:
        common = replace(common, method="simulation of all participants on the treatment")
    elif not pair.paired:
        common = replace(common, method="counterfactual simulation, responders on each treatment")
    of_responders = plan.endpoints[estimand.endpoint].kind == "duration_of_response"
    if of_responders and pair.reference is not None:
        return ()  # responders on one treatment and on the other are not the same subjects
    truth = model_of(analysis).truth
    if truth is not None:
        return truth(common, analysis, pair)
    if estimand.summary in ("risk ratio", "odds ratio"):
        return _ratios_of_proportions(replace(common, statistic=estimand.summary), pair)
    return _of_kind(common, analysis, pair)


def _of_kind(common: Result, analysis: Analysis, pair: Pair) -> tuple[Result, ...]:
    """The truths of an endpoint of each kind."""
    one = pair.reference is None
    match pair.sides:
        case (ChangeData(visits=visits), *_):
            row = replace(common, statistic="mean change" if one else "difference in means")
            rows = _by_visit(replace(row, unit="points"), pair, visits, "change")
        case (BinaryData(visits=visits), *_):
            row = replace(common, statistic="proportion" if one else "difference in proportions")
            rows = _by_visit(row, pair, visits, "outcome")
        case (TimeToEventData(), *_) if isinstance(analysis, SurvivalPart):
            words = "restricted mean time"
            row = replace(common, statistic=words if one else f"difference in {words}", unit="days")
            rows = (_restricted_mean(row, pair, analysis.rmst_days),)
        case RecurrentData() as active, RecurrentData() as reference:
            row = replace(common, statistic="rate ratio")
            rows = (_rate_ratio(row, active.frame, reference.frame),)
        case _:  # a model of its own kind that knows no true value
            rows = ()
    return rows


def _common(plan: AnalysisPlan, analysis_name: str, phase: str) -> Result:
    """What every row of an estimand says."""
    name = plan.analyses[analysis_name].estimand
    estimand = plan.estimands[name]
    return Result(
        table=TABLE,
        statistic="",
        estimand=name,
        endpoint=estimand.endpoint,
        phase=phase,
        arm=estimand.treatment.active,
        reference=estimand.treatment.reference,
        group=name,
        method="counterfactual simulation, paired by participant",
    )


def indirect_effect(
    plan: AnalysisPlan, analysis_name: str, active: EndpointData, lent: EndpointData
) -> Result:
    """Outcome on the active treatment less that with the mediators of the reference.

    Pearl 2001, Direct and indirect effects, UAI 17:411-420.
    """
    both = active.frame.merge(lent.frame, on="subject", suffixes=("", "_lent"))
    row = replace(_common(plan, analysis_name, active.phase), statistic=INDIRECT_EFFECT)
    return mean_of(replace(row, unit="points"), both["outcome"] - both["outcome_lent"])


def by_strategy(
    plan: AnalysisPlan,
    analysis_name: str,
    strategy: str,
    sides: Sequence[pd.Series],
    *,
    paired: bool,
) -> Result:
    """The truth at the estimand's visit under a strategy, a row of table "trut02"."""
    estimand = plan.estimands[plan.analyses[analysis_name].estimand]
    row = _common(plan, analysis_name, plan.analysis_phase(analysis_name))
    unit = "points" if estimand.summary in ("difference in means", "mean change") else ""
    row = replace(row, statistic=estimand.summary, visit=estimand.visit or "", unit=unit)
    return contrast_of(of_strategy(row, strategy), sides, paired=paired)


def of_strategy(row: Result, strategy: str) -> Result:
    """A truth as one of those under each strategy."""
    group = f"{row.estimand} {strategy}"
    return replace(row, table=BY_STRATEGY, group=group, method=strategy)


def _by_visit(row: Result, pair: Pair, visits: tuple[str, ...], column: str) -> tuple[Result, ...]:
    sides = [
        {
            visit: part.set_index("subject")[column]
            for visit, part in data.frame[["subject", "visit", column]].groupby("visit")
        }
        for data in pair.sides
    ]
    return tuple(
        contrast_of(replace(row, visit=visit), [side[visit] for side in sides], paired=pair.paired)
        for visit in visits
    )


def _restricted_mean(row: Result, pair: Pair, tau: float) -> Result:
    """Mean min(T, tau) or its difference; in a cohort fully observed nobody is censored before."""
    frames = [data.frame.set_index("subject") for data in pair.sides]
    times = [frame["time"].clip(upper=tau) for frame in frames]
    cut_short = sum(
        int(((time < tau) & ~frame["event"].astype(bool)).sum())
        for time, frame in zip(times, frames, strict=True)
    )
    result = contrast_of(row, times, paired=pair.paired)
    if cut_short:
        return replace(
            result,
            status="warning",
            message=f"{cut_short} participants were not followed to the limit",
        )
    return result


def _ratios_of_proportions(row: Result, pair: Pair) -> tuple[Result, ...]:
    """Ratios of the proportions, or of their odds, at each visit, paired by subject."""
    active, reference = (
        {visit: part.set_index("subject")["outcome"] for visit, part in data.frame.groupby("visit")}
        for data in pair.sides
    )
    return tuple(
        _ratio_of_proportions(
            replace(row, visit=str(visit)), active[visit], reference[visit], paired=pair.paired
        )
        for visit in dict.fromkeys(pair.sides[0].frame["visit"])
    )


def _ratio_of_proportions(
    row: Result, active: pd.Series, reference: pd.Series, *, paired: bool
) -> Result:
    """A ratio of proportions or of odds, with the error of its logarithm by the delta method."""
    p, q = float(active.mean()), float(reference.mean())
    odds = row.statistic == "odds ratio"
    if not (p and q) or (odds and 1 in (p, q)):
        return replace(
            row, status="failed", message="no participant or all participants have the outcome"
        )
    ratio = p * (1 - q) / (q * (1 - p)) if odds else p / q
    # each outcome's share in the logarithm of the ratio
    one = active / (p * (1 - p) if odds else p)
    none = reference / (q * (1 - q) if odds else q)
    if paired:
        both = pd.concat([one, none], axis=1, keys=["one", "none"]).dropna()
        error = float((both["one"] - both["none"]).std() / np.sqrt(len(both)))
    else:
        error = float(np.sqrt(one.var() / len(one) + none.var() / len(none)))
    return replace(row, estimate=ratio, std_error=error, n=len(active))


def _rate_ratio(row: Result, active: pd.DataFrame, reference: pd.DataFrame) -> Result:
    """Ratio of the mean numbers of events; error of its logarithm, paired by subject."""
    counts = [side.groupby("subject")["event"].sum() for side in (active, reference)]
    both = pd.concat(counts, axis=1, keys=["active", "reference"]).fillna(0.0)
    means = both.mean()
    if not means.all():
        return replace(
            row, status="failed", message="no event with all participants on one treatment"
        )
    relative = both["active"] / means["active"] - both["reference"] / means["reference"]
    return replace(
        row,
        estimate=float(means["active"] / means["reference"]),
        std_error=float(relative.std() / np.sqrt(len(both))),
        n=len(both),
    )
