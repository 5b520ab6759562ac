"""What a reader must know of the direction and the zero of a scale."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from ketaoutcomes.numerics.percentages import is_defined
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.endpoints import IncidenceEndpoint, PercentageOfBaseline, ScoreCriterion
from ketaoutcomes.remarks import Remark


def percentage_remarks(
    plan: AnalysisPlan, name: str, endpoint: object, baseline: pd.Series
) -> tuple[Remark, ...]:
    """Baselines of which a percentage is undefined or needs a rule; nothing for other endpoints.

    Parameters
    ----------
    name : str
        The endpoint's name in the plan.
    baseline : Series
        The baseline score of each subject of the analysis set.
    """
    if not isinstance(endpoint, PercentageOfBaseline):
        return ()
    return tuple(_percentage_remarks(plan, f"endpoint `{name}`", endpoint, baseline))


def _percentage_remarks(
    plan: AnalysisPlan, where: str, endpoint: PercentageOfBaseline, baseline: pd.Series
) -> Iterator[Remark]:
    scale, start = plan.scale(endpoint.scale), baseline.to_numpy(dtype=float)
    lowest = endpoint.lowest(scale)
    undefined = int((np.isfinite(start) & ~is_defined(start, lowest)).sum())
    if undefined:
        yield Remark(
            f"{{count}} had a baseline {scale.name} of {lowest:g}, so that no percentage "
            "of it can be calculated. They count as non-responders",
            where,
            count=undefined,
            total=len(start),
            gravity="warning",
        )
    if endpoint.percent_of is None and scale.low != 0:
        yield Remark(
            f"{scale.name} starts at {scale.low:g} and not at 0. The percentage is of the baseline "
            "score itself, which misstates the improvement",
            where,
            f"Write `percent_of: above_lowest` to measure from {scale.low:g}, or `percent_of: "
            "baseline` if the score itself is meant (Leucht et al. 2010, Schizophr Bull "
            "36:461-462)",
            gravity="warning",
        )
    negative = int((start < lowest).sum())
    if negative:
        yield Remark(
            f"{{count}} had a baseline {scale.name} below {lowest:g}. The percentage is of its "
            "size, without the sign",
            where,
            count=negative,
            total=len(start),
        )


def direction_remarks(plan: AnalysisPlan, analysis_name: str) -> tuple[Remark, ...]:
    """An incidence of what is wanted, though the plan does not say so."""
    endpoint_name = plan.estimands[plan.analyses[analysis_name].estimand].endpoint
    endpoint = plan.endpoints[endpoint_name]
    if isinstance(endpoint, IncidenceEndpoint) and endpoint.event_is == "unwanted":
        return tuple(_wanted(plan, f"endpoint `{endpoint_name}`", endpoint))
    return ()


def _wanted(plan: AnalysisPlan, where: str, endpoint: IncidenceEndpoint) -> Iterator[Remark]:
    for criterion in endpoint.any_of:
        if isinstance(criterion, ScoreCriterion) and criterion.counts_improvement(
            plan.scale(criterion.scale).better
        ):
            yield Remark(
                f"{criterion.scale} of {criterion.cut_words} is the better side of the scale, so "
                "that the incidence is that of an improvement",
                where,
                "Write `event_is: wanted` if an improvement is meant",
                gravity="warning",
            )
