"""Costs and effects by a second program: means and the errors of sums in closed form."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ketaoutcomes.endpoints.data import ValueData
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result
from ketaoutcomes.second.check import SAME_SUM, Check, Second, Tolerance, program_of
from ketaoutcomes.second.rows import asked_of

if TYPE_CHECKING:
    from ketaoutcomes.families.cost_effectiveness.plan import CostEffectivenessAnalysis

TABLE = "cet01"
DRAWS = 6.0
"""Standard errors of a standard deviation of resamples that are taken for chance."""
SKEW = 0.02
"""What a product of two uncertain means adds to its variance beyond the first order."""


def check_cost_effectiveness(
    plan: AnalysisPlan,
    name: str,
    analysis: "CostEffectivenessAnalysis",
    estimand: Estimand,
    endpoint: ValueData,
    results: tuple[Result, ...],
) -> tuple[Check, ...]:
    """Increments, their ratio and net benefit."""
    arms = endpoint.frame["arm"].astype(str).to_numpy()
    chance = DRAWS / (2 * analysis.resamples) ** 0.5 + SKEW
    drawn = Tolerance(
        chance, f"the error of the main program comes from {analysis.resamples:,} bootstrap samples"
    )

    def mean(row: Result) -> Second:
        weights = _weights((), "", row)
        each = _each(endpoint, *weights)[arms == row.arm]
        return Second(
            program=program_of("numpy", "means and variances"),
            tolerance=SAME_SUM,
            estimate=float(each.mean()),
            std_error=float(each.std(ddof=1) / len(each) ** 0.5),
        )

    def increment(row: Result) -> Second:
        worths = analysis.willingness_to_pay
        cost, effect = _weights(worths, endpoint.currency, row)
        each = _each(endpoint, cost, effect)
        pair = [each[arms == arm] for arm in (row.arm, row.reference)]
        variance = sum(float(one.var() / len(one)) for one in pair)
        variance += _of_prices(endpoint, arms, row, cost, effect)
        return Second(
            program=program_of("numpy", "means and variances"),
            tolerance=SAME_SUM,
            error_tolerance=drawn,
            estimate=float(pair[0].mean() - pair[1].mean()),
            std_error=variance**0.5,
        )

    def ratio(row: Result) -> Second | None:
        if row.estimate is None:
            return None
        cost, effect = (
            [each[arms == arm].mean() for arm in (row.arm, row.reference)]
            for each in (_each(endpoint, 1.0, 0.0), _each(endpoint, 0.0, 1.0))
        )
        return Second(
            program=program_of("numpy", "means and variances"),
            tolerance=SAME_SUM,
            estimate=float((cost[0] - cost[1]) / (effect[0] - effect[1])),
        )

    asked = asked_of(plan, name, results)
    return (
        *asked.checked("mean cost", mean, table=TABLE, contrast=False),
        *asked.checked("mean effect", mean, table=TABLE, contrast=False),
        *asked.checked("incremental cost", increment, table=TABLE),
        *asked.checked("incremental effect", increment, table=TABLE),
        *asked.checked("incremental net monetary benefit", increment, table=TABLE),
        *asked.checked("incremental cost-effectiveness ratio", ratio, table=TABLE),
    )


def _weights(worths: Sequence[float], currency: str, row: Result) -> tuple[float, float]:
    """What a unit of cost and of effect count for in a statistic."""
    if row.statistic.endswith("cost"):
        return 1.0, 0.0
    if row.statistic.endswith("effect"):
        return 0.0, 1.0
    # the group names the worth in whole units
    of_words = {f"at {worth:,.0f} {currency} ": worth for worth in worths}
    return -1.0, next(worth for words, worth in of_words.items() if row.group.startswith(words))


def _each(endpoint: ValueData, cost: float, effect: float) -> np.ndarray:
    """Cost and effect of each subject at planned prices and mean utilities, weighted."""
    utility = np.array([mean for mean, _ in endpoint.utilities])
    return np.asarray(
        cost * endpoint.costs.to_numpy(dtype=float).sum(axis=1)
        + effect * endpoint.times.to_numpy(dtype=float) @ utility
    )


def _of_prices(
    endpoint: ValueData, arms: np.ndarray, row: Result, cost: float, effect: float
) -> float:
    """Variance that uncertain prices and utilities add, to the first order."""
    total = 0.0
    for frame, errors, weight in (
        (endpoint.costs, endpoint.price_errors, cost),
        (endpoint.times, tuple(error for _, error in endpoint.utilities), effect),
    ):
        values = frame.to_numpy(dtype=float)
        change = values[arms == row.arm].mean(axis=0) - values[arms == row.reference].mean(axis=0)
        total += float(((weight * change * np.array(errors)) ** 2).sum())
    return total
