"""Medians of two arms and their difference, with bootstrap intervals."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.endpoints.data import ChangeData
from ketaoutcomes.errors import NotEstimableError
from ketaoutcomes.families.fitted import Fitted
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result
from median_difference.plan import MedianDifferenceAnalysis

FloatArray = NDArray[np.float64]
TABLE = "mdnt01"


def fit_median_difference(
    name: str,
    analysis: MedianDifferenceAnalysis,
    estimand: Estimand,
    endpoint: ChangeData,
    conf_level: float,
) -> Fitted:
    """The median change of each arm at the estimand's visit, and their difference."""
    frame = endpoint.frame
    seen = frame[(frame["visit"] == estimand.visit) & frame["change"].notna()]
    active, reference = estimand.treatment.arms
    changes = {arm: seen.loc[seen["arm"] == arm, "change"].to_numpy() for arm in endpoint.arms}
    for arm in (active, reference):
        if not changes[arm].size:
            raise NotEstimableError(f"no participant in {arm} has a score at {estimand.visit}")
    rng = np.random.default_rng(analysis.seed)
    drawn = {arm: _medians(changes[arm], analysis.resamples, rng) for arm in (active, reference)}
    row = Result(
        table=TABLE,
        statistic="",
        analysis=name,
        role=analysis.role,
        estimand=analysis.estimand,
        endpoint=endpoint.name,
        phase=endpoint.phase,
        visit=estimand.visit or "",
        unit="points",
        method="bootstrap",
    )
    of_arms = (
        _row(
            replace(row, statistic="median change", arm=arm, n=changes[arm].size),
            float(np.median(changes[arm])),
            drawn[arm],
            conf_level,
        )
        for arm in (active, reference)
    )
    difference = replace(row, statistic="difference in medians", arm=active, reference=reference)
    difference = replace(difference, n=changes[active].size + changes[reference].size)
    estimate = float(np.median(changes[active]) - np.median(changes[reference]))
    spread = drawn[active] - drawn[reference]
    compared = replace(_row(difference, estimate, spread, conf_level), p_value=_p_value(spread))
    return Fitted(name, (*of_arms, compared))


def _medians(values: FloatArray, resamples: int, rng: np.random.Generator) -> FloatArray:
    """Medians of samples of the same size, drawn with replacement."""
    return np.array([np.median(rng.choice(values, values.size)) for _ in range(resamples)])


def _row(row: Result, estimate: float, spread: FloatArray, conf_level: float) -> Result:
    """The row with an estimate, its bootstrap standard error and percentile interval."""
    low, high = np.quantile(spread, [(1 - conf_level) / 2, (1 + conf_level) / 2])
    return replace(
        row,
        estimate=estimate,
        std_error=float(np.std(spread, ddof=1)),
        conf_low=float(low),
        conf_high=float(high),
        conf_level=conf_level,
    )


def _p_value(spread: FloatArray) -> float:
    """The smallest two-sided level whose percentile interval leaves out zero."""
    tail = 1 + min(np.sum(spread <= 0), np.sum(spread >= 0))
    return float(min(1.0, 2 * tail / (spread.size + 1)))
