"""Whether the active treatment is worse than the reference by less than a margin.

ICH E9, 3.3.2, and ICH E10, 1.5.1: the whole two-sided interval lies on the right side of the
margin, a one-sided test at half its error.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from ketaoutcomes.families.registry import main_results
from ketaoutcomes.hypotheses.tested_result import SYMMETRIC, tested_result
from ketaoutcomes.numerics import distributions
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.endpoints import EndpointOfScale
from ketaoutcomes.plan.multiplicity import Hypothesis
from ketaoutcomes.results import RATIOS, Result

TABLE = "nint01"
HIGHER_IS_WORSE = ("yes_or_no", "incidence", "recurrent_events", "time_to_response")


@dataclass(frozen=True)
class Limit:
    """Where the margin lies on the scale of the estimate, and on which side worse is."""

    value: float
    higher_is_worse: bool

    def is_kept(self, conf_low: float, conf_high: float) -> bool:
        """Whether the whole interval is better than the limit."""
        return conf_high < self.value if self.higher_is_worse else conf_low > self.value


def limit_of(plan: AnalysisPlan, name: str, margin: float) -> Limit:
    """The limit that the margin of an analysis sets."""
    estimand = plan.estimands[plan.analyses[name].estimand]
    _, statistic = main_results()[estimand.summary]
    worse = _higher_is_worse(plan, estimand.endpoint, statistic)
    return Limit(margin if worse else (1 / margin if statistic in RATIOS else -margin), worse)


def non_inferiority_results(plan: AnalysisPlan, rows: Iterable[Result]) -> tuple[Result, ...]:
    """One row an analysis with a margin."""
    known = tuple(rows)
    return tuple(
        _compared(
            plan, name, analysis.margin, tested_result(plan, Hypothesis(analysis=name), known)
        )
        for name, analysis in plan.analyses.items()
        if analysis.margin is not None
    )


def _compared(plan: AnalysisPlan, name: str, margin: float, row: Result | None) -> Result:
    analysis = plan.analyses[name]
    estimand = plan.estimands[analysis.estimand]
    if row is None or row.conf_low is None or row.conf_high is None:
        return Result(
            table=TABLE,
            statistic="non-inferiority",
            analysis=name,
            role=analysis.role,
            estimand=analysis.estimand,
            endpoint=estimand.endpoint,
            phase=plan.analysis_phase(name),
            status="failed",
            message=row.message if row is not None and row.message else "there is no interval",
        )
    found = limit_of(plan, name, margin)
    limit, worse = found.value, found.higher_is_worse
    met = found.is_kept(row.conf_low, row.conf_high)
    bound = "upper" if worse else "lower"
    side = "below" if worse else "above"
    verdict = (
        f"non-inferior: the {bound} limit is {side} the margin"
        if met
        else f"non-inferiority not shown: the {bound} limit is not {side} the margin"
    )
    statistic, p = _one_sided(row, limit, worse=worse)
    return replace(
        row,
        table=TABLE,
        statistic="non-inferiority",
        group=f"margin {limit:g}",
        test_statistic=statistic,
        p_value=p,
        method="one-sided test against the margin",
        status="ok",
        message=verdict,
    )


def _higher_is_worse(plan: AnalysisPlan, endpoint_name: str, statistic: str) -> bool:
    """Whether a higher estimate speaks against the active treatment."""
    endpoint = plan.endpoints[endpoint_name]
    if endpoint.kind == "change":
        assert isinstance(endpoint, EndpointOfScale)
        return plan.scale(endpoint.scale).better == "lower"
    # a higher hazard is an earlier event, which is worse unless the event is a response or wanted
    wanted = getattr(endpoint, "event_is", "unwanted") == "wanted"
    worse = (endpoint.kind in HIGHER_IS_WORSE) != (statistic == "hazard ratio")
    return worse != wanted


def _one_sided(row: Result, limit: float, *, worse: bool) -> tuple[float | None, float | None]:
    """Test that the difference is at the margin or beyond; None without a standard error."""
    if row.statistic not in SYMMETRIC or row.std_error is None or row.estimate is None:
        return None, None
    t = (row.estimate - limit) / row.std_error
    df = np.inf if row.df is None else row.df
    return t, float(distributions.t.cdf(t, df) if worse else distributions.t.sf(t, df))
