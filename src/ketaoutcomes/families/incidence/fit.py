"""Incidence by arm with exact intervals, and active against reference where there is one."""

from dataclasses import replace

from ketaoutcomes.endpoints.data import BinaryData
from ketaoutcomes.families.fitted import Fitted
from ketaoutcomes.families.incidence.plan import IncidenceAnalysis
from ketaoutcomes.families.shared.rows import analysis_row, rows_of_one_arm
from ketaoutcomes.numerics.incidence import clopper_pearson, upper_bound
from ketaoutcomes.numerics.proportions import (
    Proportion,
    TwoProportions,
    miettinen_nurminen_difference,
    miettinen_nurminen_p_value,
)
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result

TABLE = "inct01"


def fit_incidence_analysis(
    name: str,
    analysis: IncidenceAnalysis,
    estimand: Estimand,
    endpoint: BinaryData,
    conf_level: float,
) -> Fitted:
    """Share of each arm and their difference at the estimand's visit, or at any time."""
    visit = estimand.visit or ""
    here = endpoint.frame[endpoint.frame["visit"] == visit]
    if analysis.missing_as == "no event":
        here = here.assign(outcome=here["outcome"].fillna(0.0))
    here = here[here["outcome"].notna()]
    common = analysis_row(
        TABLE,
        name,
        analysis,
        endpoint,
        visit=visit,
        conf_level=conf_level,
    )
    counts = {}
    for arm in endpoint.arms:
        outcome = here.loc[here["arm"] == arm, "outcome"]
        counts[arm] = (int(outcome.sum()), len(outcome))
    rows = [
        row
        for arm, (events, n) in counts.items()
        if n
        for row in _one_arm(replace(common, arm=arm, n=n, n_events=events), conf_level)
    ]
    if not estimand.treatment.compares:
        return Fitted(name, rows_of_one_arm(tuple(rows), common, estimand))
    active, reference = estimand.treatment.active, estimand.treatment.reference
    row = replace(common, arm=active, reference=reference)
    return Fitted(name, (*rows, _difference(row, counts[active], counts[reference], conf_level)))


def _one_arm(row: Result, conf_level: float) -> tuple[Result, ...]:
    events, n = row.n_events or 0, row.n or 0
    return (
        replace(row, statistic="subjects", estimate=float(events), conf_level=None),
        _with(
            replace(row, statistic="proportion", method="Clopper-Pearson exact interval"),
            clopper_pearson(events, n, conf_level),
        ),
        replace(
            row,
            statistic="upper bound",
            estimate=upper_bound(events, n, conf_level),
            method="exact one-sided upper bound",
        ),
    )


def _difference(
    row: Result, active: tuple[int, int], reference: tuple[int, int], conf_level: float
) -> Result:
    row = replace(
        row,
        statistic="risk difference",
        n=active[1] + reference[1],
        n_events=active[0] + reference[0],
        method="Miettinen-Nurminen score interval and test",
    )
    if not (active[1] and reference[1]):
        return replace(row, status="failed", message="an arm has no participant with an outcome")
    data = TwoProportions(*active, *reference)
    difference = miettinen_nurminen_difference(data, conf_level)
    return replace(_with(row, difference), p_value=miettinen_nurminen_p_value(data))


def _with(row: Result, proportion: Proportion) -> Result:
    return replace(
        row,
        estimate=proportion.estimate,
        conf_low=proportion.conf_low,
        conf_high=proportion.conf_high,
    )
