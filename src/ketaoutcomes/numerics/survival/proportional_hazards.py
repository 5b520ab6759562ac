"""Test whether hazard ratios stay the same over time.

The score test of adding x g(t) to the model, for each term and for all, as in cox.zph of R's
survival from version 3. Grambsch & Therneau 1994, Biometrika 81:515-526.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ketaoutcomes.numerics.survival.counting import FloatArray, product_limit, risk_table
from ketaoutcomes.numerics.survival.cox_fit import ChiSquared, chi_squared
from ketaoutcomes.numerics.survival.cox_likelihood import some_terms_at
from ketaoutcomes.numerics.survival.cox_residuals import means_at_risk
from ketaoutcomes.numerics.survival.cox_risk_sets import CoxModel

TimeTransform = Literal["km", "rank", "identity", "log"]
ONE_TIME = 1e-8
"""Part of the information on x g(t) that x leaves over, below which it is rounding error."""


@dataclass(frozen=True)
class ProportionalHazardsTest:
    """The test for each term and for all, with what a plot of it needs.

    Attributes
    ----------
    terms : tuple of ChiSquared
    together : ChiSquared
        NaN where all events that tell of a term fall on one time.
    times, transformed : array, shape (n_events,)
        Event times and g of them, in order of time.
    scaled_residuals : array, shape (n_events, p)
        Scaled Schoenfeld residuals plus beta: their trend over g(t) is that of the log hazard
        ratio.
    """

    terms: tuple[ChiSquared, ...]
    together: ChiSquared
    times: FloatArray
    transformed: FloatArray
    scaled_residuals: FloatArray


def model_test(
    model: CoxModel,
    beta: FloatArray,
    terms: Sequence[Sequence[int]] | None = None,
    transform: TimeTransform = "km",
) -> ProportionalHazardsTest:
    """Test each term of a model and all of them together.

    Parameters
    ----------
    beta : array, shape (p,)
        The maximum of the partial likelihood.
    terms : sequence of sequences of int, optional
        Columns of each term; a factor has several. Each column a term by default.
    transform : {"km", "rank", "identity", "log"}
        g(t): 1 minus Kaplan-Meier just before t, the rank of t among all times, t, or log t.

    Raises
    ------
    ValueError
        If a coefficient is not finite: there is nothing to test against.
    """
    if not np.isfinite(beta).all():
        raise ValueError(
            "proportional hazards can be tested only where every coefficient is finite"
        )
    p, sets = beta.size, model.sets
    times = sets.times[sets.death_set]
    g = _TRANSFORMS[transform](model, times)
    centred = g - g.mean()
    residuals: FloatArray = model.X[sets.deaths]
    blocks = np.zeros((3, p, p))
    for deaths, some in some_terms_at(model, beta):
        residuals[deaths] -= means_at_risk(some)
        for k in range(3):
            weight = some.weight * centred[deaths] ** k
            blocks[k] += np.einsum("t,tpq->pq", weight, some.second)
    information = np.block([[blocks[0], blocks[1]], [blocks[1], blocks[2]]])
    weighted = model.data.weight[sets.deaths, None] * residuals
    # the residuals of exact ties are those of the other likelihoods, as in R, and have another sum
    constant = np.zeros(p) if model.ties == "exact" else weighted.sum(axis=0)
    score = np.concatenate([constant, centred @ weighted])
    columns = [[k] for k in range(p)] if terms is None else [list(term) for term in terms]
    scaled = residuals @ np.linalg.inv(blocks[0]) * times.size + beta
    order = np.argsort(times, kind="stable")
    return ProportionalHazardsTest(
        tuple(_score_test(score, information, p, term) for term in columns),
        _score_test(score, information, p, list(range(p))),
        times[order],
        g[order],
        scaled[order],
    )


def _score_test(
    score: FloatArray, information: FloatArray, p: int, columns: list[int]
) -> ChiSquared:
    """Score test of these time-varying columns beside all constant ones.

    Without a statistic where the events that tell of a column all fall on one time: g(t) is then a
    constant there, so that x g(t) cannot be told from x.
    """
    varying = p + np.array(columns)
    own, shared = information[np.ix_(varying, varying)], information[:p, varying]
    carried = np.linalg.solve(information[:p, :p], shared)
    beside = own - shared.T @ carried
    size = np.sqrt(np.diag(own))
    if not size.all() or np.linalg.eigvalsh(beside / np.outer(size, size))[0] < ONE_TIME:
        return ChiSquared(np.nan, len(columns), np.nan)
    # the scores of the constant columns are zero but for the last digits of beta, which of many
    # participants would else be seen in the test
    u = score[varying] - carried.T @ score[:p]
    return chi_squared(float(u @ np.linalg.solve(beside, u)), len(columns))


def _kaplan_meier_time(model: CoxModel, times: FloatArray) -> FloatArray:
    table = risk_table(model.data)
    survival = product_limit(table.n_events, table.n_at_risk)
    return 1 - np.concatenate([[1.0], survival])[np.searchsorted(table.times, times)]


def _mean_ranks(values: FloatArray) -> FloatArray:
    """Ranks from 1 on; equal values share the mean of theirs."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return np.asarray((last - (count - 1) / 2)[place])


_TRANSFORMS: dict[TimeTransform, Callable[[CoxModel, FloatArray], FloatArray]] = {
    "km": _kaplan_meier_time,
    "rank": lambda model, _: _mean_ranks(model.data.time)[model.sets.deaths],
    "identity": lambda _, times: times,
    "log": lambda _, times: np.log(times),
}
