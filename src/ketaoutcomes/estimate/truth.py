"""The true value of an estimand, from the same subjects on either treatment."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ketaoutcomes.endpoint import (
    BinaryData,
    ChangeData,
    EndpointData,
    MediationData,
    RecurrentData,
    TimeToEventData,
    ValueData,
)
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.analyses import Analysis, CostEffectivenessAnalysis, SurvivalPart
from ketaoutcomes.results import Result

TABLE, BY_STRATEGY = "trut01", "trut02"
INDIRECT_EFFECT = "natural indirect effect"


@dataclass(frozen=True)
class Pair:
    """An endpoint with everybody on the active and on the reference treatment.

    `paired` says whether the same subjects enter on either; else the two means are compared.
    """

    active: EndpointData
    reference: EndpointData
    paired: bool = True


def truth_of_estimand(plan: AnalysisPlan, analysis_name: str, pair: Pair) -> tuple[Result, ...]:
    """True mean difference between two counterfactual cohorts.

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
    if not pair.paired:
        common = replace(common, method="counterfactual simulation, responders on each treatment")
    if plan.endpoints[estimand.endpoint].kind == "duration_of_response":
        return ()  # responders on one treatment and on the other are not the same subjects
    return _of_kind(common, analysis, pair)


def _of_kind(common: Result, analysis: Analysis, pair: Pair) -> tuple[Result, ...]:
    """The truths of an endpoint of each kind."""
    active, reference = pair.active, pair.reference
    match active, reference:
        case ChangeData(), ChangeData():
            row = replace(common, statistic="difference in means", unit="points")
            rows = _by_visit(row, pair, active.visits, "change")
        case BinaryData(), BinaryData():
            row = replace(common, statistic="difference in proportions")
            rows = _by_visit(row, pair, active.visits, "outcome")
        case TimeToEventData(), TimeToEventData():
            assert isinstance(analysis, SurvivalPart)
            row = replace(common, statistic="difference in restricted mean time", unit="days")
            tau = analysis.restricted_mean_days
            rows = (_restricted_mean(row, pair, tau),)
        case MediationData(), MediationData():
            rows = _of_mediation(common, active.frame, reference.frame)
        case ValueData(), ValueData():
            assert isinstance(analysis, CostEffectivenessAnalysis)
            row = replace(common, statistic="incremental net monetary benefit")
            row = replace(row, unit=active.currency)
            rows = (_net_benefit(row, active, reference, analysis.willingness_to_pay[0]),)
        case RecurrentData(), RecurrentData():
            row = replace(common, statistic="rate ratio")
            rows = (_rate_ratio(row, active.frame, reference.frame),)
        case _:
            raise TypeError("the two cohorts differ in their kind of endpoint")
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
        method="counterfactual simulation, paired by subject",
    )


def indirect_effect(
    plan: AnalysisPlan, analysis_name: str, active: EndpointData, lent: EndpointData
) -> Result:
    """Outcome on the active treatment less that with the mediators of the reference.

    Pearl 2001, Direct and indirect effects, UAI 17:411-420.
    """
    both = active.frame.merge(lent.frame, on="subject", suffixes=("", "_lent"))
    row = replace(_common(plan, analysis_name, active.phase), statistic=INDIRECT_EFFECT)
    return _mean(replace(row, unit="points"), both["outcome"] - both["outcome_lent"])


def by_strategy(
    plan: AnalysisPlan,
    analysis_name: str,
    strategy: str,
    active: pd.Series,
    reference: pd.Series,
    *,
    paired: bool,
) -> Result:
    """The truth at the estimand's visit under a strategy, a row of table "trut02"."""
    estimand = plan.estimands[plan.analyses[analysis_name].estimand]
    row = _common(plan, analysis_name, plan.analysis_phase(analysis_name))
    unit = "points" if estimand.summary == "difference in means" else ""
    row = replace(row, statistic=estimand.summary, visit=estimand.visit or "", unit=unit)
    return _difference(of_strategy(row, strategy), active, reference, paired=paired)


def of_strategy(row: Result, strategy: str) -> Result:
    """A truth as one of those under each strategy."""
    group = f"{row.estimand} {strategy}"
    return replace(row, table=BY_STRATEGY, group=group, method=strategy)


def _of_mediation(row: Result, active: pd.DataFrame, reference: pd.DataFrame) -> tuple[Result, ...]:
    """Total effect and effect on the mediator."""
    both = active.merge(reference, on="subject", suffixes=("_active", "_reference"))
    return tuple(
        _mean(replace(row, statistic=words), both[f"{column}_active"] - both[f"{column}_reference"])
        for words, column in (
            ("total effect", "outcome"),
            ("effect of treatment on the mediator", "mediator"),
        )
    )


def _net_benefit(row: Result, active: ValueData, reference: ValueData, worth: float) -> Result:
    """Mean difference of the worth of the effect less the cost."""
    sides = [
        data.frame[["subject"]].assign(value=worth * data.effect - data.cost)
        for data in (active, reference)
    ]
    both = sides[0].merge(sides[1], on="subject", suffixes=("_active", "_reference"))
    return _mean(row, both["value_active"] - both["value_reference"])


def _by_visit(row: Result, pair: Pair, visits: tuple[str, ...], column: str) -> tuple[Result, ...]:
    sides = [
        {visit: part.set_index("subject")[column] for visit, part in data.frame.groupby("visit")}
        for data in (pair.active, pair.reference)
    ]
    return tuple(
        _difference(replace(row, visit=visit), sides[0][visit], sides[1][visit], paired=pair.paired)
        for visit in visits
    )


def _restricted_mean(row: Result, pair: Pair, tau: float) -> Result:
    """Difference of mean min(T, tau); nobody is censored before tau in a cohort fully observed."""
    frames = [data.frame.set_index("subject") for data in (pair.active, pair.reference)]
    times = [frame["time"].clip(upper=tau) for frame in frames]
    cut_short = sum(
        int(((time < tau) & ~frame["event"].astype(bool)).sum())
        for time, frame in zip(times, frames, strict=True)
    )
    result = _difference(row, times[0], times[1], paired=pair.paired)
    if cut_short:
        return replace(
            result, status="warning", message=f"{cut_short} subjects were not followed to the limit"
        )
    return result


def _rate_ratio(row: Result, active: pd.DataFrame, reference: pd.DataFrame) -> Result:
    """Ratio of the mean numbers of events; error of its logarithm, paired by subject."""
    counts = [side.groupby("subject")["event"].sum() for side in (active, reference)]
    both = pd.concat(counts, axis=1, keys=["active", "reference"]).fillna(0.0)
    means = both.mean()
    if not means.all():
        return replace(row, status="failed", message="no event with everybody on one treatment")
    relative = both["active"] / means["active"] - both["reference"] / means["reference"]
    return replace(
        row,
        estimate=float(means["active"] / means["reference"]),
        std_error=float(relative.std() / np.sqrt(len(both))),
        n=len(both),
    )


def _difference(row: Result, active: pd.Series, reference: pd.Series, *, paired: bool) -> Result:
    """Mean difference by subject, or difference of the means of other subjects."""
    if paired:
        return _mean(row, active - reference)
    sides = [_mean(row, side) for side in (active, reference)]
    assert all(side.estimate is not None and side.std_error is not None for side in sides)
    return replace(
        row,
        estimate=(sides[0].estimate or 0.0) - (sides[1].estimate or 0.0),
        std_error=float(np.hypot(sides[0].std_error or 0.0, sides[1].std_error or 0.0)),
        n=(sides[0].n or 0) + (sides[1].n or 0),
    )


def _mean(row: Result, difference: pd.Series) -> Result:
    known = difference.dropna()
    return replace(
        row,
        estimate=float(known.mean()),
        std_error=float(known.std() / np.sqrt(len(known))),
        n=len(known),
    )
