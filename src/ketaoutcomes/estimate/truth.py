"""The true value of an estimand, from the same subjects on either treatment."""

from dataclasses import replace

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
from ketaoutcomes.plan.analyses import CostEffectivenessAnalysis, SurvivalPart
from ketaoutcomes.results import Result

TABLE = "trut01"


def truth_of_estimand(
    plan: AnalysisPlan, analysis_name: str, active: EndpointData, reference: EndpointData
) -> tuple[Result, ...]:
    """True mean difference between two counterfactual cohorts of the same subjects.

    Parameters
    ----------
    analysis_name : str
        An analysis of the estimand.
    active, reference : EndpointData
        The endpoint with everybody on the active and on the reference treatment.

    Returns
    -------
    tuple of Result
        Table "trut01", `std_error` being the Monte-Carlo error, paired by subject; one row a visit,
        or one row.
    """
    analysis = plan.analyses[analysis_name]
    estimand = plan.estimands[analysis.estimand]
    common = Result(
        table=TABLE,
        statistic="",
        estimand=analysis.estimand,
        endpoint=estimand.endpoint,
        phase=active.phase,
        arm=estimand.treatment.active,
        reference=estimand.treatment.reference,
        group=analysis.estimand,
        method="counterfactual simulation, paired by subject",
    )
    if plan.endpoints[estimand.endpoint].kind == "duration_of_response":
        return ()  # responders on one treatment and on the other are not the same subjects
    match active, reference:
        case ChangeData(), ChangeData():
            row = replace(common, statistic="difference in means", unit="points")
            rows = _by_visit(row, active.visits, active.frame, reference.frame, "change")
        case BinaryData(), BinaryData():
            row = replace(common, statistic="difference in proportions")
            rows = _by_visit(row, active.visits, active.frame, reference.frame, "outcome")
        case TimeToEventData(), TimeToEventData():
            assert isinstance(analysis, SurvivalPart)
            row = replace(common, statistic="difference in restricted mean time", unit="days")
            tau = analysis.restricted_mean_days
            rows = (_restricted_mean(row, active.frame, reference.frame, tau),)
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


def _of_mediation(row: Result, active: pd.DataFrame, reference: pd.DataFrame) -> tuple[Result, ...]:
    """Total effect and effect on the mediator.

    The indirect effect needs the outcome on one treatment with the mediator of the other, which no
    simulated cohort shows.
    """
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


def _by_visit(
    row: Result,
    visits: tuple[str, ...],
    active: pd.DataFrame,
    reference: pd.DataFrame,
    column: str,
) -> tuple[Result, ...]:
    both = active.merge(reference, on=["subject", "visit"], suffixes=("_active", "_reference"))
    difference = both[f"{column}_active"] - both[f"{column}_reference"]
    return tuple(
        _mean(replace(row, visit=visit), difference[both["visit"] == visit]) for visit in visits
    )


def _restricted_mean(
    row: Result, active: pd.DataFrame, reference: pd.DataFrame, tau: float
) -> Result:
    """Difference of mean min(T, tau); nobody is censored before tau in a cohort fully observed."""
    both = active.merge(reference, on="subject", suffixes=("_active", "_reference"))
    times = {side: both[f"time_{side}"].clip(upper=tau) for side in ("active", "reference")}
    cut_short = sum(
        int(((times[side] < tau) & ~both[f"event_{side}"].astype(bool)).sum()) for side in times
    )
    result = _mean(row, times["active"] - times["reference"])
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


def _mean(row: Result, difference: pd.Series) -> Result:
    known = difference.dropna()
    return replace(
        row,
        estimate=float(known.mean()),
        std_error=float(known.std() / np.sqrt(len(known))),
        n=len(known),
    )
