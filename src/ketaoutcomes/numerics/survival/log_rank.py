"""Weighted and stratified log-rank tests of two or more groups.

statsmodels' survdiff gives the statistic alone; the observed and expected numbers, the variance and
the covariance between weights needed here are not in it. Mantel 1966, Cancer Chemother Rep
50:163-170; Tarone & Ware 1977, Biometrika 64:156-160; Fleming & Harrington 1991, Counting Processes
and Survival Analysis, section 7.2.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ketaoutcomes.numerics.distributions import chi2
from ketaoutcomes.numerics.survival.counting import (
    FloatArray,
    IntArray,
    Observations,
    observations,
    product_limit,
    risk_table,
    weight_at_risk,
)

_TWO = 2
MOST_LABELS = 32
"""Labels beyond which sorting all values is faster than looking for each."""

Weighting = Literal[
    "log-rank",
    "gehan-breslow",
    "tarone-ware",
    "peto-peto",
    "modified peto-peto",
    "fleming-harrington",
]


@dataclass(frozen=True)
class Weight:
    """How much a difference at each time counts.

    Attributes
    ----------
    kind : Weighting
        1; the number at risk n; its root; Peto's survival; the same times n / (n + 1); or
        S(t-)^rho (1 - S(t-))^gamma with the pooled Kaplan-Meier curve S of the stratum.
    rho, gamma : float
        Exponents of Fleming-Harrington.
    """

    kind: Weighting = "log-rank"
    rho: float = 0.0
    gamma: float = 0.0


@dataclass(frozen=True)
class Scores:
    """Weighted observed minus expected events.

    Attributes
    ----------
    groups : tuple of str
    n, observed, expected : array, shape (n_groups,)
        Subjects, and events without weights.
    score : array, shape (n_weights, n_groups)
    covariance : array, shape (n_weights, n_weights, n_groups, n_groups)
        Hypergeometric covariance of the scores under the hypothesis.
    """

    groups: tuple[str, ...]
    n: FloatArray
    observed: FloatArray
    expected: FloatArray
    score: FloatArray
    covariance: FloatArray


@dataclass(frozen=True)
class LogRankTest:
    """A test that the hazards are the same in all groups.

    Attributes
    ----------
    statistic, df, p_value
        Chi-squared; NaN, with the reason, if there is no event or only one group at risk.
    z : float
        For two groups, score of the second over its standard error; NaN for more.
    weighted_observed, weighted_expected : array, shape (n_groups,)
    """

    statistic: float
    df: int
    p_value: float
    z: float
    groups: tuple[str, ...]
    n: FloatArray
    observed: FloatArray
    expected: FloatArray
    score: FloatArray
    variance: FloatArray
    reason: str = ""


def log_rank_scores(
    time: ArrayLike,
    event: ArrayLike,
    group: ArrayLike,
    weights: tuple[Weight, ...] = (Weight(),),
    *,
    strata: ArrayLike | None = None,
    groups: tuple[str, ...] | None = None,
    entry: ArrayLike | None = None,
) -> Scores:
    """Sum observed minus expected events over times and strata, one row for each weight.

    Parameters
    ----------
    time, event, group, strata : array_like, shape (n,)
    groups : tuple of str, optional
        Order of the groups; sorted by default.
    entry : array_like, shape (n,), optional
        Delayed entry: a row is at risk for `entry < t <= time`.

    Raises
    ------
    SurvivalDataError
        If the arrays do not fit together.
    ValueError
        If a group is not among `groups`.
    """
    data = observations(time, event, entry)
    names, member = _codes(group, groups)
    totals = _empty(names, np.bincount(member, minlength=len(names)), len(weights))
    if strata is None:
        return _add(totals, _one_stratum(data, member, names, weights))
    _, stratum = _codes(strata, None)
    for s in np.unique(stratum):
        rows = stratum == s
        totals = _add(totals, _one_stratum(data.take(rows), member[rows], names, weights))
    return totals


def log_rank(
    time: ArrayLike,
    event: ArrayLike,
    group: ArrayLike,
    weight: Weight = Weight(),
    *,
    strata: ArrayLike | None = None,
    groups: tuple[str, ...] | None = None,
    entry: ArrayLike | None = None,
) -> LogRankTest:
    """Test equal hazards, within strata if given.

    Raises
    ------
    SurvivalDataError, ValueError
        As `log_rank_scores`.
    """
    scores = log_rank_scores(
        time, event, group, (weight,), strata=strata, groups=groups, entry=entry
    )
    u, v = scores.score[0], scores.covariance[0, 0]
    kept = np.flatnonzero(np.diag(v) > 0)
    statistic, df, p_value, z = np.nan, max(kept.size - 1, 0), np.nan, np.nan
    reason = ""
    if df > 0:
        first = kept[:-1]
        statistic = float(u[first] @ np.linalg.solve(v[np.ix_(first, first)], u[first]))
        p_value = float(chi2.sf(statistic, df))
        z = float(u[1] / np.sqrt(v[1, 1])) if len(scores.groups) == _TWO else np.nan
    elif scores.observed.sum() == 0:
        reason = "no event in any group"
    else:
        reason = "no event while two groups were at risk"
    return LogRankTest(
        statistic,
        df,
        p_value,
        z,
        scores.groups,
        scores.n,
        scores.observed,
        scores.expected,
        u,
        v,
        reason,
    )


def _one_stratum(
    data: Observations, member: IntArray, names: tuple[str, ...], weights: tuple[Weight, ...]
) -> Scores:
    times = np.unique(data.time[data.event])
    k = len(names)
    at_risk = np.stack([weight_at_risk(data.take(member == g), times) for g in range(k)])
    cell = np.searchsorted(times, data.time[data.event]) + times.size * member[data.event]
    died = np.bincount(cell, minlength=k * times.size).reshape(k, times.size).astype(float)
    n, d = at_risk.sum(axis=0), died.sum(axis=0)
    share = at_risk / n
    expected = share * d
    W = np.stack([_weight_at(weight, data, times, n, d) for weight in weights])
    spread = np.where(n > 1, d * (n - d) / np.maximum(n - 1, 1), 0.0)
    WW = np.einsum("at,bt,t->abt", W, W, spread)
    covariance = -np.einsum("abt,gt,ht->abgh", WW, share, share)
    diagonal = np.arange(k)
    covariance[:, :, diagonal, diagonal] += np.einsum("abt,gt->abg", WW, share)
    return Scores(
        names,
        np.zeros(k),
        died.sum(axis=1),
        expected.sum(axis=1),
        W @ (died - expected).T,
        covariance,
    )


def _weight_at(
    weight: Weight, data: Observations, times: FloatArray, n: FloatArray, d: FloatArray
) -> FloatArray:
    """Weight at each event time; Kaplan-Meier just before it for Fleming-Harrington."""
    if weight.kind == "log-rank":
        return np.ones(times.shape)
    if weight.kind == "gehan-breslow":
        return n
    if weight.kind == "tarone-ware":
        return np.sqrt(n)
    if weight.kind == "fleming-harrington":
        before = np.concatenate([[1.0], product_limit(d, n)])[: times.size]
        return before**weight.rho * (1 - before) ** weight.gamma
    table = risk_table(data)
    peto = product_limit(table.n_events, table.n_at_risk + 1)
    peto = peto[np.searchsorted(table.times, times)]
    return peto if weight.kind == "peto-peto" else peto * n / (n + 1)


def _empty(names: tuple[str, ...], n: IntArray, n_weights: int) -> Scores:
    k = len(names)
    return Scores(
        names,
        n.astype(np.float64),
        np.zeros(k),
        np.zeros(k),
        np.zeros((n_weights, k)),
        np.zeros((n_weights, n_weights, k, k)),
    )


def _add(a: Scores, b: Scores) -> Scores:
    return Scores(
        a.groups,
        a.n,
        a.observed + b.observed,
        a.expected + b.expected,
        a.score + b.score,
        a.covariance + b.covariance,
    )


def _codes(
    labels: ArrayLike, order: tuple[str, ...] | None
) -> tuple[tuple[str, ...], NDArray[np.intp]]:
    """Names of the groups in order and the position of each label among them."""
    values = np.asarray(labels)
    found, codes = _distinct(values)
    names = tuple(str(name) for name in found)
    if order is None:
        return names, codes
    strangers = sorted(set(names) - set(order))
    if strangers:
        raise ValueError(f"groups not among {', '.join(order)}: {', '.join(strangers)}")
    position = np.array([order.index(name) for name in names], dtype=np.intp)
    return order, position[codes]


def _distinct(values: NDArray[Any]) -> tuple[NDArray[np.str_], NDArray[np.intp]]:
    """The labels as text, sorted, and which of them each value is.

    Few labels are repeated many times: each is looked for in turn, which sorts nothing.
    """
    codes, left = np.zeros(values.size, dtype=np.intp), np.arange(values.size)
    firsts: list[int] = []
    while left.size and len(firsts) < MOST_LABELS:
        same = np.asarray(values[left] == values[left[0]])
        if not same[0]:
            break
        codes[left[same]] = len(firsts)
        firsts.append(int(left[0]))
        left = left[~same]
    if left.size:
        return np.unique(values.astype(str), return_inverse=True)
    found, merged = np.unique(values[firsts].astype(str), return_inverse=True)
    return found, merged[codes]
