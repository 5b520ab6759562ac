"""Cost-effectiveness of two arms."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ketaoutcomes.endpoints.data import ValueData
from ketaoutcomes.families.cost_effectiveness.plan import CostEffectivenessAnalysis
from ketaoutcomes.families.cost_effectiveness.record import ValueRecord
from ketaoutcomes.families.fitted import Fitted
from ketaoutcomes.numerics import distributions
from ketaoutcomes.numerics.cost_effectiveness import (
    Increments,
    Means,
    Uncertainty,
    ValueRows,
    arm_means,
    net_benefit_error,
    resampled_increments,
)
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result

TABLE = "cet01"
MAIN = "incremental net monetary benefit"
CURVE_POINTS = 61
CLOUD = 1000
"""Resamples drawn in the plane: more would hide each other."""


def fit_cost_effectiveness_analysis(
    name: str,
    analysis: CostEffectivenessAnalysis,
    estimand: Estimand,
    endpoint: ValueData,
    conf_level: float,
) -> Fitted:
    """Means, increments, their ratio, net benefit and acceptability."""
    treatment = estimand.treatment
    row = Result(
        table=TABLE,
        statistic=MAIN,
        analysis=name,
        role=analysis.role,
        estimand=analysis.estimand,
        endpoint=endpoint.name,
        phase=endpoint.phase,
        method=f"bootstrap within arms with {analysis.resamples} resamples",
    )
    between = replace(row, arm=treatment.active, reference=treatment.reference)
    if endpoint.unknown_prices:
        message = (
            f"`price_errors` names {', '.join(endpoint.unknown_prices)}, for which there is no "
            f"cost; the costs are: {', '.join(map(str, endpoint.costs))}"
        )
        return Fitted(name, (replace(between, status="failed", message=message),))
    uncertainty = Uncertainty(
        np.array(endpoint.price_errors),
        np.array([mean for mean, _ in endpoint.utilities]),
        np.array([error for _, error in endpoint.utilities]),
    )
    rows = {arm: _rows(endpoint, arm) for arm in (treatment.active, treatment.reference)}
    try:
        means = {arm: arm_means(of_arm, uncertainty) for arm, of_arm in rows.items()}
    except ValueError as error:
        return Fitted(name, (replace(between, status="failed", message=str(error)),))
    draws = resampled_increments(
        rows[treatment.active],
        rows[treatment.reference],
        uncertainty,
        analysis.resamples,
        analysis.seed,
    )
    pair = (means[treatment.active], means[treatment.reference])
    results = (
        *_of_arms(row, endpoint, rows, means, conf_level),
        *_increments(between, endpoint, pair, draws, conf_level),
        *_net_benefits(between, endpoint, analysis, pair, draws, conf_level),
    )
    return Fitted(name, results, _record(name, endpoint, analysis, pair, draws))


def _rows(endpoint: ValueData, arm: str) -> ValueRows:
    here = (endpoint.frame["arm"] == arm).to_numpy()
    return ValueRows(
        endpoint.costs[here].to_numpy(dtype=float), endpoint.times[here].to_numpy(dtype=float)
    )


def _of_arms(
    row: Result,
    endpoint: ValueData,
    rows: dict[str, ValueRows],
    means: dict[str, Means],
    conf_level: float,
) -> Iterator[Result]:
    """Mean cost by item and in all, and mean effect."""
    z = float(distributions.norm.ppf(0.5 + conf_level / 2))
    for arm, mean in means.items():
        here = replace(row, arm=arm, n=len(rows[arm].costs), method="mean; normal interval")
        for item, amount in zip(endpoint.costs, rows[arm].costs.mean(axis=0), strict=True):
            yield replace(
                here,
                statistic="mean cost by item",
                group=str(item),
                estimate=float(amount),
                unit=endpoint.currency,
                method="mean",
            )
        for place, (statistic, value, unit) in enumerate(
            (
                ("mean cost", mean.cost, endpoint.currency),
                ("mean effect", mean.effect, endpoint.unit),
            )
        ):
            error = float(np.sqrt(mean.covariance[place, place]))
            yield replace(
                here,
                statistic=statistic,
                estimate=value,
                std_error=error,
                conf_low=value - z * error,
                conf_high=value + z * error,
                conf_level=conf_level,
                unit=unit,
            )


def _increments(
    row: Result,
    endpoint: ValueData,
    pair: tuple[Means, Means],
    draws: Increments,
    conf_level: float,
) -> Iterator[Result]:
    """Incremental cost and effect, their ratio, and the quadrants of the plane."""
    cost, effect = _differences(pair)
    yield _with(
        replace(row, statistic="incremental cost", unit=endpoint.currency),
        cost,
        draws.cost,
        conf_level,
    )
    yield _with(
        replace(row, statistic="incremental effect", unit=endpoint.unit),
        effect,
        draws.effect,
        conf_level,
    )
    ratio = replace(
        row,
        statistic="incremental cost-effectiveness ratio",
        unit=f"{endpoint.currency} per {endpoint.unit}",
    )
    one_quadrant = draws.quadrants()["dearer and more effective"]
    if effect == 0 or cost * effect <= 0:
        words = (
            "less costly and no less effective"
            if cost <= 0 <= effect
            else "more costly and no better"
        )
        message = f"a ratio has no meaning: the active arm is {words}"
        yield replace(ratio, status="warning", message=message)
    elif one_quadrant > (1 + conf_level) / 2:
        yield _with(ratio, cost / effect, draws.cost / draws.effect, conf_level)
    else:
        message = "no interval: resamples lie in more than one quadrant; see net benefit"
        yield replace(ratio, estimate=cost / effect, status="warning", message=message)
    for words, share in draws.quadrants().items():
        yield replace(row, statistic="share of resamples", group=words, estimate=share)


def _net_benefits(
    row: Result,
    endpoint: ValueData,
    analysis: CostEffectivenessAnalysis,
    pair: tuple[Means, Means],
    draws: Increments,
    conf_level: float,
) -> Iterator[Result]:
    """Net monetary benefit and probability of it being positive, at each worth of the plan."""
    cost, effect = _differences(pair)
    for place, worth in enumerate(analysis.willingness_to_pay):
        group = f"at {worth:,.0f} {endpoint.currency} per {endpoint.unit}"
        named = replace(
            row,
            statistic=MAIN if place == 0 else "net monetary benefit at another worth",
            group=group,
            unit=endpoint.currency,
        )
        net = _with(named, worth * effect - cost, draws.net_benefit(worth), conf_level)
        error = net_benefit_error(*pair, worth)
        yield replace(net, test_statistic=net.estimate / error if error and net.estimate else None)
        yield replace(
            row,
            statistic="probability of being cost-effective",
            group=group,
            estimate=float(draws.acceptability(np.array([worth]))[0]),
        )


def _differences(pair: tuple[Means, Means]) -> tuple[float, float]:
    """Incremental cost and effect."""
    active, reference = pair
    return active.cost - reference.cost, active.effect - reference.effect


def _with(row: Result, estimate: float, sample: np.ndarray, conf_level: float) -> Result:
    low, high = np.quantile(sample, [(1 - conf_level) / 2, (1 + conf_level) / 2])
    return replace(
        row,
        estimate=float(estimate),
        std_error=float(sample.std(ddof=1)),
        conf_low=float(low),
        conf_high=float(high),
        conf_level=conf_level,
    )


def _record(
    name: str,
    endpoint: ValueData,
    analysis: CostEffectivenessAnalysis,
    pair: tuple[Means, Means],
    draws: Increments,
) -> ValueRecord:
    cost, effect = _differences(pair)
    worths = np.linspace(0, 2 * max(analysis.willingness_to_pay), CURVE_POINTS)
    return ValueRecord(
        analysis=name,
        currency=endpoint.currency,
        unit=endpoint.unit,
        cost=draws.cost[:CLOUD],
        effect=draws.effect[:CLOUD],
        point=(effect, cost),
        worths=worths,
        acceptability=draws.acceptability(worths),
    )
