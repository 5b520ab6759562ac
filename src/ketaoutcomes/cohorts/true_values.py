"""The true value of an estimand, from the same subjects on either treatment, or on the only one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ketaoutcomes.endpoints.data import (
    BinaryData,
    ChangeData,
    EndpointData,
    MediationData,
    RecurrentData,
    TimeToEventData,
    ValueData,
)
from ketaoutcomes.families.cost_effectiveness.plan import CostEffectivenessAnalysis
from ketaoutcomes.families.shared.plan import SurvivalPart
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.analyses import Analysis
from ketaoutcomes.results import Result

TABLE, BY_STRATEGY = "trut01", "trut02"
INDIRECT_EFFECT = "natural indirect effect"


@dataclass(frozen=True)
class Pair:
    """An endpoint with everybody on the active and on the reference treatment, or on one alone.

    `paired` says whether the same subjects enter on either; else the two means are compared.
    """

    active: EndpointData
    reference: EndpointData | None
    paired: bool = True

    @property
    def sides(self) -> tuple[EndpointData, ...]:
        """The active side, then the reference where there is one."""
        return (self.active,) if self.reference is None else (self.active, self.reference)


def pair_of(sides: Sequence[EndpointData], *, paired: bool) -> Pair:
    """The active side, and the reference where there is one."""
    return Pair(sides[0], sides[1] if len(sides) > 1 else None, paired)


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
        common = replace(common, method="simulation with everybody on the treatment")
    elif not pair.paired:
        common = replace(common, method="counterfactual simulation, responders on each treatment")
    of_responders = plan.endpoints[estimand.endpoint].kind == "duration_of_response"
    if of_responders and pair.reference is not None:
        return ()  # responders on one treatment and on the other are not the same subjects
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
        case (TimeToEventData(), *_):
            assert isinstance(analysis, SurvivalPart)
            words = "restricted mean time"
            row = replace(common, statistic=words if one else f"difference in {words}", unit="days")
            rows = (_restricted_mean(row, pair, analysis.restricted_mean_days),)
        case MediationData() as active, MediationData() as reference:
            rows = _of_mediation(common, active.frame, reference.frame)
        case ValueData() as active, ValueData() as reference:
            assert isinstance(analysis, CostEffectivenessAnalysis)
            row = replace(common, statistic="incremental net monetary benefit")
            row = replace(row, unit=active.currency)
            rows = (_net_benefit(row, active, reference, analysis.willingness_to_pay[0]),)
        case RecurrentData() as active, RecurrentData() as reference:
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
    sides: Sequence[pd.Series],
    *,
    paired: bool,
) -> Result:
    """The truth at the estimand's visit under a strategy, a row of table "trut02"."""
    estimand = plan.estimands[plan.analyses[analysis_name].estimand]
    row = _common(plan, analysis_name, plan.analysis_phase(analysis_name))
    unit = "points" if estimand.summary in ("difference in means", "mean change") else ""
    row = replace(row, statistic=estimand.summary, visit=estimand.visit or "", unit=unit)
    return _contrast(of_strategy(row, strategy), sides, paired=paired)


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
        for data in pair.sides
    ]
    return tuple(
        _contrast(replace(row, visit=visit), [side[visit] for side in sides], paired=pair.paired)
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
    result = _contrast(row, times, paired=pair.paired)
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


def _contrast(row: Result, sides: Sequence[pd.Series], *, paired: bool) -> Result:
    """Mean of one side; or mean difference by subject, or difference of the means of others."""
    if len(sides) == 1:
        return _mean(row, sides[0])
    if paired:
        return _mean(row, sides[0] - sides[1])
    active, reference = (_mean(row, side) for side in sides)
    return replace(
        row,
        estimate=(active.estimate or 0.0) - (reference.estimate or 0.0),
        std_error=float(np.hypot(active.std_error or 0.0, reference.std_error or 0.0)),
        n=(active.n or 0) + (reference.n or 0),
    )


def _mean(row: Result, difference: pd.Series) -> Result:
    known = difference.dropna()
    return replace(
        row,
        estimate=float(known.mean()),
        std_error=float(known.std() / np.sqrt(len(known))),
        n=len(known),
    )
